/** What one does with logics, and what one asks a node, over HTTP and over a socket. */
import type { SocketProvider } from './sdk-types.ts'
import { ASSET, type Case, HASH, LOGIC, manifestOf, type Town } from './town.ts'

export const casesOfLogics = (town: Town): readonly Case[] => {
  const { sdk, node, alice, aliceId, bobId } = town
  const hexOf = (name: string): string =>
    `0x${Buffer.from(JSON.stringify(manifestOf(name))).toString('hex')}`
  const driverOf = async (name: string) => {
    node.answer('moi.LogicManifest', hexOf(name))
    return sdk.getLogicDriver(LOGIC, alice)
  }
  const { hexToBytes } = sdk
  return [
    [
      'deploy token ledger',
      () =>
        new sdk.LogicFactory(manifestOf('tokenledger'), alice)
          .deploy('Seed', 'MOI', 1_000_000)
          .send()
          .then((sent) => sent.result()),
    ],
    [
      'deploy flipper without arguments',
      () => new sdk.LogicFactory(manifestOf('flipper'), alice).deploy('Init').send(),
    ],
    [
      'deploy with no callsite',
      () => new sdk.LogicFactory(manifestOf('flipper'), alice).deploy().send(),
    ],
    ['driver', () => driverOf('tokenledger')],
    [
      'BalanceOf call',
      async () => (await driverOf('tokenledger')).routines.BalanceOf(hexToBytes(aliceId)).call(),
    ],
    [
      'Transfer send',
      async () => (await driverOf('tokenledger')).routines.Transfer(250, hexToBytes(bobId)).send(),
    ],
    [
      'Transfer send with a read lock',
      async () =>
        (await driverOf('tokenledger')).routines.Transfer(250, hexToBytes(bobId)).send({
          participants: [{ id: LOGIC, lock_type: 1 }],
        }),
    ],
    [
      'persistentState of a field',
      async (): Promise<unknown> =>
        (await driverOf('tokenledger')).persistentState.get((access) => access.entity('Symbol')),
    ],
    [
      'persistentState of a map',
      async () => {
        const driver = await driverOf('tokenledger')
        node.answer('moi.LogicStorage', '0x030f4240')
        return driver.persistentState.get((access) =>
          access.entity('Balances').property(hexToBytes(aliceId)),
        )
      },
    ],
    ['enlist', async () => (await driverOf('lock-ledger')).routines.Register().send()],
    [
      'ephemeralState',
      async () =>
        (await driverOf('lock-ledger')).ephemeralState.get(aliceId, (access) =>
          access.entity('Spendable'),
        ),
    ],
  ]
}

