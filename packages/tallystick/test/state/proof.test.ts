import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { idFromHex, zeroId } from '../../src/base/brand.ts'
import { bytesFromHex, concatBytes, hexFromBytes } from '../../src/base/bytes.ts'
import type { FaultCode } from '../../src/base/fault.ts'
import type { StateKey } from '../../src/state/keys.ts'
import { type Claim, type Proof, proofFault, prove, replaceFault } from '../../src/state/proof.ts'
import { proof as proofCodec } from '../../src/state/proof-codec.ts'
import { replace, rootOf, treeFrom } from '../../src/state/tree.ts'
import {
  anyEntries,
  anyKey,
  anyValue,
  forgedProof,
  honestShape,
  keyPool,
  keyWith,
  leafHash,
  nodeHash,
  numberedKey,
  type Shape,
  shapeHash,
  shapeRoot,
  siblingsTo,
  TEST_SUITES,
  valueHash,
  valueOf,
  ZERO,
} from './forge.ts'

const OWN = { is: 'own' } as const

describe.each(TEST_SUITES)('a state proof under %s', (suite) => {
  const codeOf = (claim: Claim, proof: Proof | undefined): FaultCode | 'holds' =>
    proofFault(suite, claim, proof)?.code ?? 'holds'

  test('every present key proves its value and every other key its absence', () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        const tree = treeFrom(suite, entries)
        const root = rootOf(tree)
        for (const key of keyPool) {
          const value = entries.get(key)
          const proof = proofCodec.decode(proofCodec.encode(prove(tree, key)))
          expect(codeOf({ root, key, value }, proof)).toBe('holds')
          const other = value === undefined ? valueOf(1) : undefined
          expect(codeOf({ root, key, value: other }, proof)).toBe('proof/other-claim')
        }
      }),
      { numRuns: 25 },
    )
  })

  test('a proof serves its own value, key and root only', () => {
    fc.assert(
      fc.property(anyEntries, anyKey, anyValue, anyKey, (entries, key, value, stranger) => {
        const tree = treeFrom(suite, entries)
        const root = rootOf(tree)
        const proof = prove(tree, key)
        const present = entries.get(key)
        const changed = replace(tree, [{ key, value: Uint8Array.of(...(present ?? []), 1) }])
        expect(codeOf({ root: rootOf(changed), key, value: present }, proof)).toBe(
          'proof/wrong-root',
        )
        if (present !== undefined && hexFromBytes(present) !== hexFromBytes(value)) {
          expect(codeOf({ root, key, value }, proof)).toBe('proof/wrong-root')
        }
        // Another key may share the place of an absent one; of a present one, never.
        if (stranger !== key && present !== undefined) {
          expect(codeOf({ root, key: stranger, value: present }, proof)).toBe('proof/wrong-root')
        }
        if (stranger !== key && present === undefined && entries.has(stranger)) {
          expect(codeOf({ root, key: stranger, value: undefined }, proof)).not.toBe('holds')
        }
      }),
      { numRuns: 60 },
    )
  })

  test('changing any one byte of a proof, a value, a key or a root makes it fail', () => {
    const entries = new Map(
      Array.from({ length: 40 }, (_, n) => [numberedKey(n), valueOf(n)] as const),
    )
    for (const key of [keyWith('01'.repeat(20)), keyWith('01'.repeat(19))])
      entries.set(key, valueOf(7))
    const tree = treeFrom(suite, entries)
    const root = rootOf(tree)
    const rootBytes = bytesFromHex(root)
    const seen = new Set<string>()
    // An own leaf, one below empty halves, another's leaf, and gaps.
    const absent = Array.from({ length: 12 }, (_, n) => numberedKey(1000 + n))
    for (const key of [
      numberedKey(3),
      keyWith('01'.repeat(20)),
      ...absent,
      keyWith('01'.repeat(15), 1),
    ]) {
      const honest = prove(tree, key)
      if (seen.has(honest.terminal.is) && honest.siblings.length < 20) continue
      seen.add(honest.terminal.is)
      const wire = proofCodec.encode(honest)
      const value = entries.get(key)
      expect(wireVerdict(suite, { root, key, value }, wire)).toBe('holds')
      for (const flip of [1, 0x80]) {
        for (const changed of eachFlipped(wire, flip)) {
          expect(wireVerdict(suite, { root, key, value }, changed)).not.toBe('holds')
        }
        for (const changed of eachFlipped(rootBytes, flip)) {
          const claim = { root: idFromHex<'state-root'>(hexFromBytes(changed)), key, value }
          expect(codeOf(claim, honest)).toBe('proof/wrong-root')
        }
        if (value === undefined) continue
        for (const changed of eachFlipped(value, flip)) {
          expect(codeOf({ root, key, value: changed }, honest)).toBe('proof/wrong-root')
        }
        for (const changed of eachFlipped(bytesFromHex(key), flip)) {
          const claim = { root, key: idFromHex<'state-key'>(hexFromBytes(changed)), value }
          expect(codeOf(claim, honest)).toBe('proof/wrong-root')
        }
      }
    }
    expect([...seen].toSorted()).toEqual(['gap', 'other', 'own'])
  })

  test('no present key can be proven absent, in any tree of up to 16 leaves, by any proof of the tree', () => {
    for (let size = 1; size <= 16; size++) {
      const entries = new Map(
        Array.from({ length: size }, (_, n) => [numberedKey(n), valueOf(n)] as const),
      )
      const tree = treeFrom(suite, entries)
      const root = rootOf(tree)
      const absences = Array.from({ length: 24 }, (_, n) => prove(tree, numberedKey(500 + n)))
      for (const key of entries.keys()) {
        for (const proof of absences)
          expect(codeOf({ root, key, value: undefined }, proof)).not.toBe('holds')
      }
    }
  })
})

