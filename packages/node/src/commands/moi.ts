/** `tally moi`: talks to a guardian of MOI, with a key of one's own. */
import { type AddCommand, examples } from 'tallystick/command'
import { addMoiAccounts } from './moi-accounts.ts'
import { addMoiBalance } from './moi-balance.ts'
import { addMoiDeploy } from './moi-deploy.ts'
import { addMoiHistory } from './moi-history.ts'
import { addMoiInvoke } from './moi-invoke.ts'
import { addMoiReceipt } from './moi-receipt.ts'
import { addMoiTransfer } from './moi-transfer.ts'
import { addMoiWatch } from './moi-watch.ts'

export const addMoi: AddCommand = (program, run) => {
  const moi = program
    .command('moi')
    .description('talk to a guardian of MOI: accounts, balances, transfers, logics')
    .addHelpText(
      'after',
      examples(
        'tally serve guardian --dev                      in another terminal',
        'tally moi accounts --dev                        who has KMOI there',
        'tally moi transfer 0x0000…0000 250 --dev',
        'tally moi balance 0x0000…0000 --proof -o balance.tally && tally verify balance.tally',
        'tally moi deploy tokenledger.json Seed symbol=MOI supply=1000000 --dev',
      ),
    )
  for (const add of [
    addMoiAccounts,
    addMoiBalance,
    addMoiHistory,
    addMoiTransfer,
    addMoiDeploy,
    addMoiInvoke,
    addMoiReceipt,
    addMoiWatch,
  ]) {
    add(moi, run)
  }
}
