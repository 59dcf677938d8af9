/** Signatures: which ones a state asks for, and what becomes of each once it is made. */
import { equalBytes } from '../../base/bytes.ts'
import { Fault } from '../../base/fault.ts'
import { type Consent, consentDigest } from '../../kernel/consent.ts'
import { statementDigest } from '../../kernel/statement.ts'
import { goOn, type Taken, withAborts } from './absorb.ts'
import { declineMessage, stepsMessage } from './compose.ts'
import { childOfHead, withStep } from './draft.ts'
import { bilateralVote, type Endorsement, roundAbortStatement } from './evidence.ts'
import { sealDigest } from './message.ts'
import { nameOf, type PartyConfig, type PartyState, type Pending, type Signable } from './state.ts'

export const absorbSignature = (
  config: PartyConfig,
  state: PartyState,
  input: Taken<'signed'>,
): PartyState | Fault => {
  const wanted = wantedSignatures(config, state).find(
    (one) => one.key === input.key && equalBytes(one.digest, input.digest),
  )
  const key = state.machine.terms.participants[state.party]?.controller.keys[input.key]
  if (!wanted || !key)
    return new Fault('signed/not-asked', `no signature of key ${input.key} was asked for`)
  // A signer that fails must be noticed here: this side counts its own vote without the peer's looking at it.
  if (!config.verifier.verify(key.scheme, key.publicKey, input.digest, input.signature)) {
    return new Fault(
      'signed/bad-signature',
      `key ${input.key} made a signature that does not verify`,
      {
        party: nameOf(state, state.party),
      },
    )
  }
  return wanted.take(state, { party: state.party, key: input.key, signature: input.signature })
}

export type Wanted = {
  readonly key: number
  readonly digest: Uint8Array
  readonly what: Signable
  /** Tells it from every other signature that this process asks for. */
  readonly name: string
  readonly take: (state: PartyState, by: Endorsement) => PartyState | Fault
}

/** Every signature that the state asks for and does not have. */
export const wantedSignatures = (config: PartyConfig, state: PartyState): readonly Wanted[] => {
  const seal = wantedSeal(config, state)
  // Without memory nothing that binds is signed; saying so is not binding.
  if (state.evidence.length > 0) return []
  if (state.quarantine || state.closed) return seal
  return [...wantedAborts(config, state), ...wantedForStep(config, state), ...seal]
}

const open = (config: PartyConfig, made: readonly Endorsement[]): readonly number[] =>
  config.keys.filter((key) => !made.some((one) => one.key === key))

/** Signers answer in any order; what is sent has one order, and the peer refuses every other. */
const inKeyOrder = (made: readonly Endorsement[], by: Endorsement): readonly Endorsement[] =>
  [...made, by].sort((a, b) => a.key - b.key)

const wantedAborts = (config: PartyConfig, state: PartyState): readonly Wanted[] => {
  const { leaving, round } = state.book
  if (!leaving) return []
  const statement = roundAbortStatement(childOfHead(state.machine), round)
  const digest = statementDigest(state.machine.terms.suite, statement)
  return open(config, leaving).map((key) => ({
    key,
    digest,
    what: { is: 'statement', statement },
    name: `abort ${statement.sequence} ${round}`,
    take: (at, by) => {
      const made = [...(at.book.leaving ?? []), { ...by, round }]
      return open(config, made).length > 0
        ? { ...at, book: { ...at.book, leaving: made } }
        : withAborts(at, made, round + 1)
    },
  }))
}

const wantedForStep = (config: PartyConfig, state: PartyState): readonly Wanted[] => {
  const { pending, machine } = state
  if (!pending) return []
  if (pending.stage === 'consenting') return wantedConsents(config, state, pending)
  const { next } = pending.draft
  if (!next || (pending.stage !== 'accepting' && pending.stage !== 'confirming')) return []
  const statement = bilateralVote(next.head, pending.round)
  const digest = statementDigest(machine.terms.suite, statement)
  return open(config, pending.own).map((key) => ({
    key,
    digest,
    what: { is: 'statement', statement },
    name: `vote ${pending.serial}`,
    take: (at, by) => takeVote(config, at, { ...pending, own: inKeyOrder(pending.own, by) }),
  }))
}

const takeVote = (config: PartyConfig, state: PartyState, pending: Pending): PartyState => {
  const { next } = pending.draft
  if (open(config, pending.own).length > 0 || !next) return { ...state, pending }
  if (pending.stage === 'accepting') return { ...state, pending: { ...pending, stage: 'accepted' } }
  const signatures = [...pending.own, ...pending.peer].sort(
    (a, b) => a.party - b.party || a.key - b.key,
  )
  const certificate = { round: pending.round, aborts: state.book.aborts, signatures }
  return withStep(config, state, { draft: pending.draft, next, certificate })
}

const wantedConsents = (
  config: PartyConfig,
  state: PartyState,
  { draft, serial }: Pending,
): readonly Wanted[] => {
  const { machine, party } = state
  const made = draft.consents.filter((one) => one.machine === machine.id && one.party === party)
  const digest = consentDigest(machine.terms.suite, draft.id)
  return open(config, made).map((key) => ({
    key,
    digest,
    what: { is: 'consent', interaction: draft.id },
    name: `consent ${serial}`,
    take: (at, by) => {
      if (!at.pending) return at
      const consent: Consent = { machine: machine.id, ...by, form: 'raw' }
      const consents = [...at.pending.draft.consents, consent]
      const pending = { ...at.pending, draft: { ...at.pending.draft, consents } }
      return goOn({ ...at, pending }, pending)
    },
  }))
}

/** Messages that are worth something only if the party stands to them: answers to a challenge, and some refusals. */
const wantedSeal = (config: PartyConfig, state: PartyState): readonly Wanted[] => {
  const { answer } = state.talk
  const isSealed = answer?.is === 'steps' ? answer.challenge : answer?.is === 'decline'
  if (!answer || !('seal' in answer) || !answer.seal || !isSealed) return []
  const { seal } = answer
  const missing = open(config, seal)
  if (missing.length === 0) return []
  const message =
    answer.is === 'steps' ? stepsMessage(state, answer) : declineMessage(state, answer)
  const digest = sealDigest(state.machine.terms.suite, message)
  return missing.map((key) => ({
    key,
    digest,
    what: { is: 'seal', message },
    name: `seal ${state.talk.answers}`,
    take: (at, by) => ({
      ...at,
      talk: { ...at.talk, answer: { ...answer, seal: inKeyOrder(seal, by) } },
    }),
  }))
}
