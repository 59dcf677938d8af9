/** Checking files for `tally verify`: by kind, with what the user remembers. */
import { existsSync } from 'node:fs'
import { hexFromBytes } from '../base/bytes.ts'
import { isFault } from '../base/fault.ts'
import type { Engine } from '../base/verifier.ts'
import { createNativeEngine } from '../engine/native.ts'
import { convict, evidence } from '../kernel/evidence.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { cardFromFile } from '../verify/card.ts'
import { judgeChains } from '../verify/chains.ts'
import { judgeLies } from '../verify/lies.ts'
import { bodyFromFile, kindOfFile } from '../verify/file.ts'
import { jsonFromReport } from '../verify/json.ts'
import { paymentsFrom } from '../verify/payments.ts'
import type { Requirement } from '../verify/require.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'
import { reportFrom, survey } from '../verify/verify.ts'
import { labelOf } from '../verify/words.ts'
import { readHeads, rememberHeads } from './heads-file.ts'
import { showCard } from './identity-view.ts'
import { readInputFile } from './input-file.ts'
import { isOfMoi } from './moi-file.ts'
import { checkOperatorEvidence } from './operator-evidence-view.ts'
import { showPayments } from './payment-view.ts'
import { type ExitCode, idText, type Output, usageError } from './print.ts'
import { EXIT_OF, KINDS, showReport } from './report-view.ts'
import { readRequirements, showAnswers, worseOf } from './requirements.ts'
import { stepOwnerIn } from './step-owner.ts'

export type CheckOptions = {
  /** A heads file. It may be missing if it is to be written. */
  readonly known?: string
  readonly remember?: boolean
  readonly all?: boolean
  /** What is demanded of a bundle, in words. */
  readonly require?: readonly string[]
}

/** Checks a file and shows what was found. Raises faults for what cannot be read at all. */
export const checkFile = async (
  output: Output,
  path: string,
  options: CheckOptions,
): Promise<ExitCode> => {
  const required = readRequirements(options.require ?? [])
  const file = readInputFile(path)
  const engine = createNativeEngine()
  const kind = kindOfFile(file)
  if (kind !== 'bundle' && required.length > 0) {
    throw usageError(
      `${path} is no bundle, and requirements are about bundles`,
      `tally verify ${path}`,
    )
  }
  switch (kind) {
    case 'bundle':
      return checkBundle(output, { path, file, engine, required }, options)
    case 'evidence':
      return checkEvidence(output, file, engine)
    case 'operator-evidence':
      checkOperatorEvidence(output, file, engine)
      return 0
    case 'network-state': {
      const { checkNetworkStateFile } = await import('./moi-view.ts')
      checkNetworkStateFile(output, file, engine)
      return 0
    }
    case 'guardian-evidence': {
      const { checkGuardianEvidence } = await import('./moi-view.ts')
      checkGuardianEvidence(output, file, engine)
      return 0
    }
    case 'identity':
      output.line([
        { text: 'valid', tone: 'good' },
        '  every list of the card is signed by its root',
      ])
      output.line()
      output.result(showCard(output, cardFromFile(file, engine)))
      output.next(`tally new --with ${path}`)
      return 0
    case 'credential':
    case 'presentation':
    case 'status':
      throw usageError(`${path} is a ${kind}`, 'tally credential --help')
    case 'invite':
    case 'message':
      throw usageError(
        `${path} is for one of the parties; there is nothing final in it`,
        `tally show ${path}, or tally accept ${path} if you are that party`,
      )
  }
}

type Opened = {
  readonly path: string
  readonly file: Uint8Array
  readonly engine: Engine
  readonly required: readonly Requirement[]
}

const checkBundle = async (
  output: Output,
  of: Opened,
  options: CheckOptions,
): Promise<ExitCode> => {
  const { known, remember = false } = options
  if (remember && known === undefined) {
    throw usageError('--remember needs a file to write', 'add --known heads.json')
  }
  const isMissing = known === undefined || (remember && !existsSync(known))
  const moi = isOfMoi(of.file) ? await import('./moi-view.ts') : undefined
  const surveyed = survey(of.file, {
    models: moi?.MODELS_WITH_MOI ?? STANDARD_MODELS,
    chains: judgeChains,
    lies: judgeLies,
    logics: moi?.LOGICS_WITH_MOI ?? STANDARD_LOGICS,
    verifier: of.engine,
    anchors: isMissing ? [] : readHeads(known),
  })
  const report = reportFrom(of.file, surveyed)
  const all = options.all === true
  showReport(output, report, { all, ownerOf: stepOwnerIn(of.file) })
  moi?.showAccounts(output, of.file)
  const payments = isFault(surveyed) ? [] : paymentsFrom(surveyed)
  showPayments(output, payments, { all, called: (machine) => labelOf(report, machine) })
  output.result({ report: jsonFromReport(report) })
  const answered = showAnswers(output, report, of.required)
  if (remember && known !== undefined && report.outcome === 'valid') {
    const learned = rememberHeads(known, of.file, report)
    output.line()
    output.line(`${learned} ${learned === 1 ? 'head' : 'heads'} remembered in ${known}`)
    output.result({ remembered: learned })
  }
  const convicted = [...report.convictions, ...report.lies]
  const culprits = [...new Set(convicted.map((one) => one.name ?? one.signer.slice(0, 8)))]
  output.next(
    culprits.length > 0
      ? `keep ${of.path}: it is the proof against ${culprits.join(' and ')}`
      : NEXT[report.outcome](of.path, known),
  )
  return worseOf(EXIT_OF[report.outcome], answered)
}

type Next = (path: string, known: string | undefined) => string

const NEXT: Readonly<Record<'valid' | 'invalid' | 'incomplete', Next>> = {
  // With heads that are remembered, an older copy or another branch is noticed the next time.
  valid: (path, known) =>
    known === undefined
      ? `tally verify ${path} --known heads.json --remember`
      : `hand ${path} to whoever is to rely on it, who runs: tally verify FILE`,
  invalid: () => 'do not rely on this file; ask its sender for a whole one',
  incomplete: () => 'ask the parties named above for what is missing',
}

const checkEvidence = (output: Output, file: Uint8Array, engine: Engine): ExitCode => {
  const proof = evidence.decode(bodyFromFile('evidence', file))
  const conviction = convict(proof, engine)
  if (isFault(conviction)) throw conviction
  const { kind, signer, machine, sequence } = conviction
  output.line([
    { text: `convicted: key ${idText(signer)}`, tone: 'bad' },
    ` ${KINDS[kind] ?? kind}`,
  ])
  output.line(`  step ${sequence} of machine ${idText(machine)}`)
  if (proof.suite !== 'nostr') {
    output.result({ conviction })
    output.next('compare the key with the cards of those you deal with: tally id show CARD')
    return 0
  }
  // On relays people and custodians are known by their public keys, and definitions and bundles name those.
  const publicKey = hexFromBytes(proof.publicKey)
  output.line(['  public key ', { text: publicKey, tone: 'strong' }])
  output.result({ conviction, publicKey })
  output.next(
    'compare the public key with those that the machine’s definition names: tally show, or tally verify of its bundle',
  )
  return 0
}
