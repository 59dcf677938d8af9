/**
 * What a lane thread keeps of accounts, as the main thread knows it: where each stands there, and roughly what they take.
 *
 * Promise. Accounts that were used longest ago are forgotten first, as many as it takes for the thread to keep no more accounts and no
 * more bytes than it may. What an order needs is handed over after that.
 */
import type { TransitionId } from 'tallystick/base'
import type { Machine } from 'tallystick/kernel'
import type { MoiId } from 'tallystick/moi'
import { weightOf } from './machines.ts'

export type LaneKept = {
  readonly headOf: (account: MoiId) => TransitionId | undefined
  /** It stands there now, as the one that was used last. */
  readonly set: (account: MoiId, machine: Machine) => void
  /** Those that it need not keep any more. */
  readonly forget: (sizeMax: number, bytesMax: number) => readonly MoiId[]
}

export const createLaneKept = (): LaneKept => {
  const all = new Map<MoiId, { readonly headId: TransitionId; readonly bytes: number }>()
  let bytes = 0
  const remove = (account: MoiId): void => {
    bytes -= all.get(account)?.bytes ?? 0
    all.delete(account)
  }
  return {
    headOf: (account) => all.get(account)?.headId,
    set: (account, { headId, state }) => {
      remove(account)
      const one = { headId, bytes: weightOf(state) }
      all.set(account, one)
      bytes += one.bytes
    },
    forget: (sizeMax, bytesMax) => {
      const accounts: MoiId[] = []
      for (const account of all.keys()) {
        if (all.size <= sizeMax && bytes <= bytesMax) break
        accounts.push(account)
        remove(account)
      }
      return accounts
    },
  }
}
