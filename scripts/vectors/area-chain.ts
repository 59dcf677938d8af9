/** Flat chains: records that follow from one another, batches of them, and files that hold them. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import {
  batchPath,
  type BatchPath,
  batchRoot,
  pathInBatch,
} from '../../packages/tallystick/src/kernel/chain-batch.ts'
import type { Entry } from '../../packages/tallystick/src/kernel/chain-record.ts'
import {
  type Chain,
  createChain,
  startOfChain,
} from '../../packages/tallystick/src/kernel/chain.ts'
import { type Charter, machineId } from '../../packages/tallystick/src/kernel/charter.ts'
import { EMPTY_BUNDLE, fileFromBundle } from '../../packages/tallystick/src/verify/bundle.ts'
import { type FlatChain, flatChain } from '../../packages/tallystick/src/verify/flat-chain.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import { anchorAt } from './files.ts'
import type { JsonObject } from './finding.ts'
import { charterOf, cosigned, opened, PAIR, person, sign } from './world.ts'

const CELLS: Charter = charterOf(
  { participants: [person('alice'), person('bob')] },
  { state: { is: 'cells', cells: [1000n, 0n, 0n, 2n ** 64n - 1n] } },
)
const NAMES: readonly string[] = ['alice', 'bob']

const move = (amount: bigint, from = 0, to = 1): Entry => ({
  is: 'move',
  from,
  to,
  amount,
  reference: new Uint8Array(40),
})
const chain: Chain = createChain({ start: startOfChain(CELLS) })
for (let at = 1n; at <= 7n; at++) chain.append(move(at))

const signaturesOver = (
  root: Uint8Array,
  by: readonly string[],
): FlatChain['batches'][number]['signatures'] =>
  by.map((name) => ({ party: NAMES.indexOf(name), key: 0, signature: sign(name, root) }))

const batch = (from: number, to: number, by = NAMES): FlatChain['batches'][number] => ({
  size: to - from + 1,
  signatures: signaturesOver(batchRoot('classic', chain.ids(from, to)), by),
})

const WHOLE: FlatChain = {
  machine: machineId(CELLS),
  records: chain.records(1, 7),
  batches: [batch(1, 4), batch(5, 7)],
  certificate: new Uint8Array(0),
}

const fileOf = (
  chains: readonly FlatChain[],
  charters: readonly Charter[] = [CELLS],
): JsonObject => ({
  file: hexFromBytes(
    fileFromBundle({
      ...EMPTY_BUNDLE,
      charters,
      chains: chains.map((one) => flatChain.encode(one)),
    }),
  ),
})

/** The chain with one byte of a record changed. */
const touched = (step: number, at: number, byte: number): FlatChain => {
  const records = WHOLE.records.slice()
  records[(step - 1) * 256 + at] = byte
  return { ...WHOLE, records }
}

