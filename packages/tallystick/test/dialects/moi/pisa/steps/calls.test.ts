import { describe, expect, test } from 'vitest'
import { bytesFromHex } from '../../../../../src/base/bytes.ts'
import { PISA_CALL_DEPTH_MAX } from '../../../../../src/base/limits.ts'
import { type Manifest } from '../../../../../src/dialects/moi/manifest/manifest.ts'
import { callLogic } from '../../../../../src/dialects/moi/pisa/call-logic.ts'
import { compile } from '../../../../../src/dialects/moi/pisa/compile.ts'
import {
  type AssetAnswer,
  type CallOutcome,
  type CrossCall,
} from '../../../../../src/dialects/moi/pisa/host.ts'
import {
  ALICE,
  callableAt,
  createWorld,
  fieldsOf,
  LOGIC,
  outputsOf,
  readText,
  readUint,
  runSketch,
  type Sketch,
  sketch,
  sound,
  uint,
  type Value,
} from '../world.ts'

const out = (outcome: CallOutcome): bigint => readUint(outputsOf(outcome).get('out'))

describe('a call of a routine', () => {
  const twice = callableAt(1, 'twice', {
    kind: 'internal',
    mode: 'pure',
    accepts: ['of u64'],
    returns: ['out u64'],
    asm: ['OBTAIN $0 &0', 'ADD $0 $0 $0', 'YIELD $0 &0'],
  })
  const of: Sketch = {
    accepts: ['of u64'],
    returns: ['out u64'],
    asm: [
      'CARGS $0',
      'OBTAIN $1 &0',
      'SETFLD $0 &0 $1',
      'LDPTR1 $2 0x1',
      'CALLC $3 $2 $0',
      'GETFLD $3 $3 &0',
      'YIELD $3 &0',
    ],
  }

  test('hands arguments in and results out', () => {
    expect(out(runSketch(of, { of: uint(21) }, twice))).toBe(42n)
  })

  test('checks what is handed in', () => {
    expect(runSketch({ ...of, accepts: ['of u256'] }, {}, twice).is).toBe('defect')
    expect(runSketch({ ...of, asm: (of.asm ?? []).with(2, 'SETFLD $0 &1 $1') }, {}, twice).is).toBe(
      'defect',
    )
    expect(runSketch({ ...of, asm: (of.asm ?? []).with(3, 'LDPTR1 $2 0x2') }, {}, twice).is).toBe(
      'defect',
    )
  })

  test('allows no more than the caller may', () => {
    const reader = callableAt(1, 'reader', {
      kind: 'internal',
      mode: 'static',
      asm: ['LLOAD $0 &0'],
    })
    const state = {
      ptr: 2,
      deps: undefined,
      kind: 'state' as const,
      data: { mode: 'logic', fields: fieldsOf('a u64') },
    }
    const end = (mode: string): string =>
      runSketch({ mode, asm: ['CARGS $0', 'LDPTR1 $1 0x1', 'CALLC $0 $1 $0'] }, {}, reader, state)
        .is
    expect([end('static'), end('pure')]).toEqual(['ok', 'defect'])
  })

  test('of itself ends at a depth, as an exception whose trace is cut', () => {
    const asm = ['CARGS $0', 'LDPTR1 $1 0x0', 'CALLC $0 $1 $0']
    expect(runSketch({ asm })).toMatchObject({
      is: 'exception',
      exception: { class: 'CallDepthExceeded' },
    })
    const below = (levels: number): CallOutcome => {
      const chain = Array.from({ length: levels }, (_, at) =>
        callableAt(at + 1, `r${at}`, {
          kind: 'internal',
          asm:
            at + 1 === levels
              ? ['DEST']
              : ['CARGS $0', `LDPTR1 $1 0x${(at + 2).toString(16)}`, 'CALLC $0 $1 $0'],
        }),
      )
      return runSketch({ asm: asm.with(1, 'LDPTR1 $1 0x1') }, {}, ...chain)
    }
    expect(below(PISA_CALL_DEPTH_MAX).is).toBe('ok')
    expect(below(PISA_CALL_DEPTH_MAX + 1).is).toBe('exception')
  })
})

