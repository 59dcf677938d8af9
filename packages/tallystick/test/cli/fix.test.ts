import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fixOf } from '../../src/cli/fix.ts'

const page = readFileSync(join(import.meta.dirname, '../../../../docs/faults.md'), 'utf8')
const codes = [...page.matchAll(/^### ([a-z0-9-]+)\/([a-z0-9-]+)$/gm)].map(
  ([, noun, what]): `${string}/${string}` => `${noun ?? ''}/${what ?? ''}`,
)

describe('a fix', () => {
  test('is at hand for every fault that a user of the command can run into', () => {
    const nouns = ['identity', 'keystore', 'file', 'card', 'invite', 'message', 'wish', 'withdraw']
    const more = ['offer', 'ledger', 'amount', 'vault', 'party', 'desk', 'journal', 'picture']
    const general = fixOf('nothing/known')
    const without = codes.filter(
      (code) => [...nouns, ...more].includes(code.split('/')[0] ?? '') && fixOf(code) === general,
    )
    expect(codes.length).toBeGreaterThan(100)
    expect(without).toEqual([])
  })

  test('of one fault is not hidden by that of a shorter name', () => {
    expect(fixOf('identity/unknown-device')).toContain('devices')
    expect(fixOf('identity/unknown')).toContain('tally id new')
    expect(fixOf('keystore/wrong-passphrase')).not.toBe(fixOf('keystore/damaged'))
  })

  test('of an expression that finds nobody in a role names the option that fills it', () => {
    const code = 'statechart/expression-error'
    expect(fixOf(code, 'at 30: no machine.roles.player here; ask')).toContain('--role')
    expect(fixOf(code, 'at 30: no event.data.roles here; ask')).toContain('--data')
  })
})
