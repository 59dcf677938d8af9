/**
 * Changing the operators of a live account: its owner signs new terms, the operators of before certify that step, and those of the new
 * terms sign that they go on from it.
 *
 * Safety. Nothing counts before the operators of before have certified it: until then the old terms are in force, and the step is
 * a proposal as any other. Those who follow are shown its certificate, and refuse a step that has none.
 *
 * Liveness. There is no way back once it is certified, and the account waits until a quorum of those who follow has accepted. So
 * they are asked whether they are there before anything is signed. What was interrupted goes on by the same command, or `tally resend`.
 *
 * Not promised. That operators who come in show the past: they were told of the changes of terms and of nothing else. Whoever looks for
 * older steps finds them with those of before, and in the folder.
 */
import { equalBytes } from 'tallystick/base'
import {
  dirOptionFor,
  type ExitCode,
  operatorKeyText,
  operatorsText,
  type Output,
  type PassphraseOption,
  usageError,
  warnOfOtherOperators,
} from 'tallystick/command'
import { AMEND, terms as termsCodec, type Terms } from 'tallystick/kernel'
import { DIRECTORY, type DirectoryPolicy, directoryTerms, isEnough } from 'tallystick/models'
import { STANDARD_MODELS } from 'tallystick'
import { absentFrom, createDirectoryClient } from '../client/directory.ts'
import type { OperatorAddress } from '../client/operator.ts'
import { type DirectoryFile, readDirectoryFile } from './directory-file.ts'
import { openSubmissions } from './desk.ts'
import { joinAddresses, readAddresses, writeAddresses } from './folder.ts'
import { type Office, withOffice } from './office.ts'
import { remember, settle, tellSettled } from './settle.ts'
import { isChange, openTakeover, operatorsEver, standingOf } from './standing.ts'
import { accountResult } from './view.ts'
import { waitMsOf } from './wait.ts'

export type OperatorsAsk = PassphraseOption & {
  readonly folder: string
  /** A directory file: who is to certify from then on. */
  readonly directory?: string
  readonly wait?: string
}

export const showOperators = (output: Output, ask: OperatorsAsk): Promise<ExitCode> =>
  withOffice(output, ask.folder, ask, async (office): Promise<ExitCode> => {
    const { policy, changes } = standingOf(office)
    output.line(certifyText(policy))
    output.table(operatorRows(policy))
    const waits = waitingText(office)
    if (waits !== undefined) output.line(waits, 'warn')
    output.result({ ...operatorsResult(policy), changes: changes.length, waiting: waits })
    const dir = dirOptionFor(office.folder.path)
    output.next(
      waits === undefined ? `tally operators change --directory FILE${dir}` : `tally resend${dir}`,
    )
    return Promise.resolve(0)
  })

const waitingText = (office: Office): string | undefined => {
  if (openTakeover(office)) return 'They have not gone on yet: too few have signed that they do.'
  return openSubmissions(office.desk.state()).some(isChange)
    ? 'Others are to follow; that step is signed and not certified yet.'
    : undefined
}

export const changeOperators = (output: Output, ask: OperatorsAsk): Promise<ExitCode> =>
  withOffice(output, ask.folder, ask, async (opened): Promise<ExitCode> => {
    const directory = directoryNamed(ask.directory)
    const forgotten = await remember(opened)
    if (forgotten) return end(opened, tellSettled(opened, forgotten))
    const office = reaching(opened, directory)
    const { machine } = office.desk.state()
    const next = nextTerms(machine.terms, directory, office)
    const [now, then] = [machine.terms, next].map((one) => termsCodec.encode(one))
    const isSame = now !== undefined && then !== undefined && equalBytes(now, then)
    // A change that was interrupted has the terms that it leads to already.
    if (isSame && waitingText(office) === undefined) return unchanged(office, directory)
    if (then && !isSame) {
      if (openSubmissions(office.desk.state()).some(isChange)) {
        throw usageError('another change of operators is on its way', 'tally resend completes it')
      }
      if (!(await areThere(office, directory))) return end(office, 2)
      warnOfOtherOperators(output, readAddresses(office.folder.path), next)
      const operation = { machine: machine.id, logic: AMEND, argument: then }
      const signer = await office.signer()
      const made = office.desk.wish(
        { operations: [operation], premises: [], proven: [], beside: [], consents: [] },
        signer,
      )
      output.line(`Signed step ${made.transition.sequence}.`)
    }
    writeAddresses(office.folder.path, addressesWith(office, directory))
    const settled = await settle(office, waitMsOf(ask))
    const code = tellSettled(office, settled)
    const { policy } = standingOf(office)
    if (code === 0) output.line(`From now on ${certifyText(policy)}`, 'good')
    output.result(operatorsResult(policy))
    return end(office, code)
  })

