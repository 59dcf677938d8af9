/**
 * Certifying: drives a submitter over the network until its steps are certified, time is up, or it cannot go on.
 *
 * Promise. A certificate is handed to `store` before anything is done that rests on it, and the next step goes out after that.
 * A machine that an operator does not know is opened there first, and it is told of the changes of its terms. What is returned
 * says of everybody who is waited for why.
 *
 * The same receipts show, for the step that brings other operators, that these go on from it.
 */
import type { Fault } from 'tallystick/base'
import type { Charter, Evidence } from 'tallystick/kernel'
import {
  type Amendment,
  type Answer,
  beginSubmitter,
  blockOf,
  type CertifiedHeader,
  type CertifiedStep,
  createSubmitter,
  type ServedMachine,
  servedFrom,
  type SubmitterOptions,
  forkOf,
  type Submission,
  type SubmitterEffect,
  type SubmitterInput,
  type SubmitterState,
} from 'tallystick/models'
import { type DirectoryClient, type Seated, seatsOf } from './directory.ts'
import { GRACE_MS } from './limits.ts'
import type { OperatorClient, Reply } from './operator.ts'

export type Certifying = {
  readonly charter: Charter
  /** With the changes of terms that came into force; as the charter has it if it is missing. */
  readonly served?: ServedMachine
  /** These changes, oldest first, for operators that have to be told of them. */
  readonly changes?: readonly Amendment[]
  /** Whether the step is certified and the newest terms came with it: their operators are asked to go on from there. */
  readonly isTakeover?: boolean
  /** Signed and stored, each the child of the one before. */
  readonly steps: readonly Submission[]
  /** The certified step before them, if there is one: an operator that was away is shown it. */
  readonly before?: CertifiedHeader | undefined
  /** Stores a certificate durably. */
  readonly store: (of: CertifiedStep) => void
  /** Milliseconds after which it gives up waiting. */
  readonly waitMs: number
  /** Called when somebody did not answer: whoever waits wants to know for whom. */
  readonly onWaiting?: (names: readonly string[], why: ReadonlyMap<string, string>) => void
}

export type Certification = {
  readonly is: 'certified' | 'waiting'
  /** Names of the operators whose receipts are still wanted. */
  readonly names: readonly string[]
  /** Why operators did not give one, by name. */
  readonly why: ReadonlyMap<string, string>
  /** Set where waiting will not help. */
  readonly block: Fault | undefined
  /** Proof that the owner's key has signed another step here. */
  readonly fork: Evidence | undefined
  /** Answers that did not hold. */
  readonly refused: readonly Fault[]
}

export const certify = async (
  directory: DirectoryClient,
  of: Certifying,
): Promise<Certification> => {
  const running = begin(directory, of)
  for (const submission of of.steps) feed(running, { is: 'take', submission })
  look(running)
  await running.over
  await settle(running)
  return outcomeOf(running)
}

type Running = {
  readonly directory: DirectoryClient
  readonly of: Certifying
  readonly role: ReturnType<typeof createSubmitter>
  readonly seats: readonly Seated[]
  state: SubmitterState
  /** Ids of effects that are outstanding and were performed. */
  performed: ReadonlySet<string>
  /** What is being asked or handed over. */
  readonly busy: Set<Promise<void>>
  /** What each operator is being asked now. */
  readonly asking: Map<number, Promise<void>>
  readonly abort: AbortController
  readonly timers: Set<() => void>
  /** Operators that have answered anything. */
  readonly alive: Set<Seated>
  readonly why: Map<string, string>
  readonly opened: Set<number>
  /** The newest certified step. */
  newest: CertifiedHeader | undefined
  isOver: boolean
  end: () => void
  readonly over: Promise<void>
}

