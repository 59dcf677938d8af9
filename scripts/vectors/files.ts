/** Cases about whole files. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import type { Machine } from '../../packages/tallystick/src/kernel/execute.ts'
import { transition } from '../../packages/tallystick/src/kernel/transition.ts'
import {
  type Bundle,
  EMPTY_BUNDLE,
  fileFromBundle,
} from '../../packages/tallystick/src/verify/bundle.ts'
import { type Case, good, spoiled } from './case.ts'
import type { JsonObject } from './finding.ts'

const bundleOf = (more: Partial<Bundle>): Bundle => ({ ...EMPTY_BUNDLE, ...more })
export const hexOfFile = (more: Partial<Bundle>): string =>
  hexFromBytes(fileFromBundle(bundleOf(more)))

export const holds = (
  id: string,
  comment: string,
  more: Partial<Bundle>,
  input: JsonObject = {},
): Case =>
  good({
    id: `bundle/${id}`,
    comment,
    check: 'bundle',
    input: { file: hexOfFile(more), anchors: [], ...input },
  })

export const fails = (
  from: Case,
  fault: string,
  id: string,
  comment: string,
  more: Partial<Bundle>,
): Case => spoiled(from, fault, { id: `bundle/${id}`, comment, input: { file: hexOfFile(more) } })

export const anchorAt = (machine: Machine, more: JsonObject = {}): JsonObject => ({
  head: hexFromBytes(transition.encode(machine.head)),
  grade: 'cosigned',
  certificate: '',
  ...more,
})
