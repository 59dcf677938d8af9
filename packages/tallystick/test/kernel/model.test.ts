import { describe, expect, test } from 'vitest'
import { type Codec, list, struct, u8 } from '../../src/base/codec.ts'
import { Fault, isFault } from '../../src/base/fault.ts'
import type { Terms } from '../../src/kernel/charter.ts'
import { convict } from '../../src/kernel/evidence.ts'
import {
  type Attestation,
  eraseModel,
  type ErasedJudgement,
  evidenceBetween,
  type Known,
  type Model,
} from '../../src/kernel/model.ts'
import type { Statement } from '../../src/kernel/statement.ts'
import {
  alice,
  anId,
  aTerms,
  aTransition,
  aVote,
  bob,
  engine,
  type Person,
  sign,
} from './sample.ts'

type Policy = { readonly wanted: number }
type Certificate = { readonly shown: readonly number[] }
type Anchor = { readonly seen: number }

const policy: Codec<Policy> = struct<Policy>({ wanted: u8 })
const certificate: Codec<Certificate> = struct<Certificate>({ shown: list(u8, 9) })
const anchor: Codec<Anchor> = struct<Anchor>({ seen: u8 })

/** Final when as many numbers are shown as the policy wants; a nine is refused. */
const counting: Model<Policy, Certificate, Anchor> = {
  kind: 'counting',
  promises: { covers: 'position', clock: 'none', impliesConsentOf: 'none' },
  policy,
  certificate,
  anchor,
  admit: (_, { wanted }) =>
    wanted === 0 ? new Fault('test/bad-policy', 'nothing is wanted') : undefined,
  begin: ({ wanted }) => ({ seen: wanted }),
  judge: ({ policy: { wanted }, anchor: { seen }, certificate: { shown } }) => {
    if (shown.includes(9)) return { is: 'refused', fault: new Fault('test/nine', 'a nine') }
    const next = { seen: seen + shown.length }
    if (shown.length < wanted) return { is: 'pending', waitingFor: [], anchor: next }
    return {
      is: 'final',
      anchor: next,
      finality: {
        grade: 'local',
        reach: 'parties',
        vouchers: [],
        undo: { atLeast: 1, of: [] },
        since: undefined,
        clock: 'none',
      },
    }
  },
  attestations: ({ certificate: { shown } }) => shown.map(() => attestation(alice, aVote())),
}

const attestation = (by: Person, statement: Statement): Attestation => ({
  statement,
  signature: sign('classic', by, statement),
  scheme: 'ed25519',
  publicKey: by.keys.publicKey,
  name: by.name,
})

const known: Known = { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) }
const termsOf = (params: readonly number[]): Terms =>
  aTerms({ policy: { kind: 'counting', params: Uint8Array.from(params) } })
const judged = (changes: Partial<ErasedJudgement> = {}): ErasedJudgement => ({
  terms: termsOf([2]),
  anchor: anchor.encode({ seen: 5 }),
  transition: aTransition(),
  certificate: certificate.encode({ shown: [1, 2] }),
  known,
  ...changes,
})

describe('an erased model', () => {
  const erased = eraseModel(counting)

  test('judges as the model does, in bytes', () => {
    const anchorAfter = (shown: readonly number[]): unknown =>
      erased.judge(judged({ certificate: certificate.encode({ shown }) }))
    expect(anchorAfter([1, 2])).toMatchObject({ is: 'final', anchor: Uint8Array.of(7) })
    expect(anchorAfter([1])).toMatchObject({ is: 'pending', anchor: Uint8Array.of(6) })
    expect(anchorAfter([9])).toMatchObject({ is: 'refused', fault: { code: 'test/nine' } })
  })

  test.each<[string, Partial<ErasedJudgement>, string]>([
    ['certificate', { certificate: Uint8Array.of(1) }, 'codec/truncated'],
    [
      'certificate with more behind it',
      { certificate: Uint8Array.of(0, 0, 0, 0, 0) },
      'codec/extended',
    ],
    ['anchor', { anchor: new Uint8Array() }, 'codec/truncated'],
    ['policy', { terms: termsOf([2, 2]) }, 'codec/extended'],
  ])('refuses a malformed %s and attests nothing', (_, change, code) => {
    expect(erased.judge(judged(change))).toMatchObject({ is: 'refused', fault: { code } })
    expect(erased.attestations(judged(change))).toEqual([])
    expect(erased.attestations(judged())).toHaveLength(2)
  })

  test('admits what the model admits, and begins with its anchor', () => {
    expect(erased.admit(termsOf([2]), engine)).toBeUndefined()
    expect(erased.admit(termsOf([0]), engine)?.code).toBe('test/bad-policy')
    expect(erased.admit(termsOf([]), engine)?.code).toBe('codec/truncated')
    expect(erased.begin(termsOf([2]))).toEqual(Uint8Array.of(2))
  })

  test('convicts of kinds of its own only where the model has them', () => {
    const proof = Uint8Array.of(1)
    const accused = { terms: termsOf([2]), verifier: engine }
    expect(erased.convict(proof, accused)).toMatchObject({ code: 'evidence/unknown-kind' })
    const strict = eraseModel({
      ...counting,
      convict: (bytes, { policy: { wanted } }) => [
        {
          kind: 'counting/shown-too-often',
          signer: anId('signer'),
          machine: anId('machine'),
          sequence: BigInt(wanted + bytes.length),
          children: [],
        },
      ],
    })
    expect(strict.convict(proof, accused)).toMatchObject([{ sequence: 3n }])
    const malformed = strict.convict(proof, { ...accused, terms: termsOf([]) })
    expect(malformed).toMatchObject({ code: 'codec/truncated' })
  })
})

describe('evidence between two certificates', () => {
  const first = aVote({ transition: aTransition({ interaction: anId('first') }) })
  const second = aVote({ transition: aTransition({ interaction: anId('second') }) })

  test('names each signer of both, and convicts', () => {
    const one = [alice, bob].map((each) => attestation(each, first))
    const other = [attestation(bob, second)]
    const found = evidenceBetween(aTerms(), one, other)
    expect(found).toHaveLength(1)
    expect(found[0]?.publicKey).toEqual(bob.keys.publicKey)
    expect(found.map((each) => isFault(convict(each, engine)))).toEqual([false])
  })

  test('is empty where nobody signed both, or both say the same', () => {
    expect(
      evidenceBetween(aTerms(), [attestation(alice, first)], [attestation(bob, second)]),
    ).toEqual([])
    const again = [attestation(alice, first)]
    expect(evidenceBetween(aTerms(), again, again)).toEqual([])
  })

  test('does not take a key under another scheme for the same signer', () => {
    const foreign = { ...attestation(alice, second), scheme: 'bip340' } as const
    expect(evidenceBetween(aTerms(), [attestation(alice, first)], [foreign])).toEqual([])
  })
})
