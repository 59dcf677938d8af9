/**
 * Just enough of an assembler to write the kernels of hash functions as WebAssembly. Nothing is checked here but by the
 * engine that loads the result. A function is text, words between spaces in the order of the stack machine:
 *
 * | word | meaning |
 * |---|---|
 * | `12` | the constant |
 * | `name`, `=name`, `&name` | read, set, set and keep a local: a vector if its name starts with `v`, 64 bits with `w` |
 * | `v.load:16` | an operation of the table below with its immediates; each has a dot in its name |
 */

export type WasmFunction = {
  readonly name: string
  /** Names of the parameters, all integers. The result is one integer. */
  readonly params: readonly string[]
  readonly text: string
}

type Code = number | readonly Code[]

/** Of 32 and 64 bits, and a vector. */
const TYPES = [0x7f, 0x7e, 0x7b]

export type Operations = Readonly<Record<string, readonly number[]>>

/**
 * The bytes of a module whose memory starts with `pages` pages of 64 KiB and is exported as `memory`. A
 * kernel that needs other operations than those below brings its own table.
 */
export const moduleBytes = (
  functions: readonly WasmFunction[],
  pages: number,
  table: Operations = OPERATIONS,
): Uint8Array<ArrayBuffer> => {
  const types = functions.map(({ params }) => [0x60, vector(params.map(() => 0x7f)), 1, 0x7f])
  const exported = functions.map(({ name }, at) => [letters(name), 0, at])
  const sections = [
    section(1, types),
    section(3, Array.from(functions.keys())),
    section(5, [[0, pages]]),
    section(7, [...exported, [letters('memory'), 2, 0]]),
    section(
      10,
      functions.map((one) => sized(one, table)),
    ),
  ]
  return Uint8Array.from(flat([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, sections]))
}

const sized = ({ params, text }: WasmFunction, table: Operations): Code => {
  const words = text.trim().split(/\s+/)
  const distinct = [...new Set(words)]
  const names = new Set(distinct.filter((word) => /^[=&]?[a-z]\w*$/.test(word)).map(nameIn))
  const locals = [...names].filter((name) => !params.includes(name))
  const groups = [/^[^vw]/, /^w/, /^v/].map((one) => locals.filter((name) => one.test(name)))
  const index = new Map([params, ...groups].flat().map((name, at) => [name, unsigned(at)]))
  const counts = groups.map((group, at) => [unsigned(group.length), TYPES[at] ?? 0])
  const codes = new Map(distinct.map((word) => [word, flat(instruction(word, index, table))]))
  const code = flat([3, counts, words.map((word) => codes.get(word) ?? []), 0x0b])
  return [unsigned(code.length), code]
}

const nameIn = (word: string): string => word.replace(/^[=&]/, '')
const instruction = (word: string, locals: ReadonlyMap<string, Code>, table: Operations): Code => {
  if (/^\d/.test(word)) return [0x41, unsigned(Number(word), 0x40)]
  const local = locals.get(nameIn(word))
  if (local !== undefined)
    return [word.startsWith('=') ? 0x21 : word.startsWith('&') ? 0x22 : 0x20, local]
  const [name = '', immediates = ''] = word.split(':')
  const numbers = immediates.split(',').map(Number)
  const operation = table[name] ?? []
  if (/load|store/.test(name)) return [operation, 0, numbers.map((one) => unsigned(one))]
  if (name === 'v.pick')
    return [operation, numbers.map((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte))]
  return immediates === '' ? operation : [operation, numbers]
}

/** `while.` goes back to `do.` unless the integer on the stack is 0. `v.pick` takes lanes, `v.bytes` bytes. */
// oxfmt-ignore
const OPERATIONS: Operations = {
  'do.': [0x03, 0x40], 'while.': [0x0d, 0, 0x0b], 'if.': [0x04, 0x40], 'else.': [0x05], 'end.': [0x0b],
  'i.load': [0x28], 'i.add': [0x6a], 'i.sub': [0x6b], 'i.mul': [0x6c], 'i.and': [0x71],
  'v.load': [0xfd, 0x00], 'v.store': [0xfd, 0x0b], 'v.pick': [0xfd, 0x0d], 'v.bytes': [0xfd, 0x0d],
  'v.splat': [0xfd, 0x11], 'v.and': [0xfd, 0x4e], 'v.or': [0xfd, 0x50], 'v.xor': [0xfd, 0x51],
  'v.any': [0xfd, 0x53], 'v.shl': [0xfd, 0xab, 1], 'v.shr': [0xfd, 0xad, 1], 'v.add': [0xfd, 0xae, 1],
}

const section = (id: number, items: readonly Code[]): Code => {
  const content = flat(vector(items))
  return [id, unsigned(content.length), content]
}

const vector = (items: readonly Code[]): Code => [unsigned(items.length), items]
const letters = (name: string): Code => vector(Array.from(name, (letter) => letter.charCodeAt(0)))

const flat = (code: Code, into: number[] = []): number[] => {
  if (typeof code === 'number') into.push(code)
  else for (const part of code) flat(part, into)
  return into
}

// Of a signed number the last byte has one bit less.
const unsigned = (value: number, last = 0x80): Code =>
  value < last ? value : [(value & 0x7f) | 0x80, unsigned(value >>> 7, last)]
