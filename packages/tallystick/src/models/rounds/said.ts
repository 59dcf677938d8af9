/** Whether a statement that arrives is one that is known, bit for bit, so that its signature need not be checked again. */
import { equalBytes } from '../../base/bytes.ts'
import { type Cast, type OfferedCast, sameCast } from '../../kernel/cast.ts'
import type { Statement } from '../../kernel/statement.ts'

export const isSaidAlready = (had: Cast, offered: OfferedCast): boolean =>
  had.signer === offered.signer &&
  equalBytes(had.signature, offered.signature) &&
  sameCast(had, { ...offered, child: had.child }) &&
  isAboutSameChild(had.statement, offered.statement)

const isAboutSameChild = (a: Statement, b: Statement): boolean =>
  a.is === 'abort' || b.is === 'abort'
    ? a.is === b.is
    : a.transition.interaction === b.transition.interaction &&
      a.transition.state === b.transition.state
