import { expect, test } from 'vitest'
import { OPCODES } from '../../../../src/dialects/moi/pisa/opcodes.ts'
import { runSketch } from './world.ts'

test.each(
  OPCODES.filter(({ operands }) => operands.includes('$')).map(({ name, operands }) => [
    name,
    operands,
  ]),
)(
  '%s on registers that hold nothing ends as a defect or well, and throws nothing',
  (name, operands) => {
    const words = operands
      .split('')
      .map((kind) => (kind === '#' ? '0x0' : `${kind.replace('?', '$')}0`))
    const line = name === 'LDPTR2' ? 'LDPTR2 $0 0x0' : [name, ...words].join(' ')
    const of = { accepts: ['a u64'], returns: ['a u64'], asm: [line] }
    const state = {
      ptr: 1,
      deps: undefined,
      kind: 'state' as const,
      data: { mode: 'logic', fields: [{ slot: 0, label: 'a', type: 'u64' }] },
    }
    const actor = { ...state, ptr: 2, data: { ...state.data, mode: 'actor' } }
    expect(runSketch(of, {}, state, actor).is).toMatch(/^(?:ok|defect)$/)
  },
)
