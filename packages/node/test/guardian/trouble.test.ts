/** What the log says of a store that takes nothing. */
import { describe, expect, test } from 'vitest'
import { createTrouble } from '../../src/guardian/trouble.ts'
import type { LogFields } from '../../src/server/log.ts'
import { storeError } from '../../src/store/errors.ts'

const full = storeError('store/full', 'no room')

const watched = () => {
  let nowMs = 5000
  const lines: [string, string, LogFields | undefined][] = []
  const trouble = createTrouble({
    log: (level, event, fields) => lines.push([level, event, fields]),
    clockMs: () => nowMs,
  })
  const pass = (ms: number): void => {
    nowMs += ms
  }
  return { trouble, lines, pass }
}

describe('A store that takes nothing', () => {
  test('is told of when it begins, once a minute, and when it is over', () => {
    const { trouble, lines, pass } = watched()
    for (let second = 0; second < 150; second++) {
      trouble.onTrouble(full, second === 0)
      pass(1000)
    }
    expect(lines.map(([, event, fields]) => [event, fields?.['seconds']])).toEqual([
      ['waiting for the store', undefined],
      ['waiting for the store', 60],
      ['waiting for the store', 120],
    ])
    expect(lines[0]?.[2]).toMatchObject({ message: 'no room' })
    trouble.onOver?.(true)
    expect(lines.slice(3)).toEqual([
      ['info', 'the store takes again what is written', { seconds: 150 }],
    ])
  })

  test('is one trouble for all who wait for it', () => {
    const { trouble, lines } = watched()
    trouble.onTrouble(full, true)
    trouble.onTrouble(full, true)
    trouble.onTrouble(full, false)
    trouble.onOver?.(true)
    expect(lines).toHaveLength(1)
    trouble.onOver?.(true)
    expect(lines).toHaveLength(2)
  })

  test('is not told to be over when whoever waits gives up, and begins anew after it', () => {
    const { trouble, lines } = watched()
    trouble.onTrouble(full, true)
    trouble.onOver?.(false)
    expect(lines).toHaveLength(1)
    trouble.onTrouble(full, true)
    expect(lines.map(([, event]) => event)).toEqual([
      'waiting for the store',
      'waiting for the store',
    ])
  })
})
