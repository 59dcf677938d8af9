/**
 * The rules of the directory scenario. After every event:
 *
 * - *vows*: no honest operator or owner signs two statements that conflict;
 * - *certificates*: no parent has two children with enough receipts each;
 * - *culprits*: if one has all the same, the receipts convict as many operators as that takes, and only liars;
 * - *accusations*: what anybody hands out convicts, an owner only if it lies, an operator only if it does.
 *
 * Once everything has healed:
 *
 * - *all certified*: each step of an honest owner is certified;
 * - *accounted*: no honest operator owes an honest client anything that is old;
 * - *stories*: an operator of which the clients between them hold two logs is convicted or owes.
 */
import { isFault } from '../base/fault.ts'
import { signerOf } from '../kernel/controller.ts'
import { convict } from '../kernel/evidence.ts'
import { type Attestation, evidenceBetween } from '../kernel/model.ts'
import { undoOf } from '../kernel/quorum.ts'
import { type Auditor, createAuditor } from '../models/directory/auditor.ts'
import { certificateFrom, directory } from '../models/directory/certificate.ts'
import type { LogRoot } from '../models/directory/checkpoint.ts'
import { convictOperator } from '../models/directory/evidence.ts'
import { quorumOf } from '../models/directory/policy.ts'
import type { Client, DirectoryState } from './directory-node.ts'
import { OWNERS } from './directory-town.ts'
import { type DirectoryWatch, isOneStory, type Receipted, rivalsOf } from './directory-watch.ts'
import type { Checker, World } from './world.ts'

type Rule = (world: World<DirectoryState>) => string | undefined

export const directoryRules = (watch: DirectoryWatch): readonly Checker<DirectoryState>[] => [
  { name: 'vows', check: () => watch.broken },
  { name: 'certificates', check: () => checkCertificates(watch) },
  { name: 'culprits', check: (world) => checkCulprits(watch, world) },
  { name: 'accusations', check: checkAccusations(watch) },
]

export const directorySettled = (watch: DirectoryWatch): readonly Checker<DirectoryState>[] => [
  { name: 'all certified', check: checkCertified },
  { name: 'accounted', check: (world) => checkAccounted(watch, world) },
  { name: 'stories', check: (world) => checkStories(watch, world) },
]

const checkCertificates = (watch: DirectoryWatch): string | undefined => {
  const [pair] = rivalsOf(watch)
  return pair && `two children of ${pair[0].transition.parent} have enough receipts each`
}

/** Operators of which some instance is not honest, by their names. */
const liarsIn = (watch: DirectoryWatch, world: World<DirectoryState>): ReadonlySet<string> =>
  new Set(
    world.nodes.flatMap(({ honest, state }) =>
      honest || state.is !== 'desk' ? [] : [watch.town.watched[state.seat]?.name ?? ''],
    ),
  )

const checkCulprits = (watch: DirectoryWatch, world: World<DirectoryState>): string | undefined => {
  const { policy } = watch.town
  const { atLeast } = undoOf(quorumOf(policy))
  for (const [one, other] of rivalsOf(watch)) {
    watch.seen.add('two certificates')
    const found = evidenceBetween(termsOf(watch), signersOf(watch, one), signersOf(watch, other))
    const convicted = found.map((evidence) => convict(evidence, watch.town.engine))
    const signers = new Set(convicted.map((it) => (isFault(it) ? '' : it.signer)))
    const culprits = policy.operators.filter((it) => signers.has(signerOf('classic', it)))
    const wronged = culprits.find(({ name }) => !liarsIn(watch, world).has(name))
    if (wronged) return `two certificates convict ${wronged.name}, who is honest`
    if (culprits.length < atLeast) return `two certificates convict only ${culprits.length}`
  }
  return undefined
}

const termsOf = ({ town }: DirectoryWatch) => {
  const [account] = town.accounts
  if (!account) throw new Error('a town has accounts')
  return account.terms
}

const signersOf = (watch: DirectoryWatch, of: Receipted): readonly Attestation[] =>
  directory.attestations({
    terms: termsOf(watch),
    policy: watch.town.policy,
    anchor: {},
    transition: of.transition,
    certificate: certificateFrom(of.receipts),
    known: { verifier: watch.town.engine, now: undefined, read: () => ({ is: 'unknown' }) },
  })

