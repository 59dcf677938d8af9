/**
 * One custodian of one machine: over relays, and over a store of its own.
 *
 * Promise. An input is kept as it came before anything is done about it, where there is room (`keep-input.ts`). What is signed is durable before it is sent
 * (`desk.ts`). Certified steps are told by receipts, which lie in the archive first. Once stopped and started again over its store the
 * custodian goes on where it was, takes up what relays have kept meanwhile, and contradicts nothing that it signed before.
 *
 * Not promised. That relays hand on what is sent; what is not settled is said again, and receipts show steps that were missed.
 * That an input is heard while all relays are down. One that came while too many waited lies in the archive, and is taken up at the next
 * start.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { faultFrom, hexFromBytes, isFault } from 'tallystick/base'
import { interactionId } from 'tallystick/kernel'
import { withProver } from 'tallystick/verify'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import type { AgreedStep, CustodianEffect, CustodianState } from 'tallystick/models'
import {
  changeFrom,
  checkInput,
  inputOfInteraction,
  KINDS,
  type NostrEvent,
  rejectionOf,
  REJECTIONS,
} from 'tallystick/nostr'
import { headFrom, operationOnStatechart } from 'tallystick/statechart'
import type { Filter } from '../relay/filter.ts'
import { changeFilter, termsIn } from '../relay/changes.ts'
import { handedFilter } from '../relay/handed.ts'
import { proofFilter } from '../relay/shelf.ts'
import { catchUp, followHanded, handOut } from './catch-up.ts'
import { type Desk, openDesk } from './desk.ts'
import { leavesOf, takesInputs } from './due.ts'
import { AHEAD_SECONDS_MAX, HEARTBEAT_MS, ROUND_MS, STOP_MS } from './limits.ts'
import { openInputRoom } from './keep-input.ts'
import { createMail } from './mail.ts'
import { createProofs } from './proofs.ts'
import { createRefusals } from './refusals.ts'
import { type CustodianStart, runFrom } from './run.ts'
import { createTicks, waitFor } from './ticks.ts'
import { keepConsents, tellAcceptance, tellEvidence, tellHeartbeat, tellStep } from './tell.ts'
import { inBackground, keepersOf, logged, once, type Whole } from './whole.ts'

export type RunningCustodian = {
  /** Its key in hexadecimal. */
  readonly own: string
  readonly state: () => CustodianState
  /** How many relays hand on by now what other custodians say. */
  readonly heard: () => number
  /** Looks at the clock again: for whoever puts the clock forward. */
  readonly poke: () => Promise<void>
  /** Listens again, and looks for what was missed: for whoever can open more than before. */
  readonly listen: () => Promise<void>
  /** Finishes what is in work. Store and client stay open: whoever opened them closes them. */
  readonly close: () => Promise<void>
}

