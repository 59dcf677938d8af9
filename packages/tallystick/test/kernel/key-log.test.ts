import { describe, expect, test } from 'vitest'
import { zeroId } from '../../src/base/brand.ts'
import { isFault } from '../../src/base/fault.ts'
import { KEY_EVENTS_MAX, KEY_EVENTS_RESERVED } from '../../src/base/limits.ts'
import { activeDevices } from '../../src/kernel/device-tree.ts'
import {
  type KeyChange,
  type KeyEvent,
  keyEventId,
  type SignedKeyEvent,
} from '../../src/kernel/key-event.ts'
import { isDeviceOf, judgeKeyLog, type KeyState } from '../../src/kernel/key-log.ts'
import { reserveOf } from '../../src/kernel/reserve.ts'
import { createIdentities, type Wanted } from './identity-sample.ts'
import { anId, engine } from './sample.ts'

const made = createIdentities(engine)
const { after, authority, changing, codeAfter, controllerOf, deviceOf, drafted, idOf } = made
const { inception, signed, stateOf } = made

const first = inception('ann', deviceOf('phone'), deviceOf('desk'))
const begun = stateOf([first])

const rotation = (
  keys: Wanted,
  next: Wanted,
  recovery: Wanted | undefined = { keys: ['ann words'] },
): KeyChange => ({ is: 'rotate', ...authority({ keys, next, recovery }) })
const rotating = drafted(begun, rotation({ keys: ['ann 2'] }, { keys: ['ann 3'] }))
const rotated = stateOf([first, signed(rotating, ['ann 2'], begun)])

const recovery = (
  by: Wanted,
  keys: Wanted = { keys: ['ann 9'] },
  next: Wanted = { keys: ['ann 10'] },
): KeyChange => ({
  is: 'recover',
  by: controllerOf(by),
  ...authority({ keys, next, recovery: { keys: ['ann words again'] } }),
})

describe('a log', () => {
  test('is read to its end: the same identity, other keys and devices', () => {
    const added = changing(rotated, { add: [deviceOf('tablet')] }, 'ann 2')
    const state = judgeKeyLog([first, signed(rotating, ['ann 2'], begun), added], engine)
    if (isFault(state)) throw state
    expect(state.identity).toBe(keyEventId(first.event))
    expect([state.sequence, state.recoveries]).toEqual([2, 0])
    expect(activeDevices(state.devices).map((one) => one.name)).toEqual(['phone', 'desk', 'tablet'])
    expect(state.keys).toEqual(controllerOf({ keys: ['ann 2'] }))
  })

  test('is refused empty, with an event left out, doubled or out of order, and says which', () => {
    const second = changing(begun, { add: [deviceOf('a')] }, 'ann 1')
    const third = changing(after(begun, second), { add: [deviceOf('b')] }, 'ann 1')
    expect(judgeKeyLog([], engine)).toMatchObject({ code: 'key-log/empty' })
    for (const [log, step] of [
      [[second], 0],
      [[first, third], 1],
      [[first, first], 1],
      [[first, second, second], 2],
      [[first, third, second], 1],
    ] as const) {
      expect(judgeKeyLog(log, engine)).toMatchObject({
        code: 'key-log/wrong-sequence',
        place: { step },
      })
    }
  })

  test('is refused where one thing of an event is another', () => {
    const good = drafted(begun, { is: 'devices' }, { add: [deviceOf('a')] })
    const codeOf = (change: Partial<KeyEvent>): string =>
      codeAfter(begun, signed({ ...good, ...change }, ['ann 1'], begun))
    expect(codeOf({})).toBe('accepted')
    expect(codeOf({ previous: zeroId() })).toBe('key-log/wrong-previous')
    expect(codeOf({ identity: anId('other') })).toBe('key-log/wrong-identity')
    expect(codeOf({ suite: 'quantum' })).toBe('key-log/suite-changed')
    expect(codeOf({ tree: anId('tree') })).toBe('key-log/wrong-tree')
    expect(codeOf({ change: first.event.change })).toBe('key-log/wrong-change')
    expect(codeOf({ devices: { revoke: [], revokeGroups: [], add: [] } })).toBe(
      'key-log/wrong-change',
    )
    expect(codeAfter(undefined, { ...first, event: { ...first.event, change: good.change } })).toBe(
      'key-log/wrong-change',
    )
  })

  test('of another identity does not go on with this one’s events', () => {
    const other = stateOf([inception('bob', deviceOf('bob’s phone'))])
    const event = changing(begun, { add: [deviceOf('a')] }, 'ann 1')
    expect(codeAfter(other, event)).toBe('key-log/wrong-previous')
    const moved = { ...event, event: { ...event.event, previous: other.head } }
    expect(codeAfter(other, moved)).toBe('key-log/wrong-identity')
  })
})

