/**
 * Carrier by files: a message as one `.tally` file that somebody takes from one folder to another.
 *
 * Promise. A file is there whole or not at all. Reading looks at size and kind before anything else, and reads no more than
 * the largest message allowed.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
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
 * Reads the bytes of a message, which the party decodes itself. Raises `message/too-large`, the faults of `bodyFromFile`
 * and the platform's errors.
 */
export const readMessageFile = (path: string): Uint8Array => {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    if (size > MESSAGE_BYTES_MAX + FILE_HEADER_BYTES) {
      throw new Fault('message/too-large', `${path} has ${size} bytes`, { part: path })
    }
    return bodyFromFile('message', readUpTo(file, size))
  } finally {
    closeSync(file)
  }
}

/** Reads what was there when it was measured, so a file that grows meanwhile is not followed. */
const readUpTo = (file: number, size: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  let done = 0
  while (done < size) {
    const count = readSync(file, bytes, done, size - done, done)
    if (count === 0) break
    done += count
  }
  return bytes.subarray(0, done)
}
