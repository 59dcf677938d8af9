/** The command line: parse, call, print. Each command has a file of its own and no logic. */
import { Command, CommanderError } from 'commander'
import type { Run } from './command.ts'
import { addDemo } from './commands/demo.ts'
import { addDoctor } from './commands/doctor.ts'
import { addSim } from './commands/sim.ts'
import { createOutput, reportError } from './print.ts'

/** Runs the command line in `argv` (without node and script) and returns the exit code. */
export const runCommandLine = async (argv: readonly string[]): Promise<number> => {
  const program = new Command('tally')
  let code: number = 0
  const run: Run = async (action) => {
    const output = createOutput({ json: program.opts().json === true })
    try {
      code = await action(output)
    } catch (error) {
      code = reportError(output, error)
    }
    output.finish()
  }
  program
    .description(
      'a state machine held by its participants; anyone can check the result from one file, offline',
    )
    .option('--json', 'print one JSON object instead of text')
    .version('0.1.0')
    .exitOverride()
    .showHelpAfterError('(run with --help for examples)')
    .enablePositionalOptions(false)
  for (const add of [addDemo, addDoctor, addSim]) add(program, run)
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and version are what was asked for; anything else is a wrong use.
    return error.exitCode === 0 ? 0 : 3
  }
  return code
}
