/**
 * From what a definition writes as a target to states, by the rules of XState: `#id` and `#id.child` from anywhere,
 * `.child` from the state itself, `sibling` and `sibling.child` from its parent.
 */
import type { Frame } from './chart.ts'
import { isBelow } from './chart.ts'
import type { Frames } from './frames.ts'

/** A state's number, or why there is none. */
export const resolveTarget = (
  { frames, numbers }: Frames,
  source: Frame,
  target: string,
): number | string => {
  const parts = target.split('.')
  const [first = ''] = parts
  if (first.startsWith('#')) {
    const from = numbers.get(first.slice(1))
    if (from === undefined) return `no state has the id "${first.slice(1, 129)}"`
    return walkDown(frames, from, parts.slice(1))
  }
  if (first === '') return walkDown(frames, source.at, parts.slice(1))
  if (source.parent < 0) return 'the root has no siblings'
  return walkDown(frames, source.parent, parts)
}

/** The target of a history state counts from its parent, and lies below it. */
export const resolveDefault = (all: Frames, history: Frame, target: string): number | string => {
  if (target.startsWith('.')) return 'a default begins with the name of a sibling'
  const found = resolveTarget(all, history, target)
  if (typeof found === 'string') return found
  const frame = all.frames[found]
  if (frame === undefined || !isBelow(all.frames, found, history.parent))
    return 'it lies outside of what the history state remembers'
  return frame.kind === 'history' ? 'a history state cannot stand in for another one' : found
}

const walkDown = (
  frames: readonly Frame[],
  from: number,
  parts: readonly string[],
): number | string => {
  let at = from
  for (const part of parts) {
    const next = frames[at]?.childByKey.get(part)
    if (next === undefined)
      return `"${part.slice(0, 128)}" is no child of "${(frames[at]?.id ?? '').slice(0, 128)}"`
    at = next
  }
  return at
}

/** Whether a machine can stand in all of them at once: any two lie in different regions of a parallel state. */
export const areTogether = (frames: readonly Frame[], targets: readonly number[]): boolean => {
  const spots = targets.map((target) => {
    const frame = frames[target]
    return frame?.kind === 'history' ? frame.parent : target
  })
  return spots.every((one, at) =>
    spots.slice(at + 1).every((other) => isApart(frames, { one, other })),
  )
}

const isApart = (
  frames: readonly Frame[],
  { one, other }: { readonly one: number; readonly other: number },
): boolean => {
  if (one === other || isBelow(frames, one, other) || isBelow(frames, other, one)) return false
  let above = frames[one]?.parent ?? -1
  while (above >= 0 && !isBelow(frames, other, above)) above = frames[above]?.parent ?? -1
  return frames[above]?.kind === 'parallel'
}
