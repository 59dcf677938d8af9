import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../../src/base/bytes.ts'
import { PISA_INSTRUCTIONS_MAX } from '../../../../src/base/limits.ts'
import { decodeCode, type Instruction } from '../../../../src/dialects/moi/pisa/decode.ts'
import { OPCODES } from '../../../../src/dialects/moi/pisa/opcodes.ts'
import { manifestOf } from './world.ts'

const binary = (...bytes: readonly number[]) =>
  decodeCode({ bin: Uint8Array.from(bytes), hex: '', asm: undefined }, 'Run')
const assembly = (...asm: readonly string[]) => decodeCode({ bin: undefined, hex: '', asm }, 'Run')
const spelled = (all: readonly Instruction[]): readonly string[] =>
  all.map(({ opcode, operands }) =>
    [opcode.name, ...operands.filter((operand) => operand >= 0)].join(' '),
  )

describe('instructions', () => {
  test('are the same from bytes, digits and assembly', () => {
    const bytes = [0x90, 0, 2, 0x11, 3, 0x0c, 0x59, 0, 1, 255, 0x01]
    const expected = ['LLOAD 0 2', 'LDPTR1 3 12', 'SETKEY 0 1 255', 'DEST']
    expect(spelled(binary(...bytes))).toEqual(expected)
    const hex = hexFromBytes(Uint8Array.from(bytes))
    expect(spelled(decodeCode({ bin: undefined, hex, asm: undefined }, 'Run'))).toEqual(expected)
    expect(spelled(decodeCode({ bin: new Uint8Array(), hex: `0x${hex}`, asm: [] }, 'Run'))).toEqual(
      expected,
    )
    expect(spelled(assembly('LLOAD $0 &2', 'LDPTR1 $3 0xc', ' SETKEY  $0 $1 $ff', 'dest'))).toEqual(
      expected,
    )
  })

  test('are those of the first spelling that is not empty', () => {
    expect(
      spelled(decodeCode({ bin: Uint8Array.of(1), hex: '9000', asm: ['TERM'] }, 'Run')),
    ).toEqual(['DEST'])
    expect(spelled(decodeCode({ bin: undefined, hex: '01', asm: ['TERM'] }, 'Run'))).toEqual([
      'DEST',
    ])
  })

  test('of the published binaries are all known', () => {
    for (const name of ['flipper.json', 'tokenledger.json', 'lock-ledger.json'])
      for (const { kind, data } of manifestOf(name).elements)
        if (kind === 'callable' && data.executes.bin?.length)
          expect(decodeCode(data.executes, data.name).length).toBeGreaterThan(0)
  })

  test.each([
    ['a code that is none', [0xff]],
    ['a code that is private', [OPCODES.find(({ published }) => !published)?.code ?? 0]],
    ['an operand too few', [0x90, 0]],
    ['no operand at all', [0x06]],
  ])('in bytes are refused with %s', (_what, bytes) => {
    expect(binary(0x01, 0x90, 0, 0).length).toBe(2)
    expect(() => binary(0x01, ...bytes)).toThrow(
      expect.objectContaining({ code: 'manifest/code-malformed' }),
    )
  })

  test.each([
    'NOP',
    '',
    'LLOAD $0',
    'LLOAD $0 &2 &3',
    'LLOAD $0 $2',
    'LLOAD &0 &2',
    'LLOAD $100 &2',
    'LLOAD $g &2',
    'LDPTR1 $0 0x100',
    'LDPTR1 $0 5',
    'DEST $0',
  ])('in assembly are refused where they say %j', (line) => {
    expect(() => assembly('DEST', line)).toThrow('what stands at 1 of Run')
  })

  test('may leave out what the table marks so', () => {
    expect(spelled(assembly('XBIND $0 $1 $2', 'XBIND $0 $1 $2 $3'))).toEqual([
      'XBIND 0 1 2',
      'XBIND 0 1 2 3',
    ])
    expect(() => assembly('XBIND $0 $1')).toThrow('operands')
  })

  test('have wide pointers in one word', () => {
    expect(spelled(assembly('LDPTR2 $0 0x1234'))).toEqual(['LDPTR2 0 18 52'])
    expect(() => assembly('LDPTR2 $0')).toThrow('operand')
    expect(() => assembly('LDPTR2 $0 0x1 0x2')).toThrow('operands')
  })

  test('are so many and no more', () => {
    expect(binary(...Array.from({ length: PISA_INSTRUCTIONS_MAX }, () => 1)).length).toBe(
      PISA_INSTRUCTIONS_MAX,
    )
    expect(() => binary(...Array.from({ length: PISA_INSTRUCTIONS_MAX + 1 }, () => 1))).toThrow(
      'beyond',
    )
  })
})
