import { expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { STANDARD_LOGICS } from '../../src/logic/registry.ts'
import { createTokenEngine } from '../../src/sim/token-engine.ts'
import { createWitness } from '../../src/sim/witness.ts'
import { createProver, provePremises } from '../../src/verify/prove.ts'
import { STANDARD_MODELS } from '../../src/verify/standard.ts'

const engine = createTokenEngine()
const checks = { logics: STANDARD_LOGICS, models: STANDARD_MODELS, verifier: engine }
const witness = () => createWitness({ engine, suite: 'classic', scheme: 'ed25519', name: 'wim' })

test('a witness shows what it has said, in a file that anybody can check', () => {
  const wim = witness()
  const before = wim.file()
  wim.say('who won?', 'home', 5n)
  const premise = wim.premise('who won?', 'home')
  const proven = provePremises(wim.file(), [premise], checks)
  expect(isFault(proven) ? proven : proven.grade).toBe('receipted')
  const prove = createProver(checks)
  expect(prove([wim.file()], [premise])).toBeUndefined()
  expect(prove([before], [premise])?.code).toBe('bundle/missing-fact')
  expect(prove([], [premise])?.code).toBe('bundle/missing-fact')
  expect(prove([wim.file()], [wim.premise('who won?', 'away')])?.code).toBe('premise/false')
})

test('a witness answers a question once', () => {
  const wim = witness()
  wim.say('who won?', 'home', 5n)
  expect(() => wim.say('who won?', 'away', 6n)).toThrow('answered before')
  wim.say('who lost?', 'away', 7n)
  expect(wim.machine().head.sequence).toBe(2n)
})

test('a step of a witness attests its time', () => {
  const wim = witness()
  wim.tick(70n)
  const at = (atLeast: bigint) =>
    createProver(checks)(
      [wim.file()],
      [{ is: 'time', machine: wim.genesis.id, transition: wim.machine().headId, atLeast }],
    )?.code
  expect(at(70n)).toBeUndefined()
  expect(at(71n)).toBe('premise/false')
})
