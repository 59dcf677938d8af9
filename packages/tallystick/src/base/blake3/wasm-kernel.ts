/**
 * The BLAKE3 compression function as WebAssembly with 128-bit vectors, in the text of `assembler.ts`.
 *
 * `row` and `pair` hold the 16 words of a state in four vectors a b c d, so that four G functions run at once. One
 * state alone waits for its own results most of the time, so `pair` runs two in step. `four` holds one word of four
 * states in each vector and works on four independent messages.
 */
import { moduleBytes, type WasmFunction } from './assembler.ts'
import * as layout from './layout.ts'

type Exports = Pick<layout.Kernel, 'row' | 'pair' | 'four'> & {
  readonly memory: WebAssembly.Memory
}

let compiled: WebAssembly.Module | undefined

/** Raises the engine's own error where WebAssembly or its vectors are missing or forbidden. */
export const createWasmKernel = (): layout.Kernel => {
  compiled ??= new WebAssembly.Module(
    moduleBytes([rows('row', 1), rows('pair', 2), lanes('four')], 2),
  )
  const { memory, row, pair, four } = new WebAssembly.Instance<Exports>(compiled).exports
  const grow = (bytesMin: number): void => {
    memory.grow(Math.ceil((bytesMin - kernel.bytes.length) / layout.PAGE_BYTES))
    kernel.words = new Int32Array(memory.buffer)
    kernel.bytes = new Uint8Array(memory.buffer)
  }
  const words = new Int32Array(memory.buffer)
  const kernel = { words, bytes: new Uint8Array(memory.buffer), row, pair, four, grow }
  words.set(layout.IV, layout.IV_AT >>> 2)
  kernel.bytes.fill(0xff, layout.SCRATCH_AT, layout.SCRATCH_AT + layout.BLOCK_BYTES)
  return kernel
}

/** Text for one thread of a loop: `$` becomes its number, `#` the number of its job. */
type Thread = (text: string) => string

/** The loop around a compression: reads chaining values, runs `core`, writes or compares, goes to the next items. */
const loop = (
  name: string,
  [jobs, width]: readonly [jobs: number, width: number],
  core: (threads: readonly Thread[]) => string,
): WasmFunction => {
  const numbers = Array.from({ length: jobs * width }, (_, at) => at)
  const threads = numbers.map(
    (at): Thread =>
      (text) =>
        text.replaceAll('$', String(at)).replaceAll('#', String(at % jobs)),
  )
  const all = (text: string): string => threads.map((thread) => thread(text)).join('\n')
  const address = (local: string, field: number): string => `
    job# i.load:${field} job# i.load:${field + 4} ${width === 1 ? 0 : '$'} i.mul i.add =${local}$`
  const advance = (local: string, field: number): string => `
    ${local}$ job# i.load:${field} ${width} i.mul i.add =${local}$`
  const text = `
    ${all(address('cv', 0) + address('block', 8) + address('out', 16))}
    do.
      ${all('cv$ v.load =va$ cv$ v.load:16 =vb$')}
      job0 i.load:24 ${layout.MOVE} i.and if. else. ${core(threads)} end.
      job0 i.load:24 ${layout.CHECK} i.and if.
        ${all('va$ out$ v.load v.xor vb$ out$ v.load:16 v.xor v.or vwrong v.or =vwrong')}
      else.
        ${all('out$ va$ v.store out$ vb$ v.store:16')}
      end.
      ${all(advance('cv', 4) + advance('block', 12) + advance('out', 20))}
    count ${width} i.sub &count while.
    vwrong v.any`
  return { name, params: ['job0', 'job1'].slice(0, jobs).concat('count'), text }
}

/** Row `at` of the block: everything from `length` on is masked out. */
const message = (at: number): string =>
  `block$ v.load:${16 * at}
   ${layout.SCRATCH_AT + layout.BLOCK_BYTES} job# i.load:40 i.sub v.load:${16 * at} v.and`

/** Rotations by 16 and 8 move whole bytes, those by 12 and 7 are shifts. */
const FIRST = { bytes: '2,3,0,1,6,7,4,5,10,11,8,9,14,15,12,13', bits: 12 }
const SECOND = { bytes: '1,2,3,0,5,6,7,4,9,10,11,8,13,14,15,12', bits: 7 }

/** Half of a G function, as statements. */
const mix = (
  [a, b, c, d]: readonly string[],
  word: string,
  { bytes, bits }: typeof FIRST,
): string[] => [
  `${a} ${word} v.add ${b} v.add =${a}`,
  `${d} ${a} v.xor =${d}`,
  `${d} ${d} v.bytes:${bytes} =${d}`,
  `${c} ${d} v.add =${c}`,
  `${b} ${c} v.xor =${b}`,
  `${b} ${32 - bits} v.shl ${b} ${bits} v.shr v.or =${b}`,
]

/** The first statement of each, the second of each, and so on, so that none waits for the one before it. */
const woven = (threads: readonly (readonly string[])[]): string[] =>
  threads[0]?.flatMap((_, at) => threads.map((statements) => statements[at] ?? '')) ?? []

