/**
 * Door: check a file with everything that this version knows.
 *
 * More stands behind the other doors: `tallystick/verify` to check files in a small page, `/models` and `/logic` to take part,
 * `/engine` and `/engine-native` for signatures, `/kernel`, `/state` and `/base` to build on, `/sim` to simulate.
 */
export { Fault, isFault } from '../base/fault.ts'
export { createPortableEngine } from '../engine/portable.ts'
export { STANDARD_LOGICS } from '../logic/registry.ts'
export { judgeChains } from '../verify/chains.ts'
export { jsonFromReport } from '../verify/json.ts'
export type { Outcome, Report } from '../verify/report.ts'
export type { Remembered, VerifyOptions } from '../verify/run.ts'
export { STANDARD_MODELS } from '../verify/standard.ts'
export { verify } from '../verify/verify.ts'
export { linesFromReport } from '../verify/words.ts'
