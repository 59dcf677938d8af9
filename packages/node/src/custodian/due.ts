/** When a machine's `after` is due, and the input that says so. */
import { type Charter, type Machine, pathKey } from 'tallystick/kernel'
import { inputDraft, type NostrDraft, STATECHART } from 'tallystick/nostr'
import { read } from 'tallystick/state'
import {
  headFrom,
  prepared,
  prospectsIn,
  type ReadLeaf,
  snapshotFrom,
  TICK,
} from 'tallystick/statechart'

/**
 * Whether the machine takes inputs, as a chart does. Another, as one of money, takes steps that participants consent to: it has no place for
 * an input, and what strangers send it is nobody's to keep.
 */
export const takesInputs = ({ charter }: { readonly charter: Charter }): boolean =>
  charter.logics[0]?.name === STATECHART

/** Reads the leaves of the machine's only logic. */
export const leavesOf =
  (machine: Machine): ReadLeaf =>
  (path) =>
    read(
      machine.state,
      pathKey(machine.charter.terms.suite, { machine: machine.id, logic: 0 }, path),
    )

/** From when on a tick leads somewhere, in milliseconds since 1970; undefined where nothing waits, or others may not send. */
export const dueAt = (machine: Machine): bigint | undefined => {
  const [use] = machine.charter.logics
  if (!use || !takesInputs(machine)) return undefined
  const { definition, params } = prepared(use.params)
  if (params.nostr?.senders !== 'anyone' || params.clock.is !== 'agreed') return undefined
  const times = prospectsIn(definition, snapshotFrom(leavesOf(machine))).flatMap((one) =>
    one.notBefore === undefined ? [] : [one.notBefore],
  )
  return times.length === 0 ? undefined : BigInt(Math.min(...times))
}

/** Id of the last accepted input; undefined at the beginning. */
export const lastInputOf = (machine: Machine): string | undefined =>
  headFrom(leavesOf(machine)).input || undefined

export const tickDraft = (
  machine: Machine,
  by: { readonly definition: string; readonly pubkey: string; readonly now: bigint },
): NostrDraft =>
  inputDraft({
    input: { machine: by.definition, type: TICK, parent: lastInputOf(machine) },
    data: '',
    pubkey: by.pubkey,
    created_at: Number(by.now / 1000n),
  })
