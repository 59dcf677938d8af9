/** What the commands of `tally` do in an account folder. Each gets the folder that was found, and ends with one next line. */
import { basename, resolve } from 'node:path'
import type { MachineId } from 'tallystick/base'
import {
  type AccountAsk,
  dirOptionFor,
  keepRisk,
  type ExitCode,
  operationsFromJson,
  type Output,
  PUBLIC_FILE,
  readInputFile,
  readMachineFolder,
  replaceFile,
  sizeText,
  usageError,
} from 'tallystick/command'
import type { Operation } from 'tallystick/kernel'
import { fileNameFrom } from 'tallystick/shell'
import { fileFromBundle } from 'tallystick/verify'
import { acceptFiles, acceptInbox } from './accept.ts'
import { auditBeside } from './audit.ts'
import { ownBundle } from './bundle.ts'
import { contactFile, contactNamed } from './contacts.ts'
import { openSubmissions } from './desk.ts'
import { machinesBeside, sendOperation } from './money.ts'
import { type Office, withOffice } from './office.ts'
import { remember, settle, tellSettled } from './settle.ts'
import { waitMsOf } from './wait.ts'
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
    const code = tellSettled(office, settled)
    await auditBeside(office)
    return ask.into === undefined || code !== 0
      ? end(office, code)
      : handOver(office, ask.into, made.transition.sequence)
  })

/** Writes the proof of what was set aside in a relationship, to be taken in there. */
const handOver = async (office: Office, into: string, step: bigint): Promise<ExitCode> => {
  const { output, folder } = office
  const { bundle } = await ownBundle(office)
  const file = fileFromBundle(bundle)
  const to = `${fileNameFrom(folder.own)}-step${step}.tally`
  replaceFile(to, file, PUBLIC_FILE)
  output.line(['Wrote ', { text: to, tone: 'strong' }, `, ${sizeText(file.length)}`])
  output.result({ ...accountResult(office), file: to })
  output.next(`tally propose "take ${to}"${dirOptionFor(into)}`)
  return 0
}

const operationsOf = (office: Office, ask: AccountAsk): readonly Operation[] => {
  const { words, op } = ask
  if (words === undefined && op !== undefined) {
    return operationsFromJson(readInputFile(op), office.folder.id)
  }
  if (words === undefined || op !== undefined) {
    throw usageError('say what is to be done, once', 'tally propose "pay bob 10", or --op FILE')
  }
  const [verb, name, amount, symbol, ...rest] = words.trim().split(/\s+/)
  const isWhole = name !== undefined && amount !== undefined && rest.length === 0
  if (!isWhole || (verb !== 'pay' && verb !== 'allocate')) {
    throw usageError(`"${words}" is no step of an account that I know`, `say ${GRAMMAR}`)
  }
  const { desk, folder } = office
  const spending = { state: desk.state(), assets: assetsOf(office), own: folder.own }
  const to = verb === 'pay' ? payeeNamed(office, name, ask.into) : relationWith(name, ask.into)
  return [sendOperation(spending, { to, amount, symbol })]
}

const GRAMMAR = '"pay NAME AMOUNT", or "allocate NAME AMOUNT" with --into FOLDER'

type Destination = { readonly machine: MachineId; readonly holder: string }

const payeeNamed = ({ folder }: Office, name: string, into: string | undefined): Destination => {
  if (into !== undefined) throw usageError('--into goes with "allocate"', `say ${GRAMMAR}`)
  const to = contactNamed(folder, name)
  return { machine: to.id, holder: to.own }
}

/** Where money is set aside that only one other can be paid with: under the own name in a relationship of two. */
const relationWith = (name: string, into: string | undefined): Destination => {
  if (into === undefined) {
    throw usageError('"allocate" needs the relationship', 'add --into FOLDER, as tally new made it')
  }
  const relation = readMachineFolder(into)
  if (relation.peer !== name) {
    throw usageError(`${into} is with ${relation.peer}, not with ${name}`, 'name the right folder')
  }
  return { machine: relation.id, holder: relation.own }
}

export const showInAccount = (output: Output, ask: AccountAsk): Promise<ExitCode> =>
  withOffice(output, ask.folder, ask, async (office): Promise<ExitCode> => {
    showAccount(office, { all: ask.all === true })
    return end(office, 0, 'bundle')
  })

export const bundleOfAccount = (output: Output, ask: AccountAsk): Promise<ExitCode> =>
  withOffice(output, ask.folder, ask, async (office): Promise<ExitCode> => {
    const { folder } = office
    const to = ask.output ?? `${basename(resolve(folder.path))}.tally`
    const { bundle, missing } = await ownBundle(office, { hasWaiting: true })
    const file = fileFromBundle(bundle)
    replaceFile(to, file, PUBLIC_FILE)
    output.line([
      'Wrote ',
      { text: to, tone: 'strong' },
      `, ${sizeText(file.length)}, ${bundle.steps.length} ${bundle.steps.length === 1 ? 'step' : 'steps'}`,
    ])
    const waiting = openSubmissions(office.desk.state()).length
    if (waiting > 0) {
      const steps = waiting === 1 ? 'step is' : 'steps are'
      output.line(`${waiting} ${steps} not certified: whoever takes it does so at a risk.`, 'warn')
    }
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
    const to = ask.output ?? `${fileNameFrom(folder.own)}.account.tally`
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
    keepRisk(office.folder.path, ask)
    const code = await (files.length > 0
      ? acceptFiles(
          office,
          files.map((from) => ({ from, bytes: readInputFile(from) })),
          waitMsOf(ask),
        )
      : acceptInbox(office, waitMsOf(ask)))
    await auditBeside(office)
    return end(office, code)
  })

export const resendInAccount = (output: Output, ask: AccountAsk): Promise<ExitCode> =>
  withOffice(output, ask.folder, ask, async (office): Promise<ExitCode> => {
    const settled = await settle(office, waitMsOf(ask), ask.quorum === true)
    const { certified, delivered, waiting } = settled
    if (certified.length + delivered.length + waiting.length === 0) {
      output.line('Nothing is on its way: every step is certified.')
    }
    const code = tellSettled(office, settled)
    await auditBeside(office)
    return end(office, code)
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

/** The one line that says what to do next. */
const end = (office: Office, code: ExitCode, then: 'show' | 'bundle' = 'show'): ExitCode => {
  const { output, desk, folder } = office
  output.result(accountResult(office))
  const dir = dirOptionFor(folder.path)
  const isOpen = openSubmissions(desk.state()).length > 0 || code === 2
  output.next(`tally ${isOpen ? 'resend' : then}${dir}`)
  return code
}