const checkAccusations = (watch: DirectoryWatch): Rule => {
  const judged = new Set<unknown>()
  return (world) => {
    for (const { name, state } of world.nodes) {
      const says =
        state.is === 'desk'
          ? state.operator.forks.map((one) =>
              judgeOnce(judged, one, () => judgeOwner(watch, world, one)),
            )
          : [...state.auditor.accounts.values()].map(({ evidence }) =>
              evidence
                ? judgeOnce(judged, evidence, () => judgeOperator(watch, world, evidence))
                : undefined,
            )
      const wrong = says.find((one) => one !== undefined)
      if (wrong !== undefined) return `${name} accuses: ${wrong}`
    }
    return undefined
  }
}

const judgeOnce = (
  judged: Set<unknown>,
  evidence: unknown,
  judge: () => string | undefined,
): string | undefined => {
  if (judged.has(evidence)) return undefined
  judged.add(evidence)
  return judge()
}

const judgeOwner = (
  watch: DirectoryWatch,
  world: World<DirectoryState>,
  evidence: Parameters<typeof convict>[0],
): string | undefined => {
  const conviction = convict(evidence, watch.town.engine)
  if (isFault(conviction)) return 'the evidence convicts nobody'
  watch.seen.add('an owner is convicted')
  const at = watch.town.accounts.findIndex(({ terms }) =>
    terms.participants.some(({ controller }) =>
      controller.keys.some((key) => signerOf('classic', key) === conviction.signer),
    ),
  )
  const isLiar = world.nodes.some(
    ({ honest, state }) => state.is === 'client' && state.at === at && !honest,
  )
  return isLiar ? undefined : `the evidence convicts ${OWNERS[at] ?? 'nobody here'}, who is honest`
}

const judgeOperator = (
  watch: DirectoryWatch,
  world: World<DirectoryState>,
  evidence: Parameters<typeof convictOperator>[0],
): string | undefined => {
  const conviction = convictOperator(evidence, watch.town.engine)
  if (isFault(conviction)) return 'the evidence convicts nobody'
  watch.seen.add(`an operator is convicted: ${evidence.lie.is}`)
  const accused = watch.town.watched.find((one) => signerOf(one.suite, one) === conviction.signer)
  return accused && liarsIn(watch, world).has(accused.name)
    ? undefined
    : `the evidence convicts ${accused?.name ?? 'nobody here'}, who is honest`
}

const honestClients = (world: World<DirectoryState>): readonly (Client & { name: string })[] =>
  world.nodes.flatMap(({ name, honest, state }) =>
    honest && state.is === 'client' ? [{ ...state, name }] : [],
  )

const checkCertified: Rule = (world) => {
  for (const { name, account } of honestClients(world)) {
    const open = account.steps.find((one) => !one.certificate)
    if (open) return `step ${open.transition.sequence} of ${name} never became certified`
  }
  return undefined
}

/** Ticks after which an unanswered question is old, when nothing is lost any more. */
const PATIENCE = 250n

const auditorOf = ({ town }: DirectoryWatch): Auditor =>
  createAuditor({ operators: town.watched, verifier: town.engine })

const checkAccounted = (
  watch: DirectoryWatch,
  world: World<DirectoryState>,
): string | undefined => {
  const liars = liarsIn(watch, world)
  for (const { name, auditor } of honestClients(world)) {
    const debts = auditorOf(watch).withholders(auditor, BigInt(world.now), PATIENCE)
    const debt = debts.find(({ operator }) => !liars.has(operator.name))
    if (debt) return `${debt.operator.name} owes ${name} an answer: ${debt.question.is}`
  }
  return undefined
}

const checkStories = (watch: DirectoryWatch, world: World<DirectoryState>): string | undefined => {
  const clients = honestClients(world)
  for (const operator of watch.town.watched) {
    const signer = signerOf(operator.suite, operator)
    const accounts = clients.flatMap(({ auditor }) => auditor.accounts.get(signer) ?? [])
    const isCaught =
      accounts.some((one) => one.evidence) || accounts.some((one) => one.rumours.length > 0)
    const roots = rootsIn(accounts.map((one) => [one.held, ...one.rumours.map((r) => r.signed)]))
    const isSplit = roots.some((a) => roots.some((b) => !isOneStory(watch, a, b)))
    if (isSplit) watch.seen.add('two stories')
    if (isSplit && !isCaught) return `${operator.name} tells two stories, and nobody notices`
  }
  return undefined
}

const rootsIn = (
  all: readonly (readonly ({ readonly checkpoint: { readonly logRoot: LogRoot } } | undefined)[])[],
): readonly LogRoot[] => all.flat().flatMap((one) => (one ? [one.checkpoint.logRoot] : []))
