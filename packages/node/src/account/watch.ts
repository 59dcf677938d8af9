/**
 * Watching an account: a look at it whenever something may have happened, each thing told once.
 *
 * Promise. News come over sockets to all operators, so that one that is silent or lies by leaving out hides nothing that another
 * tells; and a look is taken every few seconds whatever the sockets say. Nothing is signed, claimed or acknowledged, and the
 * account is held open for as long as a look takes, so other commands work beside it.
 */
import { Fault, isFault } from 'tallystick/base'
import { dirOptionFor, type ExitCode, type Output } from 'tallystick/command'
import { clientOf } from '../client/directory.ts'
import { follow } from '../client/follow.ts'
import { inboxOf, readInbox } from '../client/inbox.ts'
import { AUDIT_BESIDE_MS } from '../client/limits.ts'
import { cursorsOf } from './accept.ts'
import { auditAccount, auditJson, type AuditLine, linesOfAudit } from './audit.ts'
import { listContacts } from './contacts.ts'
import { type AccountFolder, readAccountFolder, readAddresses } from './folder.ts'
import { type Office, withOffice } from './office.ts'
import { paymentsIn } from './payment.ts'
import { standingOf } from './standing.ts'
import { stepText } from './view.ts'
import { platformSurroundings } from '../client/surroundings.ts'

export type Happening =
  | {
      readonly event: 'step'
      readonly sequence: bigint
      readonly says: string
      readonly state: 'proposed' | 'certified'
    }
  | {
      readonly event: 'payment'
      readonly from: string
      readonly amount: string
      readonly state: string
    }
  | { readonly event: 'operator'; readonly name: string; readonly state: 'there' | 'silent' }
  | {
      readonly event: 'audit'
      readonly operators: readonly object[]
      readonly lines: readonly AuditLine[]
      readonly isTwoStories: boolean
    }

/** Milliseconds between looks when no news came. */
const LOOK_MS = 3_000
/** Milliseconds after news before a look: several often come together. */
const SOON_MS = 60
/** Milliseconds between audits: what an operator signs anew is of interest, and each costs it a proof. */
const AUDIT_EACH_MS = 30_000n

export const watchAccount = async (
  output: Output,
  path: string,
  { isOnce }: { readonly isOnce: boolean },
): Promise<ExitCode> => {
  const told = new Set<string>()
  const { now } = platformSurroundings()
  let auditedAt = 0n
  const look = async (): Promise<readonly Happening[]> => {
    const isDue = now() - auditedAt >= AUDIT_EACH_MS
    const found = await lookAt(output, path, isDue)
    if (found.some((one) => one.event === 'audit')) auditedAt = now()
    for (const one of found) tell(output, told, one)
    return found
  }
  const dir = dirOptionFor(path)
  if (isOnce) {
    const found = await look()
    if (found.every((one) => one.event === 'audit'))
      output.line('Nothing has happened in this account yet.')
    const hasPayment = found.some((one) => one.event === 'payment')
    const isOpen = found.some((one) => one.event === 'step' && one.state === 'proposed')
    if (found.some((one) => one.event === 'audit' && one.isTwoStories)) {
      output.next(`tally audit${dir}`)
      return 1
    }
    output.next(
      hasPayment ? `tally accept${dir}` : isOpen ? `tally resend${dir}` : `tally show${dir}`,
    )
    return isOpen ? 2 : 0
  }
  output.line('Watching; Ctrl-C ends it.', 'quiet')
  await keepLooking(readAccountFolder(path), look)
  output.next(`tally show${dir}`)
  return 0
}

const lookAt = (output: Output, path: string, isAuditDue: boolean): Promise<readonly Happening[]> =>
  withOffice(output, path, {}, async (office) => [
    ...stepsOf(office),
    ...(await arrivals(office)),
    ...(isAuditDue ? [await audited(office)] : []),
  ]).catch((error: unknown) => {
    // Another command works on the account; the next look sees what came of it.
    if (isFault(error) && error.code === 'desk/locked') return []
    throw error
  })

const stepsOf = (office: Office): readonly Happening[] => {
  const contacts = listContacts(office.folder)
  return office.desk.state().steps.map((step) => ({
    event: 'step',
    sequence: step.transition.sequence,
    says: stepText(office, step, contacts),
    state: step.certificate ? 'certified' : 'proposed',
  }))
}

