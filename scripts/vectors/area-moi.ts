/** MOI: its hash, identifiers, interactions, operations and signatures. */
import { bytesFromHex, hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import {
  bytesFromMoiId,
  KMOI_ASSET,
  moiIdFrom,
  participantOfKey,
  SARGA_ACCOUNT,
} from '../../packages/tallystick/src/dialects/moi/identifier.ts'
import {
  type MoiInteraction,
  writeInteraction,
} from '../../packages/tallystick/src/dialects/moi/interaction.ts'
import {
  type AssetAction,
  type MoiKey,
  type MoiOperation,
  writeOperation,
} from '../../packages/tallystick/src/dialects/moi/operation.ts'
import { writeDocument } from '../../packages/tallystick/src/dialects/moi/polo/document.ts'
import { type Area, type Case, good, spoiled } from './case.ts'

/** Of the wallet's own tests in MOI's client (`js-moi-wallet`, Apache-2.0 or MIT). */
const KEY = '02870ad6c5150ea8c0355316974873313004c6b9425a855a06fff16f408b0e0a8b'
const SECOND_KEY = '026a6a1e3c1832f886861af9b1a83767bbbe16cdffd4de1cb28c37897f30ee45a2'
const MESSAGE = hexFromBytes(new TextEncoder().encode('Hello, MOI'))
const SIGNED =
  '0146304402201546497d46ed2ad7b1b77d1cdf383a28d988197bcad268be7163ebdf2f70645002207768e4225951c02a488713caf32d76ed8ea0bf3d7706128c59ee01788aac726402'
const IX_ARGS =
  '0e9f020ee604e308f30880098e09ee10e015e0155f068304830400000000870ad6c5150ea8c0355316974873313004c6b9425a855a0600000000000000000000000000000000000000000000000000000000000000000000000001c81f0e2f0316040eef01063333333236b304de04ee04f00453494700000000870ad6c5150ea8c0355316974873313004c6b9425a855a06000000004e200f0f1f0e5f068304810400000000870ad6c5150ea8c0355316974873313004c6b9425a855a0600000000'
const MULTI_SIG =
  '0e3f0efe0d5f068304860400000000870ad6c5150ea8c0355316974873313004c6b9425a855a0600000000014630440220171d44baf8ac1295317feb237024fbc445d82e7a0afd32794fea81750c2b396202203ed06837726ca7de6bd48585124a0e1e78a3b0cdedfd8e9f55df462a60aa6826025f068304960400000000870ad6c5150ea8c0355316974873313004c6b9425a855a06000000000101473045022100b2abe9c9b7fb80e6d8cd9bbae9d26cd71dae50243dd12a462be3f835fba7a674022029ad3b1de7be711c9ffb4eb7b932704455fd9ea2721b85360cc7fffc43fcb93902'

const alice = participantOfKey(bytesFromHex(KEY))
const bob = participantOfKey(bytesFromHex(SECOND_KEY))
const fingerprint = new Uint8Array(24).fill(7)
const asset = moiIdFrom({ kind: 'asset', flags: ['stateful', 'logical'], fingerprint })
const logic = moiIdFrom({ kind: 'logic', flags: ['intrinsic'], fingerprint })

const hashes = (): readonly Case[] => {
  const hash = (id: string, comment: string, bytes: string): Case =>
    good({ id: `moi/hash-${id}`, comment, check: 'blake2b', input: { bytes } })
  return [
    hash('nothing', 'no bytes', ''),
    hash('abc', 'three letters', '616263'),
    hash('transfer', 'the topic of an event: its name as a message of POLO', '065472616e73666572'),
    hash('interaction', 'an interaction', IX_ARGS),
  ]
}

const identifiers = (): readonly Case[] => {
  const reads = (id: string, comment: string, text: string): Case =>
    good({ id: `moi/id-${id}`, comment, check: 'moi-id', input: { text } })
  const participant = reads('participant', 'the participant of a key', `0x${alice}`)
  const assetId = reads('asset', 'flags and a standard', `0x1003ffff${'07'.repeat(24)}00000000`)
  const no = (from: Case, id: string, comment: string, text: string): Case =>
    spoiled(from, 'moi-id/malformed', { id: `moi/id-${id}`, comment, input: { text } })
  return [
    participant,
    assetId,
    reads('upper', 'digits in upper case, no prefix', alice.toUpperCase()),
    reads('zero', 'no participant, and well formed', '00'.repeat(32)),
    reads('kmoi', 'the asset that fuel is paid in', `0x${KMOI_ASSET}`),
    reads('sarga', 'the account of accounts', `0x${SARGA_ACCOUNT}`),
    reads('sub-account', 'the first sub-account', `0x${alice.slice(0, 56)}00000001`),
    reads('logic', 'every flag of a logic', `0x2087${'00'.repeat(30)}`),
    no(participant, 'short', 'a digit less', `0x${alice.slice(1)}`),
    no(participant, 'digit', 'a character that is no digit', `0x${alice.slice(1)}g`),
    no(participant, 'kind', 'a kind that is not given out', `0x30${alice.slice(2)}`),
    no(participant, 'version', 'a version that is not given out', `0x01${alice.slice(2)}`),
    no(participant, 'flag', 'a flag that a participant has not', `0x0001${alice.slice(4)}`),
    no(participant, 'metadata', 'a standard of a participant', `0x00000001${alice.slice(8)}`),
    no(assetId, 'asset-flag', 'a flag of logics', `0x1004ffff${'07'.repeat(24)}00000000`),
  ]
}

const PEER = '16Uiu2HAm2itTsAm1YonwaN8c4XQoqa4egGJAMxwMuXpzNKTwh68E'

const kramaIds = (): readonly Case[] => {
  const first = good({
    id: 'moi/krama-id',
    comment: 'a guardian in zone 0, of the tests of MOI’s client',
    check: 'krama-id',
    input: { text: `11${PEER}` },
  })
  const no = (id: string, comment: string, text: string): Case =>
    spoiled(first, 'krama-id/malformed', { id: `moi/krama-id-${id}`, comment, input: { text } })
  return [
    first,
    good({
      id: 'moi/krama-id-zone',
      comment: 'the same in zone 3',
      check: 'krama-id',
      input: { text: `1q${PEER}` },
    }),
    no('empty', 'nothing', ''),
    no('long', 'a second prefix', `1111${PEER}`),
    no('alphabet', 'a character that is not of base 58', `11${PEER.slice(0, -1)}0`),
    no('kind', 'a kind that is not given out', `2${PEER.slice(0, 1)}${PEER}`),
    no('zone-4', 'a zone that is not there', `28${PEER}`),
    no('peer', 'a peer id of another head', `1117${PEER.slice(2)}`),
    no('greatest', 'a peer id that is too great', `11${'z'.repeat(53)}`),
  ]
}

const KEYS: readonly MoiKey[] = [
  { publicKey: bytesFromHex(KEY), weight: 600n, signatureAlgorithm: 0 },
  { publicKey: bytesFromHex(SECOND_KEY), weight: 400n, signatureAlgorithm: 0 },
]

const transfer: AssetAction = {
  assetId: KMOI_ASSET,
  callsite: 'Transfer',
  calldata: writeDocument(
    new Map([
      ['beneficiary', Uint8Array.of(6, ...bytesFromMoiId(bob))],
      ['amount', bytesFromHex('031388')],
    ]),
  ),
  funds: new Map(),
}

const KRAMA_ID = `11${PEER}`
const call = { callsite: 'Flip', calldata: new Uint8Array(0), interfaces: new Map() }
const metadata = new Map([
  ['site', bytesFromHex('01')],
  ['url', bytesFromHex('02')],
])

const OPERATIONS: readonly MoiOperation[] = [
  { is: 'participant-create', id: bob, keys: KEYS, value: transfer },
  { is: 'account-configure', add: KEYS, revoke: [0, 7] },
  { is: 'account-inherit', targetAccount: SARGA_ACCOUNT, value: transfer, subAccountIndex: 1 },
  {
    is: 'asset-create',
    symbol: 'TOK',
    dimension: 1,
    decimals: 2,
    standard: 65_535,
    enableEvents: true,
    manager: alice,
    maxSupply: (1n << 256n) - 1n,
    staticMetadata: metadata,
    dynamicMetadata: new Map(),
    logic: { manifest: bytesFromHex('0e0f'), ...call },
  },
  { is: 'asset-action', ...transfer, assetId: asset, funds: new Map([[asset, 5n]]) },
  {
    is: 'guardian-register',
    kramaId: KRAMA_ID,
    walletId: alice,
    consensusKey: bytesFromHex(SECOND_KEY),
    kycProof: new Uint8Array(0),
    amount: 1000n,
  },
  { is: 'guardian-stake', kramaId: KRAMA_ID, amount: 1n },
  { is: 'guardian-unstake', kramaId: KRAMA_ID, amount: 2n },
  { is: 'guardian-withdraw', kramaId: KRAMA_ID, amount: 3n },
  { is: 'guardian-claim', kramaId: KRAMA_ID, amount: 4n },
  { is: 'logic-deploy', manifest: bytesFromHex('0e0f'), ...call },
  { is: 'logic-invoke', logicId: logic, ...call, interfaces: new Map([['token', `0x${logic}`]]) },
  { is: 'logic-enlist', logicId: logic, ...call },
]

const operations = (): readonly Case[] => {
  const reads = (id: string, comment: string, type: number, payload: string): Case =>
    good({ id: `moi/${id}`, comment, check: 'moi-operation', input: { type, payload } })
  const all = OPERATIONS.map((of) => {
    const { type, payload } = writeOperation(of)
    return reads(of.is, `an operation of type ${type}`, type, hexFromBytes(payload))
  })
  const deploy = reads('deploy-fragment', 'a manifest of nothing', 11, '0e5f0600064640496e6974')
  const invoked = writeOperation({ is: 'logic-invoke', logicId: logic, ...call })
  const invoke = reads('invoke-again', 'a call', 12, hexFromBytes(invoked.payload))
  const action = reads(
    'interfaces',
    'bytes where clients have amounts',
    5,
    hexFromBytes(
      writeOperation({ is: 'asset-action', ...transfer, funds: new Map([['a', Uint8Array.of(1)]]) })
        .payload,
    ),
  )
  const no = (from: Case, what: string, id: string, comment: string, type: number): Case =>
    spoiled(from, what, { id: `moi/operation-${id}`, comment, input: { type } })
  return [
    ...all,
    deploy,
    invoke,
    action,
    no(deploy, 'moi-operation/reserved', 'interact', 'a reserved name', 14),
    no(deploy, 'moi-operation/reserved', 'upgrade', 'another', 15),
    no(deploy, 'moi-operation/unknown-type', 'none', 'the type of nothing', 0),
    no(deploy, 'moi-operation/unknown-type', 'sixteen', 'a type of a later version', 16),
    no(deploy, 'moi-operation/misplaced-field', 'deploy-as-call', 'a call of no logic', 12),
    no(invoke, 'moi-operation/misplaced-field', 'call-as-deploy', 'a name before it is given', 11),
    no(invoke, 'polo/wrong-kind', 'other-struct', 'fields of another operation', 2),
  ]
}

const FULL: MoiInteraction = {
  sender: { id: alice, sequence: (1n << 64n) - 1n, keyId: 3 },
  payer: bob,
  fuelPrice: 1n,
  fuelLimit: 10_000n,
  funds: [{ assetId: asset, amount: 1n << 200n }],
  operations: [writeOperation({ is: 'asset-action', ...transfer })],
  participants: [
    { id: alice, lock: 'mutate', notary: false },
    { id: bob, lock: 'read', notary: true },
    { id: asset, lock: 'none', notary: false },
  ],
  preferences: {
    compute: Uint8Array.of(1),
    consensus: { mtq: 3n, trustedNodes: [KRAMA_ID] },
  },
  perception: new TextEncoder().encode('rent for May'),
}

const interactions = (): readonly Case[] => {
  const reads = (id: string, comment: string, message: string): Case =>
    good({ id: `moi/${id}`, comment, check: 'moi-interaction', input: { message } })
  const wallet = reads('wallet', 'what a wallet of MOI’s client signs', IX_ARGS)
  const full = reads('full', 'every field', hexFromBytes(writeInteraction(FULL)))
  const no = (what: string, id: string, comment: string, message: string): Case =>
    spoiled(wallet, what, { id: `moi/interaction-${id}`, comment, input: { message } })
  const swap = (from: string, to: string): string => IX_ARGS.replace(from, to)
  return [
    wallet,
    full,
    no('polo/truncated', 'cut', 'cut off in its head', IX_ARGS.slice(0, 32)),
    no('polo/malformed', 'longer', 'a byte after the end', `${IX_ARGS}00`),
    no(
      'moi-interaction/unknown-lock',
      'lock',
      'a lock that is not there',
      `${swap('5f0683048104', '5f0683049104').replace('e015e015', 'f015f015')}09`,
    ),
    no(
      'moi-id/malformed',
      'sender',
      'a sender of another kind',
      swap('8304830400000000', '8304830430000000'),
    ),
    no(
      'polo/wrong-kind',
      'sequence',
      'a sequence of another kind',
      swap('5f0683048304', '5f0686048304'),
    ),
  ]
}

const signatures = (): readonly Case[] => {
  const input = { publicKey: KEY, signed: MESSAGE, signature: SIGNED }
  const checks = (id: string, comment: string, change: Partial<typeof input>): Case =>
    good({ id: `moi/${id}`, comment, check: 'moi-signature', input: { ...input, ...change } })
  const first = checks('signature', 'a signature of MOI’s client verifies', {})
  const no = (id: string, comment: string, signature: string): Case =>
    spoiled(first, 'moi-signature/malformed', {
      id: `moi/signature-${id}`,
      comment,
      input: { signature },
    })
  const r = SIGNED.slice(12, 76)
  const s = SIGNED.slice(80, 144)
  const der = (first: string, second: string, parity = '02'): string => {
    const [a, b] = [first.length / 2, second.length / 2]
    const byte = (value: number): string => hexFromBytes(Uint8Array.of(value))
    const size = a + b + 4
    return `01${byte(size + 2)}30${byte(size)}02${byte(a)}${first}02${byte(b)}${second}${parity}`
  }
  return [
    first,
    checks('signature-short-key', 'the key without its parity', { publicKey: KEY.slice(2) }),
    checks('signature-other-message', 'over another message', { signed: `${MESSAGE}00` }),
    checks('signature-other-key', 'by another key', { publicKey: SECOND_KEY }),
    checks('signature-other-parity', 'with the other parity', { signature: der(r, s, '03') }),
    checks('signature-high-s', 'with the other s', { signature: der(r, highOf(s)) }),
    no('empty', 'no byte', ''),
    no('type', 'another kind of signature', `02${SIGNED.slice(2)}`),
    no('size', 'another size', `0145${SIGNED.slice(4)}`),
    no('sequence', 'another kind of DER', SIGNED.replace('3044', '3144')),
    no('der-size', 'another size of DER', SIGNED.replace('3044', '3045')),
    no('integer', 'another kind of number', SIGNED.replace('30440220', '30440320')),
    no('negative', 'a negative r', der(`80${r.slice(2)}`, s)),
    no('padded', 'a zero too much', der(`00${r}`, s)),
    no('long', 'an r of 33 bytes', der(`01${r}`, s)),
    no('no-bytes', 'an s of no bytes', der(r, '')),
    no('more', 'bytes after s', `0147${SIGNED.slice(4, -2)}0002`.replace('3044', '3045')),
    no('parity', 'a parity that is not there', der(r, s, '04')),
    good({
      id: 'moi/signatures',
      comment: 'what a wallet with two keys sends beside an interaction',
      check: 'moi-signatures',
      input: { message: MULTI_SIG },
    }),
  ]
}

const ORDER = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n

/** The other s of the same signature, with a zero in front. */
const highOf = (s: string): string => `00${(ORDER - BigInt(`0x${s}`)).toString(16)}`

export const moiArea = (): Area => ({
  area: 'moi',
  about: 'MOI: hashes, identifiers, interactions, operations and signatures.',
  cases: [
    ...hashes(),
    ...identifiers(),
    ...kramaIds(),
    ...operations(),
    ...interactions(),
    ...signatures(),
  ],
})
