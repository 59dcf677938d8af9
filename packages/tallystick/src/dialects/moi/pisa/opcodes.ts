/**
 * The instructions of PISA 0.5.0, once: decoder, assembler, meter and the table in `docs/spec/moi-fuel.md` read them here.
 *
 * Codes and operands of the rows marked `published` were found by laying binary logics beside the assembly of the same
 * source, and agree with every public binary. The others are known by their names alone, from public assembly. Their
 * codes here are private: they have no meaning outside this table, and binary code that holds one is refused, because another
 * machine would read something else in it.
 *
 * Operands have one byte each: `$` a register, `&` a slot or a code, `#` a number, `?` one that may be left out.
 * Fuel is ours, since none is published. It follows what an instruction makes a guardian do: a register costs little, state a
 * lot, and what grows with a value is charged by its size.
 */

export type Mnemonic =
  | 'DEST'
  | 'JUMPI'
  | 'OBTAIN'
  | 'YIELD'
  | 'THROW'
  | 'CARGS'
  | 'CALLC'
  | 'CALLM'
  | 'LDPTR1'
  | 'COPY'
  | 'PMAKE'
  | 'LMAKE'
  | 'EVMAKE'
  | 'EVENT'
  | 'JOIN'
  | 'LT'
  | 'STR'
  | 'ID'
  | 'GETFLD'
  | 'SETFLD'
  | 'HASKEY'
  | 'GENKEY'
  | 'GETKEY'
  | 'SETKEY'
  | 'NOT'
  | 'ADD'
  | 'SUB'
  | 'MUL'
  | 'DIV'
  | 'LOGIC'
  | 'ORIGIN'
  | 'EMIT'
  | 'LLOAD'
  | 'ALOAD'
  | 'DISPER'
  | 'GATHER'
  | 'DUMP'
  | 'STORE'
  | 'ASSET'
  | 'TERM'
  | 'JUMP'
  | 'LDPTR2'
  | 'MAKE'
  | 'VMAKE'
  | 'SIZE'
  | 'APPEND'
  | 'INCR'
  | 'DECR'
  | 'GETIDX'
  | 'SETIDX'
  | 'EQ'
  | 'GT'
  | 'AND'
  | 'OR'
  | 'XBIND'
  | 'CALLX'
  | 'TIMESTAMP'
  | 'CALLER'
  | 'GETSELF'
  | 'SETSELF'
  | 'VOLPAY'
  | 'XLLOAD'
  | 'ACREXIST'
  | 'ACRSIGN'

export type Opcode = {
  readonly name: Mnemonic
  readonly code: number
  readonly operands: string
  readonly fuel: number
  readonly published: boolean
  readonly what: string
}

type Row = readonly [operands: string, fuel: number, what: string]

const published = (name: Mnemonic, code: number, [operands, fuel, what]: Row): Opcode => ({
  name,
  code,
  operands,
  fuel,
  published: true,
  what,
})

const named = (name: Mnemonic, code: number, row: Row): Opcode => ({
  ...published(name, code, row),
  published: false,
})

