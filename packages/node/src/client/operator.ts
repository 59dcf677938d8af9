/**
 * The client of one operator: its HTTP interface as typed calls.
 *
 * Promise. A call never throws and always comes back: with what was answered, with the operator's refusal, or with *silent*
 * and why, where there was no whole answer that can be read in time. It asks once; who repeats is the caller. Every call may be
 * repeated: what it does is done once however often it arrives.
 *
 * Not promised. That an answer is true. What is signed is checked by whoever uses it: receipts by the submitter,
 * steps by `steps.ts`, items by those who read them.
 */
import {
  type Codec,
  type Fault,
  faultFrom,
  isFault,
  type MachineId,
  type SignerId,
} from 'tallystick/base'
import {
  charter,
  type Charter,
  type IdentityId,
  type Transition,
  signedKeyEvent,
  type SignedKeyEvent,
} from 'tallystick/kernel'
import {
  type Acceptance,
  acceptance,
  accusation,
  type Accusation,
  type AgreedStep,
  agreedSteps,
  type Amendments,
  amendments,
  type Answer,
  answers,
  certified,
  type Certified,
  type CertifiedHeader,
  certifiedHeader,
  gossip,
  type Gossip,
  type HandedMachine,
  handedMachine,
  inboxCursor,
  type InboxCursor,
  type InboxItem,
  inboxItems,
  inclusionAnswer,
  type InclusionAnswer,
  keptAccusations,
  type KeptAccusation,
  keptKeyEvents,
  type KeptKeyEvent,
  keptSteps,
  type KeptStep,
  keyAnswer,
  type KeyAnswer,
  logEntries,
  type LogEntry,
  logNodes,
  type LogNodes,
  machineHead,
  type MachineHead,
  mapAnswer,
  type MapAnswer,
  memberMessage,
  type MemberMessage,
  signedCheckpoint,
  type SignedCheckpoint,
  submissions,
  type Submission,
} from 'tallystick/models'
import { ANSWER_BYTES_MAX, ASK_MS } from './limits.ts'
import { refusalFrom } from './refusal.ts'
import type { Surroundings } from './surroundings.ts'

/** Where an operator is reached, and as whom. */
export type OperatorAddress = {
  /** As the policy calls it. */
  readonly name: string
  /** Without a slash at the end. */
  readonly url: string
  readonly token: string
  /** In hexadecimal, where it is known: an operator of this name with another key is somebody else. */
  readonly publicKey?: string
}

export type Reply<T> =
  | { readonly is: 'answered'; readonly value: T }
  /** The operator answered and will not: 4xx. */
  | { readonly is: 'refused'; readonly fault: Fault }
  /** No answer, or none that can be read. */
  | { readonly is: 'silent'; readonly why: string }

