import { describe, expect, test } from 'vitest'
import { zeroId } from '../../src/base/brand.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import {
  identityOf,
  type KeyEvent,
  keyEvent,
  keyEventId,
  keyEventMessage,
  signedKeyEvent,
} from '../../src/kernel/key-event.ts'
import { createIdentities } from './identity-sample.ts'
import { engine } from './sample.ts'

const { authority, changing, deviceOf, drafted, idOf, inception, signed, stateOf } =
  createIdentities(engine)
const first = inception('ann', deviceOf('phone'), deviceOf('desk', 'work'))
const state = stateOf([first])
const recover = drafted(
  state,
  {
    is: 'recover',
    by: authority({ keys: { keys: ['ann words'] }, next: { keys: ['x'] } }).keys,
    ...authority({ keys: { keys: ['ann 9'] }, next: { keys: ['ann 10'] } }),
  },
  { revoke: [idOf('phone')], revokeGroups: ['work'], add: [deviceOf('new phone')] },
)
const events = [
  first,
  changing(state, { add: [deviceOf('tablet')] }, 'ann 1'),
  signed(recover, ['ann words', 'ann 9'], state),
]

describe('a signed event', () => {
  test('is read back as it was', () => {
    for (const one of events) {
      expect(signedKeyEvent.decode(signedKeyEvent.encode(one))).toEqual(one)
    }
  })

  test('is refused cut at any byte and extended', () => {
    for (const one of events) {
      const bytes = signedKeyEvent.encode(one)
      for (let size = 0; size < bytes.length; size++) {
        const read = faultFrom(() => signedKeyEvent.decode(bytes.subarray(0, size)))
        expect(isFault(read)).toBe(true)
      }
      expect(faultFrom(() => signedKeyEvent.decode(Uint8Array.of(...bytes, 0)))).toMatchObject({
        code: 'codec/extended',
      })
    }
  })
})

describe('an event’s id', () => {
  test('covers every byte: with any one changed there is another id, or no event', () => {
    for (const { event } of events) {
      const bytes = keyEvent.encode(event)
      const id = keyEventId(event)
      for (let at = 0; at < bytes.length; at++) {
        const changed = bytes.slice()
        changed[at] = (changed[at] ?? 0) ^ 1
        const read = faultFrom(() => keyEvent.decode(changed))
        if (!isFault(read)) expect(keyEventId(read)).not.toBe(id)
      }
    }
  })

  test('is the identity’s if it is the inception, and is what is signed', () => {
    expect(identityOf(first.event)).toBe(keyEventId(first.event))
    for (const one of events.slice(1)) expect(identityOf(one.event)).toBe(keyEventId(first.event))
    expect(keyEventMessage(first.event)).toHaveLength(32)
  })

  test('depends on the suite, and on what follows a name', () => {
    const { event } = first
    const other: KeyEvent = { ...event, suite: 'nostr' }
    expect(keyEventId(other)).not.toBe(keyEventId(event))
    const moved = {
      ...event,
      devices: { ...event.devices, add: [deviceOf('des', 'kwork', 'desk')] },
    }
    const whole = {
      ...event,
      devices: { ...event.devices, add: [deviceOf('desk', 'work', 'desk')] },
    }
    expect(keyEventId(moved)).not.toBe(keyEventId(whole))
    expect(keyEventId({ ...event, previous: keyEventId(event) })).not.toBe(keyEventId(event))
    expect(event.previous).toBe(zeroId())
  })
})
