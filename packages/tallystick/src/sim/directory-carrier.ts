/** What stands around the nodes of the directory scenario: it signs, and carries submissions, questions and gossip. */
import { hexFromBytes } from '../base/bytes.ts'
import { signerOf } from '../kernel/controller.ts'
import { statementDigest } from '../kernel/statement.ts'
import { transitionId } from '../kernel/transition.ts'
import type { Question } from '../models/directory/account.ts'
import type { AuditorEffect, AuditorInput } from '../models/directory/auditor.ts'
import { receiptVote } from '../models/directory/evidence.ts'
import { proveInChildTrees } from '../models/directory/map.ts'
import { booksOf, type OperatorState } from '../models/directory/operator.ts'
import { ownerVote } from '../models/directory/owner.ts'
import type { Answer } from '../models/directory/submission.ts'
import type { Asked, DirectoryEffect, DirectoryInput, DirectoryState } from './directory-node.ts'
import type { DirectoryTown } from './directory-town.ts'
import { OWNERS } from './directory-town.ts'
import { type DirectoryWatch, watchSigned } from './directory-watch.ts'
import { mangled } from './party-node.ts'
import type { Stream } from './random.ts'
import type { Delivery, World } from './world.ts'

type Sent = readonly Delivery<DirectoryInput>[]

/** Where an effect comes from. */
type Place = {
  readonly town: DirectoryTown
  readonly watch: DirectoryWatch
  readonly world: World<DirectoryState>
  readonly node: number
}

export const performDirectory = (of: Place, effect: DirectoryEffect): Sent => {
  const { world, node } = of
  const state = world.nodes[node]?.state
  switch (effect.is) {
    case 'account':
      return effect.effect.is === 'sign' ? signStep(of, effect.effect.digest) : []
    case 'submission':
      return effect.effect.is === 'submit' ? submit(of, effect.effect) : []
    case 'audit':
      return performAudit(of, effect.effect)
    case 'desk':
      return performDesk(of, effect.effect)
    case 'answer':
      return state?.is === 'desk' ? answer(of, state, effect) : []
    case 'account-for':
      return state?.is === 'desk' ? accountFor(of, state, effect) : []
  }
}

const signStep = ({ town, watch, world, node }: Place, wanted: Uint8Array): Sent => {
  const state = world.nodes[node]?.state
  if (state?.is !== 'client') return []
  const digest = hexFromBytes(wanted)
  for (const { transition } of state.account.steps) {
    const vote = ownerVote(transition)
    if (hexFromBytes(statementDigest('classic', vote)) !== digest) continue
    watchSigned(watch, world.nodes[node], vote)
  }
  const signature = town.sign(OWNERS[state.at] ?? '', wanted)
  const input: DirectoryInput = { is: 'account', input: { is: 'signed', digest, signature } }
  return [{ to: node, input, by: 'local', label: 'signed' }]
}

const submit = (
  { town, world, node }: Place,
  effect: Extract<Extract<DirectoryEffect, { is: 'submission' }>['effect'], { is: 'submit' }>,
): Sent => {
  const state = world.nodes[node]?.state
  const charter = state?.is === 'client' ? town.accounts[state.at]?.charter : undefined
  const to = pickDesk(world, node, effect.operator)
  if (!charter || to === undefined) return []
  const { submission } = effect
  const input: DirectoryInput = { is: 'desk', input: { is: 'submit', charter, submission } }
  return [{ to, input, by: 'network', label: 'submission' }]
}

/** One of the instances of an operator: who sends cannot tell twins apart. */
const pickDesk = (world: World<DirectoryState>, node: number, seat: number): number | undefined =>
  pickOf(world, node, (one) => one.is === 'desk' && one.seat === seat)

const pickOf = (
  world: World<DirectoryState>,
  node: number,
  isMeant: (state: DirectoryState) => boolean,
): number | undefined => {
  const all = [...world.nodes.keys()].filter((at) => {
    const state = world.nodes[at]?.state
    return at !== node && state !== undefined && isMeant(state)
  })
  return world.stream(`pick/${node}`).pick(all)
}

/** Questions go to the operator, gossip to one other client at a time. */
const performAudit = ({ town, world, node }: Place, effect: AuditorEffect): Sent => {
  if (effect.is === 'ask') {
    const { operator, question } = effect
    const seat = town.watched.findIndex((one) => signerOf(one.suite, one) === operator)
    const to = pickDesk(world, node, seat)
    const input: DirectoryInput = { is: 'asked', from: node, question }
    return to === undefined ? [] : [{ to, input, by: 'network', label: `asked ${question.is}` }]
  }
  const to = pickOf(world, node, (one) => one.is === 'client')
  if (to === undefined) return []
  const told: AuditorInput =
    effect.is === 'tell'
      ? { is: 'checkpoint', operator: effect.operator, signed: effect.signed }
      : { is: 'evidence', evidence: effect.evidence }
  return [{ to, input: { is: 'audit', input: told }, by: 'network', label: `told ${told.is}` }]
}

