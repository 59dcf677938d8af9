/** An account's history as a bundle that anybody can check: its own steps from its desk, what they rest on from elsewhere. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { hexFromBytes, type MachineId } from 'tallystick/base'
import { createPrivateFolder, replaceFile } from 'tallystick/shell'
import { type Bundle, bundleFromFile, EMPTY_BUNDLE, joinBundles } from 'tallystick/verify'
import { inboxItemKey } from 'tallystick/models'
import { bundleStepsFrom, gatherBundle } from '../client/gather.ts'
import { type AccountFolder, fileAt } from './folder.ts'
import type { Office } from './office.ts'
import { acceptedAt } from './standing.ts'

export type OwnBundle = {
  readonly bundle: Bundle
  /** Machines that nobody showed. */
  readonly missing: readonly MachineId[]
}

/** Steps of this account and everything that they rest on: the certified ones, and those that wait if they are asked for. */
export const ownBundle = async (
  { desk, folder, directory }: Office,
  { hasWaiting }: { readonly hasWaiting: boolean } = { hasWaiting: false },
): Promise<OwnBundle> => {
  const { steps } = desk.state()
  const charters = [...desk.charters().values()]
  const own: Bundle = {
    ...EMPTY_BUNDLE,
    charters,
    steps: bundleStepsFrom(
      steps.flatMap(({ certificate, signature, ...step }) => {
        if (!signature || (!certificate && !hasWaiting)) return []
        const submission = { ...step, parent: step.transition, proposal: signature }
        const none = new Uint8Array(0)
        const accepted = acceptedAt(folder, step.transition.sequence) ?? none
        return [{ submission, certificate: certificate ?? none, accepted }]
      }),
      charters,
    ),
  }
  const support = joinBundles([own, ...supportOf(folder)])
  // The own steps are at hand, so only what they rest on is asked for.
  const { bundle, missing } = await gatherBundle(directory, [], {
    known: support,
    except: folder.id,
  })
  return { bundle, missing }
}

export type Supported = {
  readonly step: bigint
  /** Whether the money rests on less than a quorum’s word. */
  readonly isExposed: boolean
}

/** Keeps a file that the money received with a step rests on and that no directory may have. */
export const keepSupport = (
  folder: AccountFolder,
  { step, isExposed }: Supported,
  file: Uint8Array,
): void => {
  createPrivateFolder(join(folder.path, SUPPORT))
  const name = hexFromBytes(inboxItemKey(file)).slice(0, 32)
  const path = join(folder.path, SUPPORT, `${isExposed ? '' : 'of-'}${step}-${name}.tally`)
  replaceFile(path, file)
}

/** Steps by which money was taken in that rests on less than a quorum's word. */
export const exposedSteps = (folder: AccountFolder): ReadonlySet<string> => {
  const at = join(folder.path, SUPPORT)
  const names = existsSync(at) ? readdirSync(at) : []
  return new Set(names.map((one) => one.split('-')[0] ?? ''))
}

const supportOf = (folder: AccountFolder): readonly Bundle[] => {
  const at = join(folder.path, SUPPORT)
  if (!existsSync(at)) return []
  return readdirSync(at)
    .sort()
    .flatMap((name) => {
      const file = fileAt(join(at, name))
      return file ? [bundleFromFile(file)] : []
    })
}

const SUPPORT = 'support'
