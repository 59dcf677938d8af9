/**
 * Consents: a participant's signature on an interaction. It says the interaction may happen; it says nothing about its
 * being the only one. A party's finality signature on a transition implies its consent to the interaction.
 *
 * The `form` names the rendering that a wallet can sign; version 1 has the raw digest only.
 */
import type { InteractionId, MachineId } from '../base/brand.ts'
import { bytesFromId } from '../base/brand.ts'
import { bytes, choice, type Codec, id, struct, u8 } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { hash } from '../base/hash.ts'
import { SIGNATURE_BYTES_MAX } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import type { Verifier } from '../base/verifier.ts'
import type { Terms } from './charter.ts'
import { reachesThreshold } from './controller.ts'

export type Form = 'raw'

export type Consent = {
  readonly machine: MachineId
  /** Position of the participant in the machine's terms. */
  readonly party: number
  /** Position of the key in the participant's controller. */
  readonly key: number
  readonly form: Form
  readonly signature: Uint8Array
}

export const consent: Codec<Consent> = struct<Consent>({
  machine: id<'machine'>(),
  party: u8,
  key: u8,
  form: choice<Form>(['raw']),
  signature: bytes(SIGNATURE_BYTES_MAX),
})

/** The 32 bytes a participant signs to consent, in the suite of the machine it takes part in. */
export const consentDigest = (suite: SuiteId, of: InteractionId): Uint8Array =>
  hash(suite, TAGS.consent, bytesFromId(of))

/** Checks one consent against the terms of its machine. Returns `consent/unknown-key` or `consent/bad-signature`. */
export const checkConsent = (
  terms: Terms,
  interaction: InteractionId,
  given: Consent,
  verifier: Verifier,
): Fault | undefined => {
  const participant = terms.participants[given.party]
  const key = participant?.controller.keys[given.key]
  if (!key) return new Fault('consent/unknown-key', `no key ${given.key} of party ${given.party}`)
  const digest = consentDigest(terms.suite, interaction)
  if (!verifier.verify(key.scheme, key.publicKey, digest, given.signature)) {
    const place = { machine: given.machine, party: participant.name }
    return new Fault('consent/bad-signature', 'the consent is not signed by the named key', place)
  }
  return undefined
}

/** Whether checked consents to one interaction carry a party's threshold on a machine. */
export const consentsOf = (
  terms: Terms,
  machine: MachineId,
  checked: readonly Consent[],
): ((party: number) => boolean) => {
  return (party) => {
    const participant = terms.participants[party]
    if (!participant) return false
    const own = checked.filter((one) => one.machine === machine && one.party === party)
    return reachesThreshold(
      participant.controller,
      own.map((one) => one.key),
    )
  }
}
