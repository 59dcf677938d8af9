/**
 * One custodian of one machine: over relays, and over a store of its own.
 *
 * Promise. An input is archived as it came before anything is done about it. What is signed is durable before it is sent
 * (`desk.ts`). Certified steps are told by receipts, which lie in the archive first. Once stopped and started again over its store the
 * custodian goes on where it was, takes up what relays have kept meanwhile, and contradicts nothing that it signed before.
 *
 * Not promised. That relays hand on what is sent; what is not settled is said again, and receipts show steps that were missed.
 * That an input is heard while all relays are down. One that came while too many waited lies in the archive, and is taken up at the next
 * start.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { faultFrom, hexFromBytes, isFault } from 'tallystick/base'
import { withProver } from 'tallystick/verify'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import type { AgreedStep, CustodianEffect, CustodianState } from 'tallystick/models'
import {
  checkInput,
  inputOfInteraction,
  KINDS,
  type NostrEvent,
  receiptFrom,
  rejectionOf,
  REJECTIONS,
} from 'tallystick/nostr'
import { headFrom, operationOnStatechart } from 'tallystick/statechart'
import { republish } from '../relay/archive.ts'
import type { Filter } from '../relay/filter.ts'
import { proofFilter } from '../relay/shelf.ts'
import { errorFields } from '../server/start-operator.ts'
import { type Desk, openDesk } from './desk.ts'
import { leavesOf } from './due.ts'
import { AHEAD_SECONDS_MAX, ASK_MS, HEARTBEAT_MS, ROUND_MS, STOP_MS } from './limits.ts'
import { createMail, type Mail } from './mail.ts'
import { createProofs, type Proofs } from './proofs.ts'
import { stepsFromReceipts } from './receipt.ts'
import { createRefusals, type Refusals } from './refusals.ts'
import { type CustodianStart, type Run, runFrom } from './run.ts'
import { createTicks, type Ticks, waitFor } from './ticks.ts'
import { tellEvidence, tellHeartbeat, tellStep } from './tell.ts'

export type RunningCustodian = {
  /** Its key in hexadecimal. */
  readonly own: string
  readonly state: () => CustodianState
  /** How many relays hand on by now what other custodians say. */
  readonly heard: () => number
  /** Looks at the clock again: for whoever puts the clock forward. */
  readonly poke: () => Promise<void>
  /** Finishes what is in work. Store and client stay open: whoever opened them closes them. */
  readonly close: () => Promise<void>
}

/** Everything of a running custodian, with what changes. */
type Whole = {
  readonly run: Run
  readonly refusals: Refusals
  readonly proofs: Proofs
  readonly mail: Mail
  readonly ticks: Ticks
  readonly done: Set<string>
  desk: Desk | undefined
  wake: NodeJS.Timeout | undefined
  askedAt: number
  isClosed: boolean
}

export const startCustodian = async (options: CustodianStart): Promise<RunningCustodian> => {
  const run = runFrom(options)
  const { defined, own } = run
  const { id } = defined.definition
  if (!defined.custodians.includes(own)) {
    throw new Error(`the definition names no custodian ${own}`)
  }
  const whole: Whole = {
    run,
    refusals: createRefusals(run),
    proofs: createProofs(run),
    mail: createMail({ definition: id, own, custodians: defined.custodians }),
    ticks: createTicks(run, {
      machine: () => (whole.isClosed ? undefined : whole.desk?.state().member.followed.machine),
      send: (tick) => inBackground(whole, sendTick(whole, tick)),
    }),
    done: new Set(),
    desk: undefined,
    wake: undefined,
    askedAt: 0,
    isClosed: false,
  }
  await run.archive.add(id, defined.event)
  await shelve(whole, await run.archive.all(id))
  const desk = await deskFor(whole)
  whole.desk = desk
  const open = new Set<string>()
  const followings = followRelays(whole, open)
  await takeUp(whole)
  run.log('info', 'custodian started', { key: own, machine: id })
  return {
    own,
    state: desk.state,
    heard: () => open.size,
    poke: async () => {
      whole.ticks.forget()
      await tickOver(whole)
    },
    close: async () => {
      whole.isClosed = true
      for (const one of followings) one.stop()
      clearTimeout(whole.wake)
      whole.ticks.forget()
      await desk.close()
      // What no relay takes lies in the archive, and is handed out at the next start.
      await Promise.race([run.post.idle(), pause(STOP_MS, undefined, { ref: false })])
      run.post.close()
      run.log('info', 'custodian stopped')
    },
  }
}

