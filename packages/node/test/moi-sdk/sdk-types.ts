/**
 * The part of MOI's client that the tests call, as its documentation has it. Its own declarations lead into its sources, which
 * do not compile under the rules of this repository.
 */
export type Hex = `0x${string}`
export type Quantity = number | bigint
export type Participant = { readonly id: Hex; readonly lock_type: number }
export type Options = { readonly tesseract_number?: number; readonly tesseract_hash?: string }

export type OperationResult = {
  readonly tx_type: string
  readonly ix_type?: number
  readonly status: number
  readonly data: Readonly<Record<string, string>>
  readonly logs: readonly unknown[]
}

export type Receipt = {
  readonly ix_hash: string
  readonly status: number
  readonly fuel_used: string
  readonly ix_operations: readonly OperationResult[]
  readonly from: string
  readonly ix_index: string
  readonly ts_hash: string
  readonly participants: readonly Readonly<Record<string, unknown>>[]
}

export type Asked = {
  readonly sender?: { readonly id: Hex; readonly sequence: number; readonly key_id: number }
  readonly sequence?: number
  readonly fuel_price?: number
  readonly fuel_limit?: number
  readonly participants?: readonly Participant[]
}

export type Sent<R> = {
  readonly hash: string
  readonly wait: (timeoutS?: number) => Promise<Receipt>
  readonly result: (timeoutS?: number) => Promise<R>
}

export type Called<R> = { readonly receipt: Receipt; readonly result: () => R }

export type Results = readonly Readonly<Record<string, string>>[]

export type Context<R = Results, C = R> = {
  readonly send: (option?: Asked) => Promise<Sent<R>>
  readonly call: (option?: Asked) => Promise<Called<C>>
  readonly estimateFuel: (option?: Asked) => Promise<Quantity>
  readonly ixData: (option?: Asked) => Promise<InteractionObject>
}

export type InteractionObject = {
  sender: { id: Hex; sequence: number; key_id: number }
  payer?: Hex
  fuel_price: number
  fuel_limit: number
  funds?: readonly { asset_id: Hex; amount: Quantity }[]
  ix_operations: readonly { type: number; payload: Readonly<Record<string, unknown>> }[]
  participants?: readonly Participant[]
  preferences?: unknown
  perception?: Hex
}

export type Signed = { readonly ix_args: string; readonly signatures: string }

export type Wallet = {
  readonly mnemonic: string
  readonly privateKey: string
  readonly connect: (provider: Provider) => void
  readonly getPublicKey: () => string
  readonly getIdentifier: () => Promise<{ toHex: () => Hex }>
  readonly setSubAccountId: (index: number) => void
  readonly addKey: (keyId: number, publicKey: string, privateKey: string) => Wallet
  readonly setKeyId: (keyId: number) => void
  readonly sendInteraction: (of: InteractionObject) => Promise<Sent<Results>>
  readonly signInteraction: (of: InteractionObject, algorithm: unknown) => Promise<Signed>
  readonly sign: (message: Uint8Array, keyId: number, algorithm: unknown) => Promise<string>
  readonly signingAlgorithms: { readonly ecdsa_secp256k1: unknown }
}

type Told = Readonly<Record<string, never>>

