/**
 * The shell around the `auditor` role: asks the operators of a directory to account for what they signed, and compares it with
 * what was seen before.
 *
 * Promise. Evidence is handed out as the role finds it, so nobody who keeps the rules is accused; everything else is a name and
 * what is owed. It asks each operator by itself, in parallel, and comes back when the time is over whatever they do.
 *
 * How each operator is described. *two-stories*: there is evidence. *withholding*: it refuses the growth between checkpoints of
 * its own or answers that with something else, which an honest operator can always show; or it owes an answer for longer than
 * patience. *silent*: it did not answer in this audit. *behind*: it answers, and owes something that is young. Else it is
 * *consistent*, or *new* where nothing was seen of it before.
 *
 * Each audit is an exchange of gossip as well: every operator is told what is held of the others, and tells what it holds, so that
 * two who were shown different logs find out over any operator that both reach and that watches the liar.
 *
 * Not promised. That two stories are found by one who is told one of them alone, and by nobody who knows the other: bring
 * checkpoints of others (`heard`). That silence is a lie: a network may cause it.
 */
import type { SignerId, Verifier } from 'tallystick/base'
import { type Env, signerOf, type Transition } from 'tallystick/kernel'
import {
  type AuditorEffect,
  type AuditorInput,
  type AuditorState,
  checkCheckpoint,
  type Accusation,
  createAuditor,
  gossipFrom,
  type Heard,
  type Receipt,
  type SignedCheckpoint,
  type Watched,
} from 'tallystick/models'
import type { AuditMemory } from './audit-record.ts'
import { clientOf, type DirectoryClient } from './directory.ts'
import { convictedByStatements, exchangeGossip, toldAbout } from './gossip.ts'
import { AUDIT_AGAIN_MS, AUDIT_PATIENCE_MS, AUDIT_QUESTIONS_MAX } from './limits.ts'
import type { OperatorClient, Reply } from './operator.ts'
import type { Surroundings } from './surroundings.ts'

/** An own step, with the receipts of its certificate and whom each is of. */
export type ReceiptedStep = {
  readonly transition: Transition
  readonly receipts: readonly (Pick<Receipt, 'time' | 'signature'> & {
    readonly operator: SignerId
  })[]
}

export type Auditing = {
  readonly operators: readonly Watched[]
  /** Undefined for one that has seen nothing yet. */
  readonly memory: AuditMemory | undefined
  readonly steps: readonly ReceiptedStep[]
  /** Checkpoints that somebody else has seen. */
  readonly heard?: readonly Heard[]
  readonly waitMs: number
}

export type AuditedOperator = {
  readonly name: string
  readonly signer: SignerId
  readonly is: 'consistent' | 'new' | 'behind' | 'silent' | 'withholding' | 'two-stories'
  /** What is owed, or why there is no answer. */
  readonly why: string
  /** What convicts it. */
  readonly accusation: Accusation | undefined
}

export type Audit = {
  readonly operators: readonly AuditedOperator[]
  /** To be kept for the next one. */
  readonly memory: AuditMemory
  readonly refusals: readonly string[]
}