describe.each(TEST_SUITES)('a forged state proof under %s', (suite) => {
  const codeOf = (claim: Claim, proof: Proof | undefined): FaultCode | 'holds' =>
    proofFault(suite, claim, proof)?.code ?? 'holds'
  const a = keyWith('00')
  const b = keyWith('01')
  const c = keyWith('11')
  const entries = new Map<StateKey, Uint8Array>([
    [a, valueOf(1)],
    [b, valueOf(2)],
    [c, valueOf(3)],
  ])
  const honest = honestShape(entries)
  const root = shapeRoot(suite, honest)
  const tree = treeFrom(suite, entries)

  test('a missing proof shows neither presence nor absence', () => {
    for (const value of [valueOf(1), undefined]) {
      expect(codeOf({ root, key: a, value }, undefined)).toBe('proof/missing')
      const nothing: unknown = JSON.parse('null')
      expect(codeOf({ root, key: a, value }, nothing as undefined)).toBe('proof/missing')
    }
  })

  test('an empty proof shows absence under the empty root and nothing else', () => {
    const empty = forgedProof([], { is: 'void' })
    expect(codeOf({ root: zeroId(), key: a, value: undefined }, empty)).toBe('holds')
    expect(codeOf({ root, key: a, value: undefined }, empty)).toBe('proof/wrong-root')
    expect(codeOf({ root: zeroId(), key: a, value: valueOf(1) }, empty)).toBe('proof/other-claim')
    expect(codeOf({ root: zeroId(), key: a, value: valueOf(1) }, forgedProof([], OWN))).toBe(
      'proof/wrong-root',
    )
    expect(
      codeOf(
        { root: zeroId(), key: a, value: undefined },
        forgedProof([undefined], { is: 'void' }),
      ),
    ).toBe('proof/not-shallowest')
    const gap = forgedProof([nodeHash(suite, ZERO, ZERO)], { is: 'gap', left: ZERO, right: ZERO })
    expect(codeOf({ root: zeroId(), key: a, value: undefined }, gap)).toBe('proof/false-gap')
  })

  test('a path that is too short or too long for the tree leads to another root', () => {
    const full = prove(tree, a)
    expect(full.siblings.length).toBe(2)
    expect(codeOf({ root, key: a, value: valueOf(1) }, full)).toBe('holds')
    const short = forgedProof(full.siblings.slice(0, 1), OWN)
    const shortFromTop = forgedProof(full.siblings.slice(1), OWN)
    const long = forgedProof([...full.siblings, leafHash(suite, c, valueOf(3))], OWN)
    for (const forged of [short, shortFromTop, long]) {
      expect(codeOf({ root, key: a, value: valueOf(1) }, forged)).toBe('proof/wrong-root')
    }
  })

  test('two values of one key under one root are never both proven, however the tree is built', () => {
    // A known forgery: the same key once near the root and once deeper, on the path of its own bits.
    const near = { key: a, value: valueOf(1) }
    const deep = { key: a, value: valueOf(2) }
    const shapes: readonly Shape[] = [
      { left: near, right: { left: deep, right: { key: c, value: valueOf(3) } } },
      { left: { left: near, right: deep }, right: { key: c, value: valueOf(3) } },
      { left: { left: deep, right: near }, right: { key: c, value: valueOf(3) } },
      { left: { hash: shapeHash(suite, near) }, right: near },
    ]
    for (const shape of shapes) {
      const forgedRoot = shapeRoot(suite, shape)
      const proven = new Set<string>()
      for (const value of [valueOf(1), valueOf(2), undefined]) {
        for (const proof of everyProof(suite, shape, a)) {
          if (codeOf({ root: forgedRoot, key: a, value }, proof) === 'holds')
            proven.add(String(value))
        }
      }
      expect(proven.size).toBeLessThanOrEqual(1)
    }
  })

  test('a branch offered as a leaf, or a leaf as a branch, is refused', () => {
    // The halves of a branch read as key and value hash, and the other way round.
    const left = leafHash(suite, a, valueOf(1))
    const right = leafHash(suite, b, valueOf(2))
    const branchRoot = idFromHex<'state-root'>(hexFromBytes(nodeHash(suite, left, right)))
    const asLeaf = forgedProof([], {
      is: 'other',
      key: idFromHex<'state-key'>(hexFromBytes(left)),
      valueHash: right,
    })
    expect(codeOf({ root: branchRoot, key: a, value: undefined }, asLeaf)).toBe('proof/wrong-root')
    const loneRoot = shapeRoot(suite, { key: b, value: valueOf(2) })
    const asBranch = forgedProof([valueHash(suite, valueOf(2))], OWN)
    expect(codeOf({ root: loneRoot, key: a, value: valueOf(1) }, asBranch)).toBe('proof/wrong-root')
  })

  test('a gap beside a lone leaf, or beside nothing, is no gap', () => {
    const lone: Shape = { left: undefined, right: { key: c, value: valueOf(3) } }
    const forgedRoot = shapeRoot(suite, lone)
    const beside = leafHash(suite, c, valueOf(3))
    for (const [left, right] of [
      [bytesFromHex(c), valueHash(suite, valueOf(3))],
      [ZERO, ZERO],
      [ZERO, beside],
      [beside.subarray(0, 31), beside],
    ] as const) {
      const gap = forgedProof([beside], { is: 'gap', left, right })
      expect(codeOf({ root: forgedRoot, key: a, value: undefined }, gap)).toBe('proof/false-gap')
    }
    // Calling the empty half an empty tree does not spare the opening.
    const unopened = forgedProof([beside], { is: 'void' })
    expect(codeOf({ root: forgedRoot, key: a, value: undefined }, unopened)).toBe('proof/false-gap')
    const nothing = nodeHash(suite, ZERO, ZERO)
    const overNothing = idFromHex<'state-root'>(hexFromBytes(nodeHash(suite, ZERO, nothing)))
    const gap = forgedProof([nothing], { is: 'gap', left: ZERO, right: ZERO })
    expect(codeOf({ root: overNothing, key: a, value: undefined }, gap)).toBe('proof/false-gap')
    const real: Shape = {
      left: undefined,
      right: { left: { key: keyWith('10'), value: ZERO }, right: { key: c, value: ZERO } },
    }
    const [sibling] = siblingsTo(suite, real, a, 1)
    const halves = { left: leafHash(suite, keyWith('10'), ZERO), right: leafHash(suite, c, ZERO) }
    const shifted = { left: concatBytes(halves.left, halves.right), right: ZERO.subarray(32) }
    const shiftedGap = forgedProof([sibling], { is: 'gap', ...shifted })
    expect(codeOf({ root: shapeRoot(suite, real), key: a, value: undefined }, shiftedGap)).toBe(
      'proof/false-gap',
    )
    const honestGap = forgedProof([sibling], { is: 'gap', ...halves })
    expect(codeOf({ root: shapeRoot(suite, real), key: a, value: undefined }, honestGap)).toBe(
      'holds',
    )
  })

  test('a leaf that stands deeper than it needs to is refused, for presence and for absence', () => {
    const deep: Shape = {
      left: { left: { key: a, value: valueOf(1) }, right: undefined },
      right: undefined,
    }
    const forgedRoot = shapeRoot(suite, deep)
    const siblings = siblingsTo(suite, deep, a, 2)
    expect(
      codeOf({ root: forgedRoot, key: a, value: valueOf(1) }, forgedProof(siblings, OWN)),
    ).toBe('proof/not-shallowest')
    const other = { is: 'other', key: a, valueHash: valueHash(suite, valueOf(1)) } as const
    const absent = keyWith('0011')
    expect(
      codeOf({ root: forgedRoot, key: absent, value: undefined }, forgedProof(siblings, other)),
    ).toBe('proof/not-shallowest')
    const flat = shapeRoot(suite, { key: a, value: valueOf(1) })
    expect(codeOf({ root: flat, key: absent, value: undefined }, forgedProof([], other))).toBe(
      'holds',
    )
  })

  test('another leaf shows an absence only from the place that both keys share', () => {
    const absent = keyWith('0011')
    const hash = valueHash(suite, valueOf(1))
    const siblings = siblingsTo(suite, honest, absent, 2)
    const claim = { root, key: absent, value: undefined }
    expect(codeOf(claim, forgedProof(siblings, { is: 'other', key: a, valueHash: hash }))).toBe(
      'holds',
    )
    // b stands elsewhere, and the key itself is not somebody else.
    const elsewhere = { is: 'other', key: b, valueHash: valueHash(suite, valueOf(2)) } as const
    expect(codeOf(claim, forgedProof(siblingsTo(suite, honest, b, 2), elsewhere))).toBe(
      'proof/wrong-leaf',
    )
    const itself = { is: 'other', key: a, valueHash: hash } as const
    expect(codeOf({ root, key: a, value: undefined }, forgedProof(siblings, itself))).toBe(
      'proof/wrong-leaf',
    )
    const cut = { is: 'other', key: a, valueHash: hash.subarray(1) } as const
    expect(codeOf(claim, forgedProof(siblings, cut))).toBe('proof/wrong-leaf')
  })

  test('a misplaced leaf proves nothing about the place it stands on', () => {
    // c's leaf built into the place of the keys that start with 00.
    const misplaced: Shape = {
      left: { left: { key: c, value: valueOf(3) }, right: { key: b, value: valueOf(2) } },
      right: { key: c, value: valueOf(4) },
    }
    const forgedRoot = shapeRoot(suite, misplaced)
    const siblings = siblingsTo(suite, misplaced, a, 2)
    const terminal = { is: 'other', key: c, valueHash: valueHash(suite, valueOf(3)) } as const
    expect(
      codeOf({ root: forgedRoot, key: a, value: undefined }, forgedProof(siblings, terminal)),
    ).toBe('proof/wrong-leaf')
    expect(
      codeOf({ root: forgedRoot, key: c, value: valueOf(3) }, forgedProof(siblings, OWN)),
    ).toBe('proof/wrong-root')
  })

  test('a proof deeper than a key has bits is refused before anything is hashed', () => {
    const filler = leafHash(suite, c, valueOf(3))
    const siblings = Array.from({ length: 257 }, () => filler)
    expect(codeOf({ root, key: a, value: valueOf(1) }, forgedProof(siblings, OWN))).toBe(
      'proof/too-deep',
    )
    expect(codeOf({ root, key: a, value: valueOf(1) }, forgedProof(siblings.slice(1), OWN))).toBe(
      'proof/wrong-root',
    )
    const gap = { is: 'gap', left: filler, right: filler } as const
    expect(codeOf({ root, key: a, value: undefined }, forgedProof(siblings.slice(1), gap))).toBe(
      'proof/too-deep',
    )
  })

  test('a sibling that is zero, cut or too long is refused', () => {
    const [first, second] = prove(tree, a).siblings
    for (const bad of [
      ZERO,
      (second ?? ZERO).subarray(1),
      new Uint8Array(33).fill(1),
      new Uint8Array(0),
    ]) {
      expect(codeOf({ root, key: a, value: valueOf(1) }, forgedProof([first, bad], OWN))).toBe(
        'proof/wrong-sibling',
      )
    }
    expect(codeOf({ root, key: a, value: valueOf(1) }, forgedProof([first, second], OWN))).toBe(
      'holds',
    )
  })

  test('siblings in another order, one left out or one doubled lead to another root', () => {
    const [first, second] = prove(tree, a).siblings
    for (const siblings of [[second, first], [second], [first, first], [first, second, second]]) {
      expect(codeOf({ root, key: a, value: valueOf(1) }, forgedProof(siblings, OWN))).toBe(
        'proof/wrong-root',
      )
    }
  })

  test('a value longer than the limit is refused even where the root commits to it', () => {
    const huge = new Uint8Array(4097)
    const hugeRoot = shapeRoot(suite, { key: a, value: huge })
    expect(codeOf({ root: hugeRoot, key: a, value: huge }, forgedProof([], OWN))).toBe(
      'state/value-too-long',
    )
    const most = huge.subarray(1)
    const mostRoot = shapeRoot(suite, { key: a, value: most })
    expect(codeOf({ root: mostRoot, key: a, value: most }, forgedProof([], OWN))).toBe('holds')
  })
})

