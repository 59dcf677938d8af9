/**
 * Receipts, kind 7504: a custodian's commit to a step of a machine, as an event that relays keep. They are the record: whatever
 * happens to snapshots or to the authors' own events, receipts of enough custodians show what was accepted.
 *
 * Promise. Who knows Nostr and nothing else can count: k receipts with equal `header` tags by distinct keys of the definition's
 * `state` tags, each with a valid event signature, and the step is accepted. Who knows tallystick finds the kernel's own
 * signed commit in each, with the held quorums that it rests on, and puts a certificate together from receipts alone.
 * Tags and content say the same, or the receipt is refused: nobody is shown a header that the inner signature is not about.
 *
 * Safety. The event's signature covers the content, and with it the header; a custodian that puts two headers at one height and
 * round into events has signed both, once as events and once as commits.
 *
 * | part | what |
 * |---|---|
 * | content | canonical JSON: `v` 1; `transition`: hex of the 168 bytes; `certificate`: hex of a certificate of rounds with this custodian's commit alone; `header`: the same step in words; `step`: hex of the interaction, where it fits |
 * | `["e", definition, "", "machine"]`, `["e", input, "", "input"]` | the second is missing at height 0 |
 * | `["height", n]`, `["header", id]`, `["prev", id]`, `["root", hash]`, `["at", ms]`, `["round", r]` | as inside |
 * | `["transition", input]`, `["p", sender]` | the input again, for readers of snapshots; whose input it was |
 */
import { idFromHex } from '../../base/brand.ts'
import { bytesFromHex, hexFromBytes } from '../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import type { Verifier } from '../../base/verifier.ts'
import { type NostrDraft, type NostrEvent, type NostrTag } from '../../forms/nostr-event.ts'
import { canonicalJson } from '../../forms/canonical-json.ts'
import { castFrom, type OfferedCast } from '../../kernel/cast.ts'
import { type Interaction, interaction, interactionId } from '../../kernel/interaction.ts'
import type { Quorum } from '../../kernel/quorum.ts'
import {
  checkRounds,
  type HeldLink,
  type RoundCertificate,
  roundCertificate,
} from '../../kernel/round-certificate.ts'
import { type Transition, transition, transitionId } from '../../kernel/transition.ts'
import { tagsNamed } from '../../forms/nostr-event.ts'
import {
  asId,
  badContent,
  badTags,
  contentFrom,
  expectKind,
  KINDS,
  objectIn,
  textAt,
} from './message.ts'

export type NostrReceipt = {
  /** Id of the event that defines the machine. */
  readonly definition: string
  /** Id of the input that the step accepts; missing for steps that accept none. */
  readonly input: string | undefined
  /** Whose input it was. */
  readonly sender: string | undefined
  /** The custodian's key. */
  readonly custodian: string
  readonly transition: Transition
  /** The custodian's own commit and the held quorums under it. */
  readonly commit: RoundCertificate['commits'][number]
  readonly round: number
  readonly links: readonly HeldLink[]
  /** What was done; missing where it did not fit. */
  readonly interaction: Interaction | undefined
}

/** Raises `nostr-message/too-large` for a step that fits no event even without its interaction. */
export const receiptDraft = (of: NostrReceipt, now: number): NostrDraft => {
  const { definition, input, sender } = of
  const linked: readonly NostrTag[] =
    input === undefined
      ? []
      : [
          ['e', input, '', 'input'],
          ['transition', input],
        ]
  return {
    pubkey: of.custodian,
    created_at: now,
    kind: KINDS.receipt,
    tags: [
      ['e', definition, '', 'machine'],
      ...linked,
      ...tagsOf(of),
      ...(sender === undefined ? [] : [['p', sender]]),
    ],
    content: contentOf(of),
  }
}

/**
 * Reads a receipt; the event's own signature is the caller's to check (`checkNostrEvent`). Raises faults of `nostr-message/…`, and
 * `nostr-receipt/tags-disagree` where tags say something else than the content.
 */
export const receiptFrom = (event: NostrDraft): NostrReceipt => {
  expectKind(event, KINDS.receipt)
  const content = objectIn(event.content)
  const read = faultFrom(() => ({
    transition: transition.decode(bytesFromHex(textAt(content, 'transition'))),
    certificate: roundCertificate.decode(bytesFromHex(textAt(content, 'certificate'))),
    interaction:
      content['step'] === undefined
        ? undefined
        : interaction.decode(bytesFromHex(textAt(content, 'step'))),
  }))
  if (isFault(read)) throw badContent(`${read.code}: ${read.message}`)
  const [commit, ...others] = read.certificate.commits
  if (!commit || others.length > 0) throw badContent(`${others.length + 1} commits, one belongs`)
  const [machine, input, ...more] = tagsNamed(event, 'e').map((tag) => tag[1])
  if (more.length > 0) throw badTags('more than a machine and an input')
  const of: NostrReceipt = {
    definition: asId(machine, 'the machine'),
    input: input === undefined ? undefined : asId(input, 'the input'),
    sender: tagsNamed(event, 'p')[0]?.[1],
    custodian: event.pubkey,
    transition: read.transition,
    commit,
    round: read.certificate.round,
    links: read.certificate.links,
    interaction: read.interaction,
  }
  checkTags(event, of)
  return of
}

