/** The help of the command line. */
import { describe, expect, test } from 'vitest'
import { createUser } from './spawn.ts'

const { run } = createUser()

describe('the help of tally', () => {
  test('has a line for each command of both packages', async () => {
    const { out } = await run('--help')
    const listed = [...out.matchAll(/^ {2}([a-z-]+) {3,}\S/gm)].map(([, name]) => name)
    expect(listed).toEqual(expect.arrayContaining(['demo', 'verify', 'doctor', 'account', 'watch']))
    expect(out).not.toMatch(/^ {2}[a-z-]+$/m)
  })

  test.each(['verify', 'new', 'account'])(
    'for %s is the same before the command and behind it',
    async (name) => {
      const behind = await run(name, '--help')
      expect(behind.out).toMatch(/Usage: tally .*\[options\]/)
      expect(await run('help', name)).toEqual(behind)
    },
  )

  test('says of a command that is none what was meant', async () => {
    const { code, err } = await run('verfy')
    expect(code).toBe(3)
    expect(err).toContain('Did you mean verify?')
  })
})
