/**
 * Branches: steps of one machine that stand at one sequence number, and who signed for more than one of them.
 *
 * Two children are no misbehaviour by themselves: an offer that nobody accepted may stand beside the step that was
 * agreed. What is compared is who signed, and what a key signed twice is evidence against that key.
 */
import type { MachineId, SignerId, TransitionId } from '../base/brand.ts'
import { Fault, isFault } from '../base/fault.ts'
import { signerOf } from '../kernel/controller.ts'
import { convict, type Evidence, evidence } from '../kernel/evidence.ts'
import { type Attestation, evidenceBetween } from '../kernel/model.ts'
import { positionOf } from '../kernel/statement.ts'
import { readPart } from './bundle.ts'
import type { ConvictionReport, Standing } from './report.ts'
import type { Node, Own, Run } from './run.ts'

export type Branches = {
  /** Steps that lost to another one, or that nobody can call the only one. */
  readonly marks: ReadonlyMap<TransitionId, Standing>
  readonly convictions: readonly ConvictionReport[]
}

/** Evidence that did not come from comparing nodes, and nodes that something outside the file contradicts. */
export type Outside = {
  readonly evidence: readonly Evidence[]
  readonly contradicted: ReadonlySet<TransitionId>
}

/** Compares all branches of a run and adds `bundle/contested` for each place where two claim to be the only one. */
export const compareBranches = (
  run: Run,
  owns: ReadonlyMap<TransitionId, Own>,
  outside: Outside,
): Branches => {
  const marks = new Map<TransitionId, Standing>()
  const found = new Map<string, ConvictionReport>()
  const names = namesOf(run)
  const noted = new Set<MachineId>()
  const add = (of: Evidence): void => {
    const report = convictionReport(run, names, of)
    if (!report) return
    const { signer, kind, machine, sequence } = report
    found.set(`${signer} ${kind} ${machine} ${sequence}`, report)
  }
  for (const group of groupsOf(run)) {
    const rivals = [...group].sort((a, b) => rank(owns, a) - rank(owns, b))
    markRivals(run, owns, rivals, marks)
    const [node, ...others] = rivals
    if (!node) continue
    const first = { node, attested: node.attested() }
    for (const other of others) for (const one of evidenceIn(names, first, other)) add(one)
  }
  for (const node of run.nodes.values()) if (node.own.is === 'contested') add(node.own.evidence)
  for (const one of outside.evidence) {
    const { machine } = positionOf(one.first.statement)
    if (!noted.has(machine)) noteNamesAt(run, names, machine)
    noted.add(machine)
    add(one)
  }
  const convictions = [...found.values()]
  for (const id of outside.contradicted) marks.set(id, 'contested')
  markConvicted(run, owns, convictions, marks)
  return { marks, convictions }
}

/**
 * A step is contested as well if so many of those who vouch for it stand convicted at its place that another
 * step can be as final as it is, even if that other one is not in the file.
 */
const markConvicted = (
  run: Run,
  owns: ReadonlyMap<TransitionId, Own>,
  convictions: readonly ConvictionReport[],
  marks: Map<TransitionId, Standing>,
): void => {
  const convicted = new Map<string, ConvictionReport[]>()
  for (const one of convictions) {
    const at = `${one.machine} ${one.sequence}`
    convicted.set(at, [...(convicted.get(at) ?? []), one])
  }
  for (const [id, node] of run.nodes) {
    const found = convicted.get(`${node.machine.id} ${node.machine.head.sequence}`)
    const own = owns.get(id)
    if (!found || !own || marks.has(id)) continue
    const liars = liarsAt(node, found)
    const doubtful =
      own.is === 'final'
        ? own.finality.undo.of.filter((name) => liars.has(name)).length >= own.finality.undo.atLeast
        : own.is === 'provisional'
    if (!doubtful) continue
    marks.set(id, 'contested')
    const place = { machine: node.machine.id, step: node.machine.head.sequence }
    const said = [...liars].join(', ')
    run.faults.push(
      new Fault('bundle/contested', `${said} signed for another step at this place`, place),
    )
  }
}

/**
 * The convicted as the terms of that very step call them (attack: terms changed afterwards give the liars' keys other
 * names, and their old names look honest).
 */
const liarsAt = (node: Node, found: readonly ConvictionReport[]): ReadonlySet<string> => {
  const { suite } = node.machine.terms
  const names = new Map(node.attested().map((one) => [signerOf(suite, one), one.name]))
  return new Set(
    found.flatMap(({ signer, name }) => {
      const known = names.get(signer) ?? name
      return known === undefined ? [] : [known]
    }),
  )
}

