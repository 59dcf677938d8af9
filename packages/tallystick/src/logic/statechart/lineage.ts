/**
 * Which input follows which: an input that was signed elsewhere names the one before it, and this says whether that fits.
 *
 * Safety. An input is taken once. One that must follow the head can follow it once, as it becomes the head itself. One whose type
 * commutes may follow any of the last inputs; those are kept by their ids, and an input that is among them, or that names one
 * which is no longer kept, is refused. So whoever holds an old input cannot bring it again, however long he waits.
 *
 * Liveness. Of commuting inputs, none makes another stale until as many as the window have been taken in between.
 *
 * | path | value |
 * |---|---|
 * | 'input', id | the height at which it was taken; only of the last ones, and only where some type commutes |
 * | 'recent', n | the id taken at the height that leaves the remainder n, to forget it later |
 */
import { bytesFromUtf8 } from '../../base/bytes.ts'
import { Fault } from '../../base/fault.ts'
import type { Path } from '../../kernel/logic.ts'
import type { Agreement } from './agreement.ts'
import { type Head, jsonAt, type LeafChange, type ReadLeaf } from './leaves.ts'

export type Link = {
  /** Id of the input. */
  readonly id: string
  readonly type: string
  /** The input that its author saw last; missing for one who saw none. */
  readonly parent: string | undefined
}

/**
 * Whether an input may come next. Returns `statechart/taken-before`, `statechart/stale-head`, or
 * `statechart/unknown-parent` for a commuting one whose parent is not among the last inputs.
 */
export const checkLink = (
  read: ReadLeaf,
  head: Head,
  { commute, window }: Agreement,
  link: Link,
): Fault | undefined => {
  const { id, type, parent } = link
  if (id === head.input || heightOf(read, id) !== undefined) {
    return new Fault('statechart/taken-before', `input ${id} was taken before`)
  }
  if (parent === head.input || (parent === undefined && head.height === 0)) return undefined
  if (!commute.has(type)) {
    const says = `it follows ${parent ?? 'nothing'}, and the last input is ${head.input || 'none'}`
    return new Fault('statechart/stale-head', says)
  }
  // Who names no input has seen the beginning, which is at height 0.
  const height = parent === undefined ? 0 : heightOf(read, parent)
  if (height !== undefined && head.height - height < window) return undefined
  const says = `${parent ?? 'the beginning'} is none of the last ${window} inputs`
  return new Fault('statechart/unknown-parent', says)
}

/** What is remembered of an input at the next height, and what is forgotten for it. */
export const linkChanges = (
  read: ReadLeaf,
  height: number,
  { commute, window }: Agreement,
  id: string,
): readonly LeafChange[] => {
  if (commute.size === 0) return []
  const slot: Path = ['recent', String(height % window)]
  const old = jsonAt(read, slot)
  return [
    ...(typeof old === 'string' ? [{ path: inputPath(old), value: undefined }] : []),
    { path: slot, value: bytesFromUtf8(JSON.stringify(id)) },
    { path: inputPath(id), value: bytesFromUtf8(String(height)) },
  ]
}

const inputPath = (id: string): Path => ['input', id]

const heightOf = (read: ReadLeaf, id: string): number | undefined => {
  const height = jsonAt(read, inputPath(id))
  return typeof height === 'number' ? height : undefined
}
