/** Door for Node alone: what a package that adds commands to `tally` needs to look and behave like the others. */
export { type Action, type AddCommand, examples, type Run } from '../cli/command.ts'
export { createOutput, type ExitCode, type Output, type Span, usageError } from '../cli/print.ts'
export { deviceFrom, homeFolder, nameOfUser, ringFrom } from '../cli/home.ts'
export {
  createFile,
  createPrivateFolder,
  readPrivateFile,
  replaceFile,
} from '../cli/durable-file.ts'
