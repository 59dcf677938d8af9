/** `tally fork`: what follows when somebody signs two steps that exclude each other. */
import { type AddCommand, examples } from '../command.ts'
import { faultFrom } from '../../base/fault.ts'
import { type ClaimOptions, claimFork } from '../fork-claim.ts'
import { compareFiles, forkChecks, namesIn, writeProofs } from '../fork-files.ts'
import { culpritText, forkExit, showConvicted, showFork } from '../fork-view.ts'
import { readInputFile } from '../input-file.ts'
import { isOfMoi } from '../moi-file.ts'
import type { ExitCode, Output } from '../print.ts'
import { fixOf } from '../fix.ts'
import { sizeText } from '../report-view.ts'
import { jsonFromForks } from '../../verify/fork-json.ts'
import { createMemo } from '../../verify/memo.ts'

type ShowOptions = { readonly output?: string }

export const addFork: AddCommand = (program, run) => {
  const fork = program
    .command('fork')
    .addHelpText(
      'after',
      examples(
        'tally fork show bob.tally carol.tally -o proof.tally',
        'tally fork show proof.tally',
      ),
    )
  fork
    .command('show')
    .description('hold files against each other and say who signed what twice')
    .argument('<files...>', 'evidence, bundles or Network-States that may contradict each other')
    .option('-o, --output <file>', 'write the evidence as a small file')
    .addHelpText(
      'after',
      examples(
        'tally fork show cheat.tally',
        'tally fork show bob.tally carol.tally -o proof.tally',
        'tally fork show balance.tally theirs.tally -o proof.tally    what a guardian of MOI has sealed',
        '',
        'Ends with 1 if a key is convicted, 0 if none is and everything could be compared,',
        '2 if none is but something in the files is missing or false.',
      ),
    )
    .action((files: readonly string[], options: ShowOptions) =>
      run((output) => showForks(output, files, options)),
    )
  fork
    .command('claim')
    .description('claim what a broken send was worth from the bond of who signed twice')
    .argument('<files...>', 'evidence, claims, and bundles that hold the send to you')
    .option(
      '--bond <file>',
      'bundle of the machine that keeps the bond: writes what is to be proposed there',
    )
    .option('--for <name>', 'sends to this name only')
    .option('--against <name>', 'the culprit, where files convict several')
    .option('-o, --output <file>', 'where to write the claim, or the operation')
    .option('--claims <number>', 'write no payout before so many sends are claimed')
    .option('--until <step>', 'or before the machine that keeps the bond has reached this step')
    .option('--operator <url...>', 'hand the evidence to these operators, who then freeze the key')
    .option('--token-file <file>', 'what to show the operators (default: TALLY_TOKEN)')
    .addHelpText(
      'after',
      examples(
        'tally fork claim proof.tally carol.tally --for carol',
        'tally fork claim claim-carol.tally claim-dave.tally --bond mint.tally',
        'tally fork claim proof.tally carol.tally --operator http://127.0.0.1:4701',
        '',
        'Without --bond it writes a claim, for whoever keeps the bond. With it, the operation that pays',
        'everybody whose claim is there. Ends with 0 if it wrote one, 2 if nothing is owed or no bond is there.',
      ),
    )
    .action((files: readonly string[], options: ClaimOptions) =>
      run((output) => claimFork(output, files, options)),
    )
}

const showForks = async (
  output: Output,
  paths: readonly string[],
  options: ShowOptions,
): Promise<ExitCode> => {
  const checks = forkChecks()
  const files = paths.map((path) => ({ path, file: readInputFile(path) }))
  // A file that cannot be read is complained about below.
  if (files.some(({ file }) => faultFrom(() => isOfMoi(file)) === true)) {
    const { showGuardianForks } = await import('../guardian-forks.ts')
    const verifier = createMemo(checks.verifier)
    return showGuardianForks(output, files, { verifier, write: options.output })
  }
  const found = compareFiles(paths, checks)
  const { forks, faults, whole } = found
  const called = namesIn(whole)
  for (const [at, one] of forks.entries()) {
    if (at > 0) output.line()
    showFork(output, one, called)
  }
  if (forks.length > 0) showConvicted(output, forks)
  else output.line('no key is shown to have signed two steps that exclude each other')
  for (const { message, code } of faults) {
    output.line()
    output.line(`not everything could be compared: ${message}`, 'warn')
    output.line(`  fix: ${fixOf(code)}  (${code})`, 'quiet')
  }
  output.result(jsonFromForks(found))
  const [first] = forks
  if (first && options.output !== undefined) {
    const written = writeProofs(forks, options.output)
    output.line()
    for (const [at, path] of written.entries()) {
      const proof = forks[at]
      if (!proof) continue
      output.line([
        'Wrote ',
        { text: path, tone: 'strong' },
        `, ${sizeText(proof.bytes + 8)}: two statements, two signatures, the key of ${culpritText(proof)}`,
      ])
    }
    output.result({ proofs: written })
  }
  if (first) {
    const isPromised = first.branches.some((one) => one.harms.length > 0)
    output.next(
      isPromised
        ? `tally fork claim ${paths.join(' ')}`
        : `tally fork show ${paths.join(' ')} BUNDLE, with the file of whoever was paid`,
    )
  }
  return forkExit(forks, faults.length)
}
