/**
 * Standings: what a step amounts to once everything it rests on is taken into account.
 *
 * Promise. No step stands better than the step before it, the other legs of its interaction, or what it relies on;
 * its grade is the lowest on the way. Where two children were signed for, neither is called final.
 */
import type { MachineId, TransitionId } from '../base/brand.ts'
import type { Grade } from '../kernel/verdict.ts'
import { lowerGrade } from '../kernel/verdict.ts'
import type { Standing, StepReport } from './report.ts'
import type { Node, Own, Rest, Run } from './run.ts'

export type Settled = {
  readonly standing: Standing
  readonly grade: Grade
  readonly restsOn: StepReport['restsOn']
}

export type Settlement = ReadonlyMap<TransitionId, Settled>

/** Every node's standing. `contested` and `superseded` come from comparing branches (`branches.ts`). */
export const settle = (run: Run, marks: ReadonlyMap<TransitionId, Standing>): Settlement => {
  const owns = liftedOwns(run)
  const settled = new Map<TransitionId, Settled>()
  for (const [id, node] of run.nodes) {
    let present: Settled = { ...markedOwn(ownAt(owns, id), marks.get(id)), restsOn: undefined }
    // A certificate says that there is no other step, and not that the rules lead to this one.
    if (node.withheld && present.standing === 'final') present = { ...present, standing: 'vouched' }
    for (const limit of limitsOf(run, node, settled)) present = lowered(present, limit)
    // The other legs of the interaction count with what their own certificates say.
    for (const sibling of node.siblings) {
      if (sibling === id) continue
      const other = run.nodes.get(sibling)
      const limit = other && {
        ...markedOwn(ownAt(owns, sibling), marks.get(sibling)),
        at: placeOf(other),
      }
      if (limit) present = lowered(present, limit)
    }
    settled.set(id, present)
  }
  return settled
}

type Limit = {
  readonly standing: Standing
  readonly grade: Grade
  readonly at: { readonly machine: MachineId; readonly sequence: bigint }
}

const ORDER: readonly Standing[] = [
  'contested',
  'superseded',
  'pending',
  'provisional',
  'vouched',
  'final',
]

const lowered = (present: Settled, limit: Limit): Settled => {
  // Who rests on a step that lost to another one has lost what he relied on.
  const standing = limit.standing === 'superseded' ? 'contested' : limit.standing
  const worse = ORDER.indexOf(standing) < ORDER.indexOf(present.standing)
  const grade = lowerGrade(present.grade, limit.grade)
  if (!worse && grade === present.grade) return present
  return {
    standing: worse ? standing : present.standing,
    grade,
    restsOn: present.restsOn ?? limit.at,
  }
}

const limitsOf = (run: Run, node: Node, settled: Settlement): readonly Limit[] => {
  const rests: Rest[] = [...node.rests]
  const { parent } = node
  const isOnVouched = parent && settled.get(parent.machine.headId)?.standing === 'vouched'
  if (parent && (isOnVouched || !coversPrefix(run, node))) rests.push({ is: 'node', node: parent })
  return rests.flatMap((rest): readonly Limit[] => {
    if (rest.is === 'remembered') {
      const { grade, head } = rest.head
      const standing: Standing =
        grade === 'local' || grade === 'provisional' ? 'provisional' : 'final'
      return [{ standing, grade, at: { machine: head.machine, sequence: head.sequence } }]
    }
    const known = settled.get(rest.node.machine.headId)
    return known ? [{ ...known, at: placeOf(rest.node) }] : []
  })
}

const placeOf = (node: Node): Limit['at'] => ({
  machine: node.machine.id,
  sequence: node.machine.head.sequence,
})

const markedOwn = (own: Own, mark: Standing | undefined): Pick<Settled, 'standing' | 'grade'> => {
  switch (own.is) {
    case 'final':
      return { standing: mark ?? 'final', grade: own.finality.grade }
    case 'provisional':
      return { standing: mark ?? 'provisional', grade: 'provisional' }
    case 'pending':
      return { standing: mark ?? 'pending', grade: 'local' }
    case 'contested':
      return { standing: 'contested', grade: 'local' }
  }
}

const ownAt = (owns: ReadonlyMap<TransitionId, Own>, id: TransitionId): Own =>
  owns.get(id) ?? { is: 'pending', waitingFor: [] }

const coversPrefix = (run: Run, node: Node): boolean => {
  const kind = node.parent?.machine.terms.policy.kind
  const covers = kind === undefined ? undefined : run.models.get(kind)?.promises.covers
  return covers === 'prefix' && node.own.is === 'final'
}

/** Where a certificate covers all steps up to its own, the steps before it are as final as it is. */
export const liftedOwns = (run: Run): ReadonlyMap<TransitionId, Own> => {
  const owns = new Map<TransitionId, Own>()
  for (const [id, node] of run.nodes) owns.set(id, node.own)
  for (const node of run.nodes.values()) {
    if (!coversPrefix(run, node)) continue
    let before = node.parent
    while (before && owns.get(before.machine.headId)?.is === 'pending') {
      owns.set(before.machine.headId, node.own)
      before = before.parent
    }
  }
  return owns
}
