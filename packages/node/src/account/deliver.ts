/**
 * Delivering: what an account has paid to another is left in the inbox of that account's device, as a bundle that proves it.
 *
 * Promise. It is left after its step is certified, and again until an operator has taken it; leaving it twice is leaving it once.
 * A bundle too large for an inbox is left without its earlier steps: whoever reads it completes it from the directory.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bytesFromUtf8, faultFrom, INBOX_ITEM_BYTES_MAX, isFault } from 'tallystick/base'
import { createPrivateFolder, replaceFile } from 'tallystick/shell'
import { machineId } from 'tallystick/kernel'
import { ledgerOperation, payeeOf } from 'tallystick/logic'
import type { OwnerStep } from 'tallystick/models'
import { type Bundle, fileFromBundle } from 'tallystick/verify'
import { leaveItem } from '../client/directory.ts'
import { inboxOf } from '../client/inbox.ts'
import { ownBundle } from './bundle.ts'
import { type Contact, listContacts } from './contacts.ts'
import type { AccountFolder } from './folder.ts'
import type { Office } from './office.ts'

export type Delivery = {
  readonly step: bigint
  readonly to: string
  /** Operators that have it. */
  readonly with: readonly string[]
}

/** Delivers every certified payment that was not delivered yet. Raises what `leaveItem` raises. */
export const deliverAll = async (office: Office): Promise<readonly Delivery[]> => {
  const due = undelivered(office)
  if (due.length === 0) return []
  const { bundle } = await ownBundle(office)
  const whole = fileFromBundle(bundle)
  const done: Delivery[] = []
  for (const { step, to } of due) {
    const item =
      whole.length <= INBOX_ITEM_BYTES_MAX
        ? whole
        : fileFromBundle(lastStepOf(bundle, office, step))
    const device = inboxOf({ suite: to.charter.terms.suite, key: to.key })
    const taken = await leaveItem(office.directory, device, item)
    const { sequence } = step.transition
    createPrivateFolder(join(office.folder.path, LEFT))
    replaceFile(markOf(office.folder, step, to), bytesFromUtf8(`${taken.join(' ')}\n`))
    done.push({ step: sequence, to: to.name, with: taken })
  }
  return done
}

export const undelivered = ({
  desk,
  folder,
}: Pick<Office, 'desk' | 'folder'>): readonly {
  readonly step: OwnerStep
  readonly to: Contact
}[] => {
  const contacts = listContacts(folder)
  return desk.state().steps.flatMap((step) => {
    if (!step.certificate) return []
    const paid = payeesOf(step)
    return contacts
      .filter((one) => paid.has(one.id) && !existsSync(markOf(folder, step, one)))
      .map((to) => ({ step, to }))
  })
}

/** The machines that a step sends money to. */
export const payeesOf = ({ interaction }: Pick<OwnerStep, 'interaction'>): ReadonlySet<string> => {
  const found = new Set<string>()
  for (const operation of interaction.operations) {
    const of = faultFrom(() => ledgerOperation.decode(operation.argument))
    if (isFault(of)) continue
    if (of.is === 'send') found.add(of.to.machine)
    if (of.is === 'slash') for (const one of of.victims) found.add(payeeOf(one).machine)
  }
  return found
}

const LEFT = 'left'

const markOf = (folder: AccountFolder, step: OwnerStep, to: Contact): string =>
  join(folder.path, LEFT, `${step.transition.sequence}-${to.id.slice(0, 16)}`)

/** The charters, and the one step. */
const lastStepOf = (bundle: Bundle, { folder }: Office, step: OwnerStep): Bundle => ({
  ...bundle,
  charters: bundle.charters.filter(
    (one) =>
      machineId(one) === folder.id ||
      step.interaction.legs.some((leg) => leg.machine === machineId(one)),
  ),
  steps: bundle.steps.filter((one) =>
    one.legs.some(
      (leg) =>
        leg.is === 'written' &&
        leg.transition.machine === folder.id &&
        leg.transition.sequence === step.transition.sequence,
    ),
  ),
})
