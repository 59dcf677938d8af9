/**
 * A load of certified steps: payers who each have one step on its way, and a driver that hands the steps of many payers to an
 * operator in one request, as a client with many accounts would.
 *
 * A step counts when its certificate was put together and judged as any receiver would judge it. Its latency is from the wish
 * to that moment. Nothing is counted that was on its way when the time was over.
 */
import { Agent, request } from 'node:http'
import { concatBytes, u32 } from 'tallystick/base'
import { charter, eraseModel } from 'tallystick/kernel'
import {
  answers,
  certificateFrom,
  certifiedHeader,
  directory,
  directoryCertificate,
  type DirectoryPolicy,
  isEnough,
  type Receipt,
  type Submission,
  submission,
} from 'tallystick/models'
import type { FleetMember } from './fleet.ts'
import { createPayer, engine, type Payer } from './payer.ts'

/** An operator, as far as a client knows it. */
export type Member = Pick<FleetMember, 'name' | 'url' | 'token'>

export type Load = {
  readonly members: readonly Member[]
  readonly payers: readonly Payer[]
  readonly seconds: number
  /** Whose step comes next when a place is free; by turns if missing. */
  readonly pick?: (place: number) => number
  /** Steps on their way at once; one for each payer if missing. */
  readonly places?: number
}

export type LoadResult = {
  readonly certified: number
  readonly seconds: number
  readonly perSecond: number
  readonly latenciesMs: readonly number[]
  readonly refused: number
}

const CONTENT_TYPE = 'application/vnd.tallystick'
/** Of 96 payers on two cores all that wait for an operator travel together. Operators take four times as many. */
const BATCH_MAX = 64
/** Steps of a payer after which its operators are shown how far it has got: they vow 256 ahead of that. */
const SHOWN_EVERY = 192n
const model = eraseModel(directory)

export const openPayers = async (
  members: readonly Member[],
  payers: readonly Payer[],
): Promise<void> => {
  for (const payer of payers) {
    const body = charter.encode(payer.charter)
    const opened = await Promise.all(members.map((member) => post(member, '/v1/charters', body)))
    if (opened.some((one) => one === undefined)) throw new Error('an operator refused a charter')
  }
}

export const runLoad = async (load: Load): Promise<LoadResult> => {
  const start = performance.now()
  const until = start + load.seconds * 1000
  const places = load.places ?? load.payers.length
  const busy = new Map<Payer, Promise<void>>()
  const senders = load.members.map((member) => createSender(member))
  const latenciesMs: number[] = []
  let refused = 0
  const one = async (payer: Payer): Promise<void> => {
    const begun = performance.now()
    const step = payer.next()
    const isCertified = await certify(payer, load.members, senders, step)
    const now = performance.now()
    payer.settle()
    if (!isCertified) refused += 1
    else if (now <= until) latenciesMs.push(now - begun)
  }
  const work = async (place: number): Promise<void> => {
    while (performance.now() < until) {
      const at = load.pick?.(place) ?? place % load.payers.length
      const payer = load.payers[at]
      if (!payer) throw new Error('there is a payer for each place')
      // One step after the other: a payer's next step builds on the one before.
      const before = busy.get(payer) ?? Promise.resolve()
      const after = before.then(() => (performance.now() < until ? one(payer) : undefined))
      busy.set(payer, after)
      await after
    }
  }
  await Promise.all(Array.from({ length: places }, (_, place) => work(place)))
  const certified = latenciesMs.length
  return {
    certified,
    seconds: load.seconds,
    perSecond: certified / load.seconds,
    latenciesMs,
    refused,
  }
}

/** One step of a new machine, certified by this operator alone. */
export const certifyOne = async (member: Member, policy: DirectoryPolicy): Promise<Submission> => {
  const payer = createPayer(policy)
  await openPayers([member], [payer])
  const step = payer.next()
  if (await certify(payer, [member], [createSender(member)], step)) return step
  throw new Error(`${member.name} gave no receipt`)
}

/** Certified once k operators have given receipts; the others still get the step. */
const certify = (
  payer: Payer,
  members: readonly Member[],
  senders: readonly Sender[],
  step: Submission,
): Promise<boolean> => {
  const { policy } = payer
  const { terms } = payer.charter
  return new Promise((resolve) => {
    const receipts: Receipt[] = []
    let open = senders.length
    // Written once; a list of submissions is their number and their bytes.
    const bytes = submission.encode(step)
    for (const send of senders) {
      void send(bytes).then((receipt) => {
        open -= 1
        if (receipt) receipts.push(receipt)
        if (receipt && receipts.length === policy.threshold && isEnough(policy, receipts)) {
          const certificate = directoryCertificate.encode(certificateFrom(receipts))
          const judged = {
            terms,
            anchor: model.begin(terms),
            transition: step.transition,
            certificate,
          }
          if (step.transition.sequence % SHOWN_EVERY === 0n) {
            // Operators vow so far ahead of a certified step that they were shown, and no further.
            const body = certifiedHeader.encode({ transition: step.transition, certificate })
            for (const member of members) void post(member, '/v1/certified', body)
          }
          resolve(model.judge({ ...judged, known: KNOWN }).is === 'final')
        } else if (open === 0) resolve(false)
      })
    }
  })
}

const KNOWN = { verifier: engine, now: undefined, read: () => ({ is: 'unknown' as const }) }

/** Hands a step over and gives the receipt; undefined where there is none. */
type Sender = (step: Uint8Array) => Promise<Receipt | undefined>

type Waiting = {
  readonly step: Uint8Array
  readonly resolve: (receipt: Receipt | undefined) => void
}

/**
 * Requests on their way to one operator. With two, an operator has nothing to do while both wait for its disk; a step that waits
 * for a third to come back makes no request smaller.
 */
const REQUESTS_MAX = 4

/** Collects what comes while as many requests as may be are on their way. */
const createSender = (member: Member): Sender => {
  const waiting: Waiting[] = []
  let running = 0
  const run = async (): Promise<void> => {
    running += 1
    // What is wished in the same turn of the event loop travels together.
    await new Promise((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH_MAX)
      const body = concatBytes(u32.encode(batch.length), ...batch.map((one) => one.step))
      const bytes = await post(member, '/v1/steps', body)
      const given = bytes ? answers.decode(bytes) : []
      for (const [at, { resolve }] of batch.entries()) {
        const answer = given[at]
        resolve(answer?.is === 'receipt' ? answer.receipt : undefined)
      }
    }
    running -= 1
  }
  return (step) =>
    new Promise((resolve) => {
      waiting.push({ step, resolve })
      if (running < REQUESTS_MAX) void run()
    })
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 })

/** The body of the answer; undefined where the operator refused or was not there. */
const post = (member: Member, path: string, body: Uint8Array): Promise<Uint8Array | undefined> =>
  new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${member.token}`,
      'content-type': CONTENT_TYPE,
      'content-length': body.length,
    }
    const asked = request(
      `${member.url}${path}`,
      { method: 'POST', agent, headers },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', () => resolve(undefined))
        response.on('end', () =>
          resolve(response.statusCode === 200 ? new Uint8Array(Buffer.concat(chunks)) : undefined),
        )
      },
    )
    asked.on('error', () => resolve(undefined))
    asked.end(body)
  })

/** The value below which this share of the values lies. */
export const quantileOf = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
