/** Checks of charters, transitions, statements, vows, evidence, and of histories that are executed. */
import type { MachineId, TransitionId } from '../../packages/tallystick/src/base/brand.ts'
import { bytesFromHex, hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import type { Fault } from '../../packages/tallystick/src/base/fault.ts'
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import { charter, checkCharter, terms } from '../../packages/tallystick/src/kernel/charter.ts'
import {
  checkConsent,
  consent,
  consentDigest,
} from '../../packages/tallystick/src/kernel/consent.ts'
import { convict, evidence } from '../../packages/tallystick/src/kernel/evidence.ts'
import { execute, type Machine, openMachine } from '../../packages/tallystick/src/kernel/execute.ts'
import {
  checkInteraction,
  interaction,
  interactionId,
} from '../../packages/tallystick/src/kernel/interaction.ts'
import type { ProvenPremise } from '../../packages/tallystick/src/kernel/logic.ts'
import { statement, statementDigest } from '../../packages/tallystick/src/kernel/statement.ts'
import {
  checkLink,
  transition,
  transitionId,
} from '../../packages/tallystick/src/kernel/transition.ts'
import { permits, type Vow, type VowPhase } from '../../packages/tallystick/src/kernel/vow.ts'
import { read } from '../../packages/tallystick/src/state/tree.ts'
import { type Check, type Finding, type JsonObject, unless } from './finding.ts'
import { LOGICS, MODELS } from './models.ts'
import {
  bytesAt,
  idAt,
  listAt,
  numberAt,
  objectsAt,
  objectAt,
  plain,
  suiteAt,
  textAt,
  textsAt,
} from './read.ts'

const verifier = createPortableEngine()

const none = (fault: Fault | undefined): void => {
  if (fault) throw fault
}

const openCharter = (bytes: Uint8Array): Machine => {
  const of = charter.decode(bytes)
  none(checkCharter(of, verifier))
  const model = MODELS.get(of.terms.policy.kind)
  if (!model) throw new Error('vectors use the standard models')
  none(model.admit(of.terms, verifier))
  return unless(openMachine(of, LOGICS))
}

const checkCharterIn = (input: JsonObject): Finding => {
  const machine = openCharter(bytesAt(input, 'charter'))
  const genesis = hexFromBytes(transition.encode(machine.head))
  return { expected: { machine: machine.id, genesis, genesisId: machine.headId } }
}

const vowIn = (input: JsonObject): Vow => {
  const phases: readonly VowPhase[] = ['propose', 'hold', 'commit', 'abort']
  const phase = phases.find((one) => one === textAt(input, 'phase'))
  if (!phase) throw new Error('no such phase')
  const child = input['child'] === null ? undefined : idAt<'transition'>(input, 'child')
  return { round: numberAt(input, 'round'), phase, child, cited: numberAt(input, 'cited') }
}

const vowCheck = (input: JsonObject): Finding => {
  const permission = objectAt(input, 'permission')
  const released = new Set(listAt(permission, 'released').map(Number))
  const heldAt = permission['heldAt'] === null ? undefined : numberAt(permission, 'heldAt')
  const taken = objectsAt(input, 'taken').map(vowIn)
  return { expected: permits(taken, vowIn(objectAt(input, 'wish')), { released, heldAt }) }
}

/**
 * Executes interactions one after the other. `by` names, for each machine, the parties that have consented; premises are
 * proven from the states after earlier steps. A fault names the step that is refused.
 */
const historyCheck = (input: JsonObject): Finding => {
  const machines = new Map<MachineId, Machine>()
  const past = new Map<TransitionId, Machine>()
  for (const one of textsAt(input, 'charters')) {
    const machine = openCharter(bytesFromHex(one))
    machines.set(machine.id, machine)
    past.set(machine.headId, machine)
  }
  const made: string[] = []
  for (const step of objectsAt(input, 'steps')) {
    const of = interaction.decode(bytesAt(step, 'interaction'))
    const by = textsAt(step, 'by')
    const proven = of.premises.flatMap((premise): ProvenPremise[] => {
      if (premise.is === 'time') return [premise]
      const at = past.get(premise.transition)
      return at ? [{ ...premise, value: read(at.state, premise.key) }] : []
    })
    const consents = (machine: MachineId, party: number): boolean =>
      by.includes(machines.get(machine)?.terms.participants[party]?.name ?? '')
    const done = unless(
      execute({ interaction: of, machines, logics: LOGICS, consents, proven, verifier }),
    )
    for (const one of done.written) {
      machines.set(one.id, one)
      past.set(one.headId, one)
      made.push(hexFromBytes(transition.encode(one.head)))
    }
  }
  return { expected: made }
}

export const kernelChecks: Readonly<Record<string, Check>> = {
  charter: checkCharterIn,
  link: (input) => {
    const parent = transition.decode(bytesAt(input, 'parent'))
    const child = transition.decode(bytesAt(input, 'child'))
    none(checkLink(suiteAt(input), parent, child))
    return { expected: transitionId(suiteAt(input), child) }
  },
  interaction: (input) => {
    const of = interaction.decode(bytesAt(input, 'interaction'))
    none(checkInteraction(of))
    return { expected: interactionId(of) }
  },
  consent: (input) => {
    const of = terms.decode(bytesAt(input, 'terms'))
    const id = idAt<'interaction'>(input, 'interaction')
    none(checkConsent(of, id, consent.decode(bytesAt(input, 'consent')), verifier))
    return { expected: hexFromBytes(consentDigest(of.suite, id)) }
  },
  statement: (input) => {
    const of = statement.decode(bytesAt(input, 'statement'))
    return { expected: hexFromBytes(statementDigest(suiteAt(input), of)) }
  },
  vow: vowCheck,
  evidence: (input) => ({
    expected: plain(unless(convict(evidence.decode(bytesAt(input, 'evidence')), verifier))),
  }),
  history: historyCheck,
}
