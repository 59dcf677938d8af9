/** What a report says about one machine: its parties, all its steps and the head of its main line. */
import type { TransitionId } from '../base/brand.ts'
import type { Terms } from '../kernel/charter.ts'
import { signerOf } from '../kernel/controller.ts'
import { transitionId } from '../kernel/transition.ts'
import { CUSTODIANS, policyIn } from '../models/custodians/policy.ts'
import { nameOf } from './describe.ts'
import { fieldKey } from './openings.ts'
import type {
  DeedReport,
  FieldReport,
  Freshness,
  MachineReport,
  PartyReport,
  Standing,
  StepReport,
} from './report.ts'
import type { Node, Own, Rejected, Run } from './run.ts'
import type { Settlement } from './standing.ts'

export type MachineToReport = {
  readonly genesis: Node
  readonly line: readonly Node[]
  readonly settlement: Settlement
  readonly owns: ReadonlyMap<TransitionId, Own>
  readonly freshness: Freshness
  /** Steps of the machine that did not hold, or could not be checked. */
  readonly rejected: readonly Rejected[]
}

export const machineReport = (run: Run, of: MachineToReport): MachineReport => {
  const { genesis, line, settlement, freshness } = of
  const head = line.at(-1) ?? genesis
  const { id, charter } = genesis.machine
  const { terms } = head.machine
  const settled = settlement.get(head.machine.headId)
  return {
    id,
    name: nameOf(head.machine),
    network: charter.network,
    suite: terms.suite,
    parties: partiesOf(terms),
    policy: terms.policy.kind,
    steps: stepsOf(run, of),
    head: {
      sequence: head.machine.head.sequence,
      id: head.machine.headId,
      standing: settled?.standing ?? 'final',
      grade: head.parent && settled?.grade,
    },
    freshness,
  }
}

export const partiesOf = ({ suite, participants }: Terms): readonly PartyReport[] =>
  participants.map(({ name, controller }) => ({
    name,
    keys: controller.keys.map((key) => ({ scheme: key.scheme, signer: signerOf(suite, key) })),
    threshold: controller.threshold,
  }))

const stepsOf = (run: Run, of: MachineToReport): readonly StepReport[] => {
  const { genesis, settlement, owns } = of
  const { id, charter } = genesis.machine
  const steps: StepReport[] = []
  for (const node of run.byMachine.get(id) ?? []) {
    const at = node.machine.headId
    const settled = settlement.get(at)
    if (!node.parent || !settled) continue
    const own = owns.get(at) ?? node.own
    const finality = own.is === 'final' ? own.finality : undefined
    const standIns = standInsAmong(finality?.vouchers ?? [], node.parent.machine.terms)
    steps.push({
      sequence: node.machine.head.sequence,
      id: at,
      interaction: node.machine.head.interaction,
      described: node.described,
      ...settled,
      finality,
      ...(standIns.length > 0 && { standIns }),
      waitingFor: 'waitingFor' in own ? own.waitingFor : [],
      withheld: node.withheld,
      fields: fieldsIn(run, node),
      deeds: deedsIn(node),
    })
  }
  for (const { header, standing } of of.rejected) {
    steps.push({
      sequence: header.sequence,
      id: transitionId(charter.terms.suite, header),
      interaction: header.interaction,
      described: [],
      standing,
      grade: 'local',
      finality: undefined,
      waitingFor: [],
      restsOn: undefined,
      withheld: false,
      fields: [],
      deeds: [],
    })
  }
  return steps.sort((a, b) => Number(a.sequence - b.sequence))
}

/** Who of the signers stands in for custodians, by the terms under which the step was decided. */
const standInsAmong = (vouchers: readonly string[], { policy }: Terms): readonly string[] => {
  if (policy.kind !== CUSTODIANS) return []
  const names = (policyIn({ policy }).escalation?.standIns ?? []).map((one) => one.name)
  return vouchers.filter((one) => names.includes(one))
}

/** The fields that a step committed to, in the order of its operations. */
const fieldsIn = (run: Run, { machine, told }: Node): readonly FieldReport[] =>
  told.flatMap(({ record, fields }) =>
    fields.map(({ name }): FieldReport => {
      const of = { machine: machine.id, interaction: machine.head.interaction, record, name }
      return { record, name, value: run.opened.get(fieldKey(of)) }
    }),
  )

const deedsIn = ({ told, voices }: Node): readonly DeedReport[] => {
  const deeds = told.flatMap(({ record, deed }) => (deed ? [{ record, deed }] : []))
  if (deeds.length === 0) return []
  const agreed = voices()
  return deeds.map((one) => ({ ...one, agreed }))
}

const BEST_FIRST: readonly Standing[] = ['final', 'vouched', 'provisional', 'contested']

/** The main line after genesis: at each place the child that stands best; it ends where only offers are left. */
export const lineOf = (run: Run, genesis: Node, settlement: Settlement): readonly Node[] => {
  const children = new Map<TransitionId, Node[]>()
  for (const node of run.byMachine.get(genesis.machine.id) ?? []) {
    if (!node.parent) continue
    const before = node.parent.machine.headId
    const known = children.get(before)
    if (known) known.push(node)
    else children.set(before, [node])
  }
  const line: Node[] = []
  let at: Node | undefined = genesis
  while (at) {
    const after: readonly Node[] = children.get(at.machine.headId) ?? []
    at = BEST_FIRST.map((one) =>
      after.find((child) => settlement.get(child.machine.headId)?.standing === one),
    ).find((child) => child !== undefined)
    if (at) line.push(at)
  }
  return line
}
