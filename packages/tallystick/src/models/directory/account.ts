/**
 * What an auditor knows of one operator, and how an account changes with what it is told. `auditor.ts` says why it works.
 */
import type { SignerId, TransitionId } from '../../base/brand.ts'
import { hexFromBytes } from '../../base/bytes.ts'
import { Fault, isFault } from '../../base/fault.ts'
import { AUDITED_RECEIPTS_MAX, RUMOURS_MAX } from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import { statementDigest } from '../../kernel/statement.ts'
import { type Transition, transitionId } from '../../kernel/transition.ts'
import { checkCheckpoint, type LogKey, type SignedCheckpoint, splitOf } from './checkpoint.ts'
import {
  convictOperator,
  type OperatorEvidence,
  type OperatorLie,
  type Receipt,
  receiptVote,
} from './evidence.ts'
import {
  type InclusionAnswer,
  inclusionAnswerFault,
  type MapAnswer,
  mapAnswerFault,
} from './log-answer.ts'
import { type LogNodes, prefixRoots } from './log-proof.ts'

/** An operator that is watched, by the name that the terms give it. */
export type Watched = LogKey & { readonly name: string }

/** Seen, and not linked to the checkpoint that is held. */
export type Rumour = { readonly signed: SignedCheckpoint; readonly since: bigint }

/** A receipt to be accounted for, and where it has been shown. */
export type Audited = {
  readonly transition: Transition
  readonly receipt: Pick<Receipt, 'time' | 'signature'>
  readonly since: bigint
  readonly inLog: boolean
  readonly inMap: boolean
}

export type Account = {
  readonly held: SignedCheckpoint | undefined
  readonly rumours: readonly Rumour[]
  readonly receipts: readonly Audited[]
  /** The first piece; nothing more is asked of an operator that is convicted. */
  readonly evidence: OperatorEvidence | undefined
}

export const FRESH_ACCOUNT: Account = {
  held: undefined,
  rumours: [],
  receipts: [],
  evidence: undefined,
}

export type Question =
  | { readonly is: 'checkpoint' }
  | { readonly is: 'growth'; readonly from: bigint; readonly to: bigint }
  | { readonly is: 'inclusion'; readonly of: Transition }
  | { readonly is: 'child'; readonly of: Transition }

/** What somebody tells about an operator. */
export type Told =
  /** From the operator or from anybody else. */
  | { readonly is: 'checkpoint'; readonly operator: SignerId; readonly signed: SignedCheckpoint }
  | {
      readonly is: 'receipt'
      readonly operator: SignerId
      readonly transition: Transition
      readonly receipt: Pick<Receipt, 'time' | 'signature'>
    }
  | {
      readonly is: 'growth'
      readonly operator: SignerId
      readonly from: bigint
      readonly to: bigint
      readonly nodes: LogNodes
    }
  | { readonly is: 'inclusion'; readonly operator: SignerId; readonly answer: InclusionAnswer }
  | {
      readonly is: 'child'
      readonly operator: SignerId
      readonly parent: TransitionId
      readonly answer: MapAnswer
    }
  | { readonly is: 'evidence'; readonly evidence: OperatorEvidence }

/** The operator that an account is of, and when it is told something. */
export type AccountPlace = {
  readonly operator: Watched
  readonly verifier: Verifier
  readonly now: bigint
}

/** The account after what was told, or why that was refused. */
export const absorb = (place: AccountPlace, account: Account, input: Told): Account | Fault => {
  switch (input.is) {
    case 'checkpoint':
      return absorbCheckpoint(place, account, input.signed)
    case 'receipt':
      return absorbReceipt(place, account, input)
    case 'growth':
      return absorbGrowth(place, account, input)
    case 'inclusion':
      return absorbInclusion(place, account, input.answer)
    case 'child':
      return absorbChild(place, account, input)
    case 'evidence': {
      const conviction = convictOperator(input.evidence, place.verifier)
      return isFault(conviction) ? conviction : { ...account, evidence: input.evidence }
    }
  }
}

