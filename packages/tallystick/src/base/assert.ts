/** Assertions: for mistakes that only this code can make. They stay on in production. */

/** Throws when `condition` is false. `why` says why it must hold. */
export function assert(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${why}`)
}
