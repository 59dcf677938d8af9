/**
 * Peer audits: an operator keeps the other operators' checkpoints, asks them to account for what they signed, and tells what it
 * finds. It does so as any client does (`client/audit.ts`), from time to time, and remembers what it was shown.
 *
 * Safety. Nobody is accused but by evidence, which convicts nobody who keeps the rules. What was seen of an operator is in the
 * store before it is told, so the next life of this process demands consistency with it.
 *
 * Liveness. Each audit is an exchange of gossip with every other operator, and clients exchange gossip with all of them. Two who
 * were shown different logs learn of it in the first exchange that connects them; where sizes and times do not say enough, the
 * operator is asked for the growth between the two in the second. Evidence goes to all others when it is new here, and they also
 * ask for what they missed.
 *
 * Not promised. That a conviction changes who certifies: the machine's terms say that. A convicted operator is listed, logged and
 * told of; its receipts count as its policies have them, until owners change their terms (`docs/threats.md`).
 */
import { randomInt } from 'node:crypto'
import {
  ACCUSATIONS_MAX,
  isFault,
  RUMOURS_MAX,
  type SignerId,
  type Verifier,
} from 'tallystick/base'
import { type Env, signerOf } from 'tallystick/kernel'
import {
  type Accusation,
  type Auditor,
  type AuditorState,
  createAuditor,
  type Gossip,
  gossipFrom,
  type Heard,
  inputsFrom,
  judgeAccusation,
  NO_GOSSIP,
  type Watched,
} from 'tallystick/models'
import { audit, type AuditedOperator } from '../client/audit.ts'
import { type AuditMemory, decodeAudit, encodeAudit } from '../client/audit-record.ts'
import type { DirectoryClient } from '../client/directory.ts'
import type { OperatorClient } from '../client/operator.ts'
import type { Store } from '../store/store.ts'
import type { Accusations } from './accusations.ts'
import type { ServerLimits } from './limits.ts'
import type { OperatorLogger } from './log.ts'
import type { Metrics } from './metrics.ts'
import { sampleSteps, type SamplesOptions } from './samples.ts'

export type PeerAudits = {
  /** Reads what earlier lives have seen. */
  readonly restore: () => Promise<void>
  /** What this operator knows of those that it watches. */
  readonly known: () => Promise<Gossip>
  /** Takes what somebody tells of them. */
  readonly hear: (told: Gossip) => Promise<void>
  /** One audit of all of them; audits wait for each other. */
  readonly auditNow: () => Promise<readonly AuditedOperator[]>
  /** How each was found last. */
  readonly states: () => readonly AuditedOperator[]
  /** From now on audits come by themselves. */
  readonly begin: () => void
  readonly close: () => void
}

export type PeerAuditsOptions = SamplesOptions & {
  readonly store: Store
  readonly verifier: Verifier
  readonly limits: ServerLimits
  readonly log: OperatorLogger
  readonly metrics: Metrics
  readonly accusations: Accusations
  readonly operators: readonly Watched[]
  readonly directory: DirectoryClient
}

const AUDITS = 'audits'
const KEY = new Uint8Array([0])
/** Milliseconds that one audit may take. */
const AUDIT_WAIT_MS = 10_000
/** Receipts that one audit takes up for each operator, at most, and how many may be open before it takes up no more. */
const SAMPLES = 16
const OPEN_MAX = 64

type Held = {
  memory: AuditMemory
  states: readonly AuditedOperator[]
  /** Told since the last audit began, and what is known with it. */
  pending: readonly Heard[]
  withPending: AuditorState
  /** How much of each operator's evidence was looked at. */
  readonly cursors: Map<string, bigint>
  timer: ReturnType<typeof setTimeout> | undefined
  isClosed: boolean
}

