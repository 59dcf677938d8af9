/** Every question that MOI's own client asks of a node, and what it is told by filters and subscriptions. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { done, idOf, type Scene, startScene } from './node.ts'
import type { Hex, Receipt, SocketProvider, Wallet } from './sdk-types.ts'

let scene: Scene
let alice: Wallet
let [aliceId, bobId]: Hex[] = []
let receipt: Receipt
beforeAll(async () => {
  scene = await startScene()
  alice = await scene.wallet(1)
  aliceId = await idOf(alice)
  bobId = await idOf(await scene.wallet(2))
  receipt = await pay(7)
}, 60_000)
afterAll(() => scene.close())

const pay = (amount: number): Promise<Receipt> =>
  done(new scene.sdk.MAS0AssetLogic(scene.sdk.KMOI_ASSET_ID, alice).transfer(bobId, amount))

const id = (): string => aliceId ?? ''

describe('questions', () => {
  test('about an account are answered at each of its heights', async () => {
    const { provider, sdk } = scene
    const at = (options?: object) => provider.getBalance(bobId ?? '', sdk.KMOI_ASSET_ID, options)
    const now = Number(await at())
    const meta = await provider.getAccountMetaInfo(bobId ?? '')
    await pay(5)
    expect(Number(await at())).toBe(now + 5)
    expect(Number(await at({ tesseract_number: Number(meta.height) }))).toBe(now)
    expect(Number(await at({ tesseract_hash: meta.tesseract_hash }))).toBe(now)
    expect(Number(await at({ tesseract_number: 0 }))).toBe(1_000_000_000_000)
    await expect(at({})).rejects.toThrow('empty options')
    for (const height of [99, '0xffffffffffffffff', '9999999999999999999']) {
      await expect(at({ tesseract_number: height })).rejects.toThrow('tesseract not found')
    }
    expect(await provider.getAccountState(id())).toMatchObject({ acc_type: 4 })
    expect(await provider.getContextInfo(id())).toMatchObject({
      behaviour_nodes: [expect.stringMatching(/^1/)],
    })
    expect(await provider.getSyncStatus(id())).toHaveProperty('acc_sync_status.current_height')
    expect(await provider.getRegistry(id())).toEqual([])
    expect(await provider.getLogicIds(id())).toEqual([])
    expect(Number(await provider.getInteractionCount(id(), 0))).toBeGreaterThan(1)
  })

  test('about an interaction lead to its tesseract and back', async () => {
    const { provider } = scene
    const { ix_hash: hash, ts_hash: tesseract } = receipt
    const found = await provider.getInteractionByHash(hash)
    expect(found).toMatchObject({
      hash,
      ts_hash: tesseract,
      sender: { id: id(), key_id: '0x0' },
      fuel_price: '0x1',
      ix_operations: [{ type: 5, payload: { callsite: 'Transfer' } }],
    })
    const whole = await provider.getTesseract(true, true, { tesseract_hash: tesseract })
    expect(whole.hash).toBe(tesseract)
    expect(whole['ixns']).toMatchObject([{ hash }])
    const mine = whole.participants.find((one) => one['id'] === id())
    expect(mine?.['transitive_link']).toMatch(/^0x[0-9a-f]{64}$/)
    const height = Number(mine?.['height'])
    const same = await provider.getTesseract(id(), false, false, { tesseract_number: height })
    expect(same.hash).toBe(tesseract)
    expect(
      await provider.getInteractionByTesseract(id(), { tesseract_number: height }, 0),
    ).toMatchObject({ hash })
    expect(await provider.getInteractionReceipt(hash)).toMatchObject({ ...receipt })
  })

  test('about the pool and the node are answered', async () => {
    const { provider } = scene
    expect(await provider.getStatus()).toEqual({ pending: 0, queued: 0 })
    expect(await provider.getContent()).toEqual({ pending: new Map(), queued: new Map() })
    expect(await provider.getContentFrom(id())).toEqual({ pending: new Map(), queued: new Map() })
    expect(await provider.getInspect()).toMatchObject({ pending: new Map(), queued: new Map() })
    expect(await provider.getWaitTime(id())).toHaveProperty('expired')
    expect(await provider.getPeers()).toEqual([])
    expect(await provider.getVersion()).toMatch(/./)
    expect((await provider.getNodeInfo()).krama_id).toMatch(/^1.{54}$/)
  })

  test('show who waits for an earlier number', async () => {
    const { provider, sdk } = scene
    const next = Number(await provider.getPendingInteractionCount(id(), 0))
    const gold = new sdk.MAS0AssetLogic(sdk.KMOI_ASSET_ID, alice)
    const later = await gold.transfer(bobId, 1).send({ sequence: next + 1 })
    expect(await provider.getStatus()).toEqual({ pending: 0, queued: 1 })
    const { queued } = await provider.getContentFrom(id())
    expect([...queued.keys()].map(Number)).toEqual([next + 1])
    await expect(provider.getInteractionReceipt(later.hash)).rejects.toThrow(/pending|not found/)
    await done(gold.transfer(bobId, 1))
    expect((await later.wait()).status).toBe(0)
  })
})

describe('filters', () => {
  test('tell what came since they were asked, and end when they are removed', async () => {
    const { provider } = scene
    const filters = [
      await provider.getNewTesseractFilter(),
      await provider.getNewTesseractsByAccountFilter(bobId ?? ''),
      await provider.getPendingInteractionFilter(),
    ]
    const nobody = await provider.getNewTesseractsByAccountFilter(await idOf(await scene.wallet(9)))
    await pay(3)
    for (const one of filters) {
      expect((await provider.getFilterChanges(one))?.length, one.id).toBe(1)
      expect((await provider.getFilterChanges(one)) ?? []).toEqual([])
      expect(await provider.removeFilter(one)).toEqual({ status: true })
      expect(await provider.removeFilter(one)).toEqual({ status: false })
    }
    expect((await provider.getFilterChanges(nobody)) ?? []).toEqual([])
  })
})

describe('subscriptions', () => {
  const open = (): Promise<SocketProvider> =>
    new Promise((resolve) => {
      const socket = new scene.sdk.WebsocketProvider(scene.socketUrl)
      socket.on(scene.sdk.WebSocketEvent.Connect, () => resolve(socket))
    })

  test('tell of tesseracts, of those of one account, of what is pending, and of logs', async () => {
    const { sdk } = scene
    const gold = await sdk.MAS0AssetLogic.newAsset(alice, 'GOLD', 100, aliceId ?? '0x', true)
    const socket = await open()
    const heard: Record<string, unknown[]> = { all: [], bob: [], nobody: [], pending: [], logs: [] }
    const into = (name: string) => (one: never) => void heard[name]?.push(one)
    const event = sdk.WebSocketEvent
    socket.on(event.NewTesseracts, into('all'))
    socket.on(event.NewPendingInteractions, into('pending'))
    const nobody = await idOf(await scene.wallet(9))
    const of = (address: string) => ({ event: event.NewTesseractsByAccount, params: { address } })
    socket.on(of(bobId ?? ''), into('bob'))
    socket.on(of(nobody), into('nobody'))
    const logs = { address: gold.assetId, height: [-1, -1], topics: [] }
    socket.on({ event: 'newLogs', params: logs }, into('logs'))
    await socket.getVersion()
    const minted = await done(gold.mint(bobId, 5))
    await expect.poll(() => heard['all']?.length).toBe(1)
    await expect.poll(() => heard['logs']?.length).toBe(1)
    expect(heard['all']).toMatchObject([{ hash: minted.ts_hash }])
    expect(heard['bob']).toMatchObject([{ hash: minted.ts_hash }])
    expect(heard['pending']).toEqual([minted.ix_hash])
    expect(heard['logs']).toMatchObject([{ id: gold.assetId, ix_hash: minted.ix_hash }])
    expect(heard['nobody']).toEqual([])
    await socket.disconnect().catch(() => undefined)
  })

  test('answer the questions of HTTP too', async () => {
    const socket = await open()
    const { sdk, provider } = scene
    const asked = [id(), sdk.KMOI_ASSET_ID] as const
    expect(await socket.getBalance(...asked)).toBe(await provider.getBalance(...asked))
    await expect(socket.getAccountMetaInfo(`0x${'00'.repeat(32)}`)).rejects.toThrow()
    await socket.disconnect().catch(() => undefined)
  })
})
