/** Door: what payments amount to, what a receiver risks, and what follows when somebody pays twice. */
export * from '../logic/ledger-asset.ts'
export * from '../logic/ledger-exposure.ts'
export * from '../logic/ledger-slash.ts'
export * from '../logic/payment.ts'
export { bondsIn, type KeptBond, type Payout, payoutOf } from '../verify/bonds.ts'
export { brokenSends, claimBundle } from '../verify/claim.ts'
export {
  bundleFromAnyFile,
  type Fork,
  type ForkBranch,
  type Forks,
  forksIn,
  type Harm,
  isHonoured,
} from '../verify/fork.ts'
export { jsonFromForks } from '../verify/fork-json.ts'
export { hopsOf } from '../verify/hops.ts'
export { type PaymentFound, paymentsFrom } from '../verify/payments.ts'
export { type Proven, proveFromFiles, provePremises } from '../verify/prove.ts'
export { reportFrom, survey } from '../verify/verify.ts'
