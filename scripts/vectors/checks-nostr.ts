/** Checks of events of Nostr and of the kinds that machines use. */
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import {
  checkNostrEvent,
  nostrEventFromText,
} from '../../packages/tallystick/src/forms/nostr-event.ts'
import { nostrInputFrom } from '../../packages/tallystick/src/forms/nostr-input.ts'
import type { Check } from './finding.ts'
import { plain, textAt } from './read.ts'

const engine = createPortableEngine()

export const nostrChecks: Readonly<Record<string, Check>> = {
  'nostr-event': (input) => {
    const event = nostrEventFromText(textAt(input, 'text'))
    const fault = checkNostrEvent(event, engine)
    if (fault) throw fault
    return { expected: { id: event.id, kind: event.kind, by: event.pubkey } }
  },
  'nostr-input': (input) => {
    const event = nostrEventFromText(textAt(input, 'text'))
    const fault = checkNostrEvent(event, engine)
    if (fault) throw fault
    return { expected: plain(nostrInputFrom(event, textAt(input, 'machine'))) }
  },
}
