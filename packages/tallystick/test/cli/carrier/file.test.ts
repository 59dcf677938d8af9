import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { MESSAGE_BYTES_MAX } from '../../../src/base/limits.ts'
import {
  fileFromMessage,
  messageFileName,
  messageFromFile,
  writeMessageFile,
} from '../../../src/cli/carrier/file.ts'
import { message } from '../../../src/models/bilateral/message.ts'
import { fileFromBody } from '../../../src/verify/file.ts'
import { createPair, wish } from '../../models/bilateral/pair.ts'

const folder = mkdtempSync(join(tmpdir(), 'tally-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

const offer = (() => {
  const pair = createPair()
  wish(pair.alice)
  const [made] = pair.alice.outbox
  if (!made) throw new Error('no offer')
  return made
})()

const codeOf = (path: string): string => {
  const result = faultFrom(() => messageFromFile(new Uint8Array(readFileSync(path))))
  return isFault(result) ? result.code : 'none'
}

describe('a message file', () => {
  test('gives back the message, and leaves nothing else in the folder', () => {
    const path = join(folder, messageFileName(offer))
    writeMessageFile(path, offer)
    writeMessageFile(path, offer)
    expect(message.decode(messageFromFile(new Uint8Array(readFileSync(path))))).toEqual(offer)
    expect(readdirSync(folder)).toEqual([`${offer.machine.slice(0, 8)}-step1-round0-offer.tally`])
  })

  test('of another kind, or none of ours, is refused', () => {
    const path = join(folder, 'other.tally')
    const whole = fileFromMessage(offer)
    writeFileSync(path, fileFromBody('bundle', message.encode(offer)))
    expect(codeOf(path)).toBe('file/other-kind')
    writeFileSync(path, whole.with(0, 0x50))
    expect(codeOf(path)).toBe('file/not-tally')
    writeFileSync(path, new Uint8Array(0))
    expect(codeOf(path)).toBe('file/not-tally')
    writeFileSync(path, whole)
    expect(codeOf(path)).toBe('none')
  })

  test('that is too large is refused by its size', () => {
    const path = join(folder, 'large.tally')
    writeFileSync(path, fileFromMessage(offer))
    truncateSync(path, MESSAGE_BYTES_MAX + 8)
    expect(codeOf(path)).toBe('none')
    truncateSync(path, MESSAGE_BYTES_MAX + 9)
    expect(codeOf(path)).toBe('message/too-large')
  })
})
