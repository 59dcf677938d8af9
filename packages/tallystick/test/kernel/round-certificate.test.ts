import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import type { Cast } from '../../src/kernel/cast.ts'
import { convict } from '../../src/kernel/evidence.ts'
import { evidenceBetween } from '../../src/kernel/model.ts'
import {
  abortCertificate,
  abortCertificateFrom,
  certificateFrom,
  checkAbort,
  checkRounds,
  type RoundCertificate,
  roundCertificate,
} from '../../src/kernel/round-certificate.ts'
import { beginRounds, decisionOf } from '../../src/kernel/round-state.ts'
import type { Transition } from '../../src/kernel/transition.ts'
import { instanceFor } from './round-net.ts'
import { A, abort, B, castsBy, quorum, vote } from './round-votes.ts'
import { aTerms, engine } from './sample.ts'

const by = { place: instanceFor(quorum, 0), quorum, verifier: engine }

/** A certificate of a child held in some rounds, each citing the one before, and committed in the last. */
const made = (of: Transition, rounds: readonly number[], signers = [0, 1, 2]): RoundCertificate => {
  const last = rounds.at(-1) ?? 0
  const holds = rounds.flatMap((round, at) =>
    castsBy(signers, vote('hold', of, round, (rounds[at - 1] ?? -1) + 1)),
  )
  const casts: readonly Cast[] = [...holds, ...castsBy(signers, vote('commit', of, last, last + 1))]
  const decision = decisionOf(quorum, { ...beginRounds(), casts: casts.toReversed() })
  if (!decision) throw new Error('no decision')
  return certificateFrom(decision)
}

const certificate = made(A, [0, 2])
const [top, bottom] = certificate.links as [
  RoundCertificate['links'][0],
  RoundCertificate['links'][0],
]

describe('a certificate of rounds', () => {
  test('attests its commits and the holds under them', () => {
    const found = checkRounds(by, A, certificate)
    if (isFault(found)) throw found
    expect(found.missing).toEqual([])
    expect(found.attestations).toHaveLength(9)
    expect(new Set(found.attestations.map((one) => one.name))).toEqual(
      new Set(['ada', 'ben', 'cyd']),
    )
  })

  test('with commits of too few says who is missing', () => {
    const found = checkRounds(by, A, { ...certificate, commits: certificate.commits.slice(1) })
    expect(found).toMatchObject({ missing: ['ada', 'dan'] })
  })

  test.each<[string, Partial<RoundCertificate>, string]>([
    [
      'a signer twice',
      { commits: certificate.commits.map(() => ({ ...first() })) },
      'round/unordered',
    ],
    ['signers out of order', { commits: certificate.commits.toReversed() }, 'round/unordered'],
    ['a signer nobody knows', { commits: [{ ...first(), signer: 9 }] }, 'cast/unknown-signer'],
    ['a foreign signature', { commits: [{ ...first(), signer: 3 }] }, 'cast/bad-signature'],
    ['another time', { commits: [{ ...first(), time: 1n }] }, 'cast/bad-signature'],
    ['no held quorum', { links: [] }, 'round/broken-chain'],
    ['the cited quorum missing', { links: [top] }, 'round/broken-chain'],
    ['a link too many', { links: [top, bottom, bottom] }, 'round/broken-chain'],
    ['another round', { round: 1 }, 'round/broken-chain'],
    [
      'a citation of a later round',
      { links: [{ ...top, cited: 3 }, bottom] },
      'round/broken-chain',
    ],
    ['a citation left out', { links: [{ ...top, cited: 0 }] }, 'cast/bad-signature'],
    [
      'a held quorum short of one',
      { links: [{ ...top, holds: top.holds.slice(1) }, bottom] },
      'round/no-quorum',
    ],
  ])('with %s is refused', (_, change, code) => {
    expect(checkRounds(by, A, { ...certificate, ...change })).toMatchObject({ code })
  })

  test('speaks of one child only', () => {
    expect(checkRounds(by, B, certificate)).toMatchObject({ code: 'cast/bad-signature' })
  })

  test('reads back as it was written', () => {
    expect(roundCertificate.decode(roundCertificate.encode(certificate))).toEqual(certificate)
  })
})

