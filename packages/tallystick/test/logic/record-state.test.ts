import { expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import { fieldsFrom } from '../../src/kernel/field.ts'
import { interactionId } from '../../src/kernel/interaction.ts'
import { fieldPath, keptRecord, recordIn } from '../../src/logic/record-state.ts'
import { entriesOf, read } from '../../src/state/tree.ts'
import { interactionOf, machineIn, taken } from './books.ts'
import { BEGIN, books, G, ID, LOT, on } from './goods.ts'

const values = new Map([['price', { salt: new Uint8Array(32).fill(1), value: 'five and a half' }]])
const fields = fieldsFrom({ suite: 'classic', machine: G, record: ID }, values)
const step = on({ ...BEGIN, fields }, 'alice')
const machine = machineIn(taken(books, step), G)

test('a record is read out of a machine, and another id is not there', () => {
  expect(recordIn(machine, LOT, ID)).toEqual({
    maker: 'alice',
    about: 'oranges',
    holder: { is: 'party', name: 'alice' },
    held: undefined,
    entrusted: undefined,
    ended: false,
  })
  expect(recordIn(machine, LOT, idFromHex('5'.repeat(64)))).toBeUndefined()
})

test('a record comes back from its bytes', () => {
  const whole = {
    maker: 'alice',
    about: 'oranges',
    holder: { is: 'key', scheme: 'ed25519', publicKey: new Uint8Array(32) },
    held: { atLeast: 1, of: ['bob'] },
    entrusted: { to: 'bob', at: LOT },
    ended: true,
  } as const
  expect(keptRecord.decode(keptRecord.encode(whole))).toEqual(whole)
})

test('the state holds the commitment of a field, and its value nowhere', () => {
  const path = fieldPath(ID, interactionId(interactionOf(books, step)), 'price')
  expect(read(machine.state, pathKey('classic', LOT, path))).toEqual(fields[0]?.commitment)
  for (const [, value] of entriesOf(machine.state)) {
    expect(Buffer.from(value).toString('latin1')).not.toContain('five')
  }
})
