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
import type { Node, Own, Remembered, Run } from './run.ts'
import { liftedOwns } from './standing.ts'

export type Held = Outside & {
  /** What the remembered heads say about how new the file is. */
  readonly freshness: ReadonlyMap<MachineId, Freshness>
}

/** Adds `bundle/stale` and `bundle/contradicts-anchor` to the run's faults. */
export const holdAgainstAnchors = (run: Run): Held => {
  const found: Evidence[] = []
  const contradicted = new Set<TransitionId>()
  const freshness = new Map<MachineId, Freshness>()
  const owns = liftedOwns(run)
  for (const anchor of run.anchors) {
    const { machine, sequence } = anchor.head
    const charter = run.charters.get(machine)
    if (!charter) continue
    const nodes = run.byMachine.get(machine) ?? []
    const place = { machine, step: sequence }
    // A file that only needs the charter, to read a fact by, says nothing about how far the machine has come.
    const isShown = nodes.some((one) => one.parent !== undefined)
    const known = run.nodes.get(transitionId(charter.terms.suite, anchor.head))
    if (known) {
      const rivals = rivalsOf(known, nodes, owns)
      if (rivals.length > 0) {
        const text = `another step claims to be final in place of number ${sequence}`
        run.faults.push(new Fault('bundle/contradicts-anchor', text, place))
        for (const rival of rivals) {
          contradicted.add(rival.machine.headId)
          found.push(...evidenceAgainst(run, anchor, rival))
        }
      } else if (anchor.asOf !== undefined)
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

/**
 * Steps that claim a place on the way to a remembered one, where the file does not show the remembered way to be final
 * (attack: the remembered step is put beside its rival with its certificate left out, so that it seems to have lost).
 * Where both are shown to be final, comparing branches finds it.
 */
const rivalsOf = (
  known: Node,
  nodes: readonly Node[],
  owns: ReadonlyMap<TransitionId, Own>,
): readonly Node[] => {
  const open = new Map<bigint, Node>()
  for (let at: Node | undefined = known; at; at = at.parent) {
    if (owns.get(at.machine.headId)?.is !== 'final') open.set(at.machine.head.sequence, at)
  }
  return nodes.filter((one) => {
    const own = owns.get(one.machine.headId)?.is
    const ours = open.get(one.machine.head.sequence)
    return ours && ours !== one && (own === 'final' || own === 'provisional')
  })
}

const newest = (known: Freshness | undefined, asOf: bigint): Freshness =>
  known?.is === 'latest' && known.asOf > asOf ? known : { is: 'latest', asOf }

const evidenceAgainst = (run: Run, anchor: Remembered, rival: Node): readonly Evidence[] => {
  const parent = run.nodes.get(anchor.head.parent) ?? rival.parent
  if (!parent) return []
  const remembered = attestationsOn(run, parent, anchor)
  return evidenceBetween(parent.machine.terms, rival.attested(), remembered)
}
