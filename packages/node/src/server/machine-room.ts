/**
 * Room for machines: an operator opens so many and no more (attack: filling its disk with charters that cost nothing to make).
 *
 * Promise. Opened are at most so many, by all processes over one store together. A process sets a number of places aside with one write,
 * and fills them without another; those that it has not filled when it ends are lost. What was opened before there was a count is not counted.
 *
 * Not promised. That there is room for everybody: who has a token and fills it keeps others out, until the limit is raised.
 */
import { Fault, u64 } from 'tallystick/base'
import type { Store } from '../store/store.ts'

export type MachineRoom = {
  /** Takes a place. Raises `operator/too-many`. */
  readonly take: () => Promise<void>
}

const COUNT = 'machine-count'
const COUNT_KEY = new Uint8Array([0])
const ASIDE = 64

export const createMachineRoom = (store: Store, sizeMax: number): MachineRoom => {
  let aside = 0
  let setting: Promise<void> | undefined
  const setAside = async (): Promise<void> => {
    for (;;) {
      const record = await store.get(COUNT, COUNT_KEY)
      const count = record ? Number(u64.decode(record.value)) : 0
      const more = Math.min(ASIDE, sizeMax - count)
      if (more <= 0) {
        throw new Fault(
          'operator/too-many',
          `this operator serves no more than ${sizeMax} machines`,
        )
      }
      const value = u64.encode(BigInt(count + more))
      const put = { space: COUNT, key: COUNT_KEY, value, ifVersion: record?.version ?? 0n }
      if ((await store.commit({ appends: [], puts: [put] })).is !== 'stored') continue
      aside += more
      return
    }
  }
  return {
    take: async () => {
      while (aside === 0) {
        // Those who come together wait for one write.
        setting ??= setAside().finally(() => {
          setting = undefined
        })
        await setting
      }
      aside -= 1
    },
  }
}
