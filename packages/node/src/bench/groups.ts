/** What `tally bench` measures of this package; each group is loaded when it runs. */
import type { Group } from 'tallystick/command'

export const GROUPS: readonly Group[] = [
  {
    id: 'D1',
    what: 'certified steps through four operators, sustained',
    load: async () => (await import('./certify.ts')).benchSustained,
  },
  {
    id: 'D2',
    what: 'one certificate while nothing else happens',
    load: async () => (await import('./certify.ts')).benchIdle,
  },
  {
    id: 'D3',
    what: 'more owners, and one that many wait for',
    load: async () => (await import('./certify.ts')).benchOwners,
  },
  {
    id: 'D4',
    what: 'reads of an operator',
    load: async () => (await import('./reads.ts')).benchReads,
  },
  {
    id: 'D5',
    what: 'honest service while bad post-quantum signatures come in',
    load: async () => (await import('./flood.ts')).benchFlood,
  },
  {
    id: 'D6',
    what: 'a start with a million steps',
    load: async () => (await import('./restart.ts')).benchRestart,
  },
  {
    id: 'D7',
    what: 'the same load over SQLite and over PostgreSQL',
    load: async () => (await import('./databases.ts')).benchDatabases,
  },
  {
    id: 'D8',
    what: 'tally dev, from the command to accounts that can pay',
    load: async () => (await import('./dev-start.ts')).benchDev,
  },
  {
    id: 'D9',
    what: 'memory of the log and the map for a million vows',
    load: async () => (await import('./memory.ts')).benchMemory,
  },
  {
    id: 'D10',
    what: 'an input over a relay with four custodians',
    load: async () => (await import('./relays.ts')).benchRelays,
  },
  {
    id: 'M1',
    what: 'signed transfers of MOI through a guardian, over HTTP',
    load: async () => (await import('./moi-http.ts')).benchMoiHttp,
  },
  {
    id: 'M2',
    what: 'the same in one process, beside what signatures allow',
    load: async () => (await import('./moi.ts')).benchMoiInProcess,
  },
  {
    id: 'M3',
    what: 'transfers of MOI to one hot account',
    load: async () => (await import('./moi.ts')).benchMoiHot,
  },
  {
    id: 'M4',
    what: 'a transfer of MOI from sent to receipt, at idle',
    load: async () => (await import('./moi-http.ts')).benchMoiIdle,
  },
  {
    id: 'M5',
    what: 'plain transfers at anvil, a development node of another system',
    load: async () => (await import('./moi-peer.ts')).benchAnvil,
  },
]
