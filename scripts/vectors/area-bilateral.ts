/** The bilateral model: certificates, and parties that are fed messages. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import type { Machine } from '../../packages/tallystick/src/kernel/execute.ts'
import { type Transition, transition } from '../../packages/tallystick/src/kernel/transition.ts'
import {
  type BilateralCertificate,
  bilateralCertificate,
} from '../../packages/tallystick/src/models/bilateral/certificate.ts'
import { type Area, bad, type Case, good, spoiled } from './case.ts'
import type { JsonObject } from './finding.ts'
import {
  abortBy,
  after,
  cosigned,
  type Deed,
  hexOfCharter,
  only,
  opened,
  pay,
  PURSE,
  seedOf,
  sign,
} from './world.ts'

const hexOf = (of: Transition): string => hexFromBytes(transition.encode(of))
const start = opened(PURSE)
const deedOf = (machine: Machine, from: string, amount = 1n): Deed => ({
  write: [machine],
  operations: [pay(machine, from, amount)],
})
const first = deedOf(start, 'alice')
const one = only(after(first))
const rival = only(after(deedOf(start, 'alice', 2n)))

const certificates = (): readonly Case[] => {
  const judged = (certificate: Uint8Array): JsonObject => ({
    charter: hexOfCharter(PURSE),
    transition: hexOf(one.head),
    certificate: hexFromBytes(certificate),
  })
  const whole = good({
    id: 'bilateral/cosigned',
    comment: 'both have signed, in round 0',
    check: 'certificate',
    input: judged(cosigned(one.head)),
  })
  const failing = (fault: string, id: string, comment: string, certificate: Uint8Array): Case =>
    spoiled(whole, fault, { id: `bilateral/${id}`, comment, input: judged(certificate) })
  const made = (more: Partial<BilateralCertificate>): Uint8Array =>
    bilateralCertificate.encode({ ...bilateralCertificate.decode(cosigned(one.head)), ...more })
  const { signatures } = bilateralCertificate.decode(cosigned(one.head))
  const [alices, bobs] = signatures
  if (!alices || !bobs) throw new Error('both have signed')
  const round1 = cosigned(one.head, ['alice', 'bob'], 1, [abortBy('bob', one.head, 0)])
  return [
    whole,
    good({
      id: 'bilateral/second-round',
      comment: 'in round 1, with the abort of round 0',
      check: 'certificate',
      input: judged(round1),
    }),
    good({
      id: 'bilateral/one-signature',
      comment: 'pending, for Bob',
      check: 'certificate',
      input: judged(cosigned(one.head, ['alice'])),
    }),
    failing(
      'certificate/signed-twice',
      'same-twice',
      'one signature listed twice',
      made({ signatures: [alices, alices] }),
    ),
    failing(
      'certificate/signed-twice',
      'unordered',
      'parties out of order',
      made({ signatures: [bobs, alices] }),
    ),
    failing(
      'certificate/unknown-key',
      'unknown-party',
      'party 2 of two',
      made({ signatures: [alices, { ...bobs, party: 2 }] }),
    ),
    failing(
      'certificate/unknown-key',
      'unknown-key',
      'key 1 of one',
      made({ signatures: [alices, { ...bobs, key: 1 }] }),
    ),
    failing(
      'certificate/bad-signature',
      'in-other-name',
      'Alice’s signature in Bob’s name',
      made({ signatures: [alices, { ...bobs, signature: alices.signature }] }),
    ),
    failing(
      'certificate/bad-signature',
      'other-child',
      'signatures for another child',
      cosigned(rival.head),
    ),
    failing(
      'certificate/bad-signature',
      'wrong-domain',
      'a signature over other bytes',
      made({ signatures: [alices, { ...bobs, signature: sign('bob', seedOf('anything')) }] }),
    ),
    failing(
      'certificate/round-open',
      'round-open',
      'in round 1, without the abort of round 0',
      cosigned(one.head, ['alice', 'bob'], 1),
    ),
    failing(
      'certificate/stray-abort',
      'stray-abort',
      'an abort of the very round',
      made({ aborts: [abortBy('bob', one.head, 0)] }),
    ),
    failing(
      'certificate/too-many-rounds',
      'too-many-rounds',
      'a round that nobody gets to',
      made({ round: 1_000_000 }),
    ),
    failing(
      'codec/truncated',
      'truncated',
      'a certificate cut short',
      cosigned(one.head).slice(0, -1),
    ),
  ]
}

export const bilateralArea = (): Area => ({
  area: 'bilateral',
  about: 'Certificates that both parties sign.',
  cases: [
    ...certificates(),
    bad('evidence/unknown-kind', {
      id: 'bilateral/own-evidence',
      comment: 'a proof that only the model could judge, of a model that has none',
      check: 'conviction',
      input: { charter: hexOfCharter(PURSE), proof: '00' },
    }),
  ],
})
