/**
 * The client of a directory: the operators that a policy names, asked together.
 *
 * Promise. Nobody is believed: what operators show counts by its signatures alone, and what up to f of them leave out is
 * found at the others. Each operator of a policy is asked at the address that belongs to its key, so that two directories may use
 * one name for two operators; an address whose key is not known counts by its name, and a false one leads to somebody whose
 * signatures do not fit.
 */
import { Fault, hexFromBytes, type SignerId, type SuiteId, type Verifier } from 'tallystick/base'
import { type Charter, machineId } from 'tallystick/kernel'
import {
  checkCheckpoint,
  type DirectoryPolicy,
  directoryPolicy,
  type HeadReport,
  type Operator,
  type Recovery,
  recoverFrom,
  type ServedMachine,
  servedFrom,
} from 'tallystick/models'
import { READ_ATTEMPTS_MAX, READ_PATIENCE_MS } from './limits.ts'
import {
  createOperatorClient,
  type OperatorAddress,
  type OperatorClient,
  type Reply,
} from './operator.ts'
import type { Surroundings } from './surroundings.ts'

export type DirectoryClient = {
  readonly surroundings: Surroundings
  readonly verifier: Verifier
  readonly operators: readonly OperatorClient[]
}

/** An operator of a policy, by its position there, with its client if its address is known. */
export type Seated = {
  readonly at: number
  readonly name: string
  readonly client: OperatorClient | undefined
}

export const createDirectoryClient = (
  addresses: readonly OperatorAddress[],
  { surroundings, verifier }: Pick<DirectoryClient, 'surroundings' | 'verifier'>,
): DirectoryClient => ({
  surroundings,
  verifier,
  operators: addresses.map((one) => createOperatorClient(one, surroundings)),
})

/** The operators of a machine's policy. */
export const seatsOf = (
  directory: DirectoryClient,
  charter: Pick<Charter, 'terms'>,
): readonly Seated[] =>
  policyOf(charter).operators.map((operator, at) => ({
    at,
    name: operator.name,
    client: clientOf(directory, operator),
  }))

/** Where an operator is asked: at the address with its key, or one with its name whose key is not known. */
export const clientOf = (
  { operators }: Pick<DirectoryClient, 'operators'>,
  { name, publicKey }: Pick<Operator, 'name' | 'publicKey'>,
): OperatorClient | undefined => {
  const key = hexFromBytes(publicKey)
  return (
    operators.find((one) => one.publicKey === key) ??
    operators.find((one) => one.name === name && one.publicKey === undefined)
  )
}

export const policyOf = (charter: Pick<Charter, 'terms'>): DirectoryPolicy =>
  directoryPolicy.decode(charter.terms.policy.params)

/** Asks again, a few times and with growing patience, where there was no answer. */
export const askPatiently = async <T>(
  { after, random }: Surroundings,
  ask: () => Promise<Reply<T>>,
): Promise<Reply<T>> => {
  for (let attempt = 1; ; attempt++) {
    const reply = await ask()
    if (reply.is !== 'silent' || attempt >= READ_ATTEMPTS_MAX) return reply
    const jitter = 0.75 + (random()[0] ?? 0) / 512
    const ms = Math.floor(READ_PATIENCE_MS * 2 ** (attempt - 1) * jitter)
    await new Promise<void>((resolve) => void after(ms, resolve))
  }
}

export type Recovered = {
  readonly recovery: Recovery
  /** What each operator that answered has said. */
  readonly reports: readonly HeadReport[]
  /** Why operators did not answer, by name. */
  readonly silent: ReadonlyMap<string, string>
}

/** Asks all operators for the newest step of a machine that they have vowed for. */
export const recoverMachine = async (
  directory: DirectoryClient,
  charter: Charter,
  served: ServedMachine = servedFrom(charter),
): Promise<Recovered> => {
  const silent = new Map<string, string>()
  const reports: HeadReport[] = []
  const machine = machineId(charter)
  await Promise.all(
    seatsOf(directory, { terms: served.eras.at(-1)?.terms ?? charter.terms }).map(
      async ({ at, name, client }) => {
        const reply = client
          ? await askPatiently(directory.surroundings, () => client.head(machine))
          : ({ is: 'silent', why: 'its address is not known' } as const)
        if (reply.is === 'answered') reports.push({ operator: at, vowed: reply.value?.vowed })
        else silent.set(name, reply.is === 'silent' ? reply.why : reply.fault.message)
      },
    ),
  )
  return { recovery: recoverFrom(charter, reports, directory.verifier, served), reports, silent }
}

/** Whether operators answer where they are said to be, with their own keys: why they do not, by name, of those who do not. */
export const absentFrom = async (
  directory: DirectoryClient,
  policy: DirectoryPolicy,
  suite: SuiteId,
): Promise<ReadonlyMap<string, string>> => {
  const why = new Map<string, string>()
  await Promise.all(
    policy.operators.map(async (operator) => {
      const { name } = operator
      const reply = await clientOf(directory, operator)?.checkpoint()
      if (reply?.is === 'answered') {
        const fault = checkCheckpoint({ ...operator, suite }, reply.value, directory.verifier)
        if (fault) why.set(name, 'somebody with another key answers there')
      } else if (reply?.is === 'refused') why.set(name, reply.fault.message)
      else why.set(name, reply?.why ?? 'its address is not known')
    }),
  )
  return why
}

/** Leaves an item for a device with every operator; returns the names of those who have it. Raises `inbox/nobody-took-it`. */
export const leaveItem = async (
  directory: DirectoryClient,
  device: SignerId,
  item: Uint8Array,
): Promise<readonly string[]> => {
  const replies = await Promise.all(
    directory.operators.map(async (client) => ({
      name: client.name,
      reply: await client.leave(device, item),
    })),
  )
  const taken = replies.flatMap(({ name, reply }) => (reply.is === 'answered' ? [name] : []))
  if (taken.length > 0) return taken
  const [first] = replies
  const why =
    first?.reply.is === 'silent'
      ? first.reply.why
      : first?.reply.is === 'refused'
        ? first.reply.fault.message
        : 'there is none'
  throw new Fault('inbox/nobody-took-it', `no operator took the item: ${why}`)
}
