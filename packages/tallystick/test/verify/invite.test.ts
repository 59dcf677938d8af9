import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { fileFromCard } from '../../src/verify/card.ts'
import { fileFromInvite, type Invite, inviteFromFile } from '../../src/verify/invite.ts'
import { createIdentities } from '../kernel/identity-sample.ts'
import { aCharter, alice, aTerms, bob, engine, type Person } from '../kernel/sample.ts'

const { deviceOf, inception } = createIdentities(engine)

const cardOf = ({ name }: Person): Uint8Array =>
  fileFromCard({ name, device: 0, log: [inception(name, deviceOf('first', '', name))] })

const invite: Invite = { from: 0, charter: aCharter(), card: cardOf(alice) }

const codeOf = (of: Invite): string => {
  const read = faultFrom(() => inviteFromFile(fileFromInvite(of), engine))
  return isFault(read) ? read.code : 'read'
}

describe('an invitation', () => {
  test('gives back the charter and the inviter’s card', () => {
    const read = inviteFromFile(fileFromInvite(invite), engine)
    expect(read.charter).toEqual(invite.charter)
    expect(read.from).toBe(0)
    expect(read.card.card.name).toBe('alice')
  })

  test('is refused where the card is not of the key that the terms name for the inviter', () => {
    expect(codeOf(invite)).toBe('read')
    expect(codeOf({ ...invite, card: cardOf(bob) })).toBe('invite/not-the-inviter')
    expect(codeOf({ ...invite, from: 1 })).toBe('invite/not-the-inviter')
    expect(codeOf({ ...invite, from: 7 })).toBe('invite/not-the-inviter')
    expect(codeOf({ ...invite, from: 1, card: cardOf(bob) })).toBe('read')
  })

  test('is refused with terms that no machine may have', () => {
    const terms = aTerms({ participants: [] })
    expect(codeOf({ ...invite, charter: aCharter({ terms }) })).toBe('charter/no-participants')
  })
})
