/**
 * The bilateral policy: every participant signs, nobody else has to. It has no parameters.
 *
 * Promise. Terms that are admitted have the property that the evidence rests on: two certificates for different children
 * of one parent have a key in common that broke a vow. For this any two sets of keys that speak for a party must
 * overlap, and no key may speak for two parties.
 */
import { type Codec, struct } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import type { PolicyTerms, Terms } from '../../kernel/charter.ts'
import { type Controller, signerOf } from '../../kernel/controller.ts'

export const BILATERAL = 'bilateral'

/** No parameters: zero bytes in the charter. */
export type BilateralPolicy = Readonly<Record<never, never>>

export const bilateralPolicy: Codec<BilateralPolicy> = struct<BilateralPolicy>({})

/** What a charter writes to use this model. */
export const BILATERAL_TERMS: PolicyTerms = { kind: BILATERAL, params: new Uint8Array(0) }

/**
 * Whether terms can use this model. Returns `bilateral/too-few-parties`, `bilateral/wrong-turn`,
 * `bilateral/divided-controller` or `bilateral/shared-key`.
 */
export const admitBilateral = (terms: Terms): Fault | undefined => {
  if (terms.participants.length < 2) {
    return new Fault('bilateral/too-few-parties', `${terms.participants.length} where two belong`)
  }
  // Offline there is no timeout that could end a race of two proposals, so the charter says who proposes.
  if (terms.turn.is !== 'leader' && terms.turn.is !== 'alternate') {
    return new Fault('bilateral/wrong-turn', `turn "${terms.turn.is}" leaves open who proposes`)
  }
  const owners = new Map<string, string>()
  for (const { name, controller } of terms.participants) {
    if (!thresholdsOverlap(controller)) {
      const says = 'two disjoint sets of its keys reach the threshold'
      return new Fault('bilateral/divided-controller', says, { party: name })
    }
    for (const key of controller.keys) {
      const signer = signerOf(terms.suite, key)
      const other = owners.get(signer)
      if (other !== undefined) {
        return new Fault('bilateral/shared-key', `key ${signer} also speaks for ${other}`, {
          party: name,
        })
      }
      owners.set(signer, name)
    }
  }
  return undefined
}

/** Attack: two devices of one party, each enough alone, sign two children and neither broke a vow. */
const thresholdsOverlap = (of: Controller): boolean =>
  2 * of.threshold > of.keys.reduce((sum, key) => sum + key.weight, 0)
