/**
 * Files: the eight bytes in front of everything we hand over as a file, so that a bundle, a message, a piece of
 * evidence, an identity card and an invitation are told apart before anything in them is read.
 *
 * | bytes | what |
 * |---|---|
 * | 0–5 | 89 74 61 6c 6c 79: a byte that no text starts with, and `tally` |
 * | 6 | version, 1 |
 * | 7 | kind: 1 bundle, 2 message, 3 evidence, 4 identity card, 5 invitation, 6 evidence against an operator, 7 credential, 8 presentation, 9 status, 10 network-state, 11 evidence against a guardian |
 *
 * There is no checksum: a damaged file is to be refused with the step and party that the damage hit, and nothing in a
 * file is believed for its place in it.
 */
import { bytesFromHex, concatBytes, equalBytes } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { FILE_BYTES_MAX } from '../base/limits.ts'

export type FileKind =
  | 'bundle'
  | 'message'
  | 'evidence'
  | 'identity'
  | 'invite'
  | 'operator-evidence'
  | 'credential'
  | 'presentation'
  | 'status'
  | 'network-state'
  | 'guardian-evidence'

export const FILE_VERSION = 1
export const FILE_HEADER_BYTES = 8

/** `body` as a file of the given kind. Raises `file/too-large`. */
export const fileFromBody = (kind: FileKind, body: Uint8Array): Uint8Array => {
  const header = Uint8Array.of(...MAGIC, FILE_VERSION, KINDS.indexOf(kind) + 1)
  const fault = sizeFault(header.length + body.length)
  if (fault) throw fault
  return concatBytes(header, body)
}

/**
 * What a file says it is. Looks at its size and its first eight bytes only, so a huge file costs nothing.
 * Raises `file/too-large`, `file/not-tally`, `file/unknown-version` or `file/unknown-kind`.
 */
export const kindOfFile = (file: Uint8Array): FileKind => {
  const fault = sizeFault(file.length)
  if (fault) throw fault
  if (file.length < FILE_HEADER_BYTES || !equalBytes(file.subarray(0, MAGIC.length), MAGIC)) {
    throw new Fault('file/not-tally', 'the bytes do not start as a tally file does')
  }
  const version = file[MAGIC.length]
  if (version !== FILE_VERSION) {
    throw new Fault('file/unknown-version', `version ${version} where ${FILE_VERSION} is known`)
  }
  const code = file[MAGIC.length + 1] ?? 0
  const kind = KINDS[code - 1]
  if (!kind) throw new Fault('file/unknown-kind', `no kind of file has the code ${code}`)
  return kind
}

/** What follows the header of a file of the given kind. Also raises `file/other-kind`. */
export const bodyFromFile = (kind: FileKind, file: Uint8Array): Uint8Array => {
  const found = kindOfFile(file)
  if (found !== kind) throw new Fault('file/other-kind', `the file holds a ${found}, not a ${kind}`)
  return file.subarray(FILE_HEADER_BYTES)
}

const MAGIC: Uint8Array = bytesFromHex('8974616c6c79')

/** In the order of their codes, from 1. */
const KINDS: readonly FileKind[] = [
  'bundle',
  'message',
  'evidence',
  'identity',
  'invite',
  'operator-evidence',
  'credential',
  'presentation',
  'status',
  'network-state',
  'guardian-evidence',
]

const sizeFault = (size: number): Fault | undefined =>
  size > FILE_BYTES_MAX
    ? new Fault('file/too-large', `${size} bytes where at most ${FILE_BYTES_MAX} are read`)
    : undefined
