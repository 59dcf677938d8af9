import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { statechartParams } from '../../../src/logic/statechart/params.ts'
import { machineValue, prepared, readWhole } from '../../../src/logic/statechart/prepared.ts'
import { COUNTER, idOf, NOSTR_ID, PLAIN } from './chart-machine.ts'

const paramsOf = (definition: string, more = {}): Uint8Array =>
  statechartParams.encode({ ...PLAIN, definition, ...more })

describe('parameters', () => {
  test('are read once for the same bytes, and alike for equal ones', () => {
    const params = paramsOf(JSON.stringify(COUNTER))
    expect(prepared(params)).toBe(prepared(params))
    const equal = prepared(Uint8Array.from(params))
    expect(equal).not.toBe(prepared(params))
    expect(equal.params).toEqual(prepared(params).params)
  })

  test('with a bad definition raise a fault each time', () => {
    const params = paramsOf('{"initial":1}')
    for (const _ of [1, 2]) {
      const fault = faultFrom(() => prepared(params))
      expect(isFault(fault) && fault.code).toBe('statechart/bad-definition')
    }
  })

  test('list every problem for people', () => {
    const read = readWhole({ definition: '{"initial":"x","colour":1}', names: 'none' })
    expect(Array.isArray(read) && read.length).toBeGreaterThan(1)
    const agreed = { ...(COUNTER as object), meta: { nsm: { window: 0 } } }
    const terms = readWhole({ definition: JSON.stringify(agreed), names: 'none' })
    expect(Array.isArray(terms) && terms[0]).toMatchObject({ path: '$.meta.nsm.window' })
  })

  test('give meaning to names only where the charter says so', () => {
    const named = JSON.stringify({
      id: 'parcel',
      initial: 'created',
      states: { created: { on: { GO: { target: 'gone', guard: 'isCreator' } } }, gone: {} },
    })
    expect('definition' in readWhole({ definition: named, names: 'delivery' })).toBe(true)
    expect('definition' in readWhole({ definition: named, names: 'none' })).toBe(false)
  })
})

describe('what expressions see as machine', () => {
  test('is the machine’s id, or on Nostr that of its event', () => {
    const id = idOf('12'.repeat(32))
    const plain = prepared(paramsOf(JSON.stringify(COUNTER)))
    expect(machineValue(plain, id)).toEqual({
      id,
      creator: 'alice',
      roles: { player: ['alice', 'bob'] },
    })
    const nostr = { id: idOf(NOSTR_ID) as never, senders: 'anyone' }
    const told = prepared(paramsOf(JSON.stringify(COUNTER), { nostr }))
    expect(machineValue(told, id)).toMatchObject({ id: NOSTR_ID })
  })
})
