/**
 * One interaction's view of the accounts: what they hold, with what has been changed so far on top.
 *
 * Promise. Nothing is read of an account that the interaction does not declare, except by a question that commits nothing;
 * nothing is written to one that it does not hold for writing; an account declared without a lock shows its settled values
 * only. A draft on top of another is added to it whole or dropped whole, which is what makes an interaction atomic.
 *
 * Not promised. Limits of the state tree are kept (`MOI_CHANGES_MAX`, `STATE_VALUE_BYTES_MAX`), so that the kernel never refuses
 * what was executed here; what a value means is the caller's matter.
 */
import { equalBytes, hexFromBytes } from '../../../base/bytes.ts'
import { Fault } from '../../../base/fault.ts'
import { CHANGES_MAX, MOI_CHANGES_MAX, STATE_VALUE_BYTES_MAX } from '../../../base/limits.ts'
import type { Path } from '../../../kernel/logic.ts'
import { hexFromMoiId, type MoiId } from '../identifier.ts'
import { isSettled, PATH } from './layout.ts'

export type Lock = 'mutate' | 'read' | 'none'

export type AccountChange = {
  readonly account: MoiId
  readonly path: Path
  /** The new value; missing to remove it. */
  readonly value: Uint8Array | undefined
}

/** A value in an account's state as it is before the interaction. */
export type ReadAccount = (account: MoiId, path: Path) => Uint8Array | undefined

export type Draft = {
  /** Raises `moi/defect` where the interaction's locks do not allow it. */
  readonly read: ReadAccount
  /** Raises `moi/defect` where the interaction's locks do not allow it, or where too much is changed. */
  readonly write: (account: MoiId, path: Path, value: Uint8Array | undefined) => void
  /** Whether the account exists, here or by now. Raises `moi/defect` for one that is not declared. */
  readonly exists: (account: MoiId) => boolean
  /** From now on the account may be written: this interaction creates it. */
  readonly create: (account: MoiId) => void
  readonly created: () => readonly MoiId[]
  /** In the order of the first change of each path, without those that change nothing. */
  readonly changes: () => readonly AccountChange[]
  /** A draft on top of this one. */
  readonly fork: () => Fork
}

/** `keep` raises `moi/defect` where too much is changed in all. */
export type Fork = { readonly draft: Draft; readonly keep: () => void }

export type DraftOptions = {
  readonly read: ReadAccount
  readonly locks: ReadonlyMap<MoiId, Lock>
  /** A question may look at any account. */
  readonly isQuestion: boolean
}

type Layer = {
  readonly changes: Map<string, AccountChange>
  readonly created: Set<MoiId>
  /** The same in the order of creation, which is part of what is signed. */
  readonly creation: MoiId[]
  /** Changed paths, by account. */
  readonly counts: Map<MoiId, number>
  readonly placesMax: number
}

/** The lowest layer has room for what operations change and for what happens either way. */
export const createDraft = (options: DraftOptions): Draft =>
  draftOver(options, [createLayer(CHANGES_MAX)])

const createLayer = (placesMax: number): Layer => ({
  changes: new Map(),
  created: new Set(),
  creation: [],
  counts: new Map(),
  placesMax,
})

/** Kind and length in front of each part: no two paths have one name. */
const nameOf = (account: MoiId, path: Path): string => {
  let name: string = account
  for (const part of path) {
    name += typeof part === 'string' ? ` s${part.length}:${part}` : ` b${hexFromBytes(part)}`
  }
  return name
}

const defect = (account: MoiId, why: string): Fault =>
  new Fault('moi/defect', `${hexFromMoiId(account)} ${why}`, { party: account })

/** `layers` from the ground up; the last one is written. */
const draftOver = (options: DraftOptions, layers: readonly [Layer, ...Layer[]]): Draft => {
  const top = layers.at(-1) ?? layers[0]
  const isCreated = (account: MoiId): boolean => layers.some((one) => one.created.has(account))

  const peek: ReadAccount = (account, path) => {
    const name = nameOf(account, path)
    for (let at = layers.length - 1; at >= 0; at--) {
      const change = layers[at]?.changes.get(name)
      if (change) return change.value
    }
    return options.read(account, path)
  }
  const read: ReadAccount = (account, path) => {
    const lock = options.locks.get(account)
    if (!options.isQuestion && !isCreated(account)) {
      if (lock === undefined) throw defect(account, 'is no participant of the interaction')
      if (lock === 'none' && !isSettled(path)) {
        throw defect(account, 'is declared without a lock, and its state was to be read')
      }
    }
    return peek(account, path)
  }
  const write = (account: MoiId, path: Path, value: Uint8Array | undefined): void => {
    if (options.locks.get(account) !== 'mutate' && !isCreated(account)) {
      throw defect(account, 'is not declared with a mutate lock, and its state was to be written')
    }
    if (value !== undefined && value.length > STATE_VALUE_BYTES_MAX) {
      throw defect(account, `cannot keep ${value.length} bytes in one value`)
    }
    put(top, nameOf(account, path), { account, path, value })
  }
  return {
    read,
    write,
    exists: (account) => read(account, PATH.account) !== undefined,
    create: (account) => createIn(top, account),
    created: () => layers.flatMap((one) => one.creation),
    changes: () =>
      [...top.changes.values()].filter(
        (one) => !equalValues(one.value, options.read(one.account, one.path)),
      ),
    fork: () => {
      const layer = createLayer(MOI_CHANGES_MAX)
      return { draft: draftOver(options, [...layers, layer]), keep: () => merge(top, layer) }
    },
  }
}

const equalValues = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : equalBytes(a, b)

/** Raises `moi/defect` where one account would change at too many places. */
const put = (layer: Layer, name: string, change: AccountChange): void => {
  if (!layer.changes.has(name)) {
    const count = (layer.counts.get(change.account) ?? 0) + 1
    if (count > layer.placesMax) {
      throw defect(change.account, `would change at ${count} places at once`)
    }
    layer.counts.set(change.account, count)
  }
  layer.changes.set(name, change)
}

const merge = (into: Layer, from: Layer): void => {
  for (const [name, change] of from.changes) put(into, name, change)
  for (const account of from.creation) createIn(into, account)
}

const createIn = ({ created, creation }: Layer, account: MoiId): void => {
  if (created.has(account)) return
  created.add(account)
  creation.push(account)
}
