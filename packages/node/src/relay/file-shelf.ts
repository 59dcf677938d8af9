/**
 * A shelf for machines whose steps name any machine as a premise: files as their authors published them, each author's put together.
 *
 * Promise. Files of one author never stand beside those of another, so that nobody spoils what somebody else shows (attack: the loser
 * publishes a false step, and whoever joins all that relays have shows something false). Whoever asks for files that show premises gets one
 * that does, whichever author it came from; where none does, one that was to, so that what is wrong with it can be said.
 *
 * Not promised. That a history which is longer than a candidate may bring can be shown.
 */
import { CANDIDATE_ATTACHMENT_BYTES_MAX, faultFrom, isFault, type Verifier } from 'tallystick/base'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import { machineId, type Premise } from 'tallystick/kernel'
import { bundleFromFile, createProver, fileFromBundle, joinBundles } from 'tallystick/verify'
import { FILE_AUTHORS_MAX, PROOFS_PER_AUTHOR_MAX } from './limits.ts'
import { NOTHING_QUOTED, type Shelf } from './shelf.ts'

type Kept = { readonly file: Uint8Array; readonly count: number }

export const createFileShelf = (verifier: Verifier): Shelf => {
  const prove = createProver({ models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier })
  const byAuthor = new Map<string, Kept>()
  const found = new WeakMap<readonly Premise[], readonly Uint8Array[]>()
  return {
    wanted: new Set(),
    take: (file, by) => {
      const kept = byAuthor.get(by)
      if ((kept?.count ?? 0) >= PROOFS_PER_AUTHOR_MAX) return []
      const joined = faultFrom(() => withFile(kept?.file, file))
      if (isFault(joined) || joined.length > CANDIDATE_ATTACHMENT_BYTES_MAX) return []
      if (kept && Buffer.compare(kept.file, joined) === 0) return []
      const [oldest] = byAuthor.keys()
      if (!kept && byAuthor.size >= FILE_AUTHORS_MAX && oldest !== undefined)
        byAuthor.delete(oldest)
      byAuthor.set(by, { file: joined, count: (kept?.count ?? 0) + 1 })
      return bundleFromFile(joined).charters.map(machineId)
    },
    supportFor: () => NOTHING_QUOTED,
    attachmentsFor: (premises) => {
      if (premises.length === 0) return []
      const known = found.get(premises)
      if (known) return known
      const lists = [...byAuthor.values()].map(({ file }): readonly Uint8Array[] => [file])
      const good = lists.find((one) => prove(one, premises) === undefined)
      if (good) found.set(premises, good)
      return good ?? lists.at(-1) ?? []
    },
    convictions: () => [],
  }
}

const withFile = (had: Uint8Array | undefined, file: Uint8Array): Uint8Array => {
  const bundle = bundleFromFile(file)
  return fileFromBundle(had ? joinBundles([bundleFromFile(had), bundle]) : bundle)
}
