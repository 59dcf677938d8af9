/** Forks as people read them: who signed what twice, what each step promised to whom, and whom that convicts. */
import { moneyText, short } from '../logic/ledger-describe.ts'
import type { Fork, ForkBranch, Harm } from '../verify/fork.ts'
import { type ExitCode, idText, type Output, type Span } from './print.ts'
import { KINDS } from './report-view.ts'

/** How machines are called: by their parties' names, where a charter says so. */
export type Called = (machine: string) => string

export const showFork = (output: Output, fork: Fork, called: Called): void => {
  const who = culpritText(fork)
  output.line([{ text: who, tone: 'bad' }, ` ${KINDS[fork.kind] ?? fork.kind}`])
  output.line(`  step ${fork.sequence} of ${called(fork.machine)}, key ${idText(fork.signer)}`)
  for (const [at, branch] of fork.branches.entries()) {
    output.line()
    showBranch(output, { branch, at, called })
  }
  if (fork.branches.length < 2) {
    output.line('  the other statement is an abort: a broken word, and no second promise of money')
  }
}

/** Name of the convicted, or its key where no file says whose it is. */
export const culpritText = (of: Fork): string => of.name ?? `the key ${idText(of.signer)}`

type ShownBranch = { readonly branch: ForkBranch; readonly at: number; readonly called: Called }

const showBranch = (output: Output, { branch, at, called }: ShownBranch): void => {
  const { id, standing, described, harms } = branch
  output.line([
    `  ${ORDINALS[at] ?? `step ${at + 1}`}: `,
    { text: idText(id), tone: 'strong' },
    `, ${STANDS[standing ?? 'unseen'] ?? standing}`,
  ])
  for (const one of described) output.line(`    ${one}`)
  if (standing === undefined && harms.length === 0) {
    output.line('    what it promised is in none of the files', 'quiet')
    return
  }
  if (harms.length === 0) output.line('    it sent nothing to anybody', 'quiet')
  output.table(
    harms.map((one) => harmRow(one, called)),
    4,
  )
}

const ORDINALS = ['one step', 'another step', 'a third step']

const STANDS: Readonly<Record<string, string>> = {
  final: 'final: whom it pays is whole',
  provisional: 'signed by its owner alone',
  contested: 'contested: nobody can call it the only one',
  superseded: 'lost to another step',
  pending: 'not final',
  unseen: 'seen only in the evidence',
}

const harmRow = ({ asset, out }: Harm, called: Called): readonly Span[] => [
  'promised to',
  { text: out.to.holder, tone: 'strong' },
  moneyText(out.amount, asset.params),
  `in ${called(out.to.machine)}`,
]

/** The last word: everybody whom these files convict, and that it is everybody. */
export const showConvicted = (output: Output, forks: readonly Fork[]): void => {
  const names = [...new Set(forks.map(culpritText))]
  output.line()
  output.line([
    { text: `convicted: ${names.join(', ')}`, tone: 'bad' },
    '; nobody else, by these files',
  ])
}

/** How machines of a file are called. */
export const callFrom = (names: ReadonlyMap<string, string>): Called => {
  return (machine) => {
    const name = names.get(machine)
    return name === undefined ? `machine ${short(machine)}` : `${name} (${short(machine)})`
  }
}

/** 1 if somebody is convicted; 0 if nobody is and nothing stood in the way of seeing it; else 2. */
export const forkExit = (forks: readonly Fork[], faults: number): ExitCode =>
  forks.length > 0 ? 1 : faults > 0 ? 2 : 0
