/** An outsider's script, in a process of its own, beside four custodians. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { engine } from '../relay/people.ts'
import { COUNTER, defineMachine, keeperClient, KEEPERS, startKeeper, wishFor } from './scene.ts'

const SCRIPT = join(import.meta.dirname, 'outsider.ts')

type Told = {
  readonly refused: { readonly code: string }
  readonly accepted: { readonly input: string; readonly header: string; readonly receipts: number }
}

test('the script uses a public library alone', () => {
  const imports = [...readFileSync(SCRIPT, 'utf8').matchAll(/(?:from|import\() ?'([^']+)'/g)]
  expect(imports.map(([, name]) => name)).toEqual(['nostr-tools/pure', 'nostr-tools/relay'])
})

test(
  'an outsider is refused with a code, and certified once the input is changed',
  { timeout: 60_000 },
  async () => {
    const relay = await startLocalRelay(engine)
    const relays = [relay.url]
    const client = keeperClient()
    const defined = defineMachine(wishFor(COUNTER, relays))
    await client.publish(relays, defined.event)
    const keepers = await Promise.all(KEEPERS.map((one) => startKeeper(defined, one, relays)))
    const { stdout } = await promisify(execFile)(process.execPath, [
      SCRIPT,
      relay.url,
      defined.definition.id,
    ])
    const told = JSON.parse(stdout) as Told
    expect(told.refused.code).toBe('GUARD_FAILED')
    expect(told.accepted.receipts).toBeGreaterThanOrEqual(3)
    for (const one of keepers) {
      await expect
        .poll(() => one.state().member.followed.machine.headId, { timeout: 20_000 })
        .toBe(told.accepted.header)
      await one.stop()
    }
    client.close()
    await relay.close()
  },
)