/** One audit of a directory. Never raises. */
export const audit = async (directory: DirectoryClient, of: Auditing): Promise<Audit> => {
  const { operators, memory, steps, heard = [], waitMs } = of
  const { surroundings, verifier } = directory
  const auditor = createAuditor({ operators, verifier })
  let state = memory?.state ?? auditor.begin()
  const env = (): Env => ({ now: surroundings.now(), random: surroundings.random() })
  const feed = (input: AuditorInput): void => {
    state = auditor.step(state, input, env())
  }
  for (const one of steps) {
    const { transition } = one
    for (const { operator, time, signature } of one.receipts) {
      feed({ is: 'receipt', operator, transition, receipt: { time, signature } })
    }
  }
  const abort = new AbortController()
  const cancel = surroundings.after(waitMs, () => abort.abort())
  const exchange: Exchange = {
    signal: abort.signal,
    feed,
    verifier,
    pause: (ms) => pauseFor(surroundings, ms, abort.signal),
    asked: (operator) =>
      auditor
        .outstanding(state)
        .flatMap((one) => (one.is === 'ask' && one.operator === operator ? [one.question] : [])),
    held: (operator) => state.accounts.get(operator)?.held,
  }
  const before = state
  const asking = Promise.all(
    operators.map(async (operator): Promise<Seen> => {
      const signer = signerOf(operator.suite, operator)
      const client = clientOf(directory, operator)
      const told = heard.filter((one) => one.operator === signer)
      const outcome = client
        ? await accountFor(exchange, { client, operator, signer, told })
        : unanswered('its address is not known')
      return { operator, signer, ...outcome }
    }),
  )
  // What is told includes what was just shown; one who does not answer keeps nobody from telling it.
  await Promise.race([asking, exchange.pause(waitMs / 3)])
  const statements = await talk(directory, exchange, { state, waitMs: waitMs / 3 })
  // What others told may be a checkpoint of a second story, which the operator has to link to the first.
  const seen = await Promise.all((await asking).map((one) => askedAgain(exchange, directory, one)))
  cancel()
  const late = auditor.withholders(state, surroundings.now(), AUDIT_PATIENCE_MS)
  const found = seen.map((one): AuditedOperator => {
    const known: Known = {
      convicted: convictedOf(state, one.signer) ?? statements.get(one.signer),
      overdue: late.find((debt) => debt.operator === one.operator && isNamed(one, debt.question))
        ?.question,
      open: exchange.asked(one.signer).find((question) => one.asked.has(wordsOf(question))),
      isNew: before.accounts.get(one.signer)?.held === undefined,
    }
    const accusation = known.convicted?.accusation
    return { name: one.operator.name, signer: one.signer, accusation, ...describe(one, known) }
  })
  const refusals = state.refusals.map((one) => `${one.place.party ?? ''}: ${one.message}`)
  return { operators: found, memory: { state, upTo: upToOf(of) }, refusals }
}

/** Exchanges gossip with all operators. Who is convicted by statements comes back. */
const talk = async (
  { operators, surroundings, verifier }: DirectoryClient,
  { feed }: Exchange,
  { state, waitMs }: { readonly state: AuditorState; readonly waitMs: number },
): Promise<ReadonlyMap<SignerId, Convicted>> => {
  const watched = new Set(state.accounts.keys())
  const convicted = new Map<SignerId, Convicted>()
  const early = new AbortController()
  const cancel = surroundings.after(waitMs, () => early.abort())
  await exchangeGossip(operators, gossipFrom(state), early.signal, (told) => {
    for (const input of toldAbout(watched, told)) feed(input)
    for (const { accusation, charge } of convictedByStatements(watched, told, verifier)) {
      convicted.set(charge.signer, { accusation, kind: charge.kind })
    }
  })
  cancel()
  return convicted
}

const convictedOf = (state: AuditorState, signer: SignerId): Convicted | undefined => {
  const evidence = state.accounts.get(signer)?.evidence
  return evidence && { accusation: { is: 'log', evidence }, kind: evidence.lie.is }
}

const upToOf = ({ steps, memory }: Auditing): bigint =>
  steps.reduce(
    (last, { transition: { sequence } }) => (sequence > last ? sequence : last),
    memory?.upTo ?? 0n,
  )

const pauseFor = ({ after }: Surroundings, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const stop = after(ms, resolve)
    signal.addEventListener('abort', () => {
      stop()
      resolve()
    })
  })

type Owed = Extract<AuditorEffect, { is: 'ask' }>['question']

type Exchange = {
  readonly signal: AbortSignal
  readonly verifier: Verifier
  readonly feed: (input: AuditorInput) => void
  /** Waits so many milliseconds, or until the time of the audit is over. */
  readonly pause: (ms: number) => Promise<void>
  /** What an operator is to be asked now. */
  readonly asked: (operator: SignerId) => readonly Owed[]
  readonly held: (operator: SignerId) => SignedCheckpoint | undefined
}

