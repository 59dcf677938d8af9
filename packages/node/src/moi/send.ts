/**
 * Sends interactions: number, fuel, signature, and the receipt.
 *
 * Promise. What is signed is the interaction that the caller asked for, and the hash that is waited for is computed here; a guardian
 * that names another is refused. A receipt is what the guardian says: that it is true shows a proof, not this file.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { hexFromBytes } from 'tallystick/base'
import {
  hexFromMoiId,
  interactionHash,
  MOI_LOCKS,
  type MoiInteraction,
  writeInteraction,
  writeOperation,
  writeSignatures,
} from 'tallystick/moi'
import type { Act } from './act.ts'
import { callFailure, type Guardian, isCallFailure } from './call.ts'
import { readReceipt, type Receipt } from './receipt.ts'
import { quantityFrom, textFrom } from './shape.ts'
import type { MoiSigner } from './signer.ts'

const FUEL_PRICE = 1n
/** What an estimate may burn; a guardian has a limit of its own. */
const FUEL_MAX = 10_000_000n
/** More than was estimated, for what others change in between. */
const withHeadroom = (fuel: bigint): bigint => fuel + fuel / 10n + 10n
const RECEIPT_POLL_MS = 100
export const RECEIPT_MS = 60_000

export type Sent = {
  readonly hash: string
  readonly fuelLimit: bigint
}

/** Signs and hands over; the receipt is waited for with `waitForReceipt`. */
export const submit = async (
  guardian: Guardian,
  signer: MoiSigner,
  act: Act,
  options: { readonly fuelLimit?: bigint } = {},
): Promise<Sent> => {
  const sequence = await nextOf(guardian, signer)
  const asked = interactionOf(signer, act, { sequence, fuelLimit: FUEL_MAX })
  const fuelLimit = options.fuelLimit ?? withHeadroom(await estimate(guardian, asked))
  const bytes = writeInteraction({ ...asked, fuelLimit })
  const digest = interactionHash(bytes)
  const signature = signer.sign(digest)
  const signatures = writeSignatures([{ id: signer.id, keyId: signer.keyId, signature }])
  const told = await guardian.call('moi.SendInteractions', {
    ix_args: hexFromBytes(bytes),
    signatures: hexFromBytes(signatures),
  })
  const hash = `0x${hexFromBytes(digest)}`
  if (textFrom(told, 'a hash').toLowerCase() !== hash) {
    throw callFailure('malformed', `the guardian calls it ${String(told)}, and its hash is ${hash}`)
  }
  return { hash, fuelLimit }
}

/** Runs it at the guardian, and nothing stays. */
export const ask = async (guardian: Guardian, signer: MoiSigner, act: Act): Promise<Receipt> => {
  const of = interactionOf(signer, act, { sequence: 0n, fuelLimit: FUEL_MAX })
  return readReceipt(await guardian.call('moi.Call', { ix_args: argsOf(of) }))
}

/** Undefined where there is none within the time. */
export const waitForReceipt = async (
  guardian: Guardian,
  hash: string,
  ms: number = RECEIPT_MS,
): Promise<Receipt | undefined> => {
  const end = performance.now() + ms
  for (;;) {
    const found = await receiptOf(guardian, hash)
    if (found !== undefined) return found
    if (performance.now() >= end) return undefined
    await pause(RECEIPT_POLL_MS)
  }
}

/** Reasons for which there may be a receipt later. */
const LATER = new Set(['no-receipt', 'pending', 'unknown-interaction'])

const receiptOf = async (guardian: Guardian, hash: string): Promise<Receipt | undefined> => {
  try {
    return readReceipt(await guardian.call('moi.InteractionReceipt', { hash }))
  } catch (error) {
    if (isCallFailure(error) && error.failure === 'refused') {
      if (error.reason === undefined || LATER.has(error.reason)) return undefined
    }
    throw error
  }
}

const nextOf = async (guardian: Guardian, { id, keyId }: MoiSigner): Promise<bigint> => {
  const params = { id: hexFromMoiId(id), key_id: keyId }
  return quantityFrom(await guardian.call('moi.PendingInteractionCount', params), 'a count')
}

const estimate = async (guardian: Guardian, of: MoiInteraction): Promise<bigint> =>
  quantityFrom(await guardian.call('moi.FuelEstimate', { ix_args: argsOf(of) }), 'fuel')

const interactionOf = (
  { id, keyId }: MoiSigner,
  { operations, participants }: Act,
  of: { readonly sequence: bigint; readonly fuelLimit: bigint },
): MoiInteraction => ({
  sender: { id, sequence: of.sequence, keyId },
  payer: undefined,
  fuelPrice: FUEL_PRICE,
  fuelLimit: of.fuelLimit,
  funds: [],
  operations: operations.map(writeOperation),
  participants: [
    { id, lock: 'mutate', notary: false },
    ...participants.filter((one) => one.id !== id),
  ],
  preferences: undefined,
  perception: undefined,
})

const quantity = (value: bigint): string => `0x${value.toString(16)}`

/** The form in which a guardian is asked to call or to estimate. */
const argsOf = (of: MoiInteraction): object => ({
  sender: {
    id: hexFromMoiId(of.sender.id),
    sequence: Number(of.sender.sequence),
    key_id: of.sender.keyId,
  },
  payer: `0x${'00'.repeat(32)}`,
  fuel_price: quantity(of.fuelPrice),
  fuel_limit: quantity(of.fuelLimit),
  ix_operations: of.operations.map(({ type, payload }) => ({
    type,
    payload: `0x${hexFromBytes(payload)}`,
  })),
  participants: of.participants.map(({ id, lock }) => ({
    id: hexFromMoiId(id),
    lock_type: MOI_LOCKS.indexOf(lock),
  })),
})