export const OPCODES: readonly Opcode[] = [
  published('DEST', 0x01, ['', 1, 'a place that jumps may go to']),
  published('JUMPI', 0x03, ['$$', 2, 'goes to the instruction $1 when $2 is true']),
  published('OBTAIN', 0x04, ['$&', 2, '$1 becomes argument &2; zero when it was not given']),
  published('YIELD', 0x05, ['$&', 2, 'returns $1 as result &2']),
  published('THROW', 0x06, ['$', 5, 'raises an exception of the class of $1, with its text']),
  published('CARGS', 0x0a, ['$', 2, '$1 becomes an empty list of arguments']),
  published('CALLC', 0x0c, ['$$$', 20, 'calls the callable $2 with $3; $1 becomes its results']),
  published('CALLM', 0x0d, ['$$&$', 10, 'calls method &3 of $2 with $4; $1 becomes its results']),
  published('LDPTR1', 0x11, ['$#', 1, '$1 becomes a pointer to #2']),
  published('COPY', 0x24, ['$$', 1, '$1 becomes a copy of $2']),
  published('PMAKE', 0x2a, ['$&', 1, '$1 becomes the zero of primitive &2']),
  published('LMAKE', 0x2b, ['$$', 1, '$1 becomes the literal $2']),
  published('EVMAKE', 0x2e, ['$$$', 10, '$1 becomes event $2 with the fields $3']),
  published('EVENT', 0x42, ['$$', 10, '$1 becomes a log of the text $2']),
  published('JOIN', 0x43, ['$$$', 3, '$1 becomes the text $2 followed by $3']),
  published('LT', 0x44, ['$$$', 2, '$1 becomes whether $2 is less than $3']),
  published('STR', 0x48, ['$$', 5, '$1 becomes $2 as a text']),
  published('ID', 0x49, ['$$', 1, '$1 becomes the identifier of $2']),
  published('GETFLD', 0x54, ['$$&', 2, '$1 becomes field &3 of $2']),
  published('SETFLD', 0x55, ['$&$', 2, 'field &2 of $1 becomes $3']),
  published('HASKEY', 0x56, ['$$$', 10, '$1 becomes whether map $2 has the key $3']),
  published('GENKEY', 0x57, ['$$$', 10, '$1 becomes the place of key $3 in map $2']),
  published('GETKEY', 0x58, [
    '$$$',
    10,
    '$1 becomes what map $2 has under $3; an exception if nothing',
  ]),
  published('SETKEY', 0x59, ['$$$', 10, 'what map $1 has under $2 becomes $3']),
  published('NOT', 0x62, ['$$', 1, '$1 becomes whether $2 is false']),
  published('ADD', 0x72, ['$$$', 3, '$1 becomes $2 + $3; an exception on overflow']),
  published('SUB', 0x73, ['$$$', 3, '$1 becomes $2 − $3; an exception on overflow']),
  published('MUL', 0x74, ['$$$', 5, '$1 becomes $2 · $3; an exception on overflow']),
  published('DIV', 0x75, [
    '$$$',
    5,
    '$1 becomes $2 ÷ $3 without its fraction; an exception on zero',
  ]),
  published('LOGIC', 0x83, ['$', 1, '$1 becomes the logic that runs']),
  published('ORIGIN', 0x84, ['$', 1, '$1 becomes the identifier of the sender']),
  published('EMIT', 0x8e, ['$$', 20, 'emits event $2 on the account $1']),
  published('LLOAD', 0x90, ['$&', 5, '$1 becomes field &2 of the logic’s state']),
  published('ALOAD', 0x91, ['$$&', 5, '$1 becomes field &3 of the state of participant $2']),
  published('DISPER', 0x9b, ['$$', 5, 'writes $2 to the place $1']),
  published('GATHER', 0x9c, ['$$', 5, '$1 becomes the whole value at the place $2']),
  published('DUMP', 0x9e, ['$', 1, 'lets go of the place $1']),
  published('STORE', 0x9f, ['$', 1, 'lets go of the place $1, which was written to']),
  published('ASSET', 0xa0, ['$', 1, '$1 becomes the engine of the asset that runs']),
  named('TERM', 0xc0, ['', 1, 'ends the routine']),
  named('JUMP', 0xc1, ['$', 2, 'goes to the instruction $1']),
  named('LDPTR2', 0xc2, ['$##', 1, '$1 becomes a pointer to #2 · 256 + #3']),
  named('MAKE', 0xc3, ['$$', 3, '$1 becomes the zero of the type or class $2']),
  named('VMAKE', 0xc4, ['$$$', 5, '$1 becomes an array of type $2 with $3 zeros']),
  named('SIZE', 0xc5, ['$$', 3, '$1 becomes how many items $2 has']),
  named('APPEND', 0xc6, ['$$', 5, 'puts $2 at the end of array $1']),
  named('INCR', 0xc7, ['$', 2, 'adds 1 to $1']),
  named('DECR', 0xc8, ['$', 2, 'takes 1 from $1']),
  named('GETIDX', 0xc9, ['$$$', 3, '$1 becomes item $3 of array $2; an exception outside of it']),
  named('SETIDX', 0xca, ['$$$', 3, 'item $2 of array $1 becomes $3; an exception outside of it']),
  named('EQ', 0xcb, ['$$$', 2, '$1 becomes whether $2 equals $3']),
  named('GT', 0xcc, ['$$$', 2, '$1 becomes whether $2 is greater than $3']),
  named('AND', 0xcd, ['$$$', 1, '$1 becomes whether $2 and $3 are true']),
  named('OR', 0xce, ['$$$', 1, '$1 becomes whether $2 or $3 is true']),
  named('XBIND', 0xcf, ['$$$?', 10, '$1 becomes interface $2 of the account $3']),
  named('CALLX', 0xd0, [
    '$$&$',
    100,
    'calls endpoint &3 of interface $2 with $4; $1 becomes its results',
  ]),
  named('TIMESTAMP', 0xd1, ['$', 1, '$1 becomes the time of the interaction']),
  named('CALLER', 0xd2, ['$', 1, '$1 becomes the logic that called, or the sender']),
  named('GETSELF', 0xd3, ['$', 1, '$1 becomes the value whose method runs']),
  named('SETSELF', 0xd4, ['$', 1, 'the value whose method runs becomes $1']),
  named('VOLPAY', 0xd5, [
    '$$',
    1,
    'says that $2 pays for the room of $1; nothing is paid for here',
  ]),
  named('XLLOAD', 0xd6, [
    '$$&',
    10,
    '$1 becomes field &3 of the state of the logic behind $2, to read',
  ]),
  named('ACREXIST', 0xd7, ['$$', 5, '$1 becomes whether $2 takes part in the interaction']),
  named('ACRSIGN', 0xd8, [
    '$$',
    5,
    '$1 becomes whether the participant $2 signed; an exception if it takes no part',
  ]),
]

