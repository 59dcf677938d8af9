/**
 * Every group of benchmarks there is. To add one, write a function from rounds to figures and name it here; it is
 * loaded when it is run, so that no other command waits for it.
 */
import type { Figure } from './figure.ts'
import type { Rounds } from './harness.ts'

export type Group = {
  /** As it is called on the command line and in the table of goals. */
  readonly id: string
  readonly what: string
  readonly load: () => Promise<(rounds: Rounds) => readonly Figure[] | Promise<readonly Figure[]>>
}

export const GROUPS: readonly Group[] = [
  {
    id: 'T0',
    what: 'steps of a flat chain',
    load: async () => (await import('./t0.ts')).benchT0,
  },
  {
    id: 'T1',
    what: 'steps with a replace in a state tree',
    load: async () => (await import('./t1.ts')).benchT1,
  },
  {
    id: 'T2',
    what: 'steps under batch signatures',
    load: async () => (await import('./t2.ts')).benchT2,
  },
  {
    id: 'T3',
    what: 'payments between two parties, from wish to receipt',
    load: async () => (await import('./t3.ts')).benchT3,
  },
  {
    id: 'S1',
    what: 'events of statecharts, beside XState',
    load: async () => (await import('./s1.ts')).benchS1,
  },
  {
    id: 'S2',
    what: 'a long history of a statechart, beside a short one',
    load: async () => (await import('./s2.ts')).benchS2,
  },
  {
    id: 'V1',
    what: 'verification of a stored chain',
    load: async () => (await import('./v1.ts')).benchV1,
  },
  {
    id: 'V1-bundle',
    what: 'checking a bundle of co-signed steps',
    load: async () => (await import('./v1-bundle.ts')).benchV1Bundle,
  },
  {
    id: 'cold',
    what: 'what a newcomer waits for and stores',
    load: async () => (await import('./cold.ts')).benchCold,
  },
  {
    id: 'expressions',
    what: 'guards of statecharts, evaluated',
    load: async () => (await import('./expressions.ts')).benchExpressions,
  },
  {
    id: 'PISA',
    what: 'instructions of logics of MOI',
    load: async () => (await import('./pisa.ts')).benchPisa,
  },
  {
    id: 'POLO',
    what: 'messages of POLO, beside js-polo',
    load: async () => (await import('./polo.ts')).benchPolo,
  },
]