export const startCustodian = async (options: CustodianStart): Promise<RunningCustodian> => {
  const run = runFrom(options)
  const { defined, own } = run
  const { id } = defined.definition
  const inputs = await openInputRoom(run, () => keepersOf(whole))
  const whole: Whole = {
    run,
    refusals: createRefusals(run, inputs),
    inputs,
    proofs: createProofs(run),
    mail: createMail({ definition: id, own, custodians: () => keepersOf(whole) }),
    ticks: createTicks(run, {
      machine: () => (whole.isClosed ? undefined : whole.desk?.state().member.followed.machine),
      send: (tick) => inBackground(whole, sendTick(whole, tick)),
    }),
    done: new Set(),
    followings: [],
    keepers: '',
    again: () => undefined,
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
  followRelays(whole, open)
  whole.again = () => followRelays(whole, open)
  await takeUp(whole)
  run.log('info', 'custodian started', { key: own, machine: id })
  return {
    own,
    state: desk.state,
    heard: () => open.size,
    listen: async () => {
      whole.again()
      whole.askedAt = 0
      await catchUp(whole)
    },
    poke: async () => {
      whole.ticks.forget()
      await tickOver(whole)
    },
    close: async () => {
      whole.isClosed = true
      for (const one of whole.followings) one.stop()
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
const followRelays = (whole: Whole, open: Set<string>): void => {
  const { run } = whole
  const { defined, own, client, relays } = run
  for (const one of whole.followings) one.stop()
  const keepers = keepersOf(whole)
  whole.keepers = keepers.join()
  open.clear()
  const { id } = defined.definition
  const inputs: Filter = { kinds: [KINDS.input], '#e': [id] }
  const votes: Filter = { kinds: [KINDS.vote], '#e': [id], '#p': [own] }
  const proofs = proofFilter(defined.definition, keepers)
  const changes = changeFilter(defined.definition)
  const handed = handedFilter(defined.definition)
  whole.followings = [
    client.follow(relays, handed, {
      onEvent: (event) => inBackground(whole, hearStep(whole, event)),
      authors: handed.authors,
    }),
    client.follow(relays, changes, {
      onEvent: (event) => inBackground(whole, hearChange(whole, event)),
      authors: changes.authors,
    }),
    client.follow(relays, proofs, {
      onEvent: (event) => inBackground(whole, hearProof(whole, event)),
      authors: proofs.authors,
    }),
    client.follow(relays, inputs, { onEvent: (event) => inBackground(whole, hear(whole, event)) }),
    client.follow(
      relays,
      { ...votes, authors: [...keepers] },
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
  const note = ({ candidate }: AgreedStep): string | undefined => {
    const input = inputOfInteraction(candidate.interaction)
    if (input) run.accepted.add(input.id)
    return input?.id
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
      const input = note(kept.step)
      if (input !== undefined) inBackground(whole, whole.inputs.accept(input))
      inBackground(whole, whole.proofs.keep(kept.step))
      inBackground(whole, keepConsents(run, kept.step))
      inBackground(whole, tellStep(run, kept, state.member.followed.machine))
    },
    perform: (effects, state) => perform(whole, effects, state),
  })
}

// What comes in.

const hear = async (whole: Whole, event: NostrEvent): Promise<void> => {
  if (whole.isClosed || !takesInputs(whole.run.defined)) return
  // One that was refused for good does not come in again when relays show it again.
  if (await whole.refusals.isFinal(event.id)) return
  if (await whole.inputs.keep(event)) await consider(whole, event)
}

const hearProof = async (whole: Whole, event: NostrEvent): Promise<void> => {
  if (whole.isClosed) return
  for (const input of await whole.proofs.hear(event)) await consider(whole, input)
  await putForward(whole)
  // A step that was shown without its files may be taken now.
  if (whole.desk && whole.desk.state().member.heardOf > 0n) await catchUp(whole)
}

/** A step that others than custodians have certified: followed, as these may hand the machine back. */
const hearStep = async (whole: Whole, event: NostrEvent): Promise<void> => {
  const { run } = whole
  if (whole.isClosed || !run.handed.take(event)) return
  await followHanded(whole)
  // What was judged by then and holds for nothing is not kept (attack: filling the disk with steps of the head of now).
  if (run.handed.has(event)) await run.archive.add(run.defined.definition.id, event)
}

const hearChange = async (whole: Whole, event: NostrEvent): Promise<void> => {
  const { run } = whole
  if (whole.isClosed || !run.changes.take(event)) return
  const headId = whole.desk?.state().member.followed.machine.headId
  const read = faultFrom(() => changeFrom(event))
  // What is pinned elsewhere is kept once it was certified: anything can be signed for heads that do not exist.
  if (!isFault(read) && read.interaction.legs.some((one) => one.parent === headId))
    await run.archive.add(run.defined.definition.id, event)
  await putForward(whole)
}

/** Steps that are no inputs and that participants consent to, if they are still possible. New terms wait for the last consent. */
const putForward = async ({ run, desk }: Whole): Promise<void> => {
  const machine = desk?.state().member.followed.machine
  for (const { interaction, consents } of machine ? run.changes.openAt(machine) : []) {
    // A chart takes inputs. Where there is none, the logics say whose consent a step takes.
    const isFree = !takesInputs(run.defined) && !termsIn(interaction)
    if (!isFree && consents.length < (machine?.terms.participants.length ?? 0)) continue
    const attachments = run.shelf.attachmentsFor(interaction.premises)
    if (attachments.length === 0 && interaction.premises.length > 0) continue
    const candidate = { interaction, consents, beside: [], attachments }
    await logged(run, { interaction: interactionId(interaction) }, async () => {
      await desk?.take({ is: 'candidate', candidate })
    })
  }
}

/** Files that were kept in an earlier life, before anything that rests on them. */
const shelve = async (whole: Whole, archived: readonly NostrEvent[]): Promise<void> => {
  const { proofs, run } = whole
  for (const event of archived) {
    await logged(run, { id: event.id }, async () => {
      if (event.kind === KINDS.proof) await proofs.hear(event)
      run.changes.take(event)
      run.handed.recall(event)
    })
  }
}

/** Checks an input and hands it to the role, if it was neither taken nor refused before. */
const consider = async (whole: Whole, event: NostrEvent): Promise<void> => {
  const { run, refusals, desk } = whole
  // Such as an earlier version of this program has archived.
  if (!takesInputs(run.defined)) return
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
  for (const event of archived) {
    if (event.kind === KINDS.input)
      await logged(run, { id: event.id }, () => consider(whole, event))
  }
  for (const event of await whole.inputs.waiting()) {
    // Where the last life ended between the step that took it and its place.
    if (run.accepted.has(event.id)) await whole.inputs.accept(event.id)
    else await logged(run, { id: event.id }, () => consider(whole, event))
  }
  await putForward(whole)
  handOut(whole, archived)
  // Nobody says again what is settled: receipts show what was missed.
  inBackground(whole, catchUp(whole))
  await tickOver(whole)
}

const tickOver = async (whole: Whole): Promise<void> => {
  whole.mail.again()
  await whole.desk?.take({ is: 'tick' })
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
        once(whole, `reject ${effect.id}`, () => {
          const input = { id: effect.id, pubkey: effect.by }
          inBackground(whole, whole.refusals.tell(input, effect.fault))
        })
        break
      case 'accept':
        once(whole, `accept ${effect.transition.interaction}`, () =>
          inBackground(whole, tellAcceptance(whole.run, effect)),
        )
        break
      // Signed and stored before.
      case 'sign':
      case 'sign-heartbeat':
      case 'keep':
        break
    }
  }
  if (whole.keepers !== keepersOf(whole).join()) whole.again()
  // While something waits it is said again, and receipts are looked for, also where the rounds wait for others alone.
  const isWaiting = state.member.run.candidates.length > 0
  const again = whole.run.clock() + BigInt(whole.run.roundMs ?? ROUND_MS)
  setWake(whole, wakeAt ?? (isWaiting ? again : undefined))
  whole.ticks.set(state.member.followed.machine)
}

const send = (whole: Whole, { message }: Extract<CustodianEffect, { is: 'send' }>): void => {
  const { client, relays, sign, seconds } = whole.run
  for (const draft of whole.mail.drafts(message, seconds())) {
    inBackground(whole, client.publish(relays, sign(draft)))
  }
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
