import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { directoryCertificate } from '../../../src/models/directory/certificate.ts'
import {
  beginFollowing,
  follow,
  rivalryOf,
  agreedStep,
  type AgreedStep,
} from '../../../src/models/rounds/agreed-step.ts'
import { certified, paying, town } from './purse.ts'

const { genesis, options } = town
const step = certified(paying(0))
const start = beginFollowing(genesis)

const codeOf = (of: AgreedStep): string | undefined => {
  const after = follow(options, start, of)
  return isFault(after) ? after.code : undefined
}

const withCommits = (count: number): Uint8Array => {
  const shown = directoryCertificate.decode(step.certificate)
  if (shown.is !== 'rounds') throw new Error('made of rounds')
  const commits = shown.rounds.commits.slice(0, count)
  return directoryCertificate.encode({ ...shown, rounds: { ...shown.rounds, commits } })
}

describe('who follows a shared machine', () => {
  test('goes on with a certified step, and knows since when it is firm', () => {
    const after = follow(options, start, step)
    if (isFault(after)) throw after
    expect(after.machine.head.sequence).toBe(1n)
    expect(after.since).toBe(1000n)
    expect(after.newest).toEqual({ step, terms: genesis.terms })
    expect(agreedStep.decode(agreedStep.encode(step))).toEqual(step)
  })

  test('tells no step as firm earlier than the one before', () => {
    const after = follow(options, beginFollowing(genesis, 5000n), step)
    expect(isFault(after) ? after : after.since).toBe(5000n)
  })

  test('refuses what is not certified, or not next', () => {
    expect(codeOf({ ...step, certificate: withCommits(2) })).toBe('shared/not-certified')
    expect(codeOf({ ...step, certificate: Uint8Array.of(9) })).toBe('codec/unknown-case')
    const after = follow(options, start, step)
    if (isFault(after)) throw after
    const again = follow(options, after, step)
    expect(isFault(again) && again.code).toBe('shared/not-next')
  })

  test('refuses a certified child that the candidate does not lead to', () => {
    expect(codeOf({ ...step, candidate: paying(0, 2n) })).toBe('shared/other-child')
    expect(codeOf({ ...step, candidate: { ...paying(0), consents: [] } })).toBe(
      'candidate/no-consent',
    )
  })

  test('has evidence once a rival is certified too, and none against one step twice', () => {
    const after = follow(options, start, step)
    if (isFault(after)) throw after
    expect(rivalryOf(options, after, step)).toEqual([])
    expect(rivalryOf(options, start, step)).toEqual([])
    const rival = certified(paying(1))
    const accused = rivalryOf(options, after, rival).map((one) => one.publicKey.join())
    expect(new Set(accused).size).toBeGreaterThanOrEqual(2)
  })
})