describe('signatures', () => {
  const keys: Wanted = { keys: ['k1', 'k2', ['k3', 2]], threshold: 2 }
  const change: KeyChange = {
    is: 'incept',
    ...authority({ keys, next: { keys: ['n1'] }, recovery: undefined }),
  }
  const event = drafted(undefined, change)
  const by = (...names: readonly string[]): string =>
    codeAfter(undefined, signed(event, names, undefined))

  test('are enough when distinct keys reach the threshold', () => {
    expect(by('k1', 'k2')).toBe('accepted')
    expect(by('k3')).toBe('accepted')
    expect(by('k1', 'k2', 'k3')).toBe('accepted')
    expect(by('k1')).toBe('key-log/not-signed')
    expect(by()).toBe('key-log/not-signed')
  })

  test('count once for each key, and each that is there must be good', () => {
    expect(by('k1', 'k1')).toBe('key-log/not-signed')
    const one = signed(event, ['k1', 'k2'], undefined)
    expect(codeAfter(undefined, { event, signatures: [...one.signatures].reverse() })).toBe(
      'key-log/not-signed',
    )
    const [a, b] = one.signatures
    if (!a || !b) throw new Error('two signatures')
    expect(codeAfter(undefined, { event, signatures: [a, { ...b, signer: 3 }] })).toBe(
      'key-log/not-signed',
    )
    expect(codeAfter(undefined, { event, signatures: [a, { ...b, signature: a.signature }] })).toBe(
      'key-log/bad-signature',
    )
    const whole = signed(event, ['k1', 'k2', 'k3'], undefined)
    const spoiled = whole.signatures.map((each, at) =>
      at === 2 ? { ...each, signature: new Uint8Array(64) } : each,
    )
    expect(codeAfter(undefined, { event, signatures: spoiled })).toBe('key-log/bad-signature')
  })

  test('of a device’s key are none of the identity’s', () => {
    const wanted = changing(begun, { add: [deviceOf('a')] }, 'phone')
    expect(codeAfter(begun, wanted)).toBe('key-log/bad-signature')
  })

  test('near 2^32 of weight are added up without wrapping', () => {
    const most = 2 ** 32 - 1
    const heavy: Wanted = { keys: [['h1', most], ['h2', most], 'h3'], threshold: most }
    const heavyChange: KeyChange = {
      is: 'incept',
      ...authority({ keys: heavy, next: { keys: ['n1'] }, recovery: undefined }),
    }
    const heavyEvent = drafted(undefined, heavyChange)
    const heavyBy = (...names: readonly string[]): string =>
      codeAfter(undefined, signed(heavyEvent, names, undefined))
    expect(heavyBy('h1')).toBe('accepted')
    expect(heavyBy('h1', 'h2', 'h3')).toBe('accepted')
    expect(heavyBy('h3')).toBe('key-log/not-signed')
  })
})

