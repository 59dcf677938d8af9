/**
 * Tesseracts: what one interaction did to the accounts that it names, as MOI tells it.
 *
 * The hash of a tesseract is that of the transitions of all accounts that moved (`models/krama/tesseract.ts`). Everything a guardian
 * answers for is below it: each transition's id covers the account's machine, its number and parent, what was done, and the root of
 * its state. The rest of what MOI shows of a tesseract follows from these.
 *
 * The height of an account counts from 0 for its first tesseract, while the kernel counts its charter as step 0.
 */
import type { TransitionId } from '../../base/brand.ts'
import { blake2b256 } from '../../base/blake2b.ts'
import { zeroId } from '../../base/brand.ts'
import type { Machine } from '../../kernel/execute.ts'
import type { Access } from '../../kernel/interaction.ts'
import { type Transition } from '../../kernel/transition.ts'
import type { TesseractId } from '../../models/krama/tesseract.ts'
import type { MoiId } from './identifier.ts'

/** An account as it stands: its machine, and the tesseract that brought it there. */
export type MoiHead = { readonly machine: Machine; readonly tesseract: TesseractId }

/** An account that moved. */
export type AccountStep = {
  readonly account: MoiId
  /** The tesseract in which it moved before; zeros for its first. MOI's transitive link. */
  readonly link: TesseractId
  readonly transition: Transition
  readonly head: MoiHead
}

/** An account that the interaction looked at or only named. It did not move. */
export type AccountSeen = {
  readonly account: MoiId
  readonly access: Exclude<Access, 'write'>
  /** Undefined for one that does not exist, as where its creation failed. */
  readonly height: bigint | undefined
  readonly at: TransitionId
}

export type Tesseract = {
  readonly hash: TesseractId
  /** Seconds since 1970, as the guardian says. */
  readonly time: bigint
  readonly steps: readonly AccountStep[]
  readonly seen: readonly AccountSeen[]
  /** BLAKE2b-256 of the interactions' hashes, one after the other: here of one. */
  readonly interactionsHash: Uint8Array
  /** BLAKE2b-256 of the receipts' hashes, likewise. */
  readonly receiptsHash: Uint8Array
  readonly fuelUsed: bigint
  readonly fuelLimit: bigint
}

/** The height of an account after a transition of its machine; undefined before its first step. */
export const heightOf = ({ sequence }: Pick<Transition, 'sequence'>): bigint | undefined =>
  sequence === 0n ? undefined : sequence - 1n

/** The link of an account's first tesseract. */
export const NO_TESSERACT: TesseractId = zeroId<'tesseract'>()

/** What MOI hashes over several things of a tesseract, where there is one: its hash. */
export const hashOfOne = (hash: Uint8Array): Uint8Array => blake2b256(hash)
