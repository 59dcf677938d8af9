/**
 * Which inputs a custodian keeps for good, so that it considers them again in its next life.
 *
 * Promise. Those of whom the definition names are all kept. Of everybody else's, so many: what strangers send fills no disk, and no start
 * is held up by more (attack: inputs under made-up keys, a new one for each). What is not kept is considered all the same, while the process runs.
 *
 * Not promised. That an input of a stranger is considered after a restart where there was no room: relays show it again, or its sender
 * sends it again. That those who take part do not fill a disk: whoever sets a machine up with somebody takes that on.
 */
import { KINDS, type NostrEvent, partiesOf } from 'tallystick/nostr'
import { STRANGER_INPUTS_MAX } from './limits.ts'
import type { Run } from './run.ts'

export type InputRoom = {
  /** Counts an input that is in the archive since an earlier life. */
  readonly note: (archived: NostrEvent) => void
  /** Keeps an input where there is room. Whether it is one to be considered: one that was kept before is not. */
  readonly keep: (input: NostrEvent) => Promise<boolean>
}

/** `keepers` are custodians, those of before too: their ticks are inputs. */
export const createInputRoom = (run: Run, keepers: () => readonly string[]): InputRoom => {
  const { definition } = run.defined
  const sizeMax = run.strangerInputs ?? STRANGER_INPUTS_MAX
  const named = new Set<string>(partiesOf(definition))
  const isStrange = ({ pubkey }: NostrEvent): boolean =>
    !named.has(pubkey) && !keepers().includes(pubkey)
  let count = 0
  return {
    note: (archived) => {
      if (archived.kind === KINDS.input && isStrange(archived)) count += 1
    },
    keep: async (input) => {
      const isStranger = isStrange(input)
      if (isStranger && count >= sizeMax) {
        return (await run.archive.find(definition.id, input.id)) === undefined
      }
      const isNew = await run.archive.add(definition.id, input)
      if (isNew && isStranger) count += 1
      return isNew
    },
  }
}