/** They certify it already: no step is made and nobody is asked. Where they are reached is taken from the file. */
const unchanged = (office: Office, directory: DirectoryFile): ExitCode => {
  const { policy } = standingOf(office)
  writeAddresses(office.folder.path, addressesWith(office, directory))
  office.output.line(unchangedText(policy))
  office.output.result({ ...operatorsResult(policy), certified: [], waiting: [] })
  return end(office, 0)
}

export const unchangedText = (policy: DirectoryPolicy): string =>
  `Nothing changes: as it is, ${certifyText(policy)}`

/** Raises a usage error where no file is named. */
export const directoryNamed = (path: string | undefined): DirectoryFile => {
  if (path === undefined) {
    throw usageError('who is to certify is not said', 'add --directory FILE')
  }
  return readDirectoryFile(path)
}

/** The terms with other operators. Raises usage errors, and why the directory admits no such terms. */
export const nextTerms = (
  now: Terms,
  { suite, policy }: DirectoryFile,
  { engine }: Pick<Office, 'engine'>,
): Terms => {
  if (suite !== now.suite) {
    throw usageError(
      `the operators sign in ${suite}, the machine in ${now.suite}`,
      'choose a directory of the same suite',
    )
  }
  const next: Terms = { ...now, policy: directoryTerms(policy) }
  const fault = STANDARD_MODELS.get(DIRECTORY)?.admit(next, engine)
  if (fault) throw fault
  return next
}

/** Whether enough of those who are to follow answer. Else it is said who does not, and that nothing was signed. */
export const areThere = async (
  { output, directory }: Pick<Office, 'output' | 'directory'>,
  { policy, suite }: DirectoryFile,
): Promise<boolean> => {
  const why = await absentFrom(directory, policy, suite)
  const there = policy.operators.flatMap(({ name }, operator) =>
    why.has(name) ? [] : [{ operator }],
  )
  if (isEnough(policy, there)) return true
  const missing = [...why].map(([name, text]) => ({ name, why: text }))
  output.line(`Nothing was signed: too few of those who are to follow are there.`, 'warn')
  output.table(missing.map((one) => [one.name, one.why]))
  output.result({ waiting: missing })
  return false
}

/**
 * The operators of before stay, whatever those who follow are called: they certify the change, others may still leave payments with
 * them, and they have the past.
 */
const addressesWith = (office: Office, { addresses }: DirectoryFile): readonly OperatorAddress[] =>
  joinAddresses(readAddresses(office.folder.path), addresses, operatorsEver(office))

/** The account, with operators in reach who are not yet in its folder. */
const reaching = (office: Office, directory: DirectoryFile): Office => ({
  ...office,
  directory: createDirectoryClient(addressesWith(office, directory), office.directory),
})

export const certifyText = ({ operators, threshold }: DirectoryPolicy): string =>
  `${threshold} of ${operatorsText({ operators })} certify it.`

export const operatorRows = (policy: DirectoryPolicy): readonly (readonly string[])[] =>
  policy.operators.map(({ name, scheme, publicKey }) => [
    name,
    `${scheme} key ${operatorKeyText(publicKey)}`,
  ])

export const operatorsResult = ({
  operators,
  threshold,
  faulty,
}: DirectoryPolicy): Readonly<Record<string, unknown>> => ({
  operators: operators.map((one) => one.name),
  threshold,
  faulty,
})

const end = (office: Office, code: ExitCode): ExitCode => {
  const { output, folder, desk } = office
  output.result(accountResult(office))
  const dir = dirOptionFor(folder.path)
  const isOpen = openSubmissions(desk.state()).length > 0 || openTakeover(office) !== undefined
  output.next(
    isOpen
      ? `tally resend${dir}`
      : code === 0
        ? `tally operators${dir}`
        : `tally operators change --directory FILE${dir}`,
  )
  return code
}
