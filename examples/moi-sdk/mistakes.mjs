/** Each mistake that one can make with MOI's SDK, and what one is told: by the SDK itself, or by the guardian in MOI's words. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import {
  getLogicDriver,
  hexToBytes,
  KMOI_ASSET_ID,
  LogicFactory,
  ManifestCoder,
  MAS0AssetLogic,
  OpType,
  ParticipantCreate,
  SARGA_ADDRESS,
} from 'js-moi-sdk'
import { idOf, payer, provider, stranger } from './guardian.mjs'

const alice = await payer()
const aliceId = await idOf(alice)
const bob = await stranger()
const bobId = await idOf(bob)
const nobody = await stranger()
const nobodyId = await idOf(nobody)
const create = new ParticipantCreate(alice)
  .id(bobId)
  .addKey(`0x${bob.getPublicKey()}`, 1000)
  .value(KMOI_ASSET_ID, bobId, 30_000)
assert.equal((await (await create.send()).wait()).status, 0)
const gold = await MAS0AssetLogic.newAsset(alice, 'GOLD', 1000, aliceId, true)
await (await gold.mint(aliceId, 500).send()).wait()
const manifest = JSON.parse(readFileSync(new URL('tokenledger.json', import.meta.url), 'utf8'))
const { logic_id: logicId } = await (
  await new LogicFactory(manifest, alice).deploy('Seed', 'MOI', 1000).send()
).result()
const ledger = await getLogicDriver(logicId, alice)
let count = 0

const told = (what, error) => {
  count += 1
  console.log(`${what}: ${error}`)
}

/** Refused before anything happened: the call fails, with this text. */
const refused = async (what, words, run) => {
  const before = await provider.getInteractionCount(aliceId, 0)
  const error = await (async () => run())().then(
    () => assert.fail(`${what} was not refused`),
    (found) => found,
  )
  // The SDK wraps what goes wrong while it signs; the reason is inside.
  const text = error.params?.originalError?.params?.originalError?.message ?? error.message
  assert.ok(text.includes(words), `${what}: ${text}, not ${words}`)
  assert.equal(await provider.getInteractionCount(aliceId, 0), before)
  told(what, text)
}

/** Executed and paid for, but nothing came of it: the receipt says so. */
const failed = async (what, words, context) => {
  const receipt = await (await context.send()).wait()
  assert.equal(receipt.status, 1, what)
  const [operation] = receipt.ix_operations
  assert.notEqual(operation.status, 0)
  const text = wordsIn(operation.data.error)
  assert.ok(text.includes(words), `${what}: ${text}, not ${words}`)
  told(what, text)
}

/** The message of an error in a receipt, as the SDK reads it. */
const wordsIn = (error) => ManifestCoder.decodeException(error)?.error ?? ''

const MANY = { fuel_price: 1, fuel_limit: 1000 }
const senderOf = async (wallet, id) => ({
  id,
  key_id: 0,
  sequence: Number(await provider.getPendingInteractionCount(id, 0)),
})
const symbolOf = (id) => ({
  type: OpType.ASSET_INVOKE,
  payload: { asset_id: id, callsite: 'Symbol' },
})
const send = async (more) =>
  alice.sendInteraction({
    sender: await senderOf(alice, aliceId),
    ...MANY,
    ix_operations: [symbolOf(gold.assetId)],
    ...more,
  })

// The sender.
await refused('a sender that does not exist', 'account not found', () =>
  new MAS0AssetLogic(gold.assetId, nobody).transfer(aliceId, 1).send(),
)
await refused('a number that was used', 'Invalid nonce', () =>
  gold.transfer(bobId, 1).send({ sequence: 0 }),
)
await refused('somebody else’s name', 'Sender address mismatches with the signer', async () =>
  alice.sendInteraction({
    sender: await senderOf(bob, bobId),
    ...MANY,
    ix_operations: [symbolOf(gold.assetId)],
  }),
)
await refused('a key that the account does not have', 'invalid signature', async () => {
  const forged = await stranger()
  const { ix_args } = await signed(await dataOf(gold.transfer(bobId, 1)), alice)
  const { signatures } = await signed(await dataOf(gold.transfer(bobId, 1)), forged)
  return provider.sendInteraction({ ix_args, signatures })
})