describe('a call of a method', () => {
  const method = (
    ptr: number,
    name: string,
    mutable: boolean,
    asm: readonly string[],
  ): Manifest['elements'][number] => ({
    ptr,
    deps: undefined,
    kind: 'method',
    data: {
      name,
      class: 'Box',
      mutable,
      accepts: [],
      returns: fieldsOf('out u64'),
      executes: { bin: undefined, hex: '', asm },
      catches: [],
    },
  })
  const box: Manifest['elements'][number] = {
    ptr: 1,
    deps: undefined,
    kind: 'class',
    data: {
      name: 'Box',
      fields: fieldsOf('held u64'),
      methods: [
        { ptr: 2, code: 16 },
        { ptr: 3, code: 17 },
      ],
    },
  }
  const beside = (mutable: boolean) => [
    box,
    method(2, 'Get', false, ['GETSELF $0', 'GETFLD $0 $0 &0', 'YIELD $0 &0']),
    method(3, 'Fill', mutable, [
      'GETSELF $0',
      'PMAKE $1 &5',
      'INCR $1',
      'SETFLD $0 &0 $1',
      'SETSELF $0',
    ]),
  ]
  const asm = [
    'LDPTR1 $0 0x1',
    'MAKE $0 $0',
    'CARGS $1',
    'CALLM $2 $0 &11 $1',
    'CALLM $2 $0 &10 $1',
    'GETFLD $2 $2 &0',
    'YIELD $2 &0',
  ]

  test('reads its object, and changes it if it may', () => {
    expect(out(runSketch({ returns: ['out u64'], asm }, {}, ...beside(true)))).toBe(1n)
    expect(runSketch({ returns: ['out u64'], asm }, {}, ...beside(false)).is).toBe('defect')
    expect(
      out(runSketch({ returns: ['out u64'], asm: asm.toSpliced(3, 1) }, {}, ...beside(false))),
    ).toBe(0n)
  })

  test('that there is not is a defect', () => {
    expect(
      runSketch(
        { returns: ['out u64'], asm: asm.with(3, 'CALLM $2 $0 &12 $1') },
        {},
        ...beside(true),
      ).is,
    ).toBe('defect')
  })

  test('of a number makes a u256 of it', () => {
    const widen = (type: string) =>
      runSketch(
        {
          accepts: [`of ${type}`],
          returns: ['out u256'],
          asm: ['OBTAIN $0 &0', 'CARGS $1', 'CALLM $0 $0 &13 $1', 'GETFLD $0 $0 &0', 'YIELD $0 &0'],
        },
        { of: type === 'i64' ? Uint8Array.of(4, 1) : uint(7) },
      )
    expect(out(widen('u64'))).toBe(7n)
    expect(widen('i64')).toMatchObject({ exception: { class: 'IntegerOverflow' } })
  })
})

describe('a call of the asset engine', () => {
  const asm = [
    'CARGS $0',
    'ORIGIN $1',
    'SETFLD $0 &2 $1',
    'ASSET $1',
    'CALLM $0 $1 &10 $0',
    'GETFLD $0 $0 &0',
    'YIELD $0 &0',
  ]
  const program = sound(compile(sketch({ mode: 'static', returns: ['out string'], asm })))

  test('is handed what was given, by slots, and its answer', () => {
    const seen: [number, readonly (Value | undefined)[]][] = []
    const call = (code: number, args: readonly (Value | undefined)[]): AssetAnswer => {
      seen.push([code, args])
      return { is: 'ok', results: [{ is: 'string', of: 'MOI' }] }
    }
    expect(
      readText(outputsOf(createWorld(program, { asset: { call } }).call('Run')).get('out')),
    ).toBe('MOI')
    expect(seen).toEqual([
      [0x10, [undefined, undefined, { is: 'identifier', of: bytesFromHex(ALICE) }]],
    ])
  })

  test('ends as the engine says', () => {
    const end = (answer: AssetAnswer) =>
      createWorld(program, { asset: { call: () => answer } }).call('Run')
    expect(end({ is: 'exception', class: 'asset', error: 'insufficient balance' })).toMatchObject({
      is: 'exception',
      exception: { class: 'asset', error: 'insufficient balance' },
    })
    expect(end({ is: 'defect', message: 'no' }).is).toBe('defect')
    expect(createWorld(program).call('Run').is).toBe('defect')
  })
})

