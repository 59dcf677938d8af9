/**
 * Custodians for tests of participants: four keys that take every input at the head that their machine accepts, commit to it at once, and
 * publish receipts. They agree because one hand moves all of them; how custodians agree is tested elsewhere.
 */
import {
  bytesFromUtf8,
  hash,
  hexFromBytes,
  isFault,
  type Signer,
  type SignerKey,
  TAGS,
} from 'tallystick/base'
import { createNativeEngine } from 'tallystick/engine-native'
import {
  type HeldLink,
  type Interaction,
  type Machine,
  statementDigest,
  type Transition,
  type Vote,
} from 'tallystick/kernel'
import { type AgreedStep, directoryCertificate } from 'tallystick/models'
import {
  certifiedStepDraft,
  interactionForInput,
  type NostrEvent,
  type RejectionCode,
  receiptDraft,
  receiptFrom,
  rejectionDraft,
  rejectionOf,
  SUITE,
  signNostrEvent,
} from 'tallystick/nostr'
import { createRelayClient } from '../../src/relay/client.ts'
import { tryStep } from '../../src/relayed/step.ts'
import { definedBy } from '../../src/relayed/office.ts'

export const engine: ReturnType<typeof createNativeEngine> = createNativeEngine()

export type Keyholder = Signer & { readonly key: string }

export const keyholder = (name: string): Keyholder => {
  const { publicKey, secret } = engine.fromSeed(
    'bip340',
    hash('sha256', TAGS.seed, bytesFromUtf8(name)),
  )
  const sign = (message: Uint8Array): Uint8Array => engine.sign('bip340', secret, message)
  return { scheme: 'bip340', publicKey, sign, key: hexFromBytes(publicKey) }
}

export const NAMES = ['ann', 'ben', 'cat', 'dan'] as const
export const KEYHOLDERS: readonly Keyholder[] = NAMES.map((name) => keyholder(`custodian ${name}`))

/** One of them as policies name whoever certifies. */
export const seatOf = ({ scheme, publicKey }: Keyholder, seat: number): SeatedSigner => ({
  name: NAMES[seat] ?? '',
  scheme,
  publicKey,
})

type SeatedSigner = SignerKey & { readonly name: string }

/** What receipts show, as a directory certifies it whose operators have the keys of these custodians. */
export const stepByOperators = (receipts: readonly NostrEvent[]): AgreedStep => {
  const read = receipts.map((one) => receiptFrom(one))
  const [shown] = read
  if (!shown?.interaction) throw new Error('receipts show what was done')
  const { transition, interaction, links } = shown
  const rounds = { round: 0, commits: read.map(({ commit }) => commit), links }
  return {
    transition,
    candidate: { interaction, consents: [], beside: [], attachments: [] },
    certificate: directoryCertificate.encode({ is: 'rounds', rounds }),
    accepted: new Uint8Array(0),
  }
}

/** A step of a machine, as a participant publishes it. */
export const certifiedStepBy = (
  { transition, candidate: { interaction, consents }, certificate, accepted }: AgreedStep,
  by: Keyholder,
  of: { readonly definition: string; readonly now: number },
): NostrEvent => {
  const shown = { transition, interaction, consents, certificate, accepted }
  const draft = { machine: of.definition, author: by.key, ...shown }
  return signNostrEvent(certifiedStepDraft(draft, of.now), by)
}

const at = (seat: number): Keyholder => {
  const found = KEYHOLDERS[seat]
  if (!found) throw new Error(`no seat ${seat}`)
  return found
}

const signVote = (seat: number, vote: Vote): Uint8Array =>
  at(seat).sign(statementDigest(SUITE, vote))

const voteFor = (transition: Transition, phase: Vote['phase'], time: bigint): Vote => ({
  is: 'vote',
  transition,
  round: 0,
  phase,
  cited: phase === 'commit' ? 1 : 0,
  time,
})

const heldBy = (transition: Transition, seats: readonly number[]): HeldLink => ({
  round: 0,
  cited: 0,
  holds: seats.map((signer) => ({
    signer,
    signature: signVote(signer, voteFor(transition, 'hold', 0n)),
  })),
})

