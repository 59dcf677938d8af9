/** People, keys and identifiers of MOI for tests: the constants of the wallet's own tests in MOI's client. */
import { bytesFromHex } from '../../../src/base/bytes.ts'
import { type MoiId, moiIdFrom, participantOfKey } from '../../../src/dialects/moi/identifier.ts'

export const MNEMONIC =
  'profit behave tribe dash diet stool crawl general country student smooth oxygen'
export const PATH = "m/44'/6174'/0'/0/1"
export const SECRET: Uint8Array = bytesFromHex(
  '879b415fc8ef34da94aa62a26345b20ea76f7cc9d5485fda428dfe2d6b6d158c',
)
export const KEY: Uint8Array = bytesFromHex(
  '02870ad6c5150ea8c0355316974873313004c6b9425a855a06fff16f408b0e0a8b',
)
export const SECOND_SECRET = '7192a99ce478365f32e0a29c6c82f3b29d710ec908f42685737cf24a2472d623'
export const SECOND_KEY: Uint8Array = bytesFromHex(
  '026a6a1e3c1832f886861af9b1a83767bbbe16cdffd4de1cb28c37897f30ee45a2',
)
export const ALICE_HEX = '0x00000000870ad6c5150ea8c0355316974873313004c6b9425a855a0600000000'

export const alice: MoiId = participantOfKey(KEY)
export const bob: MoiId = participantOfKey(SECOND_KEY)

const fingerprint = Uint8Array.from({ length: 24 }, (_, at) => at + 1)
export const asset: MoiId = moiIdFrom({
  kind: 'asset',
  flags: ['stateful', 'logical'],
  fingerprint,
})
export const logic: MoiId = moiIdFrom({ kind: 'logic', flags: ['intrinsic'], fingerprint })
