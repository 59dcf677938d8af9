import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../../src/base/bytes.ts'
import { createReader } from '../../../src/base/codec.ts'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { MESSAGE_BYTES_MAX } from '../../../src/base/limits.ts'
import { message, type Message, sealDigest } from '../../../src/models/bilateral/message.ts'
import { env, createPair, give, type Pair, settle, wish } from './pair.ts'

/** One message of every kind that a conversation can hold. */
const conversation = (): readonly Message[] => {
  const pair: Pair = createPair()
  const heard: Message[] = []
  const listen = (): void => {
    for (const side of [pair.alice, pair.bob]) {
      const { outbox } = side
      const push = outbox.push.bind(outbox)
      outbox.push = (...items) => {
        heard.push(...items)
        return push(...items)
      }
    }
  }
  listen()
  wish(pair.bob)
  settle(pair)
  wish(pair.bob)
  settle(pair)
  pair.bob.agrees = false
  wish(pair.alice)
  settle(pair)
  give(pair.alice, { is: 'withdraw' })
  settle(pair)
  give(pair.alice, { is: 'restored', last: undefined })
  settle(pair)
  pair.alice.agrees = false
  wish(pair.bob)
  settle(pair)
  const asked = pair.alice.asked.at(-1)
  if (asked?.is === 'ask') {
    give(pair.alice, { is: 'decide', interaction: asked.interactionId, yes: false })
  }
  settle(pair)
  pair.bob.agrees = true
  wish(pair.alice)
  give(pair.bob, { is: 'resend' })
  const [offer] = pair.alice.outbox.splice(0)
  if (offer) give(pair.bob, { is: 'message', bytes: message.encode(offer) })
  give(pair.bob, { is: 'withdraw' })
  return heard
}

const heard = conversation()

describe('messages', () => {
  test('of every kind are read back as they were written', () => {
    const kinds = new Set(heard.map((one) => one.body.is))
    expect([...kinds].sort()).toEqual([
      'abort',
      'accept',
      'ack',
      'cancel-ask',
      'catchup',
      'confirm',
      'decline',
      'offer',
      'request',
      'steps',
    ])
    for (const one of heard) expect(message.decode(message.encode(one))).toEqual(one)
  })

  test('cut short, drawn out or of another version are refused', () => {
    const codeOf = (bytes: Uint8Array): string => {
      const result = faultFrom(() => message.decode(bytes))
      return isFault(result) ? result.code : 'none'
    }
    for (const one of heard.slice(0, 6)) {
      const bytes = message.encode(one)
      expect(codeOf(bytes)).toBe('none')
      expect(codeOf(concatBytes(bytes, Uint8Array.of(0)))).toBe('codec/extended')
      for (const at of [0, 1, 40, bytes.length - 1]) {
        expect(codeOf(bytes.subarray(0, at))).toBe('codec/truncated')
      }
      expect(codeOf(bytes.with(0, 2))).toBe('message/unknown-version')
      expect(codeOf(bytes.with(78, 99))).toBe('codec/unknown-case')
    }
  })

  test('above the limit are refused before they are read', () => {
    const [one] = heard
    if (!one) throw new Error('no message')
    const bytes = message.encode(one)
    const padded = (size: number): Uint8Array => {
      const large = new Uint8Array(size)
      large.set(bytes)
      return large
    }
    const codeOf = (given: Uint8Array): string => {
      const result = faultFrom(() => message.read(createReader(given)))
      return isFault(result) ? result.code : 'none'
    }
    expect(codeOf(padded(MESSAGE_BYTES_MAX))).toBe('none')
    expect(codeOf(padded(MESSAGE_BYTES_MAX + 1))).toBe('message/too-large')
  })

  test('are sealed over everything but the seal', () => {
    const steps = heard.find((one) => one.body.is === 'steps')
    if (steps?.body.is !== 'steps') throw new Error('no steps')
    const digest = sealDigest('classic', steps)
    const sealed: Message = {
      ...steps,
      body: { ...steps.body, seal: [{ party: 1, key: 0, signature: env.random }] },
    }
    expect(sealDigest('classic', sealed)).toEqual(digest)
    expect(sealDigest('classic', { ...steps, round: steps.round + 1 })).not.toEqual(digest)
    const unsound: Message = { ...steps, body: { ...steps.body, sound: !steps.body.sound } }
    expect(sealDigest('classic', unsound)).not.toEqual(digest)
  })
})
