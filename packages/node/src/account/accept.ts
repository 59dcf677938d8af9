/**
 * Accepting: what others sent is taken in. From the inbox or from a file comes a bundle that proves a payment, which is claimed, or
 * the account of somebody, which goes into the address book.
 *
 * Promise. Each payment is claimed once, in a step of its own. The inbox is acknowledged when everything in it was dealt with
 * and that is on disk; what could not be proven yet is kept in `pending/` and looked at again.
 *
 * An account's step relies on what others certify, so a payment that only its payer has signed is not claimed: it would make every
 * later step of this account as weak as it is. Within the caps that its owner has set it is noted as taken at a risk (`risk.ts`).
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Fault, faultFrom, isFault } from 'tallystick/base'
import { createPrivateFolder, type ExitCode, PUBLIC_FILE, replaceFile } from 'tallystick/shell'
import { GRADES, openMachine } from 'tallystick/kernel'
import { STANDARD_LOGICS } from 'tallystick/logic'
import { isReceipted } from 'tallystick/payments'
import { bundleFromFile } from 'tallystick/verify'
import { clientOf } from '../client/directory.ts'
import { acknowledge, cursorKeyOf, type InboxCursors, inboxOf, readInbox } from '../client/inbox.ts'
import { keepSupport } from './bundle.ts'
import { addContact, contactIn } from './contacts.ts'
import { type AccountFolder, fileAt, fileOf, jsonFrom, member } from './folder.ts'
import type { Office } from './office.ts'
import { type Conflicted, type Payment, paymentsIn } from './payment.ts'
import { endRisk, takeAtRisk } from './risk.ts'
import { type Settled, settle, tellSettled } from './settle.ts'
import { operatorsEver, standingOf } from './standing.ts'

export type Handed = { readonly from: string; readonly bytes: Uint8Array }

type Taken = {
  readonly claimed: readonly Payment[]
  /** Taken at a risk: not certified, and within what may be lost. */
  readonly risked: readonly Payment[]
  /** Not proven, or not firm enough yet. */
  readonly open: readonly Fault[]
  /** Another step was signed in their place; where the proof lies. */
  readonly conflicted: readonly (Conflicted & { readonly proof: string })[]
  readonly contacts: readonly string[]
  readonly known: number
}

export const acceptFiles = async (
  office: Office,
  files: readonly Handed[],
  waitMs: number,
): Promise<ExitCode> => {
  const all: Taken[] = []
  for (const one of files) {
    const taken = await takeIn(office, one)
    // Looked at again when it may be certified.
    const key = createHash('sha256').update(one.bytes).digest('hex')
    keepPending(office.folder, { key, bytes: one.bytes }, taken.risked.length > 0)
    all.push(taken)
  }
  const code = await conclude(office, all, waitMs)
  const [first] = all.flatMap((one) => one.open)
  if (first) throw first
  if (isConflicted(all)) return 1
  return all.some((one) => one.risked.length > 0) ? 2 : code
}

export const acceptInbox = async (office: Office, waitMs: number): Promise<ExitCode> => {
  const { folder, directory, output } = office
  const device = inboxOf({ suite: folder.charter.terms.suite, key: folder.key })
  const read = await readInbox(directory, device, cursorsOf(office))
  const kept = pendingIn(folder)
  for (const one of read.items) if (!kept.has(one.key)) kept.set(one.key, one.bytes)
  const all: Taken[] = []
  for (const [key, bytes] of kept) {
    const handed = { from: `item ${key.slice(0, 8)}`, bytes }
    const taken = await takeIn(office, handed).catch((error: unknown): Taken => {
      if (!isFault(error)) throw error
      // Anybody may leave anything: what is no file of ours is passed over for good.
      output.complain(`passed over ${handed.from}: ${error.message} [${error.code}]`, 'quiet')
      return NONE
    })
    keepPending(folder, { key, bytes }, taken.open.length + taken.risked.length > 0)
    all.push(taken)
  }
  if (kept.size === 0) output.line('Nothing new in the inbox.')
  // Somebody may still leave payments with operators of before, which may be gone as well.
  const silent = standingOf(office).policy.operators.flatMap(
    (one) => clientOf({ operators: read.silent }, one)?.name ?? [],
  )
  if (silent.length > 0) {
    const names = silent.join(' and ')
    output.line(`No answer from ${names}: what only they hold is not seen yet.`, 'warn')
  }
  const code = await conclude(office, all, waitMs)
  const open = all.flatMap((one) => one.open)
  for (const one of open) {
    output.complain(`not taken yet: ${one.message} [${one.code}]`, 'warn')
  }
  await doneWith(office, read.cursors)
  output.result({
    inbox: { items: read.items.length, silent, open: open.map((one) => one.code) },
  })
  if (isConflicted(all)) return 1
  const isOpen = open.length > 0 || all.some((one) => one.risked.length > 0)
  return isOpen || isBlind(office, silent) ? 2 : code
}

