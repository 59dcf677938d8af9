import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createUser } from '../spawn.ts'

const user = createUser()
afterAll(() => rmSync(join(user.home, '..'), { recursive: true }))

describe('tally doctor', () => {
  test('says what works here and how fast, and that nothing has to be fixed', async () => {
    const { code, out, err } = await user.run('doctor')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    for (const what of ['runtime', 'ml-dsa-44', 'hashes', 'passphrases', 'disk', 'terminal']) {
      expect(out).toMatch(new RegExp(`^ +${what} +(ok|slow) +\\S`, 'm'))
    }
    expect(out).toMatch(/^next: /m)
  })
}, 60_000)
