/**
 * Taking over: asks the operators whom new terms name to go on with a machine, and puts what they sign together.
 *
 * Promise. What comes back is an acceptance only where a quorum of the new operators has signed for this step; each signature was
 * checked. It may be asked for again by anybody who has the step: an operator signs the same once more.
 *
 * Not promised. That operators who do not answer will: until a quorum has accepted, the machine waits for them.
 */
import type { Verifier } from 'tallystick/base'
import { type Machine, statementDigest } from 'tallystick/kernel'
import {
  type Acceptance,
  acceptanceFrom,
  acceptanceVote,
  type AgreedStep,
  type Amendment,
  directoryCertificate,
  directoryPolicy,
  handedFrom,
  isEnough,
} from 'tallystick/models'
import { clientOf, type DirectoryClient } from './directory.ts'
import type { OperatorClient } from './operator.ts'

export type TakingOver = {
  /** At the step that brought the terms. */
  readonly machine: Machine
  /** All changes of terms so far; the last is the one that brings the operators in. */
  readonly changes: readonly Amendment[]
  /** What operators of before have agreed on, for one that stays in office and has missed some of it. */
  readonly steps?: readonly AgreedStep[]
  readonly waitMs: number
}

export type TakenOver = {
  /** In the codec of the model; undefined while too few have signed. */
  readonly accepted: Uint8Array | undefined
  readonly names: readonly string[]
  /** Why others have not, by name. */
  readonly why: ReadonlyMap<string, string>
}

const AGAIN_MS = 500

export const gatherAcceptances = async (
  directory: DirectoryClient,
  of: TakingOver,
): Promise<TakenOver> => {
  const policy = directoryPolicy.decode(of.machine.terms.policy.params)
  const found = new Map<string, Acceptance>()
  const why = new Map<string, string>()
  const until = directory.surroundings.now() + BigInt(of.waitMs)
  for (;;) {
    await Promise.all(
      policy.operators.map(async (operator, at) => {
        const { name } = operator
        if (found.has(name)) return
        const client = clientOf(directory, operator)
        const said = client ? await introduce(client, of) : 'its address is not known'
        const isGood = typeof said !== 'string' && isSigned(directory.verifier, of, at, said)
        if (typeof said !== 'string' && isGood) found.set(name, said)
        else why.set(name, typeof said === 'string' ? said : 'what it sent is not signed by it')
      }),
    )
    const signers = [...found.values()].map(({ signer }) => ({ operator: signer }))
    const isDone = isEnough(policy, signers)
    if (isDone || directory.surroundings.now() >= until) {
      const accepted = isDone
        ? directoryCertificate.encode(acceptanceFrom([...found.values()]))
        : undefined
      for (const name of found.keys()) why.delete(name)
      const names = policy.operators.map((one) => one.name).filter((one) => found.has(one))
      return { accepted, names, why }
    }
    await new Promise<void>((resolve) => void directory.surroundings.after(AGAIN_MS, resolve))
  }
}

/** Tells an operator of the machine and its terms, and hands it over; its signature, or why there is none. */
export const introduce = async (
  client: OperatorClient,
  { machine, changes, steps = [] }: Omit<TakingOver, 'waitMs'>,
): Promise<Acceptance | string> => {
  const last = changes.at(-1)
  if (!last) return 'no change of terms is known'
  const told = await client.amend({ charter: machine.charter, changes })
  if (told.is !== 'answered') return told.is === 'silent' ? told.why : told.fault.message
  const handed = handedFrom(machine, last.step)
  let reply = await client.takeOver(handed)
  if (reply.is === 'refused' && reply.fault.code === 'operator/unknown-step') {
    await tellMissed(client, steps)
    reply = await client.takeOver(handed)
  }
  if (reply.is === 'answered') return reply.value
  return reply.is === 'silent' ? reply.why : reply.fault.message
}

/** Hands an operator the steps that it has missed, in their order: of one that it does not follow on it takes nothing. */
const tellMissed = async (client: OperatorClient, steps: readonly AgreedStep[]): Promise<void> => {
  const [first] = steps
  if (!first) return
  const { machine } = first.transition
  const said = await client.tell({ machine, newest: undefined, casts: [], candidates: [] })
  const newest = said.is === 'answered' ? said.value?.newest : undefined
  const at = newest?.transition.sequence ?? 0n
  for (const newest of steps.filter((one) => one.transition.sequence > at)) {
    const reply = await client.tell({ machine, newest, casts: [], candidates: [] })
    if (reply.is === 'silent') return
  }
}

const isSigned = (
  verifier: Verifier,
  { machine }: TakingOver,
  at: number,
  of: Acceptance,
): boolean => {
  const operator = directoryPolicy.decode(machine.terms.policy.params).operators[at]
  if (!operator || of.signer !== at) return false
  const digest = statementDigest(machine.terms.suite, acceptanceVote(machine.head, of))
  return verifier.verify(operator.scheme, operator.publicKey, digest, of.signature)
}