describe.each(TEST_SUITES)('a proven replacement under %s', (suite) => {
  test('holds for every change of one key, and for the new root of that change only', () => {
    const anyMaybe = fc.option(anyValue, { nil: undefined })
    fc.assert(
      fc.property(anyEntries, anyKey, anyMaybe, anyMaybe, (entries, key, value, otherValue) => {
        const before = treeFrom(suite, entries)
        const after = replace(before, [{ key, value }])
        const valueBefore = entries.get(key)
        const proof = prove(valueBefore !== undefined && value === undefined ? after : before, key)
        const change = {
          rootBefore: rootOf(before),
          rootAfter: rootOf(after),
          key,
          valueBefore,
          valueAfter: value,
        }
        expect(replaceFault(suite, change, proof)).toBeUndefined()
        const otherRoot = rootOf(replace(before, [{ key, value: otherValue }]))
        if (otherRoot !== change.rootAfter) {
          expect(replaceFault(suite, { ...change, rootAfter: otherRoot }, proof)).toBeDefined()
        }
        expect(replaceFault(suite, { ...change, rootAfter: zeroId() }, proof)?.code).toBe(
          change.rootAfter === zeroId() ? undefined : 'proof/wrong-root',
        )
        expect(replaceFault(suite, change, undefined)?.code).toBe('proof/missing')
      }),
      { numRuns: 80 },
    )
  })

  const a = keyWith('00')
  const b = keyWith('01')
  const entries = [
    [a, valueOf(1)],
    [b, valueOf(2)],
    [keyWith('11'), valueOf(3)],
  ] as const
  const tree = treeFrom(suite, entries)
  const after = replace(tree, [{ key: a, value: valueOf(9) }])
  const change = { key: a, valueBefore: valueOf(1), valueAfter: valueOf(9) }

  test('refuses a second change that rides along, since both roots hang on the same siblings', () => {
    const both = replace(after, [{ key: b, value: valueOf(8) }])
    const roots = { rootBefore: rootOf(tree), rootAfter: rootOf(both) }
    // Neither the witness of the old tree nor that of the new one covers both sides.
    for (const witness of [prove(tree, a), prove(both, a)]) {
      expect(replaceFault(suite, { ...change, ...roots }, witness)?.code).toBe('proof/wrong-root')
    }
    const single = { ...change, rootBefore: rootOf(tree), rootAfter: rootOf(after) }
    expect(replaceFault(suite, single, prove(tree, a))).toBeUndefined()
  })

  test('refuses a removal that leaves a lone leaf where it was', () => {
    const gone = replace(tree, [{ key: a, value: undefined }])
    const removal = {
      key: a,
      valueBefore: valueOf(1),
      valueAfter: undefined,
      rootBefore: rootOf(tree),
    }
    expect(
      replaceFault(suite, { ...removal, rootAfter: rootOf(gone) }, prove(gone, a)),
    ).toBeUndefined()
    const lazy: Shape = {
      left: { left: undefined, right: { key: b, value: valueOf(2) } },
      right: { key: keyWith('11'), value: valueOf(3) },
    }
    const siblings = siblingsTo(suite, lazy, a, 2)
    const gap = forgedProof(siblings, {
      is: 'gap',
      left: bytesFromHex(b),
      right: valueHash(suite, valueOf(2)),
    })
    const forged = { ...removal, rootAfter: shapeRoot(suite, lazy) }
    expect(replaceFault(suite, forged, gap)?.code).toBe('proof/false-gap')
  })

  test('refuses a removal proven by the old tree, and one that changes nothing', () => {
    const gone = replace(tree, [{ key: a, value: undefined }])
    const removal = {
      key: a,
      valueBefore: valueOf(1),
      valueAfter: undefined,
      rootBefore: rootOf(tree),
    }
    expect(replaceFault(suite, { ...removal, rootAfter: rootOf(gone) }, prove(tree, a))?.code).toBe(
      'proof/other-claim',
    )
    expect(replaceFault(suite, { ...removal, rootAfter: rootOf(tree) }, prove(gone, a))?.code).toBe(
      'proof/wrong-root',
    )
  })

  test('refuses a new value over the limit', () => {
    const roots = { rootBefore: rootOf(tree), rootAfter: rootOf(after) }
    const huge = { ...change, ...roots, valueAfter: new Uint8Array(4097) }
    expect(replaceFault(suite, huge, prove(tree, a))?.code).toBe('state/value-too-long')
  })
})

