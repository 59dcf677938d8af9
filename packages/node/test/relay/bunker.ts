/** The other side of NIP-46, with our own encryption: a bunker that holds somebody's key and signs what it is asked to. */
import {
  conversationKey,
  decryptNip44,
  encryptNip44,
  type NostrDraft,
  type NostrEvent,
} from 'tallystick/nostr'
import type { RelayClient } from '../../src/relay/client.ts'
import { eventBy, type Person, person } from './people.ts'

export const bunkerKey: Person = person('bunker')

/** Methods that it was asked for, in their order. */
export const serveBunker = async (
  client: RelayClient,
  relay: string,
  owner: Person,
): Promise<readonly string[]> => {
  const asked: string[] = []
  const answerTo = (request: { method: string; params: string[] }): string => {
    asked.push(request.method)
    if (request.method === 'connect') return 'ack'
    if (request.method === 'get_public_key') return owner.key
    const wanted = JSON.parse(request.params[0] ?? '') as NostrDraft
    return JSON.stringify(eventBy(owner, { ...wanted, pubkey: owner.key }))
  }
  const answer = async (event: NostrEvent): Promise<void> => {
    const key = conversationKey(bunkerKey.secret, event.pubkey)
    const request = JSON.parse(decryptNip44(key, event.content)) as {
      id: string
      method: string
      params: string[]
    }
    const text = JSON.stringify({ id: request.id, result: answerTo(request) })
    const nonce = crypto.getRandomValues(new Uint8Array(32))
    const reply = eventBy(bunkerKey, {
      kind: 24_133,
      tags: [['p', event.pubkey]],
      content: encryptNip44(key, text, nonce),
      created_at: Math.floor(Date.now() / 1000),
    })
    await client.publish([relay], reply)
  }
  const opened = Promise.withResolvers<undefined>()
  client.follow(
    [relay],
    { kinds: [24_133], '#p': [bunkerKey.key] },
    {
      onEvent: (event) => void answer(event),
      onState: () => opened.resolve(undefined),
    },
  )
  await opened.promise
  return asked
}
