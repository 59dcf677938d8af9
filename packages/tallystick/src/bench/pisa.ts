/**
 * Logics of MOI: instructions that the interpreter runs in a second, in a loop of numbers and in one that calls, and what one
 * transfer of a token ledger takes with its state in memory. Metered as always, since that is how a guardian runs them.
 */
import { bytesFromUtf8, hexFromBytes } from '../base/bytes.ts'
import { idFromHex } from '../base/brand.ts'
import { isFault } from '../base/fault.ts'
import type { MoiId } from '../dialects/moi/identifier.ts'
import type { Manifest, ManifestField } from '../dialects/moi/manifest/manifest.ts'
import { callLogic } from '../dialects/moi/pisa/call-logic.ts'
import { compile } from '../dialects/moi/pisa/compile.ts'
import type { Program } from '../dialects/moi/pisa/program.ts'
import { writeDocument } from '../dialects/moi/polo/document.ts'
import { poloNatural } from '../dialects/moi/polo/scalar.ts'
import { encodePolo } from '../dialects/moi/polo/schema.ts'
import { type Figure, figureFrom, rateFigure } from './figure.ts'
import { type Case, interleave, type Rounds, type Samples } from './harness.ts'
import { samplesOf } from './t0.ts'

/** Adds up the numbers below the argument; nine instructions for each. */
const LOOP = [
  'PMAKE $0 &TYPE',
  'PMAKE $1 &TYPE',
  'OBTAIN $2 &0',
  'DEST',
  'LT $3 $1 $2',
  'NOT $3 $3',
  'LDPTR1 $4 0xc',
  'JUMPI $4 $3',
  'ADD $0 $0 $1',
  'INCR $1',
  'LDPTR1 $4 0x3',
  'JUMP $4',
  'DEST',
  'YIELD $0 &0',
]
const LOOP_STEPS = 9

/** Calls a routine that does nothing, as often as the argument says; fifteen instructions for each, one of them inside. */
const CALLS = LOOP.with(6, 'LDPTR1 $4 0xf').toSpliced(
  8,
  1,
  'CARGS $5',
  'LDPTR1 $6 0x1',
  'CALLC $5 $6 $5',
  'ADD $0 $0 $1',
)
const CALLS_STEPS = 13

/** Moves an amount from one entry of a map to another. */
const TRANSFER = [
  'LLOAD $0 &0',
  'OBTAIN $1 &0',
  'OBTAIN $2 &1',
  'OBTAIN $3 &2',
  'GETKEY $4 $0 $1',
  'SUB $4 $4 $3',
  'SETKEY $0 $1 $4',
  'GETKEY $4 $0 $2',
  'ADD $4 $4 $3',
  'SETKEY $0 $2 $4',
  'STORE $0',
]

const ROUNDS_OF_LOOP = 20_000
const ROUNDS_OF_CALLS = 10_000
const TRANSFERS = 1000

export const benchPisa = (rounds: Rounds): readonly Figure[] => {
  const all = interleave(
    [
      loopCase('u64', LOOP, '5', ROUNDS_OF_LOOP * LOOP_STEPS),
      loopCase('u256', LOOP, '7', ROUNDS_OF_LOOP * LOOP_STEPS),
      loopCase('calls', CALLS, '5', ROUNDS_OF_CALLS * CALLS_STEPS),
      transferCase(),
    ],
    rounds,
  )
  const of = (name: string): Samples => samplesOf(all, name)
  const id = 'PISA'
  return [
    rateFigure({ id, name: 'instructions, a loop of u64' }, of('u64')),
    figureFrom({ id, name: 'for one of them', unit: 'ns' }, of('u64')),
    rateFigure({ id, name: 'instructions, a loop of u256' }, of('u256')),
    rateFigure({ id, name: 'instructions, a loop of calls' }, of('calls')),
    rateFigure({ id, name: 'transfers of a token ledger, state in memory' }, of('transfers')),
  ]
}

