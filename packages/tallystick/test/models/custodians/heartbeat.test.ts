import { describe, expect, test } from 'vitest'
import {
  checkHeartbeat,
  freshnessOf,
  type Heartbeat,
  heartbeatDigest,
  signedHeartbeat,
  type SignedHeartbeat,
} from '../../../src/models/custodians/heartbeat.ts'
import { quorumOf } from '../../../src/models/custodians/policy.ts'
import { KEEPERS } from '../../../src/sim/custodians-town.ts'
import { engine, town } from './net.ts'

const { genesis, policy } = town
const quorum = quorumOf(policy)
const head = { machine: genesis.id, head: genesis.headId }
const beatBy = (signer: number, time: bigint, more: Partial<Heartbeat> = {}): SignedHeartbeat => {
  const beat: Heartbeat = { ...head, sequence: 0n, time, ...more }
  const signature = town.signFor(KEEPERS[signer] ?? '', heartbeatDigest('classic', beat))
  return { signer, beat, signature }
}
const limit = { now: 1000n, ageMs: 100n }

describe('a heartbeat', () => {
  test('is signed by the custodian that it names, over every word of it', () => {
    const one = beatBy(0, 5n)
    const codeOf = (of: SignedHeartbeat) => checkHeartbeat('classic', quorum, of, engine)?.code
    expect(codeOf(one)).toBeUndefined()
    expect(codeOf({ ...one, signer: 1 })).toBe('heartbeat/bad-signature')
    expect(codeOf({ ...one, beat: { ...one.beat, time: 6n } })).toBe('heartbeat/bad-signature')
    expect(codeOf({ ...one, signer: 9 })).toBe('heartbeat/unknown-signer')
  })

  test('reads back as it was written', () => {
    const one = beatBy(2, 77n)
    expect(signedHeartbeat.decode(signedHeartbeat.encode(one))).toEqual(one)
  })
})

describe('a head', () => {
  test('is fresh as of the earliest of a quorum of young heartbeats', () => {
    const beats = [beatBy(0, 950n), beatBy(1, 920n), beatBy(3, 990n)]
    expect(freshnessOf(quorum, head, beats, limit)).toEqual({ is: 'fresh', at: 920n })
  })

  test('may be stale with one too few, too old, from the future, or about another head', () => {
    const two = [beatBy(0, 950n), beatBy(1, 950n)]
    const others = [
      beatBy(1, 950n),
      beatBy(2, 899n),
      beatBy(2, 5000n),
      beatBy(2, 950n, { head: genesis.id as unknown as typeof genesis.headId }),
    ]
    for (const one of others) {
      const found = freshnessOf(quorum, head, [...two, one], limit)
      expect(found).toEqual({ is: 'stale-possible', missing: ['kit', 'kaz'] })
    }
    expect(freshnessOf(quorum, head, [...two, beatBy(2, 900n)], limit).is).toBe('fresh')
  })
})
