import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../../../src/base/bytes.ts'
import { PISA_EVENTS_MAX } from '../../../../../src/base/limits.ts'
import { type CallOutcome } from '../../../../../src/dialects/moi/pisa/host.ts'
import { readDocument } from '../../../../../src/dialects/moi/polo/document.ts'
import { topicOfName, topicOfValue } from '../../../../../src/dialects/moi/topic.ts'
import {
  ALICE,
  fieldsOf,
  id,
  literalAt,
  LOGIC,
  outputsOf,
  readId,
  readText,
  readUint,
  runSketch,
  sound,
  text,
  uint,
} from '../world.ts'

const event = {
  ptr: 1,
  deps: undefined,
  kind: 'event' as const,
  data: {
    name: 'Moved',
    topics: 2,
    fields: fieldsOf('from identifier', 'amount u64', 'note string'),
  },
}
const eventsOf = (outcome: CallOutcome) => {
  if (outcome.is !== 'ok') throw new Error(outcome.is)
  return outcome.events
}

describe('an event', () => {
  const asm = [
    'CARGS $0',
    'ORIGIN $1',
    'SETFLD $0 &0 $1',
    'PMAKE $2 &5',
    'INCR $2',
    'SETFLD $0 &1 $2',
    'LDPTR1 $3 0x1',
    'EVMAKE $0 $3 $0',
    'EMIT $1 $0',
  ]

  test('has its name and searched fields as topics, and all fields as data', () => {
    const [emitted] = eventsOf(runSketch({ asm }, {}, event))
    expect(hexFromBytes(emitted?.account ?? new Uint8Array())).toBe(ALICE)
    expect(emitted?.topics).toEqual([
      topicOfName('Moved'),
      topicOfValue(id(ALICE)),
      topicOfValue(uint(1)),
    ])
    const data = sound(readDocument(emitted?.data ?? new Uint8Array()))
    expect([...data.keys()]).toEqual(['amount', 'from', 'note'])
    expect([
      readId(data.get('from')),
      readUint(data.get('amount')),
      readText(data.get('note')),
    ]).toEqual([ALICE, 1n, ''])
  })

  test('may have fields of its types alone', () => {
    expect(runSketch({ asm: asm.with(2, 'SETFLD $0 &2 $1') }, {}, event).is).toBe('defect')
    expect(runSketch({ asm: asm.with(2, 'SETFLD $0 &3 $1') }, {}, event).is).toBe('defect')
  })

  test('is forgotten when the run does not end well', () => {
    expect('events' in runSketch({ asm: [...asm, 'THROW $1'] }, {}, event)).toBe(false)
  })

  test('can be a log of a text', () => {
    const log = ['PMAKE $0 &3', 'EVENT $0 $0', 'LOGIC $1', 'EMIT $1 $0']
    const [emitted] = eventsOf(runSketch({ asm: log }))
    expect(hexFromBytes(emitted?.account ?? new Uint8Array())).toBe(LOGIC)
    expect(emitted?.topics).toEqual([topicOfName('builtin.Log')])
    expect(readText(sound(readDocument(emitted?.data ?? new Uint8Array())).get('value'))).toBe('')
  })

  test('is one of so many', () => {
    const loop = (times: bigint) =>
      runSketch(
        {
          accepts: ['n u64'],
          asm: [
            'PMAKE $0 &3',
            'EVENT $0 $0',
            'LOGIC $1',
            'PMAKE $2 &5',
            'OBTAIN $3 &0',
            'DEST',
            'EMIT $1 $0',
            'INCR $2',
            'LT $4 $2 $3',
            'LDPTR1 $5 0x5',
            'JUMPI $5 $4',
          ],
        },
        { n: uint(times) },
      )
    expect(eventsOf(loop(BigInt(PISA_EVENTS_MAX))).length).toBe(PISA_EVENTS_MAX)
    expect(loop(BigInt(PISA_EVENTS_MAX) + 1n).is).toBe('defect')
  })
})

describe('what is made', () => {
  test('of a literal is its value, and no other element is one', () => {
    const of = { returns: ['out string'], asm: ['LDPTR1 $0 0x1', 'LMAKE $0 $0', 'YIELD $0 &0'] }
    expect(
      readText(outputsOf(runSketch(of, {}, literalAt(1, 'string', text('hi')))).get('out')),
    ).toBe('hi')
    expect(runSketch(of, {}, event).is).toBe('defect')
    expect(runSketch(of).is).toBe('defect')
  })

  test('of a wide pointer is the element beyond the first 256', () => {
    const of = { returns: ['out string'], asm: ['LDPTR2 $0 0x101', 'LMAKE $0 $0', 'YIELD $0 &0'] }
    expect(
      readText(outputsOf(runSketch(of, {}, literalAt(0x101, 'string', text('far')))).get('out')),
    ).toBe('far')
  })

  test('by copying shares nothing with what it was copied from', () => {
    const asm = [
      'OBTAIN $0 &0',
      'COPY $1 $0',
      'PMAKE $2 &5',
      'APPEND $1 $2',
      'SIZE $3 $0',
      'YIELD $3 &0',
    ]
    expect(
      readUint(
        outputsOf(runSketch({ accepts: ['a []u64'], returns: ['out u64'], asm })).get('out'),
      ),
    ).toBe(0n)
    const shared = asm.with(1, 'OBTAIN $1 &0')
    expect(
      readUint(
        outputsOf(
          runSketch(
            { accepts: ['a []u64'], returns: ['out u64'], asm: shared },
            { a: Uint8Array.of(14, 15) },
          ),
        ).get('out'),
      ),
    ).toBe(1n)
  })

  test('of the run are its sender, its logic, its caller and its time', () => {
    const ask = (line: string) =>
      readId(
        outputsOf(
          runSketch({ returns: ['out identifier'], asm: [line, 'ID $0 $0', 'YIELD $0 &0'] }),
        ).get('out'),
      )
    expect([ask('ORIGIN $0'), ask('LOGIC $0'), ask('CALLER $0')]).toEqual([ALICE, LOGIC, ALICE])
    const time = { returns: ['out u64'], asm: ['TIMESTAMP $0', 'YIELD $0 &0'] }
    expect(readUint(outputsOf(runSketch(time)).get('out'))).toBe(0n)
  })
})
