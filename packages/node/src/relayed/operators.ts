/**
 * A machine on relays that was handed to a directory: what its operators have certified is fetched from them, own inputs are certified
 * by them, and every such step is published (7511), so that whoever follows the machine over relays goes on.
 *
 * | file in the folder | what |
 * |---|---|
 * | `directory.json` | where the operators are reached, with tokens; for this user's eyes |
 * | `agreed` | steps that came from operators, in hexadecimal, one a line |
 *
 * Promise. A step counts once its certificate was judged and it was run here. An input that waits is the same one however often it is handed to
 * operators: it is signed once, and kept with the other events.
 *
 * Not promised. That operators say what is newest. Without `directory.json` nobody is asked, and steps are seen as others publish them.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine } from 'tallystick/base'
import { PRIVATE_FILE, replaceFile } from 'tallystick/command'
import type { Machine } from 'tallystick/kernel'
import {
  type AgreedStep,
  type Amendment,
  type Application,
  beginApplicant,
  beginFollowing,
  DIRECTORY,
} from 'tallystick/models'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import { withProver } from 'tallystick/verify'
import { fileOf, readAddresses } from '../account/folder.ts'
import { createDirectoryClient, type DirectoryClient } from '../client/directory.ts'
import type { OperatorAddress } from '../client/operator.ts'
import { applyShared } from '../client/shared.ts'
import { platformSurroundings } from '../client/surroundings.ts'
import { introduce } from '../client/takeover.ts'

/** Where a machine's operators are reached. */
export const keepAddresses = (path: string, addresses: readonly OperatorAddress[]): void =>
  replaceFile(join(path, DIRECTORY_FILE), fileOf({ operators: addresses }), PRIVATE_FILE)

/** The operators, where it is known how they are reached. */
export const directoryAt = (path: string, verifier: Engine): DirectoryClient | undefined =>
  existsSync(join(path, DIRECTORY_FILE)) ? directoryOf(addressesAt(path), verifier) : undefined

/** Where operators are reached that this user has named once; none where that was never done. */
export const addressesAt = (path: string): readonly OperatorAddress[] =>
  existsSync(join(path, DIRECTORY_FILE)) ? readAddresses(path) : []

export const directoryOf = (
  addresses: readonly OperatorAddress[],
  verifier: Engine,
): DirectoryClient =>
  createDirectoryClient(addresses, { surroundings: platformSurroundings(), verifier })

const DIRECTORY_FILE = 'directory.json'

/** Whether operators of a directory certify the next step. */
export const isAtDirectory = ({ terms }: Pick<Machine, 'terms'>): boolean =>
  terms.policy.kind === DIRECTORY

export type AtOperators = {
  /** At the head that is known here. */
  readonly machine: Machine
  /** At the step with which it came to these operators. */
  readonly start: Machine
  /** Steps that they have certified since, as far as they are known here. */
  readonly steps: readonly AgreedStep[]
  readonly verifier: Engine
  /** Takes steps in that were judged. */
  readonly adopt: (steps: readonly AgreedStep[]) => void
}

/** Fetches what operators have certified; names of those who did not answer, with the reason. */
export const askOperators = async (
  directory: DirectoryClient,
  of: AtOperators,
): Promise<ReadonlyMap<string, string>> => {
  const { why } = await applyShared(directory, {
    ...applying(of),
    state: beginApplicant(beginFollowing(of.machine), 0),
    signer: () => Promise.reject(new Error('nothing is signed to look')),
    introduce: () => Promise.resolve('nothing is wanted of it'),
    waitMs: 0,
  })
  return why
}

export type Wanted = AtOperators & {
  readonly party: number
  readonly wish: Application
  readonly signer: Parameters<typeof applyShared>[1]['signer']
  /** All changes of terms up to these operators', for such as were not told of the machine. */
  readonly changes: readonly Amendment[]
  readonly waitMs: number
}

/** Has operators certify a wish; why it is not done yet, by name. Raises what refuses it. */
export const certifyAtOperators = async (
  directory: DirectoryClient,
  of: Wanted,
): Promise<ReadonlyMap<string, string>> => {
  const { machine, start, party, wish, signer, changes, waitMs } = of
  const { why } = await applyShared(directory, {
    ...applying(of),
    state: beginApplicant(beginFollowing(machine), party),
    wish,
    signer,
    introduce: async (client) => {
      const said = await introduce(client, { machine: start, changes })
      return typeof said === 'string' ? said : undefined
    },
    waitMs,
  })
  return why
}

const applying = ({
  start,
  steps,
  verifier,
  adopt,
}: AtOperators): Pick<
  Parameters<typeof applyShared>[1],
  'options' | 'steps' | 'begun' | 'keep' | 'store'
> => ({
  options: withProver({ models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier }),
  steps,
  begun: start.head.sequence,
  // An input is kept as the event that it is, and a change as the events that consent to it.
  keep: () => undefined,
  store: adopt,
})
