/**
 * Door: the commands that this package adds to `tally`, by name, and what they do in account folders. Each is loaded when it is
 * asked for: an operator that starts waits for no part of an account.
 */
import type { Extension } from 'tallystick/command'
import type * as Accounts from '../account/commands.ts'
import type * as SharedMachines from '../shared/commands.ts'

const machines = async (): Promise<typeof SharedMachines> => import('../shared/commands.ts')
const accounts = async (): Promise<typeof Accounts> => import('../account/commands.ts')

export const commands: Extension['commands'] = {
  account: async () => (await import('../commands/account.ts')).addAccount,
  audit: async () => (await import('../commands/audit.ts')).addAudit,
  readers: async () => (await import('../commands/readers.ts')).addReadersCommand,
  custodians: async () => (await import('../commands/custodians.ts')).addCustodians,
  'demo bet': async () => (await import('../commands/demo-bet.ts')).addDemoBet,
  dev: async () => (await import('../commands/dev.ts')).addDev,
  'id backup': async () => (await import('../commands/id-backup.ts')).addIdBackup,
  'id guardians': async () => (await import('../commands/id-guardians.ts')).addIdGuardians,
  'id publish': async () => (await import('../commands/id-publish.ts')).addIdPublish,
  'id recover': async () => (await import('../commands/id-recover.ts')).addIdRecover,
  operators: async () => (await import('../commands/operators.ts')).addOperators,
  oracle: async () => (await import('../commands/oracle.ts')).addOracle,
  moi: async () => (await import('../commands/moi.ts')).addMoi,
  'relay-check': async () => (await import('../commands/relay-check.ts')).addRelayCheck,
  serve: async () => (await import('../commands/serve.ts')).addServe,
  watch: async () => (await import('../commands/watch.ts')).addWatch,
}

export const account: Extension['account'] = {
  abort: async (...asked) => (await accounts()).abortInAccount(...asked),
  accept: async (...asked) => (await accounts()).acceptInAccount(...asked),
  bundle: async (...asked) => (await accounts()).bundleOfAccount(...asked),
  propose: async (...asked) => (await accounts()).proposeInAccount(...asked),
  resend: async (...asked) => (await accounts()).resendInAccount(...asked),
  show: async (...asked) => (await accounts()).showInAccount(...asked),
}

export const relayed: Extension['relayed'] = {
  accept: async (...asked) => (await import('../relayed/join.ts')).joinRelayed(...asked),
  bundle: async (...asked) => (await import('../relayed/bundle.ts')).bundleOfRelayed(...asked),
  handover: async (...asked) => (await import('../relayed/handover.ts')).handOverRelayed(...asked),
  new: async (...asked) => (await import('../relayed/begin.ts')).beginRelayed(...asked),
  propose: async (...asked) => (await import('../relayed/propose.ts')).proposeRelayed(...asked),
  resend: async (...asked) => (await import('../relayed/propose.ts')).resendRelayed(...asked),
  show: async (...asked) => (await import('../relayed/view.ts')).showRelayed(...asked),
}

export const shared: Extension['shared'] = {
  accept: async (...asked) => (await machines()).acceptShared(...asked),
  back: async (...asked) => (await machines()).backShared(...asked),
  bundle: async (...asked) => (await machines()).bundleOfShared(...asked),
  propose: async (...asked) => (await machines()).proposeShared(...asked),
  resend: async (...asked) => (await machines()).resendShared(...asked),
  show: async (...asked) => (await machines()).showSharedMachine(...asked),
  takeover: async (...asked) => (await import('../shared/takeover.ts')).takeOverMachine(...asked),
}

/** What `tally bench` measures of this package. */
export { GROUPS as benches } from '../bench/groups.ts'

export const layOut: Extension['layOut'] = async () =>
  (await import('../picture/layout.ts')).layOutDiagram
