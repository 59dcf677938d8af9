import { createMemoryStore } from '../../src/store/memory.ts'
import { describeStore } from './contract.ts'

describeStore('the store in memory', async () => ({
  open: async () => createMemoryStore(),
  durable: false,
  remove: async () => undefined,
}))