describe('a call of another logic', () => {
  const face = (mode: string | undefined): Manifest['elements'][number] => ({
    ptr: 1,
    deps: undefined,
    kind: 'interface',
    data: {
      name: 'Other',
      logic: undefined,
      actor: undefined,
      endpoint: [{ name: 'Run', mode, accepts: fieldsOf('of u64'), returns: fieldsOf('out u64') }],
    },
  })
  const asm = [
    'LOGIC $0',
    'ID $0 $0',
    'LDPTR1 $1 0x1',
    'XBIND $0 $1 $0',
    'CARGS $1',
    'OBTAIN $2 &0',
    'SETFLD $1 &0 $2',
    'CALLX $1 $0 &0 $1',
    'GETFLD $1 $1 &0',
    'YIELD $1 &0',
  ]
  const of: Sketch = { accepts: ['of u64'], returns: ['out u64'], asm }
  const callee = sound(
    compile(
      sketch({
        accepts: ['of u64'],
        returns: ['out u64'],
        asm: ['OBTAIN $0 &0', 'INCR $0', 'YIELD $0 &0'],
      }),
    ),
  )
  const program = sound(compile(sketch(of, face(undefined))))

  const through = ({ callsite, calldata, meter, depth }: CrossCall, inner = callee): CallOutcome =>
    callLogic({
      program: inner,
      callsite,
      kind: 'invoke',
      calldata,
      sender: ALICE,
      host: createWorld(inner).host,
      meter,
      depth,
    })

  test('hands arguments in, results out, and its fuel on', () => {
    const fuel = (call: (of: CrossCall) => CallOutcome): number => {
      const meter = { used: 0, limit: 10_000 }
      expect(out(createWorld(program, { call }).call('Run', { of: uint(4) }, { meter }))).toBe(5n)
      return meter.used
    }
    const paid = fuel((asked) => through(asked))
    const free = fuel((asked) => through({ ...asked, meter: { used: 0, limit: 1000 } }))
    expect(paid).toBeGreaterThan(free)
  })

  test('ends as the other logic does, its trace behind the own', () => {
    const end = (outcome: CallOutcome) => createWorld(program, { call: () => outcome }).call('Run')
    const thrown = through(
      {
        target: LOGIC,
        callsite: 'Run',
        calldata: new Uint8Array(),
        mode: 'static',
        meter: { used: 0, limit: 1000 },
        depth: 1,
      },
      sound(compile(sketch({ asm: ['PMAKE $0 &3', 'THROW $0'] }))),
    )
    const raised = end(thrown)
    if (raised.is !== 'exception') throw new Error(raised.is)
    expect(raised.exception.trace).toEqual([
      'runtime.root()',
      'routine.Run() [0x0] ... [0x7: CALLX 0x1 0x0 0x0 0x1]',
      'runtime.root()',
      'routine.Run() [0x0] ... [0x1: THROW 0x0]',
    ])
    expect(end({ is: 'defect', message: 'no' }).is).toBe('defect')
    expect(end({ is: 'exhausted' }).is).toBe('exhausted')
    expect(end({ is: 'ok', outputs: Uint8Array.of(6, 1), events: [] }).is).toBe('defect')
    expect(createWorld(program).call('Run').is).toBe('defect')
  })

  test('of a dynamic endpoint needs a dynamic routine', () => {
    const call = (asked: CrossCall) => through(asked)
    const end = (mode: string, endpoint: string) =>
      createWorld(sound(compile(sketch({ ...of, mode }, face(endpoint)))), { call }).call('Run').is
    expect([
      end('dynamic', 'dynamic'),
      end('static', 'dynamic'),
      end('static', 'asset'),
      end('static', 'static'),
    ]).toEqual(['ok', 'defect', 'ok', 'ok'])
  })

  test('of an endpoint without a mode is what the caller may, and of an asset is one of an asset', () => {
    const modeOf = (mode: string, target: string): string | undefined => {
      let seen: string | undefined
      const call = (asked: CrossCall): CallOutcome => {
        seen = asked.mode
        return through(asked)
      }
      const asked = sound(compile(sketch({ ...of, mode }, face(undefined))))
      createWorld(asked, { call, logic: target as typeof LOGIC }).call('Run')
      return seen
    }
    const asset = `10000000${'9'.repeat(48)}00000000`
    expect(['dynamic', 'static', 'pure'].map((mode) => modeOf(mode, LOGIC))).toEqual([
      'dynamic',
      'static',
      'static',
    ])
    expect(modeOf('static', asset)).toBe('asset')
  })

  test('of a logic that calls back ends at a depth', () => {
    let deepest = 0
    const call = (asked: CrossCall): CallOutcome => {
      deepest = Math.max(deepest, asked.depth)
      return callLogic({
        ...asked,
        program,
        kind: 'invoke',
        sender: ALICE,
        host: { ...createWorld(program).host, call },
      })
    }
    expect(createWorld(program, { call }).call('Run')).toMatchObject({
      exception: { class: 'CallDepthExceeded' },
    })
    expect(deepest).toBe(PISA_CALL_DEPTH_MAX)
  })
})
