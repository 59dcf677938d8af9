import { beforeAll, describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import {
  bytesFromMoiId,
  deriveMoiId,
  fingerprintOf,
  hasFlag,
  hexFromMoiId,
  KMOI_ASSET,
  kindOfMoiId,
  type MoiFlag,
  type MoiId,
  moiIdFrom,
  moiIdFromBytes,
  moiIdFromHex,
  type MoiKind,
  participantOfKey,
  poloMoiId,
  poloMoiIdOrNull,
  poloMoiIdOrZeros,
  SARGA_ACCOUNT,
  standardOf,
  variantOf,
} from '../../../src/dialects/moi/identifier.ts'
import { decodePolo, encodePolo } from '../../../src/dialects/moi/polo/schema.ts'
import { createStreams } from '../../../src/sim/random.ts'
import { type Client, loadClient } from './client.ts'
import { alice, ALICE_HEX, asset, KEY, logic } from './sample.ts'

let client: Client
beforeAll(async () => {
  client = await loadClient()
})

const idOf = (hex: string): MoiId => {
  const id = moiIdFromHex(hex)
  if (isFault(id)) throw id
  return id
}

const FLAGS: Readonly<Record<MoiKind, readonly MoiFlag[]>> = {
  participant: ['systemic'],
  asset: ['systemic', 'stateful', 'logical'],
  logic: ['systemic', 'intrinsic', 'extrinsic', 'auxiliary'],
}
const ALL = ['systemic', 'stateful', 'logical', 'intrinsic', 'extrinsic', 'auxiliary'] as const

describe('an identifier', () => {
  test('is read with or without a prefix, in any case, and spelled in one way', () => {
    for (const text of [ALICE_HEX, ALICE_HEX.slice(2), ALICE_HEX.slice(2).toUpperCase()])
      expect(hexFromMoiId(idOf(text))).toBe(ALICE_HEX)
    expect(hexFromBytes(bytesFromMoiId(alice))).toBe(ALICE_HEX.slice(2))
  })

  test.each([
    ['no digits', ''],
    ['a prefix alone', '0x'],
    ['a digit less', ALICE_HEX.slice(0, -1)],
    ['a digit more', `${ALICE_HEX}0`],
    ['another character', `${ALICE_HEX.slice(0, -1)}g`],
    ['a blank', ` ${ALICE_HEX}`],
    ['a line after it', `${ALICE_HEX}\n`],
    ['another prefix', ALICE_HEX.replace('0x', '0X0')],
    ['another kind', ALICE_HEX.replace('0x00', '0x30')],
    ['another version', ALICE_HEX.replace('0x00', '0x01')],
  ])('is not %s', (_, text) => {
    expect(moiIdFromHex(text)).toMatchObject({ code: 'moi-id/malformed' })
  })

  test('has exactly the flags of its kind, every bit tried', () => {
    for (const [at, kind] of (['participant', 'asset', 'logic'] as const).entries()) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = new Uint8Array(32)
        bytes[0] = at << 4
        bytes[1] = 1 << bit
        const id = moiIdFromHex(hexFromBytes(bytes))
        const own = { participant: [7], asset: [0, 1, 7], logic: [0, 1, 2, 7] }[kind]
        expect([kind, bit, isFault(id)]).toEqual([kind, bit, !own.includes(bit)])
        if (isFault(id)) continue
        expect(kindOfMoiId(id)).toBe(kind)
        expect(ALL.filter((flag) => hasFlag(id, flag))).toHaveLength(1)
      }
    }
  })

  test('has a standard only where it names an asset', () => {
    const tail = '00'.repeat(28)
    expect(standardOf(idOf(`1000ffff${tail}`))).toBe(65_535)
    expect(moiIdFromHex(`0000ffff${tail}`)).toMatchObject({ code: 'moi-id/malformed' })
    expect(moiIdFromHex(`20000001${tail}`)).toMatchObject({ code: 'moi-id/malformed' })
  })

  test('is put together from its parts, which come out again', () => {
    const random = createStreams(6)('ids')
    for (let at = 0; at < 500; at++) {
      const kind = random.pick(['participant', 'asset', 'logic'] as const) ?? 'asset'
      const flags = FLAGS[kind].filter(() => random.chance(50))
      const standard = kind === 'asset' ? random.below(65_536) : 0
      const fingerprint = random.bytes().slice(0, 24)
      const variant = random.below(2 ** 32)
      const id = moiIdFrom({ kind, flags, standard, fingerprint, variant })
      expect(kindOfMoiId(id)).toBe(kind)
      expect(ALL.filter((flag) => hasFlag(id, flag)).toSorted()).toEqual(flags.toSorted())
      expect(standardOf(id)).toBe(standard)
      expect(fingerprintOf(id)).toEqual(fingerprint)
      expect(variantOf(id)).toBe(variant)
      expect(moiIdFromBytes(bytesFromMoiId(id))).toBe(id)
    }
  })

  test.each([
    ['a flag of another kind', { flags: ['stateful'] as const }],
    ['a short fingerprint', { fingerprint: new Uint8Array(23) }],
    ['a standard of a participant', { standard: 1 }],
    ['a standard of more than 16 bits', { standard: 65_536 }],
    ['a variant of more than 32 bits', { variant: 2 ** 32 }],
    ['a negative variant', { variant: -1 }],
    ['half a variant', { variant: 0.5 }],
  ])('is not put together from %s', (_, change) => {
    const parts = { kind: 'participant' as const, fingerprint: new Uint8Array(24) }
    expect(kindOfMoiId(moiIdFrom(parts))).toBe('participant')
    expect(() => moiIdFrom({ ...parts, ...change })).toThrow(
      expect.objectContaining({ code: 'moi-id/malformed' }),
    )
  })
})