export const createPeerAudits = (options: PeerAuditsOptions): PeerAudits => {
  const { operators, verifier, accusations, directory } = options
  const auditor = createAuditor({ operators, verifier })
  const held: Held = {
    memory: { state: auditor.begin(), upTo: 0n },
    states: [],
    pending: [],
    withPending: auditor.begin(),
    cursors: new Map(),
    timer: undefined,
    isClosed: false,
  }
  let line: Promise<unknown> = Promise.resolve()
  const auditNow = (): Promise<readonly AuditedOperator[]> => {
    const turn = line.then(() => auditOnce(options, held))
    line = turn.catch(() => undefined)
    return turn
  }
  accusations.onKept((of, charge) => {
    if (!held.memory.state.accounts.has(charge.signer)) return
    const accused = operators.find((one) => one.name === nameOf(options, charge.signer))
    for (const client of directory.operators) {
      if (!held.isClosed && client.name !== accused?.name) void client.accuse(of)
    }
  })
  return {
    restore: async () => {
      const record = await options.store.get(AUDITS, KEY)
      if (record) held.memory = decodeAudit(record.value, auditor.begin())
      held.withPending = held.memory.state
    },
    known: () => known(options, held),
    hear: (told) => hear(options, held, auditor, told),
    auditNow,
    states: () => (held.states.length > 0 ? held.states : operators.map(unseen)),
    begin: () => {
      if (operators.length > 0 && options.limits.peerAuditMs > 0) schedule(options, held, auditNow)
    },
    close: () => {
      held.isClosed = true
      clearTimeout(held.timer)
    },
  }
}

/** Before the first audit of this life. */
const unseen = (operator: Watched): AuditedOperator => ({
  name: operator.name,
  signer: signerOf(operator.suite, operator),
  is: 'new',
  why: '',
  accusation: undefined,
})

type Auditing = Pick<PeerAuditsOptions, 'operators' | 'directory'>

/** Audits of operators that may come to be known while this one runs: those of before end, and what they have seen is read again. */
export const createLatePeerAudits = (
  create: (auditing: Auditing) => PeerAudits,
  first: Auditing,
): { readonly peerAudits: PeerAudits; readonly meet: (auditing: Auditing) => Promise<void> } => {
  let now = create(first)
  let isClosed = false
  return {
    peerAudits: {
      restore: () => now.restore(),
      known: () => now.known(),
      hear: (told) => now.hear(told),
      auditNow: () => now.auditNow(),
      states: () => now.states(),
      begin: () => now.begin(),
      close: () => {
        isClosed = true
        now.close()
      },
    },
    meet: async (auditing) => {
      now.close()
      const next = create(auditing)
      await next.restore()
      now = next
      if (isClosed) next.close()
      else next.begin()
    },
  }
}

const nameOf = (
  { accusations }: Pick<PeerAuditsOptions, 'accusations'>,
  signer: SignerId,
): string | undefined => accusations.watched.get(signer)

/** Three quarters to five quarters of the interval: operators that started together do not all ask together. */
const schedule = (
  options: PeerAuditsOptions,
  held: Held,
  auditNow: () => Promise<unknown>,
): void => {
  const { peerAuditMs } = options.limits
  const delayMs = Math.floor((peerAuditMs * (768 + randomInt(512))) / 1024)
  held.timer = setTimeout(() => {
    void auditNow()
      .catch((error: unknown) => options.log('error', 'audit failed', { message: String(error) }))
      .then(() => {
        if (!held.isClosed) schedule(options, held, auditNow)
      })
  }, delayMs)
  held.timer.unref()
}

const known = async (
  { accusations }: PeerAuditsOptions,
  { withPending }: Held,
): Promise<Gossip> => {
  const signers = [...withPending.accounts.keys()]
  const kept = await Promise.all(signers.map((signer) => accusations.against(signer)))
  return {
    checkpoints: gossipFrom(withPending).checkpoints,
    // What this operator has found itself is kept like what others told.
    accusations: kept.flat().map((one) => one.accusation),
  }
}

