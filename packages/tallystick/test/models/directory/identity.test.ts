import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { keyEventId, type SignedKeyEvent } from '../../../src/kernel/key-event.ts'
import { judgeKeyHead, keyHeadFrom, keyReceiptMessage } from '../../../src/kernel/key-head.ts'
import { evenQuorum } from '../../../src/kernel/quorum.ts'
import {
  gatherKeyLog,
  judgeKeyEvent,
  keptKeyEvents,
  type KeptKeyEvent,
  keyAnswer,
  keyEventKey,
  type ShownLog,
} from '../../../src/models/directory/identity.ts'
import { createIdentities } from '../../kernel/identity-sample.ts'
import { anId, engine, person, signerFrom } from '../../kernel/sample.ts'

const { after, authority, changing, deviceOf, drafted, inception, signed, stateOf } =
  createIdentities(engine)
const operators = ['oda', 'ove', 'oki', 'olga'].map(person)
const quorum = evenQuorum(operators.map(signerFrom), { threshold: 3, faulty: 1 })

const first = inception('ann', deviceOf('phone'))
const begun = stateOf([first])
const rotation = signed(
  drafted(begun, {
    is: 'rotate',
    ...authority({
      keys: { keys: ['ann 2'] },
      next: { keys: ['ann 3'] },
      recovery: { keys: ['ann words'] },
    }),
  }),
  ['ann 2'],
  begun,
)
const rotated = after(begun, rotation)
const third = changing(rotated, { add: [deviceOf('desk')] }, 'ann 2')
const thiefs = changing(begun, { add: [deviceOf('thief')] }, 'ann 1')

const keptBy = (operator: number, of: SignedKeyEvent, by = operator): KeptKeyEvent => ({
  signed: of,
  stamp: {
    time: BigInt(operator),
    signature: engine.sign(
      'ed25519',
      operators[by]?.keys.secret ?? new Uint8Array(32),
      keyReceiptMessage('classic', keyHeadFrom(of), BigInt(operator)),
    ),
  },
})
const shows = (operator: number, ...log: readonly SignedKeyEvent[]): ShownLog => ({
  operator,
  kept: log.map((one) => keptBy(operator, one)),
})
const gathered = (...shown: readonly ShownLog[]): string => {
  const found = gatherKeyLog(shown, quorum, engine)
  return found.is === 'none' ? 'none' : `${found.log.length} and ${found.pending.length}`
}

describe('an operator', () => {
  const codeOf = (...args: Parameters<typeof judgeKeyEvent>): string => {
    const state = judgeKeyEvent(...args)
    return isFault(state) ? state.code : 'kept'
  }

  test('keeps what follows its head and nothing else', () => {
    expect(codeOf(undefined, first, engine)).toBe('kept')
    expect(codeOf(begun, rotation, engine)).toBe('kept')
    expect(codeOf(begun, third, engine)).toBe('identity/not-next')
    expect(codeOf(undefined, rotation, engine)).toBe('identity/not-next')
    expect(codeOf(rotated, rotation, engine)).toBe('key-log/wrong-sequence')
  })

  test('keeps nothing of a thief after a rotation', () => {
    expect(codeOf(begun, thiefs, engine)).toBe('kept')
    expect(codeOf(rotated, thiefs, engine)).toBe('key-log/wrong-sequence')
    const later = changing(rotated, { add: [deviceOf('thief')] }, 'ann 1')
    expect(codeOf(rotated, later, engine)).toBe('key-log/bad-signature')
  })

  test('files an event under identity and number, so that numbers sort', () => {
    const keys = [0, 1, 255, 256, 65_536].map((at) => keyEventKey(begun.identity, at))
    expect(keys.every((one) => one.length === 36)).toBe(true)
    expect([...keys].sort((a, b) => Buffer.compare(a, b))).toEqual(keys)
    expect(keyEventKey(anId('other'), 0)).not.toEqual(keys[0])
  })

  test('answers in bytes that are read back', () => {
    const kept = keptBy(0, rotation)
    expect(keptKeyEvents.decode(keptKeyEvents.encode([keptBy(0, first), kept]))).toHaveLength(2)
    for (const answer of [
      { is: 'kept', stamp: kept.stamp },
      { is: 'taken', by: kept },
    ] as const) {
      expect(keyAnswer.decode(keyAnswer.encode(answer))).toEqual(answer)
    }
  })
})

describe('a log that operators show', () => {
  test('is known as far as a quorum vouches for it, with its certificate', () => {
    const found = gatherKeyLog(
      [shows(0, first, rotation, third), shows(1, first, rotation), shows(3, first, rotation)],
      quorum,
      engine,
    )
    if (found.is === 'none') throw new Error('there is a log')
    expect(found.log).toEqual([first, rotation])
    expect(found.pending).toEqual([third])
    expect(found.state).toEqual(rotated)
    expect(judgeKeyHead(found.certified, quorum, engine)).toEqual({ time: 1n })
    expect(found.certified.head.event).toBe(keyEventId(rotation.event))
  })

  test('is not known where too few vouch for it', () => {
    expect(gathered(shows(0, first), shows(1, first))).toBe('none')
    expect(gathered()).toBe('none')
    expect(gathered(shows(0, first), shows(0, first), shows(0, first))).toBe('none')
  })

  test('is neither cut short nor led astray by one liar, whichever it is', () => {
    const honest = [0, 1, 2, 3].map((at) => shows(at, first, rotation))
    for (let liar = 0; liar < 4; liar++) {
      for (const lie of [shows(liar), shows(liar, first), shows(liar, first, thiefs)]) {
        const shown = honest.map((one) => (one.operator === liar ? lie : one))
        expect(gathered(...shown)).toBe('2 and 0')
      }
    }
  })

  test('does not count a receipt that its operator has not signed', () => {
    const foreign = { operator: 2, kept: [keptBy(2, first, 1)] }
    expect(gathered(shows(0, first), shows(1, first), foreign)).toBe('none')
    expect(gathered(shows(0, first), shows(1, first), shows(2, first))).toBe('1 and 0')
  })

  test('leaves out events that the log’s rules refuse, whoever shows them', () => {
    const forged = changing(rotated, { add: [deviceOf('thief')] }, 'ann 1')
    const all = [0, 1, 2, 3].map((at) => shows(at, first, rotation, forged))
    expect(gathered(...all)).toBe('2 and 0')
  })
})
