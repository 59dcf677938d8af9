/**
 * A state key as people can read it, in the lines that they sign: its first digits, and its path where that can be told.
 *
 * A key is the hash of a path, so a path is told only by hashing it again: words stand here where some path that people wait for, of the
 * first logic of that machine, has this very key. So the words cannot be forged, while digits alone can be met by whoever tries
 * long enough.
 */
import type { MachineId } from '../base/brand.ts'
import type { SuiteId } from '../base/suite.ts'
import { pathKey } from '../kernel/execute.ts'
import type { Path } from '../kernel/logic.ts'
import type { StateKey } from '../state/keys.ts'
import { short } from './ledger-describe.ts'
import { contextPath } from './statechart/leaves.ts'

/** Where declared processes say how they ended. */
const TOLD: readonly (readonly [string, Path])[] = [
  ['context.winner', contextPath('winner')],
  ['value', ['value']],
  ['status', ['status']],
  ['output', ['output']],
]

/**
 * One suite for each hash that is always there: a key rests on nothing else of a suite, and a line that people sign must not
 * depend on what else is loaded.
 */
const SUITES: readonly SuiteId[] = ['nostr', 'classic', 'evm']

/** 'key 1a2b3c4d… (context.winner)', or without the words where no path is known that has this key. */
export const keyText = (of: { readonly machine: MachineId; readonly key: StateKey }): string => {
  const words = wordsFor(of.machine, of.key)
  return `key ${short(of.key)}${words === undefined ? '' : ` (${words})`}`
}

/** The machine's suite is not known here, so each is tried. */
const wordsFor = (machine: MachineId, key: StateKey): string | undefined =>
  TOLD.find(([, path]) =>
    SUITES.some((suite) => pathKey(suite, { machine, logic: 0 }, path) === key),
  )?.[0]
