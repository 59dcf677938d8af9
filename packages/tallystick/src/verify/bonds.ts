/**
 * Bonds that answer for a convicted key, as far as a file shows them, and what they would pay.
 *
 * Promise. A bond is read from the state at the end of its machine's main line, which was run from the charter. Whom a bond
 * pays is what the ledger would pay, for the victims that the files show: those who were paid by a step that is final are
 * left out, because they are whole.
 *
 * Not promised. That the file holds the newest step of the machine that keeps the bond: it may have been taken back, topped
 * up or paid out since. Who proposes there sees that.
 */
import { type Fault, faultFrom, isFault } from '../base/fault.ts'
import type { Verifier } from '../base/verifier.ts'
import type { Evidence } from '../kernel/evidence.ts'
import { type Machine, pathKey } from '../kernel/execute.ts'
import { type Asset, assetsIn } from '../logic/ledger-asset.ts'
import {
  type Bond,
  type LedgerRecord,
  ledgerRecord,
  recordPath,
  type Slashed,
} from '../logic/ledger-record.ts'
import { type Owed, sharesOf, type Victims, victimsOf } from '../logic/ledger-slash.ts'
import { read } from '../state/tree.ts'
import { type Bundle, fileFromBundle } from './bundle.ts'
import { brokenSends } from './claim.ts'
import { type Fork, fullestEvidence, type Harm, isHonoured, isSameAsset } from './fork.ts'
import { lineOf } from './machine-report.ts'
import type { VerifyOptions } from './run.ts'
import { survey } from './verify.ts'

export type KeptBond = {
  readonly asset: Asset
  /** The machine that keeps it, at the newest step that the file shows. */
  readonly keeper: Machine
  readonly bond: Bond | undefined
  /** What was paid for this very place already, if anything was. */
  readonly slashed: Slashed | undefined
}

/** The bonds for a convicted key's conduct on the machine it forked, and where they have paid already. */
export const bondsIn = (
  whole: Bundle,
  fork: Fork,
  options: VerifyOptions,
): readonly KeptBond[] | Fault => {
  const surveyed = survey(fileFromBundle({ ...whole, facts: [] }), options)
  if (isFault(surveyed)) return surveyed
  const { run, settlement } = surveyed
  const assets = assetsIn(run.charters)
  const found: KeptBond[] = []
  for (const genesis of run.genesis.values()) {
    const keeper = (lineOf(run, genesis, settlement).at(-1) ?? genesis).machine
    for (const asset of assets) {
      const { machine: covers, machine, signer, sequence } = fork
      const bond = recordIn(keeper, asset, { is: 'bond', covers, signer })
      const slashed = recordIn(keeper, asset, { is: 'slashed', machine, signer, sequence })
      if (bond?.is !== 'bond' && slashed?.is !== 'slashed') continue
      found.push({
        asset,
        keeper,
        bond: bond?.is === 'bond' ? bond : undefined,
        slashed: slashed?.is === 'slashed' ? slashed : undefined,
      })
    }
  }
  return found
}

/** A record under its own path. Where only a part of the state is known, what is not known is not there. */
const recordIn = (
  { state, terms }: Machine,
  { prefix }: Asset,
  of: Parameters<typeof recordPath>[0],
): LedgerRecord | undefined => {
  const value = faultFrom(() => read(state, pathKey(terms.suite, prefix, recordPath(of))))
  const record =
    value === undefined || isFault(value) ? undefined : faultFrom(() => ledgerRecord.decode(value))
  return isFault(record) ? undefined : record
}

/** What is to be proposed on the machine that keeps a bond, and whom it pays. */
export type Payout = Victims & {
  readonly evidence: Evidence
  readonly shares: ReturnType<typeof sharesOf>
  /** Who was paid by a step that is final. */
  readonly whole: readonly Owed[]
}

/** What a bond would pay the victims that are known, `only` those with this name if one is given. */
export const payoutOf = (
  fork: Fork,
  kept: KeptBond & { readonly bond: Bond },
  of: { readonly verifier: Verifier; readonly only?: string | undefined },
): Payout => {
  const { prefix } = kept.asset
  const mine = (harms: readonly Harm[]): readonly Harm[] =>
    harms.filter(
      ({ asset, out }) =>
        isSameAsset(asset.prefix, prefix) && (of.only === undefined || out.to.holder === of.only),
    )
  const broken = mine(brokenSends(fork))
  const held = fullestEvidence(fork, broken, of.verifier)
  const victims = victimsOf(prefix, held, broken)
  const whole = mine(fork.branches.filter(isHonoured).flatMap((one) => one.harms))
  if (victims.listed.length === 0) return { ...victims, evidence: held, shares: [], whole }
  const list = { evidence: held, victims: victims.listed, bond: kept.bond.amount }
  return { ...victims, evidence: held, shares: sharesOf(prefix, list), whole }
}
