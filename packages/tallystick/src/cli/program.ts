/**
 * The command line: parse, call, print. Each command has a file of its own and no logic. Only the one that is asked for is
 * loaded, because loading all of them takes longer than most of them take to run; for the help a line of each is enough.
 */
import { Command, CommanderError } from 'commander'
import { type AddCommand, examples, type Run } from './command.ts'
import { addExtension } from './extension.ts'
import { createOutput, reportError, usageError } from './print.ts'

/** In the order of the help. */
const COMMANDS: Readonly<
  Record<string, { readonly says: string; readonly load: () => Promise<AddCommand> }>
> = {
  demo: {
    says: 'run a story and leave a file that anybody can check',
    load: async () => (await import('./commands/demo.ts')).addDemo,
  },
  id: {
    says: 'make and keep the keys that sign for you',
    load: async () => (await import('./commands/id.ts')).addId,
  },
  new: {
    says: 'begin a machine with somebody: its terms, a folder, and an invitation',
    load: async () => (await import('./commands/new.ts')).addNew,
  },
  propose: {
    says: 'propose the next step, or ask for it if it is the other party’s turn',
    load: async () => (await import('./commands/propose.ts')).addPropose,
  },
  accept: {
    says: 'take a file of the other party: show what it wants, ask, and answer',
    load: async () => (await import('./commands/accept.ts')).addAccept,
  },
  abort: {
    says: 'end the step on its way; after you have signed it, ask the other party to',
    load: async () => (await import('./commands/abort.ts')).addAbort,
  },
  resend: {
    says: 'write again what is to be handed over, and finish what was interrupted',
    load: async () => (await import('./commands/resend.ts')).addResend,
  },
  listen: {
    says: 'answer the other party live, over a port of this machine',
    load: async () => (await import('./commands/listen.ts')).addListen,
  },
  show: {
    says: 'show who holds what, the steps, and what is waited for; or what a file is',
    load: async () => (await import('./commands/show.ts')).addShow,
  },
  bundle: {
    says: 'write what was agreed as one file that anybody can check',
    load: async () => (await import('./commands/bundle.ts')).addBundle,
  },
  handover: {
    says: 'have the operators of a directory go on with a machine, or give it back',
    load: async () => (await import('./commands/handover.ts')).addHandover,
  },
  verify: {
    says: 'check a file offline and say what holds, who signed, and what it rests on',
    load: async () => (await import('./commands/verify.ts')).addVerify,
  },
  credential: {
    says: 'issue, present, revoke and check credentials',
    load: async () => (await import('./commands/credential.ts')).addCredential,
  },
  fork: {
    says: 'who signed two steps that exclude each other, and what its bond owes',
    load: async () => (await import('./commands/fork.ts')).addFork,
  },
  sim: {
    says: 'run the real roles under faults and check that what must hold holds',
    load: async () => (await import('./commands/sim.ts')).addSim,
  },
  bench: {
    says: 'measure the speed of this machine, and compare it with the goals',
    load: async () => (await import('./commands/bench.ts')).addBench,
  },
  doctor: {
    says: 'say what this machine has for tallystick, and what is missing',
    load: async () => (await import('./commands/doctor.ts')).addDoctor,
  },
}

/** Adds the one that is asked for with all it has, the others as a line of the help. */
const addCommands = async (program: Command, run: Run, typed: string): Promise<void> => {
  for (const [name, { says, load }] of Object.entries(COMMANDS)) {
    if (name === typed) (await load())(program, run)
    else program.command(name)
    program.commands.find((one) => one.name() === name)?.description(says)
  }
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
  const words = argv.filter((one) => !one.startsWith('-'))
  // `tally help COMMAND` shows what `tally COMMAND --help` shows.
  const typed = words[0] === 'help' ? words.slice(1) : words
  await addCommands(program, run, typed[0] ?? '')
  try {
    await addExtension(program, run, typed)
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