export const OPCODE_BY_NAME: ReadonlyMap<string, Opcode> = new Map(
  OPCODES.map((opcode) => [opcode.name, opcode]),
)

/** Published ones alone: a binary that holds another one is refused. */
export const OPCODE_BY_CODE: ReadonlyMap<number, Opcode> = new Map(
  OPCODES.filter((opcode) => opcode.published).map((opcode) => [opcode.code, opcode]),
)

/** What is charged beside an instruction's own fuel. */
export const EXTRA_FUEL = {
  /** Each started run of 32 bytes that is read, joined, turned into text or copied. */
  word: 1,
  /** Each value that is made, copied or compared inside an array, a map or an object. */
  item: 1,
  /** Each slot of state that is read. */
  read: 20,
  /** Each slot of state that is written. */
  write: 100,
  /** Each byte that is written to state. */
  byte: 1,
  /** Each started run of 32 bytes that is emitted: receipts are kept, but nothing is built on them. */
  emitted: 4,
  /** A method of the asset engine. */
  asset: 40,
} as const

/** Names of what is charged beside, for the document. */
export const EXTRA_FUEL_WORDS: Readonly<Record<keyof typeof EXTRA_FUEL, string>> = {
  word: 'each started run of 32 bytes that is read, joined, turned into text or copied',
  item: 'each value that is made, copied or compared inside an array, a map or an object',
  read: 'each slot of state that is read',
  write: 'each slot of state that is written',
  byte: 'each byte that is written to state',
  emitted: 'each started run of 32 bytes that is emitted in an event',
  asset: 'each call of the asset engine, beside CALLM',
}
