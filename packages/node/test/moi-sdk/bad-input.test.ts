/**
 * What MOI's client would never send. Each is a good transfer with one thing changed: it is refused in words, and nothing is
 * executed. The same transfer without the change is taken.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hexFromBytes, isFault } from 'tallystick/base'
import {
  encodePolo,
  interactionHash,
  KMOI_ASSET,
  type MoiInteraction,
  type MoiOperation,
  type MoiSignature,
  poloFromManifest,
  poloNatural,
  readManifest,
  SARGA_ACCOUNT,
  writeDocument,
  writeInteraction,
  writeOperation,
  writeSignatures,
} from 'tallystick/moi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identifierMessage } from '../../src/moi/act.ts'
import { createGuardian, type Guardian } from '../../src/moi/call.ts'
import { DEV_WORDS } from '../../src/moi/hd-keys.ts'
import { signerOfSecret, signerOfWords } from '../../src/moi/signer.ts'
import { receiptOf, type Scene, startScene, wordsOf } from './node.ts'

let scene: Scene
let guardian: Guardian
beforeAll(async () => {
  scene = await startScene()
  guardian = createGuardian(scene.url)
}, 60_000)
afterAll(() => scene.close())

const alice = signerOfWords(DEV_WORDS, { number: 1 })
const bob = signerOfWords(DEV_WORDS, { number: 2 })
const nobody = signerOfSecret(new Uint8Array(32).fill(9))
const NONE = new Map<string, never>()

const transferOf = (amount: Uint8Array, to = bob.id): MoiOperation => ({
  is: 'asset-action',
  assetId: KMOI_ASSET,
  callsite: 'Transfer',
  calldata: writeDocument(
    new Map([
      ['amount', amount],
      ['beneficiary', identifierMessage(to)],
    ]),
  ),
  funds: NONE,
})
const amountOf = (amount: bigint): Uint8Array => encodePolo(poloNatural(256), amount)
const flipper = readManifest(readFileSync(join(import.meta.dirname, 'manifests/flipper.json')))
if (isFault(flipper)) throw flipper

const deploy: MoiOperation = {
  is: 'logic-deploy',
  manifest: poloFromManifest(flipper),
  callsite: 'Init',
  calldata: new Uint8Array(),
  interfaces: NONE,
}

const next = async (): Promise<bigint> => {
  const params = { id: `0x${alice.id}`, key_id: 0 }
  return BigInt(String(await guardian.call('moi.PendingInteractionCount', params)))
}

const good = async (more: Partial<MoiInteraction> = {}): Promise<MoiInteraction> => ({
  sender: { id: alice.id, sequence: await next(), keyId: 0 },
  payer: undefined,
  fuelPrice: 1n,
  fuelLimit: 1000n,
  funds: [],
  operations: [writeOperation(transferOf(amountOf(1n)))],
  participants: [
    { id: alice.id, lock: 'mutate', notary: false },
    { id: KMOI_ASSET, lock: 'none', notary: false },
    { id: bob.id, lock: 'mutate', notary: false },
  ],
  preferences: undefined,
  perception: undefined,
  ...more,
})

const signed = (of: MoiInteraction): MoiSignature => ({
  id: of.sender.id,
  keyId: 0,
  signature: alice.sign(interactionHash(writeInteraction(of))),
})

const send = (of: MoiInteraction, signatures: readonly MoiSignature[]): Promise<unknown> =>
  guardian.call('moi.SendInteractions', {
    ix_args: hexFromBytes(writeInteraction(of)),
    signatures: hexFromBytes(writeSignatures(signatures)),
  })

const refused = async (words: string, attempt: () => Promise<unknown>): Promise<void> => {
  const before = scene.running.context.lattice.size()
  await expect(attempt()).rejects.toThrow(words)
  expect(scene.running.context.lattice.size()).toBe(before)
  expect(scene.running.context.pool.counts()).toMatchObject({ pending: 0, queued: 0 })
}

test('the transfer that the others are changed from is taken', async () => {
  const of = await good()
  const hash = String(await send(of, [signed(of)]))
  expect((await scene.provider.getInteractionReceipt(hash)).status).toBe(0)
})

const ORDER = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n

/** The other s that would verify as well, were it not refused. */
const highS = (signature: Uint8Array): Uint8Array => {
  const rSize = signature[5] ?? 0
  const at = 6 + rSize + 2
  const s = BigInt(`0x${hexFromBytes(signature.slice(at, -1))}`)
  const other = Buffer.from((ORDER - s).toString(16).padStart(64, '0'), 'hex')
  const digits = (other[0] ?? 0) >= 0x80 ? [0, ...other] : [...other]
  const tail = [...signature.slice(4, 6 + rSize), 2, digits.length, ...digits]
  return Uint8Array.of(1, tail.length + 2, 0x30, tail.length, ...tail, signature.at(-1) ?? 0)
}

