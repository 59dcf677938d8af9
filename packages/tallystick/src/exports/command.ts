/** Door for Node alone: what a package that adds commands to `tally` needs to look and behave like the others. */
export type { Group } from '../bench/cases.ts'
export { atLeast, atMost, type Figure, figureFrom, knownFigure } from '../bench/figure.ts'
export type { Rounds } from '../bench/harness.ts'
export { type Action, type AddCommand, examples, type Run } from '../cli/command.ts'
export { createOutput, type ExitCode, type Output, type Span, usageError } from '../cli/print.ts'
export {
  type KeySecrets,
  KEY_FILE_BYTES_MAX,
  openKey,
  type KeyCard,
  readKeyCard,
  sealKey,
} from '../cli/key-file.ts'
export { PASSPHRASE_FLAG, PASSPHRASE_HELP, passphraseOf } from '../cli/passphrase-option.ts'
export { deviceFrom, homeFolder, nameOfUser, ringFrom } from '../cli/home.ts'
export {
  createFile,
  createPrivateFolder,
  readPrivateFile,
  replaceFile,
} from '../cli/durable-file.ts'
export { recoverIdentity, type RecoveryKey } from '../cli/identity-change.ts'
