/**
 * Evidence against the keys of an identity: two events with one number, both signed by one key.
 *
 * Safety. An owner that keeps what it signed, and signs a second event only after the first one stands, is never
 * convicted. Checking needs the two events, the two signatures and the key: no clock, no network, no log. A key that
 * both signed is convicted whoever held it: a thief and the owner beside him convict the stolen key, which is then to be
 * replaced by rotating or recovering.
 *
 * Not promised. That two events with one number always have a signer in common: a recovery and a change of devices
 * have none. Which of the two counts is then for the directory that saw one of them first.
 */
import type { SignerId } from '../base/brand.ts'
import { bytes, type Codec, struct } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { PUBLIC_KEY_BYTES_MAX, SIGNATURE_BYTES_MAX } from '../base/limits.ts'
import { scheme, type SchemeId } from '../base/suite.ts'
import type { Verifier } from '../base/verifier.ts'
import { type Controller, signerOf } from './controller.ts'
import {
  type IdentityId,
  identityOf,
  type KeyEvent,
  keyEvent,
  type KeyEventId,
  keyEventId,
  keyEventMessage,
  type SignedKeyEvent,
} from './key-event.ts'
import { signersOf } from './key-log.ts'

type Half = { readonly event: KeyEvent; readonly signature: Uint8Array }

export type KeyEvidence = {
  readonly scheme: SchemeId
  readonly publicKey: Uint8Array
  readonly first: Half
  readonly second: Half
}

/** Which key signed two events in one place. */
export type KeyConviction = {
  readonly kind: 'duplicity'
  readonly signer: SignerId
  readonly identity: IdentityId
  readonly sequence: number
  readonly events: readonly [KeyEventId, KeyEventId]
}

const half = struct<Half>({ event: keyEvent, signature: bytes(SIGNATURE_BYTES_MAX) })

export const keyEvidence: Codec<KeyEvidence> = struct<KeyEvidence>({
  scheme,
  publicKey: bytes(PUBLIC_KEY_BYTES_MAX),
  first: half,
  second: half,
})

/**
 * Judges evidence. Returns whom it convicts, or the fault that makes it worthless: `key-evidence/two-identities`,
 * `key-evidence/no-conflict`, `key-evidence/bad-key` or `key-evidence/bad-signature`.
 */
export const convictKey = (of: KeyEvidence, verifier: Verifier): KeyConviction | Fault => {
  const [first, second] = [of.first.event, of.second.event]
  const identity = identityOf(first)
  // The suite belongs to the identity, and decides what the ids below are.
  if (identity !== identityOf(second) || first.suite !== second.suite) {
    return new Fault('key-evidence/two-identities', 'the two events are of different identities')
  }
  const events: KeyConviction['events'] = [keyEventId(first), keyEventId(second)]
  if (first.sequence !== second.sequence || events[0] === events[1]) {
    return new Fault('key-evidence/no-conflict', 'an honest key could have signed both events')
  }
  if (!verifier.acceptsKey(of.scheme, of.publicKey)) {
    return new Fault('key-evidence/bad-key', `not a valid ${of.scheme} key`)
  }
  for (const { event, signature } of [of.first, of.second]) {
    if (!verifier.verify(of.scheme, of.publicKey, keyEventMessage(event), signature)) {
      return new Fault('key-evidence/bad-signature', 'an event is not signed by the accused key')
    }
  }
  const signer = signerOf(first.suite, of)
  return { kind: 'duplicity', signer, identity, sequence: first.sequence, events }
}

/**
 * What two events that follow one state show against its keys: nothing where they are one event, or no key signed both.
 * `inUse` are the keys before them. Signatures are not checked here; `convictKey` does.
 */
export const keyEvidenceFrom = (
  first: SignedKeyEvent,
  second: SignedKeyEvent,
  inUse: Controller | undefined,
): readonly KeyEvidence[] => {
  if (keyEventId(first.event) === keyEventId(second.event)) return []
  const signed = (of: SignedKeyEvent): ReadonlyMap<SignerId, KeyEvidence['first'] & Accused> => {
    const { signers } = signersOf(of.event, inUse)
    return new Map(
      of.signatures.flatMap(({ signer, signature }) => {
        const key = signers[signer]
        return key ? [[signerOf(of.event.suite, key), { ...key, event: of.event, signature }]] : []
      }),
    )
  }
  const others = signed(second)
  return [...signed(first)].flatMap(([signer, one]) => {
    const other = others.get(signer)
    if (!other) return []
    const { scheme: schemeId, publicKey } = one
    return [
      {
        scheme: schemeId,
        publicKey,
        first: { event: one.event, signature: one.signature },
        second: { event: other.event, signature: other.signature },
      },
    ]
  })
}

type Accused = Pick<KeyEvidence, 'scheme' | 'publicKey'>
