/**
 * Who reads a private machine: those who take part, its custodians and stand-ins, and whom else its author lets in.
 *
 * Promise. Whoever is let in gets the keys of all epochs, and reads what was said before. Whoever is put out gets no key of the epoch that
 * begins with that, so what is wrapped from then on with its key is closed to him. While the machine is at a directory, custodians and
 * stand-ins who held it last read on, as it goes back to them. Members take a later epoch up by themselves:
 * custodians as it comes, folders with `tally propose` and `tally resend`.
 *
 * Not promised. That who was put out forgets what he read. That nobody wraps under the old key any more: a member that has not heard of the
 * new epoch does, until it has.
 */
import { type ExitCode, type Output, type RelayedAsk, usageError } from 'tallystick/command'
import { type PackKeys, partiesOf } from 'tallystick/nostr'
import { keepersIn, termsIn } from '../relay/changes.ts'
import { packsFor, privateTools } from '../relay/membership.ts'
import { newEpochKeys } from '../relay/private.ts'
import { custodyBefore } from './handover.ts'
import { type HandedKeys, handedOut, keepReaders, noteHandedOut, readersIn } from './folder.ts'
import { keyFrom, linkFrom } from './link.ts'
import type { Inside } from './inside.ts'
import { listText } from './names.ts'
import { catchUp, dirOf, holdFolder, type RelayedOffice, withRelayed } from './office.ts'

type Ask = RelayedAsk & { readonly keys: readonly string[] }

export const showReaders = (output: Output, ask: Ask): Promise<ExitCode> =>
  withRelayed(output, ask, async (office): Promise<ExitCode> => {
    const membership = membershipOf(office)
    await catchUp(office)
    const readers = readersOf(office)
    output.table(readers.map((one) => [office.names(one), one]))
    output.result({ readers, epoch: epochOf(membership), sealed: membership.sealed() })
    output.next(`tally readers add NPUB${dirOf(office)}`)
    return 0
  })

/** Hands the keys of all epochs to somebody. */
export const addReaders = (output: Output, ask: Ask): Promise<ExitCode> =>
  asAuthor(output, ask, async (office, membership): Promise<ExitCode> => {
    const added = keysOf(ask)
    keepReaders(office.folder, [...new Set([...readersIn(office.folder), ...added])])
    for (const keys of membership.keys()) await handOut(office, membership, { keys, to: added })
    const { id, creator } = office.definition
    const link = linkFrom({ id, relays: office.folder.relays, author: creator })
    const text = `${added.length} more can read it, from its beginning on.`
    return tell(office, membership, text, `each of them runs tally accept ${link} --private`)
  })

/** Begins another epoch without somebody. */
export const removeReaders = (output: Output, ask: Ask): Promise<ExitCode> =>
  asAuthor(output, ask, async (office, membership): Promise<ExitCode> => {
    const newest = newestEpoch(membership)
    const removed = keysOf(ask)
    const bound = [...partiesOf(office.definition), ...keepersOf(office)]
    const busy = removed.find((one) => bound.includes(one))
    if (busy !== undefined) {
      throw usageError(
        `${office.names(busy)} takes part or holds it, and has to read it`,
        'change the custodians first: tally custodians change',
      )
    }
    const left = readersIn(office.folder).filter((one) => !removed.includes(one))
    keepReaders(office.folder, left)
    return beginEpoch(office, membership, newest)
  })

/** Begins another epoch, without custodians who have left. */
export const renewKeys = (output: Output, ask: Ask): Promise<ExitCode> =>
  asAuthor(output, ask, async (office, membership): Promise<ExitCode> => {
    const newest = newestEpoch(membership)
    const { left, gone } = withoutDeparted(readersIn(office.folder), {
      now: keepersOf(office),
      ever: keepersEver(office),
    })
    if (gone.length > 0) {
      keepReaders(office.folder, left)
      const names = listText(gone.map(office.names))
      output.line(`No custodian any more, and left out: ${names}.`)
      output.line(`To let somebody read on: tally readers add NPUB${dirOf(office)}`, 'quiet')
    }
    return beginEpoch(office, membership, newest)
  })

/** Readers but those who were custodians or stand-ins once and are none now. */
export const withoutDeparted = (
  readers: readonly string[],
  { now, ever }: { readonly now: readonly string[]; readonly ever: readonly string[] },
): { readonly left: readonly string[]; readonly gone: readonly string[] } => {
  const gone = readers.filter((one) => ever.includes(one) && !now.includes(one))
  return { left: readers.filter((one) => !gone.includes(one)), gone }
}

