import { describe, expect, it } from 'vitest'
import { bytesFromMoiId } from '../../../../src/dialects/moi/identifier.ts'
import type { Value } from '../../../../src/dialects/moi/pisa/value.ts'
import { assetOf, type Engine } from '../../../../src/dialects/moi/run/asset-engine.ts'
import { callAsset } from '../../../../src/dialects/moi/run/asset-host.ts'
import { createDraft } from '../../../../src/dialects/moi/run/draft.ts'
import { balanceOf, mandateOf } from '../../../../src/dialects/moi/run/holding.ts'
import { ada, bob, createAssetIn, createTown, cyd } from './town.ts'

const token: Value = { is: 'u64', of: 0n }
const amount = (of: bigint): Value => ({ is: 'u256', of })
const id = ({ id: of }: typeof ada): Value => ({ is: 'identifier', of: bytesFromMoiId(of) })
const text = (of: string): Value => ({ is: 'string', of })

const engineOf = (over: Partial<Engine> = {}): Engine => {
  const town = createTown()
  const asset = createAssetIn(town)
  const draft = createDraft({
    read: town.read,
    locks: new Map([ada.id, bob.id, cyd.id, asset].map((one) => [one, 'mutate'])),
    isQuestion: false,
  })
  const record = assetOf(town.read, asset)
  if (!record) throw new Error('no asset')
  return { draft, asset, record, sender: ada.id, time: town.time, isCreating: false, ...over }
}

const minted = (over: Partial<Engine> = {}) => {
  const engine = engineOf(over)
  expect(callAsset(engine, 0x02, [token, id(ada), amount(100n)]).is).toBe('ok')
  const balance = ({ id: account }: typeof ada) =>
    balanceOf(engine.draft.read, { account, asset: engine.asset, token: 0n })
  return { engine, balance }
}

describe('the engine as a logic finds it', () => {
  it('moves, locks up, releases and burns by slots', () => {
    const { engine, balance } = minted()
    const call = (code: number, ...args: readonly (Value | undefined)[]) =>
      callAsset(engine, code, args).is
    expect(call(0x01, token, undefined, id(bob), amount(10n))).toBe('ok')
    expect(call(0x06, token, id(cyd), amount(20n))).toBe('ok')
    expect(call(0x07, token, id(ada), id(cyd), amount(15n))).toBe('ok')
    expect(call(0x03, token, amount(5n))).toBe('ok')
    expect([balance(ada), balance(bob), balance(cyd)]).toEqual([65n, 10n, 15n])
    expect(callAsset(engine, 0x11, [token, id(bob)])).toEqual({ is: 'ok', results: [amount(10n)] })
    expect(callAsset(engine, 0x16, [])).toEqual({ is: 'ok', results: [amount(95n)] })
  })

  it('gives and takes mandates', () => {
    const { engine } = minted()
    const of = { account: ada.id, asset: engine.asset, token: 0n }
    const expiry: Value = { is: 'u64', of: engine.time + 1n }
    expect(callAsset(engine, 0x04, [token, id(bob), amount(7n), expiry]).is).toBe('ok')
    expect(mandateOf(engine.draft.read, of, bob.id)?.amount).toBe(7n)
    const spender = { ...engine, sender: bob.id }
    expect(callAsset(spender, 0x01, [token, id(ada), id(cyd), amount(3n)]).is).toBe('ok')
    expect(callAsset(engine, 0x05, [token, id(bob)]).is).toBe('ok')
    expect(callAsset(spender, 0x01, [token, id(ada), id(cyd), amount(3n)]).is).toBe('exception')
  })

  it('takes nothing back of what it did not do', () => {
    const { engine, balance } = minted()
    const expiry: Value = { is: 'u64', of: engine.time + 1n }
    callAsset(engine, 0x04, [token, id(bob), amount(700n), expiry])
    const spender = { ...engine, sender: bob.id }
    expect(callAsset(spender, 0x01, [token, id(ada), id(cyd), amount(101n)])).toMatchObject({
      is: 'exception',
    })
    const of = { account: ada.id, asset: engine.asset, token: 0n }
    expect(mandateOf(engine.draft.read, of, bob.id)?.amount).toBe(700n)
    expect(balance(ada)).toBe(100n)
  })

  it('tells what the asset is', () => {
    const { engine } = minted()
    const tell = (code: number) => callAsset(engine, code, [])
    expect(tell(0x10)).toEqual({ is: 'ok', results: [text('KOI')] })
    expect(tell(0x12)).toEqual({ is: 'ok', results: [id(ada)] })
    expect(tell(0x13)).toEqual({ is: 'ok', results: [id(ada)] })
    expect(tell(0x14)).toEqual({ is: 'ok', results: [{ is: 'u64', of: 0n }] })
    expect(tell(0x15)).toEqual({ is: 'ok', results: [amount(20_000n)] })
    expect(tell(0x17)).toEqual({ is: 'ok', results: [{ is: 'bool', of: true }] })
  })

  it('keeps metadata of the asset and of tokens', () => {
    const { engine } = minted()
    for (const [set, get, first] of [
      [0x18, 0x1a, []],
      [0x19, 0x1b, []],
      [0x1c, 0x1e, [token]],
      [0x1d, 0x1f, [token]],
    ] as const) {
      expect(callAsset(engine, set, [...first, text('k'), text('v')]).is).toBe('ok')
      expect(callAsset(engine, get, [...first, text('k')])).toEqual({
        is: 'ok',
        results: [{ is: 'bytes', of: new TextEncoder().encode('v') }],
      })
      expect(callAsset(engine, get, [...first, text('other')]).is).toBe('exception')
    }
  })

  it('is defined while it is created, and from then on', () => {
    const shape = [
      text('NEW'),
      { is: 'u64', of: 2n },
      id(bob),
      amount(9n),
      { is: 'bool', of: false },
    ] as const
    expect(callAsset(engineOf(), 0x00, shape).is).toBe('exception')
    const engine = engineOf({ isCreating: true })
    expect(callAsset(engine, 0x00, shape).is).toBe('ok')
    expect(callAsset(engine, 0x10, [])).toEqual({ is: 'ok', results: [text('NEW')] })
    expect(callAsset(engine, 0x02, [token, id(ada), amount(10n)]).is).toBe('exception')
    expect(callAsset(engine, 0x00, shape).is).toBe('ok')
    expect(callAsset(engine, 0x02, [token, id(ada), amount(9n)]).is).toBe('ok')
    expect(callAsset(engine, 0x00, shape).is).toBe('exception')
  })

  it.each([
    ['an unknown code', 0x20, []],
    ['an amount that is a text', 0x03, [token, text('1')]],
    ['a token beyond 64 bits', 0x03, [amount(2n ** 64n), amount(1n)]],
    ['no beneficiary', 0x01, [token, undefined, undefined, amount(1n)]],
    [
      'a beneficiary that is no identifier',
      0x01,
      [token, undefined, { is: 'bytes', of: Uint8Array.of(1) }, amount(1n)],
    ],
    ['metadata that is no map', 0x02, [token, id(ada), amount(1n), text('x')]],
  ] as const)('takes %s for a defect', (_, code, args) => {
    expect(callAsset(minted().engine, code, args).is).toBe('defect')
  })
})
