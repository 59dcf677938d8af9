import { describe, expect, test } from 'vitest'
import { Fault } from '../../../../src/base/fault.ts'
import { PISA_FUEL_MAX } from '../../../../src/base/limits.ts'
import { compile } from '../../../../src/dialects/moi/pisa/compile.ts'
import { hexFromBytes } from '../../../../src/base/bytes.ts'
import { exceptionPolo } from '../../../../src/dialects/moi/pisa/call-logic.ts'
import { readPolo } from '../../../../src/dialects/moi/polo/schema.ts'
import {
  ALICE,
  BOB,
  bool,
  createWorld,
  id,
  outputsOf,
  programOf,
  readBool,
  readUint,
  sketch,
  sound,
  text,
  uint,
} from './world.ts'

describe('the published flipper', () => {
  test('is seeded, read, set and toggled', () => {
    const world = createWorld(programOf('flipper.json'))
    expect(readBool(outputsOf(world.call('Get')).get('value'))).toBe(false)
    outputsOf(world.call('Seed', { initial: bool(true) }, { kind: 'deploy' }))
    expect(readBool(outputsOf(world.call('Get')).get('value'))).toBe(true)
    outputsOf(world.call('Toggle'))
    expect(readBool(outputsOf(world.call('Get')).get('value'))).toBe(false)
    outputsOf(world.call('Set', { value: bool(true) }))
    expect(readBool(outputsOf(world.call('Get')).get('value'))).toBe(true)
  })
})

describe('the published token ledger', () => {
  const seeded = () => {
    const world = createWorld(programOf('tokenledger.json'))
    outputsOf(
      world.call('Seed', { symbol: text('MOI'), supply: uint(1_000_000) }, { kind: 'deploy' }),
    )
    return world
  }
  test('moves amounts, mints and burns', () => {
    const world = seeded()
    outputsOf(world.call('Transfer', { amount: uint(250), receiver: id(BOB) }))
    outputsOf(world.call('Mint', { amount: uint(7) }))
    outputsOf(world.call('Burn', { amount: uint(5) }))
    const balance = (of: typeof ALICE) =>
      readUint(outputsOf(world.call('BalanceOf', { addr: id(of) })).get('balance'))
    expect(balance(ALICE)).toBe(999_752n)
    expect(balance(BOB)).toBe(250n)
    expect(readUint(outputsOf(world.call('Decimals')).get('decimals'))).toBe(18n)
  })
  test('raises what its source raises', () => {
    const world = seeded()
    const end = world.call('Transfer', { amount: uint(1_000_001), receiver: id(BOB) })
    if (end.is !== 'exception') throw new Error(end.is)
    expect(readPolo(exceptionPolo, end.error)).toEqual({
      class: 'string',
      error: 'sender has insufficient balance',
      revert: false,
      trace: ['runtime.root()', 'routine.Transfer() [0xf] ... [0x11: THROW 0x4]'],
    })
  })
  test('logs its seed', () => {
    const world = createWorld(programOf('tokenledger.json'))
    const end = world.call('Seed', { symbol: text('MOI'), supply: uint(9) }, { kind: 'deploy' })
    if (end.is !== 'ok') throw new Error(end.is)
    expect(end.events.map(({ account }) => hexFromBytes(account))).toEqual([world.host.logic])
  })
  test('costs the same whenever it is the same', () => {
    const spent = (): number => {
      const meter = { used: 0, limit: 100_000 }
      outputsOf(seeded().call('Transfer', { amount: uint(1), receiver: id(BOB) }, { meter }))
      return meter.used
    }
    expect(spent()).toBe(spent())
  })

  test('needs all of its fuel and no more', () => {
    const meter = { used: 0, limit: 100_000 }
    const transfer = { amount: uint(1), receiver: id(BOB) }
    outputsOf(seeded().call('Transfer', transfer, { meter }))
    const exact = { used: 0, limit: meter.used }
    expect(seeded().call('Transfer', transfer, { meter: exact }).is).toBe('ok')
    const short = { used: 0, limit: meter.used - 1 }
    expect(seeded().call('Transfer', transfer, { meter: short }).is).toBe('exhausted')
    expect(short.used).toBe(short.limit)
  })
})