/** The custodian's signed statement, as the kernel takes it. */
export const castOfReceipt = (of: NostrReceipt): OfferedCast => ({
  signer: of.commit.signer,
  signature: of.commit.signature,
  statement: {
    is: 'vote',
    transition: of.transition,
    round: of.round,
    phase: 'commit',
    cited: of.round + 1,
    time: of.commit.time,
  },
})

/**
 * Whether the commit inside is by the custodian that signed the event. Returns `nostr-receipt/other-signer` or a fault of
 * `castFrom`.
 */
export const checkReceipt = (
  of: NostrReceipt,
  quorum: Quorum,
  verifier: Verifier,
): Fault | undefined => {
  const signer = quorum.signers[of.commit.signer]
  if (!signer || hexFromBytes(signer.publicKey) !== of.custodian) {
    return new Fault('nostr-receipt/other-signer', `${of.custodian} hands on a commit of another`)
  }
  const cast = castFrom(placeOf(of.transition), quorum, castOfReceipt(of), verifier)
  return isFault(cast) ? cast : undefined
}

/**
 * The certificate of a step out of receipts in any order, with repeats, forgeries and receipts for other steps among them;
 * undefined while too few commit. Every signature that goes into it has been checked.
 */
export const certificateFromReceipts = (
  receipts: readonly NostrReceipt[],
  step: Transition,
  by: { readonly quorum: Quorum; readonly verifier: Verifier },
): RoundCertificate | undefined => {
  const wanted = transitionId(SUITE, step)
  const fitting = receipts.filter((one) => transitionId(SUITE, one.transition) === wanted)
  const sound = fitting.filter((one) => !checkReceipt(one, by.quorum, by.verifier))
  for (const [round, group] of Map.groupBy(sound, (one) => one.round)) {
    const bySigner = new Map(group.map((one) => [one.commit.signer, one.commit]))
    const commits = [...bySigner.values()].sort((a, b) => a.signer - b.signer)
    // Each receipt brings the held quorums on its own word, so a liar's may be wrong; any one that holds is enough.
    for (const { links } of group) {
      const certificate = { round, commits, links }
      const checked = checkRounds({ ...by, place: placeOf(step) }, step, certificate)
      if (!isFault(checked) && checked.missing.length === 0) return certificate
    }
  }
  return undefined
}

/**
 * How a program counts that knows Nostr alone: distinct keys among those named whose checked events carry this header.
 */
export const keysFor = (
  events: readonly Pick<NostrEvent, 'kind' | 'pubkey' | 'tags'>[],
  header: string,
  custodians: readonly string[],
): readonly string[] => {
  const fitting = events.filter(
    (one) => one.kind === KINDS.receipt && tagsNamed(one, 'header')[0]?.[1] === header,
  )
  return custodians.filter((key) => fitting.some((one) => one.pubkey === key))
}

/** Machines that are told over Nostr hash and sign in this suite. */
export const SUITE = 'nostr'

const placeOf = (of: Transition): Parameters<typeof castFrom>[0] => ({
  suite: SUITE,
  machine: of.machine,
  parent: of.parent,
  sequence: of.sequence,
})

const tagsOf = (of: NostrReceipt): readonly NostrTag[] => [
  ['height', of.transition.sequence.toString()],
  ['header', transitionId(SUITE, of.transition)],
  ['prev', of.transition.parent],
  ['root', of.transition.state],
  ['at', of.commit.time.toString()],
  ['round', String(of.round)],
]

const headerOf = (of: NostrReceipt): Readonly<Record<string, string | number>> => ({
  definition: of.definition,
  height: of.transition.sequence.toString(),
  input: of.input ?? '',
  interaction: of.transition.interaction,
  machine: of.transition.machine,
  parent: of.transition.parent,
  state: of.transition.state,
})

const contentOf = (of: NostrReceipt): string => {
  const { round, commit, links } = of
  const least = {
    v: 1,
    transition: hexFromBytes(transition.encode(of.transition)),
    certificate: hexFromBytes(roundCertificate.encode({ round, commits: [commit], links })),
    header: headerOf(of),
  }
  if (!of.interaction) return contentFrom(least)
  const step = hexFromBytes(interaction.encode(of.interaction))
  const whole = faultFrom(() => contentFrom({ ...least, step }))
  return isFault(whole) ? contentFrom(least) : whole
}

const checkTags = (event: NostrDraft, of: NostrReceipt): void => {
  const content = objectIn(event.content)
  const words = content['header']
  if (words === undefined || canonicalJson(words) !== canonicalJson(headerOf(of))) {
    throw disagree('the words of the header')
  }
  for (const [name = '', value] of tagsOf(of)) {
    const tags = tagsNamed(event, name)
    if (tags.length !== 1 || tags[0]?.[1] !== value) throw disagree(`the tag "${name}"`)
  }
  if (tagsNamed(event, 'transition')[0]?.[1] !== of.input) throw disagree('the tag "transition"')
  const done = of.interaction
  if (done && interactionId(done) !== idFromHex(of.transition.interaction)) {
    throw disagree('what was done')
  }
}

const disagree = (what: string): Fault =>
  new Fault('nostr-receipt/tags-disagree', `${what} and the signed step say different things`)
