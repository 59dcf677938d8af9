/** Proposing a step: what the user said becomes a wish, and the wish a message. */
import { randomBytes } from 'node:crypto'
import type { MachineId } from '../base/brand.ts'
import { openingsFrom } from '../kernel/field.ts'
import { interactionId, type Leg, type Operation } from '../kernel/interaction.ts'
import { interactionFromWish } from '../models/bilateral/draft.ts'
import type { PartyInput, Wish } from '../models/bilateral/state.ts'
import { EMPTY_BUNDLE, fileFromBundle } from '../verify/bundle.ts'
import { createClerk } from './ask-person.ts'
import { eventFromWords } from './chart-words.ts'
import { deliver, type DeliveryOption } from './delivery.ts'
import { readInputFile } from './input-file.ts'
import { foreignWish, type ForeignWish } from './foreign-money.ts'
import { attend, type MachineDesk } from './machine-desk.ts'
import { assetsOf } from './machine-view.ts'
import { operationsFromJson } from './operation-json.ts'
import type { PassphraseOption } from './passphrase-option.ts'
import { type ExitCode, type Output, usageError } from './print.ts'
import { operationsFromWords } from './proposal-words.ts'
import { recordTalk } from './record-talk.ts'
import { recordWish, type Salted } from './record-words.ts'

export type Proposal = PassphraseOption & {
  /** In words, or else from a file. */
  readonly words?: string
  readonly op?: string
  /** With an event: JSON, as typed. */
  readonly data?: string
  /** With an event: what oracles have said, and files that show it, as typed. */
  readonly answer?: readonly string[]
  readonly attach?: readonly string[]
  /** What a command has worked out by itself. */
  readonly operations?: readonly Operation[]
}

/** Forms the step, has it signed and sends it. Raises why the machine refuses it; then nothing was begun. */
export const proposeStep = async (
  output: Output,
  desk: MachineDesk,
  proposal: Proposal & DeliveryOption,
): Promise<ExitCode> => {
  const before = desk.state().machine.head.sequence
  const { words } = proposal
  const foreign =
    words === undefined
      ? undefined
      : (foreignWish(desk, words) ?? saidOf(desk, words) ?? eventOf(desk, words, proposal))
  // A machine that is known as it began can be referred to; knowing it changes nothing else.
  for (const charter of foreign?.learn ?? []) desk.take({ is: 'learn', charter })
  const operations = foreign?.operations ?? operationsOf(desk, proposal)
  const plain: Wish = {
    operations,
    premises: foreign?.premises ?? [],
    legs: legsBeside(desk.folder.id, operations),
    consents: [],
    attachments: foreign?.attachments ?? [],
  }
  const wish: PartyInput = { is: 'wish', ...withOpenings(desk, plain, foreign?.salted) }
  const tried = refusalOf(desk, wish)
  if (tried) throw tried
  const clerk = createClerk(output, desk, proposal)
  // A passphrase that fails must fail before the wish is on record, not after.
  await clerk.signer()
  const [refused] = [...desk.take(wish).refused, ...(await attend(desk, clerk))]
  if (refused) throw refused
  return deliver(output, desk, { ...proposal, clerk, before })
}

const saidOf = (desk: MachineDesk, words: string): ForeignWish | undefined => {
  const wish = recordWish(words, recordTalk(desk))
  return wish && { ...wish, learn: [] }
}

/** The wish with a file that opens its fields for the other party: it signs nothing whose values it was not shown. */
const withOpenings = (desk: MachineDesk, wish: Wish, of: Salted | undefined): Wish => {
  if (!of) return wish
  const id = interactionId(interactionFromWish(desk.state().machine, wish))
  const openings = openingsFrom(of.place, of.values, id)
  const file = fileFromBundle({ ...EMPTY_BUNDLE, openings })
  return { ...wish, attachments: [...wish.attachments, file] }
}

/** The machines whose rules operations call, beside the own one. */
const legsBeside = (own: MachineId, operations: readonly Operation[]): readonly Leg[] => {
  const ids = new Set(operations.map((one) => one.machine).filter((one) => one !== own))
  return [...ids].map((machine) => ({ machine, access: 'refer', parent: undefined }))
}

/** Why the party would refuse an input. The role is a pure value, so asking it changes nothing. */
const refusalOf = (desk: MachineDesk, input: PartyInput): Error | undefined => {
  const state = desk.state()
  const next = desk.party.step(state, input, { now: 0n, random: new Uint8Array(32) })
  return next.talk.refusals.find((one) => !state.talk.refusals.includes(one))
}

/** An event of the chart that the machine keeps, with the files that show what it rests on. */
const eventOf = (
  { state, folder, engine }: MachineDesk,
  words: string,
  { op, data, answer = [], attach = [], operations }: Proposal,
): ForeignWish | undefined => {
  if (op !== undefined || operations) return undefined
  const by = { own: folder.own, now: BigInt(Date.now()), verifier: engine }
  const event = eventFromWords(state().machine, { words, data, answer, attach, ...by })
  return event && { ...event, learn: [] }
}

const operationsOf = (
  desk: MachineDesk,
  { words, op, operations }: Proposal,
): readonly Operation[] => {
  if (operations) return operations
  const { machine } = desk.state()
  const { own } = desk.folder
  if (words !== undefined && op === undefined) {
    const nonce = new Uint8Array(randomBytes(32))
    const assets = assetsOf(desk.state())
    return operationsFromWords(words, { machine, own, nonce, assets })
  }
  if (words === undefined && op !== undefined)
    return operationsFromJson(readInputFile(op), machine.id)
  throw usageError('say what is to be done, once', 'tally propose "pay bob 10", or --op FILE')
}
