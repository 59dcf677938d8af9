/** Relays that ask who is there, and relays that say what they do not take: the real command against both. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import jsqr from 'jsqr'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkNostrEvent, type NostrEvent } from 'tallystick/nostr'
import { type Ended, tally } from '../commands/spawn.ts'
import { COUNTER, KEEPERS } from '../custodian/scene.ts'
import { engine } from '../relay/people.ts'
import { misbehave, type Proxy } from '../relay/proxy.ts'
import { startTestRelay, type TestRelay } from '../relay/test-relay.ts'

const cwd = mkdtempSync(join(tmpdir(), 'tallystick-relays-'))
const keyed = ['--passphrase-file', 'passphrase'] as const
const closing: (TestRelay | Proxy)[] = []
const custodians = KEEPERS.flatMap(({ key }, at) => ['--custodian', `keeper${at}=${key}`])

const run = (...args: readonly string[]): Promise<Ended> =>
  tally({ cwd, home: join(cwd, 'home') }, ...args)
const begin = (
  dir: string,
  relays: readonly string[],
  ...more: readonly string[]
): Promise<Ended> =>
  run(
    'new',
    '--definition',
    'counter.json',
    ...custodians,
    ...relays.flatMap((one) => ['--relay', one]),
    '--dir',
    dir,
    ...keyed,
    ...more,
  )

beforeAll(async () => {
  writeFileSync(join(cwd, 'passphrase'), 'a long enough passphrase', { mode: 0o600 })
  writeFileSync(join(cwd, 'counter.json'), COUNTER)
  const made = await run('id', 'new', '--name', 'alice', '--suite', 'nostr', ...keyed)
  expect(made.code, made.err).toBe(0)
}, 120_000)

afterAll(async () => {
  for (const one of closing.reverse()) await one.close()
  rmSync(cwd, { recursive: true, force: true })
})

describe('a machine is begun', { timeout: 180_000 }, () => {
  test('at a relay that asks for a login, which gets one by the key that signs the definition', async () => {
    const relay = await startTestRelay()
    const logins: NostrEvent[] = []
    const strict = await misbehave(relay, {
      onConnect: (by) => by.toClient(['AUTH', 'who is there']),
      fromClient: (message, by) => {
        const event = message[1] as NostrEvent
        if (message[0] === 'AUTH') {
          if (!checkNostrEvent(event, engine)) logins.push(event)
          by.toClient(['OK', event.id, true, ''])
          return []
        }
        if (logins.length > 0) return [message]
        const why = 'auth-required: who are you'
        by.toClient(message[0] === 'EVENT' ? ['OK', event.id, false, why] : ['CLOSED', event, why])
        return []
      },
    })
    closing.push(relay, strict)
    const made = await begin('strict', [strict.url], '--json')
    expect(made.code, made.err).toBe(0)
    const { definition } = JSON.parse(made.out) as { readonly definition: string }
    const stored = relay.events.get(definition)
    expect(logins.map((one) => [one.kind, one.pubkey])).toContainEqual([22_242, stored?.pubkey])
    expect(logins[0]?.tags).toContainEqual(['challenge', 'who is there'])
  })

  test('at none that says it takes no event of that size, and at the others of several', async () => {
    const small = await startTestRelay({ info: { limitation: { max_content_length: 40 } } })
    const large = await startTestRelay({ info: { limitation: { max_content_length: 65_536 } } })
    closing.push(small, large)
    const refused = await begin('small', [small.url])
    expect(refused.code).toBe(3)
    expect(refused.err).toContain('none of the relays would take this definition')
    expect(refused.out).toContain('too large')
    expect(small.events.size).toBe(0)
    const made = await begin('both', [small.url, large.url])
    expect(made.code, made.err).toBe(0)
    expect(large.events.size).toBe(1)
  })

  test('with its invitation as a code that another program reads', async () => {
    const relay = await startTestRelay()
    closing.push(relay)
    const made = await begin('coded', [relay.url], '--json', '--qr', 'codes')
    expect(made.code, made.err).toBe(0)
    const { link } = JSON.parse(made.out) as { readonly link: string }
    const file = readdirSync(join(cwd, 'codes')).find((one) => one.endsWith('.png')) ?? ''
    const { data, width, height } = PNG.sync.read(readFileSync(join(cwd, 'codes', file)))
    expect(jsqr.default(new Uint8ClampedArray(data), width, height)?.data).toBe(link)
  })
})