export type OperatorClient = OperatorAddress & {
  readonly open: (of: Charter) => Promise<Reply<undefined>>
  readonly submit: (
    steps: readonly Submission[],
    signal?: AbortSignal,
  ) => Promise<Reply<readonly Answer[]>>
  readonly handOver: (of: Certified) => Promise<Reply<undefined>>
  /** Shows how far a machine has got. */
  readonly showCertified: (of: CertifiedHeader) => Promise<Reply<undefined>>
  /** Missing where it knows of no step of the machine. */
  readonly head: (machine: MachineId) => Promise<Reply<MachineHead | undefined>>
  readonly charter: (machine: MachineId) => Promise<Reply<Charter | undefined>>
  readonly steps: (
    machine: MachineId,
    range: { readonly from: bigint; readonly limit: number },
  ) => Promise<Reply<readonly KeptStep[]>>
  /** Changes of terms, oldest first. */
  readonly amend: (of: Amendments) => Promise<Reply<undefined>>
  /** The operator's signature that it goes on with a machine from the step that is handed over. */
  readonly takeOver: (of: HandedMachine) => Promise<Reply<Acceptance>>
  /** Tells it of a shared machine; what it has to say then, if anything. */
  readonly tell: (of: MemberMessage) => Promise<Reply<MemberMessage | undefined>>
  /** Certified steps of a shared machine. */
  readonly agreed: (machine: MachineId, from: bigint) => Promise<Reply<readonly AgreedStep[]>>
  readonly leave: (device: SignerId, item: Uint8Array) => Promise<Reply<undefined>>
  readonly inbox: (
    device: SignerId,
    range: { readonly from: bigint; readonly limit: number },
  ) => Promise<Reply<readonly InboxItem[]>>
  readonly acknowledge: (device: SignerId, cursor: InboxCursor) => Promise<Reply<undefined>>
  readonly handIn: (of: SignedKeyEvent) => Promise<Reply<KeyAnswer>>
  /** A key log from a number on; empty where nothing is known of it, or nothing more. */
  readonly keyLog: (identity: IdentityId, from: number) => Promise<Reply<readonly KeptKeyEvent[]>>
  readonly accuse: (of: Accusation, signal?: AbortSignal) => Promise<Reply<undefined>>
  /** Evidence that it keeps, from a place on. */
  readonly accusations: (
    from: bigint,
    signal?: AbortSignal,
  ) => Promise<Reply<readonly KeptAccusation[]>>
  /** Tells what is known of other operators, and takes what it knows. */
  readonly gossip: (of: Gossip, signal?: AbortSignal) => Promise<Reply<Gossip>>
  readonly checkpoint: (signal?: AbortSignal) => Promise<Reply<SignedCheckpoint>>
  /** Entries of its log; none where there are no more. */
  readonly entries: (from: bigint, signal?: AbortSignal) => Promise<Reply<readonly LogEntry[]>>
  readonly growth: (
    sizes: { readonly from: bigint; readonly to: bigint },
    signal?: AbortSignal,
  ) => Promise<Reply<LogNodes>>
  readonly inclusion: (of: Transition, signal?: AbortSignal) => Promise<Reply<InclusionAnswer>>
  /** What its map has under the parent of a step. */
  readonly child: (of: Transition, signal?: AbortSignal) => Promise<Reply<MapAnswer>>
  readonly isReady: () => Promise<boolean>
}

export const MEDIA_TYPE = 'application/vnd.tallystick'

