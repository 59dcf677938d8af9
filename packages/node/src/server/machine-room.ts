/**
 * Room for machines: an operator opens so many and no more (attack: filling its disk with charters that cost nothing to make).
 *
 * Promise. Opened are at most so many, by all processes over one store together, those among them that were opened before there was a
 * count. A process counts what is there before it opens its first one; it sets a number of places aside with one write, and fills them
 * without another. Those that it has not filled when it ends are lost only where several processes may share the store.
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

/** `space` holds a record of each machine. */
export const createMachineRoom = (store: Store, space: string, sizeMax: number): MachineRoom => {
  let aside = 0
  let isCounted = false
  let setting: Promise<void> | undefined
  const counted = async (said: number): Promise<number> => {
    const count = await store.count(space)
    // Places that others have set aside are not filled yet.
    return store.isShared ? Math.max(said, count) : count
  }
  const setAside = async (): Promise<void> => {
    for (;;) {
      const record = await store.get(COUNT, COUNT_KEY)
      const said = record ? Number(u64.decode(record.value)) : 0
      const count = isCounted ? said : await counted(said)
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
      isCounted = true
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
