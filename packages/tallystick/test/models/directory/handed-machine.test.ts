import { expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import type { Terms } from '../../../src/kernel/charter.ts'
import { type Machine, openMachine } from '../../../src/kernel/execute.ts'
import { childTransition, transitionId } from '../../../src/kernel/transition.ts'
import { ledgerParams } from '../../../src/logic/ledger-params.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import {
  handedFrom,
  handedMachine,
  type HandedMachine,
  machineFromHanded,
} from '../../../src/models/directory/handed-machine.ts'
import { directoryTerms } from '../../../src/models/directory/policy.ts'
import { type ServedMachine, servedFrom } from '../../../src/models/directory/served.ts'
import { rootOf } from '../../../src/state/tree.ts'
import { aCharter, anId, person, signerFrom } from '../../kernel/sample.ts'

const params = ledgerParams.encode({
  symbol: 'TICK',
  decimals: 0,
  cap: 30n,
  issuer: undefined,
  initial: [
    { holder: 'alice', amount: 10n },
    { holder: 'bob', amount: 20n },
  ],
})
const charter = { ...aCharter(), logics: [{ name: 'ledger/1', params }] }
const genesis = openMachine(charter, STANDARD_LOGICS)
if (isFault(genesis)) throw genesis
const next: Terms = {
  ...charter.terms,
  turn: { is: 'anyone' },
  policy: directoryTerms({
    operators: ['una', 'ulf', 'uwe', 'udo'].map(person).map(signerFrom),
    threshold: 3,
    faulty: 1,
  }),
}

/** A step that changed the terms alone: the state after it is that of the beginning. */
const head = childTransition('classic', genesis.head, anId('interaction'), rootOf(genesis.state))
const headId = transitionId('classic', head)
const machine: Machine = { ...genesis, terms: next, head, headId }
const served: ServedMachine = {
  ...servedFrom(charter),
  eras: [...servedFrom(charter).eras, { from: 2n, terms: next, by: headId }],
}
const handed = handedFrom(machine, {
  transition: head,
  parent: genesis.head,
  interaction: { suite: 'classic', legs: [], operations: [], premises: [] },
  consents: [],
  proposal: new Uint8Array(0),
})

const codeOf = (of: HandedMachine, at: ServedMachine = served): string | undefined => {
  const found = machineFromHanded(at, of, STANDARD_LOGICS)
  return isFault(found) ? found.code : undefined
}

test('a machine goes on from the step and the state that were handed over', () => {
  const read = handedMachine.decode(handedMachine.encode(handed))
  const found = machineFromHanded(served, read, STANDARD_LOGICS)
  if (isFault(found)) throw found
  expect(found.headId).toBe(headId)
  expect(found.terms).toEqual(next)
  expect(rootOf(found.state)).toBe(rootOf(machine.state))
})

test('another state than that of the step is refused: more money, less of it, or none', () => {
  const [first, ...others] = handed.state
  if (!first) throw new Error('there is money')
  const richer = { ...first, value: first.value.map((byte) => byte ^ 1) }
  expect(codeOf({ ...handed, state: [richer, ...others] })).toBe('takeover/other-state')
  expect(codeOf({ ...handed, state: others })).toBe('takeover/other-state')
  expect(codeOf({ ...handed, state: [] })).toBe('takeover/other-state')
  expect(codeOf(handed)).toBeUndefined()
})

test('a step that brought no terms that are known is refused, whatever its state', () => {
  expect(codeOf(handed, servedFrom(charter))).toBe('takeover/other-step')
  const other = childTransition('classic', genesis.head, anId('other'), rootOf(genesis.state))
  const step = { ...handed.step, transition: other }
  expect(codeOf({ ...handed, step })).toBe('takeover/other-step')
})