const isConflicted = (all: readonly Taken[]): boolean =>
  all.some((one) => one.conflicted.length > 0)

/** Whether so many operators are silent that a certified payment may lie with them alone. */
const isBlind = (office: Office, silent: readonly string[]): boolean => {
  const { operators, threshold } = standingOf(office).policy
  return silent.length > operators.length - threshold
}

const PENDING = 'pending'
/** Items that could not be proven are kept up to this many: anybody may leave such items. */
const PENDING_MAX = 64

const pendingIn = (folder: AccountFolder): Map<string, Uint8Array> => {
  const at = join(folder.path, PENDING)
  const names = existsSync(at) ? readdirSync(at).sort() : []
  return new Map(
    names.flatMap((name) => {
      const file = fileAt(join(at, name))
      return file ? [[name, file] as const] : []
    }),
  )
}

const keepPending = (
  folder: AccountFolder,
  { key, bytes }: { readonly key: string; readonly bytes: Uint8Array },
  isOpen: boolean,
): void => {
  const at = join(folder.path, PENDING)
  const path = join(at, key)
  if (!isOpen) return rmSync(path, { force: true })
  createPrivateFolder(at)
  if (existsSync(path) || readdirSync(at).length < PENDING_MAX) replaceFile(path, bytes)
}

const NONE: Taken = { claimed: [], risked: [], conflicted: [], open: [], contacts: [], known: 0 }

const takeIn = async (office: Office, { from, bytes }: Handed): Promise<Taken> => {
  const bundle = bundleFromFile(bytes)
  const charter = contactIn(bundle)
  if (charter) {
    const contact = addContact(office.folder, charter)
    office.output.line(
      `${contact.name} is in your address book (${contact.id.slice(0, 8)}).`,
      'good',
    )
    return { ...NONE, contacts: [contact.name] }
  }
  const { payments, refused, conflicted, known } = await paymentsIn(office, bytes)
  const open: Fault[] = [...refused]
  const claimed: Payment[] = []
  const risked: Payment[] = []
  for (const payment of payments) {
    if (isFirm(payment)) {
      claimed.push(await claim(office, payment))
      endRisk(office.folder, payment.key)
      continue
    }
    const fault = takeAtRisk(office.folder, payment)
    if (fault) open.push(fault)
    else risked.push(payment)
  }
  for (const one of risked) tellRisk(office, one)
  if (payments.length + refused.length + conflicted.length + known === 0) {
    throw new Fault('payment/none', `nothing in it was sent to ${office.folder.own}`, {
      part: from,
    })
  }
  const lost = conflicted.map((one) => ({ ...one, proof: keepConflict(office, one) }))
  return { ...NONE, claimed, risked, open, known, conflicted: lost }
}

/** Whether more than its payer's word vouches for it. */
const isFirm = ({ grade }: Payment): boolean => GRADES.indexOf(grade) >= GRADES.indexOf('cosigned')

/** Another step stands in its place: it is counted on no longer, and the proof is kept for a claim against the bond. */
const keepConflict = ({ folder, output }: Office, of: Conflicted): string => {
  endRisk(folder, of.key)
  const path = join(folder.path, `conflict-${of.key.slice(0, 16)}.tally`)
  replaceFile(path, of.file, PUBLIC_FILE)
  output.line(`${of.amount} from ${of.from}: conflicted`, 'bad')
  output.line(`  ${of.from} has signed another step in its place; the proof lies in ${path}`)
  return path
}

