/** `tally bench`: measure this machine, and hold the figures against the goals. */
import { bench, type BenchReport, cellsOf, ROUNDS } from '../../bench/bench.ts'
import { type Group, GROUPS } from '../../bench/cases.ts'
import type { Figure } from '../../bench/figure.ts'
import { type AddCommand, examples } from '../command.ts'
import { findExtension } from '../extension.ts'
import { type ExitCode, type Output, type Span, usageError } from '../print.ts'

type BenchFlags = { readonly only?: readonly string[]; readonly rounds: string }

export const addBench: AddCommand = (program, run) => {
  program
    .command('bench')
    .option(
      '--only <ids...>',
      `some of ${GROUPS.map(({ id }) => id).join(', ')}; with @tallystick/node also D1 to D10`,
    )
    .option('--rounds <n>', 'how often each case is measured', String(ROUNDS.rounds))
    .addHelpText(
      'after',
      examples(
        'tally bench',
        'tally bench --only T0 V1',
        'tally bench --only D1 D2',
        'tally bench --json',
      ),
    )
    .action((flags: BenchFlags) => run((output) => measure(flags, output)))
}

const measure = async (flags: BenchFlags, output: Output): Promise<ExitCode> => {
  const only = flags.only ?? []
  const own = only.length > 0 && only.every((id) => GROUPS.some((group) => group.id === id))
  const groups = [...GROUPS, ...((own ? undefined : await findExtension())?.benches ?? [])]
  const unknown = only.find((id) => !groups.some((group) => group.id === id))
  if (unknown !== undefined) {
    throw usageError(
      `no benchmark is called ${unknown}`,
      `one of ${groups.map(({ id }) => id).join(', ')}`,
    )
  }
  const rounds = Number(flags.rounds)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1000) {
    throw usageError(`${flags.rounds} is no number of rounds`, '--rounds 11')
  }
  const report = await bench({
    groups,
    only,
    rounds: { rounds, warmUp: ROUNDS.warmUp },
    progress: (text) => output.progress(text),
  })
  show(report, groups, output)
  output.result({ ...report })
  output.next(report.isMet ? 'tally bench --json' : 'tally bench, when nothing else runs here')
  return 0
}

const show = (
  { machine, runtime, backEnd, rounds, figures }: BenchReport,
  groups: readonly Group[],
  output: Output,
): void => {
  const memory = Math.round(machine.memoryBytes / 2 ** 30)
  output.line(`${machine.cpu}, ${machine.cores} cores, ${memory} GiB, ${machine.system}`)
  output.line(`${runtime}; BLAKE3 ${backEnd.blake3}; native ${backEnd.nativeSchemes.join(', ')}`)
  output.line(`medians of ${rounds} rounds, least and greatest beside them; processor time`)
  for (const { id, what } of groups) {
    const own = figures.filter((figure) => figure.id.split(' ')[0] === id)
    if (own.length === 0) continue
    output.line()
    output.line(`${id}  ${what}`, 'strong')
    output.table(own.map(rowOf))
  }
}

const rowOf = (figure: Figure): readonly Span[] => {
  const [, name = '', median = '', spread = '', goal = '', met = '', note = ''] = cellsOf(figure)
  const tone = figure.isMet === false ? 'bad' : 'good'
  return [
    name,
    median,
    { text: spread, tone: 'quiet' },
    goal,
    { text: met, tone },
    { text: note, tone: 'quiet' },
  ]
}
