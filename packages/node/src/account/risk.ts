/**
 * Payments that were taken at a risk: their payer alone has signed them, so nothing is claimed yet, and the payee has handed over goods
 * on its own account. Each has a file in `risk/` until it is claimed or given up; what they sum to is held against the caps.
 *
 * Not promised. That such a payment comes: whoever signed it may have signed another one in its place.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Fault, faultFrom, idFromHex, isFault } from 'tallystick/base'
import { capsIn, createPrivateFolder, replaceFile } from 'tallystick/shell'
import { machineId } from 'tallystick/kernel'
import { assetsIn } from 'tallystick/logic'
import { capFault, type Exposure, joinExposures } from 'tallystick/payments'
import { type AccountFolder, fileAt, fileOf, jsonFrom, member } from './folder.ts'
import type { Payment } from './payment.ts'

export type Risked = {
  readonly key: string
  readonly from: string
  readonly amount: string
  readonly source: string
  readonly units: bigint
  readonly asset: string
}

const RISK = 'risk'

/** What the folder has taken at a risk. */
export const risksIn = (folder: Pick<AccountFolder, 'path'>): readonly Risked[] => {
  const at = join(folder.path, RISK)
  const names = existsSync(at) ? readdirSync(at).sort() : []
  return names.flatMap((key) => {
    const file = fileAt(join(at, key))
    const json = file && faultFrom(() => jsonFrom(file))
    if (json === undefined || isFault(json)) return []
    const [from, amount, source, units, asset] = ['from', 'amount', 'source', 'units', 'asset'].map(
      (name) => String(member(json, name)),
    )
    if (from === undefined || amount === undefined || source === undefined) return []
    if (units === undefined || !/^[0-9]+$/.test(units) || asset === undefined) return []
    return [{ key, from, amount, source, units: BigInt(units), asset }]
  })
}

/**
 * Takes a payment at a risk, if the caps let it. Returns `payment/provisional` where no cap was set, and the faults of
 * `capFault`.
 */
export const takeAtRisk = (folder: AccountFolder, of: Payment): Fault | undefined => {
  const { from, source, amount, units, hops, key, grade } = of
  const place = { machine: source, party: from }
  const asset = machineId(of.asset)
  const [money] = assetsIn([[asset, of.asset]])
  const caps = money && capsIn(folder.path, money)
  if (!caps) {
    return new Fault(
      'payment/provisional',
      `${amount} of ${from} are signed by the payer alone (${grade})`,
      place,
    )
  }
  const held = risksIn(folder)
    .filter((one) => one.key !== key && one.asset === asset)
    .map((one): Exposure => new Map([[idFromHex<'machine'>(one.source), one.units]]))
  const exposure: Exposure = new Map([[source, units]])
  const fault = capFault(caps, joinExposures(held), { exposure, hops })
  if (fault) return fault.at(place)
  createPrivateFolder(join(folder.path, RISK))
  const fields = { from, amount, source, units: units.toString(), asset }
  replaceFile(join(folder.path, RISK, key), fileOf(fields))
  return undefined
}

/** It was claimed. */
export const endRisk = (folder: Pick<AccountFolder, 'path'>, key: string): void =>
  rmSync(join(folder.path, RISK, key), { force: true })
