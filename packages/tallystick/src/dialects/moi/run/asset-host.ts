/**
 * The asset engine as a logic of an asset finds it: methods by code, arguments and results by slot.
 *
 * | code | method | arguments in their slots |
 * |---|---|---|
 * | 00 | define, while the asset is created | symbol, decimals, manager, max supply, whether events are told |
 * | 01 | transfer | token, benefactor or none for the sender, beneficiary, amount |
 * | 02 | mint | token, beneficiary, amount, static metadata or none |
 * | 03 | burn | token, amount |
 * | 04, 05 | approve, revoke | token, beneficiary; amount, expiry |
 * | 06, 07 | lockup, release | token, (benefactor,) beneficiary, amount |
 * | 10, 12 to 17 | symbol, creator, manager, decimals, maximum, supply, whether events are told | – |
 * | 11 | balance | token, account |
 * | 18, 19, 1a, 1b | set static, set dynamic, get static, get dynamic metadata | key, value |
 * | 1c, 1d, 1e, 1f | the same of a token | token, key, value |
 *
 * The codes 1c, 1d and 1f are inferred from their neighbours. A call that fails changes nothing, so a logic may go on after it.
 */
import { bytesFromUtf8, utf8FromBytes } from '../../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../../base/fault.ts'
import { bytesFromMoiId, type MoiId, moiIdFromBytes } from '../identifier.ts'
import type { AssetAnswer } from '../pisa/host.ts'
import type { Value } from '../pisa/value.ts'
import { exception } from './account.ts'
import {
  approve,
  assetOf,
  balanceIn,
  burn,
  type Engine,
  lockup,
  mint,
  release,
  revoke,
  supplyOf,
  transfer,
} from './asset-engine.ts'
import { PATH } from './layout.ts'
import { getMetadata, putMetadata, setMetadata } from './metadata.ts'
import { assetRecord, U256_MAX } from './record.ts'
import { U64_MAX } from '../../../base/codec.ts'

type Slots = readonly (Value | undefined)[]
type Results = readonly Value[]

export const callAsset = (engine: Engine, code: number, args: Slots): AssetAnswer => {
  const method = METHODS.get(code)
  if (!method) return { is: 'defect', message: `the asset engine has no method ${code}` }
  const done = faultFrom(() => {
    const { draft, keep } = engine.draft.fork()
    // What was defined in this very interaction counts from now on.
    const record = assetOf(draft.read, engine.asset) ?? engine.record
    const results = method({ ...engine, draft, record }, args)
    keep()
    return results
  })
  if (!isFault(done)) return { is: 'ok', results: done }
  return done.code === 'moi/exception'
    ? { is: 'exception', class: 'string', error: done.message }
    : { is: 'defect', message: done.message }
}

const wrongSlot = (at: number, wanted: string): Fault =>
  new Fault('moi/defect', `slot ${at} of a call to the asset engine holds no ${wanted}`)

const numberAt = (args: Slots, at: number, max: bigint = U256_MAX): bigint => {
  const value = args[at]
  if (value === undefined) return 0n
  if (value.is !== 'u64' && value.is !== 'u256' && value.is !== 'bigint') {
    throw wrongSlot(at, 'amount')
  }
  if (value.of < 0n || value.of > max) throw wrongSlot(at, 'amount in range')
  return value.of
}

const tokenAt = (args: Slots, at: number): bigint => numberAt(args, at, U64_MAX)

const accountAt = (args: Slots, at: number): MoiId => {
  const value = args[at]
  if (value === undefined || (value.is !== 'identifier' && value.is !== 'bytes')) {
    throw wrongSlot(at, 'identifier')
  }
  return moiIdFromBytes(value.of)
}

const textAt = (args: Slots, at: number): string => {
  const value = args[at]
  if (value === undefined || value.is !== 'string') throw wrongSlot(at, 'text')
  return value.of
}

const bytesAt = (args: Slots, at: number): Uint8Array => {
  const value = args[at]
  if (value?.is === 'string') return bytesFromUtf8(value.of)
  if (value?.is !== 'bytes' && value?.is !== 'identifier') throw wrongSlot(at, 'bytes')
  return value.of
}

const flagAt = (args: Slots, at: number): boolean => {
  const value = args[at]
  if (value === undefined) return false
  if (value.is !== 'bool') throw wrongSlot(at, 'boolean')
  return value.of
}

const movementAt = (args: Slots, at: number) => ({
  token: tokenAt(args, 0),
  beneficiary: accountAt(args, at),
  amount: numberAt(args, at + 1),
})

