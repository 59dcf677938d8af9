/**
 * Transfers of MOI, signed before the clock starts: whoever measures a guardian should not pay for what its clients do. Keys are
 * those of nobody, from numbers.
 */
import { createHash } from 'node:crypto'
import { hexFromBytes } from 'tallystick/base'
import {
  interactionHash,
  KMOI_ASSET,
  type MoiGenesis,
  writeInteraction,
  writeOperation,
  writeSignatures,
} from 'tallystick/moi'
import { transfer } from '../moi/act.ts'
import { type MoiSigner, signerOfSecret } from '../moi/signer.ts'

const BALANCE = 1_000_000_000_000n
const FUEL_LIMIT = 10_000n

/** A transfer that is ready to be sent. */
export type Ready = {
  readonly args: Uint8Array
  readonly signatures: Uint8Array
  readonly digest: Uint8Array
  /** 64 digits. */
  readonly hash: string
}

export const payerAt = (number: number): MoiSigner =>
  signerOfSecret(new Uint8Array(createHash('sha256').update(`payer ${number}`).digest()))

/** A genesis in which so many payers have more than they can spend. */
export const genesisOf = (payers: number): Omit<MoiGenesis, 'nodes'> => ({
  guardians: { stakeMin: 1000n, withdrawalSeconds: 60n, yearlyMillionths: 50_000n },
  rewards: 0n,
  participants: Array.from({ length: payers }, (_, at) => {
    const { id, publicKey } = payerAt(at)
    return { id, keys: [{ publicKey, weight: 1000n, signatureAlgorithm: 0 }], balance: BALANCE }
  }),
})

/** The transfer of a payer that bears a number. */
export const readyTransfer = (from: MoiSigner, to: MoiSigner, sequence: number): Ready => {
  const { operations, participants } = transfer({ asset: KMOI_ASSET, to: to.id, amount: 1n })
  const args = writeInteraction({
    sender: { id: from.id, sequence: BigInt(sequence), keyId: 0 },
    payer: undefined,
    fuelPrice: 1n,
    fuelLimit: FUEL_LIMIT,
    funds: [],
    operations: operations.map(writeOperation),
    participants: [{ id: from.id, lock: 'mutate', notary: false }, ...participants],
    preferences: undefined,
    perception: undefined,
  })
  const digest = interactionHash(args)
  const signatures = writeSignatures([{ id: from.id, keyId: 0, signature: from.sign(digest) }])
  return { args, signatures, digest, hash: hexFromBytes(digest) }
}

/** As MOI's client sends it. */
export const bodyOfSend = ({ args, signatures }: Ready): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'moi.SendInteractions',
    params: [{ ix_args: hexFromBytes(args), signatures: hexFromBytes(signatures) }],
  })

export const bodyOfReceipt = (hash: string): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'moi.InteractionReceipt',
    params: [{ hash: `0x${hash}` }],
  })