const begin = (directory: DirectoryClient, of: Certifying): Running => {
  const { charter, served = servedFrom(charter) } = of
  let end: () => void = () => undefined
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  const running: Running = {
    directory,
    of,
    role: createSubmitter({ charter, served, verifier: directory.verifier }),
    seats: seatsOf(directory, { terms: served.eras.at(-1)?.terms ?? charter.terms }),
    state: beginSubmitter(),
    performed: new Set(),
    busy: new Set(),
    asking: new Map(),
    abort: new AbortController(),
    timers: new Set(),
    alive: new Set(),
    why: new Map(),
    opened: new Set(),
    newest: of.before,
    isOver: false,
    end: () => {
      running.isOver = true
      for (const cancel of running.timers) cancel()
      end()
    },
    over,
  }
  later(running, of.waitMs, () => running.end())
  return running
}

const submitterOptions = (
  { charter, served }: Certifying,
  { verifier }: DirectoryClient,
): SubmitterOptions => ({ charter, verifier, ...(served && { served }) })

const feed = (running: Running, input: SubmitterInput): void => {
  const { now, random } = running.directory.surroundings
  running.state = running.role.step(running.state, input, { now: now(), random: random() })
}

/** Performs what is outstanding and was not performed, and sees whether that is all. */
const look = (running: Running): void => {
  for (;;) {
    if (running.isOver) return
    const all = running.role.outstanding(running.state)
    const fresh = all.filter((one) => !running.performed.has(one.id))
    running.performed = new Set(all.map((one) => one.id))
    if (fresh.length === 0) break
    for (const one of fresh) perform(running, one)
  }
  const isDone = running.state.queue.length === 0
  if (isDone || blocked(running)) running.end()
}

const blocked = ({ of, directory, state }: Running): Fault | undefined =>
  blockOf(submitterOptions(of, directory), state)

const perform = (running: Running, effect: SubmitterEffect): void => {
  switch (effect.is) {
    case 'submit': {
      const work = submit(running, effect)
      running.asking.set(effect.operator, work)
      spawn(running, work)
      return
    }
    case 'wait':
      later(running, effect.ms, () => {
        running.of.onWaiting?.(namesOf(running), running.why)
        feed(running, { is: 'patience', attempt: effect.attempt })
        look(running)
      })
      return
    case 'certified':
      running.of.store(effect)
      running.newest = newestAfter(running, effect)
      feed(running, { is: 'stored', sequence: effect.submission.transition.sequence })
      // Who takes over keeps no certificate of the step: it is certified under the terms that it ends.
      if (running.of.isTakeover !== true) spread(running, effect)
  }
}

/** The certificate of the step under its own terms is shown to operators that were away; what takes over is none of these. */
const newestAfter = (
  { of, newest }: Running,
  { submission: { transition }, certificate }: CertifiedStep,
): CertifiedHeader | undefined => (of.isTakeover === true ? newest : { transition, certificate })

const spawn = (running: Running, work: Promise<void>): void => {
  running.busy.add(work)
  void work.finally(() => running.busy.delete(work))
}

const later = (running: Running, ms: number, run: () => void): void => {
  const cancel = running.directory.surroundings.after(ms, () => {
    running.timers.delete(cancel)
    if (!running.isOver) run()
  })
  running.timers.add(cancel)
}

const submit = async (
  running: Running,
  { operator, about, submission }: Extract<SubmitterEffect, { is: 'submit' }>,
): Promise<void> => {
  const seat = running.seats[operator]
  const client = seat?.client
  if (!seat || !client) {
    if (seat) running.why.set(seat.name, 'its address is not known')
    return
  }
  const ask = () => client.submit([submission], running.abort.signal)
  // Who stays in office would sign for the step as before, and judge what follows by terms that are over.
  if (running.of.isTakeover === true) await introduce(running, seat)
  let reply = await ask()
  const [first] = reply.is === 'answered' ? reply.value : []
  const isRefused = reply.is === 'refused' || first?.is === 'refused'
  const isElsewhere = first?.is === 'receipt' && first.receipt.operator !== operator
  if ((isRefused || isElsewhere) && !running.opened.has(operator)) {
    // An operator refuses the steps of a machine that it was never told of. It is told again until it has heard.
    const opened = await introduce(running, seat)
    reply = opened?.is === 'answered' || !opened ? await ask() : opened
  }
  reply = await caughtUp(running, client, { reply, ask })
  if (reply.is === 'silent') {
    running.why.set(seat.name, reply.why)
    return
  }
  running.alive.add(seat)
  running.why.delete(seat.name)
  const answer =
    reply.is === 'refused'
      ? ({ is: 'refused', code: reply.fault.code, text: reply.fault.message } as const)
      : reply.value[0]
  if (!answer) return
  if (answer.is === 'refused') running.why.set(seat.name, answer.text)
  feed(running, { is: 'answered', operator, about, answer: seated(answer, operator) })
  look(running)
}