export const casesOfReads = ({ sdk, provider, aliceId }: Town): readonly Case[] => [
  ['getBalance', () => provider.getBalance(aliceId, sdk.KMOI_ASSET_ID)],
  [
    'getBalance at a height',
    () => provider.getBalance(aliceId, sdk.KMOI_ASSET_ID, { tesseract_number: 0 }),
  ],
  [
    'getBalance at a hash',
    () => provider.getBalance(aliceId, sdk.KMOI_ASSET_ID, { tesseract_hash: HASH }),
  ],
  ['getContextInfo', () => provider.getContextInfo(aliceId)],
  ['getTDU', () => provider.getTDU(aliceId).catch(() => undefined)],
  ['getSubAccountCount', () => provider.getSubAccountCount(aliceId)],
  ['getInteractionByHash', () => provider.getInteractionByHash(HASH)],
  [
    'getInteractionByTesseract of an account',
    () => provider.getInteractionByTesseract(aliceId, { tesseract_number: 1 }, 0),
  ],
  [
    'getInteractionByTesseract',
    () => provider.getInteractionByTesseract({ tesseract_hash: HASH }, 0),
  ],
  ['getInteractionCount', () => provider.getInteractionCount(aliceId, 0)],
  ['getPendingInteractionCount', () => provider.getPendingInteractionCount(aliceId, 0)],
  ['getAccountState', () => provider.getAccountState(aliceId)],
  ['getAccountKeys', () => provider.getAccountKeys(aliceId)],
  ['getAccountMetaInfo', () => provider.getAccountMetaInfo(aliceId)],
  ['getContentFrom', () => provider.getContentFrom(aliceId)],
  ['getWaitTime', () => provider.getWaitTime(aliceId)],
  ['getTesseract of an account', () => provider.getTesseract(aliceId, true, true)],
  [
    'getTesseract of an account at a height',
    () => provider.getTesseract(aliceId, false, false, { tesseract_number: 1 }),
  ],
  ['getTesseract by hash', () => provider.getTesseract(true, true, { tesseract_hash: HASH })],
  ['getLogicIds', () => provider.getLogicIds(aliceId)],
  ['getRegistry', () => provider.getRegistry(aliceId)],
  ['getSyncStatus', () => provider.getSyncStatus()],
  ['getSyncStatus of an account', () => provider.getSyncStatus(aliceId)],
  ['getAssetInfoByAssetID', () => provider.getAssetInfoByAssetID(ASSET)],
  ['getInteractionReceipt', () => provider.getInteractionReceipt(HASH)],
  ['getStorageAt', () => provider.getStorageAt(LOGIC, `0x${'00'.repeat(32)}`)],
  ['getStorageAt of an actor', () => provider.getStorageAt(LOGIC, `0x${'00'.repeat(32)}`, aliceId)],
  ['getLogicManifest JSON', () => provider.getLogicManifest(LOGIC, 'JSON')],
  ['getLogicManifest POLO', () => provider.getLogicManifest(LOGIC, 'POLO')],
  ['getContent', () => provider.getContent()],
  ['getStatus', () => provider.getStatus()],
  ['getInspect', () => provider.getInspect()],
  ['getPeers', () => provider.getPeers()],
  ['getVersion', () => provider.getVersion()],
  ['getNodeInfo', () => provider.getNodeInfo()],
  ['getNewTesseractFilter', () => provider.getNewTesseractFilter()],
  ['getNewTesseractsByAccountFilter', () => provider.getNewTesseractsByAccountFilter(aliceId)],
  ['getPendingInteractionFilter', () => provider.getPendingInteractionFilter()],
  [
    'getLogsFilter',
    () =>
      provider.getLogsFilter({
        id: aliceId,
        height: [0, 5],
        topics: ['Transfer', ['a', 'b']],
      }),
  ],
  ['getFilterChanges', () => provider.getFilterChanges({ id: '0xf1' })],
  ['removeFilter', () => provider.removeFilter({ id: '0xf1' })],
  [
    'getLogs',
    () => provider.getLogs({ id: aliceId, height: [0, 5], topics: ['Transfer', ['a', 'b']] }),
  ],
]

export const casesOfSocket = ({ sdk, node, aliceId }: Town): readonly Case[] => {
  const heard =
    (subscribe: (of: SocketProvider, tell: (got: unknown) => void) => void, result: unknown) =>
    async () => {
      const socket = new sdk.WebsocketProvider(node.ws)
      await new Promise<void>((resolve) => socket.on(sdk.WebSocketEvent.Connect, () => resolve()))
      const got = new Promise((resolve) => subscribe(socket, resolve))
      await new Promise((resolve) => setTimeout(resolve, 100))
      node.push('0x51', result)
      await got
      await socket.disconnect().catch(() => undefined)
    }
  const { WebSocketEvent: event } = sdk
  return [
    ['newTesseracts', heard((socket, tell) => socket.on(event.NewTesseracts, tell), {})],
    [
      'newPendingInteractions',
      heard((socket, tell) => socket.on(event.NewPendingInteractions, tell), HASH),
    ],
    [
      'newTesseractsByAccount',
      heard(
        (socket, tell) =>
          socket.on({ event: event.NewTesseractsByAccount, params: { address: aliceId } }, tell),
        {},
      ),
    ],
    [
      'newLogs',
      heard(
        (socket, tell) =>
          socket.on(
            {
              event: 'newLogs',
              params: { address: aliceId, height: [-1, -1], topics: ['Transfer'] },
            },
            tell,
          ),
        {},
      ),
    ],
    [
      'getBalance',
      async () => {
        const socket = new sdk.WebsocketProvider(node.ws)
        await socket.getBalance(aliceId, sdk.KMOI_ASSET_ID)
        await socket.disconnect().catch(() => undefined)
      },
    ],
  ]
}
