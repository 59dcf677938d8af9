import { describe, expect, test } from 'vitest'
import { faultFrom } from '../../src/base/fault.ts'
import {
  type Charter,
  charter,
  checkCharter,
  checkTerms,
  machineId,
  proposerAt,
  terms,
  turn,
  type Turn,
} from '../../src/kernel/charter.ts'
import { aCharter, alice, aTerms, bob, carol, engine, participantOf } from './sample.ts'

describe('a machine id', () => {
  test('is the same for the same charter and another for every change of it', () => {
    const changes: readonly Partial<Charter>[] = [
      { network: 'main' },
      { nonce: new Uint8Array(32).fill(1) },
      { terms: aTerms({ turn: { is: 'leader', party: 0 } }) },
      { terms: aTerms({ suite: 'quantum' }) },
      { terms: aTerms({ participants: [bob, alice].map(participantOf) }) },
      { terms: aTerms({ policy: { kind: 'none', params: Uint8Array.of(0) } }) },
      { logics: [] },
      { logics: [{ name: 'counter', params: Uint8Array.of(0) }] },
      { state: { is: 'cells', cells: [0n, 0n, 0n, 0n] } },
    ]
    const ids = [{}, ...changes].map((change) => machineId(aCharter(change)))
    expect(new Set(ids).size).toBe(changes.length + 1)
    expect(machineId(aCharter())).toBe(ids[0])
  })
})

describe('charters and terms', () => {
  test('read back as they were written', () => {
    const cells = aCharter({ state: { is: 'cells', cells: [1n, 2n, 3n, 4n] } })
    for (const one of [aCharter(), cells]) expect(charter.decode(charter.encode(one))).toEqual(one)
    expect(terms.decode(terms.encode(aTerms()))).toEqual(aTerms())
    const turns: readonly Turn[] = [
      { is: 'owner', party: 1 },
      { is: 'leader', party: 0 },
      { is: 'alternate' },
      { is: 'anyone' },
    ]
    for (const one of turns) expect(turn.decode(turn.encode(one))).toEqual(one)
  })

  test('with a byte more or a byte less are refused', () => {
    const bytes = charter.encode(aCharter())
    expect(faultFrom(() => charter.decode(Uint8Array.of(...bytes, 0)))).toMatchObject({
      code: 'codec/extended',
    })
    expect(faultFrom(() => charter.decode(bytes.subarray(0, -1)))).toMatchObject({
      code: 'codec/truncated',
    })
  })
})

describe('checking terms', () => {
  const codeOf = (changes: Parameters<typeof aTerms>[0]): string | undefined =>
    checkTerms(aTerms(changes), engine)?.code

  test('takes two parties with a key each', () => {
    expect(codeOf({})).toBeUndefined()
  })

  test('refuses nobody, and names that are empty or taken', () => {
    expect(codeOf({ participants: [] })).toBe('charter/no-participants')
    const named = (...names: string[]): string | undefined =>
      codeOf({
        participants: [alice, bob].map((one, at) => ({
          ...participantOf(one),
          name: names[at] ?? '',
        })),
      })
    expect(named('alice', 'alice')).toBe('charter/duplicate-name')
    expect(named('alice', '')).toBe('charter/duplicate-name')
    expect(named('alice', 'Alice')).toBeUndefined()
  })

  test('refuses a turn of somebody who is not there', () => {
    for (const is of ['owner', 'leader'] as const) {
      expect(codeOf({ turn: { is, party: 1 } })).toBeUndefined()
      expect(codeOf({ turn: { is, party: 2 } })).toBe('charter/unknown-party')
    }
  })

  test('says whose controller is at fault', () => {
    const weak = { ...participantOf(carol), controller: { keys: [], threshold: 1 } }
    const fault = checkTerms(aTerms({ participants: [participantOf(alice), weak] }), engine)
    expect(fault).toMatchObject({ code: 'controller/no-quorum', place: { party: 'carol' } })
  })

  test('of a charter asks for four cells', () => {
    const withCells = (count: number): string | undefined =>
      checkCharter(
        aCharter({ state: { is: 'cells', cells: Array.from({ length: count }, () => 0n) } }),
        engine,
      )?.code
    expect([3, 4].map(withCells)).toEqual(['charter/bad-cells', undefined])
    expect(checkCharter(aCharter(), engine)).toBeUndefined()
  })
})

describe('the proposer', () => {
  const at = (of: Turn, sequence: bigint): number | 'anyone' =>
    proposerAt(aTerms({ turn: of, participants: [alice, bob, carol].map(participantOf) }), sequence)

  test('alternates from the first party on', () => {
    expect([1n, 2n, 3n, 4n].map((one) => at({ is: 'alternate' }, one))).toEqual([0, 1, 2, 0])
    expect(at({ is: 'alternate' }, 2n ** 64n - 1n)).toBe(2)
  })

  test('is the owner or leader at every number, or anyone', () => {
    expect(at({ is: 'owner', party: 2 }, 5n)).toBe(2)
    expect(at({ is: 'leader', party: 1 }, 6n)).toBe(1)
    expect(at({ is: 'anyone' }, 7n)).toBe('anyone')
  })
})
