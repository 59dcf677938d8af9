/** Evidence against an operator of a directory, checked and shown. */
import { isFault } from '../base/fault.ts'
import type { Verifier } from '../base/verifier.ts'
import { signerOf } from '../kernel/controller.ts'
import type { Conviction } from '../kernel/evidence.ts'
import type { SignedCheckpoint } from '../models/directory/checkpoint.ts'
import {
  convictOperator,
  type OperatorEvidence,
  operatorEvidence,
} from '../models/directory/evidence.ts'
import { bodyFromFile } from '../verify/file.ts'
import { idText, type Output } from './print.ts'
import { KINDS, sizeText, timeText } from './report-view.ts'

/** Raises what makes the evidence worthless. */
export const checkOperatorEvidence = (
  output: Output,
  file: Uint8Array,
  verifier: Verifier,
): void => {
  const of = evidenceIn(file)
  const conviction = convictOperator(of, verifier)
  if (isFault(conviction)) throw conviction.at({ party: of.name })
  const { kind, signer } = conviction
  output.line([
    { text: `convicted: operator ${of.name}, key ${idText(signer)}`, tone: 'bad' },
    ` ${KINDS[kind] ?? kind}`,
  ])
  for (const line of linesOf(of, conviction)) output.line(`  ${line}`)
  output.line('  The name is what the accuser calls the operator; the key is what counts.')
  output.result({ conviction, name: of.name })
  output.next('compare the key with those in the terms of your machines: tally show FILE')
}

/** Nothing of it is believed. */
export const showOperatorEvidence = (output: Output, file: Uint8Array): void => {
  const of = evidenceIn(file)
  const signer = signerOf(of.suite, of)
  output.line(
    `${of.lie.is} of operator ${of.name}, ${of.scheme} key ${idText(signer)}, ${sizeText(file.length)}; not checked`,
  )
  output.result({ signer, name: of.name, lie: of.lie.is })
}

const evidenceIn = (file: Uint8Array): OperatorEvidence =>
  operatorEvidence.decode(bodyFromFile('operator-evidence', file))

const linesOf = ({ lie }: OperatorEvidence, found: Conviction): readonly string[] => {
  switch (lie.is) {
    case 'split-log':
      return [lineOf('one checkpoint', lie.first), lineOf('another', lie.second)]
    case 'unlogged': {
      const [child] = found.children
      const inPlace = lie.child === undefined ? 'nothing' : `step ${idText(lie.child)}`
      return [
        `receipt for step ${found.sequence} of machine ${idText(found.machine)}, ${child ? idText(child) : ''}, at ${timeText(lie.receipt.time)}`,
        `${lineOf('checkpoint', lie.checkpoint)}, has ${inPlace} there`,
      ]
    }
  }
}

const lineOf = (what: string, { checkpoint }: SignedCheckpoint): string =>
  `${what} over ${checkpoint.size} entries at ${timeText(checkpoint.time)}, log ${idText(checkpoint.logRoot)}`
