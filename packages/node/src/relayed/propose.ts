/**
 * Proposing on a machine that custodians hold: an input is tried here, signed, kept, published, and followed until it is certified.
 *
 * Promise. What the machine would refuse where it stands is not signed. An input is on the disk before a relay has it, and as long as it can be
 * accepted no other one is signed on the same head: a retry hands out the same event, however often and wherever it broke off.
 *
 * Not promised. That two folders with one key do not contradict each other: keep one.
 */
import { isFault } from 'tallystick/base'
import { type ExitCode, type Output, type RelayedAsk, usageError } from 'tallystick/command'
import { headFrom } from 'tallystick/statechart'
import { read } from 'tallystick/state'
import { type Interaction, pathKey } from 'tallystick/kernel'
import {
  inputDraft,
  interactionForInput,
  KINDS,
  type NostrDraft,
  type NostrEvent,
  nostrEventId,
  nostrInputFrom,
  REJECTIONS,
} from 'tallystick/nostr'
import { republish, type Republished } from '../relay/archive.ts'
import { certifyWish, publishSteps } from './certify.ts'
import { isAtDirectory } from './operators.ts'
import { tryStep } from './step.ts'
import { custodyIn, standInText } from './terms.ts'
import { waitMsOf } from './wait.ts'
import { listText } from './names.ts'
import {
  catchUp,
  filtersOf,
  holdFolder,
  type RelayedOffice,
  dirOf,
  take,
  withRelayed,
} from './office.ts'
import {
  commutes,
  headInput,
  isAccepted,
  isRefused,
  mayFollow,
  ownOpen,
  refusalsFor,
} from './own-input.ts'
import { resultsOf, showResults } from './publish.ts'
import { attach, quotedFrom, sameAnswers, supportOf } from './quote.ts'
import { nextOf, resultOf, stepLine } from './view.ts'

export const proposeRelayed = (output: Output, ask: RelayedAsk): Promise<ExitCode> =>
  withRelayed(output, ask, async (office): Promise<ExitCode> => {
    waitMsOf(ask)
    const release = holdFolder(office)
    let input: NostrEvent
    try {
      await office.membership?.renew()
      await catchUp(office)
      await attach(office, ask)
      input = await inputFor(office, ask)
    } finally {
      release()
    }
    await publish(office, input)
    return await decide(office, input, ask)
  })

/** By whoever certifies the machine now. */
const decide = (office: RelayedOffice, input: NostrEvent, ask: RelayedAsk): Promise<ExitCode> => {
  const { machine } = office.history()
  if (isAtDirectory(machine)) return askAndTell(office, input, waitMsOf(ask))
  return settle(office, input, waitMsOf(ask, custodyIn(machine.terms)?.escalation?.after))
}

/** Hands out again what is on its way, and to each relay what it lacks of the whole history. */
export const resendRelayed = (output: Output, ask: RelayedAsk): Promise<ExitCode> =>
  withRelayed(output, ask, async (office): Promise<ExitCode> => {
    waitMsOf(ask)
    const input = ownOpen(office)
    await office.membership?.renew()
    await catchUp(office)
    if (input && outcomeOf(office, input) === 'waiting') await publish(office, input)
    await publishSteps(office)
    const restored = await restore(office)
    tellRestored(output, restored)
    if (input) return await decide(office, input, ask)
    output.line('Nothing of yours is on its way.')
    output.result(resultOf(office))
    if (isNowhere(office, restored)) {
      output.complain('No relay has all of it.', 'bad')
      output.next(`tally resend${dirOf(office)}`)
      return 2
    }
    output.next(nextOf(office))
    return 0
  })

/** The input that is on its way, if it is the one that is asked for; else a new one, signed and kept. */
const inputFor = async (office: RelayedOffice, ask: RelayedAsk): Promise<NostrEvent> => {
  const { words, data = '' } = ask
  const answers = quotedFrom(ask)
  if (words === undefined) {
    throw usageError('say which event', "tally propose EVENT --data '{…}'; tally show lists them")
  }
  checkData(data)
  const open = ownOpen(office)
  if (open) {
    const { type } = nostrInputFrom(open)
    const isSame = sameAnswers(nostrInputFrom(open).answers, answers)
    if (type === words && open.content === data && isSame) {
      office.output.line('This very input is on its way already; it is handed out again.')
      return open
    }
    if (!commutes(office, type) || !commutes(office, words))
      throw usageError(
        `${type} is on its way already, and a second input beside it could be held against you`,
        `tally resend${dirOf(office)}`,
      )
  }
  const { machine, stopped } = office.history()
  if (stopped) throw stopped
  const draft: NostrDraft = inputDraft({
    input: { machine: office.definition.id, type: words, parent: headInput(office), answers },
    data,
    pubkey: office.folder.key,
    created_at: Math.max(Math.floor(Date.now() / 1000), office.definition.createdAt),
  })
  checkTried(office, draft, machine)
  const signed = await office.sign(draft)
  office.add([signed])
  return signed
}

