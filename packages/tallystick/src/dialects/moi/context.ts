/**
 * What the Interaction State Machine calls its parts, as values with answers.
 *
 * | its word | here |
 * |---|---|
 * | context (π) | `Context`: the guardians that vouch for a participant, its preferences, and their hash |
 * | context object (πo) | `ContextObject`: a value and the newest context of whom it belongs to |
 * | Network-Object | a value under a path of an account's state |
 * | Network-State | `NetworkState` (`network-state.ts`): a context object with the proof that guardians vouch for it |
 * | context super state | `superStateOf`: everything that an account has, by its parts, under one root |
 * | personal context clock | the height of the account: its own count of tesseracts, with no clock between accounts |
 * | context addressing | `ContextAddress`: whose, what, and as of when; `contextObjectAt` answers one |
 *
 * Promise. All of them are read from one state, and so from one root, at one height. A context object therefore never joins a value
 * with a context that was in force at another time.
 *
 * Not promised. What a participant means by a value: MOI calls that *perceived*, and an interaction may carry it (`perception`).
 */
import { blake2b256 } from '../../base/blake2b.ts'
import type { StateRoot } from '../../base/brand.ts'
import { Fault } from '../../base/fault.ts'
import type { Machine } from '../../kernel/execute.ts'
import type { Path } from '../../kernel/logic.ts'
import { rootOf } from '../../state/tree.ts'
import type { TesseractId } from '../../models/krama/tesseract.ts'
import type { NetworkMachine } from './charters.ts'
import type { MoiId } from './identifier.ts'
import { readAccount } from './lattice.ts'
import type { NodeSets } from './run/account.ts'
import {
  balancePath,
  deedPath,
  holdingPath,
  keyPath,
  lockupPath,
  lockupPlacePath,
  logicPlacePath,
  mandatePath,
  mandatePlacePath,
  PATH,
} from './run/layout.ts'
import { contextRecord, countRecord, holdingRecord, placeRecord } from './run/record.ts'
import { heightOf, type MoiHead } from './tesseract.ts'

/** The representative of a participant in its network: whom it relies on, and what it asks of them. */
export type Context = NodeSets & {
  readonly preferences: Uint8Array
  /** Of the record in the account's state, so that any change shows. */
  readonly hash: Uint8Array
}

/** Where and when: one account at one height. */
export type ContextPlace = {
  readonly account: MoiId
  readonly height: bigint
  readonly tesseract: TesseractId
}

export type ContextObject = {
  readonly place: ContextPlace
  readonly path: Path
  /** The content; missing where there is none. */
  readonly content: Uint8Array | undefined
  readonly context: Context
}

/** Undefined for an account that does not exist. */
export const contextOf = (network: NetworkMachine, machine: Machine): Context | undefined =>
  contextFrom(readAccount(network, machine, PATH.context))

/** A context as its record says it. Raises decoding faults. */
export const contextFrom = (record: Uint8Array | undefined): Context | undefined =>
  record && { ...contextRecord.decode(record), hash: blake2b256(record) }

/** Which tesseract of an account is asked for: the newest, one by its height, or one by its hash. */
export type ContextTime =
  | { readonly is: 'latest' }
  | { readonly is: 'height'; readonly height: bigint }
  | { readonly is: 'tesseract'; readonly hash: TesseractId }

export type ContextAddress = {
  readonly account: MoiId
  readonly path: Path
  readonly at: ContextTime
}

export const LATEST: ContextTime = { is: 'latest' }

/** How an account stood at a time; undefined where it did not exist or is not known. */
export type HeadAt = (account: MoiId, at: ContextTime) => MoiHead | undefined

/** Answers an address. Returns `moi/no-account` where the account has no tesseract there. */
export const contextObjectAt = (
  network: NetworkMachine,
  headAt: HeadAt,
  { account, path, at }: ContextAddress,
): ContextObject | Fault => {
  const head = headAt(account, at)
  const height = head && heightOf(head.machine.head)
  const context = head && contextOf(network, head.machine)
  if (!head || height === undefined || !context) {
    return new Fault('moi/no-account', 'the account has no tesseract there', { party: account })
  }
  return {
    place: { account, height, tesseract: head.tesseract },
    path,
    content: readAccount(network, head.machine, path),
    context,
  }
}

/** The parts of an account, as MOI's papers name them; values that nothing lists are in none of them. */
export type SuperStatePart = 'assets' | 'trust' | 'keys' | 'logics' | 'deeds'

export type SuperState = {
  readonly place: ContextPlace
  /** Over everything, listed or not. */
  readonly root: StateRoot
  /** Number of values under it. */
  readonly size: number
  readonly context: Context
  readonly parts: Readonly<Record<SuperStatePart, readonly ContextObject[]>>
}

/** Everything that an account has. Undefined for one that does not exist. */
export const superStateOf = (
  network: NetworkMachine,
  account: MoiId,
  head: MoiHead,
): SuperState | undefined => {
  const { machine } = head
  const height = heightOf(machine.head)
  const context = contextOf(network, machine)
  if (height === undefined || !context) return undefined
  const place = { account, height, tesseract: head.tesseract }
  const read = (path: Path): Uint8Array | undefined => readAccount(network, machine, path)
  const objectsAt = (paths: readonly Path[]): readonly ContextObject[] =>
    paths.map((path) => ({ place, path, content: read(path), context }))
  return {
    place,
    root: rootOf(machine.state),
    size: machine.state.size,
    context,
    parts: {
      assets: objectsAt(assetPaths(read)),
      trust: objectsAt([PATH.context, ...trustPaths(read)]),
      keys: objectsAt(listed(read, PATH.keyCount, keyPath)),
      logics: objectsAt(listed(read, PATH.logicCount, logicPlacePath)),
      deeds: objectsAt(listed(read, PATH.deedCount, deedPath)),
    },
  }
}

type Read = (path: Path) => Uint8Array | undefined

/** The places of a counted list. */
const listed = (read: Read, count: Path, place: (at: number) => Path): readonly Path[] => {
  const value = read(count)
  const size = value ? countRecord.decode(value) : 0
  return Array.from({ length: size }, (_, at) => place(at))
}

const assetPaths = (read: Read): readonly Path[] =>
  listed(read, PATH.holdingCount, holdingPath).flatMap((place) => {
    const value = read(place)
    if (!value) return []
    const { asset, token } = holdingRecord.decode(value)
    return [balancePath(asset, token)]
  })

/** Whom the account lets spend what it has, and for whom it has put something aside. */
const trustPaths = (read: Read): readonly Path[] => [
  ...placesOf(read, PATH.mandateCount, mandatePlacePath, mandatePath),
  ...placesOf(read, PATH.lockupCount, lockupPlacePath, lockupPath),
]

const placesOf = (
  read: Read,
  count: Path,
  place: (at: number) => Path,
  pathOf: (asset: MoiId, token: bigint, other: MoiId) => Path,
): readonly Path[] =>
  listed(read, count, place).flatMap((one) => {
    const value = read(one)
    if (!value) return []
    const { asset, token, for: other } = placeRecord.decode(value)
    return [pathOf(asset, token, other)]
  })
