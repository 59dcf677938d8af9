/** The command line: parse, call, print. Each command has a file of its own and no logic. */
import { Command, CommanderError } from 'commander'
import { type AddCommand, examples, type Run } from './command.ts'
import { addAbort } from './commands/abort.ts'
import { addAccept } from './commands/accept.ts'
import { addBench } from './commands/bench.ts'
import { addBundle } from './commands/bundle.ts'
import { addCredential } from './commands/credential.ts'
import { addHandover } from './commands/handover.ts'
import { addDemo } from './commands/demo.ts'
import { addDoctor } from './commands/doctor.ts'
import { addFork } from './commands/fork.ts'
import { addId } from './commands/id.ts'
import { addListen } from './commands/listen.ts'
import { addNew } from './commands/new.ts'
import { addPropose } from './commands/propose.ts'
import { addResend } from './commands/resend.ts'
import { addShow } from './commands/show.ts'
import { addSim } from './commands/sim.ts'
import { addVerify } from './commands/verify.ts'
import { addExtension } from './extension.ts'
import { createOutput, reportError, usageError } from './print.ts'

/** In the order of the help. */
const COMMANDS: readonly AddCommand[] = [
  addDemo,
  addId,
  addNew,
  addPropose,
  addAccept,
  addAbort,
  addResend,
  addListen,
  addShow,
  addBundle,
  addHandover,
  addVerify,
  addCredential,
  addFork,
  addSim,
  addBench,
  addDoctor,
]

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
    .addHelpText(
      'after',
      examples(
        'tally demo market                    a story, and a file to check',
        'tally verify market.tally            check it, offline',
        'tally id new --name alice            keys of your own, and then:',
        'tally new --with bob.card.tally      a machine with somebody',
      ),
    )
    .option('--json', 'print one JSON object instead of text')
    .version('0.1.0')
    .exitOverride()
    .showHelpAfterError('(run with --help for examples)')
    .enablePositionalOptions(false)
  for (const add of COMMANDS) add(program, run)
  try {
    await addExtension(program, run, argv)
  } catch (error) {
    const output = createOutput({ json: argv.includes('--json') })
    code = reportError(output, error)
    output.finish()
    return code
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and version are what was asked for; anything else is a wrong use.
    if (error.exitCode === 0) return 0
    if (!argv.includes('--json')) return 3
    const output = createOutput({ json: true })
    const message = error.message.replace(/^error: /, '')
    reportError(output, usageError(message, 'tally --help, or tally COMMAND --help'))
    output.finish()
    return 3
  }
  return code
}