/** Raises a usage error for what no machine could read. */
const checkData = (data: string): void => {
  if (data === '') return
  try {
    JSON.parse(data)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw usageError(`--data is no JSON: ${why}`, `write --data '{"choice":"yes"}'`)
  }
}

/** What an input makes at the head, and the files that show what it rests on. */
const interactionFor = (
  office: RelayedOffice,
  event: NostrEvent,
): { readonly interaction: Interaction; readonly attachments: readonly Uint8Array[] } => {
  const { machine } = office.history()
  const { at } = headFrom((path) =>
    read(machine.state, pathKey(machine.terms.suite, { machine: machine.id, logic: 0 }, path)),
  )
  const support = supportOf(office, event, { now: BigInt(Math.max(Date.now(), at)), last: at })
  const place = { machine: machine.id, head: machine.headId }
  const interaction = interactionForInput({ ...place, event, ...support })
  return { interaction, attachments: support.attachments }
}

/** Raises the machine's own refusal. Nothing is signed yet: the trial takes the signature for given. */
const checkTried = (
  office: RelayedOffice,
  draft: NostrDraft,
  machine: ReturnType<RelayedOffice['history']>['machine'],
): void => {
  const event = { ...draft, id: nostrEventId(draft), sig: '0'.repeat(128) }
  const { interaction, attachments } = interactionFor(office, event)
  const trusting = { ...office.engine, verify: () => true }
  const after = tryStep(machine, { interaction, attachments, consents: [] }, trusting)
  if (isFault(after)) throw after
}

const publish = async (office: RelayedOffice, input: NostrEvent): Promise<void> => {
  const { client, folder, output } = office
  const published = await client.publish(folder.relays, input)
  showResults(output, resultsOf(published))
  output.result({ input: input.id, relays: resultsOf(published) })
}

type Outcome = 'certified' | 'overtaken' | 'refused' | 'waiting'

const outcomeOf = (office: RelayedOffice, input: NostrEvent): Outcome => {
  if (isAccepted(office, input.id)) return 'certified'
  if (!mayFollow(office, input)) return 'overtaken'
  return isRefused(office, input.id) ? 'refused' : 'waiting'
}

/** Has operators of a directory certify it. */
const askAndTell = async (
  office: RelayedOffice,
  input: NostrEvent,
  waitMs: number,
): Promise<ExitCode> => {
  const { interaction, attachments } = interactionFor(office, input)
  const { operations, premises } = interaction
  const wish = { operations, premises, attachments, beside: [], consents: [] }
  try {
    const why = await certifyWish(office, wish, waitMs)
    if (outcomeOf(office, input) === 'waiting') {
      office.output.table([...why].map(([name, text]) => [name, text]))
    }
  } catch (error) {
    // Another was certified first, and this one cannot follow on it.
    if (!isFault(error) || outcomeOf(office, input) === 'waiting') throw error
  }
  return tell(office, input)
}

/** Follows receipts and rejections until it is decided, or the time is up. */
const settle = async (
  office: RelayedOffice,
  input: NostrEvent,
  waitMs: number,
): Promise<ExitCode> => {
  const { client, folder, output } = office
  const over = Promise.withResolvers<undefined>()
  const look = (): void => {
    if (outcomeOf(office, input) !== 'waiting') over.resolve(undefined)
    else output.progress(progressText(office, input))
  }
  const [filter] = filtersOf(office)
  const following = client.follow(folder.relays, filter ?? { kinds: [KINDS.receipt] }, {
    since: input.created_at,
    onEvent: (event) => {
      if (take(office, [event])) look()
    },
  })
  const timer = setTimeout(() => over.resolve(undefined), waitMs)
  look()
  await over.promise
  clearTimeout(timer)
  following.stop()
  output.progress()
  return tell(office, input)
}

const receiptsFor = (office: RelayedOffice, input: NostrEvent): readonly string[] =>
  office.history().pending.find((one) => one.input === input.id)?.custodians ?? []

const progressText = (office: RelayedOffice, input: NostrEvent): string => {
  const there = receiptsFor(office, input).map(office.names)
  const by = there.length === 0 ? '' : `, by ${listText(there)}`
  return `${there.length} of ${office.threshold} receipts${by}`
}

