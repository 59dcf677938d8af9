/**
 * Which legs an interaction of MOI has, once it is known what became of it.
 *
 * | account | succeeded | failed |
 * |---|---|---|
 * | sender, payer | write | write |
 * | created by it, or to be created | write | read |
 * | declared with a mutate lock | write | read |
 * | declared with a read lock | read | read |
 * | declared without a lock | refer | refer |
 *
 * The first leg is the network machine, referred to. So an account moves exactly when it was held for writing or created, and an
 * interaction that failed moves those who pay for it and nobody else.
 */
import { Fault } from '../../base/fault.ts'
import { LEGS_MAX } from '../../base/limits.ts'
import type { Access } from '../../kernel/interaction.ts'
import type { MoiId } from './identifier.ts'
import type { MoiInteraction } from './interaction.ts'
import { createdIds } from './run/derivation.ts'
import type { Lock, ReadAccount } from './run/draft.ts'
import { payerOf } from './run/fuel.ts'
import { locksOf, type Ran } from './run/run.ts'

export type MoiLeg = { readonly account: MoiId; readonly access: Access }

/** Accounts that an interaction may have beside the network machine. */
export const MOI_LEGS_MAX: number = LEGS_MAX - 1

/**
 * Every account that an interaction can touch, with its lock: sender and payer, the participants it declares, and those that it is to
 * create, which may exist already. `read` sees the state before.
 */
export const accountsOf = (args: MoiInteraction, read: ReadAccount): ReadonlyMap<MoiId, Lock> => {
  const accounts = new Map(locksOf(args))
  for (const id of createdIds({ args, read })) if (!accounts.has(id)) accounts.set(id, 'mutate')
  return accounts
}

/**
 * In the order: sender, payer, participants as declared, accounts created. `read` sees the state before. Returns
 * `moi/too-many-accounts`.
 */
export const legsOf = (
  args: MoiInteraction,
  ran: Pick<Ran, 'receipt' | 'created'>,
  read: ReadAccount,
): readonly MoiLeg[] | Fault => {
  const isDone = ran.receipt.status === 'ok'
  // The order is part of what is signed, so it stands in a list of its own.
  const legs: MoiLeg[] = []
  const places = new Map<MoiId, number>()
  const set = (account: MoiId, access: Access): void => {
    const place = places.get(account) ?? legs.length
    places.set(account, place)
    legs[place] = { account, access }
  }
  set(args.sender.id, 'write')
  set(payerOf(args), 'write')
  for (const { id, lock } of args.participants) {
    if (places.has(id)) continue
    const held =
      lock === 'mutate' ? (isDone ? 'write' : 'read') : lock === 'read' ? 'read' : 'refer'
    set(id, held)
  }
  // Where one was not created, that it exists may be why; so whoever runs it again has to see it.
  for (const id of isDone ? ran.created : createdIds({ args, read })) {
    if (isDone || !places.has(id)) set(id, isDone ? 'write' : 'read')
  }
  if (legs.length > MOI_LEGS_MAX) {
    return new Fault(
      'moi/too-many-accounts',
      `${legs.length} accounts in one interaction, where ${MOI_LEGS_MAX} are allowed`,
    )
  }
  return legs
}
