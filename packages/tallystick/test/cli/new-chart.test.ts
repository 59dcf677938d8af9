import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type ChartOptions, chartTerms, readChart } from '../../src/cli/new-chart.ts'
import { createOutput } from '../../src/cli/print.ts'
import { type StatechartParams, statechartParams } from '../../src/logic/statechart/params.ts'
import { COUNTER, VOTE } from '../logic/statechart/chart-machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'tallystick-chart-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (text: string | Uint8Array): string => {
  const path = join(folder, 'chart.json')
  writeFileSync(path, text)
  return path
}
const OPTIONS = { role: ['player=alice,bob'], skew: '60' } as const
const NAMES = ['alice', 'bob']

const paramsFrom = (definition: unknown, options: Partial<ChartOptions> = {}): StatechartParams => {
  const text = JSON.stringify(definition)
  const chart = readChart(createOutput({ json: true }), {
    ...OPTIONS,
    ...options,
    definition: file(text),
  })
  if (!chart) throw new Error('it is refused')
  return statechartParams.decode(chartTerms(chart, NAMES, 1000n).params)
}
const usageOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
  return 'none'
}

describe('a definition’s file', () => {
  test('goes into the charter as it is', () => {
    const params = paramsFrom(COUNTER)
    expect(params.definition).toBe(JSON.stringify(COUNTER))
    expect(params).toMatchObject({
      creator: 'alice',
      roles: [{ role: 'player', senders: ['alice', 'bob'] }],
      clock: { is: 'none' },
      startsAt: 0n,
    })
  })

  test('that looks at the time gets a clock, unless the user wants none', () => {
    const waits = {
      ...(VOTE as object),
      states: { open: { after: { 5: 'over' } }, over: {} },
      meta: {},
    }
    const clock = { is: 'agreed', skewMs: 60_000 }
    expect(paramsFrom(waits)).toMatchObject({ clock, startsAt: 1000n })
    expect(paramsFrom(COUNTER, { clock: 'agreed' })).toMatchObject({ clock, startsAt: 1000n })
    expect(paramsFrom(waits, { clock: 'none' })).toMatchObject({ clock: { is: 'none' } })
  })

  test('is refused with options that fit nobody', () => {
    expect(usageOf(() => paramsFrom(COUNTER, { role: ['player=alice'] }))).toBe('none')
    expect(usageOf(() => paramsFrom(COUNTER, { role: ['player=eve'] }))).toContain('names nobody')
    expect(usageOf(() => paramsFrom(COUNTER, { role: ['player'] }))).toContain('names nobody')
    expect(usageOf(() => paramsFrom(COUNTER, { clock: 'sundial' }))).toContain('--clock')
    expect(usageOf(() => paramsFrom(COUNTER, { skew: '0' }))).toContain('--skew')
    expect(usageOf(() => paramsFrom(COUNTER, { skew: '86401' }))).toContain('--skew')
  })

  test('that is no definition is refused whole', () => {
    const output = createOutput({ json: true })
    expect(readChart(output, { ...OPTIONS, definition: file('{"initial":1}') })).toBeUndefined()
    expect(readChart(output, { ...OPTIONS, definition: file('not JSON') })).toBeUndefined()
    const bytes = file(Uint8Array.of(0xff, 0xfe))
    expect(usageOf(() => readChart(output, { ...OPTIONS, definition: bytes }))).toContain('no text')
  })

  test('is refused where nobody has any of the roles that it looks at, and warns of some', () => {
    const inRole = (role: string) => ({
      type: 'expr',
      params: { cel: `event.sender in machine.roles.${role}` },
    })
    const chart = (...roles: readonly string[]) => ({
      initial: 'open',
      states: { open: { on: { GO: roles.map((one) => ({ guard: inRole(one) })) } } },
    })
    const said = usageOf(() => paramsFrom(chart('player'), { role: [] }))
    expect(said).toContain('"player", and nobody has')
    const warned: string[] = []
    const warnings = (definition: object): string => {
      warned.length = 0
      const output = createOutput({ json: true })
      const line = (text: unknown): void => void warned.push(String(text))
      readChart({ ...output, line }, { ...OPTIONS, definition: file(JSON.stringify(definition)) })
      return warned.join('\n')
    }
    expect(warnings(chart('player', 'arbiter'))).toContain('--role arbiter=ann,bob')
    expect(warnings(chart('player', 'arbiter'))).not.toContain('--role player')
    expect(warnings(chart('player'))).not.toContain('--role')
  })
})