const arrivals = async (office: Office): Promise<readonly Happening[]> => {
  const { folder, directory } = office
  const device = inboxOf({ suite: folder.charter.terms.suite, key: folder.key })
  const { items, silent } = await readInbox(directory, device, cursorsOf(office))
  const found: Happening[] = standingOf(office).policy.operators.flatMap((one) => {
    const client = clientOf(directory, one)
    const state = client && silent.includes(client) ? 'silent' : 'there'
    return client ? [{ event: 'operator', name: one.name, state }] : []
  })
  for (const { bytes } of items) {
    const looked = await paymentsIn(office, bytes).catch((error: unknown) => {
      if (error instanceof Fault) return undefined
      throw error
    })
    for (const { from, amount, state } of looked?.payments ?? []) {
      found.push({ event: 'payment', from, amount, state: state.is })
    }
  }
  return found
}

const audited = async (office: Office): Promise<Happening> => {
  const found = await auditAccount(office, { waitMs: AUDIT_BESIDE_MS })
  return {
    event: 'audit',
    operators: auditJson(found),
    lines: linesOfAudit(found),
    isTwoStories: found.operators.some((one) => one.is === 'two-stories'),
  }
}

const tell = (output: Output, told: Set<string>, one: Happening): void => {
  if (one.event === 'audit') return tellAudited(output, told, one)
  const name = one.event === 'operator' ? `operator ${one.name}` : JSON.stringify(one, texts)
  if (one.event === 'operator') {
    const other = `${name} ${one.state === 'there' ? 'silent' : 'there'}`
    const isNews = told.delete(other) || one.state === 'silent'
    const key = `${name} ${one.state}`
    if (told.has(key)) return
    told.add(key)
    if (!isNews) return
  } else if (told.has(name)) return
  told.add(name)
  output.event(one)
  output.line(lineOf(one), one.event === 'operator' && one.state === 'silent' ? 'warn' : 'plain')
}

/** Each line once, until another one was told. */
const tellAudited = (
  output: Output,
  told: Set<string>,
  { event, operators, lines }: Extract<Happening, { event: 'audit' }>,
): void => {
  const key = `audit ${lines.map((one) => one.text).join('; ')}`
  if (told.has(key)) return
  for (const other of told) if (other.startsWith('audit ')) told.delete(other)
  told.add(key)
  output.event({ event, operators })
  for (const { text, isLoud } of lines) output.line(text, isLoud ? 'bad' : 'quiet')
}

const texts = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value

const lineOf = (one: Exclude<Happening, { event: 'audit' }>): string => {
  switch (one.event) {
    case 'step':
      return `step ${one.sequence}  ${one.says}  ${one.state}`
    case 'payment':
      return `in the inbox: ${one.amount} from ${one.from}, ${one.state}; tally accept takes it in`
    case 'operator':
      return one.state === 'silent' ? `${one.name} does not answer` : `${one.name} answers again`
  }
}

/** Looks again on news and from time to time, until Ctrl-C. */
const keepLooking = async (folder: AccountFolder, look: () => Promise<unknown>): Promise<void> => {
  const surroundings = platformSurroundings()
  let wake: () => void = () => undefined
  let isStopped = false
  const stop = (): void => {
    isStopped = true
    wake()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  const device = inboxOf({ suite: folder.charter.terms.suite, key: folder.key })
  const following = readAddresses(folder.path).map((address) =>
    follow(
      address,
      surroundings,
      [
        { topic: { is: 'machine', machine: folder.id }, from: 1n },
        { topic: { is: 'inbox', device }, from: 0n },
      ],
      { onNews: () => wake() },
    ),
  )
  try {
    while (!isStopped) {
      await look()
      const isNews = await new Promise<boolean>((resolve) => {
        const cancel = surroundings.after(LOOK_MS, () => resolve(false))
        wake = () => {
          cancel()
          resolve(true)
        }
        if (isStopped) wake()
      })
      if (isNews && !isStopped) {
        await new Promise<void>((resolve) => void surroundings.after(SOON_MS, resolve))
      }
    }
  } finally {
    for (const one of following) one.close()
  }
}
