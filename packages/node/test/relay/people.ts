/** Keys of Nostr, and inputs of a made-up machine, for tests of relays. */
import { type Engine, hash, hexFromBytes, type Signer, TAGS, bytesFromUtf8 } from 'tallystick/base'
import { createPortableEngine } from 'tallystick/engine'
import { type NostrDraft, type NostrEvent, signNostrEvent } from 'tallystick/nostr'

export const engine: Engine = createPortableEngine()
export const MACHINE: string = 'ab'.repeat(32)
export const NOW: number = Math.floor(Date.now() / 1000)

export type Person = Signer & { readonly key: string; readonly secret: Uint8Array }

export const person = (name: string): Person => {
  const { publicKey, secret } = engine.fromSeed(
    'bip340',
    hash('sha256', TAGS.seed, bytesFromUtf8(name)),
  )
  return {
    scheme: 'bip340',
    publicKey,
    secret,
    key: hexFromBytes(publicKey),
    sign: (message) => engine.sign('bip340', secret, message),
  }
}

export const alice: Person = person('alice')
export const bob: Person = person('bob')

export const eventBy = (by: Person, changes: Partial<NostrDraft> = {}): NostrEvent =>
  signNostrEvent(
    {
      pubkey: by.key,
      created_at: NOW,
      kind: 7501,
      tags: [
        ['e', MACHINE],
        ['t', 'LOAD'],
      ],
      content: '',
      ...changes,
    },
    by,
  )

/** Inputs, one second after the other, told apart by their content. */
export const inputsBy = (by: Person, count: number, secondsApart = 1): readonly NostrEvent[] =>
  Array.from({ length: count }, (_, at) =>
    eventBy(by, {
      created_at: NOW - 1000 + at * secondsApart,
      content: JSON.stringify({ n: at }),
    }),
  )
