/** Checks of events of Nostr and of the kinds that machines use. */
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import {
  checkNostrEvent,
  type NostrEvent,
  nostrEventFromText,
} from '../../packages/tallystick/src/forms/nostr-event.ts'
import { nostrInputFrom } from '../../packages/tallystick/src/forms/nostr-input.ts'
import { machineOfEvent } from '../../packages/tallystick/src/dialects/nostr/charter.ts'
import { castOfReceipt, receiptFrom } from '../../packages/tallystick/src/dialects/nostr/receipt.ts'
import { statementDigest } from '../../packages/tallystick/src/kernel/statement.ts'
import { transitionId } from '../../packages/tallystick/src/kernel/transition.ts'
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { type Check, type JsonObject, unless } from './finding.ts'
import { plain, textAt } from './read.ts'

const engine = createPortableEngine()

const eventIn = (input: JsonObject): NostrEvent => {
  const event = nostrEventFromText(textAt(input, 'text'))
  const fault = checkNostrEvent(event, engine)
  if (fault) throw fault
  return event
}

export const nostrChecks: Readonly<Record<string, Check>> = {
  'nostr-event': (input) => {
    const event = eventIn(input)
    return { expected: { id: event.id, kind: event.kind, by: event.pubkey } }
  },
  'nostr-input': (input) => {
    const event = eventIn(input)
    return { expected: plain(nostrInputFrom(event, textAt(input, 'machine'))) }
  },
  'nostr-definition': (input) => ({ expected: unless(machineOfEvent(eventIn(input))) }),
  'nostr-receipt': (input) => {
    const receipt = receiptFrom(eventIn(input))
    const { statement } = castOfReceipt(receipt)
    return {
      expected: {
        height: receipt.transition.sequence.toString(),
        header: transitionId('nostr', receipt.transition),
        signed: hexFromBytes(statementDigest('nostr', statement)),
      },
    }
  },
}
