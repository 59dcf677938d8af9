/**
 * A guardian that is killed (SIGKILL) while many pay. Everybody keeps each receipt that was told; after every start each of them
 * has to be told again, the same to the letter, and the counters and balances have to be what the receipts say.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { hexFromMoiId, KMOI_ASSET } from 'tallystick/moi'
import { programPath } from '../../../../scripts/programs.ts'
import { payerAt, type Ready, readyTransfer } from '../../src/bench/moi-payers.ts'
import { createGuardian, type Guardian, isCallFailure } from '../../src/moi/call.ts'
import { createRandom, type Random } from './mutate.ts'

const PAIRS = 12
const LATEST = { tesseract_number: -1 }
const FIRST_BALANCE = 1_000_000_000_000n

type Started = { readonly child: ChildProcess; readonly guardian: Guardian }

const startGuardian = async (folder: string): Promise<Started> => {
  const program = programPath('node/src/bench/bench-guardian.ts')
  const argv = [program, folder, String(2 * PAIRS)]
  const child = spawn(process.execPath, argv, {
    env: process.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`it ended with ${code} before it listened`)))
    createInterface({ input: child.stdout }).once('line', resolve)
  })
  const { url } = JSON.parse(line) as { url: string }
  return { child, guardian: createGuardian(url) }
}

const loadUntilKilled = async (
  started: Started,
  payers: readonly Payer[],
  random: Random,
): Promise<void> => {
  let isDead = false
  const load = payers.map((payer) => payOn(started.guardian, payer, () => isDead))
  // By what was told and not by the clock: a busy machine would be killed before it had done anything.
  const told = untilTold(payers, receiptsOf(payers) + 1 + random.below(RECEIPTS_MAX))
  // Who pays goes on until the kill; if they end before, it is for a reason that the test should tell.
  await Promise.race([told, Promise.all(load).then(() => told)])
  await pause(random.below(20))
  const dead = kill(started)
  isDead = true
  await dead
  await Promise.all(load)
}

const kill = async ({ child }: Started): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

/** What one payer knows. */
type Payer = {
  readonly pair: number
  /** The number of its next transfer. */
  next: number
  /** What it was told of each transfer, to the letter. */
  readonly receipts: Map<string, string>
}

export type Killed = {
  readonly kills: number
  readonly receipts: number
  /** Receipts that were told again, over all starts. */
  readonly compared: number
}

/** Raises an error for a receipt that is lost or contradicted. */
export const killUnderLoad = async (
  folder: string,
  of: { readonly kills: number; readonly seed: number },
): Promise<Killed> => {
  const random = createRandom(of.seed)
  const payers = Array.from({ length: PAIRS }, (_, pair): Payer => ({
    pair,
    next: 0,
    receipts: new Map(),
  }))
  let compared = 0
  for (let round = 0; round <= of.kills; round += 1) {
    const started = await startGuardian(folder)
    try {
      // All at some starts, and at the others those that a kill may just have cost.
      for (const one of payers) compared += await compare(started.guardian, one, round % 10 === 0)
      if (round < of.kills) await loadUntilKilled(started, payers, random)
      else for (const one of payers) await checkBooks(started.guardian, one)
    } finally {
      await kill(started)
    }
  }
  return { kills: of.kills, receipts: receiptsOf(payers), compared }
}

/** At most so many more receipts until a kill, and so long. */
const RECEIPTS_MAX = 30
/** Long enough for a machine that does much else. */
const TOLD_MS = 120_000

const receiptsOf = (payers: readonly Payer[]): number =>
  payers.reduce((sum, one) => sum + one.receipts.size, 0)

const untilTold = async (payers: readonly Payer[], count: number): Promise<void> => {
  const end = performance.now() + TOLD_MS
  while (receiptsOf(payers) < count) {
    if (performance.now() > end) throw new Error('no receipt comes')
    await pause(2)
  }
}