describe('no event leaves an identity without a quorum in reach', () => {
  const rotates = (keys: Wanted, next: Wanted, before: KeyState, ...by: string[]): string =>
    codeAfter(before, signed(drafted(before, rotation(keys, next)), by, before))
  const three = { keys: ['n1', 'n2', 'n3'], threshold: 2 }
  const before = after(
    begun,
    signed(drafted(begun, rotation({ keys: ['ann 2'] }, three)), ['ann 2'], begun),
  )

  test('a part of the reserve comes into use if it is enough', () => {
    const next = { keys: ['m1'] }
    expect(rotates(three, next, before, 'n1', 'n2')).toBe('accepted')
    expect(rotates({ keys: ['n1', 'n3'], threshold: 2 }, next, before, 'n1', 'n3')).toBe('accepted')
    expect(rotates({ keys: ['n1'], threshold: 2 }, next, before, 'n1')).toBe('controller/no-quorum')
    expect(rotates({ keys: ['n1'], threshold: 1 }, next, before, 'n1')).toBe(
      'reserve/not-committed',
    )
    expect(rotates({ keys: [], threshold: 2 }, next, before)).toBe('controller/no-quorum')
  })

  test('nor is anything promised that nobody could reach', () => {
    expect(rotates(three, { keys: [] }, before, 'n1', 'n2')).toBe('reserve/no-quorum')
    expect(rotates(three, { keys: ['m1'], threshold: 2 }, before, 'n1', 'n2')).toBe(
      'reserve/no-quorum',
    )
    expect(rotates(three, { keys: ['m1', 'm1'] }, before, 'n1', 'n2')).toBe('reserve/key-twice')
    const change = rotation(three, { keys: ['m1'] }, { keys: ['ann words'], threshold: 2 })
    expect(codeAfter(before, signed(drafted(before, change), ['n1', 'n2'], before))).toBe(
      'reserve/no-quorum',
    )
  })

  test('the last device may go: the keys stay', () => {
    const none = changing(begun, { revoke: [idOf('phone'), idOf('desk')] }, 'ann 1')
    const state = after(begun, none)
    expect(activeDevices(state.devices)).toEqual([])
    expect(codeAfter(state, changing(state, { add: [deviceOf('a')] }, 'ann 1'))).toBe('accepted')
  })
})

describe('a thief of the keys in use', () => {
  test('changes devices, and neither rotates nor recovers nor touches the reserves', () => {
    expect(codeAfter(begun, changing(begun, { add: [deviceOf('thief')] }, 'ann 1'))).toBe(
      'accepted',
    )
    const own = rotation({ keys: ['thief 1'] }, { keys: ['thief 2'] })
    expect(codeAfter(begun, signed(drafted(begun, own), ['thief 1'], begun))).toBe(
      'reserve/not-committed',
    )
    const kept = rotation({ keys: ['ann 1'] }, { keys: ['thief 2'] })
    expect(codeAfter(begun, signed(drafted(begun, kept), ['ann 1'], begun))).toBe(
      'reserve/not-committed',
    )
    expect(codeAfter(begun, signed(rotating, ['ann 1'], begun))).toBe('key-log/bad-signature')
    const recovers = drafted(begun, recovery({ keys: ['ann 1'] }))
    expect(codeAfter(begun, signed(recovers, ['ann 1', 'ann 9'], begun))).toBe(
      'reserve/not-committed',
    )
  })

  test('does nothing after a rotation', () => {
    const event = drafted(rotated, { is: 'devices' }, { add: [deviceOf('thief')] })
    expect(codeAfter(rotated, signed(event, ['ann 1'], rotated))).toBe('key-log/bad-signature')
    expect(codeAfter(rotated, signed(event, ['ann 2'], rotated))).toBe('accepted')
  })

  test('cannot fill the log: its last places are for rotations and recoveries', () => {
    let state = begun
    const limit = KEY_EVENTS_MAX - KEY_EVENTS_RESERVED
    const filling = (): SignedKeyEvent =>
      changing(
        state,
        {
          add: [deviceOf(`d ${state.sequence % 8}`, '', `d ${state.sequence}`)],
          revoke: state.sequence < 8 ? [] : [idOf(`d ${state.sequence - 8}`)],
        },
        'ann 1',
      )
    while (state.sequence < limit - 1) state = after(state, filling())
    expect(codeAfter(state, filling())).toBe('key-log/reserved')
    for (let at = 2; state.sequence < KEY_EVENTS_MAX - 1; at++) {
      const change = rotation({ keys: [`ann ${at}`] }, { keys: [`ann ${at + 1}`] })
      state = after(state, signed(drafted(state, change), [`ann ${at}`], state))
    }
    const last = rotation({ keys: ['ann 34'] }, { keys: ['ann 35'] })
    expect(codeAfter(state, signed(drafted(state, last), ['ann 34'], state))).toBe('key-log/full')
  })
})

