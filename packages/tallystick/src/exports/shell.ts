/**
 * Door for Node alone: output, files and keys, as `tally` has them. What `command` hands out beside, and all that it loads, a
 * process that serves or that opens many accounts needs not wait for.
 */
export * from './help.ts'
export {
  createOutput,
  type ExitCode,
  idText,
  type Output,
  reportError,
  type Span,
  usageError,
} from '../cli/print.ts'
export { openGuard } from '../cli/desk/guard.ts'
export { openJournal } from '../cli/desk/journal.ts'
export { takeLock } from '../cli/desk/lock.ts'
export { holdingsIn } from '../cli/holdings.ts'
export { COST_MIN } from '../cli/key-file.ts'
export { fileNameFrom, isDeviceName } from '../cli/file-name.ts'
export { readInputFile } from '../cli/input-file.ts'
export { claimOfSend, type FoundSend, isTaken, payoutsTo, sendsTo } from '../cli/sends.ts'
export { capsIn, keepRisk } from '../cli/risk.ts'
export {
  type KeySecrets,
  KEY_FILE_BYTES_MAX,
  openKey,
  type KeyCard,
  readKeyCard,
  sealKey,
  sharingDerivations,
} from '../cli/key-file.ts'
export {
  PASSPHRASE_FLAG,
  PASSPHRASE_HELP,
  passphraseOf,
  type PassphraseOption,
} from '../cli/passphrase-option.ts'
export { deviceFrom, homeFolder, nameOfUser, ringFrom } from '../cli/home.ts'
export {
  createFile,
  createPrivateFolder,
  PRIVATE_FILE,
  PUBLIC_FILE,
  readPrivateFile,
  replaceFile,
} from '../cli/durable-file.ts'
export {
  newIdentity,
  recoverIdentity,
  type RecoveryKey,
  rotateIdentity,
  type Unlocking,
} from '../cli/identity-change.ts'
export { type Identity, identityFrom } from '../cli/identity-file.ts'
export {
  devicePath,
  identityFolder,
  type Keyring,
  listDevices,
  listIdentities,
  openIdentity,
  type OpenedKey,
  openOwnKey,
  openSigner,
} from '../cli/keystore.ts'
export { hasTerminal, readPassphrase } from '../cli/passphrase.ts'