export type Provider = {
  readonly getBalance: (id: string, asset: string, options?: Options) => Promise<Quantity>
  readonly getContextInfo: (id: string, options?: Options) => Promise<Told>
  readonly getTDU: (
    id: string,
    options?: Options,
  ) => Promise<readonly { asset_id: string; amount: Quantity }[]>
  readonly getSubAccountCount: (id: string, options?: Options) => Promise<Quantity>
  readonly getInteractionByHash: (hash: string) => Promise<Told>
  readonly getInteractionByTesseract: (...asked: readonly unknown[]) => Promise<Told>
  readonly getInteractionCount: (id: string, key: number, options?: Options) => Promise<Quantity>
  readonly getPendingInteractionCount: (id: string, key: number) => Promise<Quantity>
  readonly getAccountState: (id: string, options?: Options) => Promise<Told>
  readonly getAccountKeys: (
    id: string,
    options?: Options,
  ) => Promise<
    readonly {
      id: number
      publicKey: string
      weight: number
      signature_algorithm: number
      revoked: boolean
      sequence_id: number
    }[]
  >
  readonly getAccountMetaInfo: (
    id: string,
  ) => Promise<Readonly<Record<'id' | 'height' | 'tesseract_hash', string>> & { type: number }>
  readonly getContentFrom: (
    id: string,
  ) => Promise<{ pending: Map<Quantity, unknown>; queued: Map<Quantity, unknown> }>
  readonly getWaitTime: (id: string) => Promise<unknown>
  readonly getTesseract: (...asked: readonly unknown[]) => Promise<
    Readonly<Record<string, unknown>> & {
      hash: string
      participants: readonly Readonly<Record<string, string>>[]
    }
  >
  readonly getLogicIds: (id: string, options?: Options) => Promise<readonly string[]>
  readonly getRegistry: (
    id: string,
    options?: Options,
  ) => Promise<readonly { asset_id: string; asset_info: Readonly<Record<string, unknown>> }[]>
  readonly getSyncStatus: (id?: string) => Promise<Told>
  readonly getAssetInfoByAssetID: (
    id: string,
    options?: Options,
  ) => Promise<Readonly<Record<string, unknown>>>
  readonly getInteractionReceipt: (hash: string) => Promise<Receipt>
  readonly getStorageAt: (logic: string, key: string, actor?: string) => Promise<string>
  readonly getLogicManifest: (logic: string, encoding: 'JSON' | 'POLO') => Promise<unknown>
  readonly getContent: () => Promise<{
    pending: Map<string, unknown>
    queued: Map<string, unknown>
  }>
  readonly getStatus: () => Promise<{ pending: Quantity; queued: Quantity }>
  readonly getInspect: () => Promise<{
    pending: Map<string, unknown>
    queued: Map<string, unknown>
    wait_time: Map<string, unknown>
  }>
  readonly getPeers: () => Promise<readonly string[]>
  readonly getVersion: () => Promise<string>
  readonly getNodeInfo: () => Promise<{ krama_id: string }>
  readonly getNewTesseractFilter: () => Promise<{ id: string }>
  readonly getNewTesseractsByAccountFilter: (id: string) => Promise<{ id: string }>
  readonly getPendingInteractionFilter: () => Promise<{ id: string }>
  readonly getLogsFilter: (of: LogFilter) => Promise<{ id: string }>
  readonly getFilterChanges: (filter: { id: string }) => Promise<readonly unknown[] | null>
  readonly removeFilter: (filter: { id: string }) => Promise<{ status: boolean }>
  readonly getLogs: (of: LogFilter) => Promise<
    readonly {
      id: string
      topics: readonly string[]
      data: string
      ix_hash: string
      ts_hash: string
    }[]
  >
  readonly sendInteraction: (of: Signed) => Promise<Sent<Results>>
  readonly call: (of: InteractionObject, options?: unknown) => Promise<Called<Results>>
}

export type LogFilter = { id: string; height: readonly [number, number]; topics?: unknown[] }

export type SocketProvider = Provider & {
  readonly on: (
    event: string | { event: string; params: unknown },
    listener: (got: never) => void,
  ) => SocketProvider
  readonly disconnect: () => Promise<void>
}

type Access = {
  readonly entity: (label: string) => Access
  readonly property: (key: Uint8Array | string | number) => Access
  readonly length: () => Access
}

export type LogicResult = {
  readonly output: Readonly<Record<string, unknown>> | null
  readonly error: {
    readonly class: string
    readonly error: string
    readonly revert: boolean
    readonly trace: readonly string[]
  } | null
  readonly logic_id?: string
}

type Routine = (...asked: readonly unknown[]) => Context<LogicResult, Promise<LogicResult>>

export type Driver = {
  readonly routines: Readonly<
    Record<
      | 'BalanceOf'
      | 'Transfer'
      | 'Mint'
      | 'Burn'
      | 'Decimals'
      | 'Register'
      | 'Lockup'
      | 'Get'
      | 'Set'
      | 'Toggle',
      Routine
    >
  >
  readonly persistentState: { readonly get: (access: (of: Access) => Access) => Promise<unknown> }
  readonly ephemeralState: {
    readonly get: (id: string, access: (of: Access) => Access) => Promise<unknown>
  }
}

/** Its routines send at once: there is no `.send()` behind them, against the documentation. */
export type AssetDriver = Pick<Driver, 'persistentState'> & {
  readonly routines: Readonly<
    Record<'Transfer', (...asked: readonly unknown[]) => Promise<Sent<unknown>>>
  >
}

type Create<A extends readonly unknown[]> = (signer: Wallet, symbol: string, ...rest: A) => Context
type AssetClass<A extends readonly unknown[]> = {
  new (id: string, signer: Wallet): Asset
  readonly newAsset: (
    signer: Wallet,
    symbol: string,
    ...rest: A
  ) => Promise<Asset & { readonly assetId: Hex }>
  readonly create: Create<A>
}

