/**
 * What the checkers of the directory scenario remember between events, and what no single node knows: which operators
 * signed for which step, and which vows each log was of that somebody signed for.
 */
import type { TransitionId } from '../base/brand.ts'
import type { Statement } from '../kernel/statement.ts'
import { type Transition, transitionId } from '../kernel/transition.ts'
import { isEnough } from '../models/directory/certificate.ts'
import type { LogRoot } from '../models/directory/checkpoint.ts'
import type { Receipt } from '../models/directory/evidence.ts'
import type { DirectoryState, OperatorDesk } from './directory-node.ts'
import type { DirectoryTown } from './directory-town.ts'
import { createSignedLog, type SignedLog } from './signed-log.ts'
import type { NodeView, World } from './world.ts'

/** A step that operators have signed for, and the first receipt of each. */
export type Receipted = {
  readonly transition: Transition
  readonly receipts: readonly Receipt[]
}

export type DirectoryWatch = {
  readonly town: DirectoryTown
  readonly receipted: Map<TransitionId, Receipted>
  readonly children: Map<TransitionId, Set<TransitionId>>
  /** The children in a log, in its order, by its root. */
  readonly books: Map<LogRoot, readonly TransitionId[]>
  /** States at the last look, so that unchanged nodes cost nothing. */
  readonly looked: Map<string, unknown>
  readonly log: SignedLog
  readonly seen: Set<string>
  broken: string | undefined
}

export const createDirectoryWatch = (town: DirectoryTown): DirectoryWatch => ({
  town,
  receipted: new Map(),
  children: new Map(),
  books: new Map(),
  looked: new Map(),
  log: createSignedLog('classic'),
  seen: new Set(),
  broken: undefined,
})

/** Notes what an owner or an operator is about to sign. */
export const watchSigned = (
  watch: DirectoryWatch,
  node: NodeView<DirectoryState> | undefined,
  statement: Statement,
): void => {
  if (!node?.honest) return
  const conflict = watch.log.note(node.name, statement)
  if (conflict) watch.broken ??= `${node.name} signed a ${conflict}`
}

/** Brings the watch up to date. */
export const watchDesks = (watch: DirectoryWatch, world: World<DirectoryState>): void => {
  for (const { name, state } of world.nodes) {
    if (state.is !== 'desk' || watch.looked.get(name) === state.operator) continue
    watch.looked.set(name, state.operator)
    lookAt(watch, state)
  }
}

const lookAt = (watch: DirectoryWatch, { operator, seat }: OperatorDesk): void => {
  const ids: TransitionId[] = []
  for (const { submission, time, signature } of operator.vows.values()) {
    const { transition } = submission
    const id = transitionId('classic', transition)
    ids.push(id)
    if (!signature) continue
    const { receipts } = watch.receipted.get(id) ?? { receipts: [] }
    if (receipts.some((one) => one.operator === seat)) continue
    const receipt = { operator: seat, time, signature }
    watch.receipted.set(id, { transition, receipts: [...receipts, receipt] })
    const children = watch.children.get(transition.parent) ?? new Set()
    watch.children.set(transition.parent, children.add(id))
  }
  const { checkpoint } = operator
  if (checkpoint && !watch.books.has(checkpoint.of.logRoot)) {
    watch.books.set(checkpoint.of.logRoot, ids.slice(0, Number(checkpoint.of.size)))
  }
}

/** Children of one parent that have enough receipts each, as pairs. */
export const rivalsOf = (watch: DirectoryWatch): readonly (readonly [Receipted, Receipted])[] =>
  [...watch.children.values()].flatMap((children) => {
    if (children.size < 2) return []
    watch.seen.add('two children at operators')
    const certified = [...children].flatMap((id) => {
      const known = watch.receipted.get(id)
      return known && isEnough(watch.town.policy, known.receipts) ? [known] : []
    })
    return certified.flatMap((one, at) =>
      certified.slice(at + 1).map((other) => [one, other] as const),
    )
  })

/** Whether two logs that were signed for are of one list: one of them begins the other. */
export const isOneStory = (watch: DirectoryWatch, a: LogRoot, b: LogRoot): boolean => {
  const [one, other] = [watch.books.get(a) ?? [], watch.books.get(b) ?? []]
  return one.slice(0, other.length).every((child, at) => child === other[at])
}
