/**
 * One walk through MOI's SDK against a guardian: a participant, an asset, a logic, what they hold, and who is told.
 * Nothing here but `js-moi-sdk` and Node. Start `tally serve guardian --dev` first.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import {
  getLogicDriver,
  hexToBytes,
  KMOI_ASSET_ID,
  LogicFactory,
  MAS0AssetLogic,
  ParticipantCreate,
  WebSocketEvent,
} from 'js-moi-sdk'
import { idOf, openSocket, payer, provider, stranger } from './guardian.mjs'

const alice = await payer()
const bob = await stranger()
const aliceId = await idOf(alice)
const bobId = await idOf(bob)
const say = (text) => console.log(text)

say(`network ${await provider.getVersion()}, guardian ${(await provider.getNodeInfo()).krama_id}`)
say(`alice ${aliceId} has ${await provider.getBalance(aliceId, KMOI_ASSET_ID)} KMOI`)

// Whoever subscribes is told of each tesseract: all of them, or those of one account.
const socket = openSocket()
await new Promise((resolve, reject) => {
  socket.on(WebSocketEvent.Connect, resolve)
  socket.on(WebSocketEvent.Error, reject)
})
const tesseracts = []
const ofBob = []
socket.on(WebSocketEvent.NewTesseracts, (one) => tesseracts.push(one))
socket.on({ event: WebSocketEvent.NewTesseractsByAccount, params: { address: bobId } }, (one) =>
  ofBob.push(one),
)
// A subscription is there once the guardian has answered; a question on the same socket comes after it.
await socket.getVersion()

// A participant: who has KMOI registers somebody, with a key and something to begin with.
const created = await new ParticipantCreate(alice)
  .id(bobId)
  .addKey(`0x${bob.getPublicKey()}`, 1000)
  .value(KMOI_ASSET_ID, bobId, 50_000)
  .send()
const birth = await created.wait()
assert.equal(birth.status, 0)
assert.equal(Number(await provider.getBalance(bobId, KMOI_ASSET_ID)), 50_000)
say(`bob ${bobId} was created for ${Number(birth.fuel_used)} fuel`)

// An asset: at most a million of it, and alice may mint.
const gold = await MAS0AssetLogic.newAsset(alice, 'GOLD', 1_000_000, aliceId, true)
await done(gold.mint(aliceId, 5000))
await done(gold.transfer(bobId, 1200))
assert.equal(Number(await provider.getBalance(aliceId, gold.assetId)), 3800)
assert.equal(Number(await provider.getBalance(bobId, gold.assetId)), 1200)
const about = await provider.getAssetInfoByAssetID(gold.assetId)
assert.equal(about.symbol, 'GOLD')
say(`asset ${gold.assetId}: alice has 3800 ${about.symbol}, bob 1200`)

// Bob acts for himself: gives some back, and burns some.
const goldOfBob = new MAS0AssetLogic(gold.assetId, bob)
await done(goldOfBob.transfer(aliceId, 200))
await done(goldOfBob.burn(100))
assert.equal(Number(await provider.getBalance(bobId, gold.assetId)), 900)

// A logic: the token ledger that MOI publishes with its SDK.
const manifest = JSON.parse(readFileSync(new URL('tokenledger.json', import.meta.url), 'utf8'))
const deployed = await new LogicFactory(manifest, alice).deploy('Seed', 'MOI', 1_000_000).send()
const { logic_id: logicId, error } = await deployed.result()
assert.equal(error, null)
say(`logic ${logicId}`)

const ledger = await getLogicDriver(logicId, alice)
const moved = await ledger.routines.Transfer(250, hexToBytes(bobId)).send()
assert.equal((await moved.wait()).status, 0)
const asked = await ledger.routines.BalanceOf(hexToBytes(bobId)).call()
assert.equal(Number((await asked.result()).output.balance), 250)

// Its state: what a logic keeps for all, read at the guardian without running anything.
const symbol = await ledger.persistentState.get((access) => access.entity('Symbol'))
const ofAlice = await ledger.persistentState.get((access) =>
  access.entity('Balances').property(hexToBytes(aliceId)),
)
assert.equal(symbol, 'MOI')
assert.equal(Number(ofAlice), 999_750)
say(`in the ledger of ${symbol} alice has ${ofAlice}, bob 250`)

// What a routine throws comes as MOI's own exception, and nothing has changed.
const tooMuch = await ledger.routines.Transfer(2_000_000, hexToBytes(bobId)).call()
const { error: thrown } = await tooMuch.result()
assert.equal(thrown.error, 'sender has insufficient balance')
say(`the ledger refuses: ${thrown.error}`)

// Everything above was told to whoever subscribed.
await until(() => tesseracts.length >= 8 && ofBob.length >= 4)
assert.ok(tesseracts.some(({ hash }) => hash === birth.ts_hash))
assert.ok(ofBob.every(({ participants }) => participants.some(({ id }) => id === bobId)))
say(`${tesseracts.length} tesseracts were told, ${ofBob.length} of them bob's`)
say('done')
// A receipt that the SDK has waited for is asked for every 5 s for two minutes more, which keeps the process; so it is ended.
process.exit(0)

async function done(context) {
  const receipt = await (await context.send()).wait()
  assert.equal(receipt.status, 0, JSON.stringify(receipt.ix_operations))
  return receipt
}

async function until(isSo) {
  for (let at = 0; at < 100 && !isSo(); at += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.ok(isSo(), 'waited 5 s in vain')
}
