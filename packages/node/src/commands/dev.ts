/**
 * `tally dev`: a directory of four operators on this machine, with accounts to try, and where it is asked for a guardian of a MOI
 * network beside them, until Ctrl-C. What it does is loaded when it is asked for.
 */
import { type AddCommand, examples } from 'tallystick/help'
import { PORT } from './guardian-port.ts'

export type DevFlags = {
  readonly dir: string
  readonly port: string
  readonly suite: string
  /** A port, or the usual one where none is named. */
  readonly guardian?: string | true
}

export const addDev: AddCommand = (program, run) => {
  program
    .command('dev')
    .description('start a directory of four operators here, with funded accounts to try')
    .option('--dir <folder>', 'where everything is kept', '.tally-dev')
    .option(
      '--port <n>',
      'of the first operator, the others take the next; 0 takes free ones',
      '4701',
    )
    .option('--suite <suite>', 'classic, quantum, nostr or evm, when it is made', 'classic')
    .option(
      '--guardian [port]',
      `also a guardian of a MOI network, with funded accounts and a faucet (port ${PORT}, or a free one with --port 0)`,
    )
    .addHelpText(
      'after',
      examples(
        'tally dev                              then, in a second terminal, what it prints',
        'tally dev --dir /tmp/try --port 0      somewhere else, on free ports',
        'tally dev --suite quantum              with post-quantum signatures',
        'tally dev --guardian                   with a MOI network: what it prints gives KMOI away',
        'tally dev --guardian 1700              at another port than MOI’s own',
        '',
        'The keys in its folder are open to whoever reads it: for trying out, and for nothing else.',
      ),
    )
    .action((flags: DevFlags) =>
      run(async (output) => (await import('./dev-run.ts')).runDev(flags, output)),
    )
}