const wireVerdict = (
  suite: (typeof TEST_SUITES)[number],
  claim: Claim,
  wire: Uint8Array,
): string => {
  try {
    return proofFault(suite, claim, proofCodec.decode(wire))?.code ?? 'holds'
  } catch (error) {
    return String(error)
  }
}

function* eachFlipped(bytes: Uint8Array, flip: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice()
    changed[at] = (changed[at] ?? 0) ^ flip
    yield changed
  }
}

/** Every proof that a liar could read off a shape for a key: each depth of its path with each terminal. */
function* everyProof(
  suite: (typeof TEST_SUITES)[number],
  shape: Shape,
  key: StateKey,
): Generator<Proof> {
  for (let depth = 0; ; depth++) {
    let siblings: (Uint8Array | undefined)[]
    try {
      siblings = siblingsTo(suite, shape, key, depth)
    } catch {
      return
    }
    yield forgedProof(siblings, OWN)
    yield forgedProof(siblings, { is: 'void' })
    for (const n of [1, 2, 3]) {
      const hash = valueHash(suite, valueOf(n))
      for (const other of keyPool)
        yield forgedProof(siblings, { is: 'other', key: other, valueHash: hash })
    }
    const beside = siblings.at(-1)
    if (beside !== undefined)
      yield forgedProof(siblings, { is: 'gap', left: beside, right: beside })
  }
}