describe('recovery', () => {
  const recovers = drafted(begun, recovery({ keys: ['ann words'] }), {
    revoke: [idOf('phone'), idOf('desk')],
    add: [deviceOf('new phone')],
  })

  test('puts new keys and devices in place though all keys in use are stolen', () => {
    const state = after(begun, signed(recovers, ['ann words', 'ann 9'], begun))
    expect(activeDevices(state.devices).map((one) => one.name)).toEqual(['new phone'])
    expect(state.recoveries).toBe(1)
    const thief = drafted(state, { is: 'devices' }, { add: [deviceOf('thief')] })
    expect(codeAfter(state, signed(thief, ['ann 1'], state))).toBe('key-log/bad-signature')
    const rotates = rotation({ keys: ['ann 2'] }, { keys: ['x'] })
    expect(codeAfter(state, signed(drafted(state, rotates), ['ann 2'], state))).toBe(
      'reserve/not-committed',
    )
  })

  test('needs the reserve’s signatures and the new keys’ own', () => {
    expect(codeAfter(begun, signed(recovers, ['ann words'], begun))).toBe('key-log/not-signed')
    expect(codeAfter(begun, signed(recovers, ['ann 9'], begun))).toBe('key-log/not-signed')
  })

  /** An identity that names these, or nobody, to recover it. */
  const recoveredBy = (rule: Wanted | undefined): KeyState => {
    const change = authority({ keys: { keys: ['k1'] }, next: { keys: ['k2'] }, recovery: rule })
    return stateOf([signed(drafted(undefined, { is: 'incept', ...change }), ['k1'], undefined)])
  }

  test('is by the rule: so many of those who were named', () => {
    const before = recoveredBy({ keys: ['words', ['guardians', 1], 'lawyer'], threshold: 2 })
    const by = (...names: string[]): string => {
      const event = drafted(before, recovery({ keys: names, threshold: 2 }))
      return codeAfter(before, signed(event, [...names, 'ann 9'], before))
    }
    expect(by('words', 'lawyer')).toBe('accepted')
    expect(by('words', 'guardians', 'lawyer')).toBe('accepted')
    expect(by('words')).toBe('controller/no-quorum')
    expect(by('words', 'ann 1')).toBe('reserve/not-committed')
    expect(by('words', 'words')).toBe('controller/duplicate-key')
  })

  test('undoes a thief who has the next keys too: only those who may recover change who they are', () => {
    const own = rotation({ keys: ['ann 2'] }, { keys: ['thief 2'] }, { keys: ['thief words'] })
    expect(codeAfter(begun, signed(drafted(begun, own), ['ann 2'], begun))).toBe(
      'key-log/recovery-changed',
    )
    const dropped = { ...own, recovery: undefined } as KeyChange
    expect(codeAfter(begun, signed(drafted(begun, dropped), ['ann 2'], begun))).toBe(
      'key-log/recovery-changed',
    )
    const kept = rotation({ keys: ['ann 2'] }, { keys: ['thief 2'] })
    const taken = after(begun, signed(drafted(begun, kept), ['ann 2'], begun))
    const back = drafted(taken, recovery({ keys: ['ann words'] }))
    const again = after(taken, signed(back, ['ann words', 'ann 9'], taken))
    const thief = rotation({ keys: ['thief 2'] }, { keys: ['x'] })
    expect(codeAfter(again, signed(drafted(again, thief), ['thief 2'], again))).toBe(
      'reserve/not-committed',
    )
  })

  test('can be named later where nobody was, by whoever rotates', () => {
    const before = recoveredBy(undefined)
    const change = rotation({ keys: ['k2'] }, { keys: ['k3'] }, { keys: ['words'] })
    expect(codeAfter(before, signed(drafted(before, change), ['k2'], before))).toBe('accepted')
  })

  test('is nobody’s where nobody was named', () => {
    const before = recoveredBy(undefined)
    const event = drafted(before, recovery({ keys: ['ann words'] }))
    expect(codeAfter(before, signed(event, ['ann words', 'ann 9'], before))).toBe(
      'key-log/wrong-change',
    )
  })
})

