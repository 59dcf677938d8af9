/** Door: check a file offline. Everything here runs in a browser; an engine comes from `tallystick/engine`. */
export { Fault, isFault } from '../base/fault.ts'
export { bundleStepFrom, type StepParts } from '../verify/assemble.ts'
export {
  type Bundle,
  bundleFromFile,
  type BundleLeg,
  type BundleLie,
  type BundleStep,
  EMPTY_BUNDLE,
  fileFromBundle,
  type KeySignature,
  type WithheldStep,
} from '../verify/bundle.ts'
export { type Answer, answerTo } from '../verify/answer.ts'
export * from '../verify/credential.ts'
export type { SignedState, StateChecks } from '../verify/signed-state.ts'
export { judgeChains } from '../verify/chains.ts'
export { judgeLies } from '../verify/lies.ts'
export { type FlatChain, flatChain } from '../verify/flat-chain.ts'
export { bodyFromFile, type FileKind, fileFromBody, kindOfFile } from '../verify/file.ts'
export { joinBundles } from '../verify/join.ts'
export { jsonFromReport, type JsonValue } from '../verify/json.ts'
export {
  REQUIREMENT_FORMS,
  type Requirement,
  requirementFrom,
  requirementText,
} from '../verify/require.ts'
export { createLogicRegistry, createModelRegistry } from '../verify/registry.ts'
export type * from '../verify/report.ts'
export type { Remembered, VerifyOptions } from '../verify/run.ts'
export { type Scope, scopeBundle } from '../verify/scope.ts'
export { verify } from '../verify/verify.ts'
export { faultLine, labelOf, linesFromReport } from '../verify/words.ts'
export { describeOperations } from '../verify/describe.ts'
export {
  createProver,
  type Proven,
  proveFromFiles,
  provePremises,
  withProver,
} from '../verify/prove.ts'