export const createOperatorClient = (
  address: OperatorAddress,
  surroundings: Surroundings,
): OperatorClient => {
  const ask = createAsk(address, surroundings)
  const said = async (
    path: string,
    body: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Reply<undefined>> => mapReply(await ask({ path, body, signal }), () => undefined)
  const read = async <T>(path: string, codec: Codec<T>, signal?: AbortSignal): Promise<Reply<T>> =>
    mapReply(await ask({ path, signal }), (bytes) => codec.decode(bytes))
  const told = async <T>(asked: Asked, codec: Codec<T>): Promise<Reply<T>> =>
    mapReply(await ask(asked), (bytes) => codec.decode(bytes))
  const found = async <T>(path: string, codec: Codec<T>): Promise<Reply<T | undefined>> =>
    orMissing(await read(path, codec))
  return {
    ...address,
    open: (of) => said('/v1/charters', charter.encode(of)),
    submit: async (steps, signal) => {
      const reply = mapReply(
        await ask({ path: '/v1/steps', body: submissions.encode(steps), signal }),
        (bytes) => answers.decode(bytes),
      )
      return reply.is === 'answered' && reply.value.length !== steps.length
        ? { is: 'silent', why: `${reply.value.length} answers to ${steps.length} steps` }
        : reply
    },
    handOver: (of) => said('/v1/certificates', certified.encode(of)),
    showCertified: (of) => said('/v1/certified', certifiedHeader.encode(of)),
    head: (machine) => found(`/v1/machines/${machine}`, machineHead),
    charter: (machine) => found(`/v1/machines/${machine}/charter`, charter),
    steps: (machine, { from, limit }) =>
      read(`/v1/machines/${machine}/steps?from=${from}&limit=${limit}`, keptSteps),
    amend: (of) => said('/v1/terms', amendments.encode(of)),
    takeOver: (of) => told({ path: '/v1/takeovers', body: handedMachine.encode(of) }, acceptance),
    tell: async (of) =>
      mapReply(await ask({ path: '/v1/casts', body: memberMessage.encode(of) }), (bytes) =>
        bytes.length === 0 ? undefined : memberMessage.decode(bytes),
      ),
    agreed: (machine, from) => read(`/v1/machines/${machine}/agreed?from=${from}`, agreedSteps),
    leave: (device, item) => said(`/v1/inbox/${device}`, item),
    inbox: (device, { from, limit }) =>
      read(`/v1/inbox/${device}?after=${from}&limit=${limit}`, inboxItems),
    acknowledge: (device, cursor) => said(`/v1/inbox/${device}/ack`, inboxCursor.encode(cursor)),
    handIn: (of) => told({ path: '/v1/identities', body: signedKeyEvent.encode(of) }, keyAnswer),
    keyLog: async (identity, from) =>
      mapReply(
        orMissing(await read(`/v1/identities/${identity}?from=${from}`, keptKeyEvents)),
        (kept) => kept ?? [],
      ),
    accuse: (of, signal) => said('/v1/evidence', accusation.encode(of), signal),
    accusations: (from, signal) => read(`/v1/evidence?from=${from}`, keptAccusations, signal),
    gossip: (of, signal) => told({ path: '/v1/gossip', body: gossip.encode(of), signal }, gossip),
    checkpoint: (signal) => read('/v1/checkpoint', signedCheckpoint, signal),
    entries: (from, signal) => read(`/v1/log?from=${from}`, logEntries, signal),
    growth: ({ from, to }, signal) =>
      read(`/v1/consistency?from=${from}&to=${to}`, logNodes, signal),
    inclusion: ({ machine, sequence }, signal) =>
      read(`/v1/inclusion?machine=${machine}&sequence=${sequence}`, inclusionAnswer, signal),
    child: ({ machine, sequence, parent }, signal) =>
      read(`/v1/map?machine=${machine}&sequence=${sequence}&parent=${parent}`, mapAnswer, signal),
    isReady: async () => (await ask({ path: '/readyz' })).is === 'answered',
  }
}

type Asked = {
  readonly path: string
  readonly body?: Uint8Array
  /** Of a caller who may lose interest. */
  readonly signal?: AbortSignal | undefined
}

const createAsk =
  (address: OperatorAddress, surroundings: Surroundings) =>
  async ({ path, body, signal }: Asked): Promise<Reply<Uint8Array>> => {
    const abort = new AbortController()
    let isLate = false
    const giveUp = surroundings.after(ASK_MS, () => {
      isLate = true
      abort.abort()
    })
    try {
      const answer = await surroundings.http({
        url: `${address.url}${path}`,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: MEDIA_TYPE,
          authorization: `Bearer ${address.token}`,
          ...(body === undefined ? {} : { 'content-type': MEDIA_TYPE }),
        },
        body,
        answerBytesMax: ANSWER_BYTES_MAX,
        signal: signal ? AbortSignal.any([signal, abort.signal]) : abort.signal,
      })
      return replyFrom(answer.status, answer.body, address.name)
    } catch (error) {
      return { is: 'silent', why: isLate ? `no answer in ${ASK_MS} ms` : reasonOf(error) }
    } finally {
      giveUp()
    }
  }

const replyFrom = (status: number, body: Uint8Array, party: string): Reply<Uint8Array> => {
  if (status >= 200 && status < 300) return { is: 'answered', value: body }
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return { is: 'refused', fault: refusalFrom(body, { status, party }) }
  }
  return { is: 'silent', why: `it answers with ${status}` }
}

/** What a network error is at the bottom; the outermost only says that fetching failed. */
const reasonOf = (error: unknown): string => {
  let last = error
  for (let depth = 0; depth < 4; depth++) {
    if (!(last instanceof Error) || last.cause === undefined) break
    last = last.cause
  }
  const code = last instanceof Error && 'code' in last ? String(last.code) : ''
  if (code === 'ECONNREFUSED') return 'nobody listens there'
  if (last instanceof Error && last.message !== '') return last.message
  return code === '' ? 'the connection failed' : code
}

/** Reads the value of an answer; one that does not read is as good as none. */
const mapReply = <From, T>(reply: Reply<From>, read: (bytes: From) => T): Reply<T> => {
  if (reply.is !== 'answered') return reply
  const value = faultFrom(() => read(reply.value))
  return isFault(value)
    ? { is: 'silent', why: `an answer that cannot be read: ${value.message}` }
    : { is: 'answered', value }
}

const orMissing = <T>(reply: Reply<T>): Reply<T | undefined> =>
  reply.is === 'refused' && reply.fault.place.part === 'status 404'
    ? { is: 'answered', value: undefined }
    : reply