describe('a key has one use, once', () => {
  const rotates = (keys: string, next: string, before: KeyState): string => {
    const change = rotation({ keys: [keys] }, { keys: [next] })
    return codeAfter(before, signed(drafted(before, change), [keys], before))
  }
  const begins = (next: string, words: string): string => {
    const change = authority({
      keys: { keys: ['ann 1'] },
      next: { keys: [next] },
      recovery: { keys: [words] },
    })
    const event = drafted(undefined, { is: 'incept', ...change }, { add: [deviceOf('desk')] })
    return codeAfter(undefined, signed(event, ['ann 1'], undefined))
  }

  test('none that was shown is promised', () => {
    expect(rotates('ann 2', 'ann 3', begun)).toBe('accepted')
    for (const next of ['ann 1', 'ann 2', 'phone', 'ann words']) {
      expect(rotates('ann 2', next, begun)).toBe('key-log/key-reused')
    }
    expect(begins('ann 2', 'ann words')).toBe('accepted')
    for (const [next, words] of [
      ['ann 1', 'ann words'],
      ['desk', 'ann words'],
      ['ann 2', 'ann 1'],
      ['ann 2', 'ann 2'],
      ['ann 2', 'desk'],
    ] as const) {
      expect(begins(next, words)).toBe('key-log/key-reused')
    }
  })

  test('none that was in use, or is promised, is a device’s', () => {
    for (const key of ['ann 1', 'ann 2', 'ann words']) {
      const event = changing(begun, { add: [deviceOf('x', '', key)] }, 'ann 1')
      expect(codeAfter(begun, event)).toBe('key-log/key-reused')
    }
    const before = after(begun, changing(begun, { revoke: [idOf('phone')] }, 'ann 1'))
    expect(rotates('ann 2', 'phone', before)).toBe('key-log/key-reused')
  })

  test('none of those that recover is among the new keys', () => {
    const event = drafted(begun, recovery({ keys: ['ann words'] }, { keys: ['ann words'] }))
    expect(codeAfter(begun, signed(event, ['ann words', 'ann words'], begun))).not.toBe('accepted')
    const next = drafted(
      begun,
      recovery({ keys: ['ann words'] }, { keys: ['ann 9'] }, { keys: ['ann words'] }),
    )
    expect(codeAfter(begun, signed(next, ['ann words', 'ann 9'], begun))).toBe('key-log/key-reused')
  })

  test('the keys of an inception are its own, and of schemes that the suite takes for roots', () => {
    const event = drafted(undefined, {
      is: 'incept',
      keys: {
        keys: [{ scheme: 'ml-dsa-44', publicKey: new Uint8Array(1312), weight: 1 }],
        threshold: 1,
      },
      next: reserveOf('classic', controllerOf({ keys: ['n'] })),
      recovery: undefined,
    })
    expect(codeAfter(undefined, { event, signatures: [] })).toBe('controller/wrong-scheme')
  })
})

describe('B11: a device that was revoked', () => {
  test('is no device from the revoking event on, and was one before', () => {
    const revoked = after(begun, changing(begun, { revoke: [idOf('phone')] }, 'ann 1'))
    expect(isDeviceOf(begun, idOf('phone'))).toBe(true)
    expect(isDeviceOf(revoked, idOf('phone'))).toBe(false)
    expect(isDeviceOf(revoked, idOf('desk'))).toBe(true)
  })
})