/** Nodes of one machine at one sequence number, where there are several. */
const groupsOf = (run: Run): readonly (readonly Node[])[] => {
  const groups = new Map<string, Node[]>()
  for (const node of run.nodes.values()) {
    const at = `${node.machine.id} ${node.machine.head.sequence}`
    const group = groups.get(at)
    if (group) group.push(node)
    else groups.set(at, [node])
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

const RANKS: readonly Own['is'][] = ['contested', 'final', 'provisional', 'pending']

const rank = (owns: ReadonlyMap<TransitionId, Own>, node: Node): number =>
  RANKS.indexOf(owns.get(node.machine.headId)?.is ?? 'pending')

/** With one final step the others have lost. With two, or with two provisional ones and none final, all are contested. */
const markRivals = (
  run: Run,
  owns: ReadonlyMap<TransitionId, Own>,
  rivals: readonly Node[],
  marks: Map<TransitionId, Standing>,
): void => {
  const of = (is: Own['is']): readonly Node[] =>
    rivals.filter((one) => owns.get(one.machine.headId)?.is === is)
  const finals = of('final')
  const claims = finals.length > 0 ? finals : of('provisional')
  const contested = claims.length > 1
  for (const one of rivals) {
    const id = one.machine.headId
    if (contested && claims.includes(one)) marks.set(id, 'contested')
    else if (finals.length > 0 && !finals.includes(one)) marks.set(id, 'superseded')
  }
  const [first] = claims
  if (!contested || !first) return
  const place = { machine: first.machine.id, step: first.machine.head.sequence }
  run.faults.push(
    new Fault('bundle/contested', `${claims.length} different steps claim this place`, place),
  )
}

/** Who signed for the first and for another of them. */
const evidenceIn = (names: Names, first: Signed, second: Node): readonly Evidence[] => {
  const { parent } = first.node
  if (!parent) return []
  const theirs = second.attested()
  for (const one of [...first.attested, ...theirs]) noteName(names, first.node, one)
  return evidenceBetween(parent.machine.terms, first.attested, theirs)
}

type Signed = { readonly node: Node; readonly attested: readonly Attestation[] }

/**
 * Names of keys, by machine and signer: what one machine's charter calls a key says nothing about it on another (attack:
 * a charter of somebody's own making that gives a stranger's key an honest name).
 */
type Names = Map<string, string>

const nameKey = (machine: MachineId, signer: SignerId): string => `${machine} ${signer}`

const namesOf = (run: Run): Names => {
  const names: Names = new Map()
  for (const node of run.nodes.values()) {
    const { id, terms } = node.machine
    if (node.parent && node.parent.machine.terms === terms) continue
    for (const { name, controller } of terms.participants) {
      for (const key of controller.keys) names.set(nameKey(id, signerOf(terms.suite, key)), name)
    }
  }
  return names
}

const noteName = (names: Names, { machine }: Node, of: Attestation): void => {
  names.set(nameKey(machine.id, signerOf(machine.terms.suite, of)), of.name)
}

/** Certifiers are named by the certificates they signed; their signatures were checked already. */
const noteNamesAt = (run: Run, names: Names, machine: MachineId): void => {
  for (const node of run.byMachine.get(machine) ?? []) {
    for (const one of node.attested()) noteName(names, node, one)
  }
}

const convictionReport = (run: Run, names: Names, of: Evidence): ConvictionReport | undefined => {
  const conviction = convict(of, run.verifier)
  if (isFault(conviction)) return undefined
  const { kind, signer, machine, sequence } = conviction
  const bytes = evidence.encode(of).length
  return {
    kind,
    name: names.get(nameKey(machine, signer)),
    signer,
    machine,
    sequence,
    evidence: of,
    bytes,
  }
}

/** Reads and checks the pieces of evidence of a bundle; the worthless ones become faults. */
export const checkEvidence = (run: Run, framed: readonly Uint8Array[]): readonly Evidence[] => {
  const good: Evidence[] = []
  for (const [at, one] of framed.entries()) {
    const part = `evidence ${at + 1}`
    const read = readPart(evidence, one, part)
    const judged = isFault(read) ? read : convict(read, run.verifier)
    if (isFault(judged)) run.faults.push(judged.at({ part: `${part} of the file` }))
    else if (!isFault(read)) good.push(read)
  }
  return good
}