/** A driver of one of the three standards: each routine takes what its standard says. */
export type Asset = Readonly<
  Record<
    | 'CirculatingSupply'
    | 'Decimals'
    | 'GetDynamicMetadata'
    | 'GetDynamicTokenMetadata'
    | 'GetStaticMetadata'
    | 'GetStaticTokenMetadata'
    | 'MaxSupply'
    | 'SetDynamicMetadata'
    | 'SetDynamicTokenMetadata'
    | 'SetStaticMetadata'
    | 'SetStaticTokenMetadata'
    | 'approve'
    | 'balanceOf'
    | 'burn'
    | 'creator'
    | 'isOwner'
    | 'lockup'
    | 'manager'
    | 'mint'
    | 'mintWithMetadata'
    | 'release'
    | 'revoke'
    | 'symbol'
    | 'transfer'
    | 'transferFrom',
    (...asked: readonly unknown[]) => Context
  >
>

type Builder<B> = { readonly send: () => Promise<Sent<Results>>; readonly build: () => Context } & B

export type ParticipantCreate = Builder<{
  id: (id: Hex) => ParticipantCreate
  addKey: (key: Hex, weight: number) => ParticipantCreate
  value: (asset: Hex, to: Hex, amount: Quantity) => ParticipantCreate
}>
export type AccountConfigure = Builder<{
  addKey: (key: Hex, weight: number) => AccountConfigure
  revokeKey: (id: number) => AccountConfigure
}>
export type AccountInherit = Builder<{
  target: (id: Hex) => AccountInherit
  value: (asset: Hex, to: Hex, amount: Quantity) => AccountInherit
  index: (at: number) => AccountInherit
}>

export type Sdk = {
  readonly VERSION: string
  readonly KMOI_ASSET_ID: Hex
  readonly SARGA_ADDRESS: Hex
  readonly Wallet: {
    readonly fromMnemonic: (words: string, path?: string) => Promise<Wallet>
    readonly createRandom: () => Promise<Wallet>
  }
  readonly JsonRpcProvider: new (url: string) => Provider
  readonly WebsocketProvider: new (url: string) => SocketProvider
  readonly WebSocketEvent: Readonly<
    Record<
      | 'Connect'
      | 'NewTesseracts'
      | 'NewPendingInteractions'
      | 'NewLog'
      | 'NewTesseractsByAccount'
      | 'Error'
      | 'Close',
      string
    >
  >
  readonly ParticipantCreate: new (signer: Wallet) => ParticipantCreate
  readonly AccountConfigure: new (signer: Wallet) => AccountConfigure
  readonly AccountInherit: new (signer: Wallet) => AccountInherit
  readonly MAS0AssetLogic: AssetClass<readonly [supply: Quantity, manager: Hex, events: boolean]>
  readonly MAS1AssetLogic: AssetClass<readonly [manager: Hex, events: boolean]>
  readonly MAS2AssetLogic: AssetClass<readonly [supply: Quantity, manager: Hex, events: boolean]>
  readonly AssetFactory: {
    readonly create: Create<
      readonly [
        supply: Quantity,
        manager: Hex,
        events: boolean,
        manifest?: unknown,
        callsite?: string,
        ...calldata: readonly unknown[],
      ]
    >
  }
  readonly LogicFactory: new (
    manifest: unknown,
    signer: Wallet,
  ) => {
    readonly deploy: (
      site?: string,
      ...asked: readonly unknown[]
    ) => Context<LogicResult, Promise<LogicResult>>
  }
  readonly getLogicDriver: (id: string, signer: Wallet) => Promise<Driver>
  readonly getAssetDriver: (id: string, signer: Wallet) => Promise<AssetDriver>
  readonly createRoutineOption: (of: {
    fuelPrice: number
    fuelLimit: number
    participants?: readonly Participant[]
  }) => object
  readonly AssetDriver: new (id: string, manifest: unknown, signer: Wallet) => Driver
  readonly ManifestCoder: {
    new (of: unknown): {
      readonly encodeArguments: (site: string, ...values: readonly unknown[]) => string
    }
    readonly encodeManifest: (of: unknown) => string
  }
  readonly hexToBytes: (text: string) => Uint8Array
  readonly bytesToHex: (bytes: Uint8Array) => string
  readonly topicHash: (text: string) => string
  readonly toRawSignatures: (
    of: readonly { id: Hex; key_id: number; signature: string }[],
  ) => unknown
  readonly ixSignaturesSchema: unknown
}