const readyAt = ({ pair }: Payer, number: number): Ready =>
  readyTransfer(payerAt(2 * pair), payerAt(2 * pair + 1), number)

const payOn = async (guardian: Guardian, payer: Payer, isDead: () => boolean): Promise<void> => {
  while (!isDead()) {
    const one = readyAt(payer, payer.next)
    try {
      await sendTo(guardian, one)
      payer.receipts.set(one.hash, await receiptOf(guardian, one.hash))
      payer.next += 1
    } catch (error) {
      // Killed between the two questions, or too slow on a machine that does much else; anything else is a mistake.
      if (!isDead() && !isUnreachable(error)) throw error
      await pause(PENDING_MS)
    }
  }
}

/** Also where it was sent before, without an answer. */
const sendTo = async (guardian: Guardian, one: Ready): Promise<void> => {
  try {
    await guardian.call('moi.SendInteractions', sendOf(one))
  } catch (error) {
    if (!isCallFailure(error) || !error.message.includes('already known')) throw error
  }
}

const isUnreachable = (error: unknown): boolean =>
  !isCallFailure(error) || error.failure === 'unreachable'

const sendOf = ({ args, signatures }: Ready): object => ({
  ix_args: Buffer.from(args).toString('hex'),
  signatures: Buffer.from(signatures).toString('hex'),
})

/** Questions in between would be most of the load. */
const PENDING_MS = 5

const receiptOf = async (guardian: Guardian, hash: string): Promise<string> => {
  for (;;) {
    try {
      return JSON.stringify(await guardian.call('moi.InteractionReceipt', { hash: `0x${hash}` }))
    } catch (error) {
      if (!isCallFailure(error) || !error.message.includes('pending')) throw error
      await pause(PENDING_MS)
    }
  }
}

const NEWEST = 8

/** Every receipt that was told is told again; and what was executed without a word being heard is found now. */
const compare = async (guardian: Guardian, payer: Payer, isAll: boolean): Promise<number> => {
  const known = [...payer.receipts].slice(isAll ? 0 : -NEWEST)
  for (const [hash, before] of known) {
    const now = await receiptOf(guardian, hash)
    if (now !== before) throw new Error(`a receipt is contradicted: ${before}, and now ${now}`)
  }
  const executed = Number(await countOf(guardian, payer))
  if (executed < payer.next) throw new Error(`${payer.next} receipts, and ${executed} executed`)
  if (executed > payer.next + 1) throw new Error(`${executed} executed, ${payer.next} sent`)
  while (payer.next < executed) {
    const { hash } = readyAt(payer, payer.next)
    payer.receipts.set(hash, await receiptOf(guardian, hash))
    payer.next += 1
  }
  return known.length
}

const countOf = (guardian: Guardian, { pair }: Payer): Promise<unknown> =>
  guardian.call('moi.InteractionCount', {
    id: hexFromMoiId(payerAt(2 * pair).id),
    key_id: 0,
    options: LATEST,
  })

const balanceOf = async (guardian: Guardian, number: number): Promise<bigint> => {
  const params = {
    id: hexFromMoiId(payerAt(number).id),
    asset_id: hexFromMoiId(KMOI_ASSET),
    options: LATEST,
  }
  return BigInt(String(await guardian.call('moi.Balance', params)))
}

const checkBooks = async (guardian: Guardian, payer: Payer): Promise<void> => {
  const paid = BigInt(payer.receipts.size)
  const fuel = [...payer.receipts.values()].reduce(
    (sum, text) => sum + BigInt((JSON.parse(text) as { fuel_used: string }).fuel_used),
    0n,
  )
  const [from, to] = [
    await balanceOf(guardian, 2 * payer.pair),
    await balanceOf(guardian, 2 * payer.pair + 1),
  ]
  if (to !== FIRST_BALANCE + paid) throw new Error(`${paid} receipts, and a balance of ${to}`)
  if (from !== FIRST_BALANCE - paid - fuel)
    throw new Error(`${fuel} fuel, and a balance of ${from}`)
}
