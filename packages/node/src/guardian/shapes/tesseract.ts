/**
 * Tesseracts as MOI's interface shows them: what moved with one interaction, and who vouches for it.
 *
 * A tesseract here holds one interaction. Of the fields about a committee there are those that one guardian has: its signature and
 * a vote set in which it stands alone. What would be made up is empty.
 */
import { blake2b256, bytesFromId } from 'tallystick/base'
import { hexFromMoiId, PATH } from 'tallystick/moi'
import { hexOf, quantityOf } from '../rpc/hex.ts'
import type { Answer } from '../rpc/method.ts'
import type { Seen, Step } from '../store/entry.ts'
import type { Certified } from '../store/certificates.ts'
import type { Lattice, StoredEntry } from '../store/lattice.ts'
import { heightOf } from '../store/rows.ts'
import type { View, Views } from '../views.ts'
import { readArgument, readReceipt } from '../stored.ts'
import { interactionAnswer } from './interaction.ts'
import { logAnswer, NOWHERE, type Placed, receiptAnswer } from './receipt.ts'

export type Shapes = {
  readonly placedOf: (found: StoredEntry) => Promise<Placed>
  readonly receipt: (found: StoredEntry) => Promise<Answer>
  readonly interaction: (found: StoredEntry) => Promise<Answer>
  readonly tesseract: (found: StoredEntry, ask: TesseractAsk) => Promise<Answer>
  readonly logs: (found: StoredEntry) => Promise<readonly Answer[]>
}

export type TesseractAsk = { readonly withInteractions: boolean; readonly withCommit: boolean }

export type ShapesOptions = {
  readonly lattice: Lattice
  readonly views: Views
  /** Who signs. */
  readonly kramaId: string
  /** Resolves when what was executed is sealed. */
  readonly sealed: () => Promise<void>
}

export const createShapes = (options: ShapesOptions): Shapes => {
  const placedOf = async (found: StoredEntry): Promise<Placed> => ({
    hash: hexOf(found.hash),
    tesseract: found.entry.tesseract,
    participants: await participantsOf(options, found),
  })
  const receipt = async (found: StoredEntry): Promise<Answer> =>
    receiptAnswer(readReceipt(found.entry), await placedOf(found))
  const interaction = async (found: StoredEntry): Promise<Answer> =>
    interactionAnswer(readArgument(found), await placedOf(found))
  return {
    placedOf,
    receipt,
    interaction,
    tesseract: async (found, ask) => tesseractAnswer(options, found, ask, await placedOf(found)),
    logs: async (found) => {
      const placed = await placedOf(found)
      const { operations } = readReceipt(found.entry)
      return operations.flatMap((one) =>
        one.logs.map((log) => logAnswer(log, placed, hexOf(found.hash))),
      )
    },
  }
}

const tesseractAnswer = async (
  options: ShapesOptions,
  found: StoredEntry,
  ask: TesseractAsk,
  placed: Placed,
): Promise<Answer> => {
  const { entry } = found
  const isGenesis = entry.kind === 'genesis'
  const receipt = isGenesis ? undefined : readReceipt(entry)
  const certified = ask.withCommit ? await sealOf(options, found.index) : undefined
  const signature = certified ? hexOf(certified.certificate) : EMPTY
  return {
    participants: placed.participants,
    interactions_hash: isGenesis ? NOWHERE : hexOf(blake2b256(found.hash)),
    receipts_hash: isGenesis ? NOWHERE : hexOf(blake2b256(entry.receipt)),
    epoch: '0x0',
    time_stamp: quantityOf(entry.time),
    operator: options.kramaId,
    fuel_used: quantityOf(receipt?.fuelUsed ?? 0n),
    fuel_limit: quantityOf(isGenesis ? 0n : readArgument(found).read.fuelLimit),
    consensus_info: {
      evidence_hash: EMPTY,
      binary_hash: EMPTY,
      identity_hash: EMPTY,
      ics_hash: EMPTY,
      cluster_id: '',
      ics_signature: EMPTY,
      ics_vote_set: EMPTY,
      round: '0x0',
      commit_signature: signature,
      bft_vote_set: certified ? ALONE : EMPTY,
    },
    seal: signature,
    hash: `0x${entry.tesseract}`,
    ixns:
      ask.withInteractions && !isGenesis ? [interactionAnswer(readArgument(found), placed)] : [],
  }
}

/** Of an entry that was executed just now, the seal is waited for. */
const sealOf = async (
  { lattice, sealed }: ShapesOptions,
  index: bigint,
): Promise<Certified | undefined> => {
  const found = await lattice.certificateOf(index)
  if (found) return found
  await sealed()
  return lattice.certificateOf(index)
}

const EMPTY = '0x'
/** A set of one guardian, which has signed. */
const ALONE = '0x1'

const participantsOf = async (
  { views }: ShapesOptions,
  { entry, index }: StoredEntry,
): Promise<Answer> => {
  // A context that this interaction did not change is what it was.
  const changed = new Set(
    entry.changes.flatMap(({ account, path }) => (path[0] === PATH.context[0] ? [account] : [])),
  )
  const moved = entry.steps.map((one) => movedAnswer(views, one, index, changed.has(one.account)))
  return [...(await Promise.all(moved)), ...entry.seen.map(seenAnswer)]
}

const movedAnswer = async (
  views: Views,
  step: Step,
  index: bigint,
  hasOther: boolean,
): Promise<Answer> => {
  const { account, transition, link } = step
  const height = heightOf(transition)
  const view: View = { account, height, tesseract: link, transition, index }
  const after = await contextHash(views, view)
  let before = after
  if (hasOther && height > 0n) before = await contextHash(views, { ...view, height: height - 1n })
  else if (hasOther) before = NOWHERE
  return {
    address: hexFromMoiId(account),
    id: hexFromMoiId(account),
    height: quantityOf(height),
    transitive_link: `0x${link}`,
    prev_context: before,
    latest_context: after,
    context_delta: NO_DELTA,
    state_hash: hexOf(bytesFromId(transition.state)),
  }
}

/** Of an account that did not move, where it stood is all that there is to say. */
const seenAnswer = ({ account, height, head }: Seen): Answer => ({
  address: hexFromMoiId(account),
  id: hexFromMoiId(account),
  height: quantityOf(height ?? 0n),
  transitive_link: `0x${head}`,
  prev_context: NOWHERE,
  latest_context: NOWHERE,
  context_delta: NO_DELTA,
  state_hash: NOWHERE,
})

/** With one guardian a context does not change by itself. */
const NO_DELTA: Answer = {
  role: 0,
  behavioural_nodes: null,
  random_nodes: null,
  replaced_nodes: null,
}

export const contextHash = (views: Views, view: View): Promise<string> =>
  views.ask([view], (read) => {
    const value = read(view.account, PATH.context)
    return value === undefined ? NOWHERE : hexOf(blake2b256(value))
  })
