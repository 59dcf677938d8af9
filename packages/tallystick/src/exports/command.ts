/** Door for Node alone: what a package that adds commands to `tally` needs to look and behave like the others. */
export type { Group } from '../bench/cases.ts'
export { atLeast, atMost, type Figure, figureFrom, knownFigure } from '../bench/figure.ts'
export type { Rounds } from '../bench/harness.ts'
export { type Action, type AddCommand, examples, type Run } from '../cli/command.ts'
export {
  createOutput,
  type ExitCode,
  idText,
  type Output,
  type Span,
  usageError,
} from '../cli/print.ts'
export { accountFolder, dirOptionFor } from '../cli/account-folder.ts'
export type { AccountAsk, Extension, RelayedAsk, SharedAsk } from '../cli/extension.ts'
export { chartLines, chartResult, showChart, stateText } from '../cli/chart-view.ts'
export { showTextCode } from '../cli/codes.ts'
export { readChart } from '../cli/new-chart.ts'
export { drawPictures } from '../cli/pictures.ts'
export { relayedFolder } from '../cli/relayed-folder.ts'
export { openGuard } from '../cli/desk/guard.ts'
export { openJournal } from '../cli/desk/journal.ts'
export { takeLock } from '../cli/desk/lock.ts'
export { holdingsIn } from '../cli/holdings.ts'
export { COST_MIN } from '../cli/key-file.ts'
export { readInputFile } from '../cli/input-file.ts'
export { operationsFromJson } from '../cli/operation-json.ts'
export { claimOfSend, type FoundSend, isTaken, payoutsTo, sendsTo } from '../cli/sends.ts'
export { capsIn, keepRisk } from '../cli/risk.ts'
export {
  dirOption,
  type MachineFolder,
  outFolder,
  pathFromHere,
  readMachineFolder,
} from '../cli/machine-folder.ts'
export * from '../cli/chapters.ts'
export { templateNames, templatePath, templateText } from '../cli/templates.ts'
export * from '../cli/eras.ts'
export { openMachineDesk } from '../cli/machine-desk.ts'
export { type WrittenFile, writeBundle } from '../cli/machine-bundle.ts'
export { payWords } from '../cli/next-step.ts'
export { askYesNoLater, isAttended } from '../cli/prompt.ts'
export { operationsFromWords } from '../cli/proposal-words.ts'
export { showNewTerms } from '../cli/terms-view.ts'
export { sizeText } from '../cli/report-view.ts'
export {
  type KeySecrets,
  KEY_FILE_BYTES_MAX,
  openKey,
  type KeyCard,
  readKeyCard,
  sealKey,
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
export { pathText, showOwn } from '../cli/identity-view.ts'
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
