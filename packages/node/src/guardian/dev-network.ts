/**
 * A network to develop against: accounts out of a sentence that everybody may know, each with KMOI, and a faucet. The same sentence
 * gives the same network, so its folder holds nothing but what happened.
 */
import type { Engine, Signer } from 'tallystick/base'
import type { Charter } from 'tallystick/kernel'
import { hexFromMoiId, participantOfKey } from 'tallystick/moi'
import { charterFrom, type GenesisFile } from './genesis.ts'
import { EXAMPLE_PATH, keyFromWords, WALLET_PATH } from '../moi/hd-keys.ts'

export type DevAccount = {
  readonly path: string
  /** `0x` and 64 digits. */
  readonly id: string
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array
}

export type DevNetwork = {
  readonly words: string
  readonly charter: Charter
  readonly accounts: readonly DevAccount[]
  readonly guardian: Signer
  readonly faucet: Signer
}

const ACCOUNTS = 10
const BALANCE = 1_000_000_000_000n
const FAUCET_BALANCE = 1_000_000_000_000_000n
const REWARDS = 1_000_000_000_000n
const KEY_WEIGHT = 1000n

/** Ten accounts at the path of MOI's examples, one at that of its wallets. */
const PATHS: readonly string[] = [
  ...Array.from({ length: ACCOUNTS }, (_, at) => EXAMPLE_PATH.replace(/0$/, String(at))),
  WALLET_PATH,
]
const FAUCET_PATH = "m/44'/6174'/7020'/1/0"
const GUARDIAN_PATH = "m/44'/6174'/5020'/0/0"

export const devNetwork = (engine: Engine, words: string): DevNetwork => {
  const accounts = PATHS.map((path): DevAccount => accountAt(engine, words, path))
  const faucet = accountAt(engine, words, FAUCET_PATH)
  const guardian = signerFrom(engine, keyFromWords(words, GUARDIAN_PATH))
  const file: GenesisFile = {
    name: 'moi-dev',
    genesis: {
      guardians: { stakeMin: 1000n, withdrawalSeconds: 60n, yearlyMillionths: 50_000n },
      rewards: REWARDS,
      participants: [faucet, ...accounts].map(({ publicKey }, at) => ({
        id: participantOfKey(publicKey),
        keys: [{ publicKey, weight: KEY_WEIGHT, signatureAlgorithm: 0 }],
        balance: at === 0 ? FAUCET_BALANCE : BALANCE,
      })),
    },
  }
  return {
    words,
    charter: charterFrom(file, { name: 'guardian', ...guardian }),
    accounts,
    guardian,
    faucet: signerFrom(engine, faucet.privateKey),
  }
}

const accountAt = (engine: Engine, words: string, path: string): DevAccount => {
  const privateKey = keyFromWords(words, path)
  const { publicKey } = engine.fromSeed('secp256k1-ecdsa', privateKey)
  return { path, id: hexFromMoiId(participantOfKey(publicKey)), publicKey, privateKey }
}

/** Of a private key. */
export const signerFrom = (engine: Engine, seed: Uint8Array): Signer => {
  const { publicKey, secret } = engine.fromSeed('secp256k1-ecdsa', seed)
  return {
    scheme: 'secp256k1-ecdsa',
    publicKey,
    sign: (message) => engine.sign('secp256k1-ecdsa', secret, message),
  }
}