const fields = (...lines: readonly string[]): readonly ManifestField[] =>
  lines.map((line, slot) => {
    const [label = '', type = ''] = line.split(' ')
    return { slot, label, type }
  })

type Callable = Extract<Manifest['elements'][number], { kind: 'callable' }>

const callable = (
  ptr: number,
  asm: readonly string[],
  accepts: readonly ManifestField[],
): Callable => ({
  ptr,
  deps: undefined,
  kind: 'callable',
  data: {
    name: `Run${ptr}`,
    mode: 'dynamic',
    kind: 'invoke',
    accepts,
    returns: [],
    executes: { bin: undefined, hex: '', asm },
    catches: [],
  },
})

const compiled = (...elements: Manifest['elements']): Program => {
  const engine = { kind: 'PISA', flags: [], version: '0.5.0' }
  const program = compile({ syntax: 1, engine, kind: 'logic', elements })
  if (isFault(program)) throw program
  return program
}

const number = (of: number): Uint8Array => encodePolo(poloNatural(64), BigInt(of))
const memberOf = (digit: string): MoiId => idFromHex(`00000000${digit.repeat(48)}00000000`)

/** Runs `Run0` with arguments and a state that starts empty. */
const runner = (program: Program, slots: Map<string, Uint8Array>) => {
  const logicState = {
    read: (key: Uint8Array): Uint8Array | undefined => slots.get(hexFromBytes(key)),
    write: (key: Uint8Array, value: Uint8Array): void => void slots.set(hexFromBytes(key), value),
  }
  const host = { logic: memberOf('1'), logicState, actorState: () => undefined, time: 0n }
  return (calldata: Uint8Array): void => {
    const meter = { used: 0, limit: 10_000_000 }
    const kind = 'invoke'
    const end = callLogic({
      program,
      callsite: 'Run0',
      kind,
      calldata,
      sender: memberOf('2'),
      host,
      meter,
    })
    if (end.is !== 'ok') throw new Error(`the sample ended as ${end.is}`)
  }
}

const loopCase = (name: string, asm: readonly string[], type: string, count: number): Case => {
  const isCalls = asm === CALLS
  const lines = asm
    .map((line) => line.replace('TYPE', type))
    .filter((line) => !line.startsWith('YIELD'))
  const accepts = fields(`count ${type === '5' ? 'u64' : 'u256'}`)
  const run = runner(compiled(callable(0, lines, accepts), callable(1, ['TERM'], [])), new Map())
  const rounds = number(isCalls ? ROUNDS_OF_CALLS : ROUNDS_OF_LOOP)
  const calldata = writeDocument(new Map([['count', rounds]]))
  return { name, count, run: () => run(calldata) }
}

const transferCase = (): Case => {
  const state: Manifest['elements'][number] = {
    ptr: 1,
    deps: undefined,
    kind: 'state',
    data: { mode: 'logic', fields: fields('balances map[string]u256') },
  }
  const give = [
    'LLOAD $0 &0',
    'OBTAIN $1 &0',
    'OBTAIN $2 &1',
    'OBTAIN $3 &2',
    'SETKEY $0 $1 $3',
    'SETKEY $0 $2 $3',
  ]
  const accepts = fields('from string', 'to string', 'amount u256')
  const slots = new Map<string, Uint8Array>()
  const calldata = (amount: number): Uint8Array =>
    writeDocument(
      new Map([
        ['amount', number(amount)],
        ['from', Uint8Array.of(6, ...bytesFromUtf8('alice'))],
        ['to', Uint8Array.of(6, ...bytesFromUtf8('bob'))],
      ]),
    )
  runner(compiled(callable(0, give, accepts), state), slots)(calldata(1_000_000_000))
  const run = runner(compiled(callable(0, TRANSFER, accepts), state), slots)
  const one = calldata(1)
  return {
    name: 'transfers',
    count: TRANSFERS,
    run: () => {
      for (let at = 0; at < TRANSFERS; at++) run(one)
    },
  }
}