describe('the published lock ledger', () => {
  const seeded = () => {
    const world = createWorld(programOf('lock-ledger.json'))
    const args = { name: text('Lock'), symbol: text('LCK'), supply: uint(500) }
    outputsOf(world.call('Seed', args, { kind: 'deploy' }))
    return world
  }
  const slot = (world: ReturnType<typeof seeded>, account: string, at: number): bigint =>
    readUint(world.slots.get(account)?.get(at.toString(16).padStart(64, '0')))

  test('keeps what is spendable and what is locked with the participant', () => {
    const world = seeded()
    outputsOf(world.call('Lockup', { amount: uint(120) }))
    expect([slot(world, ALICE, 0), slot(world, ALICE, 1)]).toEqual([380n, 120n])
  })

  test('enlists a participant', () => {
    const world = seeded()
    outputsOf(world.call('Register', {}, { kind: 'enlist', sender: BOB }))
    expect([slot(world, BOB, 0), slot(world, BOB, 1)]).toEqual([0n, 0n])
  })

  test('cannot reach a participant whose state is not at hand', () => {
    const world = seeded()
    world.unreachable.add(ALICE)
    expect(world.call('Lockup', { amount: uint(120) }).is).toBe('defect')
  })
})

describe('a call', () => {
  const world = () => createWorld(programOf('flipper.json'))

  test.each([
    ['an unknown callsite', { callsite: 'Nothing' }],
    ['an internal routine', { callsite: 'set' }],
    ['a deployer by an invocation', { callsite: 'Seed' }],
    ['an invoked routine by a deployment', { kind: 'deploy' as const }],
    ['an invoked routine by an enlistment', { kind: 'enlist' as const }],
    ['bytes that are no POLO', { calldata: Uint8Array.of(0x0d, 0xff) }],
    ['arguments of another kind', { calldata: Uint8Array.of(0x06, 1) }],
  ])('of %s is a defect', (_what, change) => {
    expect(world().call('Get').is).toBe('ok')
    expect(world().call('Get', {}, change).is).toBe('defect')
  })

  test('accepts arguments in their order, by their names, and none at all', () => {
    const set = (calldata: Uint8Array) => {
      const held = world()
      outputsOf(held.call('Set', {}, { calldata }))
      return readBool(outputsOf(held.call('Get')).get('value'))
    }
    expect(set(Uint8Array.of(0x0e, 0x1f, 0x02))).toBe(true)
    expect(set(Uint8Array.of(0x0d, 0x2f, 0x06, 0x55, 0x76, 0x61, 0x6c, 0x75, 0x65, 2))).toBe(true)
    expect(set(Uint8Array.of(0))).toBe(false)
    expect(set(new Uint8Array())).toBe(false)
  })

  test('passes on what a host raises that is no fault, and turns a fault into a defect', () => {
    const refusing = (error: Error) => {
      const { host, call } = world()
      const write = (): never => {
        throw error
      }
      return call('Toggle', {}, { host: { ...host, logicState: { ...host.logicState, write } } })
    }
    expect(refusing(new Fault('moi/not-locked', 'only read here')).is).toBe('defect')
    expect(() => refusing(new Error('the disk is full'))).toThrow('the disk is full')
  })

  test('never spends more than one call may, whatever its limit', () => {
    const program = sound(compile(sketch({ asm: ['DEST', 'LDPTR1 $0 0x0', 'JUMP $0'] })))
    const meter = { used: 0, limit: 1e15 }
    expect(createWorld(program).call('Run', {}, { meter }).is).toBe('exhausted')
    expect(meter.used).toBe(PISA_FUEL_MAX)
  })
})
