/**
 * The suite `moi`, with its hash: BLAKE2b-256 under the tag as key.
 *
 * Promise. Whoever takes the suite's name from here can compute with it. A program that never does so refuses machines of
 * the suite as not available, and does not carry the code.
 */
import { defaultBlake2b } from './blake2b.ts'
import { bytesFromUtf8 } from './bytes.ts'
import { bringHash } from './hash.ts'
import type { SuiteId } from './suite.ts'

const withHash = (): SuiteId => {
  bringHash('blake2b', (tag) => defaultBlake2b().keyed(bytesFromUtf8(tag)))
  return 'moi'
}

export const MOI: SuiteId = withHash()
