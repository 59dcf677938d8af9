/** Door: what steps do to state. */
export * from '../logic/amount.ts'
export { payeeOf } from '../logic/ledger-bond.ts'
export * from '../logic/ledger-operation.ts'
export * from '../logic/ledger-params.ts'
export * from '../logic/ledger-record.ts'
export * from '../logic/ledger-audit.ts'
export * from '../logic/ledger-asset.ts'
export { moneyText } from '../logic/ledger-describe.ts'
export { ledger } from '../logic/ledger.ts'
export {
  answerKey,
  answerPath,
  answerValue,
  operationOnOracle,
  oracle,
  type OracleOperation,
  oracleOperation,
} from '../logic/oracle.ts'
export { outcome, outcomePath, type Outcome } from '../logic/outcome.ts'
export { record } from '../logic/record.ts'
export * from '../logic/record-operation.ts'
export * from '../logic/record-state.ts'
export { createLogicRegistry, STANDARD_LOGICS } from '../logic/registry.ts'
export * from '../logic/escrow.ts'
export { vault } from '../logic/vault.ts'
export * from '../logic/vault-condition.ts'
export * from '../logic/vault-operation.ts'
export * from '../logic/vault-record.ts'
export * from '../logic/vault-terms.ts'
export {
  evaluate,
  type Expression,
  EXPRESSION_LANGUAGE,
  isExpression,
  readExpression,
  type Surroundings,
} from '../logic/expression/expression.ts'
export { type ReadPath, readsOf } from '../logic/expression/reads.ts'
export { type Gas } from '../logic/expression/run.ts'
export { textFromType, type Type } from '../logic/expression/type.ts'
export { type Kind, type Value } from '../logic/expression/value.ts'
