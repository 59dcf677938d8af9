/** How long an operator that keeps a million steps takes to start, from the process to the first answer with its checkpoint. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concatBytes, hashId, TAGS, u32 } from 'tallystick/base'
import { atMost, type Figure, figureFrom, type Rounds } from 'tallystick/command'
import { signedCheckpoint, submission, vowKey } from 'tallystick/models'
import { VOWS } from '../server/steps.ts'
import { openGuardedSqlite } from '../store/open.ts'
import type { Append } from '../store/store.ts'
import { type FleetMember, startMember, stopMember } from './fleet.ts'
import { createPayer, engine } from './payer.ts'

const STEPS = 1_000_000
const STEPS_EACH = 500
const STARTS_MAX = 3
const SECONDS_MAX = 3
const IN_WORK = 8

export const benchRestart = async ({ rounds }: Rounds): Promise<readonly Figure[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'tally-restart-'))
  try {
    await fill(folder)
    // The first start packs what it finds, as an operator does while it works.
    await startAndStop(folder)
    const seconds: number[] = []
    const bytes: number[] = []
    for (let at = 0; at < Math.min(rounds, STARTS_MAX); at++) {
      const started = await startAndStop(folder)
      seconds.push(started.seconds)
      bytes.push(started.residentBytes)
    }
    const id = 'D6'
    const name = `start with ${STEPS.toLocaleString('en')} steps`
    return [
      figureFrom({ id, name, unit: 's', goal: atMost(SECONDS_MAX) }, seconds),
      figureFrom({ id, name: 'memory after it', unit: 'bytes' }, bytes),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
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
  const operators = [{ name: 'north', scheme: 'ed25519' as const, publicKey }]
  return { operators, threshold: 1, faulty: 0 }
}

type Started = { readonly seconds: number; readonly residentBytes: number }

const startAndStop = async (folder: string): Promise<Started> => {
  const before = performance.now()
  const member = await startMember('north', [folder])
  try {
    const size = await checkpointSize(member)
    if (size !== BigInt(STEPS)) throw new Error(`the log has ${size} of ${STEPS} steps`)
    return {
      seconds: (performance.now() - before) / 1000,
      residentBytes: member.residentBytes(),
    }
  } finally {
    await stopMember(member)
  }
}

const checkpointSize = async (member: FleetMember): Promise<bigint> => {
  const response = await fetch(`${member.url}/v1/checkpoint`, {
    headers: { authorization: `Bearer ${member.token}` },
  })
  if (!response.ok) throw new Error(`no checkpoint: ${await response.text()}`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  return signedCheckpoint.decode(concatBytes(bytes)).checkpoint.size
}