function first(): RoundCertificate['commits'][0] {
  const [one] = certificate.commits
  if (!one) throw new Error('no commits')
  return one
}

describe('two certificates for two children', () => {
  const attestationsOf = (
    of: Transition,
    one: RoundCertificate,
  ): Parameters<typeof evidenceBetween>[1] => {
    const found = checkRounds(by, of, one)
    if (isFault(found)) throw found
    return found.attestations
  }
  const named = (one: RoundCertificate, other: RoundCertificate): string[] =>
    evidenceBetween(aTerms(), attestationsOf(A, one), attestationsOf(B, other)).flatMap((each) => {
      const found = convict(each, engine)
      const who = attestationsOf(A, one).find((cast) => cast.publicKey === each.publicKey)
      return isFault(found) ? [] : [`${found.kind} ${who?.name}`]
    })

  test('of one round convict the signers they share of a fork', () => {
    const found = named(made(A, [1]), made(B, [1], [1, 2, 3]))
    expect(new Set(found)).toEqual(new Set(['fork ben', 'fork cyd']))
  })

  test('of two rounds convict those who left the earlier one without a permission', () => {
    const found = named(made(A, [1]), made(B, [0, 3], [1, 2, 3]))
    expect(new Set(found)).toEqual(new Set(['lock-broken ben', 'lock-broken cyd']))
  })

  test('that share a round in the chain convict of the fork there', () => {
    const found = named(made(A, [1]), made(B, [1, 3], [1, 2, 3]))
    expect(new Set(found)).toEqual(new Set(['fork ben', 'fork cyd']))
  })
})

describe('an abort certificate', () => {
  const casts = castsBy([3, 0, 1], abort(2))

  test('is made of a quorum of aborts of one round and checks', () => {
    const one = abortCertificateFrom(quorum, casts, 2)
    expect(one?.aborts.map((each) => each.signer)).toEqual([0, 1, 3])
    expect(one && checkAbort(by, one)).toHaveLength(3)
    expect(one && abortCertificate.decode(abortCertificate.encode(one))).toEqual(one)
  })

  test('is not made of fewer, or of commits', () => {
    expect(abortCertificateFrom(quorum, casts.slice(1), 2)).toBeUndefined()
    expect(abortCertificateFrom(quorum, casts, 1)).toBeUndefined()
    const mixed = [...casts.slice(1), ...castsBy([2], vote('commit', A, 2, 3))]
    expect(abortCertificateFrom(quorum, mixed, 2)).toBeUndefined()
  })

  test('is refused with too few, with a signer twice, or for another round', () => {
    const one = abortCertificateFrom(quorum, casts, 2) ?? { round: 2, aborts: [] }
    const codeOf = (of: typeof one): string | undefined => {
      const found = checkAbort(by, of)
      return isFault(found) ? found.code : undefined
    }
    expect(codeOf({ ...one, aborts: one.aborts.slice(1) })).toBe('round/no-quorum')
    expect(codeOf({ ...one, aborts: [...one.aborts, ...one.aborts] })).toBe('round/unordered')
    expect(codeOf({ ...one, round: 3 })).toBe('cast/bad-signature')
  })

  test('beside a certificate of the same round convicts those who signed both', () => {
    const found = checkRounds(by, A, made(A, [2]))
    const one = abortCertificateFrom(quorum, casts, 2)
    const aborts = one && checkAbort(by, one)
    if (isFault(found) || !aborts || isFault(aborts)) throw new Error('both are well made')
    const kinds = evidenceBetween(aTerms(), found.attestations, aborts).map((each) =>
      convict(each, engine),
    )
    expect(kinds).toHaveLength(2)
    for (const each of kinds) expect(each).toMatchObject({ kind: 'abort-broken' })
  })
})