type Outcome = {
  /** Questions that were put to it, in words. What was not asked for yet is owed by nobody. */
  readonly asked: ReadonlySet<string>
  /** Whether it has answered with a checkpoint. */
  readonly isHere: boolean
  /** Why there was no answer to a question. */
  readonly silent: string | undefined
  /** What it can always show, and has not. */
  readonly refused: string | undefined
}

type Seen = Outcome & { readonly operator: Watched; readonly signer: SignerId }

const NO_ANSWER = { asked: new Set<string>(), silent: undefined, refused: undefined }
const unanswered = (silent: string): Outcome => ({ ...NO_ANSWER, isHere: false, silent })
const refusing = (refused: string): Outcome => ({ ...NO_ANSWER, isHere: true, refused })

/** Whether an old debt is named: growth always, and the rest where there was an answer that did not settle it. */
const isNamed = ({ isHere, silent, asked }: Outcome, of: Owed): boolean =>
  isHere && asked.has(wordsOf(of)) && (of.is === 'growth' || silent === undefined)

type Asking = {
  readonly operator: Watched
  readonly client: OperatorClient
  readonly signer: SignerId
  readonly told: readonly Heard[]
}

/** Asks one operator for a checkpoint, and for everything that it owes then. */
const accountFor = async (exchange: Exchange, asking: Asking): Promise<Outcome> => {
  const { client, operator, signer, told } = asking
  const { signal, feed, verifier } = exchange
  const held = exchange.held(signer)
  const first = await client.checkpoint(signal)
  if (first.is === 'answered') feed({ is: 'checkpoint', operator: signer, signed: first.value })
  for (const { signed } of told) feed({ is: 'checkpoint', operator: signer, signed })
  if (first.is !== 'answered') return unanswered(whyOf(first, signal))
  if (checkCheckpoint(operator, first.value, verifier)) {
    return refusing('a checkpoint that its key has signed')
  }
  const isEmptied = held !== undefined && first.value.checkpoint.size === 0n
  // An empty log begins every log, so the role asks nothing; but one that is empty again has lost what it signed for.
  const lost = isEmptied
    ? await client.growth({ from: 1n, to: held.checkpoint.size }, signal)
    : undefined
  if (lost?.is === 'refused') {
    return refusing(`the ${held?.checkpoint.size} entries that its log had`)
  }
  return lost?.is === 'silent' ? unanswered(whyOf(lost, signal)) : askAll(exchange, asking)
}

/**
 * Until nothing new is to be asked: an answer may bring a checkpoint along, which is to be linked in turn. What was answered
 * and not settled is asked once again a little later: another process of the operator may be a checkpoint behind.
 */
const askAll = async (exchange: Exchange, asking: AskedOne): Promise<Outcome> => {
  const first = await askOnce(exchange, asking)
  const isOpen = exchange.asked(asking.signer).some((one) => first.asked.has(wordsOf(one)))
  if (first.silent !== undefined || first.refused !== undefined || !isOpen) return first
  await exchange.pause(AUDIT_AGAIN_MS)
  return exchange.signal.aborted ? first : askOnce(exchange, asking)
}

/** Asks what came up since the operator was asked, if it has answered everything so far. */
const askedAgain = async (
  exchange: Exchange,
  directory: DirectoryClient,
  seen: Seen,
): Promise<Seen> => {
  const { operator, signer, isHere, silent, refused } = seen
  const client = clientOf(directory, operator)
  const isNew = exchange.asked(signer).some((one) => !seen.asked.has(wordsOf(one)))
  if (!client || !isNew || !isHere || silent !== undefined || refused !== undefined) return seen
  const more = await askAll(exchange, { client, signer })
  return { ...seen, ...more, asked: new Set([...seen.asked, ...more.asked]) }
}

type AskedOne = Pick<Asking, 'client' | 'signer'>

