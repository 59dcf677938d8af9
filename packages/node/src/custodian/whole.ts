/** Everything of a running custodian, with what changes. */
import { keepersIn } from '../relay/changes.ts'
import type { LogFields } from '../server/log.ts'
import { errorFields } from '../server/start-operator.ts'
import type { Desk } from './desk.ts'
import type { InputRoom } from './keep-input.ts'
import type { Mail } from './mail.ts'
import type { Proofs } from './proofs.ts'
import type { Refusals } from './refusals.ts'
import type { Run } from './run.ts'
import type { Ticks } from './ticks.ts'

export type Whole = {
  readonly run: Run
  readonly refusals: Refusals
  readonly inputs: InputRoom
  readonly proofs: Proofs
  readonly mail: Mail
  readonly ticks: Ticks
  readonly done: Set<string>
  followings: readonly { readonly stop: () => void }[]
  /** Whom it listens to, and how it listens to others. */
  keepers: string
  again: () => void
  desk: Desk | undefined
  wake: NodeJS.Timeout | undefined
  askedAt: number
  isClosed: boolean
}

/** Custodians and stand-ins of the definition, and those of now. */
export const keepersOf = ({ run, desk }: Whole): readonly string[] => {
  const { terms: first } = run.defined.charter
  const terms = desk?.state().member.followed.machine.terms ?? first
  return [...new Set([...keepersIn(first), ...keepersIn(terms)])]
}

/** Nobody waits for it. What goes wrong here is logged, and a store that refuses is looked at by whoever runs the process. */
export const inBackground = ({ run }: Whole, work: Promise<unknown>): void => {
  work.catch((error: unknown) => run.log('error', 'custodian failed', errorFields(error)))
}

/**
 * Work on what somebody else made, one by one: what goes wrong with one is logged, and the others have their turn. Else one event, which
 * lies in the archive for good, could keep the custodian from starting, now and at every later start.
 */
export const logged = async (
  { log }: Pick<Run, 'log'>,
  about: LogFields,
  work: () => Promise<void>,
): Promise<void> => {
  try {
    await work()
  } catch (error) {
    log('error', 'passed over', { ...about, ...errorFields(error) })
  }
}

/** Effects are derived from the state, so each is there again after every input. */
export const once = ({ done }: Whole, name: string, act: () => void): void => {
  if (done.has(name)) return
  if (done.size >= DONE_KEPT_MAX) done.clear()
  done.add(name)
  act()
}

const DONE_KEPT_MAX = 16_384
