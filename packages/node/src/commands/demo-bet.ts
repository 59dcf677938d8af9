/** `tally demo bet`: a bet over relays with its stakes in escrow, decided by oracles, made final by custodians of whom one lies. */
import { type AddCommand, examples, usageError } from 'tallystick/command'
import { tellBet } from '../demo/tell-bet.ts'

type Flags = {
  readonly lyingCustodians: string
  readonly silentOracle?: true
  readonly lyingOracle?: true
  readonly dispute?: true
  readonly out: string
}

export const addDemoBet: AddCommand = (program, run) => {
  program
    .command('bet')
    .description('a bet over relays, stakes in escrow, oracles, and a custodian who lies')
    .option('--lying-custodians <n>', 'how many of the four lie: 0, 1 or 2', '1')
    .option('--silent-oracle', 'the oracles never say what happened: stakes go back')
    .option('--lying-oracle', 'one of three oracles answers twice')
    .option('--dispute', 'the loser objects, and the arbiter rules')
    .option('-o, --out <file>', 'where to write the file', 'bet.tally')
    .addHelpText(
      'after',
      examples(
        'tally demo bet',
        'tally demo bet --silent-oracle',
        'tally demo bet --lying-oracle --dispute',
        'tally demo bet --lying-custodians 2',
      ),
    )
    .action((flags: Flags) =>
      run((output) =>
        tellBet(output, {
          liars: liarsFrom(flags.lyingCustodians),
          isOracleSilent: flags.silentOracle === true,
          isOracleLying: flags.lyingOracle === true,
          isDisputed: flags.dispute === true,
          out: flags.out,
        }),
      ),
    )
}

const liarsFrom = (text: string): number => {
  if (/^[0-2]$/.test(text)) return Number(text)
  throw usageError(`${text} custodians of four cannot lie in this story`, '--lying-custodians 1')
}