/** `jobs` states side by side. x = words 0 2 4 6, y = 1 3 5 7, z = 14 8 10 12, w = 15 9 11 13 of the message. */
const rows = (name: string, jobs: number): WasmFunction => {
  const state = ['va$', 'vb$', 'vc$', 'vd$']
  const round = [
    ...mix(state, 'vx$', FIRST),
    ...mix(state, 'vy$', SECOND),
    // For the diagonals a, c and d turn; b, which is ready last, stays.
    'va$ va$ v.pick:3,0,1,2 =va$ vc$ vc$ v.pick:1,2,3,0 =vc$ vd$ vd$ v.pick:2,3,0,1 =vd$',
    ...mix(state, 'vz$', FIRST),
    ...mix(state, 'vw$', SECOND),
    'va$ va$ v.pick:1,2,3,0 =va$ vc$ vc$ v.pick:3,0,1,2 =vc$ vd$ vd$ v.pick:2,3,0,1 =vd$',
  ]
  // Every pick is a single machine instruction.
  const permute = [
    'vz$ vw$ v.pick:2,2,7,7 =vp$ vx$ vx$ v.pick:3,3,0,0 =vq$ vx$ vy$ v.pick:1,2,5,7 =vr$',
    'vr$ vr$ v.pick:0,2,3,1 =vx$ vq$ vp$ v.pick:0,5,2,7 =vs$ vw$ vy$ v.pick:0,4,1,5 =vp$',
    'vz$ vw$ v.pick:0,5,2,3 =vq$ vz$ vw$ v.pick:0,1,6,3 =vr$ vz$ vy$ v.pick:0,1,6,3 =vw$',
    'vr$ vw$ v.pick:1,2,6,4 =vw$ vp$ vq$ v.pick:0,1,7,5 =vz$ vs$ =vy$',
  ]
  const statements = [
    `${message(0)} =vp$ ${message(1)} =vq$ ${message(2)} =vr$ ${message(3)} =vs$`,
    'vp$ vq$ v.pick:0,2,4,6 =vx$ vp$ vq$ v.pick:1,3,5,7 =vy$',
    'vs$ vr$ v.pick:2,4,6,0 =vz$ vs$ vr$ v.pick:3,5,7,1 =vw$',
    `${layout.IV_AT} v.load =vc$ job# v.load:32 =vd$`,
    ...round,
    ...Array.from({ length: layout.ROUNDS - 1 }, () => [...permute, ...round]).flat(),
    'va$ vc$ v.xor =va$ vb$ vd$ v.xor =vb$',
  ]
  return loop(name, [jobs, 1], (threads) =>
    woven(threads.map((thread) => statements.map(thread))).join('\n'),
  )
}

/** Exchanges rows and columns of four vectors. */
const transposed = (name: string): string =>
  ['02', '13', '01', '23']
    .map(([x, y]) => [name + x, name + y])
    .map(([x, y]) => `${x} ${y} v.pick:2,6,3,7 =vt ${x} ${y} v.pick:0,4,1,5 =${x} vt =${y}`)
    .join('\n')

const STATE = ['a', 'b', 'c', 'd']
const MESSAGE = ['e', 'f', 'g', 'h']

/** Four states. Their words are in va0 to vd3, those of their messages in ve0 to vh3. */
const lanes = (name: string): WasmFunction => {
  const half = (order: readonly number[], diagonal: number, part: number): string[] =>
    woven(
      [0, 1, 2, 3].map((g) => {
        const word = order[8 * diagonal + 2 * g + part] ?? 0
        const state = STATE.map((row, at) => `v${row}${(g + diagonal * at) & 3}`)
        return mix(state, `v${MESSAGE[word >> 2]}${word & 3}`, part === 0 ? FIRST : SECOND)
      }),
    )
  const rounds: string[] = []
  let order: readonly number[] = Array.from(layout.PERMUTATION.keys())
  for (let round = 0; round < layout.ROUNDS; round++) {
    for (const diagonal of [0, 1])
      rounds.push(...half(order, diagonal, 0), ...half(order, diagonal, 1))
    order = layout.PERMUTATION.map((from) => order[from] ?? 0)
  }
  const all = (text: string): string =>
    ['0', '1', '2', '3'].map((lane) => text.replaceAll('$', lane)).join('\n')
  return loop(name, [1, 4], (threads) =>
    [
      ...threads.map((thread) =>
        thread(MESSAGE.map((row, at) => `${message(at)} =v${row}$`).join('\n')),
      ),
      ...['a', 'b', ...MESSAGE].map((row) => transposed(`v${row}`)),
      ...[0, 1, 2, 3].map(
        (at) =>
          `${layout.IV_AT + 4 * at} i.load v.splat =vc${at} job0 i.load:${32 + 4 * at} v.splat =vd${at}`,
      ),
      ...rounds,
      all('va$ vc$ v.xor =va$ vb$ vd$ v.xor =vb$'),
      transposed('va'),
      transposed('vb'),
    ].join('\n'),
  )
}
