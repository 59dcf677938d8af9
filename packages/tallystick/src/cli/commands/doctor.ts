/** `tally doctor`: what this machine can do, and what to change. */
import { checkup } from '../checkup.ts'
import { type AddCommand, examples } from '../command.ts'
import { homeFolder } from '../home.ts'
import type { Tone } from '../print.ts'

const TONES: Readonly<Record<'good' | 'slow' | 'broken', Tone>> = {
  good: 'good',
  slow: 'warn',
  broken: 'bad',
}

export const addDoctor: AddCommand = (program, run) => {
  program
    .command('doctor')
    .addHelpText('after', examples('tally doctor', 'tally doctor --json'))
    .action(() =>
      run((output) => {
        const findings = checkup(homeFolder(process.env), (what) => output.progress(`${what} …`))
        output.table(
          findings.map(({ what, says, standing }) => [
            what,
            { text: standing === 'good' ? 'ok' : standing, tone: TONES[standing] },
            says,
          ]),
        )
        for (const { what, fix } of findings) {
          if (fix !== undefined) output.line(`fix ${what}: ${fix}`)
        }
        const isWell = findings.every((one) => one.standing !== 'broken')
        output.result({ well: isWell, findings })
        output.next(isWell ? 'tally demo market' : 'tally doctor, after the fixes')
        return isWell ? 0 : 1
      }),
    )
}
