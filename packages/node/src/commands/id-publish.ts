/** `tally id publish`: hands a key log in at a directory. */
import {
  type AddCommand,
  examples,
  type ExitCode,
  openIdentity,
  type Output,
  ringFrom,
  showOwn,
} from 'tallystick/command'
import { handIn, openDirectory } from './id-ways.ts'

type Flags = { readonly as?: string; readonly directory: string }

export const addIdPublish: AddCommand = (id, run) => {
  id.command('publish')
    .description('hand your key log in at a directory, so that it is certified')
    .option('--as <name>', 'the identity, if you have several')
    .requiredOption('--directory <file>', 'who certifies, as its operators handed it out')
    .addHelpText('after', examples('tally id publish --directory directory.json'))
    .action((flags: Flags) => run((output) => publish(output, flags)))
}

const publish = async (output: Output, flags: Flags): Promise<ExitCode> => {
  const ring = ringFrom(flags.as)
  const { log } = openIdentity(ring)
  output.result(showOwn(output, ring))
  output.line()
  const handed = await handIn(output, openDirectory(ring.engine, flags.directory), log)
  switch (handed.is) {
    case 'certified':
      output.next('tally id card, and hand the new card out')
      return 0
    case 'waiting':
      output.next('the same again, when the operators are there')
      return 2
    case 'taken':
      output.line('Somebody else has signed with your keys, or an older copy of them was used.')
      output.next('tally id recover, with your words or your guardians')
      return 1
  }
}
