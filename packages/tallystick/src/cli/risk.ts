/**
 * What a receiver is ready to lose: a setting of a machine's or an account's folder, `risk.json`, given with `tally accept --risk`.
 *
 * Amounts are kept as they were typed and read in the decimals of each asset. Without the setting a relationship of two leaves it to
 * whoever is asked, and an account takes no such money at all.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bytesFromUtf8 } from '../base/bytes.ts'
import { jsonFromBytes, jsonObjectWith, jsonText } from '../forms/strict-json.ts'
import { amountFromText } from '../logic/amount.ts'
import type { Asset } from '../logic/ledger-asset.ts'
import type { Caps } from '../logic/ledger-exposure.ts'
import { readPrivateFile, replaceFile } from './durable-file.ts'
import { usageError } from './print.ts'

export type RiskOption = {
  /** To one payer. */
  readonly risk?: string
  /** In all; as much as to one payer if it is missing. */
  readonly riskAll?: string
}

export const RISK_FLAG = '--risk <amount>'
export const RISK_HELP =
  'lose at most so much to one payer by money that is not certified; kept for the next time'
export const RISK_ALL_FLAG = '--risk-all <amount>'
export const RISK_ALL_HELP = 'and so much in all (default: as much as to one)'

type Risk = { readonly perPayer: string; readonly total: string }

const RISK_FILE = 'risk.json'
const BYTES_MAX = 4096

/** Keeps what was typed, if anything was. Raises a usage error for what is no amount. */
export const keepRisk = (folder: string, { risk, riskAll }: RiskOption): void => {
  if (risk === undefined) {
    if (riskAll === undefined) return
    throw usageError('--risk-all goes with --risk', '--risk 20 --risk-all 50')
  }
  const kept = { perPayer: risk, total: riskAll ?? risk }
  for (const typed of Object.values(kept)) {
    if (/^[0-9]{1,30}(?:\.[0-9]{1,30})?$/.test(typed)) continue
    throw usageError(`"${typed}" is no amount`, '--risk 20')
  }
  replaceFile(join(folder, RISK_FILE), bytesFromUtf8(`${JSON.stringify(kept, null, 2)}\n`))
}

const riskIn = (folder: string): Risk | undefined => {
  const path = join(folder, RISK_FILE)
  if (!existsSync(path)) return undefined
  const json = jsonFromBytes(readPrivateFile(path, BYTES_MAX))
  const { perPayer, total } = jsonObjectWith(json, ['perPayer', 'total'], RISK_FILE)
  return { perPayer: jsonText(perPayer, 'perPayer'), total: jsonText(total, 'total') }
}

/** The setting in an asset's units; undefined where there is none. Raises the faults of amounts. */
export const capsIn = (folder: string, { params }: Asset): Caps | undefined => {
  const risk = riskIn(folder)
  if (!risk) return undefined
  const [perPayer, total] = [risk.perPayer, risk.total].map((one) =>
    amountFromText(one, params.decimals, {}),
  )
  return { perPayer: perPayer ?? 0n, total: total ?? 0n }
}
