import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { keyEventId } from '../../src/kernel/key-event.ts'
import { type Card, cardFromFile, fileFromCard } from '../../src/verify/card.ts'
import { fileFromBody } from '../../src/verify/file.ts'
import { createIdentities } from '../kernel/identity-sample.ts'
import { engine } from '../kernel/sample.ts'

const { changing, deviceOf, inception, stateOf } = createIdentities(engine)
const first = inception('alice', deviceOf('laptop'))
const second = changing(stateOf([first]), { add: [deviceOf('phone')] }, 'alice 1')
const card: Card = { name: 'alice', device: 1, log: [first, second] }

const codeOf = (file: Uint8Array): string => {
  const read = faultFrom(() => cardFromFile(file, engine))
  return isFault(read) ? read.code : 'read'
}

describe('a card', () => {
  test('gives back the identity, how its log ends and the device that signs', () => {
    const read = cardFromFile(fileFromCard(card), engine)
    expect(read.card).toEqual(card)
    expect(read.identity).toBe(keyEventId(first.event))
    expect(read.head).toEqual(stateOf([first, second]))
    expect(read.device.name).toBe('phone')
  })

  test('is refused with an event that its root did not sign, and says whose card it is', () => {
    const forged = { ...second, signatures: first.signatures }
    const file = fileFromCard({ ...card, log: [first, forged] })
    const read = faultFrom(() => cardFromFile(file, engine))
    expect(isFault(read) && [read.code, read.place]).toEqual([
      'key-log/bad-signature',
      { step: 1, part: 'signature 0', party: 'alice' },
    ])
  })

  test('is refused where it names a device that does not act', () => {
    expect(codeOf(fileFromCard({ ...card, device: 2 }))).toBe('card/no-such-device')
    expect(codeOf(fileFromCard({ ...card, device: 0 }))).toBe('read')
    expect(codeOf(fileFromCard({ ...card, log: [] }))).toBe('key-log/empty')
  })

  test('is refused cut, extended and as another kind of file', () => {
    const file = fileFromCard(card)
    expect(codeOf(file.subarray(0, -1))).toBe('codec/truncated')
    expect(codeOf(Uint8Array.of(...file, 0))).toBe('codec/extended')
    expect(codeOf(fileFromBody('invite', file.subarray(8)))).toBe('file/other-kind')
  })
})
