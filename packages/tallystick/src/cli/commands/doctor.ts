/** `tally doctor`: what this machine can do, and what to change. */
import type { AddCommand } from '../command.ts'

export const addDoctor: AddCommand = (program, run) => {
  program
    .command('doctor')
    .description('say what this machine has for tallystick, and what is missing')
    .addHelpText('after', '\nExamples:\n  tally doctor\n  tally doctor --json')
    .action(() =>
      run((output) => {
        const major = Number(process.versions.node.split('.')[0])
        output.line(`Node.js ${process.versions.node}`, major >= 24 ? 'good' : 'bad')
        output.result({ node: process.versions.node })
        return major >= 24 ? 0 : 1
      }),
    )
}