/**
 * The folder is held meanwhile, and what another command has kept is read again: two at once would make one epoch twice, with two keys,
 * and members would each take up the one that they are shown first.
 */
const asAuthor = (
  output: Output,
  ask: Ask,
  work: (office: RelayedOffice, membership: Inside) => Promise<ExitCode>,
): Promise<ExitCode> =>
  withRelayed(output, ask, async (office): Promise<ExitCode> => {
    const membership = membershipOf(office)
    if (office.folder.key !== office.definition.creator) {
      throw usageError('packs count only from who defined the machine', 'ask who invited you')
    }
    const release = holdFolder(office)
    try {
      membership.reload()
      await membership.renew()
      await catchUp(office)
      return await work(office, membership)
    } finally {
      release()
    }
  })

const membershipOf = ({ membership }: RelayedOffice): Inside => {
  if (membership) return membership
  throw usageError('everybody reads this machine', 'begin one with tally new --private')
}

const readersOf = (office: RelayedOffice): readonly string[] => [
  ...new Set([...partiesOf(office.definition), ...keepersOf(office), ...readersIn(office.folder)]),
]

const keysOf = ({ keys }: Ask): readonly string[] => {
  const found = keys.map((typed) => {
    const key = keyFrom(typed)
    if (key !== undefined) return key
    throw usageError(`${typed} is no key`, 'use npub1…, or the 64 digits')
  })
  if (found.length > 0) return [...new Set(found)]
  throw usageError('nobody is named', 'tally readers add NPUB, or remove NPUB')
}

/** Custodians and stand-ins; while it is at a directory those who held it last, to whom it goes back. */
export const keepersOf = (office: Pick<RelayedOffice, 'history' | 'charter'>): readonly string[] =>
  keepersIn(custodyBefore(office))

const keepersEver = (office: RelayedOffice): readonly string[] =>
  [
    office.charter.terms,
    ...office.history().steps.flatMap(({ interaction }) => termsIn(interaction) ?? []),
  ].flatMap(keepersIn)

type EpochKeys = Extract<PackKeys, { is: 'epoch' }>

/** Raises a usage error where no epoch can follow. */
const newestEpoch = (membership: Inside): EpochKeys => {
  const [newest] = membership.keys()
  if (newest?.is === 'epoch') return newest
  throw usageError('its keys are shared for good', 'begin another machine with tally new --private')
}

const beginEpoch = async (
  office: RelayedOffice,
  membership: Inside,
  newest: EpochKeys,
): Promise<ExitCode> => {
  const { folder } = office
  const keys = newEpochKeys(privateTools(office.engine), newest)
  const to = readersOf(office)
  // Kept before anybody has it: what is handed out can be handed out again.
  membership.add(keys)
  for (const one of membership.keys()) {
    // Custodians who came in with a change were handed nothing of before.
    const lacking = lackingIn(handedOut(folder), one, to)
    await handOut(office, membership, { keys: one, to: lacking })
  }
  return tell(office, membership, `Epoch ${keys.epoch} has begun; ${to.length} have its key.`)
}

/** Those who were not handed the keys of an epoch, as far as is kept here. */
export const lackingIn = (
  handed: readonly HandedKeys[],
  keys: PackKeys,
  members: readonly string[],
): readonly string[] =>
  members.filter(
    (member) => !handed.some((one) => one.epoch === epochIn(keys) && one.member === member),
  )

const epochIn = (keys: PackKeys): number => (keys.is === 'epoch' ? keys.epoch : -1)

const handOut = async (
  { definition, folder, engine, sign }: RelayedOffice,
  { outside }: Inside,
  { keys, to }: { readonly keys: PackKeys; readonly to: readonly string[] },
): Promise<void> => {
  const packed = { keys, members: to, title: definition.title, machine: definition.id }
  const packs = await packsFor(packed, { pubkey: folder.key, sign }, privateTools(engine))
  for (const pack of packs) {
    const { count } = await outside.publish(folder.relays, pack, { confirm: 'always' })
    if (count === 0) throw usageError('no relay takes the keys', 'tally readers renew')
  }
  noteHandedOut(
    folder,
    to.map((member) => ({ epoch: epochIn(keys), member })),
  )
}

const tell = (office: RelayedOffice, membership: Inside, text: string, then?: string): ExitCode => {
  const { output } = office
  output.line(text, 'good')
  if (then !== undefined) output.line(then, 'quiet')
  output.result({ readers: readersOf(office), epoch: epochOf(membership) })
  output.next(`tally readers${dirOf(office)}`)
  return 0
}

const epochOf = (membership: Inside): number | undefined => {
  const [newest] = membership.keys()
  return newest?.is === 'epoch' ? newest.epoch : undefined
}
