/** What commands of `tally moi` that change something have in common: sign, send, wait, and tell what became of it. */
import type { ExitCode, Output } from 'tallystick/command'
import { hexFromMoiId } from 'tallystick/moi'
import type { Act } from '../moi/act.ts'
import type { Guardian } from '../moi/call.ts'
import { submit, waitForReceipt } from '../moi/send.ts'
import type { MoiSigner } from '../moi/signer.ts'
import { tellNone, tellReceipt } from './moi-receipt.ts'

export const perform = async (
  output: Output,
  of: { readonly guardian: Guardian; readonly signer: MoiSigner; readonly act: Act },
): Promise<ExitCode> => {
  output.progress('signing and sending …')
  const { hash } = await submit(of.guardian, of.signer, of.act)
  output.progress('waiting for the receipt …')
  const receipt = await waitForReceipt(of.guardian, hash)
  output.progress()
  output.result({ sender: hexFromMoiId(of.signer.id) })
  return receipt === undefined ? tellNone(output, hash) : tellReceipt(output, receipt)
}