/** The account with evidence, which is judged again before it is believed. */
const accusing = (
  { operator, verifier }: AccountPlace,
  account: Account,
  lie: OperatorLie,
): Account => {
  const { suite, scheme, publicKey, name } = operator
  const evidence: OperatorEvidence = { suite, scheme, publicKey, name, lie }
  return isFault(convictOperator(evidence, verifier)) ? account : { ...account, evidence }
}

/** Holds it, notes it as a rumour, or finds that it contradicts what is known. */
const absorbCheckpoint = (
  place: AccountPlace,
  account: Account,
  signed: SignedCheckpoint,
): Account | Fault => {
  const { held, rumours } = account
  const { checkpoint } = signed
  const known = [...(held ? [held] : []), ...rumours.map((one) => one.signed)]
  if (known.some((one) => isSame(one, signed))) return account
  const fault = checkCheckpoint(place.operator, signed, place.verifier)
  if (fault) return fault
  const other = known.find((one) => splitOf(one.checkpoint, checkpoint))
  if (other) {
    return accusing(place, account, { is: 'split-log', first: other, second: signed, nodes: [] })
  }
  // An empty log begins every log, so there is nothing to ask.
  if (checkpoint.size === 0n) return account
  if (!held) return { ...account, held: signed }
  if (checkpoint.size === held.checkpoint.size) {
    return checkpoint.time > held.checkpoint.time ? { ...account, held: signed } : account
  }
  const isKnown = rumours.some((one) => one.signed.checkpoint.size === checkpoint.size)
  if (isKnown || rumours.length >= RUMOURS_MAX) return account
  return { ...account, rumours: [...rumours, { signed, since: place.now }] }
}

const isSame = (a: SignedCheckpoint, b: SignedCheckpoint): boolean =>
  a.checkpoint.size === b.checkpoint.size &&
  a.checkpoint.time === b.checkpoint.time &&
  a.checkpoint.logRoot === b.checkpoint.logRoot &&
  a.checkpoint.mapRoot === b.checkpoint.mapRoot

const absorbReceipt = (
  { operator, verifier, now }: AccountPlace,
  account: Account,
  { transition, receipt }: Extract<Told, { is: 'receipt' }>,
): Account | Fault => {
  const isKnown = account.receipts.some((one) => isFor(operator, one, transition))
  if (isKnown || account.receipts.length >= AUDITED_RECEIPTS_MAX) return account
  const digest = statementDigest(operator.suite, receiptVote(transition, receipt.time))
  if (!verifier.verify(operator.scheme, operator.publicKey, digest, receipt.signature)) {
    return new Fault('receipt/bad-signature', 'not signed by the named operator')
  }
  const audited = { transition, receipt, since: now, inLog: false, inMap: false }
  return { ...account, receipts: [...account.receipts, audited] }
}

const isFor = ({ suite }: Watched, one: Audited, transition: Transition): boolean =>
  transitionId(suite, one.transition) === transitionId(suite, transition)

/** Links a rumour to what is held, or shows that they are of two logs. */
const absorbGrowth = (
  place: AccountPlace,
  account: Account,
  { from, to, nodes }: Extract<Told, { is: 'growth' }>,
): Account | Fault => {
  const { held, rumours } = account
  const rumour = rumours.find(({ signed }) => held && isBetween(held, signed, { from, to }))
  // An answer to what is not asked any more.
  if (!held || !rumour) return account
  const { shorter, longer } = ordered(held, rumour.signed)
  const roots = prefixRoots(from, to, nodes)
  if (isFault(roots)) return roots
  if (hexFromBytes(roots.to) !== longer.checkpoint.logRoot) {
    return new Fault('log/wrong-root', `the nodes are not of the log of ${to}`)
  }
  if (hexFromBytes(roots.from) !== shorter.checkpoint.logRoot) {
    return accusing(place, account, { is: 'split-log', first: shorter, second: longer, nodes })
  }
  return { ...account, held: longer, rumours: rumours.filter((one) => one !== rumour) }
}

const ordered = (
  a: SignedCheckpoint,
  b: SignedCheckpoint,
): { readonly shorter: SignedCheckpoint; readonly longer: SignedCheckpoint } =>
  a.checkpoint.size < b.checkpoint.size ? { shorter: a, longer: b } : { shorter: b, longer: a }

const isBetween = (
  a: SignedCheckpoint,
  b: SignedCheckpoint,
  { from, to }: { readonly from: bigint; readonly to: bigint },
): boolean => {
  const { shorter, longer } = ordered(a, b)
  return shorter.checkpoint.size === from && longer.checkpoint.size === to
}

/** The entry is in the log of a checkpoint that is held or a rumour; then it is the operator's to link that one. */
const absorbInclusion = (
  place: AccountPlace,
  account: Account,
  answer: InclusionAnswer,
): Account | Fault => {
  const next = absorbCheckpoint(place, account, answer.checkpoint)
  if (isFault(next) || next.evidence) return next
  const fault = inclusionAnswerFault(answer)
  if (fault) return fault
  if (!knows(next, answer.checkpoint)) return next
  const { entry } = answer
  return shown(next, 'inLog', (one) => {
    const child = transitionId(place.operator.suite, one.transition)
    const { machine, sequence, parent } = one.transition
    return (
      entry.child === child &&
      entry.machine === machine &&
      entry.sequence === sequence &&
      entry.parent === parent &&
      entry.time === one.receipt.time
    )
  })
}

const absorbChild = (
  place: AccountPlace,
  account: Account,
  { parent, answer }: Extract<Told, { is: 'child' }>,
): Account | Fault => {
  const next = absorbCheckpoint(place, account, answer.checkpoint)
  if (isFault(next) || next.evidence) return next
  const { suite } = place.operator
  const fault = mapAnswerFault(suite, { parent }, answer)
  if (fault) return fault
  const { checkpoint } = answer.checkpoint
  const missing = next.receipts.find(
    ({ transition, receipt }) =>
      transition.parent === parent &&
      receipt.time < checkpoint.time &&
      answer.child !== transitionId(suite, transition),
  )
  if (missing) {
    const { transition, receipt } = missing
    return accusing(place, next, { is: 'unlogged', transition, receipt, ...answer })
  }
  if (!knows(next, answer.checkpoint)) return next
  return shown(next, 'inMap', (one) => answer.child === transitionId(suite, one.transition))
}

/** Whether a checkpoint is the one held, one as large, or a rumour: so that its operator has to link it. */
const knows = ({ held, rumours }: Account, { checkpoint }: SignedCheckpoint): boolean =>
  [held, ...rumours.map((one) => one.signed)].some(
    (one) =>
      one?.checkpoint.size === checkpoint.size && one.checkpoint.logRoot === checkpoint.logRoot,
  )

/** Marks receipts as shown, and drops what is settled. */
const shown = (
  account: Account,
  where: 'inLog' | 'inMap',
  isIt: (one: Audited) => boolean,
): Account => ({
  ...account,
  receipts: account.receipts
    .map((one) => (isIt(one) ? { ...one, [where]: true } : one))
    .filter((one) => !one.inLog || !one.inMap),
})

export type Asked = { readonly question: Question; readonly since: bigint }

/** What an operator owes: growth between what it signed, and an account of receipts that are due. */
export const questionsFor = ({ held, rumours, receipts, evidence }: Account): readonly Asked[] => {
  if (evidence) return []
  const growth = rumours.flatMap(({ signed, since }): readonly Asked[] => {
    if (!held) return []
    const { shorter, longer } = ordered(held, signed)
    const [from, to] = [shorter.checkpoint.size, longer.checkpoint.size]
    return [{ question: { is: 'growth', from, to }, since }]
  })
  const newest = [held, ...rumours.map((one) => one.signed)].reduce(
    (time, one) => (one && one.checkpoint.time > time ? one.checkpoint.time : time),
    0n,
  )
  const due = receipts.filter((one) => one.receipt.time < newest)
  const early = receipts.find((one) => one.receipt.time >= newest)
  return [
    ...growth,
    ...due.flatMap(({ transition: of, inLog, inMap, since }): readonly Asked[] => [
      ...(inLog ? [] : [{ question: { is: 'inclusion', of } as const, since }]),
      ...(inMap ? [] : [{ question: { is: 'child', of } as const, since }]),
    ]),
    ...(early ? [{ question: { is: 'checkpoint' } as const, since: early.since }] : []),
  ]
}
