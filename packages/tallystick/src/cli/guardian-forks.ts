/**
 * Files about a MOI network held against each other: Network-States, histories, evidence. A guardian that sealed what excludes each
 * other is shown, and evidence written that `tally verify` convicts by. Loaded when such a file is named.
 *
 * Promise. Every seal is checked before it is compared, and every conviction is judged as `tally verify` judges it. A guardian that
 * kept its vows is not convicted, whatever the files are. What is not sealed, or badly, proves nothing and takes nothing away from
 * the rest.
 *
 * Not promised. That files which agree come from an honest guardian: it may have shown the other step to somebody else. Where an
 * account was handed over to other terms, steps after that are compared under the terms of its charter and prove nothing.
 */
import { equalBytes } from '../base/bytes.ts'
import { type Fault, faultFrom, isFault } from '../base/fault.ts'
import type { Verifier } from '../base/verifier.ts'
import { accountIn } from '../dialects/moi/charters.ts'
import type { MoiId } from '../dialects/moi/identifier.ts'
import { networkState } from '../dialects/moi/network-state.ts'
import { charter, machineId, type Terms, terms } from '../kernel/charter.ts'
import { signerOf } from '../kernel/controller.ts'
import type { Conviction } from '../kernel/evidence.ts'
import { transitionId } from '../kernel/transition.ts'
import {
  type CertifiedLeg,
  convictGuardian,
  type KramaEvidence,
  kramaEvidence,
  liesAmong,
  sealOf,
} from '../models/krama/evidence.ts'
import { kramaPolicy } from '../models/krama/policy.ts'
import { kramaCertificate } from '../models/krama/seal.ts'
import { bundleStep, openBundle, readPart } from '../verify/bundle.ts'
import { bodyFromFile, fileFromBody, kindOfFile } from '../verify/file.ts'
import { PUBLIC_FILE, replaceFile } from './durable-file.ts'
import { fixOf } from './fix.ts'
import { guardianEvidence } from './moi-view.ts'
import { type ExitCode, idText, type Output, usageError } from './print.ts'
import { KINDS, sizeText, timeText } from './report-view.ts'

export type NamedFile = { readonly path: string; readonly file: Uint8Array }

/** A leg as a file shows it. */
type Shown = {
  readonly leg: CertifiedLeg
  readonly terms: Terms
  readonly account: MoiId | undefined
  readonly path: string
}

type Found = {
  readonly evidence: KramaEvidence
  readonly terms: Terms
  readonly convictions: readonly Conviction[]
  /** Both, in the order of the evidence. */
  readonly shown: readonly Shown[]
}

export const showGuardianForks = (
  output: Output,
  files: readonly NamedFile[],
  of: { readonly verifier: Verifier; readonly write: string | undefined },
): ExitCode => {
  const faults: Fault[] = []
  const read = files.flatMap((one) => legsIn(one, faults))
  const sealed = read.filter((one) => isSealed(one, of.verifier, faults))
  const found = groupsOf(sealed).flatMap((group) => foundIn(group, of.verifier, faults))
  for (const one of found) showOne(output, one)
  if (found.length === 0) {
    output.line('no guardian is shown to have sealed two steps that exclude each other')
    output.line(`  ${sealed.length} sealed steps were compared`, 'quiet')
  }
  for (const { message, code, place } of faults) {
    output.line()
    const where = place.part === undefined ? '' : ` (${place.part})`
    output.line(`not everything could be compared: ${message}${where}`, 'warn')
    output.line(`  fix: ${fixOf(code)}  (${code})`, 'quiet')
  }
  const proofs = of.write === undefined ? [] : writeProofs(output, found, of.write)
  output.result({ forks: found.map(jsonOf), faults: faults.map(({ code }) => code), proofs })
  const [first] = proofs
  if (first !== undefined) output.next(`tally verify ${first}, and hand it to whoever relies on it`)
  else if (found.length > 0) output.next('the same with -o proof.tally, to keep the evidence')
  return found.length > 0 ? 1 : faults.length > 0 ? 2 : 0
}

/** What a file shows of legs. Raises what makes it unreadable, with its name. */
const legsIn = (of: NamedFile, faults: Fault[]): readonly Shown[] => {
  const legs = faultFrom(() => legsOf(of, faults))
  if (isFault(legs)) throw legs.at({ part: of.path })
  return legs
}

const legsOf = ({ path, file }: NamedFile, faults: Fault[]): readonly Shown[] => {
  switch (kindOfFile(file)) {
    case 'network-state': {
      const state = networkState.decode(bodyFromFile('network-state', file))
      const { transition, certificate, account } = state
      return [{ leg: { transition, certificate }, terms: state.terms, account, path }]
    }
    case 'guardian-evidence': {
      const held = guardianEvidence.decode(bodyFromFile('guardian-evidence', file))
      const { first, second } = kramaEvidence.decode(held.proof)
      return [first, second].map((leg) => ({ leg, terms: held.terms, account: undefined, path }))
    }
    case 'bundle':
      return legsOfBundle({ path, file }, faults)
    case 'evidence':
    case 'operator-evidence':
    case 'identity':
    case 'credential':
    case 'presentation':
    case 'status':
    case 'invite':
    case 'message':
      throw usageError(
        `${path} is of no MOI network, and other files here are`,
        'compare files of one kind with each other',
      )
  }
}

