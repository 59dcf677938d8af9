import { existsSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleOf, dealFile, dealOf } from '../deal.ts'
import { fileFromBundle } from '../../../src/verify/bundle.ts'
import { createUser } from '../spawn.ts'

const user = createUser()
const at = (name: string): string => join(user.cwd, name)
const deal = dealFile(3)

beforeAll(() => writeFileSync(at('deal.tally'), deal))
afterAll(() => rmSync(join(user.home, '..'), { recursive: true }))

const flipped = (bytes: Uint8Array, place: number): Uint8Array => {
  const copy = bytes.slice()
  copy[place] = (copy[place] ?? 0) ^ 1
  return copy
}

describe('tally verify', () => {
  test('says first what holds, then the steps, who signed, and what it rests on', async () => {
    const { code, out, err } = await user.run('verify', 'deal.tally')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const lines = out.split('\n')
    expect(lines[0]).toMatch(/^valid /)
    expect(out).toMatch(/^ {2}1 {2}alice pays bob 1 TICK {2}final {2}cosigned by alice, bob$/m)
    expect(out.indexOf('This rests on')).toBeGreaterThan(out.indexOf('head: step 3'))
    expect(lines.at(-2)).toBe('next: tally verify deal.tally --known heads.json --remember')
  })

  test('writes nothing unless it is asked to', async () => {
    await user.run('verify', 'deal.tally')
    expect(existsSync(user.home)).toBe(false)
  })

  test('names step and party when a byte is another', async () => {
    const found: string[] = []
    // In a signature, in what is done, in the header of the last step.
    for (const back of [40, 200, 340]) {
      writeFileSync(at('bad.tally'), flipped(deal, deal.length - 1 - back))
      const { code, out } = await user.run('verify', 'bad.tally')
      expect(code).toBe(1)
      expect(out.split('\n')[0]).toMatch(/^invalid /)
      found.push(/^ +step +(.*)$/m.exec(out)?.[1] ?? '', /^ +party +(\w+)/m.exec(out)?.[1] ?? '')
    }
    expect(found).toEqual(['3', 'alice', '3', 'alice', '3', 'alice'])
  })

  test('ends with 2 where something is missing', async () => {
    const bundle = bundleOf(dealOf(2))
    writeFileSync(at('part.tally'), fileFromBundle({ ...bundle, charters: [] }))
    const { code, out } = await user.run('verify', 'part.tally')
    expect(code).toBe(2)
    expect(out).toMatch(/^incomplete /)
  })

  test('refuses a huge file by its size, what is no file of ours, and a folder', async () => {
    writeFileSync(at('huge.tally'), '')
    truncateSync(at('huge.tally'), 100_000_000)
    const huge = await user.run('verify', 'huge.tally')
    expect(huge).toMatchObject({ code: 1, out: '' })
    expect(huge.err).toContain('file/too-large')
    writeFileSync(at('text.tally'), 'hello, this is a text')
    expect((await user.run('verify', 'text.tally')).err).toContain('file/not-tally')
    expect((await user.run('verify', '.')).code).toBe(3)
    expect((await user.run('verify', 'nothing.tally')).code).toBe(3)
  })

  test('refuses an older file once the newer one was remembered', async () => {
    const seen = await user.run('verify', 'deal.tally', '--known', 'heads.json', '--remember')
    expect(seen.code).toBe(0)
    writeFileSync(at('old.tally'), dealFile(2))
    expect((await user.run('verify', 'old.tally')).code).toBe(0)
    const stale = await user.run('verify', 'old.tally', '--known', 'heads.json')
    expect(stale.code).toBe(1)
    expect(stale.out).toContain('bundle/stale')
    expect(stale.out).toMatch(/^ +step +3$/m)
    expect((await user.run('verify', 'deal.tally', '--known', 'heads.json')).code).toBe(0)
    expect((await user.run('verify', 'deal.tally', '--known', 'absent.json')).code).toBe(3)
    expect((await user.run('verify', 'deal.tally', '--remember')).code).toBe(3)
  })

  test('gives programs the whole report', async () => {
    const { out } = await user.run('verify', 'deal.tally', '--json')
    const { report } = JSON.parse(out) as { report: Record<string, unknown> }
    expect(report).toMatchObject({ outcome: 'valid', bytes: deal.length, faults: [] })
  })

  test('shows the first and the last of many steps, and all when asked', async () => {
    writeFileSync(at('long.tally'), dealFile(40))
    const { out } = await user.run('verify', 'long.tally')
    expect(out).toContain('… 25 more')
    expect(out).not.toMatch(/^ +20 {2}/m)
    expect((await user.run('verify', 'long.tally', '--all')).out).toMatch(/^ +20 {2}/m)
  })
}, 60_000)