/** Everything that relays hand on about the machine, from now on. `open` holds the relays that hand on what other custodians say. */
const followRelays = (
  whole: Whole,
  open: Set<string>,
): readonly { readonly stop: () => void }[] => {
  const { run } = whole
  const { defined, own, client, relays } = run
  const { id } = defined.definition
  const inputs: Filter = { kinds: [KINDS.input], '#e': [id] }
  const votes: Filter = { kinds: [KINDS.vote], '#e': [id], '#p': [own] }
  const proofs = proofFilter(defined.definition, defined.custodians)
  return [
    client.follow(relays, proofs, {
      onEvent: (event) => inBackground(whole, hearProof(whole, event)),
      authors: proofs.authors,
    }),
    client.follow(relays, inputs, { onEvent: (event) => inBackground(whole, hear(whole, event)) }),
    client.follow(
      relays,
      { ...votes, authors: [...defined.custodians] },
      {
        onEvent: (event) => inBackground(whole, hearVote(whole, event)),
        onState: (state, relay) => {
          if (state.is === 'open') open.add(relay)
          if (state.is === 'broken') open.delete(relay)
          run.log('debug', 'relay', { relay, state: state.is })
        },
      },
    ),
  ]
}

const deskFor = (whole: Whole): Promise<Desk> => {
  const { run } = whole
  const { verifier, signer } = run
  const note = ({ candidate }: AgreedStep): void => {
    const input = inputOfInteraction(candidate.interaction)
    if (input) run.accepted.add(input.id)
  }
  return openDesk({
    store: run.store,
    genesis: run.defined.genesis,
    custodian: {
      ...withProver({ logics: STANDARD_LOGICS, models: STANDARD_MODELS, verifier }),
      publicKey: signer.publicKey,
      patience: BigInt(run.roundMs ?? ROUND_MS),
      heartbeat: BigInt(run.heartbeatMs ?? HEARTBEAT_MS),
      mayPass: (fault) => !REJECTIONS[rejectionOf(fault)].isFinal,
    },
    sign: signer.sign,
    clock: run.clock,
    onStored: note,
    onKept: (kept, state) => {
      note(kept.step)
      inBackground(whole, whole.proofs.keep(kept.step))
      inBackground(whole, tellStep(run, kept, state.member.followed.machine))
    },
    perform: (effects, state) => perform(whole, effects, state),
  })
}

/** Nobody waits for it. What goes wrong here is logged, and a store that refuses is looked at by whoever runs the process. */
const inBackground = ({ run }: Whole, work: Promise<unknown>): void => {
  work.catch((error: unknown) => run.log('error', 'custodian failed', errorFields(error)))
}

// What comes in.

const hear = async (whole: Whole, event: NostrEvent): Promise<void> => {
  if (whole.isClosed) return
  const isNew = await whole.run.archive.add(whole.run.defined.definition.id, event)
  if (isNew) await consider(whole, event)
}

const hearProof = async (whole: Whole, event: NostrEvent): Promise<void> => {
  if (whole.isClosed) return
  for (const input of await whole.proofs.hear(event)) await consider(whole, input)
  // A step that was shown without its files may be taken now.
  if (whole.desk && whole.desk.state().member.heardOf > 0n) await catchUp(whole)
}

/** Files that were kept in an earlier life, before anything that rests on them. */
const shelve = async ({ proofs }: Whole, archived: readonly NostrEvent[]): Promise<void> => {
  for (const event of archived) if (event.kind === KINDS.proof) await proofs.hear(event)
}

/** Checks an input and hands it to the role, if it was neither taken nor refused before. */
const consider = async (whole: Whole, event: NostrEvent): Promise<void> => {
  const { run, refusals, desk } = whole
  if (run.accepted.has(event.id) || (await refusals.isFinal(event.id))) return
  const { definition, genesis } = run.defined
  const checked = checkInput(event, {
    machine: definition.id,
    since: definition.createdAt,
    now: run.seconds(),
    aheadMax: AHEAD_SECONDS_MAX,
    verifier: run.verifier,
  })
  if (isFault(checked)) {
    await refusals.tell(event, checked)
    return
  }
  const last = desk ? headFrom(leavesOf(desk.state().member.followed.machine)).at : 0
  const support = run.shelf.supportFor(event, { now: run.clock(), last })
  if (isFault(support)) {
    if (!REJECTIONS[rejectionOf(support)].isFinal) whole.proofs.wait(event)
    await refusals.tell(event, support)
    return
  }
  const { answers, at, premises, attachments } = support
  const statechart = { machine: genesis.id, logic: 0 }
  const operation = operationOnStatechart(statechart, { is: 'nostr', event, at, answers })
  await desk?.take({ is: 'operation', operation, premises, attachments })
}

const hearVote = async ({ mail, desk }: Whole, event: NostrEvent): Promise<void> => {
  const message = mail.read(event)
  if (message) await desk?.take({ is: 'message', message })
}

