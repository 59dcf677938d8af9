/**
 * Settling: brings an account up to date. What was forgotten is recovered, what is signed is certified, operators whom that brings
 * have gone on, and what is certified is delivered, in this order. Every command that signs ends with it, and `tally resend` is nothing else.
 *
 * Promise. Repeating it is safe at any point: nothing is signed anew but what a crash left unsigned. It says for whom it waits.
 */
import type { Fault } from 'tallystick/base'
import type { ExitCode } from 'tallystick/shell'
import type { CertifiedHeader, CertifiedStep, OwnerState } from 'tallystick/models'
import { type Certification, certify, type Certifying } from '../client/certify.ts'
import { deliverAll, type Delivery, undelivered } from './deliver.ts'
import { openSubmissions } from './desk.ts'
import type { Office } from './office.ts'
import { recoverAccount } from './recover.ts'
import { keepAccepted, nextBatch, openTakeover, standingOf } from './standing.ts'

export type Settled = {
  readonly certified: readonly bigint[]
  readonly delivered: readonly Delivery[]
  /** Operators that are waited for, and why each has not answered. */
  readonly waiting: readonly { readonly name: string; readonly why: string }[]
  /** How many steps of others were taken over from the operators. */
  readonly adopted: number
  readonly block: Fault | undefined
  readonly fork: Certification['fork']
  /** Payments that no operator has taken yet. */
  readonly undelivered: number
}

const NOTHING: Settled = {
  certified: [],
  delivered: [],
  waiting: [],
  adopted: 0,
  block: undefined,
  fork: undefined,
  undelivered: 0,
}

/** Milliseconds that a command waits for operators unless it is told otherwise. */
export const PATIENCE_MS_DEFAULT = 15_000

/** Asks the operators what this account has signed, if its own memory may lack something. Undefined where that is done. */
export const remember = async (
  office: Office,
  isQuorumEnough = false,
): Promise<Settled | undefined> => {
  const { desk, output, folder } = office
  if (!desk.isForgetful()) return undefined
  output.line(`What ${folder.own} has signed may be missing here; asking the operators.`, 'warn')
  const outcome = await recoverAccount(office, { isQuorumEnough })
  if (outcome.is === 'recovered') {
    output.line(`Recovered: ${outcome.adopted} steps taken over from the operators.`, 'good')
    return undefined
  }
  if (outcome.isQuorum) {
    output.line(
      'They alone may know of a step; tally resend --quorum goes on without them.',
      'warn',
    )
  }
  const waiting = outcome.names.map((name) => ({ name, why: outcome.why.get(name) ?? '' }))
  return { ...NOTHING, waiting }
}

export const settle = async (
  office: Office,
  waitMs: number,
  isQuorumEnough = false,
): Promise<Settled> => {
  const forgotten = await remember(office, isQuorumEnough)
  if (forgotten) return forgotten
  const { desk, directory, output, folder } = office
  if (desk.state().steps.some((one) => !one.signature)) desk.finish(await office.signer())
  const certified: bigint[] = []
  let outcome: Certification | undefined
  for (let work = nextWork(office); work; work = nextWork(office)) {
    const { served, changes } = standingOf(office)
    const { store, ...what } = work
    outcome = await certify(directory, {
      ...what,
      charter: folder.charter,
      served,
      changes,
      before: newestCertified(desk.state()),
      waitMs,
      store: (of) => {
        store(of)
        if (!what.isTakeover) certified.push(of.submission.transition.sequence)
      },
      onWaiting: (names, why) => output.progress(`waiting for ${waitText(names, why)} …`),
    })
    output.progress()
    if (outcome.is === 'waiting') break
  }
  const isWaiting = outcome?.is === 'waiting'
  const delivered = await deliverAll(office).catch((error: unknown) => {
    // The money is certified; that nobody keeps the message now is told, and tried again later.
    output.complain(error instanceof Error ? error.message : String(error), 'warn')
    return []
  })
  return {
    ...NOTHING,
    certified,
    delivered,
    waiting: isWaiting
      ? (outcome?.names ?? []).map((name) => ({ name, why: outcome?.why.get(name) ?? 'no answer' }))
      : [],
    block: outcome?.block,
    fork: outcome?.fork,
    undelivered: undelivered(office).length,
  }
}

type Work = Pick<Certifying, 'steps' | 'store'> & { readonly isTakeover: boolean }

/**
 * What operators are asked for next: first those whom a certified step has brought that they go on from there, as they alone decide
 * what follows; then receipts for what is signed, up to a change of operators.
 */
const nextWork = (office: Office): Work | undefined => {
  const { desk, folder } = office
  const takeover = openTakeover(office)
  if (takeover) {
    const store = ({ submission, certificate }: CertifiedStep): void =>
      keepAccepted(folder, submission.transition.sequence, certificate)
    return { steps: [takeover.step], isTakeover: true, store }
  }
  const steps = nextBatch(openSubmissions(desk.state()))
  const store = ({ submission, certificate }: CertifiedStep): void =>
    desk.certify(submission.transition.sequence, certificate)
  return steps.length === 0 ? undefined : { steps, isTakeover: false, store }
}

/** For operators that were away. */
const newestCertified = ({ steps }: OwnerState): CertifiedHeader | undefined => {
  const last = steps.findLast((one) => one.certificate !== undefined)
  return last?.certificate && { transition: last.transition, certificate: last.certificate }
}

export const waitText = (names: readonly string[], why: ReadonlyMap<string, string>): string =>
  names.map((name) => `${name} (${why.get(name) ?? 'no answer yet'})`).join(', ')

/** Says what has become of it, and how the command ends. Raises what makes waiting pointless. */
export const tellSettled = ({ output, folder }: Office, settled: Settled): ExitCode => {
  for (const sequence of settled.certified) {
    output.line(`Step ${sequence} is certified.`, 'good')
  }
  for (const one of settled.delivered) {
    output.line(`The proof lies in the inbox of ${one.to}, at ${one.with.join(', ')}.`)
  }
  output.result({
    certified: settled.certified,
    delivered: settled.delivered,
    waiting: settled.waiting,
    undelivered: settled.undelivered,
    ...(settled.fork ? { conflicted: true } : {}),
  })
  if (settled.fork) {
    output.line('The key has signed another step in this place; there is proof of it.', 'bad')
  }
  if (settled.block) throw settled.block.at({ party: folder.own })
  if (settled.waiting.length > 0) {
    const names = settled.waiting.map((one) => one.name)
    output.line(`Not certified yet: it waits for ${names.join(' and ')}.`, 'warn')
    output.table(settled.waiting.map(({ name, why }) => [name, why]))
    output.line('What is signed is kept, and goes on when enough of them are there again.', 'quiet')
    return 2
  }
  return settled.undelivered > 0 ? 2 : 0
}
