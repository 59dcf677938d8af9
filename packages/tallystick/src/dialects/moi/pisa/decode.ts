/**
 * Instructions of a routine from what a manifest has: bytes, their hexadecimal digits, or assembly.
 *
 * ```text
 * line    := mnemonic { " " operand }
 * operand := "$" hex | "&" hex | "0x" hex        register, slot or code, number
 * ```
 *
 * Promise. Total: instructions of the table in `opcodes.ts` with every operand in place, or the fault
 * `manifest/code-malformed`, which names the routine and the place. So an unknown instruction is found when a manifest is
 * read, not when it runs, and a jump can only land between whole instructions.
 */
import { Fault } from '../../../base/fault.ts'
import { PISA_INSTRUCTIONS_MAX } from '../../../base/limits.ts'
import { type ManifestCode } from '../manifest/manifest.ts'
import { type Opcode, OPCODE_BY_CODE, OPCODE_BY_NAME } from './opcodes.ts'

export type Instruction = {
  readonly opcode: Opcode
  /** As many as the opcode names; the others are −1. */
  readonly operands: readonly [number, number, number, number]
}

/** The first spelling that is not empty. Raises `manifest/code-malformed`. */
export const decodeCode = (code: ManifestCode, routine: string): readonly Instruction[] => {
  if (code.bin !== undefined && code.bin.length > 0) return fromBytes(code.bin, routine)
  if (code.hex !== '') return fromBytes(bytesFromDigits(code.hex, routine), routine)
  return fromLines(code.asm ?? [], routine)
}

const bytesFromDigits = (text: string, routine: string): Uint8Array => {
  const digits = text.startsWith('0x') ? text.slice(2) : text
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(digits)) throw malformed(routine, 0, 'is not hexadecimal')
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  )
}

const fromBytes = (bytes: Uint8Array, routine: string): readonly Instruction[] => {
  const instructions: Instruction[] = []
  for (let at = 0; at < bytes.length;) {
    const code = bytes[at] ?? 0
    const opcode = OPCODE_BY_CODE.get(code)
    if (!opcode) throw malformed(routine, at, `is the unknown code 0x${code.toString(16)}`)
    const count = opcode.operands.length
    if (at + count >= bytes.length + (count === 0 ? 1 : 0))
      throw malformed(routine, at, `is ${opcode.name} without all its operands`)
    instructions.push(instruction(opcode, [...bytes.subarray(at + 1, at + 1 + count)]))
    checkCount(instructions.length, routine)
    at += 1 + count
  }
  return instructions
}

const fromLines = (lines: readonly string[], routine: string): readonly Instruction[] => {
  checkCount(lines.length, routine)
  return lines.map((line, at) => fromLine(line, routine, at))
}

const fromLine = (line: string, routine: string, at: number): Instruction => {
  const [name = '', ...words] = line.trim().split(/\s+/)
  const opcode = OPCODE_BY_NAME.get(name.toUpperCase())
  if (!opcode) throw malformed(routine, at, `is the unknown instruction ${name.slice(0, 32)}`)
  const operands = opcode.name === 'LDPTR2' ? splitWide(words) : words.map(operandFrom)
  const kinds: string = opcode.operands
  const least = kinds.endsWith('?') ? kinds.length - 1 : kinds.length
  if (words.length < least && opcode.name !== 'LDPTR2')
    throw malformed(routine, at, `is ${opcode.name} without all its operands`)
  if (operands.length > kinds.length)
    throw malformed(routine, at, `is ${opcode.name} with more operands than it has`)
  if (operands.some(({ kind, of }, index) => !fits(kind, of, kinds[index])))
    throw malformed(routine, at, `is ${opcode.name} with an operand of another kind`)
  return instruction(
    opcode,
    operands.map(({ of }) => of),
  )
}

type Operand = { readonly kind: string; readonly of: number }

const operandFrom = (word: string): Operand => {
  const match = /^(\$|&|0x)([0-9a-fA-F]{1,4})$/.exec(word)
  if (!match) return { kind: '', of: -1 }
  return {
    kind: match[1] === '0x' ? '#' : (match[1] ?? ''),
    of: Number.parseInt(match[2] ?? '', 16),
  }
}

/** `LDPTR2 $0 0x1234`: one number that fills two operands. */
const splitWide = ([
  register = '',
  number = '',
  ...more
]: readonly string[]): readonly Operand[] => {
  const { kind, of } = operandFrom(number)
  const parts = [
    { kind, of: of >> 8 },
    { kind, of: of & 0xff },
  ]
  return [operandFrom(register), ...parts, ...more.map(operandFrom)]
}

const fits = (kind: string, of: number, wanted: string | undefined): boolean =>
  of >= 0 && of <= 0xff && kind === (wanted === '?' ? '$' : wanted)

const instruction = (
  opcode: Instruction['opcode'],
  [a = -1, b = -1, c = -1, d = -1]: readonly number[],
): Instruction => ({ opcode, operands: [a, b, c, d] })

const checkCount = (count: number, routine: string): void => {
  if (count > PISA_INSTRUCTIONS_MAX)
    throw malformed(
      routine,
      count,
      `is beyond the ${PISA_INSTRUCTIONS_MAX} instructions of a routine`,
    )
}

const malformed = (routine: string, at: number, what: string): Fault =>
  new Fault('manifest/code-malformed', `what stands at ${at} of ${routine} ${what}`)