/** What was left from the last life of the process, and what relays lack of it. */
const takeUp = async (whole: Whole): Promise<void> => {
  const { run } = whole
  const { id } = run.defined.definition
  const archived = await run.archive.all(id)
  for (const event of archived) if (event.kind === KINDS.input) await consider(whole, event)
  const lasting = archived.filter(
    (one) => one.kind === KINDS.receipt || one.kind === KINDS.evidence,
  )
  const proofs = archived.filter((one) => one.kind === KINDS.proof)
  if (proofs.length > 0) {
    const filter = proofFilter(run.defined.definition, run.defined.custodians)
    inBackground(whole, republish(run.client, run.relays, filter, proofs))
  }
  if (lasting.length > 0) {
    const filter: Filter = {
      kinds: [KINDS.receipt, KINDS.evidence],
      '#e': [id],
      authors: [run.own],
    }
    inBackground(whole, republish(run.client, run.relays, filter, lasting))
  }
  // Nobody says again what is settled: receipts show what was missed.
  inBackground(whole, catchUp(whole))
  await tickOver(whole)
}

const tickOver = async (whole: Whole): Promise<void> => {
  whole.mail.again()
  await whole.desk?.take({ is: 'tick' })
}

/** Steps that this custodian missed, out of the receipts that relays show. */
const catchUp = async (whole: Whole): Promise<void> => {
  const { run, desk } = whole
  if (performance.now() < whole.askedAt + ASK_MS || !desk) return
  whole.askedAt = performance.now()
  const { definition, custodians } = run.defined
  const filter: Filter = { kinds: [KINDS.receipt], '#e': [definition.id], authors: [...custodians] }
  const { events } = await run.client.fetch(run.relays, filter)
  const { sequence } = desk.state().member.followed.machine.head
  const receipts = events.flatMap((one) => {
    const read = faultFrom(() => receiptFrom(one))
    return isFault(read) || read.transition.sequence <= sequence ? [] : [read]
  })
  for (const step of stepsFromReceipts(receipts, run.defined, run.verifier)) {
    const attachments = run.shelf.attachmentsFor(step.candidate.interaction.premises)
    const candidate = { ...step.candidate, attachments }
    await desk.take({ is: 'certified', step: { ...step, candidate } })
  }
}

// What goes out.

const perform = (
  whole: Whole,
  effects: readonly CustodianEffect[],
  state: CustodianState,
): void => {
  if (whole.isClosed) return
  let wakeAt: bigint | undefined
  for (const effect of effects) {
    switch (effect.is) {
      case 'send':
        send(whole, effect)
        break
      case 'wake':
        if (wakeAt === undefined || effect.at < wakeAt) wakeAt = effect.at
        break
      case 'ask':
        inBackground(whole, catchUp(whole))
        break
      case 'heartbeat':
        once(whole, `beat ${hexFromBytes(effect.heartbeat.signature)}`, () =>
          tellHeartbeat(whole.run, effect.heartbeat),
        )
        break
      case 'accuse':
        once(whole, `accuse ${hexFromBytes(effect.evidence.publicKey)}`, () =>
          inBackground(whole, tellEvidence(whole.run, effect.evidence)),
        )
        break
      case 'reject':
        once(whole, `reject ${effect.id}`, () => inBackground(whole, reject(whole, effect)))
        break
      // Signed and stored before. Nobody gathers acceptances over relays yet.
      case 'sign':
      case 'sign-heartbeat':
      case 'keep':
      case 'accept':
        break
    }
  }
  // While something waits it is said again, and receipts are looked for, also where the rounds wait for others alone.
  const isWaiting = state.member.run.candidates.length > 0
  const again = whole.run.clock() + BigInt(whole.run.roundMs ?? ROUND_MS)
  setWake(whole, wakeAt ?? (isWaiting ? again : undefined))
  whole.ticks.set(state.member.followed.machine)
}

/** Effects are derived from the state, so each is there again after every input. */
const once = ({ done }: Whole, name: string, act: () => void): void => {
  if (done.has(name)) return
  if (done.size >= DONE_KEPT_MAX) done.clear()
  done.add(name)
  act()
}

const DONE_KEPT_MAX = 16_384

const send = (whole: Whole, { message }: Extract<CustodianEffect, { is: 'send' }>): void => {
  const { client, relays, sign, seconds } = whole.run
  for (const draft of whole.mail.drafts(message, seconds())) {
    inBackground(whole, client.publish(relays, sign(draft)))
  }
}

const reject = async (
  { run, refusals }: Whole,
  { id, fault }: Extract<CustodianEffect, { is: 'reject' }>,
): Promise<void> => {
  const input = await run.archive.find(run.defined.definition.id, id)
  if (input) await refusals.tell(input, fault)
}

const setWake = (whole: Whole, at: bigint | undefined): void => {
  clearTimeout(whole.wake)
  if (at === undefined) return
  const act = (): void => {
    inBackground(whole, tickOver(whole))
    // Patience has ended: perhaps because the others are further on, and their last words were lost.
    inBackground(whole, catchUp(whole))
  }
  whole.wake = setTimeout(act, waitFor(whole.run, at))
}

const sendTick = async (whole: Whole, tick: NostrEvent): Promise<void> => {
  whole.run.log('info', 'tick sent', { input: tick.id })
  await hear(whole, tick)
  whole.run.post.send(tick)
}
