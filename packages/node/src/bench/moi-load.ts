/**
 * A load of signed transfers on a guardian. A transfer counts when its receipt came back: it was accepted, executed, stored
 * durably and can be asked for. Each payer has one on its way.
 */
import { Agent, request } from 'node:http'
import type { GuardianContext } from '../guardian/methods/context.ts'
import { bodyOfReceipt, bodyOfSend, payerAt, type Ready, readyTransfer } from './moi-payers.ts'

/** For each payer its transfers in their order. */
export type Plan = readonly (readonly Ready[])[]

export type MoiLoadResult = {
  readonly receipts: number
  readonly seconds: number
  readonly perSecond: number
  readonly latenciesMs: readonly number[]
}

/** Hands a transfer over and comes back with its receipt. */
export type Carry = (one: Ready) => Promise<void>

/**
 * Pairs that share nobody: payer 2k pays payer 2k + 1. With `hot`, all pay the last one of all. `from` is the number that the
 * first transfer of each bears.
 */
export const planOf = (of: {
  readonly pairs: number
  readonly each: number
  readonly from: number
  readonly isHot?: boolean
}): Plan => {
  const last = payerAt(2 * of.pairs - 1)
  return Array.from({ length: of.pairs }, (_, pair) => {
    const from = payerAt(2 * pair)
    const to = of.isHot === true ? last : payerAt(2 * pair + 1)
    return Array.from({ length: of.each }, (__, at) => readyTransfer(from, to, of.from + at))
  })
}

export const runMoiLoad = async (plan: Plan, carry: Carry): Promise<MoiLoadResult> => {
  const latenciesMs: number[] = []
  const begun = performance.now()
  await Promise.all(
    plan.map(async (own) => {
      for (const one of own) {
        const before = performance.now()
        await carry(one)
        latenciesMs.push(performance.now() - before)
      }
    }),
  )
  const seconds = (performance.now() - begun) / 1000
  const receipts = latenciesMs.length
  return { receipts, seconds, perSecond: receipts / seconds, latenciesMs }
}

/** Over HTTP, as MOI's client does: one request to send, and one or more for the receipt. */
export const carryOverHttp = (
  url: string,
): { readonly carry: Carry; readonly close: () => void } => {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity })
  return {
    carry: async (one) => {
      const sent = await post(url, agent, bodyOfSend(one))
      if (!sent.includes(one.hash)) throw new Error(`a transfer was refused: ${sent}`)
      for (let tries = 0; tries < TRIES_MAX; tries += 1) {
        const told = await post(url, agent, bodyOfReceipt(one.hash))
        if (told.includes('"fuel_used"')) return
        if (!told.includes('pending')) throw new Error(`a receipt was refused: ${told}`)
      }
      throw new Error('a transfer has no receipt')
    },
    close: () => agent.destroy(),
  }
}

const TRIES_MAX = 60

const post = (url: string, agent: Agent, body: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const bytes = Buffer.from(body)
    const headers = { 'content-type': 'application/json', 'content-length': bytes.length }
    const asked = request(url, { method: 'POST', agent, headers }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () => resolve(Buffer.concat(parts).toString()))
      answer.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(bytes)
  })

/** Without a network: what the process itself does, and the receipt asked for as the method does that answers it. */
export const carryInProcess =
  ({ submissions, pool, waits, lattice }: GuardianContext): Carry =>
  async (one) => {
    await submissions.submit(one.args, one.signatures)
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      if (pool.has(one.hash)) await waits.wait(one.hash)
      if (await lattice.entryByHash(one.digest)) return
    }
    throw new Error('a transfer has no receipt')
  }
