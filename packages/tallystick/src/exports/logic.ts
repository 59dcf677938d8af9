/** Door: what steps do to state. */
export * from '../logic/amount.ts'
export * from '../logic/ledger-operation.ts'
export * from '../logic/ledger-params.ts'
export * from '../logic/ledger-record.ts'
export * from '../logic/ledger-audit.ts'
export { ledger } from '../logic/ledger.ts'
export { outcome, outcomePath, type Outcome } from '../logic/outcome.ts'
export { createLogicRegistry, STANDARD_LOGICS } from '../logic/registry.ts'
