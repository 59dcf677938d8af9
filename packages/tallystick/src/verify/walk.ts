/**
 * The walk: every machine of a bundle from its charter on, step by step, in the order of the file.
 *
 * Promise. A step becomes a node only if its shape, links, premises, execution and signatures hold. States are kept by
 * transition id, so a second child of one parent is walked like the first, and neither overwrites the other. Cheap
 * before dear: nothing is executed that is not linked, and no signature is checked over what does not execute.
 *
 * Not promised. That a node is final: `own` says what its own certificate says, and `standing.ts` what all it rests
 * on makes of that.
 */
import type { MachineId, TransitionId } from '../base/brand.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import { type Charter, charter, checkCharter, CLOSED, machineId } from '../kernel/charter.ts'
import { execute, type Machine, openMachine } from '../kernel/execute.ts'
import { interactionId } from '../kernel/interaction.ts'
import { checkLink, type Transition, transitionId } from '../kernel/transition.ts'
import type { Finality } from '../kernel/verdict.ts'
import {
  type BundleParts,
  type BundleStep,
  bundleStep,
  headersOf,
  readPart,
  withheldStep,
} from './bundle.ts'
import { checkSignatures, claimedConsents, voicesOf } from './consents.ts'
import { describeOperations, tellOperations } from './describe.ts'
import { admitPolicy, beginPolicy, judgeLeg } from './judge.ts'
import { establishPremises } from './premises.ts'
import {
  addNode,
  type Base,
  INCOMPLETE_CODES,
  type Node,
  type Rest,
  type Run,
  type WrittenBase,
} from './run.ts'
import { followWithheld } from './withheld.ts'

/** Reads the charters of a bundle and opens their machines. */
export const walkCharters = (run: Run, framed: readonly Uint8Array[]): void => {
  for (const [at, one] of framed.entries()) {
    const read = readPart(charter, one, `charter ${at + 1}`)
    const fault = isFault(read) ? read : faultIn(() => openCharter(run, read))
    if (fault) run.faults.push(fault.at({ part: `charter ${at + 1} of the file` }))
  }
}

/** A check that may also throw its fault. */
const faultIn = (check: () => Fault | undefined): Fault | undefined => {
  const found = faultFrom(check)
  return isFault(found) ? found : undefined
}

const openCharter = (run: Run, of: Charter): Fault | undefined => {
  const place = { machine: machineId(of) }
  if (run.charters.has(place.machine)) {
    return new Fault('bundle/duplicate-charter', 'one charter stands in the file twice', place)
  }
  run.charters.set(place.machine, of)
  const fault = checkCharter(of, run.verifier) ?? admitPolicy(run, of.terms)
  if (fault) return fault.at(place)
  // Its steps come as a chain, which is checked apart.
  if (of.state.is === 'cells') return undefined
  const opened = openMachine(of, run.logics)
  if (isFault(opened)) {
    const unknown = opened.code === 'logic/unknown'
    return unknown ? new Fault('bundle/unknown-logic', opened.message, place) : opened
  }
  const begun = beginPolicy(run, of.terms)
  const node: Node = {
    machine: opened,
    parent: undefined,
    interaction: undefined,
    anchor: begun,
    own: { is: 'final', finality: GENESIS },
    rests: [],
    siblings: [opened.headId],
    described: [],
    told: [],
    voices: () => [],
    withheld: false,
    attested: () => [],
  }
  run.genesis.set(opened.id, node)
  addFollowed(run, node)
  return undefined
}

/** Adds a node, and the withheld steps behind it. */
const addFollowed = (run: Run, node: Node): void => {
  addNode(run, node)
  const refused = followWithheld(run, node)
  for (const { header, fault } of refused) reject(run, { headers: [header], machines: [] }, fault)
}

/** Nobody vouches for a genesis: it follows from the charter, so it limits nothing. */
const GENESIS: Finality = {
  grade: 'proven',
  reach: 'anyone',
  vouchers: [],
  undo: { atLeast: 0, of: [] },
  since: undefined,
  clock: 'none',
}