const performDesk = (
  { town, watch, world, node }: Place,
  effect: Extract<DirectoryEffect, { is: 'desk' }>['effect'],
): Sent => {
  const state = world.nodes[node]?.state
  if (state?.is !== 'desk') return []
  switch (effect.is) {
    case 'sign': {
      const digest = hexFromBytes(effect.digest)
      for (const { submission, time } of state.operator.vows.values()) {
        const vote = receiptVote(submission.transition, time)
        if (hexFromBytes(statementDigest('classic', vote)) !== digest) continue
        watchSigned(watch, world.nodes[node], vote)
      }
      const signature = town.sign(town.watched[state.seat]?.name ?? '', effect.digest)
      const input: DirectoryInput = { is: 'desk', input: { is: 'signed', digest, signature } }
      return [{ to: node, input, by: 'local', label: 'signed' }]
    }
    case 'publish': {
      const operator = signerOf('classic', town.watched[state.seat] ?? NOBODY)
      const told = { is: 'checkpoint', operator, signed: effect.checkpoint } as const
      const to = pickOf(world, node, (one) => one.is === 'client')
      const input: DirectoryInput = { is: 'audit', input: told }
      return to === undefined ? [] : [{ to, input, by: 'network', label: 'checkpoint' }]
    }
    case 'accuse': {
      const input: DirectoryInput = {
        is: 'desk',
        input: { is: 'evidence', evidence: effect.evidence },
      }
      return [...world.nodes.keys()].flatMap((to): Sent =>
        to !== node && world.nodes[to]?.state.is === 'desk'
          ? [{ to, input, by: 'network', label: 'evidence' }]
          : [],
      )
    }
    case 'receipt':
      return []
  }
}

const NOBODY = { scheme: 'ed25519', publicKey: new Uint8Array(32) } as const

/** What the operator vowed for there: a receipt, or the step that took the place. */
const answer = (
  { world, node }: Place,
  { operator, seat }: Extract<DirectoryState, { is: 'desk' }>,
  { name, about }: Extract<DirectoryEffect, { is: 'answer' }>,
): Sent => {
  const vowed = operator.vows.get(name)
  if (!vowed?.signature) return []
  const { submission, time, signature } = vowed
  const { machine } = submission.transition
  const receipt = { operator: seat, time, signature }
  const isIt = transitionId('classic', submission.transition) === about
  const said: Answer = isIt ? { is: 'receipt', receipt } : { is: 'taken', by: submission, receipt }
  const to = pickOf(world, node, (one) => one.is === 'client' && one.account.machine.id === machine)
  const input: DirectoryInput = {
    is: 'submission',
    input: { is: 'answered', operator: seat, about, answer: said },
  }
  return to === undefined ? [] : [{ to, input, by: 'network', label: said.is }]
}

/** What an operator's instance answers out of its own log and map, as they were at its last checkpoint. */
const accountFor = (
  { town }: Place,
  { operator, seat }: Extract<DirectoryState, { is: 'desk' }>,
  { from, question }: Asked,
): Sent => {
  const told = answerTo(operator, question)
  const key = town.watched[seat]
  if (!told || !key) return []
  const input = { ...told, operator: signerOf(key.suite, key) }
  return [{ to: from, input: { is: 'audit', input }, by: 'network', label: `tells ${told.is}` }]
}

/** The log and map of a checkpoint, which many questions are about. */
const booksAt = (operator: OperatorState, size: number): ReturnType<typeof booksOf> => {
  const known = books.get(operator.vows)
  if (known?.entries.length === size) return known
  const made = booksOf('classic', operator, size)
  books.set(operator.vows, made)
  return made
}

const books = new WeakMap<OperatorState['vows'], ReturnType<typeof booksOf>>()

type Said = Exclude<AuditorInput, { is: 'resend' | 'evidence' | 'receipt' }>
type Unsigned<T> = T extends unknown ? Omit<T, 'operator'> : never

const answerTo = (operator: OperatorState, question: Question): Unsigned<Said> | undefined => {
  const { checkpoint } = operator
  if (!checkpoint?.signature) return undefined
  const signed = { checkpoint: checkpoint.of, signature: checkpoint.signature }
  const { entries, log, map } = booksAt(operator, Number(checkpoint.of.size))
  switch (question.is) {
    case 'checkpoint':
      return { is: 'checkpoint', signed }
    case 'growth': {
      const { from, to } = question
      if (to > BigInt(log.size()) || from === 0n) return undefined
      return { is: 'growth', from, to, nodes: log.prefix(Number(from), Number(to)) }
    }
    case 'inclusion': {
      const child = transitionId('classic', question.of)
      const index = entries.findIndex((one) => one.child === child)
      const entry = entries[index]
      if (!entry) return undefined
      const nodes = log.inclusion(index)
      return { is: 'inclusion', answer: { checkpoint: signed, index: BigInt(index), entry, nodes } }
    }
    case 'child': {
      const { parent } = question.of
      const child = entries.find((one) => one.parent === parent)?.child
      const proof = proveInChildTrees(map, { parent })
      return { is: 'child', parent, answer: { checkpoint: signed, child, proof } }
    }
  }
}

/** A message with one byte changed: of a signature, or of a node. */
export const mangleDirectory = (input: DirectoryInput, stream: Stream): DirectoryInput => {
  if (input.is === 'desk' && input.input.is === 'submit') {
    const { submission } = input.input
    const proposal = mangled(submission.proposal, stream)
    return { ...input, input: { ...input.input, submission: { ...submission, proposal } } }
  }
  if (input.is !== 'audit') return input
  const told = input.input
  if (told.is === 'checkpoint') {
    const signature = mangled(told.signed.signature, stream)
    return { ...input, input: { ...told, signed: { ...told.signed, signature } } }
  }
  if (told.is === 'growth') {
    return { ...input, input: { ...told, nodes: told.nodes.map((one) => mangled(one, stream)) } }
  }
  return input
}
