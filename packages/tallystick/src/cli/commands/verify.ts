/** `tally verify`: checks a file that anybody may have made, offline, believing nobody. */
import { checkFile } from '../check-file.ts'
import { type AddCommand, examples } from '../command.ts'

type VerifyOptions = {
  readonly known?: string
  readonly remember?: true
  readonly all?: true
  readonly require: readonly string[]
}

export const addVerify: AddCommand = (program, run) => {
  program
    .command('verify')
    .argument('<file>', 'a bundle, a piece of evidence, a Network-State or a card')
    .option('--known <heads.json>', 'heads remembered from earlier: an older file is then refused')
    .option('--remember', 'add what holds to the file of --known; nothing is remembered otherwise')
    .option(
      '--require <words>',
      'demand something, e.g. "every custody change: 2 parties"; may be repeated',
      (one: string, before: readonly string[]) => [...before, one],
      [],
    )
    .option('--all', 'show every step, however many there are')
    .addHelpText(
      'after',
      examples(
        'tally verify deal.tally',
        'tally verify deal.tally --json',
        'tally verify deal.tally --known heads.json --remember',
        'tally verify lot.tally --require "release: 2 of 3" --require "no field price"',
        '',
        'Ends with 0 if everything holds, 1 if something is false, 2 if something is missing.',
        'So with what is required: 1 if an answer is no, 2 if one is open.',
      ),
    )
    .action((file: string, options: VerifyOptions) =>
      run((output) => checkFile(output, file, options)),
    )
}
