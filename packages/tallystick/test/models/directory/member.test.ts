import { describe, expect, test } from 'vitest'
import type { Terms } from '../../../src/kernel/charter.ts'
import { createMember, DIRECTORY_ROUNDS } from '../../../src/models/directory/member.ts'
import { directoryCertificate } from '../../../src/models/directory/certificate.ts'
import { beginMember } from '../../../src/models/rounds/member-state.ts'
import { certified, paying, town } from '../rounds/purse.ts'

const { genesis, policy } = town
const owned: Terms = { ...genesis.terms, turn: { is: 'owner', party: 0 } }

describe('a directory, as a model for shared machines', () => {
  test('decides in rounds where anyone may propose, and nowhere else', () => {
    expect(DIRECTORY_ROUNDS.quorumIn(genesis.terms)?.signers).toEqual(policy.operators)
    expect(DIRECTORY_ROUNDS.quorumIn(owned)).toBeUndefined()
    expect(DIRECTORY_ROUNDS.signersIn(owned)).toEqual(policy.operators)
  })

  test('writes rounds as its certificate, and reads them out of no other form', () => {
    const { certificate } = certified(paying(0))
    const rounds = DIRECTORY_ROUNDS.roundsIn(certificate)
    expect(rounds && DIRECTORY_ROUNDS.certificateFrom(rounds)).toEqual(certificate)
    const receipts = directoryCertificate.encode({ is: 'receipts', receipts: [] })
    expect(DIRECTORY_ROUNDS.roundsIn(receipts)).toBeUndefined()
  })

  test('has operators as members, who agree on what a participant wants', () => {
    const member = createMember(town.memberOptions(0))
    const env = { now: 1000n, random: new Uint8Array(32) }
    const state = member.step(beginMember(genesis), { is: 'candidate', candidate: paying(0) }, env)
    expect(state.run.candidates.length).toBe(1)
    expect(member.outstanding(state).length).toBeGreaterThan(0)
  })
})