const legsOfBundle = ({ path, file }: NamedFile, faults: Fault[]): readonly Shown[] => {
  const { parts, damage } = openBundle(file)
  if (damage) faults.push(damage.fault.at({ part: path }))
  const charters = new Map(
    parts.charters.flatMap((one) => {
      const read = faultFrom(() => charter.decode(one))
      return isFault(read) ? [] : [[machineId(read), read] as const]
    }),
  )
  return parts.steps.flatMap((one, at) => {
    const step = readPart(bundleStep, one, `step ${at + 1}`)
    if (isFault(step)) {
      faults.push(step)
      return []
    }
    return step.legs.flatMap((leg): readonly Shown[] => {
      if (leg.is === 'read' || leg.certificate.length === 0) return []
      const of = charters.get(leg.transition.machine)
      const { transition, certificate } = leg
      return of
        ? [{ leg: { transition, certificate }, terms: of.terms, account: accountIn(of), path }]
        : []
    })
  })
}

const isSealed = (of: Shown, verifier: Verifier, faults: Fault[]): boolean => {
  const signed = faultFrom(() => sealOf(of.leg, accusedIn(of.terms, verifier)))
  const place = { machine: of.leg.transition.machine, step: of.leg.transition.sequence }
  if (isFault(signed)) faults.push(signed.at({ ...place, part: of.path }))
  return !isFault(signed) && signed.length > 0
}

/** Raises what is wrong with the policy. */
const accusedIn = (of: Terms, verifier: Verifier) => ({
  terms: of,
  policy: kramaPolicy.decode(of.policy.params),
  verifier,
})

/** Those that can be held against each other: of the same terms. */
const groupsOf = (of: readonly Shown[]): readonly (readonly Shown[])[] => {
  const groups: { readonly bytes: Uint8Array; readonly shown: Shown[] }[] = []
  for (const one of of) {
    const bytes = terms.encode(one.terms)
    const group = groups.find((some) => equalBytes(some.bytes, bytes))
    if (group) group.shown.push(one)
    else groups.push({ bytes, shown: [one] })
  }
  return groups.map(({ shown }) => shown)
}

const foundIn = (
  group: readonly Shown[],
  verifier: Verifier,
  faults: Fault[],
): readonly Found[] => {
  const [one] = group
  if (!one) return []
  const legs = new Map(group.map((shown) => [shown.leg, shown]))
  return liesAmong(
    one.terms.suite,
    group.map(({ leg }) => leg),
  ).flatMap((evidence) => {
    const accused = accusedIn(one.terms, verifier)
    const convictions = convictGuardian(kramaEvidence.encode(evidence), accused)
    if (isFault(convictions)) {
      faults.push(convictions)
      return []
    }
    const shown = [evidence.first, evidence.second].flatMap((leg) => legs.get(leg) ?? [])
    return [{ evidence, terms: one.terms, convictions, shown }]
  })
}

/** The names of those convicted, as their policy has them. */
const namesOf = ({ terms: of, convictions }: Found): readonly string[] =>
  kramaPolicy
    .decode(of.policy.params)
    .guardians.filter((one) => convictions.some(({ signer }) => signer === signerOf(of.suite, one)))
    .map(({ name }) => name)

const showOne = (output: Output, of: Found): void => {
  const [first] = of.convictions
  if (!first) return
  const who = namesOf(of).join(', ')
  output.line([
    { text: `convicted: ${who}, key ${idText(first.signer)}`, tone: 'bad' },
    ` ${KINDS[first.kind] ?? first.kind}`,
  ])
  const account = of.shown.find((one) => one.account !== undefined)?.account
  const whose = account === undefined ? `machine ${idText(first.machine)}` : `account 0x${account}`
  output.line(`  at ${whose}`)
  output.table(
    of.shown.map(({ leg, path }) => [
      `height ${leg.transition.sequence - 1n}`,
      `step ${idText(transitionId(of.terms.suite, leg.transition))}`,
      `sealed ${timeText(kramaCertificate.decode(leg.certificate).time)}`,
      `in ${path}`,
    ]),
    4,
  )
  output.line()
}

const jsonOf = (of: Found): Readonly<Record<string, unknown>> => ({
  guardians: namesOf(of),
  convictions: of.convictions,
  account: of.shown.find((one) => one.account !== undefined)?.account,
  files: of.shown.map(({ path }) => path),
})

/** The first under the name that was given, the others with a number. */
const writeProofs = (output: Output, found: readonly Found[], path: string): readonly string[] =>
  found.map((one, at) => {
    const to = at === 0 ? path : path.replace(/(\.[^./]+)?$/, (end) => `-${at + 1}${end}`)
    const proof = kramaEvidence.encode(one.evidence)
    const file = fileFromBody(
      'guardian-evidence',
      guardianEvidence.encode({ terms: one.terms, proof }),
    )
    replaceFile(to, file, PUBLIC_FILE)
    output.line([
      'Wrote ',
      { text: to, tone: 'strong' },
      `, ${sizeText(file.length)}: two steps, the seals over them, and the key of ${namesOf(one).join(', ')}`,
    ])
    return to
  })