/** Receipts of these seats for the step that takes an input, and the machine after it. */
export const receiptsFor = (
  machine: Machine,
  event: NostrEvent,
  at: Signing,
): { readonly after: Machine; readonly receipts: readonly NostrEvent[] } => {
  const interaction = interactionForInput({
    machine: machine.id,
    head: machine.headId,
    event,
    at: BigInt(at.time),
  })
  const after = tryStep(machine, { interaction, attachments: [], consents: [] }, engine)
  if (isFault(after)) throw after
  return { after, receipts: receiptsOf(after, { interaction, event }, at) }
}

type Signing = {
  readonly definition: string
  readonly seats: readonly number[]
  readonly time: number
}

/** Receipts of these seats for the step that a machine ends with, which takes an input or none. */
export const receiptsOf = (
  after: Machine,
  of: { readonly interaction: Interaction; readonly event?: NostrEvent },
  { definition, seats, time }: Signing,
): readonly NostrEvent[] => {
  const { interaction, event } = of
  const links = [heldBy(after.head, [0, 1, 2])]
  return seats.map((signer) => {
    const signature = signVote(signer, voteFor(after.head, 'commit', BigInt(time)))
    const draft = receiptDraft(
      {
        definition,
        input: event?.id,
        sender: event?.pubkey,
        custodian: at(signer).key,
        transition: after.head,
        commit: { signer, time: BigInt(time), signature },
        round: 0,
        links,
        interaction,
      },
      Math.floor(time / 1000),
    )
    return signNostrEvent(draft, at(signer))
  })
}

export type Custody = {
  /** Who signs from now on. */
  seats: readonly number[]
  /** Has these seats refuse the next input, on a pretext. Returns them. */
  readonly refuseNext: (
    seats: readonly number[],
    code: RejectionCode,
    detail: string,
  ) => readonly number[]
  /** Has these seats sign what too few have signed so far, with the time that was signed. */
  readonly complete: (seats: readonly number[]) => void
  readonly stop: () => void
}

/** Holds a machine until it is stopped. */
export const holdMachine = (relays: readonly string[], definition: NostrEvent): Custody => {
  const client = createRelayClient({ verifier: engine })
  let pretext:
    | { readonly seats: readonly number[]; readonly code: RejectionCode; readonly detail: string }
    | undefined
  let machine = definedBy(definition, engine).genesis
  const custody: Custody = {
    seats: [0, 1, 2, 3],
    refuseNext: (seats, code, detail) => {
      pretext = { seats, code, detail }
      return seats
    },
    complete: (seats) => {
      custody.seats = [0, 1, 2, 3]
      if (open) sign(open.event, open.time, seats)
    },
    stop: () => {
      following.stop()
      client.close()
    },
  }
  const publish = (events: readonly NostrEvent[]): void => {
    for (const one of events) void client.publish(relays, one)
  }
  let open: { readonly event: NostrEvent; readonly time: number } | undefined
  const sign = (event: NostrEvent, time: number, seats: readonly number[]): void => {
    const place = { definition: definition.id, seats, time }
    const { after, receipts } = receiptsFor(machine, event, place)
    // Those who commit later, and those who did before, are enough together.
    const isFirst = open === undefined && seats.length < 3
    open = isFirst ? { event, time } : undefined
    if (!isFirst) machine = after
    publish(receipts)
  }
  const refuse = (
    event: NostrEvent,
    seats: readonly number[],
    why: { readonly code: RejectionCode; readonly detail: string },
  ): void => {
    const of = { machine: definition.id, input: event.id, sender: event.pubkey, ...why }
    const now = Math.floor(Date.now() / 1000)
    publish(
      seats.map((seat) =>
        signNostrEvent(rejectionDraft(of, { pubkey: at(seat).key, now }), at(seat)),
      ),
    )
  }
  const following = client.follow(
    relays,
    { kinds: [7501], '#e': [definition.id] },
    {
      onEvent: (event) => {
        if (pretext) {
          refuse(event, pretext.seats, { code: pretext.code, detail: pretext.detail })
          pretext = undefined
          return
        }
        try {
          sign(event, Date.now(), custody.seats)
        } catch (error) {
          if (!isFault(error)) throw error
          refuse(event, custody.seats, { code: rejectionOf(error), detail: error.message })
        }
      },
    },
  )
  return custody
}
