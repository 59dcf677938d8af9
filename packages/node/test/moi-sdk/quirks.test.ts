/** Where MOI's client does not do what its documentation says. A guardian lives with each of these; if one goes away, this says so. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRecorder, type Recorder } from './recorder.ts'
import { loadSdk } from './sdk.ts'
import type { Hex, InteractionObject, Provider, Wallet } from './sdk-types.ts'
import { ASSET, HASH, MNEMONIC } from './town.ts'

const sdk = loadSdk()
let node: Recorder
let provider: Provider
let wallet: Wallet
let own: Hex

beforeAll(async () => {
  node = await startRecorder()
  provider = new sdk.JsonRpcProvider(node.http)
  wallet = await sdk.Wallet.fromMnemonic(MNEMONIC)
  wallet.connect(provider)
  own = (await wallet.getIdentifier()).toHex()
  for (const one of ['PendingInteractionCount', 'InteractionCount'])
    node.answer(`moi.${one}`, '0x0')
  node.answer('moi.SendInteractions', HASH)
}, 60_000)
afterAll(() => node.close())

const asked = (method: string): Record<string, unknown> => {
  const found = node.take().find((one) => one.method === method)
  const params = found?.params as Record<string, unknown>[] | undefined
  return params?.[0] ?? {}
}

const transfer = (more: Partial<InteractionObject> = {}): InteractionObject => ({
  sender: { id: own, sequence: 0, key_id: 0 },
  fuel_price: 1,
  fuel_limit: 200,
  ix_operations: [{ type: 5, payload: { asset_id: ASSET, callsite: 'Symbol' } }],
  ...more,
})

const bytesOf = async (of: InteractionObject): Promise<string> =>
  (await wallet.signInteraction(of, wallet.signingAlgorithms.ecdsa_secp256k1)).ix_args

test('names of trusted nodes are lost, for they are written under another name', async () => {
  const consensus = { mtq: 3, trust_nodes: ['a'] }
  const preferences = { compute: '0x01', consensus }
  expect(await bytesOf(transfer({ preferences }))).toContain('2f061e012f031003')
})

test('the name under which they are written takes them', async () => {
  const preferences = { compute: '0x01', consensus: { mtq: 3, trusted_nodes: ['a'] } }
  expect(await bytesOf(transfer({ preferences }))).toContain('2f061e012f031e031f0661')
})

test('a bigint becomes eight bytes', async () => {
  await new sdk.MAS0AssetLogic(ASSET, wallet).transfer(own, 300n).send()
  expect(asked('moi.SendInteractions')['ix_args']).toContain('03000000000000012c')
})

test('isOwner of MAS1 asks for the symbol', async () => {
  const art = new sdk.MAS1AssetLogic(ASSET, wallet)
  await art
    .isOwner(0, sdk.hexToBytes(own))
    .call()
    .catch(() => undefined)
  const [operation] = (asked('moi.Call')['ix_args'] as InteractionObject).ix_operations
  expect(operation?.payload).toContain(Buffer.from('Symbol').toString('hex'))
})

test('topics of a filter are sent unhashed the first time, but for those inside a list', async () => {
  node.answer('moi.GetLogs', [])
  const topics = ['Transfer', ['a']]
  await provider.getLogs({ id: own, height: [0, 5], topics })
  expect(asked('moi.GetLogs')['topics']).toEqual(['Transfer', [sdk.topicHash('a')]])
  // The list that was handed in has been changed, so the same call sends something else the second time.
  await provider.getLogs({ id: own, height: [0, 5], topics })
  expect((asked('moi.GetLogs')['topics'] as string[])[0]).toBe(sdk.topicHash('Transfer'))
})

test('quantities are written with capital digits', async () => {
  node.answer('moi.FuelEstimate', '0x64')
  const gold = new sdk.MAS0AssetLogic(ASSET, wallet)
  await gold.transfer(own, 1).estimateFuel({ fuel_limit: 0xabc })
  expect((asked('moi.FuelEstimate')['ix_args'] as { fuel_limit: string }).fuel_limit).toBe('0xABC')
})

test('the event that the documentation names for logs subscribes to nothing', async () => {
  node.answer('moi.Subscribe', '0x1')
  const socket = new sdk.WebsocketProvider(node.ws)
  await new Promise<void>((resolve) => socket.on(sdk.WebSocketEvent.Connect, () => resolve()))
  node.take()
  const params = { address: own, height: [-1, -1], topics: [] }
  socket.on({ event: sdk.WebSocketEvent.NewLog, params }, () => undefined)
  socket.on({ event: 'newLogs', params }, () => undefined)
  await expect.poll(() => node.take().flatMap((one) => one.params)).toContain('newLogs')
  expect(sdk.WebSocketEvent.NewLog).toBe('newLog')
  await socket.disconnect().catch(() => undefined)
})

const receiptOf = (operation: object): object => ({
  ix_hash: HASH,
  status: 0,
  fuel_used: '0x64',
  ix_operations: [{ status: 0, data: {}, logs: [], ...operation }],
})

test('a receipt with the type as a number makes it fall over', async () => {
  node.answer('moi.InteractionReceipt', receiptOf({ tx_type: 5 }))
  const sent = await new sdk.MAS0AssetLogic(ASSET, wallet).transfer(own, 1).send()
  await expect(sent.result()).rejects.toThrow('hex.trim is not a function')
})

test('results of changed keys and of sub-accounts cannot be read, their receipts can', async () => {
  node.answer('moi.InteractionReceipt', receiptOf({ tx_type: '0x2' }))
  const sent = await new sdk.AccountConfigure(wallet).revokeKey(1).send()
  await expect(sent.result()).rejects.toThrow('Unsupported interaction type')
  await expect(sent.wait()).resolves.toHaveProperty('status', 0)
})

test('operations of guardians cannot be sent', async () => {
  const of = transfer({ ix_operations: [{ type: 6, payload: {} }] })
  await expect(wallet.sendInteraction(of)).rejects.toThrow('Failed to sign interaction')
})

test('the supply of an asset cannot be a bigint, as its documentation has it', async () => {
  const create = sdk.MAS0AssetLogic.create(wallet, 'GOLD', 5n, own, true)
  await expect(create.send()).rejects.toThrow('Failed to sign interaction')
})

test('a wallet whose key begins with zeros cannot sign', async () => {
  // The first such account of the words that everybody knows.
  const short = await sdk.Wallet.fromMnemonic(MNEMONIC, "m/44'/6174'/7020'/0/63")
  expect(short.privateKey).toHaveLength(62)
  short.connect(provider)
  const gold = new sdk.MAS0AssetLogic(ASSET, short)
  await expect(gold.transfer(own, 1).send()).rejects.toThrow('Failed to sign interaction')
})

test('a sequence number below what was executed is refused before it is sent', async () => {
  node.answer('moi.InteractionCount', '0x3')
  node.answer('moi.PendingInteractionCount', '0x3')
  const gold = new sdk.MAS0AssetLogic(ASSET, wallet)
  await expect(gold.transfer(own, 1).send({ sequence: 2 })).rejects.toThrow('Invalid nonce')
})
