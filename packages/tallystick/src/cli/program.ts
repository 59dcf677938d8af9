/**
 * The command line: parse, call, print. Each command has a file of its own and no logic. Only the one that is asked for is
 * loaded, because loading all of them takes longer than most of them take to run.
 */
import { Command, CommanderError } from 'commander'
import { type AddCommand, examples, type Run } from './command.ts'
import { addExtension, isListed } from './extension.ts'
import { createOutput, reportError, usageError } from './print.ts'

/** In the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  demo: async () => (await import('./commands/demo.ts')).addDemo,
  id: async () => (await import('./commands/id.ts')).addId,
  new: async () => (await import('./commands/new.ts')).addNew,
  propose: async () => (await import('./commands/propose.ts')).addPropose,
  accept: async () => (await import('./commands/accept.ts')).addAccept,
  abort: async () => (await import('./commands/abort.ts')).addAbort,
  resend: async () => (await import('./commands/resend.ts')).addResend,
  listen: async () => (await import('./commands/listen.ts')).addListen,
  show: async () => (await import('./commands/show.ts')).addShow,
  bundle: async () => (await import('./commands/bundle.ts')).addBundle,
  handover: async () => (await import('./commands/handover.ts')).addHandover,
  verify: async () => (await import('./commands/verify.ts')).addVerify,
  credential: async () => (await import('./commands/credential.ts')).addCredential,
  fork: async () => (await import('./commands/fork.ts')).addFork,
  sim: async () => (await import('./commands/sim.ts')).addSim,
  bench: async () => (await import('./commands/bench.ts')).addBench,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
}

/** The one that is asked for; all of them where none is, for the help. */
const wantedCommands = async (argv: readonly string[]): Promise<readonly AddCommand[]> => {
  const typed = argv.find((one) => !one.startsWith('-')) ?? ''
  const one = Object.hasOwn(COMMANDS, typed) ? COMMANDS[typed] : undefined
  const isElsewhere = isListed(typed) || argv.includes('--version') || argv.includes('-V')
  const loads = one ? [one] : isElsewhere ? [] : Object.values(COMMANDS)
  return Promise.all(loads.map((load) => load()))
}

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
  for (const add of await wantedCommands(argv)) add(program, run)
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
