/**
 * Kills a custodian without whom nothing is certified, again and again and at any moment, while people send inputs. What it signed before a
 * kill and after it has to agree.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { KINDS, type NostrEvent, receiptFrom, textFromNostrEvent } from 'tallystick/nostr'
import { signedHeartbeat } from 'tallystick/models'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { alice, engine } from '../relay/people.ts'
import { bundleInto } from '../bundled.ts'
import { temporaryFolder } from '../store/temporary.ts'
import {
  COUNTER,
  defineMachine,
  inputBy,
  keeperClient,
  KEEPERS,
  startKeeper,
  wishFor,
} from './scene.ts'

export type Killed = {
  readonly kills: number
  /** Inputs that were sent, one on top of the other, and that were certified. */
  readonly sent: number
  readonly certified: number
  /** Heights at which the killed one gave receipts for two steps. */
  readonly contradicted: readonly string[]
  /** Evidence of any kind, by whomever. */
  readonly evidence: readonly NostrEvent[]
  /** Heartbeats of the killed one whose time or step goes back. */
  readonly backward: readonly string[]
}

const NAME = 'south'
const WITHIN_MS = 600

export const killOften = async (kills: number): Promise<Killed> => {
  const relay = await startLocalRelay(engine)
  const relays = [relay.url]
  const client = keeperClient()
  const folder = temporaryFolder()
  const defined = defineMachine(wishFor(COUNTER, relays))
  const machine = defined.definition.id
  const file = join(folder, 'definition.json')
  writeFileSync(file, textFromNostrEvent(defined.event))
  const program = await bundleInto(join(folder, 'program'), join(import.meta.dirname, 'killed.ts'))
  await client.publish(relays, defined.event)
  // Two of four beside it, and the fourth never comes: three are needed.
  const others = await Promise.all(
    KEEPERS.slice(0, 2).map((one) => startKeeper(defined, one, relays, { roundMs: 500 })),
  )
  const south = KEEPERS[2]
  if (!south) throw new Error('there are four')
  const receipts = async (): Promise<readonly NostrEvent[]> =>
    (await client.fetch(relays, { kinds: [KINDS.receipt], '#e': [machine] })).events
  const beats: string[] = []
  const following = client.follow(
    relays,
    { kinds: [KINDS.heartbeat], '#e': [machine], authors: [south.key] },
    { onEvent: (event) => beats.push(event.content) },
  )
  const begin = (): Promise<ChildProcess> =>
    beginProcess(program, [join(folder, 'store'), file, relay.url, NAME])
  let child = await begin()
  let sent = 0
  let parent: string | undefined
  const push = async (): Promise<string> => {
    const input = inputBy(alice, { machine, type: 'PUSH', data: { by: 1 }, parent })
    await client.publish(relays, input)
    sent += 1
    return input.id
  }
  const isCertified = async (input: string): Promise<boolean> =>
    new Set(
      (await receipts())
        .map(receiptFrom)
        .flatMap((one) => (one.input === input ? [one.custodian] : [])),
    ).size >= 2
  try {
    for (let round = 0; round < kills; round++) {
      const input = await push()
      await pause(Math.random() * WITHIN_MS)
      child.kill('SIGKILL')
      await ended(child)
      child = await begin()
      const end = Date.now() + 30_000
      while (!(await isCertified(input)) && Date.now() < end) await pause(50)
      if (Date.now() > end) break
      parent = input
    }
    const all = (await receipts()).map(receiptFrom)
    const own = Map.groupBy(
      all.filter((one) => one.custodian === south.key),
      (one) => one.transition.sequence.toString(),
    )
    const { events } = await client.fetch(relays, { kinds: [KINDS.evidence], '#e': [machine] })
    return {
      kills,
      sent,
      certified: new Set(all.map((one) => one.input)).size,
      contradicted: [...own].flatMap(([height, list]) =>
        new Set(list.map((one) => one.transition.interaction)).size > 1 ? [height] : [],
      ),
      evidence: events,
      backward: backwardIn(beats.map((content) => ({ content }))),
    }
  } finally {
    following.stop()
    child.kill('SIGKILL')
    for (const one of others) await one.stop()
    client.close()
    await relay.close()
  }
}

const backwardIn = (events: readonly { readonly content: string }[]): readonly string[] => {
  const beats = events.map(({ content }) =>
    signedHeartbeat.decode(new Uint8Array(Buffer.from(content, 'hex'))),
  )
  return beats.flatMap(({ beat }, at) => {
    const before = beats[at - 1]?.beat
    const isBack = before && (beat.time < before.time || beat.sequence < before.sequence)
    return isBack ? [`${before.sequence} ${before.time}, then ${beat.sequence} ${beat.time}`] : []
  })
}

const beginProcess = async (program: string, args: readonly string[]): Promise<ChildProcess> => {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`it ended with ${String(code)}`)))
  })
  return child
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })
