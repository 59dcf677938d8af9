/**
 * Checking the flat chains of a bundle. Handed to `verify` as `chains`, so that a page which meets no such machine does
 * not carry it.
 *
 * Promise. A chain is accepted only if every record follows from the one before it, from the charter on. Its head is
 * final if the charter's policy says so of its certificate, or, where all parties certify, if each of them has signed the
 * root of every batch. Where others certify, those whose turn it was must have signed every batch as well. With the
 * owner's signatures alone it is provisional, and unsigned steps count for nothing.
 *
 * Not promised. Signatures over batch roots are no votes: two batches of one party that contradict each other show
 * that it lied, but are no evidence in the sense of `kernel/evidence.ts`. A certificate for the head is.
 */
import type { MachineId } from '../base/brand.ts'
import { hexFromBytes } from '../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import { batchRoot } from '../kernel/chain-batch.ts'
import { type ChainHead, chainRecord, ID, RECORD_BYTES } from '../kernel/chain-record.ts'
import { startOfChain } from '../kernel/chain.ts'
import { verifyRange } from '../kernel/chain-verify.ts'
import type { Charter, Terms } from '../kernel/charter.ts'
import { reachesThreshold } from '../kernel/controller.ts'
import { genesisTransition, type Transition, transitionId } from '../kernel/transition.ts'
import type { Finality } from '../kernel/verdict.ts'
import { readPart } from './bundle.ts'
import { flatChain, type FlatChain } from './flat-chain.ts'
import { assumptionsOf } from './assumptions.ts'
import { nameOf } from './describe.ts'
import { partiesOf } from './machine-report.ts'
import type { Freshness, MachineReport, StepReport } from './report.ts'
import type { ChainFound, JudgeChains, Own, Run } from './run.ts'

/** Checks the chains of a bundle. Faults go to the run; what holds is reported. */
export const judgeChains: JudgeChains = (run, framed) => {
  const found = new Map<MachineId, ChainFound>()
  for (const [at, one] of framed.entries()) {
    const part = `chain ${at + 1}`
    const read = readPart(flatChain, one, part)
    const judged = isFault(read) ? read : faultFrom(() => judgeChain(run, read, found))
    if (isFault(judged)) run.faults.push(judged.at({ part: `${part} of the file` }))
    else if (!isFault(read)) found.set(read.machine, judged)
  }
  return [...found.values()]
}

const judgeChain = (
  run: Run,
  of: FlatChain,
  known: ReadonlyMap<MachineId, ChainFound>,
): ChainFound | Fault => {
  const place = { machine: of.machine }
  const charter = run.charters.get(of.machine)
  if (!charter) {
    return new Fault('bundle/missing-charter', `no charter of ${of.machine} is in the file`, place)
  }
  if (known.has(of.machine)) {
    return new Fault('bundle/duplicate-chain', 'two chains of one machine', place)
  }
  const start = startOfChain(charter)
  const head = verifyRange({ records: of.records, anchor: start })
  if (isFault(head)) return head
  const transition = headerOf(charter, of)
  const signed = signedBy(run, charter.terms, of)
  if (isFault(signed)) return signed.at(place)
  const own = ownOf(run, charter, { chain: of, transition, signed })
  if (isFault(own)) return own.at({ ...place, step: transition.sequence })
  const freshness = freshnessOf(run, charter, of)
  const last = own.is === 'final' ? own.finality : undefined
  const { machine } = of
  const { terms } = charter
  return {
    machine: chainReport(charter, { machine, head, transition, own, freshness }),
    assumptions: assumptionsOf({ machine, terms, last, remembered: [], freshness }),
  }
}

type Told = {
  readonly machine: MachineId
  readonly head: ChainHead
  readonly transition: Transition
  readonly own: Own
  readonly freshness: Freshness
}

/** One line for the whole chain: its steps are many and alike. */
const chainReport = (charter: Charter, of: Told): MachineReport => {
  const { terms } = charter
  const { own, head, transition } = of
  const standing = own.is === 'contested' ? 'contested' : own.is
  const grade =
    own.is === 'final' ? own.finality.grade : own.is === 'provisional' ? own.is : 'local'
  const last: StepReport = {
    sequence: head.sequence,
    id: head.id,
    interaction: transition.interaction,
    described: [`steps 1 to ${head.sequence} of a flat chain`],
    standing,
    grade,
    finality: own.is === 'final' ? own.finality : undefined,
    waitingFor: 'waitingFor' in own ? own.waitingFor : [],
    restsOn: undefined,
    withheld: false,
    fields: [],
    deeds: [],
  }
  const begun = head.sequence > 0n
  return {
    id: of.machine,
    name: nameOf({ terms }),
    network: charter.network,
    suite: terms.suite,
    parties: partiesOf(terms),
    policy: terms.policy.kind,
    steps: begun ? [last] : [],
    head: { sequence: head.sequence, id: head.id, standing, grade: begun ? grade : undefined },
    freshness: of.freshness,
  }
}

/** Holds the chain against what the verifier remembers of the machine. */
const freshnessOf = (run: Run, charter: Charter, of: FlatChain): Freshness => {
  let freshness: Freshness = { is: 'unknown' }
  const steps = of.records.length / RECORD_BYTES
  for (const { head, asOf } of run.anchors) {
    if (head.machine !== of.machine) continue
    const place = { machine: head.machine, step: head.sequence }
    const id = transitionId(charter.terms.suite, head)
    if (head.sequence > BigInt(steps)) {
      const says = `step ${head.sequence} is remembered and not in the file`
      run.faults.push(new Fault('bundle/stale', says, place))
    } else if (head.sequence > 0n && idAt(of.records, Number(head.sequence)) !== id) {
      const says = `another step is remembered as number ${head.sequence}`
      run.faults.push(new Fault('bundle/contradicts-anchor', says, place))
    } else if (asOf !== undefined) freshness = { is: 'latest', asOf }
  }
  return freshness
}

const idAt = (records: Uint8Array, step: number): string =>
  hexFromBytes(idsIn(records, step - 1, step))

const headerOf = (charter: Charter, { records, machine }: FlatChain): Transition => {
  if (records.length > 0) {
    return chainRecord.decode(records.slice(records.length - RECORD_BYTES)).transition
  }
  const { state } = startOfChain(charter)
  return genesisTransition(charter.terms.suite, machine, state)
}

/** Parties that have signed every batch, if the batches reach to the head. Any signature that does not hold is a fault. */
const signedBy = (run: Run, terms: Terms, of: FlatChain): ReadonlySet<number> | Fault => {
  const all = new Set(terms.participants.keys())
  let from = 0
  for (const { size, signatures } of of.batches) {
    const to = from + size
    if (size === 0 || to * RECORD_BYTES > of.records.length) {
      return new Fault('batch/wrong-size', `steps ${from + 1} to ${to} are not all there`)
    }
    const root = batchRoot(terms.suite, idsIn(of.records, from, to))
    const keys = new Map<number, number[]>()
    for (const { party, key: at, signature } of signatures) {
      const participant = terms.participants[party]
      const key = participant?.controller.keys[at]
      const place = { step: BigInt(to), ...(participant && { party: participant.name }) }
      if (!key || !run.verifier.verify(key.scheme, key.publicKey, root, signature)) {
        return new Fault('chain/bad-signature', 'the batch is not signed by the named key', place)
      }
      keys.set(party, [...(keys.get(party) ?? []), at])
    }
    for (const [party, { controller }] of terms.participants.entries()) {
      if (!reachesThreshold(controller, keys.get(party) ?? [])) all.delete(party)
    }
    from = to
  }
  const isWhole = of.batches.length > 0 && from * RECORD_BYTES === of.records.length
  return isWhole ? all : new Set()
}

const idsIn = (records: Uint8Array, from: number, to: number): Uint8Array => {
  const ids = new Uint8Array((to - from) * 32)
  for (let at = from; at < to; at++) {
    const start = at * RECORD_BYTES + 4 * ID
    ids.set(records.subarray(start, start + 32), (at - from) * 32)
  }
  return ids
}

type Judged = {
  readonly chain: FlatChain
  readonly transition: Transition
  readonly signed: ReadonlySet<number>
}

const ownOf = (run: Run, charter: Charter, of: Judged): Own | Fault => {
  const { terms } = charter
  const names = terms.participants.map((one) => one.name)
  if (of.transition.sequence === 0n) return { is: 'pending', waitingFor: [] }
  // Only where the parties themselves are the certifiers do their signatures make anything final.
  const certify = run.models.get(terms.policy.kind)?.promises.impliesConsentOf === 'all'
  if (of.chain.certificate.length > 0) {
    const judged = certified(run, terms, of)
    if (certify || isFault(judged) || judged.is !== 'final') return judged
    // Certifiers say that the head is the only one; that its steps may be taken is for those whose turn it was.
    const unheard = [...proposersOf(terms)].filter((party) => !of.signed.has(party))
    const silent = names.filter((_, party) => unheard.includes(party))
    if (silent.length === 0) return judged
    return { is: 'pending', waitingFor: [{ is: 'signers', names: silent }] }
  }
  if (certify && of.signed.size === names.length) {
    return { is: 'final', finality: signedByAll(names) }
  }
  const owner = terms.turn.is === 'owner' && of.signed.has(terms.turn.party)
  const missing = names.filter((_, party) => !of.signed.has(party))
  const waited = certify ? missing : [`the certifiers (${terms.policy.kind})`]
  return {
    is: owner ? 'provisional' : 'pending',
    waitingFor: [{ is: 'signers', names: waited }],
  }
}

/** Whose turn it was somewhere in a chain; nobody's in particular where anyone may propose. */
const proposersOf = ({ turn, participants }: Terms): Iterable<number> => {
  switch (turn.is) {
    case 'owner':
    case 'leader':
      return [turn.party]
    case 'alternate':
      return participants.keys()
    case 'anyone':
      return []
  }
}

const signedByAll = (names: readonly string[]): Finality => ({
  grade: 'cosigned',
  reach: 'parties',
  vouchers: names,
  undo: { atLeast: 1, of: names },
  since: undefined,
  clock: 'none',
})

const certified = (run: Run, terms: Terms, of: Judged): Own | Fault => {
  const model = run.models.get(terms.policy.kind)
  if (!model) {
    const says = `no model of the kind "${terms.policy.kind}" is known here`
    return new Fault('bundle/unknown-model', says)
  }
  const verdict = model.judge({
    terms,
    anchor: model.begin(terms),
    transition: of.transition,
    certificate: of.chain.certificate,
    known: { verifier: run.verifier, now: run.now, read: () => ({ is: 'unknown' }) },
  })
  switch (verdict.is) {
    case 'refused':
      return verdict.fault
    case 'contested':
      return { is: 'contested', evidence: verdict.evidence }
    case 'pending':
      return { is: 'pending', waitingFor: verdict.waitingFor }
    case 'final':
      return { is: 'final', finality: verdict.finality }
  }
}
