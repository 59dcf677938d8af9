import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { describeStore } from './contract.ts'

/** Nothing can be emptied from outside, so that the place has a new store after each test. */
const replaceable = (): {
  readonly open: () => Promise<Store>
  readonly reset: () => Promise<void>
} => {
  let inner = createMemoryStore()
  const outer: Store = {
    isShared: true,
    commit: (unit) => inner.commit(unit),
    find: (journal, key) => inner.find(journal, key),
    read: (journal, from, limit) => inner.read(journal, from, limit),
    head: (journal) => inner.head(journal),
    get: (space, key) => inner.get(space, key),
    scan: (space, after, limit) => inner.scan(space, after, limit),
    count: (space) => inner.count(space),
    backup: (path) => inner.backup(path),
    status: () => inner.status(),
    close: () => inner.close(),
  }
  return {
    open: async () => outer,
    reset: async () => {
      inner = createMemoryStore()
    },
  }
}

describeStore('the store in memory', async () => ({
  ...replaceable(),
  durable: false,
  remove: async () => undefined,
}))
