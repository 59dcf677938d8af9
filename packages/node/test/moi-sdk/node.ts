/** A guardian in this process with MOI's own client before it: the client is npm's, and no byte of it is changed. */
import { createNativeEngine } from 'tallystick/engine-native'
import { devNetwork } from '../../src/guardian/dev-network.ts'
import { DEV_WORDS } from '../../src/moi/hd-keys.ts'
import { kramaIdOf } from '../../src/guardian/genesis.ts'
import {
  type GuardianOptions,
  type RunningGuardian,
  startGuardian,
} from '../../src/guardian/start-guardian.ts'
import { openGuardedSqlite } from '../../src/store/open.ts'
import { INTERACTIONS } from '../../src/guardian/store/lattice.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSdk } from './sdk.ts'
import type { Context, Hex, Provider, Receipt, Results, Sdk, Sent, Wallet } from './sdk-types.ts'

export type Scene = {
  readonly sdk: Sdk
  readonly running: RunningGuardian
  readonly url: string
  readonly socketUrl: string
  readonly provider: Provider
  /** An account of the genesis, by its number. */
  readonly wallet: (number: number) => Promise<Wallet>
  /** Somebody new, whom the first account registers. */
  readonly newcomer: (kmoi?: number) => Promise<Wallet>
  readonly close: () => Promise<void>
}

/** One that can sign: one in 256 of the client's cannot, since it writes a key that begins with zeros too short. */
export const randomWallet = async (sdk: Sdk): Promise<Wallet> => {
  for (;;) {
    const wallet = await sdk.Wallet.createRandom()
    if (wallet.privateKey.length === 64) return wallet
  }
}

export const pathOf = (number: number): string => `m/44'/6174'/7020'/0/${number}`

export const startScene = async (more: Partial<GuardianOptions> = {}): Promise<Scene> => {
  const sdk = loadSdk()
  const folder = mkdtempSync(join(tmpdir(), 'tally-moi-'))
  const dev = devNetwork(createNativeEngine(), DEV_WORDS)
  const store = await openGuardedSqlite(folder, INTERACTIONS)
  const running = await startGuardian({
    name: 'guardian',
    store,
    charter: dev.charter,
    signer: dev.guardian,
    kramaId: kramaIdOf(dev.guardian.publicKey),
    faucet: dev.faucet,
    ...more,
  })
  const provider = new sdk.JsonRpcProvider(running.url)
  const connected = (wallet: Wallet): Wallet => {
    wallet.connect(provider)
    return wallet
  }
  const wallet = async (number: number): Promise<Wallet> =>
    connected(await sdk.Wallet.fromMnemonic(DEV_WORDS, pathOf(number)))
  return {
    sdk,
    running,
    url: running.url,
    socketUrl: running.socketUrl,
    provider,
    wallet,
    newcomer: async (kmoi = 100_000) => {
      const one = connected(await randomWallet(sdk))
      const id = await idOf(one)
      await done(
        new sdk.ParticipantCreate(await wallet(0))
          .id(id)
          .addKey(`0x${one.getPublicKey()}`, 1000)
          .value(sdk.KMOI_ASSET_ID, id, kmoi),
      )
      return one
    },
    close: async () => {
      await running.close()
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const idOf = async (wallet: Wallet): Promise<Hex> => (await wallet.getIdentifier()).toHex()

type Sendable = Pick<Context<unknown, unknown>, never> & {
  readonly send: () => Promise<Pick<Sent<unknown>, 'wait'>>
}

/** Its receipt, whatever it says. */
export const receiptOf = async (of: Sendable): Promise<Receipt> => (await of.send()).wait()

/** Its receipt, which says that it is done. */
export const done = async (of: Sendable): Promise<Receipt> => {
  const receipt = await receiptOf(of)
  if (receipt.status !== 0) throw new Error(`failed: ${wordsOf(receipt)}`)
  return receipt
}

/** What a failed receipt says, as text. */
export const wordsOf = (receipt: Receipt): string =>
  receipt.ix_operations
    .map(({ data }) => Buffer.from(String(data['error'] ?? '0x').slice(2), 'hex').toString())
    .join(' ')

/** What a call returns, of one operation. */
export const told = async (of: Context): Promise<Readonly<Record<string, string>>> => {
  const [first]: Results = (await of.call()).result()
  if (first === undefined) throw new Error('a call has a result')
  return first
}