const askOnce = async (exchange: Exchange, asking: AskedOne): Promise<Outcome> => {
  const { signer } = asking
  const done = new Set<string>()
  let outcome: Outcome = { ...NO_ANSWER, isHere: true, asked: done }
  while (!exchange.signal.aborted && done.size < AUDIT_QUESTIONS_MAX) {
    const questions = exchange
      .asked(signer)
      .filter((one) => one.is !== 'checkpoint' && !done.has(wordsOf(one)))
      .slice(0, AUDIT_QUESTIONS_MAX - done.size)
    if (questions.length === 0) break
    for (const question of questions) done.add(wordsOf(question))
    const all = await Promise.all(
      questions.map(async (question) => ({
        question,
        reply: await put(exchange, asking, question),
      })),
    )
    for (const { question, reply } of all) {
      const isOpen = exchange.asked(signer).some((one) => wordsOf(one) === wordsOf(question))
      if (!isOpen) continue
      if (reply.is === 'silent') outcome = { ...outcome, silent: whyOf(reply, exchange.signal) }
      // Growth between what it signed can be shown at any time; the rest may need a newer checkpoint.
      else if (question.is === 'growth') outcome = { ...outcome, refused: owedText(question) }
    }
  }
  return outcome
}

const wordsOf = (of: Owed): string => {
  switch (of.is) {
    case 'checkpoint':
      return of.is
    case 'growth':
      return `${of.is} ${of.from} ${of.to}`
    case 'inclusion':
    case 'child':
      return `${of.is} ${of.of.machine} ${of.of.sequence} ${of.of.parent}`
  }
}

const owedText = (of: Owed): string => {
  switch (of.is) {
    case 'checkpoint':
      return 'a checkpoint'
    case 'growth':
      return `how its log grew from ${of.from} to ${of.to}`
    case 'inclusion':
      return `where step ${of.of.sequence} stands in its log`
    case 'child':
      return `where step ${of.of.sequence} stands in its map`
  }
}

/** Asks and feeds what was answered. */
const put = async (
  { signal, feed }: Exchange,
  { client, signer: operator }: AskedOne,
  question: Owed,
): Promise<Reply<unknown>> => {
  switch (question.is) {
    case 'checkpoint': {
      const reply = await client.checkpoint(signal)
      if (reply.is === 'answered') feed({ is: 'checkpoint', operator, signed: reply.value })
      return reply
    }
    case 'growth': {
      const { from, to } = question
      const reply = await client.growth({ from, to }, signal)
      if (reply.is === 'answered') feed({ is: 'growth', operator, from, to, nodes: reply.value })
      return reply
    }
    case 'inclusion': {
      const reply = await client.inclusion(question.of, signal)
      if (reply.is === 'answered') feed({ is: 'inclusion', operator, answer: reply.value })
      return reply
    }
    case 'child': {
      const reply = await client.child(question.of, signal)
      const { parent } = question.of
      if (reply.is === 'answered') feed({ is: 'child', operator, parent, answer: reply.value })
      return reply
    }
  }
}

const whyOf = (
  reply: Exclude<Reply<unknown>, { is: 'answered' }>,
  { aborted }: AbortSignal,
): string =>
  reply.is === 'refused' ? reply.fault.message : aborted ? 'no answer in time' : reply.why

type Convicted = { readonly accusation: Accusation; readonly kind: string }

type Known = {
  readonly convicted: Convicted | undefined
  readonly overdue: Owed | undefined
  readonly open: Owed | undefined
  readonly isNew: boolean
}

const describe = (
  { silent, refused }: Outcome,
  known: Known,
): Pick<AuditedOperator, 'is' | 'why'> => {
  if (known.convicted) return { is: 'two-stories', why: known.convicted.kind }
  if (refused !== undefined) return { is: 'withholding', why: refused }
  if (known.overdue) return { is: 'withholding', why: owedText(known.overdue) }
  if (silent !== undefined) return { is: 'silent', why: silent }
  if (known.open) return { is: 'behind', why: owedText(known.open) }
  return { is: known.isNew ? 'new' : 'consistent', why: '' }
}
