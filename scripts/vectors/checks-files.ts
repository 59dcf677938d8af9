/** Checks of whole files. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import { machineId } from '../../packages/tallystick/src/kernel/charter.ts'
import { interaction } from '../../packages/tallystick/src/kernel/interaction.ts'
import { transition } from '../../packages/tallystick/src/kernel/transition.ts'
import { GRADES } from '../../packages/tallystick/src/kernel/verdict.ts'
import { STANDARD_LOGICS } from '../../packages/tallystick/src/logic/registry.ts'
import {
  bodyFromFile,
  type FileKind,
  kindOfFile,
} from '../../packages/tallystick/src/verify/file.ts'
import { cardFromFile } from '../../packages/tallystick/src/verify/card.ts'
import { inviteFromFile } from '../../packages/tallystick/src/verify/invite.ts'
import type { Remembered } from '../../packages/tallystick/src/verify/run.ts'
import { STANDARD_MODELS } from '../../packages/tallystick/src/verify/standard.ts'
import { judgeChains } from '../../packages/tallystick/src/verify/chains.ts'
import { provePremises } from '../../packages/tallystick/src/verify/prove.ts'
import { verify } from '../../packages/tallystick/src/verify/verify.ts'
import { type Check, type Finding, type JsonObject, unless } from './finding.ts'
import { bigAt, bytesAt, bytesOrGeneratedAt, objectsAt, plain, textAt } from './read.ts'

const verifier = createPortableEngine()

const anchorIn = (input: JsonObject): Remembered => {
  const grade = GRADES.find((one) => one === textAt(input, 'grade'))
  if (!grade) throw new Error('no such grade')
  return {
    head: transition.decode(bytesAt(input, 'head')),
    grade,
    certificate: bytesAt(input, 'certificate'),
    asOf: 'asOf' in input ? bigAt(input, 'asOf') : undefined,
  }
}

const bundleCheck = (input: JsonObject): Finding => {
  const report = verify(bytesOrGeneratedAt(input, 'file'), {
    models: STANDARD_MODELS,
    logics: STANDARD_LOGICS,
    verifier,
    chains: judgeChains,
    anchors: objectsAt(input, 'anchors').map(anchorIn),
  })
  const expected = plain({
    outcome: report.outcome,
    faults: report.faults.map(({ code, place }) => ({
      code,
      ...(place.step !== undefined && { step: String(place.step) }),
      ...(place.party !== undefined && { party: place.party }),
      ...(place.part !== undefined && { part: place.part }),
    })),
    machines: report.machines.map(({ id, head, freshness, steps }) => ({
      id,
      head: { sequence: head.sequence, id: head.id, standing: head.standing, grade: head.grade },
      freshness: freshness.is,
      standings: steps.map((one) => one.standing),
    })),
    convictions: report.convictions.map(({ name, kind, signer, sequence }) => ({
      name,
      kind,
      signer,
      sequence,
    })),
  })
  const [first] = report.faults
  if (first) return { fault: first.code, expected }
  return { expected }
}

const KINDS: readonly FileKind[] = ['bundle', 'message', 'evidence', 'identity', 'invite']

/** Proves the premises of an interaction by a file, as a party's shell does before the party relies on them. */
const premisesCheck = (input: JsonObject): Finding => {
  const of = interaction.decode(bytesAt(input, 'interaction'))
  const options = { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier }
  const proven = unless(provePremises(bytesAt(input, 'file'), of.premises, options))
  return { expected: proven.grade }
}

export const fileChecks: Readonly<Record<string, Check>> = {
  card: (input) => {
    const { card, identity, head, device } = cardFromFile(bytesAt(input, 'file'), verifier)
    return {
      expected: { name: card.name, identity, sequence: head.sequence, device: device.name },
    }
  },
  invite: (input) => {
    const { from, charter, card } = inviteFromFile(bytesAt(input, 'file'), verifier)
    return { expected: { from, machine: machineId(charter), identity: card.identity } }
  },
  file: (input) => {
    const file = bytesOrGeneratedAt(input, 'file')
    if (!('kind' in input)) return { expected: kindOfFile(file) }
    const kind = KINDS.find((one) => one === textAt(input, 'kind'))
    if (!kind) throw new Error('no such kind')
    return { expected: hexFromBytes(bodyFromFile(kind, file)) }
  },
  bundle: bundleCheck,
  premises: premisesCheck,
}
