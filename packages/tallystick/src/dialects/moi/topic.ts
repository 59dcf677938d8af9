/**
 * Topics of events: BLAKE2b-256 of one POLO value each. The first is the event's name as a text; then one for each of the
 * fields, from the first on, that the manifest lets one search by.
 */
import { blake2b256 } from '../../base/blake2b.ts'
import { MANIFEST_NAME_BYTES_MAX } from '../../base/limits.ts'
import { poloText } from './polo/scalar.ts'
import { encodePolo } from './polo/schema.ts'

/** Name of the event that the instruction `EVENT` makes. Its one field is the text `value`. */
export const LOG_EVENT = 'builtin.Log'

const name = poloText(MANIFEST_NAME_BYTES_MAX)

/** Topic of an event's name. Raises `polo/too-large` for one that no manifest can have. */
export const topicOfName = (text: string): Uint8Array => blake2b256(encodePolo(name, text))

/** Topic of a value that is a whole POLO message. */
export const topicOfValue = (message: Uint8Array): Uint8Array => blake2b256(message)