/** Tells an operator of the machine, and of the changes of its terms; undefined where it has heard of them. */
const introduce = async (
  { of: { charter, changes = [] }, opened }: Running,
  { at, client }: Seated,
): Promise<Reply<unknown> | undefined> => {
  if (!client || opened.has(at)) return undefined
  const reply =
    changes.length === 0 ? await client.open(charter) : await client.amend({ charter, changes })
  if (reply.is === 'answered') opened.add(at)
  return reply
}

/**
 * A receipt with the place that the operator has in the terms by which it is judged: one that stays in office says where it sits in
 * the terms that it knows, and its signature does not cover that.
 */
const seated = (answer: Answer, operator: number): Answer =>
  answer.is === 'receipt' ? { ...answer, receipt: { ...answer.receipt, operator } } : answer

type Submitted = Awaited<ReturnType<OperatorClient['submit']>>

/** An operator that was away vows for nothing so far ahead; it is shown how far the machine has got, and asked again. */
const caughtUp = async (
  { newest }: Running,
  client: OperatorClient,
  { reply, ask }: { readonly reply: Submitted; readonly ask: () => Promise<Submitted> },
): Promise<Submitted> => {
  const [answer] = reply.is === 'answered' ? reply.value : []
  if (answer?.is !== 'refused' || answer.code !== 'operator/too-far-ahead' || !newest) return reply
  const shown = await client.showCertified(newest)
  return shown.is === 'answered' ? ask() : reply
}

/** Hands a certificate to everybody who is there, so that whoever asks one of them is shown it. */
const spread = (running: Running, { submission, certificate }: CertifiedStep): void => {
  const { machine, sequence } = submission.transition
  for (const seat of running.seats) {
    const { at, client } = seat
    const handOver = async (): Promise<void> => {
      // The step itself may still be on its way there, and an operator keeps no certificate of a step that it lacks.
      await running.asking.get(at)
      if (!client || !running.alive.has(seat)) return
      const reply = await client.handOver({ machine, sequence, certificate })
      // It was away when the terms changed, and takes the certificate of others for none.
      const isBehind = reply.is === 'refused' && (running.of.changes ?? []).length > 0
      if (isBehind && (await introduce(running, seat))?.is === 'answered') {
        await client.handOver({ machine, sequence, certificate })
      }
    }
    spawn(running, handOver())
  }
}

/** Gives what is still being asked a little time, and then up. */
const settle = async (running: Running): Promise<void> => {
  if (running.busy.size === 0) return
  let cancel: () => void = () => undefined
  const grace = new Promise<void>((resolve) => {
    cancel = running.directory.surroundings.after(GRACE_MS, resolve)
  })
  await Promise.race([allOf(running.busy), grace])
  cancel()
  running.abort.abort()
}

/** Until nothing is busy any more: what ends may have begun something else. */
const allOf = async (busy: ReadonlySet<Promise<void>>): Promise<void> => {
  while (busy.size > 0) await Promise.allSettled(busy)
}

const namesOf = ({ role, state }: Running): readonly string[] =>
  role.waitingFor(state).flatMap((one) => (one.is === 'signers' ? one.names : []))

const outcomeOf = (running: Running): Certification => {
  const { of, directory, state, why } = running
  return {
    is: state.queue.length === 0 ? 'certified' : 'waiting',
    names: namesOf(running),
    why,
    block: blocked(running),
    fork: forkOf(submitterOptions(of, directory), state),
    refused: state.refusals,
  }
}
