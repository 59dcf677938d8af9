/** The guardian to talk to, and the account that pays: what `tally serve guardian --dev` prints, or what the environment says. */
import { JsonRpcProvider, Wallet, WebsocketProvider } from 'js-moi-sdk'

const url = process.env.MOI_URL ?? 'http://127.0.0.1:1600'
const words =
  process.env.MOI_MNEMONIC ?? 'test test test test test test test test test test test junk'
const path = process.env.MOI_PATH ?? "m/44'/6174'/7020'/0/0"

export const provider = new JsonRpcProvider(url)

/** Opened when it is asked for; a script that only sends needs none. */
export const openSocket = () => new WebsocketProvider(url.replace(/^http/, 'ws'))

export const connect = (wallet) => {
  wallet.connect(provider)
  return wallet
}

/** The account with KMOI from the genesis. */
export const payer = async () => connect(await Wallet.fromMnemonic(words, path))

/** One in 256 of the SDK's random wallets cannot sign: it writes a key that begins with zeros too short. Such a one is not taken. */
export const stranger = async () => {
  for (;;) {
    const wallet = await Wallet.createRandom()
    if (wallet.privateKey.length === 64) return connect(wallet)
  }
}

export const idOf = async (wallet) => (await wallet.getIdentifier()).toHex()
