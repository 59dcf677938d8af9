/**
 * A machine that does the same thing for very long, for measurements: a statechart under one custodian, each step consented
 * to by a participant and certified, with real signatures.
 *
 * The steps stand in pages as those who follow a machine hand them to one another. Who has the first pages has a shorter
 * history of the same machine.
 */
import { isFault } from '../base/fault.ts'
import { SHARED_STEPS_MAX } from '../base/limits.ts'
import type { Engine, KeyPair } from '../base/verifier.ts'
import { canonicalJson } from '../forms/canonical-json.ts'
import { consentDigest } from '../kernel/consent.ts'
import { soleController } from '../kernel/controller.ts'
import { type Machine, openMachine } from '../kernel/execute.ts'
import { type Interaction, interactionId } from '../kernel/interaction.ts'
import { type Statement, statementDigest } from '../kernel/statement.ts'
import type { Transition } from '../kernel/transition.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { operationOnStatechart } from '../logic/statechart/operation.ts'
import { statechartParams } from '../logic/statechart/params.ts'
import { custodianCertificate } from '../models/custodians/certificate.ts'
import { custodianTerms, policyOf } from '../models/custodians/policy.ts'
import { type AgreedStep, agreedSteps } from '../models/rounds/agreed-step.ts'
import { type CandidateOptions, tryCandidate } from '../models/rounds/candidate.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'

export type LongChart = {
  readonly name: string
  readonly json: object
  readonly event: { readonly type: string; readonly data: { readonly [key: string]: string } }
}

/** One number, and nothing else. */
const counter: LongChart = {
  name: 'counter',
  json: {
    id: 'counter',
    initial: 'counting',
    context: { count: 0 },
    states: {
      counting: {
        on: {
          ADD: { actions: [{ type: 'assign', params: { set: { count: 'context.count + 1' } } }] },
        },
      },
    },
  },
  event: { type: 'ADD', data: {} },
}

/**
 * A text that grows by 128 characters to nearly what a context may hold, begins anew, and so on, about four times in a
 * thousand steps; and an effect at each step, which stays in the state for good.
 */
const filling: LongChart = {
  name: 'a context that fills up, and effects',
  json: {
    id: 'filling',
    initial: 'open',
    context: { text: '', steps: 0 },
    states: {
      open: {
        on: {
          WRITE: {
            actions: [
              {
                type: 'assign',
                params: {
                  set: {
                    text: 'size(context.text) < 32000 ? context.text + event.data.more : event.data.more',
                    steps: 'context.steps + 1',
                  },
                },
              },
              {
                type: 'effect',
                params: { kind: 'written', args: { steps: 'context.steps' } },
              },
            ],
          },
        },
      },
    },
  },
  event: { type: 'WRITE', data: { more: 'nearly sixteen. '.repeat(8) } },
}

export const LONG_CHARTS: readonly LongChart[] = [counter, filling]

export type LongHistory = {
  readonly genesis: Machine
  readonly pages: readonly Uint8Array[]
}

/** Makes so many steps, in pages of `SHARED_STEPS_MAX`. */
export const makeHistory = (engine: Engine, chart: LongChart, steps: number): LongHistory => {
  const [alice, keeper] = [1, 2].map((at) =>
    engine.fromSeed('ed25519', new Uint8Array(32).fill(at)),
  )
  if (!alice || !keeper) throw new Error('there are two')
  const genesis = openedFor(chart, { alice, keeper })
  const sign = ({ secret }: KeyPair, digest: Uint8Array): Uint8Array =>
    engine.sign('ed25519', secret, digest)
  // Who made a signature a moment ago need not check it; who follows does.
  const options = optionsWith({ ...engine, verify: () => true })
  const pages: Uint8Array[] = []
  let machine = genesis
  let page: AgreedStep[] = []
  for (let at = 1; at <= steps; at++) {
    const interaction = nextOf(machine, chart)
    const { suite } = machine.terms
    const signature = sign(alice, consentDigest(suite, interactionId(interaction)))
    const consents = [{ machine: machine.id, party: 0, key: 0, form: 'raw', signature } as const]
    const candidate = { interaction, consents, beside: [], attachments: [] }
    const after = tryCandidate(options, machine, candidate)
    if (isFault(after)) throw after
    const certificate = certificateFor(after.head, (statement) =>
      sign(keeper, statementDigest(suite, statement)),
    )
    page.push({ transition: after.head, candidate, certificate, accepted: NOTHING })
    if (page.length === SHARED_STEPS_MAX || at === steps) {
      pages.push(agreedSteps.encode(page))
      page = []
    }
    machine = after
  }
  return { genesis, pages }
}

/** What the custodian signs at least: that it holds the step, and that it commits to it. */
const certificateFor = (
  transition: Transition,
  sign: (statement: Statement) => Uint8Array,
): Uint8Array => {
  const vote = { is: 'vote', transition, round: 0 } as const
  const time = transition.sequence
  const commit = sign({ ...vote, phase: 'commit', cited: 1, time })
  const hold = sign({ ...vote, phase: 'hold', cited: 0, time: 0n })
  return custodianCertificate.encode({
    is: 'rounds',
    rounds: {
      round: 0,
      commits: [{ signer: 0, time, signature: commit }],
      links: [{ round: 0, cited: 0, holds: [{ signer: 0, signature: hold }] }],
    },
  })
}

const NOTHING = new Uint8Array(0)

export const optionsWith = (verifier: Engine): CandidateOptions => ({
  logics: STANDARD_LOGICS,
  models: STANDARD_MODELS,
  verifier,
})

const openedFor = (
  { json }: LongChart,
  { alice, keeper }: { readonly alice: KeyPair; readonly keeper: KeyPair },
): Machine => {
  const opened = openMachine(
    {
      network: 'bench',
      nonce: new Uint8Array(32),
      terms: {
        suite: 'classic',
        participants: [{ name: 'alice', controller: soleController('ed25519', alice.publicKey) }],
        turn: { is: 'anyone' },
        policy: custodianTerms(
          policyOf([{ name: 'keeper', scheme: 'ed25519', publicKey: keeper.publicKey }]),
        ),
      },
      logics: [
        {
          name: 'nsm/1',
          params: statechartParams.encode({
            definition: JSON.stringify(json),
            names: 'none',
            creator: 'alice',
            roles: [],
            clock: { is: 'none' },
            startsAt: 0n,
            oracles: [],
            nostr: undefined,
          }),
        },
      ],
      state: { is: 'tree' },
    },
    STANDARD_LOGICS,
  )
  if (isFault(opened)) throw opened
  return opened
}

const nextOf = (machine: Machine, { event }: LongChart): Interaction => ({
  suite: machine.terms.suite,
  legs: [{ machine: machine.id, access: 'write', parent: machine.headId }],
  operations: [
    operationOnStatechart(
      { machine: machine.id, logic: 0 },
      {
        is: 'event',
        party: 'alice',
        type: event.type,
        data: canonicalJson(event.data),
        at: 0n,
        answers: [],
      },
    ),
  ],
  premises: [],
})
