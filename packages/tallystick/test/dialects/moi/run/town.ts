/** A MOI network in memory for tests: accounts with keys, and interactions made, signed, admitted and run. */
import { bytesFromUtf8 } from '../../../../src/base/bytes.ts'
import { isFault } from '../../../../src/base/fault.ts'
import {
  KMOI_ASSET,
  type MoiId,
  participantOfKey,
  poloMoiId,
  SARGA_ACCOUNT,
} from '../../../../src/dialects/moi/identifier.ts'
import {
  interactionHash,
  type MoiInteraction,
  type MoiLock,
  readInteraction,
  writeInteraction,
} from '../../../../src/dialects/moi/interaction.ts'
import {
  type AssetCreate,
  type MoiKey,
  type MoiOperation,
  writeOperation,
} from '../../../../src/dialects/moi/operation.ts'
import { poloMap } from '../../../../src/dialects/moi/polo/container.ts'
import { writeDocument } from '../../../../src/dialects/moi/polo/document.ts'
import { poloBytes, poloNatural, poloText } from '../../../../src/dialects/moi/polo/scalar.ts'
import { encodePolo } from '../../../../src/dialects/moi/polo/schema.ts'
import { sequenceOf } from '../../../../src/dialects/moi/run/account.ts'
import { type Refusal, validate } from '../../../../src/dialects/moi/run/admission.ts'
import type { AccountChange, ReadAccount } from '../../../../src/dialects/moi/run/draft.ts'
import { balanceOf } from '../../../../src/dialects/moi/run/holding.ts'
import {
  genesisChanges,
  type MoiGenesis,
  type MoiNetwork,
  networkOf,
} from '../../../../src/dialects/moi/run/network.ts'
import type { Receipt } from '../../../../src/dialects/moi/run/receipt.ts'
import { type Ran, run } from '../../../../src/dialects/moi/run/run.ts'
import { type MoiSignature, moiFromEcdsa } from '../../../../src/dialects/moi/signature.ts'
import type { Engine } from '../../../../src/base/verifier.ts'
import { createPortableEngine } from '../../../../src/engine/portable.ts'

export const engine: Engine = createPortableEngine()

export const KRAMA_ID = '1116Uiu2HAm5hPxT7s3TA2f4b4YjAPzS7yLRSgdj87ysDZ6NAXMiRuY'

export type Person = {
  readonly id: MoiId
  readonly publicKey: Uint8Array
  readonly secret: Uint8Array
}

export const personOf = (name: string): Person => {
  const seed = new Uint8Array(32)
  seed.set(bytesFromUtf8(name).subarray(0, 32))
  const { publicKey, secret } = engine.fromSeed('secp256k1-ecdsa', seed)
  return { id: participantOfKey(publicKey), publicKey, secret }
}

export const ada: Person = personOf('ada')
export const bob: Person = personOf('bob')
export const cyd: Person = personOf('cyd')
export const dan: Person = personOf('dan')

export const BALANCE = 1_000_000n

export const genesis: MoiGenesis = {
  nodes: { behaviour: [], random: [], storage: [] },
  guardians: { stakeMin: 1000n, withdrawalSeconds: 100n, yearlyMillionths: 100_000n },
  participants: [ada, bob, cyd].map(({ id, publicKey }) => ({
    id,
    keys: [{ publicKey, weight: 1000n, signatureAlgorithm: 0 }],
    balance: BALANCE,
  })),
  rewards: 5000n,
}

/** A key of somebody, as it is added to an account. */
export const keyOf = ({ publicKey }: Person, weight = 1000n): MoiKey => ({
  publicKey,
  weight,
  signatureAlgorithm: 0,
})

export type Wish = Partial<MoiInteraction> & {
  readonly from?: Person
  readonly do: readonly MoiOperation[]
  /** Participants beside the sender, who has a mutate lock. */
  readonly with?: readonly (readonly [MoiId, MoiLock])[]
  readonly keyId?: number
  readonly sequence?: bigint
}

export type Town = {
  readonly network: MoiNetwork
  readonly read: ReadAccount
  /** Seconds since 1970. */
  time: bigint
  readonly make: (wish: Wish) => MoiInteraction
  /** Why it would be refused for execution. */
  readonly refusal: (
    args: MoiInteraction,
    by?: readonly Signing[],
    at?: 'pool' | 'execution',
  ) => Refusal | undefined
  /** Runs it, admitted or not, and takes over what it changes. */
  readonly send: (wish: Wish) => Ran
  readonly apply: (changes: readonly AccountChange[]) => void
  readonly balance: (of: Person | MoiId, asset?: MoiId, token?: bigint) => bigint
  /** Every value there is, by account and path. */
  readonly all: () => ReadonlyMap<string, Uint8Array>
  readonly accounts: () => readonly MoiId[]
}

export type Signing = { readonly as: MoiId; readonly key: Person; readonly keyId: number }

export const sign = (bytes: Uint8Array, by: readonly Signing[]): readonly MoiSignature[] =>
  by.map(({ as, key, keyId }) => ({
    id: as,
    keyId,
    signature: moiFromEcdsa({
      compact: engine.sign('secp256k1-ecdsa', key.secret, interactionHash(bytes)),
      parity: key.publicKey[0] ?? 0,
    }),
  }))

