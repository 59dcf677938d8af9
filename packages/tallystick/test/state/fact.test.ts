import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { idFromHex, type MachineId, type TransitionId } from '../../src/base/brand.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { checkFact, checkFactAt, type Fact, fact } from '../../src/state/fact.ts'
import { prove } from '../../src/state/proof.ts'
import { read, replace, rootOf, treeFrom } from '../../src/state/tree.ts'
import { anyEntries, anyKey, keyWith, TEST_SUITES, valueOf } from './forge.ts'

const machine: MachineId = idFromHex('aa'.repeat(32))
const transition: TransitionId = idFromHex('bb'.repeat(32))
const key = keyWith('01')
const tree = treeFrom('quantum', [
  [key, valueOf(1)],
  [keyWith('00'), valueOf(2)],
])
const root = rootOf(tree)
const present: Fact = { machine, transition, root, key, value: valueOf(1), proof: prove(tree, key) }
const absent: Fact = {
  ...present,
  key: keyWith('1'),
  value: undefined,
  proof: prove(tree, keyWith('1')),
}

describe.each(TEST_SUITES)('a fact under %s', (suite) => {
  test('says what the state says, after a journey as bytes', () => {
    fc.assert(
      fc.property(anyEntries, anyKey, fc.boolean(), (entries, asked, isBound) => {
        const state = treeFrom(suite, entries)
        const value = entries.get(asked)
        const stated: Fact = {
          machine,
          transition: isBound ? transition : undefined,
          root: rootOf(state),
          key: asked,
          value,
          proof: prove(state, asked),
        }
        const carried = fact.decode(fact.encode(stated))
        expect(carried).toEqual(stated)
        expect(checkFact(suite, carried)).toEqual(
          value === undefined ? { is: 'absent' } : { is: 'present', value },
        )
      }),
      { numRuns: 40 },
    )
  })
})

describe('a fact', () => {
  test('is held to its proof, and the fault names the machine', () => {
    expect(checkFact('quantum', present)).toEqual({ is: 'present', value: valueOf(1) })
    expect(checkFact('quantum', { ...present, value: valueOf(2) })).toMatchObject({
      code: 'proof/wrong-root',
      place: { machine },
    })
    expect(checkFact('quantum', { ...present, value: undefined })).toMatchObject({
      code: 'proof/other-claim',
    })
    expect(checkFact('quantum', { ...absent, value: valueOf(1) })).toMatchObject({
      code: 'proof/other-claim',
    })
    expect(checkFact('quantum', absent)).toEqual({ is: 'absent' })
  })

  test('of another suite is refused', () => {
    expect(checkFact('nostr', present)).toMatchObject({ code: 'proof/wrong-root' })
  })

  test('is held to the machine, step and root that the verifier knows', () => {
    const place = { machine, transition, root }
    const other = 'cc'.repeat(32)
    expect(checkFactAt('quantum', present, place)).toEqual({ is: 'present', value: valueOf(1) })
    expect(checkFactAt('quantum', { ...present, transition: undefined }, place)).toMatchObject({
      is: 'present',
    })
    expect(checkFactAt('quantum', present, { ...place, machine: idFromHex(other) })).toMatchObject({
      code: 'fact/other-machine',
    })
    expect(
      checkFactAt('quantum', present, { ...place, transition: idFromHex(other) }),
    ).toMatchObject({
      code: 'fact/other-step',
    })
    const later = replace(tree, [{ key: keyWith('1'), value: valueOf(5) }])
    expect(checkFactAt('quantum', present, { ...place, root: rootOf(later) })).toMatchObject({
      code: 'fact/other-root',
    })
    expect(checkFactAt('quantum', { ...present, value: valueOf(3) }, place)).toMatchObject({
      code: 'proof/wrong-root',
    })
  })

  test('without a proof has no spelling, and is refused when built by hand', () => {
    const wire = fact.encode(absent)
    const proofBytes = wire.length - (32 + 33 + 32 + 32 + 1)
    expect(faultFrom(() => fact.decode(wire.slice(0, -proofBytes)))).toMatchObject({
      code: 'codec/truncated',
    })
    const { proof: _, ...bare } = absent
    expect(checkFact('quantum', bare as Fact)).toMatchObject({ code: 'proof/missing' })
  })

  test('with any one byte changed is refused, unless it then states another true absence', () => {
    for (const stated of [present, absent]) {
      const wire = fact.encode(stated)
      let accepted = 0
      for (let at = 0; at < wire.length; at++) {
        const changed = wire.slice()
        changed[at] = (changed[at] ?? 0) ^ 1
        const found = faultFrom(() => {
          const other = fact.decode(changed)
          const said = checkFactAt('quantum', other, { machine, transition, root })
          return isFault(said) ? said : { said, asked: other.key }
        })
        if (isFault(found)) continue
        accepted += 1
        expect(found.said).toEqual({ is: 'absent' })
        expect(found.asked).not.toBe(stated.key)
        expect(read(tree, found.asked)).toBeUndefined()
      }
      // One proof of absence serves every key below its empty place: only the key's lower bytes were free.
      expect(accepted).toBe(stated === absent ? 32 : 0)
    }
  })
})
