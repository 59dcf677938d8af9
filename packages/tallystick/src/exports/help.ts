/** Door for Node alone: what a command needs to add itself to `tally` and to show its help, and nothing that it needs to run. */
export { type Action, type AddCommand, examples, type Run } from '../cli/command.ts'
