/**
 * Carrier by files: a message as one `.tally` file that somebody takes from one folder to another.
 *
 * Promise. A file is there whole or not at all. Size and kind are looked at before anything else.
 */
import { Fault } from '../../base/fault.ts'
import { MESSAGE_BYTES_MAX } from '../../base/limits.ts'
import type { Message } from '../../models/bilateral/message.ts'
import { message } from '../../models/bilateral/message.ts'
import { bodyFromFile, FILE_HEADER_BYTES, fileFromBody } from '../../verify/file.ts'
import { replaceFile } from '../durable-file.ts'

/** A name that says what a message is, the same for the same message: `3f0a91c2-step4-round0-offer.tally`. */
export const messageFileName = (of: Message): string => {
  // A confirmation speaks of the head itself, everything else of the step after it.
  const step = of.body.is === 'confirm' ? of.sequence : of.sequence + 1n
  return `${of.machine.slice(0, 8)}-step${step}-round${of.round}-${of.body.is}.tally`
}

/** The bytes of a message file. */
export const fileFromMessage = (of: Message): Uint8Array =>
  fileFromBody('message', message.encode(of))

/** Writes a message file in the place of whatever had its name. */
export const writeMessageFile = (path: string, of: Message): void =>
  replaceFile(path, fileFromMessage(of))

/**
 * The bytes of a message, which the party decodes itself, out of those of its file. Raises `message/too-large` and the
 * faults of `bodyFromFile`.
 */
export const messageFromFile = (file: Uint8Array): Uint8Array => {
  if (file.length > MESSAGE_BYTES_MAX + FILE_HEADER_BYTES) {
    throw new Fault('message/too-large', `${file.length} bytes of at most ${MESSAGE_BYTES_MAX}`)
  }
  return bodyFromFile('message', file)
}
