/**
 * The `auditor`: whoever keeps operators' checkpoints and asks them to account for what lies between. Clients are auditors of
 * their operators, and operators of one another.
 *
 * Safety. It accuses by evidence alone, which convicts nobody who keeps the rules of `checkpoint.ts`. What an operator fails
 * to answer is a debt; who owes for too long is named as withholding, and never as convicted.
 *
 * For each operator it *holds* one checkpoint, to which every other that it accepted leads. Any other one, from whomever,
 * is a *rumour* until the operator has shown that the shorter log begins the longer one. A receipt is settled when log
 * and map of a checkpoint of a later time have it.
 *
 * Why two stories come out within two exchanges. Two auditors hold checkpoints of the two stories. In the first exchange each
 * is told the other's. If they are of one size, or their times run against their sizes, that is evidence. Else each asks
 * the operator for the growth between them, the second exchange: nodes of the longer log are evidence, as they lead to
 * another shorter one; nodes of anything else lead nowhere, and the debt stays. So does it if nothing comes.
 *
 * Liveness. Questions are asked until they are answered, again at each `resend`. An honest operator settles each with one
 * answer; what it cannot show yet, because it has signed no checkpoint since, it owes until it has.
 *
 * Not promised. That the map follows from the log, beyond the receipts that somebody holds: `replayFault` tells those who
 * follow the whole log. That a receipt stays in the map: whoever holds it may ask again.
 */
import type { SignerId } from '../../base/brand.ts'
import { hexFromBytes } from '../../base/bytes.ts'
import { Fault, isFault } from '../../base/fault.ts'
import { REFUSALS_MAX } from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import { signerOf } from '../../kernel/controller.ts'
import type { Env, Role } from '../../kernel/role.ts'
import { transitionId } from '../../kernel/transition.ts'
import type { Wait } from '../../kernel/verdict.ts'
import {
  absorb,
  type Account,
  FRESH_ACCOUNT,
  type Question,
  questionsFor,
  type Told,
  type Watched,
} from './account.ts'
import { checkpointDigest, type SignedCheckpoint } from './checkpoint.ts'
import type { OperatorEvidence } from './evidence.ts'

export type AuditorState = {
  readonly accounts: ReadonlyMap<SignerId, Account>
  /** Counts how often what is outstanding was to be asked again. */
  readonly attempt: number
  readonly refusals: readonly Fault[]
}

export type AuditorInput = Told | { readonly is: 'resend' }

export type AuditorEffect =
  | {
      readonly is: 'ask'
      readonly id: string
      readonly operator: SignerId
      readonly question: Question
    }
  /** For other auditors. */
  | {
      readonly is: 'tell'
      readonly id: string
      readonly operator: SignerId
      readonly signed: SignedCheckpoint
    }
  | { readonly is: 'accuse'; readonly id: string; readonly evidence: OperatorEvidence }

export type AuditorOptions = { readonly operators: readonly Watched[]; readonly verifier: Verifier }

export type Auditor = Role<AuditorState, AuditorInput, AuditorEffect> & {
  readonly begin: () => AuditorState
  /** Who has owed something for longer than `patience`, and what. */
  readonly withholders: (state: AuditorState, now: bigint, patience: bigint) => readonly Debt[]
}

export type Debt = { readonly operator: Watched; readonly question: Question }

export const createAuditor = ({ operators, verifier }: AuditorOptions): Auditor => {
  const watched = new Map(operators.map((one) => [signerOf(one.suite, one), one]))
  const ground: Ground = { watched, verifier }
  const debts = (state: AuditorState, until: bigint): readonly Debt[] =>
    [...state.accounts].flatMap(([signer, account]) => {
      const operator = watched.get(signer)
      const all = operator ? questionsFor(account) : []
      return operator
        ? all.flatMap((one) => (one.since < until ? [{ operator, question: one.question }] : []))
        : []
    })
  return {
    begin: () => ({
      accounts: new Map([...watched.keys()].map((signer) => [signer, FRESH_ACCOUNT])),
      attempt: 0,
      refusals: [],
    }),
    step: (state, input, env) => step(ground, state, input, env),
    outstanding: (state) => outstanding(ground, state),
    waitingFor: (state): readonly Wait[] => {
      const all = [...watched].filter(([signer]) => isOwing(state.accounts.get(signer)))
      const names = all.map(([, one]) => one.name)
      return names.length > 0 ? [{ is: 'signers', names }] : []
    },
    withholders: (state, now, patience) => debts(state, now - patience),
  }
}

type Ground = { readonly watched: ReadonlyMap<SignerId, Watched>; readonly verifier: Verifier }

const isOwing = (account: Account | undefined): boolean =>
  account !== undefined && questionsFor(account).length > 0

const refused = (state: AuditorState, fault: Fault): AuditorState => ({
  ...state,
  refusals: [...state.refusals, fault].slice(-REFUSALS_MAX),
})

const step = (
  ground: Ground,
  state: AuditorState,
  input: AuditorInput,
  { now }: Env,
): AuditorState => {
  if (input.is === 'resend') return { ...state, attempt: state.attempt + 1 }
  const signer =
    input.is === 'evidence' ? signerOf(input.evidence.suite, input.evidence) : input.operator
  const operator = ground.watched.get(signer)
  const account = state.accounts.get(signer)
  if (!operator || !account) {
    return refused(state, new Fault('audit/unknown-operator', `nobody here watches ${signer}`))
  }
  // One piece of evidence is enough, and no answer makes up for it.
  if (account.evidence) return state
  const next = absorb({ ...ground, operator, now }, account, input)
  if (isFault(next)) return refused(state, next.at({ party: operator.name }))
  return next === account
    ? state
    : { ...state, accounts: new Map(state.accounts).set(signer, next) }
}

const outstanding = ({ watched }: Ground, state: AuditorState): readonly AuditorEffect[] =>
  [...state.accounts].flatMap(([operator, account]): readonly AuditorEffect[] => {
    const of = watched.get(operator)
    if (!of) return []
    const short = operator.slice(0, 16)
    if (account.evidence)
      return [{ is: 'accuse', id: `accuse ${short}`, evidence: account.evidence }]
    const told = [...(account.held ? [account.held] : []), ...account.rumours.map((r) => r.signed)]
    return [
      ...questionsFor(account).map(({ question }): AuditorEffect => {
        const id = `ask ${short} ${wordsOf(of, question)} ${state.attempt}`
        return { is: 'ask', id, operator, question }
      }),
      ...told.map((signed): AuditorEffect => {
        const digest = hexFromBytes(checkpointDigest(of.suite, signed.checkpoint))
        return { is: 'tell', id: `tell ${digest}`, operator, signed }
      }),
    ]
  })

const wordsOf = ({ suite }: Watched, question: Question): string => {
  switch (question.is) {
    case 'checkpoint':
      return 'checkpoint'
    case 'growth':
      return `growth ${question.from} ${question.to}`
    case 'inclusion':
    case 'child':
      return `${question.is} ${transitionId(suite, question.of)}`
  }
}