const amountValue = (of: bigint): Value => ({ is: 'u256', of })
const wordValue = (of: bigint): Value => ({ is: 'u64', of })
const idValue = (of: MoiId): Value => ({ is: 'identifier', of: bytesFromMoiId(of) })
const bytesValue = (of: Uint8Array): Value => ({ is: 'bytes', of })

type Method = (engine: Engine, args: Slots) => Results

const doing =
  (run: (engine: Engine, args: Slots) => void): Method =>
  (engine, args) => {
    run(engine, args)
    return []
  }

const define = (engine: Engine, args: Slots): void => {
  if (!engine.isCreating) throw exception('an asset is defined when it is created')
  // Else a maximum could come to lie below what there is.
  if (supplyOf(engine.draft.read, engine.asset) > 0n) {
    throw exception('an asset is defined before it is minted')
  }
  const record = {
    ...engine.record,
    symbol: bytesFromUtf8(textAt(args, 0)),
    decimals: tokenAt(args, 1),
    manager: args[2] === undefined ? engine.record.manager : accountAt(args, 2),
    maxSupply: numberAt(args, 3),
    hasEvents: flagAt(args, 4),
  }
  engine.draft.write(engine.asset, PATH.asset, assetRecord.encode(record))
}

const mintWith = (engine: Engine, args: Slots): void => {
  const of = movementAt(args, 1)
  mint(engine, of)
  const metadata = args[3]
  if (metadata === undefined) return
  if (metadata.is !== 'map') throw wrongSlot(3, 'map')
  for (const { key, value } of metadata.entries.values()) {
    const at = { kind: 'static', key: textAt([key], 0), token: of.token } as const
    putMetadata(engine.draft, engine.asset, at, bytesAt([value], 0))
  }
}

const setter = (kind: 'static' | 'dynamic', isOfToken: boolean): Method =>
  doing((engine, args) => {
    const first = isOfToken ? 1 : 0
    const token = isOfToken ? tokenAt(args, 0) : undefined
    setMetadata(engine, { kind, key: textAt(args, first), token }, bytesAt(args, first + 1))
  })

const getter =
  (kind: 'static' | 'dynamic', isOfToken: boolean): Method =>
  (engine, args) => {
    const token = isOfToken ? tokenAt(args, 0) : undefined
    const key = textAt(args, isOfToken ? 1 : 0)
    return [bytesValue(getMetadata(engine, { kind, key, token }))]
  }

const METHODS: ReadonlyMap<number, Method> = new Map<number, Method>([
  [0x00, doing(define)],
  [
    0x01,
    doing((engine, args) => {
      const benefactor = args[1] === undefined ? engine.sender : accountAt(args, 1)
      transfer(engine, { ...movementAt(args, 2), benefactor })
    }),
  ],
  [0x02, doing(mintWith)],
  [
    0x03,
    doing((engine, args) => burn(engine, { token: tokenAt(args, 0), amount: numberAt(args, 1) })),
  ],
  [
    0x04,
    doing((engine, args) =>
      approve(engine, { ...movementAt(args, 1), expiresAt: numberAt(args, 3, U64_MAX) }),
    ),
  ],
  [
    0x05,
    doing((engine, args) =>
      revoke(engine, { token: tokenAt(args, 0), beneficiary: accountAt(args, 1) }),
    ),
  ],
  [0x06, doing((engine, args) => lockup(engine, movementAt(args, 1)))],
  [
    0x07,
    doing((engine, args) =>
      release(engine, { ...movementAt(args, 2), benefactor: accountAt(args, 1) }),
    ),
  ],
  [0x10, ({ record }) => [{ is: 'string', of: utf8FromBytes(record.symbol) }]],
  [0x11, (engine, args) => [amountValue(balanceIn(engine, accountAt(args, 1), tokenAt(args, 0)))]],
  [0x12, ({ record }) => [idValue(record.creator)]],
  [0x13, ({ record }) => [idValue(record.manager)]],
  [0x14, ({ record }) => [wordValue(record.decimals)]],
  [0x15, ({ record }) => [amountValue(record.maxSupply)]],
  [0x16, ({ draft, asset }) => [amountValue(supplyOf(draft.read, asset))]],
  [0x17, ({ record }) => [{ is: 'bool', of: record.hasEvents }]],
  [0x18, setter('static', false)],
  [0x19, setter('dynamic', false)],
  [0x1a, getter('static', false)],
  [0x1b, getter('dynamic', false)],
  [0x1c, setter('static', true)],
  [0x1d, setter('dynamic', true)],
  [0x1e, getter('static', true)],
  [0x1f, getter('dynamic', true)],
])
