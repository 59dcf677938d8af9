/** Who is told of a refusal, and how often. */
import { expect, test } from 'vitest'
import { Fault } from 'tallystick/base'
import { type NostrEvent, signNostrEvent } from 'tallystick/nostr'
import { createRefusals } from '../../src/custodian/refusals.ts'
import { storeError } from '../../src/store/errors.ts'
import { alice } from '../relay/people.ts'
import { COUNTER, defineMachine, inputBy, KEEPERS, wishFor } from './scene.ts'

const defined = defineMachine(wishFor(COUNTER, []))
const [keeper = alice] = KEEPERS
const input = inputBy(alice, { machine: defined.definition.id, type: 'PUSH' })

const fault = new Fault('nostr-input/malformed', 'no such event')

test('whose refusal could not be stored is told when the input comes again, and then once', async () => {
  const sent: NostrEvent[] = []
  let isFull = true
  const refusals = createRefusals(
    {
      defined,
      own: keeper.key,
      accepted: new Set(),
      seconds: () => 1_800_000_000,
      log: () => undefined,
      sign: (draft) => signNostrEvent(draft, keeper),
      post: { send: (event) => sent.push(event) },
    },
    {
      refuse: async () => {
        if (isFull) throw storeError('store/full', 'no room')
      },
      isRefused: async () => false,
    },
  )
  await expect(refusals.tell(input, fault)).rejects.toThrow('no room')
  expect([sent.length, await refusals.isFinal(input.id)]).toEqual([0, false])
  isFull = false
  for (let at = 0; at < 2; at++) await refusals.tell(input, fault)
  expect([sent.length, await refusals.isFinal(input.id)]).toEqual([1, true])
})
