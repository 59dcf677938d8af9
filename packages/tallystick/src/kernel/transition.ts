/**
 * Transitions: the fixed-size header that a certificate is about, and nothing else is.
 *
 * Wire, 168 bytes. The order puts what depends on the step before into the last block of a 64-byte block hash,
 * so that a whole batch can be hashed ahead of its links.
 *
 * | bytes | field | |
 * |---|---|---|
 * | 0–31 | machine | hash of the charter |
 * | 32–63 | interaction | hash of what was done |
 * | 64–95 | state | state root, or four u64 cells |
 * | 96–127 | entropy | see `nextEntropy` |
 * | 128–135 | sequence | u64, the parent's plus one; 0 at genesis |
 * | 136–167 | parent | id of the transition before; zeros at genesis |
 *
 * Entropy is public and deterministic. It makes two otherwise equal steps differ; it is no secret and must never
 * serve as one (`docs/spec/transition.md`).
 */
import {
  type Entropy,
  type InteractionId,
  type MachineId,
  type StateRoot,
  type TransitionId,
  zeroId,
} from '../base/brand.ts'
import { type Codec, codecFrom, id, u64 } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { hashValueId } from '../base/hash.ts'
import type { SuiteId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'

export type Transition = {
  readonly machine: MachineId
  readonly interaction: InteractionId
  readonly state: StateRoot
  readonly entropy: Entropy
  readonly sequence: bigint
  readonly parent: TransitionId
}

export const TRANSITION_BYTES = 168

const machineField = id<'machine'>()
const interactionField = id<'interaction'>()
const stateField = id<'state-root'>()
const entropyField = id<'entropy'>()
const parentField = id<'transition'>()

// Written out, because a payment writes and reads a dozen of them.
export const transition: Codec<Transition> = codecFrom(
  (writer, value) => {
    writer.id(value.machine)
    writer.id(value.interaction)
    writer.id(value.state)
    writer.id(value.entropy)
    u64.write(writer, value.sequence)
    writer.id(value.parent)
  },
  (reader) => ({
    machine: machineField.read(reader),
    interaction: interactionField.read(reader),
    state: stateField.read(reader),
    entropy: entropyField.read(reader),
    sequence: u64.read(reader),
    parent: parentField.read(reader),
  }),
)

/** The id of a transition; made once for each object, which never changes. */
export const transitionId = (suite: SuiteId, of: Transition): TransitionId => {
  const known = ids.get(of)
  if (known?.suite === suite) return known.id
  const id: TransitionId = hashValueId(suite, TAGS.transition, transition, of)
  ids.set(of, { suite, id })
  return id
}

/** The same without remembering it, for a header that was read for this one comparison. */
const comparedId = (suite: SuiteId, of: Transition): TransitionId => {
  const known = ids.get(of)
  return known?.suite === suite ? known.id : hashValueId(suite, TAGS.transition, transition, of)
}

const ids = new WeakMap<Transition, { readonly suite: SuiteId; readonly id: TransitionId }>()

/** Entropy of the next step: hash of machine, interaction, sequence and the parent's entropy. */
export const nextEntropy = (
  suite: SuiteId,
  next: Pick<Transition, 'machine' | 'interaction' | 'sequence'>,
  parentEntropy: Entropy,
): Entropy => hashValueId(suite, TAGS.entropy, entropySource, { ...next, parentEntropy })

type EntropySource = Pick<Transition, 'machine' | 'interaction' | 'sequence'> & {
  readonly parentEntropy: Entropy
}

const entropySource: Pick<Codec<EntropySource>, 'write'> = {
  write: (writer, of) => {
    writer.id(of.machine)
    writer.id(of.interaction)
    u64.write(writer, of.sequence)
    writer.id(of.parentEntropy)
  },
}

/** The transition that every history of a machine starts from. */
export const genesisTransition = (
  suite: SuiteId,
  machine: MachineId,
  state: StateRoot,
): Transition => {
  const start = { machine, interaction: zeroId<'interaction'>(), sequence: 0n }
  return {
    ...start,
    state,
    entropy: nextEntropy(suite, start, zeroId<'entropy'>()),
    parent: zeroId<'transition'>(),
  }
}

/** The child of `parent` that `interaction` leads to, once the logic has said what the state is. */
export const childTransition = (
  suite: SuiteId,
  parent: Transition,
  interaction: InteractionId,
  state: StateRoot,
): Transition => {
  const next = { machine: parent.machine, interaction, sequence: parent.sequence + 1n }
  return {
    ...next,
    state,
    entropy: nextEntropy(suite, next, parent.entropy),
    parent: transitionId(suite, parent),
  }
}

/**
 * Whether `child` follows `parent`: same machine, next sequence, linked by hash, entropy evolved. What it does not
 * check: the state, which needs the logic. Source: the linking rule and the entropy evolution of DSM.
 */
export const checkLink = (
  suite: SuiteId,
  parent: Transition,
  child: Transition,
): Fault | undefined => {
  const place = { machine: child.machine, step: child.sequence }
  if (child.machine !== parent.machine) {
    return new Fault(
      'transition/wrong-machine',
      `child of ${parent.machine} names ${child.machine}`,
      place,
    )
  }
  if (child.sequence !== parent.sequence + 1n) {
    return new Fault(
      'transition/wrong-sequence',
      `sequence ${child.sequence} follows ${parent.sequence}`,
      place,
    )
  }
  if (child.parent !== comparedId(suite, parent)) {
    return new Fault(
      'transition/wrong-parent',
      `parent ${child.parent} is not the step before`,
      place,
    )
  }
  if (child.entropy !== nextEntropy(suite, child, parent.entropy)) {
    return new Fault(
      'transition/wrong-entropy',
      'entropy does not follow from the step before',
      place,
    )
  }
  return undefined
}
