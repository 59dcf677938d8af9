import { afterEach, describe, expect, test, vi } from 'vitest'
import { createOutput } from 'tallystick/command'
import { checkAt } from '../../src/commands/relay-check.ts'
import { checkRelay, type RelayCheck } from '../../src/relay/check.ts'
import { alice, engine } from './people.ts'
import { misbehave } from './proxy.ts'
import { startTestRelay, type TestRelay } from './test-relay.ts'

// Every answer is a signature or several; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

const open: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})
const start = async (): Promise<TestRelay> => {
  const relay = await startTestRelay({ clamp: 22, info: { name: 'good', supported_nips: [1, 9] } })
  open.push(relay.close)
  return relay
}
const check = async (url: string, handOnMs = 8_000): Promise<RelayCheck> =>
  checkRelay(url, {
    verifier: engine,
    signer: alice,
    silenceMs: 4_000,
    handOnMs,
    now: Date.now,
    machine: 'c0'.repeat(32),
  })
const lacksOf = (found: RelayCheck): readonly string[] =>
  found.needs.filter((one) => one.outcome === 'lacks').map((one) => one.name)

describe('the check of a relay', () => {
  test('finds that a usual one serves all that is needed, and what it does with ties', async () => {
    const relay = await start()
    const found = await check(relay.url)
    expect(found.isFit).toBe(true)
    expect(found.document).toMatchObject({ name: 'good', nips: [1, 9] })
    expect(lacksOf(found)).toEqual(['ties'])
    // What it left there is asked to be deleted.
    const left = [...relay.events.values()].filter((one) => one.kind !== 5)
    expect(left).toEqual([])
  })

  test('finds one that refuses large events unfit', async () => {
    const proxy = await misbehave(await start(), {
      fromClient: (message, by) => {
        const event = message[1] as { id: string; content?: string }
        if (message[0] !== 'EVENT' || (event.content ?? '').length < 20_000) return [message]
        by.toClient(['OK', event.id, false, 'invalid: too large'])
        return []
      },
    })
    open.push(proxy.close)
    const found = await check(proxy.url)
    expect(found.isFit).toBe(false)
    expect(found.needs.find((one) => one.name === 'definitions')?.detail).toBe(
      'refused: invalid: too large',
    )
  })

  test('finds one that says OK and keeps nothing unfit', async () => {
    const proxy = await misbehave(await start(), {
      fromClient: (message, by) => {
        if (message[0] !== 'EVENT') return [message]
        by.toClient(['OK', (message[1] as { id: string }).id, true, ''])
        return []
      },
    })
    open.push(proxy.close)
    const found = await check(proxy.url, 500)
    expect(found.isFit).toBe(false)
    expect(found.needs.find((one) => one.name === 'inputs')?.detail).toBe('lost')
    expect(found.needs.find((one) => one.name === 'votes')?.detail).toBe(
      'nothing came within 500 ms',
    )
  })

  test('ends with 0, 1 or 2, as the relay is fit, unfit or not there', async () => {
    const output = createOutput({ json: true })
    expect(await checkAt(output, (await start()).url)).toBe(0)
    expect(await checkAt(output, 'ws://127.0.0.1:1')).toBe(2)
    await expect(checkAt(output, 'relay.example')).rejects.toThrow('is no relay')
  })
})
