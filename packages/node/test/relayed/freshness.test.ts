import { type Heartbeat, heartbeatDigest, signedHeartbeat } from 'tallystick/models'
import { heartbeatDraft, type NostrEvent, signNostrEvent, SUITE } from 'tallystick/nostr'
import { describe, expect, test } from 'vitest'
import { newnessIn } from '../../src/relayed/freshness.ts'
import { namesIn } from '../../src/relayed/names.ts'
import { engine, type Keyholder, KEYHOLDERS } from './custodians.ts'
import { alice, defined, definition, historyFrom, NOW } from './sample.ts'

const { genesis } = defined
const now = BigInt(NOW) * 1000n
const history = historyFrom([], { definition: definition.id, genesis, verifier: engine })
const office = {
  history: () => history,
  engine,
  names: namesIn(defined.definition, alice.key),
}
const keeper = (signer: number): Keyholder => KEYHOLDERS[signer] ?? alice
const beatBy = (signer: number, change: Partial<Heartbeat> = {}, by = signer): NostrEvent => {
  const beat = { machine: genesis.id, head: genesis.headId, sequence: 0n, time: now, ...change }
  const signature = keeper(by).sign(heartbeatDigest(SUITE, beat))
  const of = {
    machine: definition.id,
    custodian: keeper(signer).key,
    heartbeat: signedHeartbeat.encode({ signer, beat, signature }),
  }
  return signNostrEvent(heartbeatDraft(of, { now: NOW, last: undefined }), keeper(signer))
}

describe('whether the head here is the newest', () => {
  test('is known as of the earliest of three words about it', () => {
    const beats = [beatBy(0), beatBy(1, { time: now - 1000n }), beatBy(2)]
    expect(newnessIn(office, beats, now)).toEqual({ freshAt: now - 1000n, missing: [], ahead: [] })
  })

  test('is not known from two, from one that is old, or from one that another key signed', () => {
    const two = [beatBy(0), beatBy(1)]
    const missing = ['cat', 'dan']
    expect(newnessIn(office, two, now)).toEqual({ freshAt: undefined, missing, ahead: [] })
    for (const third of [beatBy(2, { time: now - 600_000n }), beatBy(2, {}, 3)]) {
      expect(newnessIn(office, [...two, third], now).missing).toEqual(missing)
    }
  })

  test('is denied by one that signs a later step, who is named', () => {
    const ahead = beatBy(3, { sequence: 7n })
    expect(newnessIn(office, [ahead], now).ahead).toEqual([{ name: 'dan', step: 7n }])
    expect(newnessIn(office, [beatBy(3, { sequence: 7n }, 1)], now).ahead).toEqual([])
  })
})
