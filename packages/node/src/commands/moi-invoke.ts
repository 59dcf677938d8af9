/** `tally moi invoke`: runs a routine of a logic, to stay or only to see. */
import { isFault } from 'tallystick/base'
import {
  type AddCommand,
  examples,
  type ExitCode,
  type Output,
  usageError,
} from 'tallystick/command'
import { hexFromMoiId, type Manifest, type MoiId, MOI_LOCKS, readManifest } from 'tallystick/moi'
import { invoke } from '../moi/act.ts'
import { outputsFrom, routineIn } from '../moi/arguments.ts'
import type { Guardian } from '../moi/call.ts'
import { ask } from '../moi/send.ts'
import { hexFrom } from '../moi/shape.ts'
import { calldataIn } from './moi-deploy.ts'
import { outputsOf, tellReceipt } from './moi-receipt.ts'
import { perform } from './moi-perform.ts'
import {
  calling,
  guardianFrom,
  type GuardianFlags,
  idFrom,
  type KeyFlags,
  signerFrom,
  withKey,
} from './moi-ways.ts'

type Flags = GuardianFlags &
  KeyFlags & {
    readonly call?: true
    readonly calldata?: string
    readonly lock: string
    readonly with?: readonly string[]
  }

export const addMoiInvoke: AddCommand = (moi, run) => {
  withKey(moi.command('invoke'))
    .description('run a routine of a logic')
    .argument('<logic>', 'the logic')
    .argument('<callsite>', 'the routine')
    .argument('[arguments...]', 'label=value, or the values in the order of the routine')
    .option('--call', 'only look what it would return: nothing stays, nothing is paid')
    .option('--calldata <hex>', 'the arguments as POLO, where they have no other spelling')
    .option('--lock <lock>', 'on the logic: mutate, read or none', 'mutate')
    .option('--with <id...>', 'further accounts that the routine touches')
    .addHelpText(
      'after',
      examples(
        'tally moi invoke 0x2001…0000 Transfer amount=250 receiver=0x0000…0000 --dev',
        'tally moi invoke 0x2001…0000 BalanceOf 0x0000…0000 --call --dev',
      ),
    )
    .action((logic: string, callsite: string, words: readonly string[], flags: Flags) =>
      run((output) =>
        calling(output, () =>
          invokeRoutine(output, { logic: idFrom(logic), callsite, words }, flags),
        ),
      ),
    )
}

const invokeRoutine = async (
  output: Output,
  of: { readonly logic: MoiId; readonly callsite: string; readonly words: readonly string[] },
  flags: Flags,
): Promise<ExitCode> => {
  const lock = MOI_LOCKS.find((one) => one === flags.lock)
  if (lock === undefined)
    throw usageError(`${flags.lock} is no lock`, '--lock mutate, read or none')
  const guardian = guardianFrom(flags)
  const manifest = await manifestOf(guardian, of.logic)
  const routine = routineIn(manifest, of.callsite)
  const signer = await signerFrom(output, flags)
  const act = invoke({
    kind: routine.kind === 'enlist' ? 'enlist' : 'invoke',
    logic: of.logic,
    callsite: of.callsite,
    calldata: calldataIn(manifest, of, flags),
    lock,
    others: (flags.with ?? []).map(idFrom),
  })
  if (flags.call !== true) return perform(output, { guardian, signer, act })
  const receipt = await ask(guardian, signer, act)
  if (receipt.status !== 0) return tellReceipt(output, receipt)
  const outputs = outputsFrom(manifest, of.callsite, outputsOf(receipt))
  output.table(
    outputs.map(([label, text]) => [label, { text, tone: 'strong' }]),
    0,
  )
  output.result({ outputs: Object.fromEntries(outputs), fuel: receipt.fuelUsed })
  return 0
}

const manifestOf = async (guardian: Guardian, logic: MoiId): Promise<Manifest> => {
  const options = { tesseract_number: -1 }
  const params = { logic_id: hexFromMoiId(logic), encoding: 'POLO', options }
  const read = readManifest(hexFrom(await guardian.call('moi.LogicManifest', params), 'a manifest'))
  if (isFault(read)) throw read
  return read
}
