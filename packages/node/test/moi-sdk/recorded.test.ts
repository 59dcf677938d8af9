/** What MOI's client sends: kept as files, so that what reads it can be tested without it. `TALLYSTICK_RECORD=1` writes them anew. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recordAll } from './record.ts'

const fileOf = (name: string): string => join(import.meta.dirname, 'recorded', `${name}.json`)

test('MOI’s client sends what is recorded', async () => {
  for (const [name, calls] of await recordAll()) {
    if (process.env['TALLYSTICK_RECORD'] === '1') {
      writeFileSync(fileOf(name), `${JSON.stringify(calls, undefined, 2)}\n`)
    }
    const kept: unknown = JSON.parse(readFileSync(fileOf(name), 'utf8'))
    expect(calls).toEqual(kept)
    expect(calls.filter(({ failed }) => failed !== undefined)).toEqual([])
  }
})
