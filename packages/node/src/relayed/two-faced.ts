/** Custodians that have committed to two children of one parent, out of their receipts. */
import { bytesFromHex } from 'tallystick/base'
import { conflictBetween, type Evidence } from 'tallystick/kernel'
import { castOfReceipt, type NostrReceipt, SUITE } from 'tallystick/nostr'

/** A custodian that committed to two children of one parent. */
export type TwoFaced = {
  readonly custodian: string
  readonly step: bigint
  /** Both of its signed statements, which anybody can judge. */
  readonly proof: Evidence
}

/** Of receipts for one place whose signatures hold. */
export const twoFacedIn = (receipts: readonly NostrReceipt[]): readonly TwoFaced[] => {
  const found: TwoFaced[] = []
  for (const [custodian, own] of Map.groupBy(receipts, (one) => one.custodian)) {
    const [first, ...others] = own
      .map(castOfReceipt)
      .map(({ statement, signature }) => ({ statement, signature }))
    const second = others.find(
      (one) => first && conflictBetween(SUITE, first.statement, one.statement),
    )
    const step = own[0]?.transition.sequence
    if (!first || !second || step === undefined) continue
    const by = { suite: SUITE, scheme: 'bip340', publicKey: bytesFromHex(custodian) } as const
    found.push({ custodian, step, proof: { ...by, first, second } })
  }
  return found
}
