/**
 * The directory as a model for shared machines: its operators are the certifiers, and each is a `member`
 * (`models/rounds/member.ts`). On an owned machine it has no rounds; operators take over there by a receipt.
 */
import type { Role } from '../../kernel/role.ts'
import { createMember as createMemberOf, type MemberInput } from '../rounds/member.ts'
import type { MemberEffect } from '../rounds/member-effects.ts'
import type { MemberState } from '../rounds/member-state.ts'
import type { MemberOptions as OptionsOfAny } from '../rounds/office.ts'
import type { RoundModel } from '../rounds/round-model.ts'
import { directoryCertificate } from './certificate.ts'
import { DIRECTORY, directoryPolicy, isShared, quorumOf } from './policy.ts'

export const DIRECTORY_ROUNDS: RoundModel = {
  kind: DIRECTORY,
  quorumIn: (terms) =>
    isShared(terms) ? quorumOf(directoryPolicy.decode(terms.policy.params)) : undefined,
  signersIn: ({ policy }) => directoryPolicy.decode(policy.params).operators,
  certificateFrom: (rounds) => directoryCertificate.encode({ is: 'rounds', rounds }),
  roundsIn: (certificate) => {
    const read = directoryCertificate.decode(certificate)
    return read.is === 'rounds' ? read.rounds : undefined
  },
}

export type MemberOptions = Omit<OptionsOfAny, 'rounds'>

/** An operator that certifies under a directory's terms only. */
export const createMember = (
  options: MemberOptions,
): Role<MemberState, MemberInput, MemberEffect> =>
  createMemberOf({ ...options, rounds: [DIRECTORY_ROUNDS] })
