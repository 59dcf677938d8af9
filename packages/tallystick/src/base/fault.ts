/**
 * Faults: why something another party sent us was refused.
 *
 * Anything another party can cause is a `Fault` with a code; what only we can cause is an assertion
 * (`assert.ts`); what the machine underneath can cause (disk, network) is an ordinary error.
 * Each code has a paragraph in `docs/faults.md` and at least one vector that provokes it.
 */

/** `noun/what-happened`, lower case with dashes, for example `transition/wrong-parent`. */
export type FaultCode = `${string}/${string}`

/** Where the fault lies, as far as it is known. Every member is printable. */
export type FaultPlace = {
  readonly machine?: string
  /** Sequence number of the step. */
  readonly step?: bigint | number
  /** Name or signer id of the party at fault. */
  readonly party?: string
  /** Name of the file, field or proof item, when that helps to find it. */
  readonly part?: string
}

/** A refusal that is another party's doing. Nothing was changed when it is thrown or returned. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly place: FaultPlace

  constructor(code: FaultCode, message: string, place: FaultPlace = {}) {
    super(message)
    this.code = code
    this.place = place
  }

  /** Anchor of the paragraph that explains this code, in `docs/faults.md`. */
  get docs(): string {
    return `docs/faults.md#${this.code.replace('/', '-')}`
  }

  /** The same fault with more of its place filled in; what was already known wins. */
  at(place: FaultPlace): Fault {
    return new Fault(this.code, this.message, { ...place, ...this.place })
  }
}

export const isFault = (value: unknown): value is Fault => value instanceof Fault

/** Runs a decoder or check and turns the `Fault` it throws into a value. Other errors pass through. */
export const faultFrom = <T>(run: () => T): T | Fault => {
  try {
    return run()
  } catch (error) {
    if (isFault(error)) return error
    throw error
  }
}
