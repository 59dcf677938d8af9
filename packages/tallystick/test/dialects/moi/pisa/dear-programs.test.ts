/** Programs that repeat what is dear for a guardian: none takes much time or memory for its fuel. */
import { describe, expect, test } from 'vitest'
import { isFault } from '../../../../src/base/fault.ts'
import { type Manifest } from '../../../../src/dialects/moi/manifest/manifest.ts'
import { compile } from '../../../../src/dialects/moi/pisa/compile.ts'
import {
  callableAt,
  classAt,
  createWorld,
  fieldsOf,
  literalAt,
  sketch,
  sound,
  stateAt,
  text,
  typeAt,
  uint,
} from './world.ts'

const FUEL = 300_000
/** Some 50 ns for each unit of fuel is usual; a slow and busy machine takes ten times as long. */
const MS_MAX = 3000

const LONG = text('x'.repeat(32_000))
const wide = Array.from({ length: 255 }, (_, at) => `f${at} [14]u64`)

const beside: Manifest['elements'] = [
  literalAt(1, 'string', LONG),
  typeAt(2, '[4095]u64'),
  typeAt(3, '[]u64'),
  typeAt(4, 'map[string]u64'),
  literalAt(5, 'u256', uint((1n << 256n) - 1n)),
  stateAt(
    6,
    'logic',
    'by map[string]u64',
    'list []u64',
    'boxes map[string]class.Box',
    'all []class.Box',
  ),
  classAt(7, 'Box', 'a [100]u64', 'b [100]string'),
  callableAt(8, 'wide', { kind: 'internal', returns: wide, asm: ['TERM'] }),
  {
    ptr: 9,
    deps: undefined,
    kind: 'event',
    data: { name: 'E', topics: 0, fields: fieldsOf(...wide) },
  },
  {
    ptr: 10,
    deps: undefined,
    kind: 'event',
    data: { name: 'F', topics: 1, fields: fieldsOf('a string') },
  },
  callableAt(11, 'deep', {
    kind: 'internal',
    asm: ['CARGS $0', 'LDPTR1 $1 0xb', 'CALLC $0 $1 $0'],
  }),
]

/** A start, and a body that is repeated until the fuel is used up. */
const CASES: readonly (readonly [
  what: string,
  start: readonly string[],
  body: readonly string[],
])[] = [
  ['nothing', [], []],
  ['jumping', [], ['LDPTR1 $f 0x0', 'JUMP $f']],
  [
    'multiplying large numbers',
    ['LDPTR1 $0 0x5', 'LMAKE $0 $0', 'PMAKE $2 &7', 'INCR $2'],
    ['MUL $1 $0 $2', 'DIV $1 $0 $2'],
  ],
  ['spelling large numbers', ['LDPTR1 $0 0x5', 'LMAKE $0 $0'], ['STR $1 $0']],
  ['joining long texts', ['LDPTR1 $0 0x1', 'LMAKE $0 $0'], ['JOIN $1 $0 $0']],
  ['comparing long texts', ['LDPTR1 $0 0x1', 'LMAKE $0 $0'], ['EQ $1 $0 $0']],
  ['copying a large array', ['LDPTR1 $0 0x2', 'MAKE $0 $0'], ['COPY $1 $0']],
  ['making a large array', ['LDPTR1 $0 0x2'], ['MAKE $1 $0']],
  [
    'making many items',
    ['LDPTR1 $0 0x3', 'PMAKE $1 &5', ...Array.from({ length: 200 }, () => 'INCR $1')],
    ['VMAKE $2 $0 $1'],
  ],
  [
    'long keys in a register',
    ['LDPTR1 $0 0x4', 'MAKE $0 $0', 'LDPTR1 $1 0x1', 'LMAKE $1 $1', 'PMAKE $2 &5'],
    ['SETKEY $0 $1 $2', 'GETKEY $3 $0 $1'],
  ],
  [
    'long keys in state',
    ['LLOAD $0 &0', 'LDPTR1 $1 0x1', 'LMAKE $1 $1', 'PMAKE $2 &5'],
    ['HASKEY $3 $0 $1', 'SETKEY $0 $1 $2'],
  ],
  [
    'short keys in state',
    ['LLOAD $0 &0', 'PMAKE $1 &3', 'PMAKE $2 &5', 'SETKEY $0 $1 $2'],
    ['HASKEY $3 $0 $1', 'GENKEY $3 $0 $1', 'GETKEY $3 $0 $1'],
  ],
  ['growing an array in state', ['LLOAD $0 &1', 'PMAKE $1 &5'], ['APPEND $0 $1', 'SIZE $2 $0']],
  [
    'gathering objects',
    ['LLOAD $0 &2', 'PMAKE $1 &3', 'LDPTR1 $2 0x7', 'MAKE $2 $2'],
    ['GENKEY $3 $0 $1', 'GATHER $4 $3'],
  ],
  [
    'growing an array in a register',
    ['LDPTR1 $0 0x3', 'MAKE $0 $0', 'PMAKE $1 &5'],
    ['APPEND $0 $1'],
  ],
  ['calling what returns much', ['LDPTR1 $1 0x8'], ['CARGS $0', 'CALLC $0 $1 $0']],
  ['events of many fields', ['LDPTR1 $1 0x9', 'CARGS $0'], ['EVMAKE $2 $1 $0']],
  [
    'events of long texts',
    ['LDPTR1 $1 0xa', 'CARGS $0', 'LDPTR1 $2 0x1', 'LMAKE $2 $2', 'SETFLD $0 &0 $2'],
    ['EVMAKE $2 $1 $0'],
  ],
  ['logs of long texts', ['LDPTR1 $0 0x1', 'LMAKE $0 $0'], ['EVENT $1 $0']],
  ['literals of long texts', ['LDPTR1 $0 0x1'], ['LMAKE $1 $0']],
  ['arguments', ['PMAKE $0 &5'], ['CARGS $1', 'SETFLD $1 &ff $0']],
]

describe('a program that repeats', () => {
  test.each(CASES)('%s ends in time', (_what, start, body) => {
    const back = `LDPTR2 $e 0x${start.length.toString(16).padStart(4, '0')}`
    const asm = [...start, 'DEST', ...body, back, 'JUMP $e']
    const program = compile(sketch({ asm }, ...beside))
    if (isFault(program)) throw program
    const begin = performance.now()
    const meter = { used: 0, limit: FUEL }
    const { is } = createWorld(program).call('Run', {}, { meter })
    expect(performance.now() - begin).toBeLessThan(MS_MAX)
    // Some grow until a bound of theirs is reached; then they have paid for it.
    expect(is === 'exhausted' ? meter.used : FUEL).toBe(FUEL)
    expect(is).toMatch(/^(?:exhausted|defect)$/)
    if (is === 'defect') expect(meter.used).toBeGreaterThan(10_000)
  })

  test('calls inside calls ends in time', () => {
    const program = sound(
      compile(sketch({ asm: ['CARGS $0', 'LDPTR1 $1 0xb', 'CALLC $0 $1 $0'] }, ...beside)),
    )
    const begin = performance.now()
    for (let at = 0; at < 100; at++) expect(createWorld(program).call('Run').is).toBe('exception')
    expect(performance.now() - begin).toBeLessThan(MS_MAX)
  })
})
