import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AMEND, terms as termsCodec, type Terms } from 'tallystick/kernel'
import { custodianTerms, directoryTerms } from 'tallystick/models'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { privateTools } from '../../src/relay/membership.ts'
import { newEpochKeys } from '../../src/relay/private.ts'
import { custodyFrom, policyFromCustody } from '../../src/relayed/custody.ts'
import { handedOut, noteHandedOut } from '../../src/relayed/folder.ts'
import { keepersOf, lackingIn, withoutDeparted } from '../../src/relayed/readers.ts'
import { engine } from '../relay/people.ts'
import { policy } from '../client/town.ts'
import { keyholder } from './custodians.ts'
import { defined } from './sample.ts'

let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'tallystick-readers-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

const begun = defined.charter.terms
const later = ['ada', 'bo', 'cy', 'di'].map(keyholder)
const custody: Terms = {
  ...begun,
  policy: custodianTerms(
    policyFromCustody(custodyFrom({ custodian: later.map(({ key }, at) => `c${at}=${key}`) })),
  ),
}
const atDirectory: Terms = { ...begun, policy: directoryTerms(policy) }

/** What `keepersOf` looks at: the terms that steps brought, oldest first. */
const officeAfter = (...all: readonly Terms[]) => {
  const steps = all.map((one) => ({
    interaction: { operations: [{ logic: AMEND, argument: termsCodec.encode(one) }] },
  }))
  const history = () => ({ steps, machine: { terms: all.at(-1) ?? begun } })
  return { charter: defined.charter, history } as unknown as Parameters<typeof keepersOf>[0]
}

describe('those who have to read a private machine', () => {
  test('are its custodians, and while it is at a directory those who held it last', () => {
    const keys = later.map((one) => one.key)
    expect(keepersOf(officeAfter())).toEqual(defined.custodians)
    expect(keepersOf(officeAfter(custody))).toEqual(keys)
    expect(keepersOf(officeAfter(custody, atDirectory))).toEqual(keys)
    expect(keepersOf(officeAfter(atDirectory))).toEqual(defined.custodians)
  })

  test('are told from custodians who have left, and from readers who never were any', () => {
    const ever = ['old', 'stays']
    expect(withoutDeparted(['old', 'stays', 'friend'], { now: ['stays'], ever })).toEqual({
      left: ['stays', 'friend'],
      gone: ['old'],
    })
  })

  test('lack the keys of those epochs that were not handed to them', () => {
    const tools = privateTools(engine)
    const first = newEpochKeys(tools)
    const second = newEpochKeys(tools, first)
    const [epoch, next] = [first, second].map((one) => (one.is === 'epoch' ? one.epoch : -1))
    noteHandedOut({ path }, [{ epoch: epoch ?? 0, member: 'ann' }])
    noteHandedOut({ path }, [
      { epoch: next ?? 0, member: 'ann' },
      { epoch: next ?? 0, member: 'ben' },
    ])
    expect(lackingIn(handedOut({ path }), first, ['ann', 'ben'])).toEqual(['ben'])
    expect(lackingIn(handedOut({ path }), second, ['ann', 'ben', 'cat'])).toEqual(['cat'])
  })
})