/** Walks the steps of a bundle in its order. */
export const walkSteps = (run: Run, { steps }: BundleParts): void => {
  for (const [at, framed] of steps.entries()) {
    const part = `step ${at + 1} of the file`
    const step = readPart(bundleStep, framed, `step ${at + 1}`)
    if (isFault(step)) reject(run, { headers: headersOf(framed), machines: [] }, step)
    else {
      const nodes = faultFrom(() => checkStep(run, step))
      if (isFault(nodes)) reject(run, lossOf(step), nodes.at({ part }))
      else for (const node of nodes) addFollowed(run, node)
    }
  }
  for (const { step, part } of [...run.waiting.values()].flat()) {
    const { machine, parent, sequence } = step.transition
    const fault = missing(run, machine, parent).at({ machine, step: sequence, part })
    reject(run, { headers: [step.transition], machines: [] }, fault)
  }
}

/** Reads the withheld steps of a bundle. Each waits until the step that it follows is known. */
export const walkWithheld = (run: Run, framed: readonly Uint8Array[]): void => {
  for (const [at, one] of framed.entries()) {
    const part = `withheld step ${at + 1}`
    const step = readPart(withheldStep, one, part)
    if (isFault(step)) reject(run, { headers: [], machines: [] }, step)
    else {
      const { parent } = step.transition
      const known = run.waiting.get(parent) ?? []
      run.waiting.set(parent, [...known, { step, part: `${part} of the file` }])
    }
  }
}

/** What is known of a step that does not hold. */
export type Loss = {
  readonly headers: readonly Transition[]
  readonly machines: readonly MachineId[]
}

const lossOf = (step: BundleStep): Loss => ({
  headers: step.legs.flatMap((one) => (one.is === 'written' ? [one.transition] : [])),
  machines: step.interaction.legs.map((one) => one.machine),
})

/** Notes a step that does not hold, so that steps after it are not blamed for it. */
export const reject = (run: Run, { headers, machines }: Loss, fault: Fault): void => {
  const first = headers.find((one) => run.charters.has(one.machine)) ?? headers[0]
  const follows = fault.code === FOLLOWS
  if (!follows) {
    const place = first && { machine: first.machine, step: first.sequence }
    run.faults.push(place ? fault.at(place) : fault)
  }
  const standing = follows || INCOMPLETE_CODES.has(fault.code) ? 'unchecked' : 'refused'
  const named = [...machines, ...headers.map((one) => one.machine)]
  // Nothing could be read: whatever is missed from here on may have stood there.
  for (const one of named.length > 0 ? named : run.charters.keys()) run.broken.add(one)
  for (const header of headers) {
    const suite = run.charters.get(header.machine)?.terms.suite
    const id = suite && transitionId(suite, header)
    if (id && !run.nodes.has(id)) run.rejected.set(id, { header, standing })
  }
}

/** Not reported: the step before it has been. */
const FOLLOWS = 'bundle/follows-rejected'

const isWritten = (base: Base): base is WrittenBase => base.part.is === 'written'

const checkStep = (run: Run, step: BundleStep): readonly Node[] | Fault => {
  const shape = checkShape(step)
  if (shape) return shape
  const bases = basesOf(run, step)
  if (isFault(bases)) return bases
  const written = bases.filter(isWritten)
  const linked = checkLinks(run, written)
  if (linked) return linked
  const premises = establishPremises(run, step.interaction.premises)
  if (isFault(premises)) return premises
  const done = execute({
    interaction: step.interaction,
    machines: new Map(bases.map((one) => [one.leg.machine, one.node.machine])),
    logics: run.logics,
    consents: claimedConsents(run, step, bases),
    proven: premises.proven,
    verifier: run.verifier,
  })
  if (isFault(done)) return done
  const other = compare(written, done.written)
  if (other) return other
  const unsigned = checkSignatures(run, step, bases)
  if (unsigned) return unsigned
  const described = describeOperations(run, step.interaction)
  const siblings = done.written.map((one) => one.headId)
  const nodes: Node[] = []
  for (const [at, base] of written.entries()) {
    const machine = done.written[at]
    if (!machine) continue
    const judged = judgeLeg(run, { step, base, machine })
    if (isFault(judged)) return judged.at({ machine: machine.id, step: machine.head.sequence })
    const looked = bases.filter((one) => one !== base)
    const rests: readonly Rest[] = [
      ...premises.rests,
      ...looked.map((one): Rest => ({ is: 'node', node: one.node })),
    ]
    nodes.push({
      machine,
      parent: base.node,
      interaction: step.interaction,
      rests,
      siblings,
      described,
      told: tellOperations(run, step.interaction, machine.id),
      voices: () => voicesOf(step, base, judged.attested()),
      withheld: false,
      ...judged,
    })
  }
  return nodes
}

