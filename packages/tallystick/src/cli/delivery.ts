/** How a command on a machine ends: what is to be said goes to the other party by one carrier or another. */
import type { Clerk, MachineDesk } from './machine-desk.ts'
import { CODES_FLAG, CODES_HELP, type CodesOption, showCodes } from './codes.ts'
import { portFrom, talkTo, WAIT_SECONDS } from './live.ts'
import { deskResult } from './machine-view.ts'
import { nextStep } from './next-step.ts'
import { tellOutcome } from './outcome-view.ts'
import { post, postAgain, type Posted } from './outbox.ts'
import type { ExitCode, Output } from './print.ts'
import { countFrom } from './program-option.ts'
import type { Command } from 'commander'

export type DeliveryOption = CodesOption & {
  /** A port of this machine on which the other party listens. */
  readonly to?: string
  readonly wait?: string
}

/** Adds the options of carriers to a command. Without any of them, files are written. */
export const withDelivery = (command: Command): Command =>
  command
    .option('--to <port>', 'talk to the other party live: 127.0.0.1:PORT, where it listens')
    .option('--wait <seconds>', 'how long to wait for it, or for a directory')
    .option(CODES_FLAG, CODES_HELP)

export type Delivery = DeliveryOption & {
  readonly clerk: Clerk
  /** Sequence number of the head before the command. */
  readonly before: bigint
  /** Whether everything is written again, not only what is new. */
  readonly again?: boolean
}

/** Sends or writes what is to be said, and says how the machine stands. 2: somebody has not answered. */
export const deliver = async (
  output: Output,
  desk: MachineDesk,
  delivery: Delivery,
): Promise<ExitCode> => {
  const isSettled = delivery.to === undefined ? undefined : await talk(output, desk, delivery)
  const posted = isSettled === true ? [] : delivery.again === true ? postAgain(desk) : post(desk)
  tellOutcome(output, desk, delivery.before)
  for (const one of posted) output.line(['Wrote ', { text: one.path, tone: 'strong' }])
  await showCodes(output, pathsOf(posted), delivery)
  output.result({ ...deskResult(desk), files: posted })
  if (isSettled === false) output.line(`${desk.folder.peer} has not answered in time.`, 'warn')
  output.next(nextStep(desk, posted))
  if (desk.state().evidence.length > 0) return 1
  const isOpen = desk.state().pending?.stage === 'asking'
  return isSettled === false || isOpen ? 2 : 0
}

const pathsOf = (posted: readonly Posted[]): readonly string[] => posted.map((one) => one.path)

const talk = async (
  output: Output,
  desk: MachineDesk,
  { to = '', wait, clerk }: Delivery,
): Promise<boolean> => {
  try {
    const seconds = countFrom(wait ?? String(WAIT_SECONDS), '--wait', [1, 86_400])
    return await talkTo(portFrom(to), { output, desk, clerk }, seconds)
  } catch (error) {
    // What was to be said is on record already, so it must not be lost with the line.
    for (const { path } of post(desk)) output.line(['Wrote ', { text: path, tone: 'strong' }])
    throw error
  }
}
