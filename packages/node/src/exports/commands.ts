/** Door: the commands that this package adds to `tally`, by name, and what they do in account folders. */
import type { AddCommand, Extension } from 'tallystick/command'
import {
  abortInAccount,
  acceptInAccount,
  bundleOfAccount,
  proposeInAccount,
  resendInAccount,
  showInAccount,
} from '../account/commands.ts'
import { addAccount } from '../commands/account.ts'
import { addAudit } from '../commands/audit.ts'
import { addDev } from '../commands/dev.ts'
import { addIdBackup } from '../commands/id-backup.ts'
import { addIdGuardians } from '../commands/id-guardians.ts'
import { addIdPublish } from '../commands/id-publish.ts'
import { addIdRecover } from '../commands/id-recover.ts'
import { addRelayCheck } from '../commands/relay-check.ts'
import { addServe } from '../commands/serve.ts'
import { addWatch } from '../commands/watch.ts'

export const commands: Readonly<Record<string, AddCommand>> = {
  account: addAccount,
  audit: addAudit,
  dev: addDev,
  'id backup': addIdBackup,
  'id guardians': addIdGuardians,
  'id publish': addIdPublish,
  'id recover': addIdRecover,
  'relay-check': addRelayCheck,
  serve: addServe,
  watch: addWatch,
}

export const account: Extension['account'] = {
  abort: abortInAccount,
  accept: acceptInAccount,
  bundle: bundleOfAccount,
  propose: proposeInAccount,
  resend: resendInAccount,
  show: showInAccount,
}

/** What `tally bench` measures of this package. */
export { GROUPS as benches } from '../bench/groups.ts'
