/**
 * Changing the operators of a live machine of two: both sign new terms, the operators of now decide on that step as on any, and those
 * who follow are handed the machine as it is after it.
 *
 * Promise. What is said in `takeover.ts` of a machine that two hand over holds of one that operators hand on: until a quorum of those
 * who follow has accepted, nobody can take a step, and the folder says so.
 *
 * Not promised. That both parties know where the others are: each names a directory file, with tokens of its own.
 */
import { equalBytes } from 'tallystick/base'
import { dirOption, type ExitCode, type Output, type SharedAsk } from 'tallystick/command'
import { AMEND, terms as termsCodec } from 'tallystick/kernel'
import { directoryPolicy } from 'tallystick/models'
import {
  areThere,
  certifyText,
  directoryNamed,
  nextTerms,
  operatorRows,
  operatorsResult,
  unchangedText,
} from '../account/change.ts'
import type { DirectoryFile } from '../account/directory-file.ts'
import { createDirectoryClient, type DirectoryClient } from '../client/directory.ts'
import { gatherAcceptances } from '../client/takeover.ts'
import { changesIn } from './changes.ts'
import { askTogether, caughtUp, checkFree } from './commands.ts'
import { isMoving, type SharedOffice, withSharedOffice } from './office.ts'
import { checkSame, concludeTakeover } from './takeover.ts'
import { bundleOf } from './together.ts'
import { sharedResult } from './view.ts'
import { waitMsOf } from '../account/wait.ts'

export const showSharedOperators = (output: Output, ask: SharedAsk): Promise<ExitCode> =>
  withSharedOffice(output, ask, async (office): Promise<ExitCode> => {
    const policy = directoryPolicy.decode(office.followed.machine.terms.policy.params)
    output.line(certifyText(policy))
    output.table(operatorRows(policy))
    if (isMoving(office)) output.line('They have not accepted yet.', 'warn')
    output.result({ ...operatorsResult(policy), isAccepted: !isMoving(office) })
    output.next(`tally operators change --directory FILE${dirOption(office.folder)}`)
    return Promise.resolve(0)
  })

/** Asks the other party, or, once the operators of now have certified it, those who follow. */
export const changeSharedOperators = (output: Output, ask: SharedAsk): Promise<ExitCode> =>
  withSharedOffice(output, ask, async (office): Promise<ExitCode> => {
    const directory = directoryNamed(ask.directory)
    checkFree(office)
    const level = await caughtUp(office, ask)
    if (isMoving(level)) return takeOn(level, directory, ask)
    const { machine } = level.followed
    const argument = termsCodec.encode(nextTerms(machine.terms, directory, level))
    if (equalBytes(argument, termsCodec.encode(machine.terms))) {
      const policy = directoryPolicy.decode(machine.terms.policy.params)
      output.line(unchangedText(policy))
      output.result({ ...sharedResult(level), ...operatorsResult(policy) })
      output.next(`tally operators${dirOption(level.folder)}`)
      return 0
    }
    const asked = { output, directory: clientOf(level, directory) }
    if (!(await areThere(asked, directory))) {
      output.next(`tally operators change --directory ${ask.directory}${dirOption(level.folder)}`)
      return 2
    }
    return askTogether(level, [{ machine: machine.id, logic: AMEND, argument }])
  })

const clientOf = ({ directory }: SharedOffice, { addresses }: DirectoryFile): DirectoryClient =>
  createDirectoryClient(addresses, directory)

/** The operators who follow are handed the machine, and what they sign begins their era. */
const takeOn = async (
  office: SharedOffice,
  directory: DirectoryFile,
  ask: SharedAsk,
): Promise<ExitCode> => {
  const { output, folder, steps, followed } = office
  const { machine } = followed
  const path = ask.directory ?? ''
  checkSame(machine, directory, path)
  const changes = changesIn(bundleOf(office), folder.charter, [machine.headId])
  output.progress('asking the operators to go on …')
  const taken = await gatherAcceptances(clientOf(office, directory), {
    machine,
    changes,
    steps,
    waitMs: waitMsOf(ask),
  })
  output.progress()
  const again = `tally operators change --directory ${path}`
  return concludeTakeover(output, folder, { machine, directory, taken, again })
}
