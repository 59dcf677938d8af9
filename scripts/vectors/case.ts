/** Test cases as data, and the only ways to make one: each is run while it is made. */
import { isFault } from '../../packages/tallystick/src/base/fault.ts'
import { checks } from './checks.ts'
import type { Finding, Json, JsonObject } from './finding.ts'

export type Case = {
  readonly id: string
  /** What is tried, and in an invalid case what is wrong. */
  readonly comment: string
  readonly flags: readonly string[]
  /** Name of the check, see vectors/README.md. */
  readonly check: string
  /** The valid case that differs in one thing only. */
  readonly from?: string
  readonly input: JsonObject
  readonly valid: boolean
  /** What the check says of a valid input. For a file also of an invalid one. */
  readonly expected?: Json
  readonly fault?: string
}

export type Area = {
  readonly area: string
  readonly about: string
  readonly cases: readonly Case[]
}

/** Runs a check. Anything that is no fault is a mistake of ours and passes through. */
export const runCheck = (name: string, input: JsonObject): Finding => {
  const check = checks[name]
  if (!check) throw new Error(`no check is called ${name}`)
  try {
    return check(input)
  } catch (error) {
    if (isFault(error)) return { fault: error.code }
    throw error
  }
}

type Wish = {
  readonly id: string
  readonly comment: string
  readonly check: string
  readonly input: JsonObject
  readonly flags?: readonly string[]
}

/** A case that holds. Throws if it does not. */
export const good = (wish: Wish): Case => {
  const { id, comment, check, input, flags = [] } = wish
  const found = runCheck(check, input)
  if (found.fault !== undefined) throw new Error(`${id} is to be valid, but: ${found.fault}`)
  const { expected } = found
  return {
    id,
    comment,
    flags,
    check,
    input,
    valid: true,
    ...(expected !== undefined && { expected }),
  }
}

/** A case that is refused with the given fault. Throws if it is not. */
export const bad = (fault: string, wish: Wish & { readonly from?: Case }): Case => {
  const { id, comment, check, input, flags = [], from } = wish
  const found = runCheck(check, input)
  if (found.fault !== fault) {
    const says = found.fault ?? `valid: ${JSON.stringify(found.expected)}`
    throw new Error(`${id} is to be refused with ${fault}, but: ${says}`)
  }
  return {
    id,
    comment,
    flags,
    check,
    ...(from && { from: from.id }),
    input,
    valid: false,
    fault,
    ...(found.expected !== undefined && { expected: found.expected }),
  }
}

/** A valid case with some of its input changed, refused for that. */
export const spoiled = (
  from: Case,
  fault: string,
  change: {
    readonly id: string
    readonly comment: string
    readonly input: JsonObject
    readonly flags?: readonly string[]
  },
): Case =>
  bad(fault, {
    ...change,
    check: from.check,
    input: { ...from.input, ...change.input },
    flags: change.flags ?? from.flags,
    from,
  })
