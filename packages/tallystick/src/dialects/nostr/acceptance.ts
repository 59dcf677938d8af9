/**
 * Acceptances, kind 7510: a custodian of new terms says that it goes on from the step that brings them. Enough of them make the
 * certificate that a file shows beside that step.
 *
 * | part | what |
 * |---|---|
 * | content | hexadecimal of the step's transition (168 bytes), and of a certificate of acceptances that holds this one alone |
 * | `["e", definition]` | the machine |
 * | `["height", n]`, `["header", id]` | the step |
 */
import { bytesFromHex, hexFromBytes } from '../../base/bytes.ts'
import { type Codec, struct } from '../../base/codec.ts'
import { faultFrom, isFault } from '../../base/fault.ts'
import type { NostrDraft } from '../../forms/nostr-event.ts'
import { type Transition, transition, transitionId } from '../../kernel/transition.ts'
import {
  type CustodianCertificate,
  custodianCertificate,
} from '../../models/custodians/certificate.ts'
import { asId, badContent, badTags, expectKind, KINDS, onlyTag } from './message.ts'
import { SUITE } from './receipt.ts'

export type NostrAcceptance = {
  /** Id of the event that defines the machine. */
  readonly machine: string
  readonly custodian: string
  readonly transition: Transition
  readonly acceptance: Acceptance
}

type Acceptance = Extract<CustodianCertificate, { is: 'acceptances' }>['acceptances'][number]

type Said = { readonly transition: Transition; readonly certificate: CustodianCertificate }

const said: Codec<Said> = struct<Said>({ transition, certificate: custodianCertificate })

export const acceptanceDraft = (of: NostrAcceptance, now: number): NostrDraft => ({
  pubkey: of.custodian,
  created_at: now,
  kind: KINDS.acceptance,
  tags: [['e', of.machine], ...tagsOf(of.transition)],
  content: hexFromBytes(
    said.encode({
      transition: of.transition,
      certificate: { is: 'acceptances', acceptances: [of.acceptance] },
    }),
  ),
})

/** Raises faults of `nostr-message/…`. The signature inside is judged with the certificate that it becomes a part of. */
export const acceptanceFrom = (event: NostrDraft): NostrAcceptance => {
  expectKind(event, KINDS.acceptance)
  const read = faultFrom(() => said.decode(bytesFromHex(event.content)))
  if (isFault(read)) throw badContent(`${read.code}: ${read.message}`)
  const { certificate } = read
  const [only, ...others] = certificate.is === 'acceptances' ? certificate.acceptances : []
  if (!only || others.length > 0) throw badContent('not one acceptance')
  for (const [name = '', value] of tagsOf(read.transition)) {
    if (onlyTag(event, name)[0] !== value) throw badTags(`the tag "${name}" is about another step`)
  }
  const machine = asId(onlyTag(event, 'e')[0], 'the machine')
  return { machine, custodian: event.pubkey, transition: read.transition, acceptance: only }
}

const tagsOf = (of: Transition): readonly (readonly string[])[] => [
  ['height', of.sequence.toString()],
  ['header', transitionId(SUITE, of)],
]
