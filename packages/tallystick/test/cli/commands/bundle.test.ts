import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleFromFile } from '../../../src/verify/bundle.ts'
import { dealFile } from '../deal.ts'
import { createUser } from '../spawn.ts'

const user = createUser()
const at = (name: string): string => join(user.cwd, name)
const read = (name: string): string => readFileSync(at(name)).toString('latin1')

beforeAll(async () => {
  const told = await user.run('demo', 'supply', '--suite', 'classic', '--whole', 'lot.tally')
  expect(told.code).toBe(0)
})
afterAll(() => rmSync(join(user.home, '..'), { recursive: true }))

describe('tally bundle FILE', () => {
  test('leaves out the values of a field, and says how many', async () => {
    const { code, out } = await user.run(
      'bundle',
      'lot.tally',
      '--for',
      'auditor',
      '--hide',
      'price',
    )
    expect(code).toBe(0)
    expect(out).toMatch(/values +6 shown +5 withheld \(price\)/)
    expect(out).toContain('next: tally verify lot-auditor.tally --require "no field price"')
    expect(read('lot-auditor.tally')).not.toContain('EUR/kg')
    expect(read('lot.tally')).toContain('EUR/kg')
    const checked = await user.run('verify', 'lot-auditor.tally', '--require', 'no field price')
    expect(checked.code).toBe(0)
  })

  test('shows a range of steps, and of the others headers that are not run', async () => {
    const wrote = await user.run('bundle', 'lot.tally', '--steps', '6..7', '-o', 'part.tally')
    expect(wrote.out).toMatch(/steps +2 shown +7 withheld/)
    const { code, out } = await user.run('verify', 'part.tally')
    expect(code).toBe(2)
    expect(out).toMatch(/^ {2}1 {2}withheld +vouched for, not run/m)
    expect(out).toMatch(/released by 2 of .* run, on a state that is vouched for/)
    expect(out).not.toContain('Huelva')
    const demands = (...words: readonly string[]) =>
      user.run('verify', 'part.tally', ...words.flatMap((one) => ['--require', one]))
    expect((await demands('every custody change: 2 parties')).out).toMatch(/ open +step 1 of /)
    expect((await demands('every shown custody change: 2 parties')).out).toMatch(/ yes +1 custody/)
    expect((await demands('field origin: shown')).code).toBe(2)
    expect((await demands('release: 3 of 3')).code).toBe(1)
  })

  test('shows one machine, and of others what it rests on', async () => {
    const { charters } = bundleFromFile(readFileSync(at('lot.tally')))
    expect(charters).toHaveLength(2)
    const { out } = await user.run('verify', 'lot.tally', '--json')
    const { report } = JSON.parse(out) as { report: { machines: { id: string; name: string }[] } }
    const road = report.machines.find((one) => one.name === 'carrier–port')?.id ?? ''
    const wrote = await user.run(
      'bundle',
      'lot.tally',
      '--machine',
      road.slice(0, 8),
      '-o',
      'road.tally',
    )
    expect(wrote.out).toMatch(/steps +1 shown +none withheld/)
    expect((await user.run('verify', 'road.tally')).code).toBe(0)
    expect(read('road.tally')).not.toContain('insurer')
    const lot = report.machines.find((one) => one.name !== 'carrier–port')?.id ?? ''
    await user.run('bundle', 'lot.tally', '--machine', lot, '-o', 'only.tally')
    const checked = await user.run('verify', 'only.tally')
    expect(checked.code).toBe(2)
    expect(checked.out).toMatch(/carrier–port[^]*1 {2}withheld {2}vouched for, not run/)
  })

  test.each([
    [['--hide', 'prices'], 'there is no field "prices"'],
    [['--steps', '7..3'], '"7..3" is no range of steps'],
    [['--steps', 'all'], '"all" is no range of steps'],
    [['--machine', 'beef'], '"beef" is no machine of the file'],
    [['--for', '../x', '--hide', 'price'], 'no word for a file’s name'],
    [[], 'is a bundle already'],
    [['--hide', 'price', '--dir', '.'], 'not a file'],
  ])('refuses %j as wrong usage, and writes nothing', async (options, says) => {
    const { code, err } = await user.run('bundle', 'lot.tally', ...options, '-o', 'none.tally')
    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining(says) as string })
    expect(existsSync(at('none.tally'))).toBe(false)
  })

  test('cuts nothing twice, and nothing that is false', async () => {
    const again = await user.run('bundle', 'part.tally', '--steps', '6', '-o', 'none.tally')
    expect(again).toMatchObject({ code: 1 })
    expect(again.err).toContain('scope/withheld-already')
    const file = dealFile(3)
    file[file.length - 40] = (file[file.length - 40] ?? 0) ^ 1
    writeFileSync(at('bad.tally'), file)
    expect((await user.run('bundle', 'bad.tally', '--steps', '1', '-o', 'none.tally')).code).toBe(1)
    expect(existsSync(at('none.tally'))).toBe(false)
  })
}, 120_000)
