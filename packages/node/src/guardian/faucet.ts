/**
 * The faucet of a node for development: ordinary interactions, signed with a key that the genesis gave KMOI to. It has no rights that
 * somebody else has not, so what it does is checked like anything else.
 */
import type { Signer } from 'tallystick/base'
import {
  encodePolo,
  interactionHash,
  KMOI_ASSET,
  moiFromEcdsa,
  type MoiId,
  type MoiInteraction,
  type MoiOperation,
  participantOfKey,
  poloMoiId,
  poloNatural,
  sequenceOf,
  writeDocument,
  writeInteraction,
  writeOperation,
  writeSignatures,
} from 'tallystick/moi'
import type { Faucet, FaucetAsk } from './methods/context.ts'
import type { Pool } from './pool.ts'
import { rpcError } from './rpc/error.ts'
import type { Submissions } from './submissions.ts'
import type { Views } from './views.ts'

export type FaucetOptions = {
  readonly views: Views
  readonly pool: Pool
  readonly submissions: Submissions
  readonly signer: Signer
}

const FUEL = 10_000n
const KEY_WEIGHT = 1000n

export const createFaucet = (options: FaucetOptions): Faucet => {
  // One at a time: each takes the next number of one key.
  let line: Promise<unknown> = Promise.resolve()
  return (ask) => {
    const given = line.then(() => give(options, ask))
    line = given.catch(() => undefined)
    return given
  }
}

const give = async (
  { views, pool, submissions, signer }: FaucetOptions,
  ask: FaucetAsk,
): Promise<string> => {
  const from = participantOfKey(signer.publicKey)
  const view = await views.newest(from)
  if (!view) throw rpcError('unknown-account')
  const committed = await views.ask([view], (read) => sequenceOf(read, from, 0))
  const sequence = pool.nextOf(from, 0, committed)
  const { operation, to, isNew } = operationFor(ask)
  const args = writeInteraction({
    sender: { id: from, sequence, keyId: 0 },
    payer: undefined,
    fuelPrice: 1n,
    fuelLimit: FUEL,
    funds: [],
    operations: [writeOperation(operation)],
    participants: [
      { id: from, lock: 'mutate', notary: false },
      { id: KMOI_ASSET, lock: 'none', notary: false },
      ...(isNew ? [] : [{ id: to, lock: 'mutate', notary: false } as const]),
    ],
    preferences: undefined,
    perception: undefined,
  } satisfies MoiInteraction)
  const compact = signer.sign(interactionHash(args))
  const signature = moiFromEcdsa({ compact, parity: signer.publicKey[0] ?? 0 })
  return submissions.submit(args, writeSignatures([{ id: from, keyId: 0, signature }]))
}

const operationFor = ({
  id,
  publicKey,
  amount,
}: FaucetAsk): {
  readonly operation: MoiOperation
  readonly to: MoiId
  readonly isNew: boolean
} => {
  const to = id ?? participantOfKey(publicKey ?? new Uint8Array(0))
  const transfer = {
    assetId: KMOI_ASSET,
    callsite: 'Transfer',
    calldata: writeDocument(
      new Map([
        ['beneficiary', encodePolo(poloMoiId, to)],
        ['amount', encodePolo(poloNatural(256), amount)],
      ]),
    ),
    funds: new Map(),
  }
  if (!publicKey) return { operation: { is: 'asset-action', ...transfer }, to, isNew: false }
  const keys = [{ publicKey, weight: KEY_WEIGHT, signatureAlgorithm: 0 }]
  return { operation: { is: 'participant-create', id: to, keys, value: transfer }, to, isNew: true }
}
