/** What an offer of a step is a signature over, for tests that sign by hand. */
import type { SuiteId } from '../src/base/suite.ts'
import { statementDigest } from '../src/kernel/statement.ts'
import type { Transition } from '../src/kernel/transition.ts'

export const proposalDigestOf = (suite: SuiteId, transition: Transition): Uint8Array =>
  statementDigest(suite, {
    is: 'vote',
    transition,
    round: 0,
    phase: 'propose',
    cited: 0,
    time: 0n,
  })
