/**
 * What every simulated key has signed, kept outside all nodes.
 *
 * Promise. The log sees each statement before its signature leaves the simulated signer, over all lives of a node, and
 * answers whether two of them could not both come from an honest signer. It is a second opinion: it shares no state
 * with the roles whose vows it checks.
 */
import type { SuiteId } from '../base/suite.ts'
import { conflictBetween, type EvidenceKind } from '../kernel/evidence.ts'
import { positionOf, type Statement, statementDigest } from '../kernel/statement.ts'
import { hexFromBytes } from '../base/bytes.ts'

export type SignedLog = {
  /** Notes a statement and returns how it conflicts with an earlier one of the same signer. */
  readonly note: (signer: string, statement: Statement) => EvidenceKind | undefined
}

export const createSignedLog = (suite: SuiteId): SignedLog => {
  // By signer, machine and sequence: only statements about one position can conflict.
  const noted = new Map<string, Map<string, Statement>>()
  return {
    note: (signer, statement) => {
      const { machine, sequence } = positionOf(statement)
      const place = `${signer}/${machine}/${sequence}`
      const known = noted.get(place) ?? new Map<string, Statement>()
      noted.set(place, known)
      const digest = hexFromBytes(statementDigest(suite, statement))
      if (known.has(digest)) return undefined
      let conflict: EvidenceKind | undefined
      for (const other of known.values()) conflict ??= conflictBetween(suite, other, statement)
      known.set(digest, statement)
      return conflict
    },
  }
}