describe('a signature', () => {
  const changed = (change: (of: MoiSignature) => MoiSignature[]) => async () => {
    const of = await good()
    return send(of, change(signed(of)))
  }
  const bytes = (edit: (of: Uint8Array) => Uint8Array) =>
    changed((of) => [{ ...of, signature: edit(of.signature) }])
  test.each([
    ['of nobody', 'signature', changed(() => [])],
    ['twice', 'repeated key', changed((of) => [of, of])],
    ['of another key', 'unknown key', changed((of) => [of, { ...of, keyId: 7 }])],
    ['of a stranger', 'neither sender nor payer', changed((of) => [of, { ...of, id: nobody.id }])],
    ['with a high s', 'wrong signature', bytes(highS)],
    ['with the other parity', 'wrong signature', bytes((of) => of.with(-1, (of.at(-1) ?? 0) ^ 1))],
    ['of another kind', 'wrong signature', bytes((of) => of.with(0, 2))],
    ['with a changed bit', 'wrong signature', bytes((of) => of.with(20, (of[20] ?? 0) ^ 1))],
    ['that is cut', 'wrong signature', bytes((of) => of.slice(0, -1))],
    ['with a byte behind', 'wrong signature', bytes((of) => Uint8Array.of(...of, 0))],
    ['of no bytes', 'wrong signature', bytes(() => new Uint8Array())],
  ] as const)('%s is refused: %s', (_, words, attempt) => refused(words, attempt))

  test('of other bytes is refused', async () => {
    const [one, other] = [await good(), await good({ fuelLimit: 1001n })]
    await refused('wrong signature', () => send(one, [signed(other)]))
  })
})

describe('an interaction', () => {
  const changed = (more: Partial<MoiInteraction>) => async () => {
    const of = await good(more)
    return send(of, [signed(of)])
  }
  const sender = (more: object) => async () => {
    const of = await good({ fuelLimit: 1001n })
    const moved = { ...of, sender: { ...of.sender, ...more } }
    return send(moved, [signed(moved)])
  }
  const operations = (...of: readonly MoiOperation[]) =>
    changed({ operations: of.map(writeOperation) })
  const transfer = transferOf(amountOf(1n))
  test.each([
    ['with a used number', 'invalid nonce', sender({ sequence: 0n })],
    ['with a number far ahead', 'too far ahead', sender({ sequence: 1n << 60n })],
    ['by a key that is not there', 'key not found', sender({ keyId: 3 })],
    ['by nobody', 'account not found', sender({ id: nobody.id })],
    ['by the genesis account', 'genesis account', sender({ id: SARGA_ACCOUNT })],
    ['at the price 0', 'interaction underpriced', changed({ fuelPrice: 0n })],
    ['at the price 2', 'invalid fuel price', changed({ fuelPrice: 2n })],
    ['with too little fuel', 'interaction underpriced', changed({ fuelLimit: 99n })],
    [
      'with more fuel than there is',
      'insufficient funds',
      changed({ fuelLimit: (1n << 64n) - 1n }),
    ],
    ['of four operations', '4 operations', operations(transfer, transfer, transfer, transfer)],
    ['of two deployments', 'more than one LogicDeploy', operations(deploy, deploy)],
    ['of none', 'no operations', operations()],
    ['that touches whom it does not name', 'must be a participant', changed({ participants: [] })],
    [
      'of a reserved type',
      'reserved',
      changed({ operations: [{ type: 14, payload: new Uint8Array() }] }),
    ],
    ['of no type', 'type', changed({ operations: [{ type: 99, payload: new Uint8Array() }] })],
    ['of 128 KiB', 'bytes', changed({ perception: new Uint8Array(131_072) })],
    ['paid for by who has not signed', 'signature', changed({ payer: bob.id })],
  ] as const)('%s is refused: %s', (_, words, attempt) => refused(words, attempt))

  test('that names somebody twice is refused', async () => {
    const of = await good()
    const twice = { ...of, participants: [...of.participants, ...of.participants.slice(2)] }
    await refused('duplicate participant', () => send(twice, [signed(twice)]))
  })

  test('that was taken is not taken again', async () => {
    const of = await good()
    const hash = String(await send(of, [signed(of)]))
    await scene.provider.getInteractionReceipt(hash)
    await refused('already known', () => send(of, [signed(of)]))
  })
})

describe('an amount', () => {
  test.each([
    ['2^64', 1n << 64n],
    ['2^256 - 1', (1n << 256n) - 1n],
  ])('of %s is more than there is', async (_, amount) => {
    const of = await good({ operations: [writeOperation(transferOf(amountOf(amount)))] })
    await refused('insufficient funds', () => send(of, [signed(of)]))
  })

  test('of 2^256 is none', async () => {
    const huge = Uint8Array.of(3, 1, ...new Uint8Array(32))
    const of = await good({ operations: [writeOperation(transferOf(huge))] })
    const hash = String(await send(of, [signed(of)]))
    const receipt = await scene.provider.getInteractionReceipt(hash)
    expect(receipt).toMatchObject({ status: 1, ix_operations: [{ status: 2 }] })
    expect(wordsOf(receipt)).toContain('integer of 33 bytes')
  })

  test('of nothing is minted by nobody', async () => {
    const { sdk } = scene
    const wallet = await scene.wallet(1)
    const gold = await sdk.MAS0AssetLogic.newAsset(wallet, 'GOLD', 5, `0x${alice.id}`, false)
    expect(wordsOf(await receiptOf(gold.mint(`0x${alice.id}`, 0)))).toContain('positive')
  })
})
