/**
 * How long an operator that keeps a million steps takes to start, after an orderly stop and after a kill: from the process to
 * the first answer with its checkpoint, to the first receipt, and to the first proof from its map.
 *
 * The receipt comes after the whole file was looked at, and the proof after log and map were loaded; the checkpoint is the
 * last one that was signed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concatBytes, hashId, TAGS, u32 } from 'tallystick/base'
import { atMost, type Figure, figureFrom, type Rounds } from 'tallystick/command'
import {
  type DirectoryPolicy,
  mapAnswer,
  signedCheckpoint,
  submission,
  vowKey,
} from 'tallystick/models'
import { VOWS } from '../server/steps.ts'
import { openGuardedSqlite } from '../store/open.ts'
import type { Append } from '../store/store.ts'
import { type FleetMember, startMember, stopMember } from './fleet.ts'
import { certifyOne } from './load.ts'
import { createPayer, engine } from './payer.ts'

const STEPS = 1_000_000
const STEPS_EACH = 500
const STARTS_MAX = 3
const SECONDS_MAX = 3
const IN_WORK = 8

const STOPS = ['stop', 'kill'] as const
type Stop = (typeof STOPS)[number]

export const benchRestart = async ({ rounds }: Rounds): Promise<readonly Figure[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'tally-restart-'))
  try {
    await fill(folder)
    // The first start of the first kind packs what it finds, as an operator does while it works.
    const figures: Figure[] = []
    for (const before of STOPS) {
      // Ended in that way for the starts that are measured.
      await startAndEnd(folder, before)
      const starts: Started[] = []
      for (let at = 0; at < Math.min(rounds, STARTS_MAX); at++) {
        starts.push(await startAndEnd(folder, before))
      }
      figures.push(...figuresOf(before, starts))
    }
    return figures
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const figuresOf = (before: Stop, starts: readonly Started[]): readonly Figure[] => {
  const id = 'D6'
  const note = `${STEPS.toLocaleString('en')} steps`
  const goal = atMost(SECONDS_MAX)
  const times = (name: string, of: (one: Started) => number, hasGoal: boolean): Figure =>
    figureFrom(
      { id, name: `${name} after a ${before}`, unit: 's', note, ...(hasGoal ? { goal } : {}) },
      starts.map(of),
    )
  return [
    times('first checkpoint', (one) => one.checkpointSeconds, true),
    times('first receipt', (one) => one.receiptSeconds, true),
    times('first map proof', (one) => one.proofSeconds, false),
    figureFrom(
      { id, name: `memory after a ${before}`, unit: 'bytes', note },
      starts.map((one) => one.residentBytes),
    ),
  ]
}

/** Vows of a real step's size, each on a machine of its own. Nobody's signature is looked at when an operator starts. */
const fill = async (folder: string): Promise<void> => {
  const store = await openGuardedSqlite(folder, VOWS)
  const sample = createPayer(somePolicy()).next()
  const body = (at: number): Append => {
    const machine = hashId<'machine'>('classic', TAGS.seed, u32.encode(at))
    // As in earnest: no two positions have one parent.
    const parent = hashId<'transition'>('classic', TAGS.transition, u32.encode(at))
    const transition = { ...sample.transition, machine, parent }
    const value = submission.encode({ ...sample, transition })
    return { journal: VOWS, key: vowKey(transition), value, time: BigInt(at) }
  }
  try {
    for (let at = 0; at < STEPS; at += STEPS_EACH * IN_WORK) {
      const units = Array.from({ length: IN_WORK }, (_, unit) => ({
        appends: Array.from({ length: STEPS_EACH }, (_unused, one) =>
          body(at + unit * STEPS_EACH + one),
        ),
        puts: [],
      }))
      await Promise.all(units.map((unit) => store.commit(unit)))
    }
  } finally {
    await store.close()
  }
}

const somePolicy = (): Parameters<typeof createPayer>[0] => {
  const { publicKey } = engine.fromSeed('ed25519', new Uint8Array(32).fill(1))
  return policyOf({ name: 'north', publicKey })
}

const policyOf = (of: Pick<FleetMember, 'name' | 'publicKey'>): DirectoryPolicy => ({
  operators: [{ name: of.name, scheme: 'ed25519', publicKey: of.publicKey }],
  threshold: 1,
  faulty: 0,
})

type Started = {
  readonly checkpointSeconds: number
  readonly receiptSeconds: number
  readonly proofSeconds: number
  readonly residentBytes: number
}

const startAndEnd = async (folder: string, how: Stop): Promise<Started> => {
  const before = performance.now()
  const since = (): number => (performance.now() - before) / 1000
  const member = await startMember('north', [folder])
  try {
    const { checkpoint } = signedCheckpoint.decode(await read(member, '/v1/checkpoint'))
    const checkpointSeconds = since()
    if (checkpoint.size < BigInt(STEPS)) throw new Error(`${checkpoint.size} of ${STEPS} steps`)
    const step = await certifyOne(member, policyOf(member))
    const receiptSeconds = since()
    const { machine, sequence, parent } = step.transition
    const place = `machine=${machine}&sequence=${sequence}&parent=${parent}`
    mapAnswer.decode(await read(member, `/v1/map?${place}`))
    return {
      checkpointSeconds,
      receiptSeconds,
      proofSeconds: since(),
      residentBytes: member.residentBytes(),
    }
  } finally {
    if (how === 'kill') member.process.kill('SIGKILL')
    await stopMember(member)
  }
}

const read = async (member: FleetMember, path: string): Promise<Uint8Array> => {
  const response = await fetch(`${member.url}${path}`, {
    headers: { authorization: `Bearer ${member.token}` },
  })
  if (!response.ok) throw new Error(`no answer to ${path}: ${await response.text()}`)
  return concatBytes(new Uint8Array(await response.arrayBuffer()))
}
