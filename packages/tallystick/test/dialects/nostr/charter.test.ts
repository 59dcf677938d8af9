import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import {
  charterFrom,
  checkOrigin,
  definitionIdOf,
  machineOfEvent,
} from '../../../src/dialects/nostr/charter.ts'
import { definitionFrom, type DefinitionWish } from '../../../src/dialects/nostr/definition.ts'
import type { NostrEvent } from '../../../src/forms/nostr-event.ts'
import { type Charter, checkCharter, machineId } from '../../../src/kernel/charter.ts'
import { statechartParams } from '../../../src/logic/statechart/params.ts'
import { admitCustodians, custodianPolicy } from '../../../src/models/custodians/policy.ts'
import { alice, bob, CUSTODIANS, definitionOf, engine, NOW, signBy } from './sample.ts'

const event = definitionOf()
const charterOf = (of: NostrEvent, legacy = false): Charter => {
  const charter = charterFrom(definitionFrom(of), { legacy })
  if (isFault(charter)) throw charter
  return charter
}
const refusal = (changes: Partial<DefinitionWish>, legacy = false): string => {
  const charter = charterFrom(definitionFrom(definitionOf(changes)), { legacy })
  return isFault(charter) ? charter.code : 'derived'
}
const charter = charterOf(event)
const paramsOf = (of: Charter): ReturnType<typeof statechartParams.decode> =>
  statechartParams.decode(of.logics[0]?.params ?? new Uint8Array())

describe('the charter of a definition', () => {
  test('is admitted, with the custodians in their order and the parties by their keys', () => {
    const policy = custodianPolicy.decode(charter.terms.policy.params)
    expect(checkCharter(charter, engine)).toBeUndefined()
    expect(admitCustodians(charter.terms, policy, engine)).toBeUndefined()
    expect(policy.custodians.map((one) => one.name)).toEqual(CUSTODIANS.map((one) => one.key))
    expect([policy.threshold, policy.faulty]).toEqual([3, 1])
    expect(charter.terms.participants.map((one) => one.name)).toEqual([alice.key, bob.key])
  })

  test('names stand-ins as the definition does, and is then admitted by what they can do', () => {
    const standIns = [{ key: bob.key, name: 'sue' }]
    const helped = (custodians: number, threshold: number): Charter =>
      charterOf(
        definitionOf({
          custody: { is: 'quorum', threshold, faulty: 0 },
          escalation: { after: 60_000, standIns, threshold: 1, faulty: 0, custodians },
        }),
      )
    const admit = ({ terms }: Charter): string | undefined =>
      admitCustodians(terms, custodianPolicy.decode(terms.policy.params), engine)?.code
    const { faulty, escalation } = custodianPolicy.decode(helped(2, 3).terms.policy.params)
    expect([faulty, escalation?.after, escalation?.custodians]).toEqual([0, 60_000n, 2])
    expect(escalation?.standIns.map((one) => one.name)).toEqual([bob.key])
    expect(admit(helped(2, 3))).toBeUndefined()
    expect(admit(helped(3, 3))).toBe('custodians/idle-stand-ins')
    expect(admit(helped(1, 3))).toBe('quorum/too-weak')
    expect(machineId(helped(2, 3))).not.toBe(machineId(charter))
  })

  test('runs the definition as it was signed, from the time at which it was', () => {
    expect(paramsOf(charter)).toEqual({
      definition: event.content,
      names: 'none',
      creator: alice.key,
      roles: [
        { role: 'player', senders: [bob.key, alice.key] },
        { role: 'custodian', senders: [CUSTODIANS[0]?.key] },
      ],
      clock: { is: 'agreed', skewMs: 30_000 },
      startsAt: BigInt(NOW) * 1000n,
      oracles: [],
      nostr: { id: event.id, senders: 'anyone' },
    })
  })

  test('leads back to its event and to no other', () => {
    expect(definitionIdOf(charter)).toBe(event.id)
    expect(checkOrigin(charter, event)).toBeUndefined()
    expect(machineOfEvent(event)).toBe(machineId(charter))
    const other = definitionOf({ title: 'Another title' })
    expect(machineOfEvent(other)).not.toBe(machineId(charter))
    expect(checkOrigin(charter, other)?.code).toBe('nostr-definition/other-machine')
    expect(definitionIdOf({ ...charter, nonce: new Uint8Array(32) })).toBeUndefined()
    expect(definitionIdOf({ ...charter, network: 'test' })).toBeUndefined()
  })

  test.each<[code: string, changes: Partial<DefinitionWish>]>([
    ['nostr-definition/other-custody', { custody: { is: 'other', mode: 'tiebreak' } }],
    ['nostr-definition/other-custody', { custody: { is: 'quorum', threshold: 65 } }],
    [
      'nostr-definition/other-engine',
      { engines: [{ name: 'xstate@5', roles: ['state-machine'] }] },
    ],
    [
      'nostr-definition/other-engine',
      {
        engines: [
          { name: 'nsm-1', roles: [] },
          { name: 'npm:other', roles: ['guards'] },
        ],
      },
    ],
    [
      'nostr-definition/unknown-suite',
      { oracles: [{ name: 'o', machine: event.id, suite: 'x', logic: 0 }] },
    ],
    [
      'derived',
      {
        engines: [
          { name: 'nsm-1', roles: [] },
          { name: 'npm:@atob/protocol-library@^0.1.0', roles: ['guards'] },
        ],
      },
    ],
    ['derived', { custody: { is: 'authority' }, clock: { is: 'none' } }],
  ])('is %s for what cannot be run, and derived for what can', (code, changes) => {
    expect(refusal(changes)).toBe(code)
  })

  test('of the first library is derived where somebody says so, with one custodian and names of deliveries', () => {
    const published = signBy(alice, {
      pubkey: alice.key,
      created_at: NOW,
      kind: 7500,
      tags: [
        ['state', `30078:${alice.key}:delivery-1`],
        ['engine', 'xstate@5'],
      ],
      content: '{"id":"atob-delivery","initial":"created","states":{"created":{}}}',
    })
    const strict = charterFrom(definitionFrom(published))
    expect(isFault(strict) && strict.code).toBe('nostr-definition/other-engine')
    const legacy = charterOf(published, true)
    const policy = custodianPolicy.decode(legacy.terms.policy.params)
    expect([policy.custodians.length, policy.threshold]).toEqual([1, 1])
    expect(paramsOf(legacy).names).toBe('delivery')
  })
})
