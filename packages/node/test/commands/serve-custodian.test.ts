/** Custodians as processes, started and stopped with the real command. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { isFault } from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import { definitionDraft, signNostrEvent } from 'tallystick/nostr'
import { writeFileSync } from 'node:fs'
import { definedBy } from '../../src/custodian/definition.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import {
  COUNTER,
  creator,
  inputBy,
  keeperClient,
  receiptsOf,
  untilShown,
  wishFor,
} from '../custodian/scene.ts'
import { alice, bob, engine } from '../relay/people.ts'
import { withFolder } from '../store/temporary.ts'
import { MAIN, tally } from './spawn.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const one of children.splice(0)) one.kill('SIGKILL')
})

type Served = {
  readonly child: ChildProcess
  readonly err: () => string
  readonly exit: Promise<number | null>
  readonly ready: Promise<{ readonly step: string; readonly definition: string }>
}

const serve = (cwd: string, ...args: readonly string[]): Served => {
  const child = spawn(process.execPath, [MAIN, 'serve', 'custodian', '--json', ...args], {
    cwd,
    env: process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let [out, err] = ['', '']
  child.stderr.on('data', (data) => {
    err += data
  })
  const exit = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (data) => {
      out += data
      if (out.endsWith('}\n')) resolve(out)
    })
    void exit.then(() => reject(new Error(`it has ended: ${out} ${err}`)))
  }).then((text) => JSON.parse(text) as Awaited<Served['ready']>)
  return { child, err: () => err, exit, ready }
}

const NAMES = ['north', 'east', 'south']

describe('tally serve custodian', () => {
  test(
    'makes a key, certifies with others, is killed, and goes on where it was',
    { timeout: 120_000 },
    () =>
      withFolder(async (folder) => {
        const made = await Promise.all(
          NAMES.map((name) =>
            tally(
              folder,
              'serve',
              'custodian',
              '--data',
              name,
              '--name',
              name,
              '--init',
              '--unsealed',
              '--json',
            ),
          ),
        )
        const keys = made.map((one) => (JSON.parse(one.out) as { key: string }).key)
        const relay = await startLocalRelay(engine)
        const relays = [relay.url]
        const states = keys.map((custodian) => ({ custodian, name: 'trial' }))
        const wish = wishFor(COUNTER, relays, { states, custody: { is: 'quorum', threshold: 2 } })
        const now = Math.floor(Date.now() / 1000)
        const event = signNostrEvent(definitionDraft(wish, { pubkey: creator.key, now }), creator)
        const defined = definedBy(event, { verifier: engine, logics: STANDARD_LOGICS })
        if (isFault(defined)) throw defined
        writeFileSync(join(folder, 'machine.json'), JSON.stringify(event))
        const client = keeperClient()
        const begin = (name: string): Served =>
          serve(folder, '--data', name, '--definition', 'machine.json')
        const served = NAMES.map(begin)
        await Promise.all(served.map((one) => one.ready))
        const machine = event.id
        const first = inputBy(alice, { machine, type: 'PUSH', data: { by: 1 } })
        await client.publish(relays, first)
        await untilShown(client, relays, receiptsOf(machine), (all) => all.length >= 2)
        served[0]?.child.kill('SIGKILL')
        await served[0]?.exit
        const second = inputBy(bob, { machine, type: 'PUSH', data: { by: 2 }, parent: first.id })
        await client.publish(relays, second)
        await untilShown(client, relays, receiptsOf(machine), (all) => all.length >= 4)
        // By its id alone: what it served before lies in its archive.
        const again = serve(folder, '--data', 'north', '--definition', machine)
        await again.ready
        const third = inputBy(alice, { machine, type: 'PUSH', data: { by: 1 }, parent: second.id })
        await client.publish(relays, third)
        // Where the two others were faster its vote is not needed, and it gives no receipt: that it has the step, its log tells.
        const isThird = (line: string): boolean =>
          line.includes('"step certified"') && line.includes(third.id)
        await vi.waitUntil(() => again.err().split('\n').some(isThird), { timeout: 30_000 })
        for (const one of [...served.slice(1), again]) {
          one.child.kill('SIGTERM')
          expect(await one.exit).toBe(0)
          const lines = one.err().trim().split('\n')
          for (const line of lines) expect(JSON.parse(line)).toHaveProperty('event')
          expect(one.err()).toContain('custodian stopped')
        }
        client.close()
        await relay.close()
      }),
  )

  test('does not serve a machine that names other custodians', { timeout: 60_000 }, () =>
    withFolder(async (folder) => {
      const wish = wishFor(COUNTER, ['ws://127.0.0.1:9'])
      const now = Math.floor(Date.now() / 1000)
      const event = signNostrEvent(definitionDraft(wish, { pubkey: creator.key, now }), creator)
      writeFileSync(join(folder, 'machine.json'), JSON.stringify(event))
      const init = ['--data', 'north', '--name', 'north', '--init', '--unsealed']
      const ended = await tally(
        folder,
        'serve',
        'custodian',
        ...init,
        '--definition',
        'machine.json',
      )
      expect(ended.code).toBe(3)
      expect(ended.err).toContain('names other custodians')
    }),
  )
})
