/** Checks of certificates, and of roles that are fed a script of events. */
import { bytesFromHex, hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { isFault } from '../../packages/tallystick/src/base/fault.ts'
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import { charter } from '../../packages/tallystick/src/kernel/charter.ts'
import { operation } from '../../packages/tallystick/src/kernel/interaction.ts'
import type { Env } from '../../packages/tallystick/src/kernel/role.ts'
import { transition } from '../../packages/tallystick/src/kernel/transition.ts'
import { STANDARD_LOGICS } from '../../packages/tallystick/src/logic/registry.ts'
import { message } from '../../packages/tallystick/src/models/bilateral/message.ts'
import { createParty, type Party } from '../../packages/tallystick/src/models/bilateral/party.ts'
import type {
  PartyInput,
  PartyState,
} from '../../packages/tallystick/src/models/bilateral/state.ts'
import {
  beginOperator,
  createOperator,
  type OperatorState,
} from '../../packages/tallystick/src/models/directory/operator.ts'
import { submission } from '../../packages/tallystick/src/models/directory/submission.ts'
import { type Check, type Finding, type JsonObject, unless } from './finding.ts'
import { MODELS } from './models.ts'
import {
  bigAt,
  bytesAt,
  bytesOrGeneratedAt,
  numberAt,
  objectsAt,
  plain,
  textAt,
  textsAt,
} from './read.ts'

const engine = createPortableEngine()

const certificateCheck = (input: JsonObject): Finding => {
  const { terms } = charter.decode(bytesAt(input, 'charter'))
  const model = MODELS.get(terms.policy.kind)
  if (!model) throw new Error('vectors use the standard models')
  const verdict = model.judge({
    terms,
    anchor: model.begin(terms),
    transition: transition.decode(bytesAt(input, 'transition')),
    certificate: bytesAt(input, 'certificate'),
    known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
    isAcceptance: input['isAcceptance'] === true,
  })
  if (verdict.is === 'refused') throw verdict.fault
  const { anchor: _, ...said } = { anchor: undefined, ...verdict }
  return { expected: plain(said) }
}

const envOf = (event: JsonObject): Env => ({
  now: 'now' in event ? bigAt(event, 'now') : 0n,
  random: 'random' in event ? bytesAt(event, 'random') : new Uint8Array(32),
})

const inputOf = (event: JsonObject): PartyInput => {
  switch (textAt(event, 'is')) {
    case 'message':
      return { is: 'message', bytes: bytesOrGeneratedAt(event, 'bytes') }
    case 'learn':
      return { is: 'learn', charter: charter.decode(bytesAt(event, 'charter')) }
    case 'withdraw':
      return { is: 'withdraw' }
    case 'resend':
      return { is: 'resend' }
    case 'restored':
      return { is: 'restored', last: undefined }
    case 'wish': {
      const operations = textsAt(event, 'operations').map((one) =>
        operation.decode(bytesFromHex(one)),
      )
      return { is: 'wish', operations, premises: [], legs: [], consents: [], attachments: [] }
    }
    default:
      throw new Error('no such event')
  }
}

/** Judges a lie that only a model can recognise, from a proof in its own bytes. */
const convictionCheck = (input: JsonObject): Finding => {
  const { terms } = charter.decode(bytesAt(input, 'charter'))
  const model = MODELS.get(terms.policy.kind)
  if (!model) throw new Error('vectors use the standard models')
  const said = unless(model.convict(bytesAt(input, 'proof'), { terms, verifier: engine }))
  return { expected: plain(said) }
}

/** The next thing that a shell would do by itself: sign, or answer for its human. */
const dutyOf = (party: Party, state: PartyState, input: JsonObject): PartyInput | undefined => {
  for (const effect of party.outstanding(state)) {
    if (effect.is === 'sign') {
      const { digest, key } = effect
      const options = { deterministic: true }
      const signature = engine.sign('ed25519', bytesAt(input, 'seed'), digest, options)
      return { is: 'signed', digest, key, signature }
    }
    if (effect.is === 'ask' && 'agrees' in input) {
      return { is: 'decide', interaction: effect.interactionId, yes: input['agrees'] === true }
    }
  }
  return undefined
}

/**
 * Feeds a party a script. After each event its shell signs all that is asked for, and answers questions with `agrees`.
 * Says where the party stands, what it wants sent, and why the last event was refused, if it was.
 */
const partyCheck = (input: JsonObject): Finding => {
  const party = unless(
    createParty({
      charter: charter.decode(bytesAt(input, 'charter')),
      party: numberAt(input, 'party'),
      keys: [0],
      logics: STANDARD_LOGICS,
      verifier: engine,
    }),
  )
  let state: PartyState = party.begin()
  let refused = 0
  for (const event of objectsAt(input, 'events')) {
    refused = state.talk.refusals.length
    state = party.step(state, inputOf(event), envOf(event))
    for (let done = dutyOf(party, state, input); done; done = dutyOf(party, state, input)) {
      state = party.step(state, done, envOf(event))
    }
  }
  const sends = party
    .outstanding(state)
    .flatMap((one) => (one.is === 'send' ? [hexFromBytes(message.encode(one.message))] : []))
  const expected = plain({
    sequence: state.machine.head.sequence,
    head: state.machine.headId,
    round: state.book.round,
    convicts: state.evidence.length,
    sends,
  })
  const last = state.talk.refusals.slice(refused).at(-1)
  return last ? { fault: last.code, expected } : { expected }
}

/** Feeds an operator submissions. Says its receipts and why the last submission was refused, if it was. */
const operatorCheck = (input: JsonObject): Finding => {
  const seed = bytesAt(input, 'seed')
  const { publicKey } = engine.fromSeed('ed25519', seed)
  const key = { suite: 'classic', scheme: 'ed25519', publicKey } as const
  const role = createOperator({ ...key, verifier: engine })
  let state: OperatorState = beginOperator()
  let refused = 0
  for (const event of objectsAt(input, 'events')) {
    refused = state.refusals.length
    const submitted = {
      is: 'submit',
      charter: charter.decode(bytesAt(event, 'charter')),
      submission: submission.decode(bytesAt(event, 'submission')),
    } as const
    state = role.step(state, submitted, envOf(event))
    for (const effect of role.outstanding(state)) {
      if (effect.is !== 'sign') continue
      const signature = engine.sign('ed25519', seed, effect.digest, { deterministic: true })
      state = role.step(
        state,
        { is: 'signed', digest: hexFromBytes(effect.digest), signature },
        envOf(event),
      )
    }
  }
  const receipts = role
    .outstanding(state)
    .flatMap((one) => (one.is === 'receipt' ? [plain(one.receipt)] : []))
  const last = state.refusals.slice(refused).at(-1)
  return isFault(last) ? { fault: last.code, expected: receipts } : { expected: receipts }
}

export const modelChecks: Readonly<Record<string, Check>> = {
  certificate: certificateCheck,
  conviction: convictionCheck,
  party: partyCheck,
  operator: operatorCheck,
}
