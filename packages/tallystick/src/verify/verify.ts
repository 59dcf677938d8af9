/**
 * Verification: one file in, one report out.
 *
 * Promise. `verify` is a function of its arguments: no clock, no network, no memory between runs. It never throws on
 * anything the bytes can do; whatever is wrong with them stands in the report.
 *
 * Not promised. That a file holds the newest step there is: see `Freshness`. That a name in it is the person you know:
 * see `Assumption`.
 */
import type { MachineId } from '../base/brand.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import { CLOSED } from '../kernel/charter.ts'
import { assumptionsOfLine, disclosureOf } from './assumptions.ts'
import { holdAgainstAnchors } from './anchors.ts'
import { checkEvidence, compareBranches } from './branches.ts'
import { openBundle } from './bundle.ts'
import { lineOf, machineReport } from './machine-report.ts'
import { createMemo } from './memo.ts'
import { checkOpenings } from './openings.ts'
import { checkFacts } from './premises.ts'
import type { Freshness, MachineReport, Outcome, Report } from './report.ts'
import {
  type ChainFound,
  INCOMPLETE_CODES,
  type JudgeChains,
  type JudgeLies,
  type Node,
  type Rejected,
  type Run,
  type VerifyOptions,
} from './run.ts'
import { liftedOwns, settle, type Settlement } from './standing.ts'
import { reject, walkCharters, walkSteps, walkWithheld } from './walk.ts'

/** Checks a bundle file. */
export const verify = (file: Uint8Array, options: VerifyOptions): Report =>
  reportFrom(file, survey(file, options))

/** What going through a file has found, in a report. */
export const reportFrom = (file: Uint8Array, surveyed: Survey | Fault): Report => {
  if (isFault(surveyed)) return refused(file, surveyed)
  const { run, owns, branches, held, settlement, chains } = surveyed
  const freshness = (machine: MachineId): Freshness =>
    held.freshness.get(machine) ?? { is: 'unknown' }
  const rejected = rejectedByMachine(run)
  const machines: MachineReport[] = []
  const assumptions: Report['assumptions'][number][] = []
  for (const genesis of run.genesis.values()) {
    const line = lineOf(run, genesis, settlement)
    const head = line.at(-1) ?? genesis
    const fresh = isClosed(head, settlement)
      ? ({ is: 'closed' } as const)
      : freshness(genesis.machine.id)
    const lost = rejected.get(genesis.machine.id) ?? []
    const shown = { genesis, line, settlement, owns, freshness: fresh, rejected: lost }
    machines.push(machineReport(run, shown))
    assumptions.push(...assumptionsOfLine(head, line, fresh), ...disclosureOf(run, genesis.machine))
  }
  for (const chain of chains) {
    machines.push(chain.machine)
    assumptions.push(...chain.assumptions)
  }
  return {
    outcome: outcomeOf(run.faults, machines),
    faults: run.faults,
    machines,
    convictions: branches.convictions,
    lies: surveyed.lies,
    assumptions,
    bytes: file.length,
  }
}

/** No step can follow a final one that closes its machine, so the file holds the newest there is. */
const isClosed = ({ machine }: Node, settlement: Settlement): boolean =>
  machine.terms.policy.kind === CLOSED && settlement.get(machine.headId)?.standing === 'final'

/** What going through a file has found, before it is put into words. */
export type Survey = {
  readonly run: Run
  readonly owns: ReturnType<typeof liftedOwns>
  readonly branches: ReturnType<typeof compareBranches>
  readonly held: ReturnType<typeof holdAgainstAnchors>
  readonly settlement: Settlement
  readonly chains: readonly ChainFound[]
  readonly lies: Report['lies']
}

/** Goes through a file. Returns the fault of a file that cannot be opened at all. */
export const survey = (file: Uint8Array, options: VerifyOptions): Survey | Fault => {
  const run = createRun(options)
  const opened = faultFrom(() => openBundle(file))
  if (isFault(opened)) return opened
  const { parts, damage } = opened
  walkWithheld(run, parts.withheld)
  walkCharters(run, parts.charters)
  checkFacts(run, parts.facts)
  walkSteps(run, parts)
  checkOpenings(run, parts.openings)
  const chains = chainsIn(run, parts.chains, options.chains)
  if (damage) reject(run, { headers: damage.headers, machines: [] }, damage.fault)
  const evidence = checkEvidence(run, parts.evidence)
  const held = holdAgainstAnchors(run)
  const owns = liftedOwns(run)
  const branches = compareBranches(run, owns, {
    evidence: [...evidence, ...held.evidence],
    contradicted: held.contradicted,
  })
  const lies = liesIn(run, parts.lies, options.lies)
  return { run, owns, branches, held, settlement: settle(run, branches.marks), chains, lies }
}

const chainsIn = (
  run: Run,
  framed: readonly Uint8Array[],
  judge: JudgeChains | undefined,
): readonly ChainFound[] => {
  if (judge) return judge(run, framed)
  if (framed.length > 0) {
    run.faults.push(new Fault('bundle/unknown-chain', 'flat chains are not checked here'))
  }
  return []
}

const liesIn = (
  run: Run,
  framed: readonly Uint8Array[],
  judge: JudgeLies | undefined,
): Report['lies'] => {
  if (judge) return judge(run, framed)
  if (framed.length > 0) {
    run.faults.push(new Fault('bundle/unknown-lie', 'lies of certifiers are not judged here'))
  }
  return []
}

const createRun = (options: VerifyOptions): Run => ({
  models: options.models,
  logics: options.logics,
  verifier: createMemo(options.verifier),
  now: options.now,
  anchors: options.anchors ?? [],
  charters: new Map(),
  genesis: new Map(),
  nodes: new Map(),
  byMachine: new Map(),
  uncharted: new Set(),
  broken: new Set(),
  rejected: new Map(),
  findings: new Map(),
  waiting: new Map(),
  opened: new Map(),
  faults: [],
})

const rejectedByMachine = (run: Run): ReadonlyMap<MachineId, readonly Rejected[]> => {
  const found = new Map<MachineId, Rejected[]>()
  for (const one of run.rejected.values()) {
    const known = found.get(one.header.machine)
    if (known) known.push(one)
    else found.set(one.header.machine, [one])
  }
  return found
}

const refused = (file: Uint8Array, fault: Fault): Report => ({
  outcome: 'invalid',
  faults: [fault],
  machines: [],
  convictions: [],
  lies: [],
  assumptions: [],
  bytes: file.length,
})

const outcomeOf = (faults: readonly Fault[], machines: readonly MachineReport[]): Outcome => {
  if (faults.some((one) => !INCOMPLETE_CODES.has(one.code))) return 'invalid'
  const standings = new Set(machines.flatMap((one) => one.steps.map((step) => step.standing)))
  if (standings.has('contested') || standings.has('refused')) return 'invalid'
  const open = faults.length > 0 || machines.length === 0
  const weak = ['vouched', 'provisional', 'pending', 'unchecked'] as const
  return open || weak.some((one) => standings.has(one)) ? 'incomplete' : 'valid'
}
