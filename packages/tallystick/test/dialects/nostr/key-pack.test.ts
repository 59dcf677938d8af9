import { describe, expect, test } from 'vitest'
import { bytesFromHex } from '../../../src/base/bytes.ts'
import {
  packDraft,
  packFrom,
  packPayload,
  packProofDraft,
  type PackKeys,
  packText,
  routeFrom,
} from '../../../src/dialects/nostr/key-pack.ts'
import { createPortableEngine } from '../../../src/engine/portable.ts'
import { alice, bob, codeOf, keyholder, MACHINE_EVENT, NOW, signBy } from './sample.ts'

const verifier = createPortableEngine()
const shared = keyholder('shared')
const published: PackKeys = { is: 'shared', secret: shared.secret, route: shared.key }
const seed = bytesFromHex('5e'.repeat(32))
const epoch: PackKeys = {
  is: 'epoch',
  epoch: 3,
  key: bytesFromHex('77'.repeat(32)),
  route: routeFrom(seed, verifier),
  seed,
}
const metadata = { id: '1', name: 'A parcel', description: '' }
const proofFor = (keys: PackKeys, member: string): ReturnType<typeof signBy> =>
  signBy(
    alice,
    packProofDraft({ keys, member, machine: MACHINE_EVENT, pubkey: alice.key, now: NOW }),
  )
const codeFor = (text: string): string => codeOf(() => packFrom(text, bob.key, verifier))

describe('a key pack', () => {
  test.each([published, epoch])(
    'is read as it was written, and says who vouches for it ($is)',
    (keys) => {
      const read = packFrom(packText(keys, metadata, proofFor(keys, bob.key)), bob.key, verifier)
      expect(read).toEqual({ keys, metadata, initiator: alice.key, machine: MACHINE_EVENT })
    },
  )

  test('as published is read, and nobody vouches for it', () => {
    const text = JSON.stringify({
      sm_sec: Buffer.from(shared.secret).toString('hex'),
      sm_pub: shared.key,
      metadata: { id: 'x', name: 'y' },
    })
    const read = packFrom(text, bob.key, verifier)
    expect(read.keys).toEqual(published)
    expect(read.initiator).toBeUndefined()
  })

  test('that vouches for another member, or for another key, is refused', () => {
    expect(codeFor(packText(published, metadata, proofFor(published, alice.key)))).toBe(
      'key-pack/other-proof',
    )
    expect(codeFor(packText(published, metadata, proofFor(epoch, bob.key)))).toBe(
      'key-pack/other-proof',
    )
    const other = { ...epoch, key: bytesFromHex('78'.repeat(32)) }
    expect(codeFor(packText(other, metadata, proofFor(epoch, bob.key)))).toBe(
      'key-pack/other-proof',
    )
  })

  test('whose proof was made up is refused', () => {
    const proof = proofFor(epoch, bob.key)
    const forged = { ...proof, sig: proof.sig.replace(/^../, '00') }
    expect(codeFor(packText(epoch, metadata, forged))).toBe('nostr-event/bad-signature')
  })

  test('of edition 2 is refused without a proof, and with a routing key that somebody chose', () => {
    expect(codeFor(packText(epoch, metadata, undefined))).toBe('key-pack/no-proof')
    const chosen = { ...epoch, route: shared.key }
    expect(codeFor(packText(chosen, metadata, proofFor(chosen, bob.key)))).toBe(
      'key-pack/chosen-route',
    )
  })

  test.each([
    ['nothing', '{}'],
    ['a short secret', '{"sm_sec":"00","sm_pub":"00"}'],
    ['an edition that nobody knows', '{"v":3}'],
    ['no epoch', '{"v":2,"epoch":-1}'],
  ])('is refused with %s', (_, text) => {
    expect(codeFor(text)).toBe('nostr-message/bad-content')
  })

  test('has a routing key on the curve that follows from its seed alone', () => {
    expect(verifier.acceptsKey('bip340', bytesFromHex(epoch.route))).toBe(true)
    expect(routeFrom(seed, verifier)).toBe(epoch.route)
    expect(routeFrom(bytesFromHex('5f'.repeat(32)), verifier)).not.toBe(epoch.route)
    const none = { acceptsKey: () => false, verify: () => false }
    expect(codeOf(() => routeFrom(seed, none))).toBe('key-pack/chosen-route')
  })

  test('travels in an event to one member', () => {
    const draft = packDraft({
      payload: 'sealed',
      member: bob.key,
      pubkey: shared.key,
      createdAt: NOW,
    })
    expect(packPayload(draft, bob.key)).toBe('sealed')
    expect(codeOf(() => packPayload(draft, alice.key))).toBe('nostr-wrap/not-addressed')
    expect(codeOf(() => packPayload({ ...draft, kind: 1059 }, bob.key))).toBe(
      'nostr-message/wrong-kind',
    )
  })
})
