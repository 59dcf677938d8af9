/** Whatever a program is, a call of it ends within its fuel in one of four ways, and ends so again. */
import { describe, expect, test } from 'vitest'
import { isFault } from '../../../../src/base/fault.ts'
import { type Manifest } from '../../../../src/dialects/moi/manifest/manifest.ts'
import { readManifest } from '../../../../src/dialects/moi/manifest/read.ts'
import { poloFromManifest } from '../../../../src/dialects/moi/manifest/polo.ts'
import { compile } from '../../../../src/dialects/moi/pisa/compile.ts'
import { type CallOutcome } from '../../../../src/dialects/moi/pisa/host.ts'
import { OPCODES } from '../../../../src/dialects/moi/pisa/opcodes.ts'
import { type Program } from '../../../../src/dialects/moi/pisa/program.ts'
import {
  callableAt,
  classAt,
  createWorld,
  fieldsOf,
  literalAt,
  manifestOf,
  sketch,
  stateAt,
  text,
  typeAt,
  uint,
} from './world.ts'

const ROUNDS = 1500
const FUEL = 5000

/** Mulberry32: the same numbers from the same seed. */
const createRandom = (seed: number) => {
  let state = seed
  const below = (max: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) % max
  }
  return { below, bytes: (length: number) => Uint8Array.from({ length }, () => below(256)) }
}
type Random = ReturnType<typeof createRandom>

/** What fills the registers: two numbers, an array, a map, a bool, a text, arguments, places of a number, a map and a list. */
const START = [
  'OBTAIN $0 &0',
  'PMAKE $1 &5',
  'LDPTR1 $2 0x2',
  'MAKE $2 $2',
  'LDPTR1 $3 0x3',
  'MAKE $3 $3',
  'PMAKE $4 &1',
  'PMAKE $5 &3',
  'CARGS $6',
  'LLOAD $7 &0',
  'LLOAD $8 &1',
  'LLOAD $9 &2',
]

/** Sound uses of them; `@` is any of the numbers. */
const USES = [
  'ADD $0 @ @',
  'SUB $1 @ @',
  'MUL $0 @ @',
  'DIV $1 @ @',
  'INCR @',
  'DECR @',
  'LT $4 @ @',
  'EQ $4 @ @',
  'NOT $4 $4',
  'APPEND $2 @',
  'SIZE $1 $2',
  'GETIDX $0 $2 @',
  'SETIDX $2 @ @',
  'COPY $a $2',
  'JOIN $5 $5 $5',
  'STR $5 @',
  'SETFLD $6 &0 @',
  'GETFLD $0 $6 &0',
  'DISPER $7 @',
  'GATHER $0 $7',
  'GENKEY $b $8 @',
  'SETKEY $b @ @',
  'HASKEY $4 $b @',
  'GETKEY $0 $b @',
  'APPEND $9 $5',
  'GETIDX $5 $9 @',
  'YIELD @ &0',
  'YIELD $2 &1',
  'YIELD $5 &2',
  'YIELD $4 &3',
  'LDPTR1 $c 0xa|CALLC $d $c $6',
  'THROW $5',
  'EVENT $e $5|LOGIC $f|EMIT $f $e',
]

/** Every eighth instruction is a place that jumps may go to, and some go there. */
const programLines = (random: Random): readonly string[] => {
  const number = (): string => `$${random.below(2)}`
  const operand = (kind: string): string =>
    kind === '#'
      ? `0x${random.below(14).toString(16)}`
      : `${kind === '&' ? '&' : '$'}${random.below(4)}`
  const lines = [...START]
  const count = START.length + 8 * (1 + random.below(8))
  while (lines.length < count) {
    if (lines.length % 8 === 0) {
      lines.push('DEST')
      continue
    }
    const roll = random.below(100)
    const target = `LDPTR1 $c 0x${(8 * (1 + random.below(count / 8))).toString(16)}`
    const opcode = OPCODES[random.below(OPCODES.length)]
    if (roll < 8) lines.push(target, 'JUMPI $c $4')
    else if (roll < 10) lines.push(target, 'JUMP $c')
    else if (roll < 11 && opcode && opcode.name !== 'LDPTR2')
      lines.push([opcode.name, ...opcode.operands.split('').map(operand)].join(' ').trim())
    else lines.push(...(USES[random.below(USES.length)] ?? '').replaceAll('@', number).split('|'))
  }
  return lines
}

