/** State: keys from paths, roots, proofs of presence and absence, changes, witnesses, facts. */
import {
  bytesFromId,
  type Id,
  idFromHex,
  type StateRoot,
} from '../../packages/tallystick/src/base/brand.ts'
import { bytesFromUtf8, hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { type Fact, fact } from '../../packages/tallystick/src/state/fact.ts'
import type { StateKey } from '../../packages/tallystick/src/state/keys.ts'
import { type Proof, prove } from '../../packages/tallystick/src/state/proof.ts'
import { proof } from '../../packages/tallystick/src/state/proof-codec.ts'
import { replace, rootOf, type Tree, treeFrom } from '../../packages/tallystick/src/state/tree.ts'
import { witnessOf } from '../../packages/tallystick/src/state/witness.ts'
import { type Area, bad, type Case, good, spoiled } from './case.ts'
import type { JsonObject } from './finding.ts'

const key = (start: string): StateKey => idFromHex(start.padEnd(64, '0'))
const value = (text: string): Uint8Array => bytesFromUtf8(text)
const hex = hexFromBytes
const idOf = <Name extends string>(byte: string): Id<Name> => idFromHex<Name>(byte.repeat(32))

const A = key('00')
const B = key('40')
const C = key('60')
const D = key('ff')
/** Where A alone stands. */
const NEAR_A = key('10')

const four: Tree = treeFrom('classic', [
  [A, value('a')],
  [B, value('b')],
  [C, value('c')],
  [D, value('d')],
])
/** B and C share their first two bits, so there is nothing on two levels above them. */
const two: Tree = treeFrom('classic', [
  [B, value('b')],
  [C, value('c')],
])

const keys = (): readonly Case[] => {
  const owner = idOf('11')
  const made = (id: string, comment: string, parts: readonly JsonObject[]): Case =>
    good({
      id: `state-key/${id}`,
      comment,
      check: 'state-key',
      input: { suite: 'classic', owner, parts },
    })
  const sixteen = Array.from({ length: 16 }, () => ({ text: 'x' }))
  const path = made('text', 'two texts', [{ text: 'balance' }, { text: 'alice' }])
  const changed = (
    fault: string,
    id: string,
    comment: string,
    parts: readonly JsonObject[],
  ): Case => spoiled(path, fault, { id: `state-key/${id}`, comment, input: { parts } })
  return [
    path,
    made('none', 'no part at all', []),
    made('moved', 'a letter moved between parts gives another key', [
      { text: 'balancea' },
      { text: 'lice' },
    ]),
    made('bytes', 'the same letters as bytes give another key', [
      { text: 'balance' },
      { bytes: '616c696365' },
    ]),
    made('parts-full', 'as many parts as are allowed', sixteen.slice(0, 8)),
    changed('state/too-many-parts', 'parts-over', 'more parts than are allowed', [
      ...sixteen,
      { text: 'x' },
    ]),
    changed('text/control-character', 'control', 'a control character in a part', [
      { text: 'a\u0000' },
    ]),
    changed('codec/too-long', 'part-too-long', 'a part that is too long', [
      { bytes: '00'.repeat(2000) },
    ]),
  ]
}

const listed = (tree: readonly (readonly [StateKey, string])[]): readonly JsonObject[] =>
  tree.map(([at, text]) => ({ key: at, value: hex(value(text)) }))

const roots = (): readonly Case[] => {
  const all = listed([
    [A, 'a'],
    [B, 'b'],
    [C, 'c'],
    [D, 'd'],
  ])
  const rooted = (id: string, comment: string, input: JsonObject): Case =>
    good({
      id: `state-root/${id}`,
      comment,
      check: 'state-root',
      input: { suite: 'classic', ...input },
    })
  const whole = rooted('four', 'four values', { entries: all, changes: [] })
  return [
    rooted('empty', 'nothing: 32 zero bytes', { entries: [], changes: [] }),
    rooted('one', 'one leaf is its own root, whatever its key', {
      entries: all.slice(0, 1),
      changes: [],
    }),
    rooted('one-empty-value', 'an empty value is a value', {
      entries: [{ key: A, value: '' }],
      changes: [],
    }),
    whole,
    rooted('four-reversed', 'the order does not matter', {
      entries: [...all].reverse(),
      changes: [],
    }),
    ...(['quantum', 'nostr', 'evm'] as const).map((suite) =>
      good({
        id: `state-root/four-${suite}`,
        comment: 'the same under another hash',
        check: 'state-root',
        input: { suite, entries: all, changes: [] },
      }),
    ),
    rooted('removed', 'what is set and removed leaves no trace', {
      entries: all,
      changes: [{ key: D, value: null }],
    }),
    spoiled(whole, 'state/key-twice', {
      id: 'state-root/key-twice',
      comment: 'one key with two values',
      input: { entries: [...all, ...listed([[A, 'z']])] },
    }),
    spoiled(whole, 'state/value-too-long', {
      id: 'state-root/value-too-long',
      comment: 'one byte more than a value may have',
      input: { entries: [{ key: A, value: '00'.repeat(4097) }] },
    }),
  ]
}

type Claimed = {
  readonly tree: Tree
  readonly key: StateKey
  readonly text: string | null
  readonly suite?: string
}

const claim = ({ tree, key: at, text }: Claimed): JsonObject => ({
  suite: 'classic',
  root: rootOf(tree),
  key: at,
  value: text === null ? null : hex(value(text)),
  proof: hex(proof.encode(prove(tree, at))),
})

const proofs = (): readonly Case[] => {
  const shown = (id: string, comment: string, of: Claimed): Case =>
    good({ id: `proof/${id}`, comment, check: 'proof', input: claim(of) })
  const present = shown('present', 'a value two levels below the root', {
    tree: four,
    key: A,
    text: 'a',
  })
  const other = shown('absent-other', 'another key stands alone there', {
    tree: four,
    key: NEAR_A,
    text: null,
  })
  const gap = shown('absent-gap', 'an empty half beside a branch', {
    tree: two,
    key: A,
    text: null,
  })
  const nothing = shown('absent-void', 'the tree is empty', {
    tree: treeFrom('classic', []),
    key: A,
    text: null,
  })
  const forged = (
    from: Case,
    fault: string,
    id: string,
    comment: string,
    input: JsonObject,
  ): Case => spoiled(from, fault, { id: `proof/${id}`, comment, input })
  const made = (of: Proof): string => hex(proof.encode(of))
  const own = prove(four, A)
  const bytes = hex(proof.encode(own))
  const [first] = own.siblings
  if (!first) throw new Error('there is a sibling')
  const gapProof = prove(two, A)
  return [
    present,
    other,
    gap,
    nothing,
    forged(present, 'proof/wrong-root', 'two-values', 'another value under the same root', {
      value: hex(value('z')),
    }),
    forged(
      present,
      'proof/other-claim',
      'absent-by-presence',
      'a proof of presence offered for absence',
      { value: null },
    ),
    forged(
      other,
      'proof/other-claim',
      'present-by-absence',
      'a proof of absence offered for a value',
      { value: hex(value('a')) },
    ),
    forged(
      present,
      'proof/wrong-leaf',
      'absent-by-own-leaf',
      'the key’s own leaf offered as another’s',
      {
        value: null,
        proof: made({ ...own, terminal: { is: 'other', key: A, valueHash: first } }),
      },
    ),
    forged(
      other,
      'proof/wrong-leaf',
      'leaf-off-path',
      'a leaf that does not lie on the key’s path',
      {
        proof: made({
          ...prove(four, NEAR_A),
          terminal: { is: 'other', key: D, valueHash: first },
        }),
      },
    ),
    forged(present, 'proof/missing', 'missing', 'no proof', { proof: null }),
    forged(present, 'codec/truncated', 'empty', 'a proof of no bytes', { proof: '' }),
    forged(present, 'codec/truncated', 'too-short', 'the last sibling is missing', {
      proof: `${bytes.slice(0, -66)}00`,
    }),
    forged(present, 'codec/extended', 'too-long', 'a sibling that nothing asks for', {
      proof: `${bytes}${'11'.repeat(32)}`,
    }),
    forged(present, 'proof/wrong-root', 'sibling-more', 'a level more than there is', {
      proof: made({ ...own, siblings: [...own.siblings, first] }),
    }),
    forged(present, 'proof/wrong-root', 'sibling-less', 'a level less than there is', {
      proof: made({ ...own, siblings: own.siblings.slice(0, -1) }),
    }),
    forged(present, 'proof/not-shallowest', 'deeper', 'a level with nothing beside it', {
      proof: made({ ...own, siblings: [...own.siblings, undefined] }),
    }),
    forged(present, 'proof/too-deep', 'too-deep', '257 levels', { proof: '0101' }),
    forged(present, 'proof/stray-bit', 'stray-bit', 'a bit beyond the depth', {
      proof: `0200c1${bytes.slice(6)}`,
    }),
    forged(present, 'proof/wrong-sibling', 'zero-sibling', 'an empty sibling listed as zeros', {
      proof: `0200c0${'00'.repeat(32)}${bytes.slice(6 + 64)}`,
    }),
    forged(gap, 'proof/false-gap', 'gap-of-nothing', 'a branch over nothing', {
      proof: made({
        ...gapProof,
        terminal: { is: 'gap', left: new Uint8Array(32), right: new Uint8Array(32) },
      }),
    }),
    forged(present, 'proof/false-gap', 'gap-beside-leaf', 'the value’s place shown as empty', {
      value: null,
      proof: made({ ...own, terminal: { is: 'gap', left: first, right: first } }),
    }),
    forged(nothing, 'proof/wrong-root', 'void-of-four', 'a tree of four shown as empty', {
      root: rootOf(four),
    }),
    forged(present, 'proof/wrong-root', 'other-root', 'a root of another state', {
      root: rootOf(two),
    }),
    forged(present, 'proof/wrong-root', 'other-suite', 'the same proof under another hash', {
      suite: 'evm',
    }),
  ]
}

const replacements = (): readonly Case[] => {
  const next = replace(four, [{ key: A, value: value('z') }])
  const changes = good({
    id: 'replacement/change',
    comment: 'one value changes and nothing else',
    check: 'replacement',
    input: {
      suite: 'classic',
      rootBefore: rootOf(four),
      rootAfter: rootOf(next),
      key: A,
      valueBefore: hex(value('a')),
      valueAfter: hex(value('z')),
      proof: hex(proof.encode(prove(four, A))),
    },
  })
  return [
    changes,
    spoiled(changes, 'proof/wrong-root', {
      id: 'replacement/more',
      comment: 'another value changed as well',
      input: { rootAfter: rootOf(replace(next, [{ key: B, value: value('z') }])) },
    }),
    spoiled(changes, 'proof/wrong-root', {
      id: 'replacement/other-before',
      comment: 'another value before',
      input: { valueBefore: hex(value('x')) },
    }),
  ]
}

const witnesses = (): readonly Case[] => {
  const footprint = { reads: [A], changes: [{ key: A, value: value('z') }] }
  const bytes = hex(witnessOf(four, footprint))
  const whole = good({
    id: 'witness/change',
    comment: 'the part of a state that one change needs',
    check: 'witness',
    input: {
      suite: 'classic',
      root: rootOf(four),
      key: A,
      witness: bytes,
      changes: [{ key: A, value: hex(value('z')) }],
    },
  })
  const changed = (fault: string, id: string, comment: string, input: JsonObject): Case =>
    spoiled(whole, fault, { id: `witness/${id}`, comment, input: { changes: [], ...input } })
  const leaf = (at: StateKey): string => `03${hex(bytesFromId(at))}${'22'.repeat(32)}`
  return [
    whole,
    changed('proof/wrong-root', 'other-root', 'of another state', { root: rootOf(two) }),
    changed('state/unknown-place', 'unknown-place', 'asked about a key that it says nothing of', {
      key: B,
    }),
    changed('witness/unknown-node', 'unknown-node', 'a kind of node that there is not', {
      witness: '05',
    }),
    changed('witness/empty-stub', 'empty-stub', 'an empty place listed as a hash', {
      witness: `01${'00'.repeat(32)}`,
    }),
    changed('witness/misplaced-leaf', 'misplaced-leaf', 'a leaf on another key’s path', {
      witness: `04${leaf(D)}${leaf(A)}`,
    }),
    changed('witness/not-shallowest', 'not-shallowest', 'a leaf beside nothing', {
      witness: `04${leaf(A)}00`,
    }),
    changed('witness/too-deep', 'too-deep', 'branches below the last bit', {
      witness: '04'.repeat(257),
    }),
    changed('codec/extended', 'extended', 'a byte too many', { witness: `${bytes}00` }),
    changed(
      'state/unknown-neighbour',
      'unknown-neighbour',
      'a removal beside what is known by its hash alone',
      {
        witness: hex(witnessOf(two, { reads: [B], changes: [] })),
        root: rootOf(two),
        key: B,
        changes: [{ key: B, value: null }],
      },
    ),
  ]
}

const facts = (): readonly Case[] => {
  const machine = idOf<'machine'>('11')
  const transition = idOf<'transition'>('22')
  const root: StateRoot = rootOf(four)
  const shown: Fact = {
    machine,
    transition,
    root,
    key: A,
    value: value('a'),
    proof: prove(four, A),
  }
  const place = { machine, transition, root }
  const hexOfFact = (more: Partial<Fact>): string => hex(fact.encode({ ...shown, ...more }))
  const whole = good({
    id: 'fact/present',
    comment: 'a value after a step of a machine',
    check: 'fact',
    input: { suite: 'classic', fact: hexOfFact({}), place },
  })
  const changed = (fault: string, id: string, comment: string, input: JsonObject): Case =>
    spoiled(whole, fault, { id: `fact/${id}`, comment, input })
  return [
    whole,
    good({
      id: 'fact/absent',
      comment: 'an absence, with the step left open',
      check: 'fact',
      input: {
        suite: 'classic',
        fact: hexOfFact({
          transition: undefined,
          key: NEAR_A,
          value: undefined,
          proof: prove(four, NEAR_A),
        }),
        place,
      },
    }),
    changed('fact/other-machine', 'other-machine', 'offered for another machine', {
      place: { ...place, machine: idOf('33') },
    }),
    changed('fact/other-step', 'other-step', 'offered for another step', {
      place: { ...place, transition: idOf('33') },
    }),
    changed('fact/other-root', 'other-root', 'proven under another root than the step has', {
      place: { ...place, root: rootOf(two) },
    }),
    changed('proof/wrong-root', 'false', 'a value that the proof does not show', {
      fact: hexOfFact({ value: value('z') }),
    }),
    bad('codec/truncated', {
      id: 'fact/no-proof',
      comment: 'a fact whose proof was left out',
      check: 'fact',
      input: {
        suite: 'classic',
        fact: hexOfFact({}).slice(0, -2 * proof.encode(shown.proof).length),
      },
    }),
  ]
}

export const stateArea = (): Area => ({
  area: 'state',
  about: 'Keys, roots, proofs, changes, witnesses and facts of a machine’s state.',
  cases: [...keys(), ...roots(), ...proofs(), ...replacements(), ...witnesses(), ...facts()],
})