describe('a variant', () => {
  test('is derived from what is none, with flags set and taken away', () => {
    const derived = deriveMoiId(asset, { variant: 5, set: ['systemic'], unset: ['logical'] })
    expect(variantOf(derived)).toBe(5)
    expect(ALL.filter((flag) => hasFlag(derived, flag))).toEqual(['systemic', 'stateful'])
    expect(fingerprintOf(derived)).toEqual(fingerprintOf(asset))
  })

  test('is not derived from a variant, to 0, or with flags that the kind has not', () => {
    const derived = deriveMoiId(alice, { variant: 1 })
    expect(() => deriveMoiId(derived, { variant: 2 })).toThrow('from an identifier that is none')
    expect(() => deriveMoiId(alice, { variant: 0 })).toThrow('is not 0')
    expect(() => deriveMoiId(alice, { variant: 2 ** 32 })).toThrow('not between')
    expect(() => deriveMoiId(alice, { variant: 1, set: ['logical'] })).toThrow(
      'has no flag logical',
    )
    expect(() => deriveMoiId(logic, { variant: 1, unset: ['logical'] })).toThrow('has no flag')
  })
})

describe('what MOI’s client says', () => {
  test('of a wallet’s identifier and its sub-accounts is what the key says', () => {
    expect(hexFromMoiId(participantOfKey(KEY))).toBe(ALICE_HEX)
    const theirs = new client.ParticipantId(ALICE_HEX).createNewVariant(7)
    expect(hexFromMoiId(participantOfKey(KEY, 7))).toBe(theirs.toHex())
    expect(deriveMoiId(alice, { variant: 7 })).toBe(participantOfKey(KEY, 7))
    expect(() => participantOfKey(KEY.subarray(1))).toThrow('a key of 32 bytes')
  })

  test('of well-known identifiers is what we have', () => {
    expect(hexFromMoiId(KMOI_ASSET)).toBe(client.KMOI_ASSET_ID)
    expect(hexFromMoiId(SARGA_ACCOUNT)).toBe(client.SARGA_ADDRESS)
    expect(hasFlag(KMOI_ASSET, 'systemic')).toBe(true)
  })

  test('is accepted for every identifier that we accept, with the same parts', () => {
    const random = createStreams(7)('their ids')
    for (let at = 0; at < 300; at++) {
      const kind = random.pick(['participant', 'asset', 'logic'] as const) ?? 'asset'
      const id = moiIdFrom({
        kind,
        flags: FLAGS[kind].filter(() => random.chance(50)),
        standard: kind === 'asset' ? random.below(65_536) : 0,
        fingerprint: random.bytes().slice(0, 24),
        variant: random.below(2 ** 32),
      })
      const Theirs = {
        participant: client.ParticipantId,
        asset: client.AssetId,
        logic: client.LogicId,
      }
      const theirs = new Theirs[kind](hexFromMoiId(id))
      expect(theirs.getVariant()).toBe(variantOf(id))
      expect(theirs.getFingerprint()).toEqual(fingerprintOf(id))
      expect(theirs.toHex()).toBe(hexFromMoiId(id))
      if (kind === 'asset') expect(theirs.getStandard()).toBe(standardOf(id))
    }
  })

  test('against flags of participants and logics we say too', () => {
    for (let flags = 0; flags < 256; flags++) {
      for (const [kind, Theirs] of [
        ['00', client.ParticipantId],
        ['20', client.LogicId],
      ] as const) {
        const hex = `0x${kind}${hexFromBytes(Uint8Array.of(flags))}${'00'.repeat(30)}` as const
        expect([hex, isFault(moiIdFromHex(hex))]).toEqual([hex, !Theirs.isValid(hex)])
      }
    }
  })
})

describe('in POLO', () => {
  test('an identifier is a word of 32 bytes', () => {
    expect(hexFromBytes(encodePolo(poloMoiId, alice))).toBe(`06${alice}`)
    expect(decodePolo(poloMoiId, bytesFromHex(`06${alice}`))).toBe(alice)
    for (const hex of ['00', '06', `06${alice}00`, `06${alice.slice(2)}`, `0630${alice.slice(2)}`])
      expect(isFault(decodePolo(poloMoiId, bytesFromHex(hex)))).toBe(true)
  })

  test('none is 32 zeros, or null', () => {
    const zeros = `06${'00'.repeat(32)}`
    for (const schema of [poloMoiIdOrZeros, poloMoiIdOrNull]) {
      for (const hex of [zeros, '00', '06'])
        expect(decodePolo(schema, bytesFromHex(hex))).toBeUndefined()
      expect(decodePolo(schema, bytesFromHex(`06${alice}`))).toBe(alice)
      expect(isFault(decodePolo(schema, bytesFromHex('060001')))).toBe(true)
    }
    expect(hexFromBytes(encodePolo(poloMoiIdOrZeros, undefined))).toBe(zeros)
    expect(hexFromBytes(encodePolo(poloMoiIdOrNull, undefined))).toBe('00')
  })
})
