/** Operations of guardians, which MOI's client cannot build: sent as bytes, and told by its receipts. */
import { hexFromBytes } from 'tallystick/base'
import {
  interactionHash,
  KMOI_ASSET,
  type MoiOperation,
  SARGA_ACCOUNT,
  writeInteraction,
  writeKramaId,
  writeOperation,
  writeSignatures,
} from 'tallystick/moi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGuardian, type Guardian } from '../../src/moi/call.ts'
import { DEV_WORDS } from '../../src/moi/hd-keys.ts'
import { signerOfWords } from '../../src/moi/signer.ts'
import { type Scene, startScene, wordsOf } from './node.ts'
import type { Receipt } from './sdk-types.ts'

let scene: Scene
let guardian: Guardian
let now = BigInt(Date.now())
beforeAll(async () => {
  scene = await startScene({ clock: () => now })
  guardian = createGuardian(scene.url)
}, 60_000)
afterAll(() => scene.close())

const alice = signerOfWords(DEV_WORDS, { number: 1 })
const kramaId = writeKramaId({ zone: 0, publicKey: alice.publicKey })
const kmoi = async (): Promise<number> =>
  Number(await scene.provider.getBalance(`0x${alice.id}`, scene.sdk.KMOI_ASSET_ID))

const act = async (of: MoiOperation): Promise<Receipt> => {
  const params = { id: `0x${alice.id}`, key_id: 0 }
  const sequence = BigInt(String(await guardian.call('moi.PendingInteractionCount', params)))
  const args = writeInteraction({
    sender: { id: alice.id, sequence, keyId: 0 },
    payer: undefined,
    fuelPrice: 1n,
    fuelLimit: 1000n,
    funds: [],
    operations: [writeOperation(of)],
    participants: [
      { id: alice.id, lock: 'mutate', notary: false },
      { id: SARGA_ACCOUNT, lock: 'mutate', notary: false },
      { id: KMOI_ASSET, lock: 'none', notary: false },
    ],
    preferences: undefined,
    perception: undefined,
  })
  const signature = alice.sign(interactionHash(args))
  const hash = await guardian.call('moi.SendInteractions', {
    ix_args: hexFromBytes(args),
    signatures: hexFromBytes(writeSignatures([{ id: alice.id, keyId: 0, signature }])),
  })
  return scene.provider.getInteractionReceipt(String(hash))
}

const SECOND = 1000n

test('a guardian stakes, takes out after the period, and claims what it earned', async () => {
  const amountOf = async (of: MoiOperation): Promise<number> => {
    const before = await kmoi()
    const receipt = await act(of)
    expect(wordsOf(receipt)).toBe('')
    return before - (await kmoi()) - Number(receipt.fuel_used)
  }
  const register: MoiOperation = {
    is: 'guardian-register',
    kramaId,
    walletId: alice.id,
    consensusKey: alice.publicKey,
    kycProof: new Uint8Array(),
    amount: 1_000_000n,
  }
  expect(await amountOf(register)).toBe(1_000_000)
  expect(await amountOf({ is: 'guardian-stake', kramaId, amount: 500n })).toBe(500)
  expect(await amountOf({ is: 'guardian-unstake', kramaId, amount: 500n })).toBe(0)
  const early = await act({ is: 'guardian-withdraw', kramaId, amount: 500n })
  expect(early.status).toBe(1)
  expect(wordsOf(early)).toContain('withdrawal period has not elapsed')
  now += 60n * SECOND
  expect(await amountOf({ is: 'guardian-withdraw', kramaId, amount: 500n })).toBe(-500)
  // A year at 5 % of a million.
  now += 365n * 24n * 3600n * SECOND
  expect(await amountOf({ is: 'guardian-claim', kramaId, amount: 49_000n })).toBe(-49_000)
  const more = await act({ is: 'guardian-claim', kramaId, amount: 49_000n })
  expect(wordsOf(more)).toContain('insufficient rewards')
})
