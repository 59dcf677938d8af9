/**
 * Two processes pay each other without end and are killed at random moments. Whatever a process said before it was
 * killed must still hold when it is back, and in the end both must agree on every step.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { openDesk } from '../../../src/cli/desk/desk.ts'
import { openFolderStore } from '../../../src/cli/desk/store.ts'
import { ledgerOperation } from '../../../src/logic/ledger-operation.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { createParty } from '../../../src/models/bilateral/party.ts'
import { type PartyState, stepsOf } from '../../../src/models/bilateral/state.ts'
import { freePort } from '../../free-port.ts'
import { balancesOf, charter, engine, machineOf, TOTAL } from './payment.ts'

/** The release figure is 200; every run of the tests does a few. */
const KILLS = process.env['TALLYSTICK_SLOW'] === '1' ? 200 : 10
const LIFE_MS = 90

type Said = { readonly word: string; readonly sequence: number; readonly id: string }

type Payer = {
  readonly position: 0 | 1
  readonly folder: string
  child: ChildProcess | undefined
  /** The highest step it has said to be final, over all its lives. */
  best: Said | undefined
  rest: Said | undefined
  opened: () => void
  /** Complaints about what it said. */
  readonly wrong: string[]
}

type Run = {
  readonly program: string
  readonly port: number
  readonly manner: string
  /** What was final at each sequence number, whoever said it first. */
  readonly finals: Map<number, string>
}

const hear = (run: Run, payer: Payer, line: string): void => {
  const [word = '', sequenceText, id = '', a, b, how] = line.split(' ')
  const said: Said = { word, sequence: Number(sequenceText), id }
  const name = `payer ${payer.position} ${line}`
  if (BigInt(a ?? 0) + BigInt(b ?? 0) !== TOTAL) payer.wrong.push(`${name}: not the total`)
  if (how === 'restored') payer.wrong.push(`${name}: took its own folder for a backup`)
  const known = run.finals.get(said.sequence)
  if (known !== undefined && known !== id) payer.wrong.push(`${name}: was ${known} before`)
  run.finals.set(said.sequence, id)
  if (said.sequence < (payer.best?.sequence ?? 0)) {
    payer.wrong.push(`${name}: had said ${payer.best?.sequence} before`)
  }
  payer.best = said
  if (word === 'rest') payer.rest = said
  if (word === 'open') payer.opened()
}

const start = (run: Run, payer: Payer): Promise<void> => {
  const args = [run.program, payer.folder, String(payer.position), String(run.port), run.manner]
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(run.program, '..', 'cache') },
  })
  payer.child = child
  createInterface({ input: child.stdout }).on('line', (line) => hear(run, payer, line))
  return new Promise((resolve, reject) => {
    payer.opened = resolve
    child.once('exit', (code) => {
      if (code !== null) reject(new Error(`payer ${payer.position} ended with ${code}`))
    })
  })
}

const kill = async (payer: Payer): Promise<void> => {
  const { child } = payer
  if (!child) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

/** Reads a payer's folder as its next process would. */
const stateIn = (payer: Payer): PartyState => {
  const party = createParty({
    charter,
    party: payer.position,
    keys: [0],
    logics: STANDARD_LOGICS,
    verifier: engine,
  })
  if (isFault(party)) throw party
  const store = openFolderStore(payer.folder, { machine: machineOf().id, durable: false })
  const desk = openDesk({
    party,
    logics: STANDARD_LOGICS,
    store,
    signers: new Map(),
    now: () => 0n,
    random: () => new Uint8Array(32),
  })
  desk.close()
  return desk.state()
}

/** What Alice has after all steps, counted from the payments themselves. */
const countedOf = (state: PartyState): bigint =>
  stepsOf(state).reduce((sum, { interaction }) => {
    const [operation] = interaction.operations
    const paid = operation && ledgerOperation.decode(operation.argument)
    if (paid?.is !== 'transfer') throw new Error('a step that is no payment')
    return paid.from.holder === 'alice' ? sum - paid.amount : sum + paid.amount
  }, TOTAL / 2n)

type Torment = {
  readonly run: Run
  readonly payers: readonly [Payer, Payer]
  readonly wrong: string[]
}

/** Lets two payers pay and kills them, until so many kills or the first complaint. */
const torment = async (base: string, kills: number, manner: string): Promise<Torment> => {
  const program = join(base, 'payer.mjs')
  const entryPoints = [join(import.meta.dirname, 'payer.ts')]
  await build({ entryPoints, outfile: program, bundle: true, platform: 'node', format: 'esm' })
  const run: Run = { program, port: await freePort(), manner, finals: new Map() }
  const wrong: string[] = []
  const payerAt = (position: 0 | 1): Payer => ({
    position,
    folder: join(base, `side-${position}`),
    child: undefined,
    best: undefined,
    rest: undefined,
    opened: () => undefined,
    wrong,
  })
  const payers = [payerAt(0), payerAt(1)] as const
  await Promise.all(payers.map((payer) => start(run, payer)))
  for (let done = 0; done < kills && wrong.length === 0; done++) {
    await pause(Math.random() * LIFE_MS)
    const victim = payers[Math.random() < 0.5 ? 0 : 1]
    await kill(victim)
    await start(run, victim)
  }
  return { run, payers, wrong }
}

/** Ends paying, waits until both say that nothing is on its way, and ends the processes. */
const calm = async ({ payers }: Torment): Promise<void> => {
  const [a, b] = payers
  for (const payer of payers) payer.child?.stdin?.write('stop\n')
  const isCalm = (): boolean => a.rest !== undefined && a.rest.id === b.rest?.id
  for (let waited = 0; waited < 10_000 && !isCalm(); waited += 20) await pause(20)
  await Promise.all(payers.map(kill))
}

const inFolder = async (work: (base: string) => Promise<void>): Promise<void> => {
  const base = mkdtempSync(join(tmpdir(), 'tally-kill-'))
  await work(base)
  rmSync(base, { recursive: true })
}

const patience = { timeout: 300_000 }

test(`${KILLS} kills in a payment loop lose nothing and double nothing`, patience, () =>
  inFolder(async (base) => {
    const torn = await torment(base, KILLS, 'careful')
    await calm(torn)
    expect(torn.wrong).toEqual([])
    const [a, b] = torn.payers.map(stateIn)
    if (!a || !b) throw new Error('two payers')
    const steps = stepsOf(a)
    expect(a.machine.headId).toBe(b.machine.headId)
    expect(a.machine.headId).toBe(torn.payers[0].best?.id)
    expect(stepsOf(b).map((one) => one.id)).toEqual(steps.map((one) => one.id))
    for (const [sequence, id] of torn.run.finals) {
      if (sequence > 0) expect(steps[sequence - 1]?.id).toBe(id)
    }
    expect(balancesOf(b.machine)).toEqual(balancesOf(a.machine))
    expect(balancesOf(a.machine)[0]).toBe(countedOf(a))
    expect([...a.evidence, ...b.evidence]).toEqual([])
    // The loop was really paying between the kills, of which each waits for less than a payment takes on a busy machine.
    expect(steps.length).toBeGreaterThan(KILLS / 4)
  }),
)

test('a store that says it has stored before it has is found out', patience, () =>
  inFolder(async (base) => {
    const torn = await torment(base, 200, 'careless')
    await Promise.all(torn.payers.map(kill))
    expect(torn.wrong.length).toBeGreaterThan(0)
  }),
)