const tellRisk = ({ output }: Office, { amount, from }: Payment): void => {
  output.line([{ text: `${amount} from ${from}`, tone: 'strong' }, ', provisional (offline, M2)'])
  output.line(`  nothing is claimed yet, and you may lose all of it`, 'warn')
}

const claim = async (office: Office, payment: Payment): Promise<Payment> => {
  const { desk, output } = office
  const signer = await office.signer()
  const asset = openMachine(payment.asset, STANDARD_LOGICS)
  if (isFault(asset)) throw asset
  // What it rests on must be there again when this account is shown to others.
  const next = desk.state().machine.head.sequence + 1n
  const isExposed = !isReceipted(payment.grade)
  if (isExposed || hasTakeover(payment.file)) {
    keepSupport(office.folder, { step: next, isExposed }, payment.file)
  }
  const made = desk.wish(
    {
      operations: [payment.operation],
      premises: [payment.premise],
      proven: payment.proven,
      beside: asset.id === office.folder.id ? [] : [asset],
      consents: [],
    },
    signer,
  )
  output.line([
    { text: `${payment.amount} from ${payment.from}`, tone: 'strong' },
    `, ${stateText(payment)}: claimed with step ${made.transition.sequence}`,
  ])
  return payment
}

/** Whether other operators certify a machine in the file than at its beginning: those that are known here may not have the rest. */
const hasTakeover = (file: Uint8Array): boolean =>
  bundleFromFile(file).steps.some(({ legs }) =>
    legs.some((leg) => leg.is === 'written' && leg.accepted.length > 0),
  )

/** The state in words; the exposure is the whole amount where there is any. */
export const stateText = ({ claimed, amount }: Pick<Payment, 'claimed' | 'amount'>): string =>
  claimed.is === 'provisional'
    ? `provisional (${claimed.mode}, ${claimed.exposure === 0n ? 'nothing' : amount} at risk)`
    : claimed.is

const conclude = async (
  office: Office,
  all: readonly Taken[],
  waitMs: number,
): Promise<ExitCode> => {
  const { output } = office
  const settled: Settled = await settle(office, waitMs)
  const known = all.reduce((sum, one) => sum + one.known, 0)
  const isNews = all.some(
    (one) =>
      one.claimed.length +
        one.risked.length +
        one.open.length +
        one.conflicted.length +
        one.contacts.length >
      0,
  )
  if (known > 0 && !isNews) output.line('Everything in it was claimed before.', 'quiet')
  output.result({
    claimed: all.flatMap((one) =>
      one.claimed.map(({ from, amount, claimed: state, source }) => ({
        from,
        amount,
        state,
        source,
      })),
    ),
    contacts: all.flatMap((one) => one.contacts),
    lost: all.flatMap((one) =>
      one.conflicted.map(({ from, amount, proof }) => ({ from, amount, proof })),
    ),
  })
  return tellSettled(office, settled)
}

const INBOX = 'inbox.json'

export const cursorsOf = (office: Pick<Office, 'folder' | 'directory'>): InboxCursors => {
  const file = fileAt(join(office.folder.path, INBOX))
  if (!file) return {}
  const json = faultFrom(() => jsonFrom(file))
  const keys = office.directory.operators.map(cursorKeyOf)
  return Object.fromEntries(
    keys.map((key) => {
      const typed: unknown = isFault(json) ? undefined : member(json, key)
      return [key, typeof typed === 'string' && /^[0-9]{1,18}$/.test(typed) ? BigInt(typed) : 0n]
    }),
  )
}

const doneWith = async (office: Office, cursors: InboxCursors): Promise<void> => {
  const { folder, directory } = office
  const before = cursorsOf(office)
  const isMoved = Object.entries(cursors).some(([name, next]) => next !== (before[name] ?? 0n))
  if (!isMoved) return
  const texts = Object.fromEntries(
    Object.entries(cursors).map(([name, next]) => [name, next.toString()]),
  )
  replaceFile(join(folder.path, INBOX), fileOf(texts))
  const signer = await office.signer()
  const { suite } = folder.charter.terms
  await acknowledge(
    directory,
    {
      suite,
      key: { scheme: folder.key.scheme, publicKey: folder.key.publicKey },
      sign: signer.sign,
    },
    {
      cursors,
      operatorKey: (address) =>
        operatorsEver(office).findLast((one) => clientOf({ operators: [address] }, one)),
    },
  )
}