const slot = (account: MoiId, path: readonly (string | Uint8Array)[]): string =>
  `${account} ${path.map((part) => (typeof part === 'string' ? part : `#${part.join('.')}`)).join('/')}`

export const createTown = (of: MoiGenesis = genesis): Town => {
  const state = new Map<string, Uint8Array>()
  const accounts = new Set<MoiId>()
  const network = networkOf(of)
  const read: ReadAccount = (account, path) => state.get(slot(account, path))
  const apply = (changes: readonly AccountChange[]): void => {
    for (const { account, path, value } of changes) {
      accounts.add(account)
      if (value) state.set(slot(account, path), value)
      else state.delete(slot(account, path))
    }
  }
  apply(genesisChanges(of))
  const make = (wish: Wish): MoiInteraction => {
    const { from = ada, do: operations, with: others = [], keyId = 0, ...rest } = wish
    const sequence = wish.sequence ?? sequenceOf(read, from.id, keyId)
    const named = [[from.id, 'mutate'] as const, ...others]
    return {
      sender: { id: from.id, sequence, keyId },
      payer: undefined,
      fuelPrice: 1n,
      fuelLimit: 10_000n,
      funds: [],
      operations: operations.map(writeOperation),
      participants: named.map(([id, lock]) => ({ id, lock, notary: false })),
      preferences: undefined,
      perception: undefined,
      ...rest,
    }
  }
  const town: Town = {
    network,
    read,
    time: 1_800_000_000n,
    make,
    refusal: (args, by, at = 'execution') => {
      const bytes = writeInteraction(args)
      const own = [ada, bob, cyd, dan].find(({ id }) => id === args.sender.id) ?? ada
      const signing = by ?? [{ as: args.sender.id, key: own, keyId: args.sender.keyId }]
      const read_ = readInteraction(bytes)
      if (isFault(read_)) return { code: 'size', message: read_.message }
      const signatures = sign(bytes, signing)
      return validate({ args: read_, bytes, signatures, read, network, verifier: engine, at })
    },
    send: (wish) => {
      const args = make(wish)
      const hash = interactionHash(writeInteraction(args))
      const ran = run({ args, hash, read, network, time: town.time })
      apply(ran.changes)
      return ran
    },
    apply,
    balance: (who, asset = KMOI_ASSET, token = 0n) =>
      balanceOf(read, { account: typeof who === 'string' ? who : who.id, asset, token }),
    all: () => new Map(state),
    accounts: () => [...accounts],
  }
  return town
}

type Value = bigint | string | Uint8Array | ReadonlyMap<string, Uint8Array>

const amount = poloNatural(256)
const text = poloText(1024)
const bytes = poloBytes(8192)
const metadata = poloMap(text, bytes, 64)

const message = (value: Value): Uint8Array => {
  if (typeof value === 'bigint') return encodePolo(amount, value)
  if (value instanceof Uint8Array) return encodePolo(bytes, value)
  if (typeof value !== 'string') return encodePolo(metadata, value)
  return /^[0-9a-f]{64}$/.test(value)
    ? encodePolo(poloMoiId, value as MoiId)
    : encodePolo(text, value)
}

/** Calldata of arguments by label. */
export const calldata = (args: Readonly<Record<string, Value>>): Uint8Array =>
  writeDocument(new Map(Object.entries(args).map(([label, value]) => [label, message(value)])))

export const action = (
  assetId: MoiId,
  callsite: string,
  args: Readonly<Record<string, Value>> = {},
): Extract<MoiOperation, { is: 'asset-action' }> => ({
  is: 'asset-action',
  assetId,
  callsite,
  calldata: calldata(args),
  funds: new Map(),
})

export const transferOf = (
  to: Person | MoiId,
  of: bigint,
  asset: MoiId = KMOI_ASSET,
): Extract<MoiOperation, { is: 'asset-action' }> =>
  action(asset, 'Transfer', { beneficiary: typeof to === 'string' ? to : to.id, amount: of })

/** Who moves KMOI to whom: the participants that MOI's client names. */
export const toward = (to: Person, asset: MoiId = KMOI_ASSET): NonNullable<Wish['with']> => [
  [asset, 'none'],
  [to.id, 'mutate'],
]

export const assetCreate = (of: Partial<AssetCreate> = {}): MoiOperation => ({
  is: 'asset-create',
  symbol: 'KOI',
  dimension: 0,
  decimals: 0,
  standard: 0,
  enableEvents: true,
  manager: ada.id,
  maxSupply: 20_000n,
  staticMetadata: new Map(),
  dynamicMetadata: new Map(),
  logic: undefined,
  ...of,
})

/** Creates an asset of ada's and returns its identifier. */
export const createAssetIn = (town: Town, of: Partial<AssetCreate> = {}): MoiId => {
  const { receipt } = town.send({ do: [assetCreate(of)] })
  const id = receipt.operations[0]?.created
  if (receipt.status !== 'ok' || !id) throw new Error(`no asset: ${messageOf(receipt)}`)
  return id
}

/** What the last operation of a receipt says went wrong. */
export const messageOf = (receipt: Receipt): string =>
  new TextDecoder().decode(receipt.operations.at(-1)?.error)

export { KMOI_ASSET as KMOI, SARGA_ACCOUNT as SARGA }