const tell = (office: RelayedOffice, input: NostrEvent): ExitCode => {
  const { output } = office
  const outcome = outcomeOf(office, input)
  const there = receiptsFor(office, input)
  const waitingFor = office.custodians.filter((one) => !there.includes(one)).map(office.names)
  const refusals = refusalsFor(office, input.id).map((one) => ({
    ...one,
    name: office.names(one.custodian),
  }))
  output.result({ ...resultOf(office), outcome, waitingFor, rejections: refusals })
  for (const { name, code, detail } of refusals) {
    if (outcome === 'certified') break
    output.complain(`${name} refuses it: ${code}, ${detail || REJECTIONS[code].means}`, 'bad')
  }
  switch (outcome) {
    case 'certified': {
      const step = office.history().steps.find((one) => one.input?.id === input.id)
      if (step) output.table([stepLine(office, step)])
      output.next(nextOf(office))
      return 0
    }
    case 'overtaken': {
      const other = office.history().steps.at(-1)
      output.complain('Another input was accepted on the head that this one builds on:', 'bad')
      if (other) output.table([stepLine(office, other)])
      output.result({ error: 'STALE_HEAD', step: other?.transition.sequence })
      output.next(`tally show${dirOf(office)}`)
      return 1
    }
    case 'refused':
      output.result({ error: refusals[0]?.code })
      output.next(`tally show${dirOf(office)}`)
      return 1
    case 'waiting':
      if (isAtDirectory(office.history().machine)) {
        output.line('operators have not certified it yet', 'warn')
        output.next(`tally resend${dirOf(office)}`)
        return 2
      }
      output.line(
        `${progressText(office, input)}; it waits for ${office.threshold - there.length} of ${listText(waitingFor)}`,
        'warn',
      )
      tellStandIns(office, input)
      output.next(`tally resend${dirOf(office)}`)
      return 2
  }
}

const tellStandIns = (office: RelayedOffice, input: NostrEvent): void => {
  const { output, names, history } = office
  const { terms } = history().machine
  const after = custodyIn(terms)?.escalation?.after
  if (after === undefined) return
  output.line(`or ${standInText(terms, names) ?? ''}`, 'warn')
  // They count from when they heard of it.
  const leftMs = input.created_at * 1000 + Number(after) - Date.now()
  const when = leftMs > 0 ? `in about ${Math.ceil(leftMs / 1000)} seconds` : 'from now on'
  output.line(`stand-ins may decide ${when}; then: tally resend${dirOf(office)}`, 'warn')
}

/** Everything here that relays lack: the definition, inputs and receipts. */
const restore = async (office: RelayedOffice): Promise<readonly Republished[]> => {
  const { client, folder, definition } = office
  const kept = [...office.events().values()].filter((one) => one.kind !== KINDS.rejection)
  const authors = [...new Set(kept.map((one) => one.pubkey))]
  const [beginning, others] = [
    kept.filter((one) => one.id === definition.id),
    kept.filter((one) => one.id !== definition.id),
  ]
  return [
    await republish(client, folder.relays, { ids: [definition.id] }, beginning),
    await republish(
      client,
      folder.relays,
      {
        '#e': [definition.id],
        kinds: [
          KINDS.input,
          KINDS.receipt,
          KINDS.evidence,
          KINDS.proof,
          KINDS.change,
          KINDS.acceptance,
          KINDS.certifiedStep,
        ],
        authors,
      },
      others,
    ),
  ]
}

/** Whether there is no relay that had, or has taken, everything. */
const isNowhere = (
  { folder }: Pick<RelayedOffice, 'folder'>,
  restored: readonly Republished[],
): boolean => {
  const bad = restored
    .flatMap((one) => one.events)
    .filter(({ outcome }) => outcome.is !== 'stored' && outcome.is !== 'accepted')
  const unsure = restored.flatMap((one) => one.unsure)
  const lacking = new Set([...bad, ...unsure].map((one) => one.relay))
  return folder.relays.every((one) => lacking.has(one))
}

const tellRestored = (output: Output, restored: readonly Republished[]): void => {
  const events = restored.flatMap((one) => one.events)
  const good = events.filter(({ outcome }) => outcome.is === 'stored' || outcome.is === 'accepted')
  if (events.length > 0) {
    output.line(`Relays lacked ${events.length} events, and took ${good.length} of them again.`)
  }
  output.result({ restored: { lacked: events.length, taken: good.length } })
}
