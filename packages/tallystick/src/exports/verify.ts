/** Door: check a file offline. Everything here runs in a browser; an engine comes from `tallystick/engine`. */
export { Fault, isFault } from '../base/fault.ts'
export { createLogicRegistry, createModelRegistry } from '../verify/registry.ts'
export type * from '../verify/report.ts'
export { verify, type Remembered, type VerifyOptions } from '../verify/verify.ts'
