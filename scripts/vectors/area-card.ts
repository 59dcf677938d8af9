/** Cards and invitations: the files that begin a machine. */
import { zeroId } from '../../packages/tallystick/src/base/brand.ts'
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import {
  type DeviceList,
  deviceListId,
  deviceListMessage,
  nextKeyId,
  type SignedDeviceList,
} from '../../packages/tallystick/src/kernel/device-list.ts'
import { type Card, fileFromCard } from '../../packages/tallystick/src/verify/card.ts'
import { fileFromInvite, type Invite } from '../../packages/tallystick/src/verify/invite.ts'
import { type Area, good, spoiled } from './case.ts'
import { PAIR, pairOf, sign } from './world.ts'

const key = (name: string): DeviceList['root'] => ({
  scheme: 'ed25519',
  publicKey: pairOf(name).publicKey,
})

/** An identity whose first device signs as the name alone does on machines. */
const listsOf = (name: string): readonly SignedDeviceList[] => {
  const first: DeviceList = {
    suite: 'classic',
    sequence: 0,
    previous: zeroId(),
    root: key(`${name} root`),
    nextRoot: nextKeyId('classic', key(`${name} next root`)),
    devices: [{ name: 'first', key: key(name) }],
  }
  const second: DeviceList = {
    ...first,
    sequence: 1,
    previous: deviceListId(first),
    devices: [...first.devices, { name: 'phone', key: key(`${name} phone`) }],
  }
  return [first, second].map((list) => ({
    list,
    signature: sign(`${name} root`, deviceListMessage(list)),
  }))
}

const ALICE: Card = { name: 'alice', device: 0, lists: listsOf('alice') }
const INVITE: Invite = { from: 0, charter: PAIR, card: fileFromCard(ALICE) }

const cardHex = (of: Partial<Card>): string => hexFromBytes(fileFromCard({ ...ALICE, ...of }))
const inviteHex = (of: Partial<Invite>): string =>
  hexFromBytes(fileFromInvite({ ...INVITE, ...of }))

export const cardArea = (): Area => {
  const card = good({
    id: 'card/two-lists',
    comment: 'two device lists; the first device signs',
    check: 'card',
    input: { file: cardHex({}) },
  })
  const invite = good({
    id: 'card/invite',
    comment: 'a charter of two, with the card of the one who invites',
    check: 'invite',
    input: { file: inviteHex({}) },
  })
  const [first, second] = ALICE.lists
  if (!first || !second) throw new Error('there are two lists')
  return {
    area: 'card',
    about: 'Cards and invitations: the files that begin a machine.',
    cases: [
      card,
      spoiled(card, 'card/no-such-device', {
        id: 'card/no-such-device',
        comment: 'a device that the newest list has not',
        input: { file: cardHex({ device: 2 }) },
      }),
      spoiled(card, 'device-list/wrong-signature', {
        id: 'card/unsigned',
        comment: 'a second list with the signature of the first',
        input: { file: cardHex({ lists: [first, { ...second, signature: first.signature }] }) },
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
        input: { file: inviteHex({ card: fileFromCard({ ...ALICE, lists: listsOf('mallory') }) }) },
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