/** Keeps what convicts, and remembers checkpoints for the next audit. What convicts at once is not left until then. */
const hear = async (
  { accusations, operators }: PeerAuditsOptions,
  held: Held,
  auditor: Auditor,
  told: Gossip,
): Promise<void> => {
  for (const one of told.accusations) await accused(accusations, one)
  const inputs = inputsFrom({ ...NO_GOSSIP, checkpoints: told.checkpoints })
  for (const input of inputs) {
    if (input.is !== 'checkpoint') continue
    const { operator, signed } = input
    const before = held.withPending
    if (!before.accounts.has(operator)) continue
    const after = auditor.step(before, input, ENV)
    // Nothing new, or nobody has signed it.
    if (after === before || after.refusals !== before.refusals) continue
    const evidence = after.accounts.get(operator)?.evidence
    if (evidence) await accused(accusations, { is: 'log', evidence })
    const isRoom =
      held.pending.filter((one) => one.operator === operator).length < RUMOURS_MAX &&
      held.pending.length < RUMOURS_MAX * operators.length
    if (!isRoom) continue
    held.pending = [...held.pending, { operator, signed }]
    held.withPending = after
  }
}

const ENV: Env = { now: 0n, random: new Uint8Array(32) }

const accused = (accusations: Accusations, of: Accusation): Promise<unknown> =>
  accusations.accuse(of).catch((error: unknown) => {
    // It convicts nobody, or there is no room.
    if (!isFault(error)) throw error
  })

const auditOnce = async (
  options: PeerAuditsOptions,
  held: Held,
): Promise<readonly AuditedOperator[]> => {
  const { directory, operators, accusations, store } = options
  const heard = held.pending
  held.pending = []
  const wanted = [...held.memory.state.accounts].flatMap(([signer, { receipts, evidence }]) =>
    !evidence && receipts.length < OPEN_MAX ? [signer] : [],
  )
  const steps = await sampleSteps(options, new Set(wanted), SAMPLES)
  const { memory, operators: found } = await audit(directory, {
    operators,
    memory: held.memory,
    steps,
    heard,
    waitMs: AUDIT_WAIT_MS,
  })
  await store.commit({
    appends: [],
    puts: [{ space: AUDITS, key: KEY, value: encodeAudit(memory) }],
  })
  held.memory = memory
  // What was told meanwhile comes with the next audit.
  const auditor = createAuditor({ operators, verifier: options.verifier })
  held.withPending = held.pending.reduce(
    (state, one) => auditor.step(state, { is: 'checkpoint', ...one }, ENV),
    memory.state,
  )
  for (const { accusation } of found) if (accusation) await accused(accusations, accusation)
  await Promise.all(directory.operators.map((client) => askForEvidence(options, held, client)))
  const states = await Promise.all(found.map((one) => withConviction(options, one)))
  tell(options, held.states, states)
  held.states = states
  return states
}

/** One page of what another operator keeps: what is new there comes in the next audits. */
const askForEvidence = async (
  { accusations }: PeerAuditsOptions,
  { cursors }: Held,
  client: OperatorClient,
): Promise<void> => {
  const reply = await client.accusations(cursors.get(client.name) ?? 0n)
  if (reply.is !== 'answered') return
  for (const { index, accusation } of reply.value.slice(0, ACCUSATIONS_MAX)) {
    await accused(accusations, accusation)
    cursors.set(client.name, index + 1n)
  }
}

/** A conviction stays, whatever the operator answers later. */
const withConviction = async (
  { accusations, verifier }: PeerAuditsOptions,
  one: AuditedOperator,
): Promise<AuditedOperator> => {
  if (one.accusation) return one
  const [kept] = await accusations.against(one.signer)
  const charge = kept && judgeAccusation(kept.accusation, verifier)
  if (!charge || isFault(charge)) return one
  return { ...one, is: 'two-stories', why: charge.kind, accusation: kept.accusation }
}

const tell = (
  { log, metrics }: PeerAuditsOptions,
  before: readonly AuditedOperator[],
  after: readonly AuditedOperator[],
): void => {
  metrics.audited(after)
  for (const { name, is, why } of after) {
    if (before.find((one) => one.name === name)?.is === is) continue
    const isBad = is === 'two-stories' || is === 'withholding'
    log(isBad ? 'warning' : 'info', 'operator audited', { name, state: is, why })
  }
}
