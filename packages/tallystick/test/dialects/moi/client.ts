/**
 * MOI's own client as npm has it. In this workspace npm puts its packages beside a newer `@noble/hashes`, which two of
 * them (`js-moi-utils`, `js-moi-asset`) use without asking for it; in an empty folder they find the 1.8 that the others
 * ask for. The hook gives them that one. No byte of the client is changed.
 */
import { createRequire, registerHooks } from 'node:module'

const { resolve: pathOf } = createRequire(import.meta.url)
const beside = createRequire(pathOf('js-moi-signer'))

registerHooks({
  resolve: (specifier, context, next) => {
    const isAsked = /\/node_modules\/js-moi-(?:utils|asset)\//.test(context.parentURL ?? '')
    if (!isAsked || !specifier.startsWith('@noble/hashes')) return next(specifier, context)
    return next(beside.resolve(specifier), context)
  },
})

type Hex = string

type TheirId = {
  readonly toHex: () => Hex
  readonly getVariant: () => number
  readonly getFingerprint: () => Uint8Array
  readonly getStandard: () => number
  readonly createNewVariant: (variant: number) => TheirId
}

type IdClass = (new (value: Hex) => TheirId) & { readonly isValid: (value: Hex) => boolean }

type Algorithms = { readonly ecdsa_secp256k1: object }

type Wallet = {
  readonly publicKey: Hex
  readonly signingAlgorithms: Algorithms
  readonly addKey: (keyId: number, publicKey: Hex, secret: Hex) => Wallet
  readonly sign: (message: Uint8Array, keyId: number, algorithm: object) => Promise<Hex>
  readonly verify: (message: Uint8Array, signature: Hex, publicKey: Hex) => boolean
  readonly signInteraction: (
    of: object,
    algorithm: object,
  ) => Promise<{ readonly ix_args: Hex; readonly signatures: Hex }>
}

/** What is used of it. Its own declarations lead into sources that this compiler does not take. */
export type Client = {
  readonly KMOI_ASSET_ID: Hex
  readonly SARGA_ADDRESS: Hex
  readonly ixObjectSchema: object
  readonly ParticipantId: IdClass
  readonly AssetId: IdClass
  readonly LogicId: IdClass
  readonly KramaId: {
    readonly fromPrivateKey: (
      kind: number,
      version: number,
      zone: number,
      secret: Uint8Array,
    ) => Promise<{ readonly toString: () => string }>
  }
  readonly Wallet: { readonly fromMnemonicSync: (mnemonic: string, path: string) => Wallet }
  readonly toRawInteractionObject: (of: object) => {
    readonly ix_operations: readonly { readonly payload: Uint8Array }[]
  }
  readonly topicHash: (topic: string) => Hex
}

/** A name that is put together keeps the compiler from following it. */
const NAME = ['js', 'moi', 'sdk'].join('-')

export const loadClient = async (): Promise<Client> => (await import(NAME)) as Client