// Fuel.
await refused('a price of 0', 'interaction underpriced', () => send({ fuel_price: 0 }))
await refused('a price of 2', 'fuel price', () => send({ fuel_price: 2 }))
await refused('a limit below the base cost', 'fuel limit', () => send({ fuel_limit: 99 }))
await refused('more fuel than one can pay', 'insufficient funds', () =>
  new MAS0AssetLogic(gold.assetId, bob).transfer(aliceId, 1).send({ fuel_limit: 1_000_000 }),
)

// Operations and participants.
await refused('four operations', 'operations', () =>
  send({ ix_operations: Array.from({ length: 4 }, () => symbolOf(gold.assetId)) }),
)
await refused('no operation', 'Operations list is missing', () => send({ ix_operations: [] }))
await refused('an operation of guardians', 'Unsupported', () =>
  send({ ix_operations: [{ type: OpType.GUARDIAN_STAKE, payload: {} }] }),
)
await refused('a participant that does not exist', 'account not found', () =>
  gold.transfer(nobodyId, 1).send(),
)
await refused('a key of too little weight', 'weight', () =>
  new ParticipantCreate(alice)
    .id(nobodyId)
    .addKey(`0x${nobody.getPublicKey()}`, 999)
    .value(KMOI_ASSET_ID, nobodyId, 1)
    .send(),
)
await refused('an interaction of more than 128 KB', 'bytes', () =>
  send({ perception: `0x${'00'.repeat(131_072)}` }),
)

// Assets.
const goldOfBob = new MAS0AssetLogic(gold.assetId, bob)
await failed('mint by somebody else', 'manager', goldOfBob.mint(bobId, 1))
await failed('mint more than there may be', 'max supply', gold.mint(aliceId, 501))
await failed('transfer more than one has', 'insufficient balance', gold.transfer(bobId, 501))
await failed('mint nothing', 'amount', gold.mint(aliceId, 0))
await failed('take what was not approved', 'mandate', goldOfBob.transferFrom(aliceId, bobId, 1))
await failed('release what was not locked up', 'lockup', goldOfBob.release(aliceId, bobId, 1))
await refused('a supply that is no number', 'max_supply must be a non-negative number', () =>
  MAS0AssetLogic.create(alice, 'TIN', 5n, aliceId, true).send(),
)

// Logics.
await refused('an argument too few', 'One or more required arguments are missing', () =>
  ledger.routines.Transfer(1).send(),
)
await refused('a builder that is not there', 'builder not found', () =>
  new LogicFactory(manifest, alice).deploy('Sow', 1).send(),
)
await refused('a logic that is not there', 'not found', () =>
  getLogicDriver(`0x20010000${'00'.repeat(24)}00000000`, alice),
)
await failed(
  'a routine that throws',
  'sender has insufficient balance',
  ledger.routines.Transfer(1001, hexToBytes(bobId)),
)
await refused('a storage key that is not there', 'storage key not found', () =>
  provider.getStorageAt(logicId, `0x${'ee'.repeat(32)}`),
)

// Questions.
await refused('an account that is not there', 'account not found', () =>
  provider.getAccountMetaInfo(nobodyId),
)
await refused('no identifier', 'invalid identifier', () =>
  provider.getBalance('0x12', KMOI_ASSET_ID),
)
await refused('neither number nor hash', 'empty options', () =>
  provider.getBalance(aliceId, KMOI_ASSET_ID, {}),
)
await refused('number and hash', 'invalid options', () =>
  provider.getBalance(aliceId, KMOI_ASSET_ID, {
    tesseract_number: 0,
    tesseract_hash: `0x${'00'.repeat(32)}`,
  }),
)
await refused('a receipt of nothing', 'not found', () =>
  provider.getInteractionReceipt(`0x${'ab'.repeat(32)}`),
)
await refused('a method that is not there', 'does not exist/is not available', async () =>
  provider.processResponse(await provider.execute('moi.Nothing', null)),
)
await refused('the genesis account as payer', 'Expected a participant identifier', () =>
  send({ payer: SARGA_ADDRESS }),
)
console.log(`${count} mistakes, each told by its name`)
process.exit(0)

async function dataOf(context) {
  return context.ixData(MANY)
}

async function signed(data, wallet) {
  return wallet.signInteraction(data, wallet.signingAlgorithms.ecdsa_secp256k1)
}