const files = (): readonly Case[] => {
  const holds = (id: string, comment: string, of: FlatChain): Case =>
    good({ id: `chain/${id}`, comment, check: 'bundle', input: { ...fileOf([of]), anchors: [] } })
  const whole = holds('batches', 'seven moves in two batches that both have signed', WHOLE)
  const failing = (fault: string, id: string, comment: string, of: FlatChain): Case =>
    spoiled(whole, fault, { id: `chain/${id}`, comment, input: fileOf([of]) })
  const [first, second] = WHOLE.batches
  if (!first || !second) throw new Error('there are two batches')
  const { transition } = chain.at(7)
  return [
    whole,
    holds('certified', 'the same without batches, with a certificate for the last header', {
      ...WHOLE,
      batches: [],
      certificate: cosigned(transition),
    }),
    holds('unsigned', 'nobody has signed: incomplete', { ...WHOLE, batches: [] }),
    holds('half-signed', 'the second batch only Alice has signed: incomplete', {
      ...WHOLE,
      batches: [first, batch(5, 7, ['alice'])],
    }),
    failing('chain/wrong-length', 'half-a-record', 'a record cut in two', {
      ...WHOLE,
      records: WHOLE.records.slice(0, -128),
    }),
    failing('transition/wrong-sequence', 'record-left-out', 'a record left out', {
      ...WHOLE,
      records: Uint8Array.from([...WHOLE.records.subarray(0, 256), ...WHOLE.records.subarray(512)]),
    }),
    failing(
      'transition/wrong-machine',
      'other-machine',
      'the machine of a record',
      touched(3, 0, 1),
    ),
    failing(
      'transition/wrong-parent',
      'other-parent',
      'the parent of a record',
      touched(3, 136, 1),
    ),
    failing(
      'transition/wrong-entropy',
      'other-entropy',
      'the entropy of a record',
      touched(3, 96, 1),
    ),
    failing(
      'chain/wrong-interaction',
      'other-reference',
      'the reference of an entry',
      touched(3, 168 + 16, 1),
    ),
    failing('chain/wrong-state', 'other-amount', 'the amount of an entry', touched(3, 168 + 8, 9)),
    failing('chain/wrong-id', 'other-id', 'the id of a record', touched(7, 224, 1)),
    failing('chain/bad-entry', 'other-verb', 'a verb that there is not', touched(3, 168, 2)),
    failing('chain/bad-entry', 'no-such-cell', 'a fifth cell', touched(3, 168 + 1, 4)),
    failing('chain/bad-entry', 'to-itself', 'from a cell to itself', touched(3, 168 + 2, 0)),
    failing('chain/bad-entry', 'nothing', 'an amount of zero', touched(3, 168 + 8, 0)),
    failing('chain/insufficient', 'too-much', 'more than the cell holds', touched(3, 168 + 12, 1)),
    failing('chain/overflow', 'too-full', 'into a cell that is full', touched(3, 168 + 2, 3)),
    failing(
      'chain/bad-signature',
      'foreign-batch',
      'the signatures of the first batch on the second',
      {
        ...WHOLE,
        batches: [first, { ...second, signatures: first.signatures }],
      },
    ),
    failing('chain/bad-signature', 'unknown-party', 'a third party of two', {
      ...WHOLE,
      batches: [
        first,
        { ...second, signatures: second.signatures.map((one) => ({ ...one, party: 2 })) },
      ],
    }),
    failing('batch/wrong-size', 'batch-too-long', 'a batch that reaches beyond the records', {
      ...WHOLE,
      batches: [first, { ...second, size: 4 }],
    }),
    failing('batch/wrong-size', 'batch-of-none', 'a batch of no step', {
      ...WHOLE,
      batches: [{ ...first, size: 0 }],
    }),
    failing(
      'certificate/bad-signature',
      'certificate-for-other',
      'a certificate for the header before',
      {
        ...WHOLE,
        certificate: cosigned(chain.at(6).transition),
      },
    ),
    spoiled(whole, 'bundle/duplicate-chain', {
      id: 'chain/twice',
      comment: 'one chain twice',
      input: fileOf([WHOLE, WHOLE]),
    }),
    spoiled(whole, 'chain/no-cells', {
      id: 'chain/no-cells',
      comment: 'a chain of a machine whose state is a tree',
      input: fileOf([{ ...WHOLE, machine: machineId(PAIR) }], [PAIR]),
    }),
    spoiled(whole, 'chain/wrong-suite', {
      id: 'chain/wrong-suite',
      comment: 'a chain under a suite that does not hash with BLAKE3',
      input: otherSuite(),
    }),
    spoiled(whole, 'bundle/contradicts-anchor', {
      id: 'chain/contradicts-anchor',
      comment: 'another fourth step is remembered',
      input: { anchors: [anchorOf(4, { entropy: chain.at(3).transition.entropy })] },
    }),
  ]
}

const anchorOf = (step: number, more: object): JsonObject => {
  const { transition } = chain.at(step)
  return anchorAt({ ...opened(PAIR), head: { ...transition, ...more } })
}

const otherSuite = (): JsonObject => {
  const parties = NAMES.map((name) => person(name, 'bip340'))
  const charter = charterOf({ suite: 'nostr', participants: parties }, { state: CELLS.state })
  return fileOf([{ ...WHOLE, machine: machineId(charter) }], [charter])
}

const paths = (): readonly Case[] => {
  const ids = chain.ids(1, 7)
  const path = pathInBatch('classic', ids, 4)
  const input = (of: BatchPath): JsonObject => ({ path: hexFromBytes(batchPath.encode(of)) })
  const whole = good({
    id: 'batch/path',
    comment: 'the fifth of seven steps under one root',
    check: 'batch',
    input: {
      suite: 'classic',
      ids: hexFromBytes(ids),
      id: hexFromBytes(ids.slice(128, 160)),
      ...input(path),
    },
  })
  const failing = (fault: string, id: string, comment: string, of: BatchPath): Case =>
    spoiled(whole, fault, { id: `batch/${id}`, comment, input: input(of) })
  const [sibling] = path.siblings
  if (!sibling) throw new Error('there is a sibling')
  return [
    whole,
    failing('batch/wrong-place', 'beyond', 'place 7 of 7, counted from 0', { ...path, index: 7 }),
    failing('batch/wrong-place', 'of-none', 'a batch of none', { ...path, size: 0, index: 0 }),
    failing('batch/wrong-path', 'short', 'a sibling missing', {
      ...path,
      siblings: path.siblings.slice(1),
    }),
    failing('batch/wrong-path', 'long', 'a sibling too many', {
      ...path,
      siblings: [...path.siblings, sibling],
    }),
    spoiled(whole, 'batch/wrong-size', {
      id: 'batch/half-an-id',
      comment: 'part of an id',
      input: { ids: hexFromBytes(ids.slice(1)) },
    }),
  ]
}

export const chainArea = (): Area => ({
  area: 'chain',
  about: 'Flat chains and batches of steps.',
  cases: [...files(), ...paths()],
})
