/** What the commands of `tally` do in an account folder. Each gets the folder that was found, and ends with one next line. */
import { basename, resolve } from 'node:path'
import {
  type AccountAsk,
  dirOptionFor,
  type ExitCode,
  operationsFromJson,
  type Output,
  PUBLIC_FILE,
  readInputFile,
  replaceFile,
  sizeText,
  usageError,
} from 'tallystick/command'
import type { Operation } from 'tallystick/kernel'
import { fileFromBundle } from 'tallystick/verify'
import { acceptFiles, acceptInbox } from './accept.ts'
import { ownBundle } from './bundle.ts'
import { contactFile, contactNamed } from './contacts.ts'
import { openSubmissions } from './desk.ts'
import { machinesBeside, sendOperation } from './money.ts'
import { type Office, withOffice } from './office.ts'
import { PATIENCE_MS_DEFAULT, remember, settle, tellSettled } from './settle.ts'
import { accountResult, assetsOf, showAccount } from './view.ts'

export const proposeInAccount = (output: Output, ask: AccountAsk): Promise<ExitCode> =>
  withOffice(output, ask.folder, ask, async (office): Promise<ExitCode> => {
    const { desk, folder } = office
    const forgotten = await remember(office)
    if (forgotten) return end(office, tellSettled(office, forgotten))
    const operations = operationsOf(office, ask)
    const beside = machinesBeside(operations, folder.id, desk.charters())
    // A passphrase that fails must fail before the step is on record, not after.
    const signer = await office.signer()
    const made = desk.wish({ operations, premises: [], proven: [], beside, consents: [] }, signer)
    output.line(`Signed step ${made.transition.sequence}.`)
    const settled = await settle(office, waitMsOf(ask))
    output.result({ step: made.transition.sequence })
    return end(office, tellSettled(office, settled))
  })

const operationsOf = (office: Office, ask: AccountAsk): readonly Operation[] => {
  const { words, op } = ask
  if (words === undefined && op !== undefined) {
    return operationsFromJson(readInputFile(op), office.folder.id)
  }
  if (words === undefined || op !== undefined) {
    throw usageError('say what is to be done, once', 'tally propose "pay bob 10", or --op FILE')
  }
  const [verb, name, amount, symbol, ...rest] = words.trim().split(/\s+/)
  if (verb !== 'pay' || name === undefined || amount === undefined || rest.length > 0) {
    throw usageError(`"${words}" is no step of an account that I know`, `say ${GRAMMAR}`)
  }
  const { desk, folder } = office
  const to = contactNamed(folder, name)
  const spending = { state: desk.state(), assets: assetsOf(office), own: folder.own }
  return [sendOperation(spending, { to: { machine: to.id, holder: to.own }, amount, symbol })]
}

const GRAMMAR = '"pay NAME AMOUNT", with NAME from your address book'

export const showInAccount = (output: Output, ask: AccountAsk): Promise<ExitCode> =>
  withOffice(output, ask.folder, ask, async (office): Promise<ExitCode> => {
    showAccount(office, { all: ask.all === true })
    return end(office, 0)
  })

export const bundleOfAccount = (output: Output, ask: AccountAsk): Promise<ExitCode> =>
  withOffice(output, ask.folder, ask, async (office): Promise<ExitCode> => {
    const { folder } = office
    const to = ask.output ?? `${basename(resolve(folder.path))}.tally`
    const { bundle, missing } = await ownBundle(office)
    const file = fileFromBundle(bundle)
    replaceFile(to, file, PUBLIC_FILE)
    output.line([
      'Wrote ',
      { text: to, tone: 'strong' },
      `, ${sizeText(file.length)}, ${bundle.steps.length} steps`,
    ])
    if (missing.length > 0) {
      const ids = missing.map((one) => one.slice(0, 8)).join(', ')
      output.line(`No operator shows the machines ${ids}: the file is not whole.`, 'warn')
    }
    output.result({ file: to, bytes: file.length, steps: bundle.steps.length, missing })
    output.next(`tally verify ${to}`)
    return missing.length > 0 ? 2 : 0
  })

/** Writes the file that makes this account somebody's contact. */
export const cardOfAccount = (output: Output, ask: AccountAsk): Promise<ExitCode> =>
  withOffice(output, ask.folder, ask, async ({ folder }): Promise<ExitCode> => {
    const to = ask.output ?? `${folder.own}.account.tally`
    const file = contactFile(folder.charter)
    replaceFile(to, file, PUBLIC_FILE)
    output.line([
      'Wrote ',
      { text: to, tone: 'strong' },
      `, ${file.length} bytes, nothing secret in it.`,
    ])
    output.result({ file: to, bytes: file.length, account: folder.id })
    output.next(`hand ${to} to whoever is to pay you, who runs: tally accept ${basename(to)}`)
    return 0
  })

export const acceptInAccount = (output: Output, ask: AccountAsk): Promise<ExitCode> =>
  withOffice(output, ask.folder, ask, async (office): Promise<ExitCode> => {
    const forgotten = await remember(office)
    if (forgotten) return end(office, tellSettled(office, forgotten))
    const { files = [] } = ask
    const code = await (files.length > 0
      ? acceptFiles(
          office,
          files.map((from) => ({ from, bytes: readInputFile(from) })),
          waitMsOf(ask),
        )
      : acceptInbox(office, waitMsOf(ask)))
    return end(office, code)
  })

export const resendInAccount = (output: Output, ask: AccountAsk): Promise<ExitCode> =>
  withOffice(output, ask.folder, ask, async (office): Promise<ExitCode> => {
    const settled = await settle(office, waitMsOf(ask))
    const { certified, delivered, waiting } = settled
    if (certified.length + delivered.length + waiting.length === 0) {
      output.line('Nothing is on its way: every step is certified.')
    }
    return end(office, tellSettled(office, settled))
  })

export const abortInAccount = (output: Output, ask: AccountAsk): Promise<ExitCode> =>
  withOffice(output, ask.folder, ask, async ({ desk, folder }): Promise<ExitCode> => {
    const [open] = openSubmissions(desk.state())
    throw open
      ? usageError(
          `step ${open.transition.sequence} of ${folder.own} is signed, and whoever has it may have it certified`,
          'tally resend completes it; its receiver can pay the money back',
        )
      : usageError('nothing is on its way in this account', 'tally show says how things stand')
  })

const waitMsOf = ({ wait }: AccountAsk): number => {
  if (wait === undefined) return PATIENCE_MS_DEFAULT
  const seconds = /^[0-9]{1,5}$/.test(wait) ? Number(wait) : Number.NaN
  if (Number.isNaN(seconds)) {
    throw usageError(`--wait cannot be "${wait}"`, 'use a number of seconds')
  }
  return seconds * 1000
}

/** The one line that says what to do next. */
const end = (office: Office, code: ExitCode): ExitCode => {
  const { output, desk, folder } = office
  output.result(accountResult(office))
  const dir = dirOptionFor(folder.path)
  const isOpen = openSubmissions(desk.state()).length > 0 || code === 2
  output.next(isOpen ? `tally resend${dir}` : `tally bundle${dir}, or tally watch${dir}`)
  return code
}
