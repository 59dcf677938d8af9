import { beforeAll, describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import { MOI_INTERACTION_BYTES_MAX } from '../../../src/base/limits.ts'
import { hexFromMoiId, KMOI_ASSET } from '../../../src/dialects/moi/identifier.ts'
import {
  interactionHash,
  type MoiInteraction,
  readInteraction,
  writeInteraction,
} from '../../../src/dialects/moi/interaction.ts'
import { type Client, loadClient } from './client.ts'
import { mutated } from './polo/random.ts'
import { doc, pack, word } from './polo/message.ts'
import { createStreams } from '../../../src/sim/random.ts'
import { alice, ALICE_HEX, asset, bob, MNEMONIC, PATH } from './sample.ts'

const IX_ARGS =
  '0e9f020ee604e308f30880098e09ee10e015e0155f068304830400000000870ad6c5150ea8c0355316974873313004c6b9425a855a0600000000000000000000000000000000000000000000000000000000000000000000000001c81f0e2f0316040eef01063333333236b304de04ee04f00453494700000000870ad6c5150ea8c0355316974873313004c6b9425a855a06000000004e200f0f1f0e5f068304810400000000870ad6c5150ea8c0355316974873313004c6b9425a855a0600000000'

let client: Client
beforeAll(async () => {
  client = await loadClient()
})

const read = (bytes: Uint8Array): MoiInteraction => {
  const found = readInteraction(bytes)
  if (isFault(found)) throw found
  return found
}
const codeOf = (hex: string): string => {
  const found = readInteraction(bytesFromHex(hex))
  return isFault(found) ? found.code : 'read'
}

const full: MoiInteraction = {
  sender: { id: alice, sequence: 7n, keyId: 1 },
  payer: bob,
  fuelPrice: 1n,
  fuelLimit: 10_000n,
  funds: [
    { assetId: KMOI_ASSET, amount: 5n },
    { assetId: asset, amount: (1n << 256n) - 1n },
  ],
  operations: [
    { type: 5, payload: Uint8Array.of(0) },
    { type: 99, payload: new Uint8Array(0) },
  ],
  participants: [
    { id: alice, lock: 'mutate', notary: false },
    { id: bob, lock: 'read', notary: true },
    { id: asset, lock: 'none', notary: false },
  ],
  preferences: {
    compute: Uint8Array.of(1),
    consensus: { mtq: 3n, trustedNodes: ['one', 'two'] },
  },
  perception: Uint8Array.of(9, 9),
}

describe('an interaction', () => {
  test('of MOI’s wallet is read, and written as it was', () => {
    const bytes = bytesFromHex(IX_ARGS)
    const found = read(bytes)
    expect(found).toMatchObject({
      sender: { id: alice, sequence: 0n, keyId: 0 },
      payer: undefined,
      fuelPrice: 1n,
      fuelLimit: 200n,
      funds: [],
      participants: [{ id: alice, lock: 'mutate', notary: false }],
      preferences: undefined,
      perception: undefined,
    })
    expect(hexFromBytes(writeInteraction(found))).toBe(IX_ARGS)
  })

  test('comes back with every field', () => {
    expect(read(writeInteraction(full))).toEqual(full)
  })

  test('is named by its bytes and not by what they say', () => {
    const long = bytesFromHex(IX_ARGS.replace('0001c81f', '0001c81f'))
    expect(hexFromBytes(interactionHash(long))).toBe(
      hexFromBytes(interactionHash(bytesFromHex(IX_ARGS))),
    )
    const [short, padded] = ['0301', '03000001'].map((price) =>
      bytesFromHex(
        pack(pack(`06${alice}`, '03', '03'), '00', price, '0301', '00', '0e0f', '0e0f', '00', '00'),
      ),
    ) as [Uint8Array, Uint8Array]
    expect(read(short)).toEqual(read(padded))
    expect(interactionHash(short)).not.toEqual(interactionHash(padded))
  })

  test('may be a document, and so may its parts', () => {
    const hex = doc(
      ['fuel_limit', '03c8'],
      ['fuel_price', '0301'],
      ['ix_operations', pack(doc(['payload', '0600'], ['type', '0305']))],
      ['participants', pack(doc(['id', `06${alice}`], ['lock_type', '0301'], ['notary', '02']))],
      ['sender', doc(['id', `06${alice}`], ['key_id', '0302'], ['sequence', '0309'])],
    )
    expect(read(bytesFromHex(hex))).toEqual({
      sender: { id: alice, sequence: 9n, keyId: 2 },
      payer: undefined,
      fuelPrice: 1n,
      fuelLimit: 200n,
      funds: [],
      operations: [{ type: 5, payload: Uint8Array.of(0) }],
      participants: [{ id: alice, lock: 'read', notary: true }],
      preferences: undefined,
      perception: undefined,
    })
  })
})

describe('what MOI’s client writes', () => {
  const object = {
    sender: { id: ALICE_HEX, sequence: 7, key_id: 1 },
    payer: hexFromMoiId(bob),
    fuel_price: 1,
    fuel_limit: 10_000,
    funds: [{ asset_id: hexFromMoiId(KMOI_ASSET), amount: 5 }],
    ix_operations: [
      {
        type: 5,
        payload: { asset_id: hexFromMoiId(asset), callsite: 'Burn', calldata: '0x0d0f' },
      },
    ],
    participants: [{ id: hexFromMoiId(asset), lock_type: 2 }],
    preferences: { compute: '0x01', consensus: { mtq: 3 } },
    perception: '0x0909',
  }

  test('is what we read and write, byte for byte', async () => {
    const wallet = client.Wallet.fromMnemonicSync(MNEMONIC, PATH)
    const algorithm = wallet.signingAlgorithms.ecdsa_secp256k1
    const sender = { ...object.sender, key_id: 0 }
    const signed = await wallet.signInteraction({ ...object, sender }, algorithm)
    const bytes = bytesFromHex(signed.ix_args)
    const found = read(bytes)
    expect(found).toMatchObject({
      sender: { id: alice, sequence: 7n, keyId: 0 },
      payer: bob,
      funds: [{ assetId: KMOI_ASSET, amount: 5n }],
      participants: [
        { id: alice, lock: 'mutate' },
        { id: bob, lock: 'mutate' },
        { id: asset, lock: 'none' },
      ],
      preferences: { compute: Uint8Array.of(1), consensus: { mtq: 3n, trustedNodes: [] } },
      perception: Uint8Array.of(9, 9),
    })
    expect(hexFromBytes(writeInteraction(found))).toBe(signed.ix_args)
  })

  test('is read by it from our bytes, as far as its types reach', async () => {
    const { Depolorizer } = await import('js-polo')
    const bytes = writeInteraction({ ...full, funds: full.funds.slice(0, 1) })
    const theirs = new Depolorizer(bytes).depolorize(client.ixObjectSchema as never) as {
      readonly sender: object
      readonly participants: readonly object[]
      readonly preferences: object
    }
    expect(theirs).toMatchObject({ fuel_price: 1, fuel_limit: 10_000 })
    expect(theirs.sender).toMatchObject({ sequence: 7, key_id: 1 })
    expect(theirs.participants).toMatchObject([
      { lock_type: 0, notary: false },
      { lock_type: 1, notary: true },
      { lock_type: 2, notary: false },
    ])
    expect(theirs.preferences).toMatchObject({
      consensus: { mtq: 3, trusted_nodes: ['one', 'two'] },
    })
  })
})

describe('bad interactions', () => {
  const parts = (change: Readonly<Record<number, string>>): string => {
    const good = [
      pack(`06${alice}`, '03', '03'),
      '00',
      '0301',
      '03c8',
      '00',
      pack(pack('0305', '0600')),
      pack(pack(`06${alice}`, '03', '01')),
      '00',
      '00',
    ]
    return pack(...good.map((part, at) => change[at] ?? part))
  }

  test('are refused for one field each', () => {
    expect(codeOf(parts({}))).toBe('read')
    expect(codeOf(parts({ 0: '00' }))).toBe('moi-id/malformed')
    expect(codeOf(parts({ 0: pack(`06${alice}`, '0401', '03') }))).toBe('polo/wrong-kind')
    expect(codeOf(parts({ 0: pack(`06${alice}`, '03010000000000000000', '03') }))).toBe(
      'polo/out-of-range',
    )
    expect(codeOf(parts({ 0: pack(`06${alice}`, '03', '030100000000') }))).toBe('polo/out-of-range')
    expect(codeOf(parts({ 1: '0601' }))).toBe('moi-id/malformed')
    expect(codeOf(parts({ 2: '0401' }))).toBe('polo/wrong-kind')
    expect(codeOf(parts({ 4: pack(pack(`06${asset}`, '0401')) }))).toBe('polo/wrong-kind')
    expect(codeOf(parts({ 5: pack(pack('0305')) }))).toBe('polo/wrong-count')
    expect(codeOf(parts({ 6: pack(pack(`06${alice}`, '0303', '01')) }))).toBe(
      'moi-interaction/unknown-lock',
    )
    expect(codeOf(parts({ 6: pack(pack(`06${alice}`, '03', '0301')) }))).toBe('polo/wrong-kind')
    expect(codeOf(parts({ 7: pack('0601', pack('0303')) }))).toBe('polo/wrong-count')
    expect(codeOf(parts({ 7: pack('0601', pack('0303', pack(word('a')))) }))).toBe('read')
    expect(codeOf(parts({ 8: '0301' }))).toBe('polo/wrong-kind')
  })

  test('are refused for a byte more than 128 KiB, and not for that byte less', () => {
    const sized = (size: number): Uint8Array => {
      const empty = writeInteraction({ ...full, perception: new Uint8Array(100_000) })
      const perception = new Uint8Array(size - (empty.length - 100_000))
      return writeInteraction({ ...full, perception })
    }
    const most = sized(MOI_INTERACTION_BYTES_MAX)
    expect(most).toHaveLength(MOI_INTERACTION_BYTES_MAX)
    expect(isFault(readInteraction(most))).toBe(false)
    expect(readInteraction(sized(MOI_INTERACTION_BYTES_MAX + 1))).toMatchObject({
      code: 'polo/too-large',
    })
  })

  test('cut short anywhere, or with a byte more, are refused', () => {
    const bytes = writeInteraction(full)
    for (let size = 0; size < bytes.length; size++) {
      const found = readInteraction(bytes.subarray(0, size))
      // The last field is bytes of any length: cut within it, it says something else.
      if (isFault(found)) continue
      expect(size).toBeGreaterThanOrEqual(bytes.length - 2)
      expect(found).not.toEqual(full)
    }
  })

  test('made by chance are refused with a fault, or come back', () => {
    const random = createStreams(9)('interactions')
    const sources = [bytesFromHex(IX_ARGS), writeInteraction(full)]
    const codes = new Set<string>()
    for (let at = 0; at < 6000; at++) {
      const found = readInteraction(mutated(random, random.pick(sources) ?? new Uint8Array(0)))
      if (isFault(found)) codes.add(found.code)
      else expect(read(writeInteraction(found))).toEqual(found)
    }
    expect(codes.size).toBeGreaterThan(6)
  })
})
