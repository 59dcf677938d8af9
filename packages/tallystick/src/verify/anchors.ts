/**
 * Anchors: the file held against the heads that the verifier remembers from earlier.
 *
 * A file that ends before a remembered head is stale. One that has another step where the remembered head stands
 * contradicts it; if the certificate was kept as well, whoever signed for both is convicted.
 */
import type { MachineId, TransitionId } from '../base/brand.ts'
import { Fault } from '../base/fault.ts'
import type { Evidence } from '../kernel/evidence.ts'
import { evidenceBetween } from '../kernel/model.ts'
import { transitionId } from '../kernel/transition.ts'
import type { Outside } from './branches.ts'
import { attestationsOn } from './judge.ts'
import type { Freshness } from './report.ts'
import type { Node, Remembered, Run } from './run.ts'

export type Held = Outside & {
  /** What the remembered heads say about how new the file is. */
  readonly freshness: ReadonlyMap<MachineId, Freshness>
}

/** Adds `bundle/stale` and `bundle/contradicts-anchor` to the run's faults. */
export const holdAgainstAnchors = (run: Run): Held => {
  const found: Evidence[] = []
  const contradicted = new Set<TransitionId>()
  const freshness = new Map<MachineId, Freshness>()
  for (const anchor of run.anchors) {
    const { machine, sequence } = anchor.head
    const charter = run.charters.get(machine)
    if (!charter) continue
    const nodes = run.byMachine.get(machine) ?? []
    const place = { machine, step: sequence }
    // A file that only needs the charter, to read a fact by, says nothing about how far the machine has come.
    const isShown = nodes.some((one) => one.parent !== undefined)
    if (run.nodes.has(transitionId(charter.terms.suite, anchor.head))) {
      if (anchor.asOf !== undefined)
        freshness.set(machine, newest(freshness.get(machine), anchor.asOf))
    } else if (!isShown) {
      continue
    } else if (nodes.every((one) => one.machine.head.sequence < sequence)) {
      run.faults.push(
        new Fault('bundle/stale', `step ${sequence} is remembered and not in the file`, place),
      )
    } else {
      const text = `another step is remembered as number ${sequence}`
      run.faults.push(new Fault('bundle/contradicts-anchor', text, place))
      for (const rival of nodes.filter((one) => one.machine.head.sequence === sequence)) {
        contradicted.add(rival.machine.headId)
        found.push(...evidenceAgainst(run, anchor, rival))
      }
    }
  }
  return { evidence: found, contradicted, freshness }
}

const newest = (known: Freshness | undefined, asOf: bigint): Freshness =>
  known?.is === 'latest' && known.asOf > asOf ? known : { is: 'latest', asOf }

const evidenceAgainst = (run: Run, anchor: Remembered, rival: Node): readonly Evidence[] => {
  const parent = run.nodes.get(anchor.head.parent) ?? rival.parent
  if (!parent) return []
  const remembered = attestationsOn(run, parent, anchor)
  return evidenceBetween(parent.machine.terms, rival.attested(), remembered)
}