/** The file gives one part for each leg, of the right kind, and the headers name machine and interaction. */
const checkShape = (step: BundleStep): Fault | undefined => {
  const { interaction, legs } = step
  if (legs.length !== interaction.legs.length) {
    return new Fault(
      'bundle/other-legs',
      `${legs.length} parts for ${interaction.legs.length} legs`,
    )
  }
  const id = interactionId(interaction)
  for (const [at, leg] of interaction.legs.entries()) {
    const part = legs[at]
    if ((part?.is === 'written') !== (leg.access === 'write')) {
      return new Fault(
        'bundle/other-legs',
        `leg ${at + 1} has access "${leg.access}", its part says otherwise`,
      )
    }
    if (part?.is !== 'written') continue
    const place = { machine: leg.machine, step: part.transition.sequence }
    if (part.transition.machine !== leg.machine) {
      return new Fault(
        'transition/wrong-machine',
        `the header names ${part.transition.machine}`,
        place,
      )
    }
    if (part.transition.interaction !== id) {
      return new Fault(
        'transition/wrong-interaction',
        `the header is about another interaction than ${id}`,
        place,
      )
    }
  }
  return undefined
}

const basesOf = (run: Run, step: BundleStep): readonly Base[] | Fault => {
  const bases: Base[] = []
  for (const [at, leg] of step.interaction.legs.entries()) {
    const part = step.legs[at]
    if (!part) continue
    const wanted = part.is === 'written' ? part.transition.parent : part.at
    const node = run.nodes.get(wanted)
    const place = {
      machine: leg.machine,
      ...(part.is === 'written' && { step: part.transition.sequence }),
    }
    if (!node) return missing(run, leg.machine, wanted).at(place)
    if (node.machine.id !== leg.machine) {
      return new Fault(
        'transition/wrong-parent',
        `${wanted} is a step of ${node.machine.id}`,
        place,
      )
    }
    bases.push({ leg, part, node })
  }
  return bases
}

const missing = (run: Run, machine: MachineId, wanted: TransitionId): Fault => {
  if (!run.charters.has(machine) && !run.uncharted.has(machine)) {
    run.uncharted.add(machine)
    return new Fault('bundle/missing-charter', `no charter of ${machine} is in the file`)
  }
  if (run.charters.get(machine)?.state.is === 'cells') {
    return new Fault('charter/cells-chain', 'a machine of cells takes its steps as a chain')
  }
  if (run.broken.has(machine) || !run.genesis.has(machine)) {
    return new Fault(FOLLOWS, 'the step before was refused or is missing')
  }
  return new Fault(
    'bundle/missing-step',
    `the step ${wanted} that this one builds on does not stand before it`,
  )
}

const checkLinks = (run: Run, written: readonly WrittenBase[]): Fault | undefined => {
  for (const { node, part } of written) {
    const { suite, policy } = node.machine.terms
    const fault = checkLink(suite, node.machine.head, part.transition)
    if (fault) return fault
    if (policy.kind === CLOSED) {
      const place = { machine: node.machine.id, step: part.transition.sequence }
      return new Fault('machine/closed', 'the machine takes no further step', place)
    }
    if (run.nodes.has(transitionId(suite, part.transition))) {
      const place = { machine: node.machine.id, step: part.transition.sequence }
      return new Fault('bundle/duplicate-step', 'one step stands in the file twice', place)
    }
  }
  return undefined
}

/** The headers in the file are what the logics make of the interaction. */
const compare = (written: readonly WrittenBase[], made: readonly Machine[]): Fault | undefined => {
  for (const [at, { part }] of written.entries()) {
    const machine = made[at]
    if (machine && machine.head.state !== part.transition.state) {
      const place = { machine: machine.id, step: machine.head.sequence, part: 'state' }
      return new Fault(
        'transition/wrong-state',
        `the rules lead to the state ${machine.head.state}`,
        place,
      )
    }
  }
  return undefined
}