const beside: Manifest['elements'] = [
  stateAt(
    1,
    'logic',
    'n u64',
    'by map[u64]map[u64]u64',
    'list []string',
    'many map[string]class.Box',
  ),
  typeAt(2, '[]u64'),
  typeAt(3, 'map[u64]map[u64]u64'),
  classAt(4, 'Box', 'held u64', 'more []string'),
  literalAt(5, 'string', text('hello')),
  literalAt(6, 'u64', uint(1n << 63n)),
  {
    ptr: 7,
    deps: undefined,
    kind: 'event',
    data: { name: 'E', topics: 1, fields: fieldsOf('a u64', 'b string') },
  },
  stateAt(8, 'actor', 'a u64', 'b []u64', 'c class.Box', 'd map[identifier]u64'),
  {
    ptr: 9,
    deps: undefined,
    kind: 'interface',
    data: {
      name: 'I',
      logic: undefined,
      actor: undefined,
      endpoint: [
        { name: 'Run', mode: undefined, accepts: fieldsOf('a u64'), returns: fieldsOf('r u64') },
      ],
    },
  },
]

const shape = {
  accepts: ['a u64', 'b []u64', 'c string', 'd identifier'],
  returns: ['r u64', 's []u64', 't string', 'u bool'],
}

const ends = (program: Program): { readonly end: CallOutcome; readonly used: number } => {
  const meter = { used: 0, limit: FUEL }
  const world = createWorld(program, {
    asset: {
      call: (code) =>
        code % 2
          ? { is: 'ok', results: [{ is: 'u256', of: 1n }] }
          : { is: 'exception', class: 'c', error: 'e' },
    },
    call: ({ meter: inner }) => {
      inner.used = Math.min(inner.limit, 50)
      return { is: 'ok', outputs: Uint8Array.of(0), events: [] }
    },
  })
  return { end: world.call('Run', { a: uint(3) }, { meter }), used: meter.used }
}

/** Runs it twice, and counts how it ended. */
const check = (program: Program, tally: Map<string, number>): void => {
  const { end, used } = ends(program)
  expect(['ok', 'exception', 'defect', 'exhausted']).toContain(end.is)
  expect(used).toBeLessThanOrEqual(FUEL)
  if (end.is === 'exhausted') expect(used).toBe(FUEL)
  expect(ends(program)).toEqual({ end, used })
  tally.set(end.is, (tally.get(end.is) ?? 0) + 1)
}

describe('a random program', () => {
  test('in assembly ends in each of the four ways, and the same way again', () => {
    const tally = new Map<string, number>()
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const random = createRandom(seed)
      const inner = callableAt(10, 'inner', {
        ...shape,
        kind: 'internal',
        asm: programLines(random),
      })
      const program = compile(sketch({ ...shape, asm: programLines(random) }, ...beside, inner))
      if (isFault(program)) throw program
      check(program, tally)
    }
    expect([...tally.keys()].toSorted()).toEqual(['defect', 'exception', 'exhausted', 'ok'])
  })

  test('in bytes is refused when it is read, or ends so', () => {
    const tally = new Map<string, number>()
    const known = OPCODES.filter(({ published }) => published)
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const random = createRandom(seed)
      const bin = Array.from({ length: random.below(30) }, () => {
        const opcode = known[random.below(known.length)]
        return [
          opcode?.code ?? 0,
          ...random.bytes(opcode?.operands.length ?? 0).map((byte) => byte % 5),
        ]
      }).flat()
      // Every fourth is left as chance has it.
      const bytes = seed % 4 === 0 ? [...random.bytes(random.below(40))] : bin
      const program = compile(sketch({ ...shape, bin: bytes }, ...beside))
      if (isFault(program)) tally.set('refused', (tally.get('refused') ?? 0) + 1)
      else check(program, tally)
    }
    expect(tally.get('refused')).toBeGreaterThan(0)
    expect(tally.get('defect')).toBeGreaterThan(0)
  })
})

test('a manifest of random bytes is a manifest or a fault, and so is one with a byte changed', () => {
  const polo = poloFromManifest(manifestOf('tokenledger.json'))
  let read = 0
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const random = createRandom(seed)
    const bytes = seed % 3 === 0 ? random.bytes(random.below(200)) : polo.slice()
    bytes[random.below(bytes.length)] = random.below(256)
    if (seed % 2 === 0) bytes[0] = 0x0e
    const manifest = readManifest(bytes)
    if (isFault(manifest)) continue
    read += 1
    const program = compile(manifest)
    if (isFault(program)) continue
    for (const [name, { kind }] of program.callsites) {
      if (kind === 'internal' || kind === 'method') continue
      const meter = { used: 0, limit: FUEL }
      expect(createWorld(program).call(name, {}, { kind, meter }).is).toMatch(
        /^(?:ok|exception|defect|exhausted)$/,
      )
      expect(meter.used).toBeLessThanOrEqual(FUEL)
    }
  }
  expect(read).toBeGreaterThan(0)
})
