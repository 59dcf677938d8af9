/** Two wallets with fixed keys, and a recorder in the place of a node. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Recorder, startRecorder } from './recorder.ts'
import { loadSdk } from './sdk.ts'
import type { Hex, Provider, Sdk, Wallet } from './sdk-types.ts'

const here = import.meta.dirname
export const MNEMONIC = 'test test test test test test test test test test test junk'
export const ASSET: Hex = `0x10030000${'a1'.repeat(24)}00000000`
export const LOGIC: Hex = `0x20010000${'b2'.repeat(24)}00000000`
export const HASH: Hex = `0x${'c3'.repeat(32)}`

export type Town = {
  readonly sdk: Sdk
  readonly node: Recorder
  readonly alice: Wallet
  readonly bob: Wallet
  readonly aliceId: Hex
  readonly bobId: Hex
  readonly provider: Provider
}
export const manifestOf = (name: string): unknown =>
  JSON.parse(readFileSync(join(here, 'manifests', `${name}.json`), 'utf8')) as unknown

const pathAt = (index: number): string => `m/44'/6174'/7020'/0/${index}`

export const makeTown = async (): Promise<Town> => {
  const sdk = loadSdk()
  const node = await startRecorder()
  const provider = new sdk.JsonRpcProvider(node.http)
  const [alice, bob] = await Promise.all(
    [0, 1].map((at) => sdk.Wallet.fromMnemonic(MNEMONIC, pathAt(at))),
  )
  if (alice === undefined || bob === undefined) throw new Error('two wallets were asked for')
  alice.connect(provider)
  bob.connect(provider)
  const idOf = async (of: typeof alice): Promise<Hex> => (await of.getIdentifier()).toHex()
  return { sdk, node, provider, alice, bob, aliceId: await idOf(alice), bobId: await idOf(bob) }
}

export type Case = readonly [name: string, run: () => Promise<unknown>]
