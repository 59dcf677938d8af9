import { beforeAll, describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import { hexFromMoiId, KMOI_ASSET, SARGA_ACCOUNT } from '../../../src/dialects/moi/identifier.ts'
import {
  type AssetAction,
  MOI_OPERATION_TYPES,
  type MoiKey,
  type MoiOperation,
  readOperation,
  writeOperation,
} from '../../../src/dialects/moi/operation.ts'
import { createStreams } from '../../../src/sim/random.ts'
import { type Client, loadClient } from './client.ts'
import { doc, pack, word } from './polo/message.ts'
import { mutated } from './polo/random.ts'
import { alice, asset, bob, KEY, logic, SECOND_KEY } from './sample.ts'

let client: Client
beforeAll(async () => {
  client = await loadClient()
})

const keys: readonly MoiKey[] = [
  { publicKey: KEY, weight: 600n, signatureAlgorithm: 0 },
  { publicKey: SECOND_KEY, weight: 400n, signatureAlgorithm: 0 },
]
const value: AssetAction = {
  assetId: KMOI_ASSET,
  callsite: 'Transfer',
  calldata: bytesFromHex('0d0f'),
  funds: new Map(),
}
const call = {
  callsite: 'Seed',
  calldata: bytesFromHex('0d0f'),
  interfaces: new Map<string, string>(),
}
const KRAMA = '1116Uiu2HAm2itTsAm1YonwaN8c4XQoqa4egGJAMxwMuXpzNKTwh68E'
const bytes = (...of: readonly number[]): Uint8Array => Uint8Array.from(of)

/** One operation of each type, and some variations. */
const OPERATIONS: readonly MoiOperation[] = [
  { is: 'participant-create', id: bob, keys, value },
  { is: 'account-configure', add: keys, revoke: [0, 3] },
  { is: 'account-inherit', targetAccount: SARGA_ACCOUNT, value, subAccountIndex: 2 },
  {
    is: 'asset-create',
    symbol: 'TOK',
    dimension: 1,
    decimals: 2,
    standard: 65_535,
    enableEvents: true,
    manager: alice,
    maxSupply: 20_000n,
    staticMetadata: new Map([['a', bytes(1)]]),
    dynamicMetadata: new Map([['b', bytes(2)]]),
    logic: { ...call, manifest: bytes(14, 15) },
  },
  { is: 'asset-action', ...value },
  {
    is: 'guardian-register',
    kramaId: KRAMA,
    walletId: alice,
    consensusKey: KEY,
    kycProof: bytes(7),
    amount: 10n,
  },
  { is: 'guardian-stake', kramaId: KRAMA, amount: 1n },
  { is: 'guardian-unstake', kramaId: KRAMA, amount: 2n },
  { is: 'guardian-withdraw', kramaId: KRAMA, amount: 3n },
  { is: 'guardian-claim', kramaId: KRAMA, amount: (1n << 256n) - 1n },
  { is: 'logic-deploy', ...call, manifest: bytes(14, 15) },
  { is: 'logic-invoke', ...call, logicId: logic },
  { is: 'logic-enlist', ...call, logicId: asset },
]

const VARIATIONS: readonly MoiOperation[] = [
  { is: 'participant-create', id: bob, keys: [], value: undefined },
  { is: 'account-configure', add: [], revoke: [] },
  { is: 'asset-action', ...value, funds: new Map([['x', 5n]]) },
  { is: 'asset-action', ...value, funds: new Map([['x', bytes(1, 2)]]) },
  { is: 'logic-invoke', ...call, logicId: logic, interfaces: new Map([['token', 'abc']]) },
]

const read = (type: number, hex: string): MoiOperation | string => {
  const found = readOperation(type, bytesFromHex(hex))
  return isFault(found) ? found.code : found
}

describe('an operation', () => {
  test.each([...OPERATIONS, ...VARIATIONS])('of the kind $is comes back as it was', (of) => {
    const { type, payload } = writeOperation(of)
    expect(type).toBe(MOI_OPERATION_TYPES[of.is])
    expect(readOperation(type, payload)).toEqual(of)
  })

  test('has a type from 1 to 13, each once', () => {
    const types = OPERATIONS.map(({ is }) => MOI_OPERATION_TYPES[is])
    expect(types).toEqual(Array.from({ length: 13 }, (_, at) => at + 1))
    expect(Object.keys(MOI_OPERATION_TYPES)).toHaveLength(13)
  })

  test('of a reserved or an unknown type is refused by name or number', () => {
    const refusal = (type: number): string => {
      const found = readOperation(type, bytes(0))
      return isFault(found) ? `${found.code}: ${found.message}` : 'read'
    }
    expect(refusal(14)).toMatch(/^moi-operation\/reserved: logic-interact is/)
    expect(refusal(15)).toMatch(/^moi-operation\/reserved: logic-upgrade is/)
    for (const type of [0, 16, 20, -1, 1.5, Number.NaN])
      expect(refusal(type)).toMatch(/^moi-operation\/unknown-type/)
  })
})

/** What the client is given for each of our operations; those of guardians it does not know. */
const theirs = (): readonly (readonly [MoiOperation, number, object])[] => {
  const hex = (of: Uint8Array): string => `0x${hexFromBytes(of)}`
  const theirValue = {
    asset_id: hexFromMoiId(KMOI_ASSET),
    callsite: 'Transfer',
    calldata: '0x0d0f',
  }
  const theirKeys = keys.map(({ publicKey, weight }) => ({
    public_key: hex(publicKey),
    weight: Number(weight),
    signature_algorithm: 0,
  }))
  const [create, configure, inherit, assetCreate, action] = OPERATIONS
  const [deploy, invoke, enlist] = OPERATIONS.slice(10)
  if (!create || !configure || !inherit || !assetCreate || !action || !deploy || !invoke || !enlist)
    throw new Error('there are thirteen')
  return [
    [create, 1, { id: hexFromMoiId(bob), keys_payload: theirKeys, value: theirValue }],
    [configure, 2, { add: theirKeys, revoke: [{ key_id: 0 }, { key_id: 3 }] }],
    [
      inherit,
      3,
      { target_account: hexFromMoiId(SARGA_ACCOUNT), value: theirValue, sub_account_index: 2 },
    ],
    [
      assetCreate,
      4,
      {
        symbol: 'TOK',
        dimension: 1,
        decimals: 2,
        standard: 65_535,
        enable_events: true,
        manager: hexFromMoiId(alice),
        max_supply: 20_000,
        static_metadata: { a: '0x01' },
        dynamic_metadata: { b: '0x02' },
        logic_payload: { manifest: '0x0e0f', callsite: 'Seed', calldata: '0x0d0f' },
      },
    ],
    [action, 5, theirValue],
    [deploy, 11, { manifest: '0x0e0f', callsite: 'Seed', calldata: '0x0d0f' }],
    [invoke, 12, { logic_id: hexFromMoiId(logic), callsite: 'Seed', calldata: '0x0d0f' }],
    [enlist, 13, { logic_id: hexFromMoiId(asset), callsite: 'Seed', calldata: '0x0d0f' }],
  ]
}

describe('what MOI’s client writes', () => {
  const payloadOf = (type: number, payload: object): Uint8Array => {
    const { ix_operations: raw } = client.toRawInteractionObject({
      sender: { id: hexFromMoiId(alice), sequence: 0, key_id: 0 },
      fuel_price: 1,
      fuel_limit: 1,
      ix_operations: [{ type, payload }],
    })
    return raw[0]?.payload ?? new Uint8Array(0)
  }

  test('is what we read and write, byte for byte, for all operations that it knows', () => {
    for (const [ours, type, payload] of theirs()) {
      const found = payloadOf(type, payload)
      expect(readOperation(type, found)).toEqual(ours)
      expect(hexFromBytes(writeOperation(ours).payload)).toBe(hexFromBytes(found))
    }
  })

  test('where a part is left out is read too', () => {
    expect(readOperation(2, payloadOf(2, { revoke: [{ key_id: 1 }] }))).toEqual({
      is: 'account-configure',
      add: [],
      revoke: [1],
    })
    expect(
      readOperation(12, payloadOf(12, { logic_id: hexFromMoiId(logic), callsite: 'F' })),
    ).toEqual({
      is: 'logic-invoke',
      logicId: logic,
      callsite: 'F',
      calldata: new Uint8Array(0),
      interfaces: new Map(),
    })
    expect(
      readOperation(
        4,
        payloadOf(4, {
          symbol: 'SIG',
          standard: 0,
          enable_events: false,
          manager: hexFromMoiId(alice),
          max_supply: 1,
        }),
      ),
    ).toMatchObject({ dimension: 0, decimals: 0, logic: undefined })
  })
})

describe('bad operations', () => {
  const action = (change: Readonly<Record<number, string>>): string =>
    pack(...[`06${asset}`, word('Burn'), '06', '00'].map((part, at) => change[at] ?? part))

  test('are refused for one field each', () => {
    expect(read(5, action({}))).toMatchObject({ is: 'asset-action', callsite: 'Burn' })
    expect(read(5, action({ 0: '00' }))).toBe('moi-id/malformed')
    expect(read(5, action({ 1: '0305' }))).toBe('polo/wrong-kind')
    expect(read(5, action({ 1: word('B'.repeat(256)) }))).toMatchObject({ is: 'asset-action' })
    expect(read(5, action({ 1: word('B'.repeat(257)) }))).toBe('polo/too-large')
    expect(read(5, action({ 2: '0d0f' }))).toBe('polo/wrong-kind')
    expect(read(5, action({ 3: pack(word('x'), '0401') }))).toBe('polo/wrong-kind')
    expect(read(5, action({ 3: pack(word('x')) }))).toBe('polo/wrong-count')
    expect(read(5, '00')).toBe('moi-id/malformed')
    expect(read(5, '')).toBe('polo/truncated')
  })

  test('may be documents', () => {
    const hex = doc(['asset_id', `06${asset}`], ['callsite', word('Burn')])
    expect(read(5, hex)).toEqual(read(5, action({})))
  })

  test('of a logic have the one name that belongs there', () => {
    const payload = (manifest: string, logicId: string): string =>
      pack(manifest, logicId, word('F'), '06', '00')
    expect(read(11, payload('060e0f', '00'))).toMatchObject({ is: 'logic-deploy' })
    expect(read(11, payload('060e0f', `06${logic}`))).toBe('moi-operation/misplaced-field')
    expect(read(12, payload('00', `06${logic}`))).toMatchObject({ is: 'logic-invoke' })
    expect(read(12, payload('06', `06${logic}`))).toMatchObject({ is: 'logic-invoke' })
    expect(read(12, payload('060e0f', `06${logic}`))).toBe('moi-operation/misplaced-field')
    expect(read(13, payload('00', '00'))).toBe('moi-operation/misplaced-field')
    expect(read(13, payload('00', `06${'00'.repeat(32)}`))).toBe('moi-operation/misplaced-field')
  })

  test('hold amounts up to 2^256 − 1', () => {
    const stake = (amount: string): string => pack(word(KRAMA), amount)
    expect(read(7, stake(`03${'ff'.repeat(32)}`))).toMatchObject({ amount: (1n << 256n) - 1n })
    expect(read(7, stake(`0301${'00'.repeat(32)}`))).toBe('polo/out-of-range')
    expect(read(7, stake('03'))).toMatchObject({ amount: 0n })
  })

  test('made by chance are refused with a fault, or come back', () => {
    const random = createStreams(10)('operations')
    const sources = [...OPERATIONS, ...VARIATIONS].map(writeOperation)
    for (let at = 0; at < 6000; at++) {
      const { type, payload } = random.pick(sources) ?? { type: 0, payload: bytes() }
      const found = readOperation(
        random.chance(95) ? type : random.below(16),
        mutated(random, payload),
      )
      if (isFault(found)) continue
      const again = writeOperation(found)
      expect(readOperation(again.type, again.payload)).toEqual(found)
    }
  })
})
