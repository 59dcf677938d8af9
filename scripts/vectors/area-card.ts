/** Cards and invitations: the files that begin a machine. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import type { SignedKeyEvent } from '../../packages/tallystick/src/kernel/key-event.ts'
import { type Card, fileFromCard } from '../../packages/tallystick/src/verify/card.ts'
import { fileFromInvite, type Invite } from '../../packages/tallystick/src/verify/invite.ts'
import { type Area, good, spoiled } from './case.ts'
import { deviceOf, drafted, inception, signed, stateOf } from './identities.ts'
import { PAIR } from './world.ts'

/** An identity whose first device signs as the name alone does on machines. */
const logOf = (name: string): readonly SignedKeyEvent[] => {
  const first = inception(name, [deviceOf('first', '', name)])
  const begun = stateOf([first])
  const phone = deviceOf('phone', '', `${name} phone`)
  const second = drafted(begun, { is: 'devices' }, { add: [phone] })
  return [first, signed(second, [`${name} root`], begun)]
}

const ALICE: Card = { name: 'alice', device: 0, log: logOf('alice') }
const INVITE: Invite = { from: 0, charter: PAIR, card: fileFromCard(ALICE) }

const cardHex = (of: Partial<Card>): string => hexFromBytes(fileFromCard({ ...ALICE, ...of }))
const inviteHex = (of: Partial<Invite>): string =>
  hexFromBytes(fileFromInvite({ ...INVITE, ...of }))

export const cardArea = (): Area => {
  const card = good({
    id: 'card/two-events',
    comment: 'two events; the first device signs',
    check: 'card',
    input: { file: cardHex({}) },
  })
  const invite = good({
    id: 'card/invite',
    comment: 'a charter of two, with the card of the one who invites',
    check: 'invite',
    input: { file: inviteHex({}) },
  })
  const [first, second] = ALICE.log
  if (!first || !second) throw new Error('there are two events')
  return {
    area: 'card',
    about: 'Cards and invitations: the files that begin a machine.',
    cases: [
      card,
      spoiled(card, 'card/no-such-device', {
        id: 'card/no-such-device',
        comment: 'a device that does not act',
        input: { file: cardHex({ device: 2 }) },
      }),
      spoiled(card, 'key-log/bad-signature', {
        id: 'card/unsigned',
        comment: 'a second event with the signature of the first',
        input: { file: cardHex({ log: [first, { ...second, signatures: first.signatures }] }) },
      }),
      spoiled(card, 'codec/extended', {
        id: 'card/extended',
        comment: 'one byte more',
        input: { file: `${cardHex({})}00` },
      }),
      invite,
      spoiled(invite, 'invite/not-the-inviter', {
        id: 'card/invite-other-card',
        comment: 'the card of somebody else',
        input: { file: inviteHex({ card: fileFromCard({ ...ALICE, log: logOf('mallory') }) }) },
      }),
      spoiled(invite, 'invite/not-the-inviter', {
        id: 'card/invite-other-place',
        comment: 'said to come from the other party',
        input: { file: inviteHex({ from: 1 }) },
      }),
      spoiled(invite, 'charter/no-participants', {
        id: 'card/invite-nobody',
        comment: 'terms that no machine may have',
        input: {
          file: inviteHex({ charter: { ...PAIR, terms: { ...PAIR.terms, participants: [] } } }),
        },
      }),
      spoiled(invite, 'file/other-kind', {
        id: 'card/invite-is-card',
        comment: 'a card where an invitation belongs',
        input: { file: cardHex({}) },
      }),
    ],
  }
}
