/**
 * Changing the custodians of a live machine: one participant signs new terms at the head, the others sign them too, the custodians of now
 * decide on it as on any step, and those of the new terms accept.
 *
 * Promise. Nothing is signed that the machine would refuse where it stands. What is signed is pinned at the head: an input that is
 * accepted first ends it, and it is signed again on top.
 *
 * Not promised. That custodians who agreed cannot be moved to disagree: a silent participant holds a change up, and a quorum of silent
 * custodians as well. Stand-ins are named beforehand (docs/decisions/0022).
 */
import { setTimeout as pause } from 'node:timers/promises'
import { equalBytes, isFault } from 'tallystick/base'
import {
  askYesNoLater,
  type ExitCode,
  isAttended,
  type Output,
  type RelayedAsk,
  usageError,
  warnOfOtherOperators,
} from 'tallystick/command'
import {
  AMEND,
  type Consent,
  consentDigest,
  type Interaction,
  interactionId,
  terms as termsCodec,
  type Terms,
} from 'tallystick/kernel'
import { applicationAt, custodianTerms } from 'tallystick/models'
import { changeDraft, partiesOf, SUITE } from 'tallystick/nostr'
import { certifyWish, partyOf } from './certify.ts'
import { type Change, custodiansIn, standInsIn, termsIn } from '../relay/changes.ts'
import { custodyFrom, policyFromCustody } from './custody.ts'
import { listText } from './names.ts'
import { catchUp, dirOf, holdFolder, type RelayedOffice, withRelayed } from './office.ts'
import { addressesAt, isAtDirectory } from './operators.ts'
import { tryStep } from './step.ts'
import { custodyText, escalationResult } from './terms.ts'
import { waitMsOf } from './wait.ts'

export const showCustodians = (output: Output, ask: RelayedAsk): Promise<ExitCode> =>
  withRelayed(output, ask, async (office): Promise<ExitCode> => {
    await catchUp(office)
    const { custodians, threshold, standIns, names } = office
    const { terms } = office.history().machine
    output.line(custodyText(terms, names))
    output.table([...custodians, ...standIns].map((key) => [names(key), key]))
    const open = openChange(office)
    if (open) showChange(office, open)
    output.result({
      custodians,
      threshold,
      standIns,
      escalation: escalationResult(terms),
      change: open && changeResult(office, open),
    })
    output.next(
      open && !hasConsented(office, open)
        ? `tally custodians agree${dirOf(office)}`
        : `tally custodians change --custodian NAME=NPUB …${dirOf(office)}`,
    )
    return 0
  })

/** Signs new terms with other custodians, and hands them to the other participants. */
export const changeCustodians = (output: Output, ask: RelayedAsk): Promise<ExitCode> =>
  withRelayed(output, ask, async (office): Promise<ExitCode> => {
    await catchUp(office)
    const { terms } = office.history().machine
    const next = nextTerms(terms, ask)
    if (equalBytes(termsCodec.encode(terms), termsCodec.encode(next))) {
      office.output.line(`Nothing changes: as it is, ${custodyText(terms, office.names)} decide.`)
      office.output.result({ unchanged: true })
      office.output.next(`tally custodians${dirOf(office)}`)
      return 0
    }
    return proposeTerms(office, next, ask)
  })

/** Signs that others are to certify it from now on, and looks what becomes of it. With `more`, the command goes on where it is certified. */
export const proposeTerms = async (
  office: RelayedOffice,
  next: Terms,
  ask: RelayedAsk,
  more = false,
): Promise<ExitCode> => {
  const release = holdFolder(office)
  let interaction: Interaction
  try {
    const { machine } = office.history()
    const operations = [{ machine: machine.id, logic: AMEND, argument: termsCodec.encode(next) }]
    interaction = applicationAt(machine, { operations, beside: [] })
    const known = office.changes
      .openAt(machine)
      .find((one) => interactionId(one.interaction) === interactionId(interaction))
    // Who asks again has signed already.
    if (!known || !hasConsented(office, known)) {
      await consentTo(office, { interaction, consents: [] })
    }
  } finally {
    release()
  }
  return settle(office, interaction, ask, more)
}

/** Shows what another participant wants, asks, and signs it too. */
export const agreeToChange = (output: Output, ask: RelayedAsk): Promise<ExitCode> =>
  withRelayed(output, ask, async (office): Promise<ExitCode> => {
    await catchUp(office)
    const open = openChange(office)
    if (!open) {
      output.line('Nobody wants it held by others at this head.')
      output.next(`tally custodians${dirOf(office)}`)
      return 0
    }
    showChange(office, open)
    if (!hasConsented(office, open)) {
      const yes = await answerOf(ask)
      if (yes !== true) {
        output.line(yes === false ? 'Nothing was signed.' : 'It stays open.')
        output.next(`tally custodians agree --yes${dirOf(office)}`)
        return yes === false ? 0 : 2
      }
      await consentTo(office, open)
    }
    return settle(office, open.interaction, ask)
  })

/** Raises usage errors. */
const nextTerms = (terms: Terms, ask: RelayedAsk): Terms => ({
  ...terms,
  policy: custodianTerms(policyFromCustody(custodyFrom(ask))),
})

const openChange = (office: RelayedOffice): Change | undefined =>
  office.changes
    .openAt(office.history().machine)
    .find(({ interaction }) => termsIn(interaction) !== undefined)

const hasConsented = (office: RelayedOffice, { consents }: Change): boolean =>
  consents.some((one) => one.party === partyOf(office))

const showChange = (office: RelayedOffice, open: Change): void => {
  const { output, names, definition } = office
  const next = termsIn(open.interaction)
  if (!next) return
  const missing = partiesOf(definition).filter(
    (_, party) => !open.consents.some((one) => one.party === party),
  )
  output.line(`wanted: ${custodyText(next, names)}`, 'strong')
  warnOfOtherOperators(output, addressesAt(office.folder.path), next)
  output.line(
    missing.length === 0
      ? 'everybody has agreed; it waits for the custodians'
      : `it waits for ${listText(missing.map(names))}`,
  )
}

const changeResult = (office: RelayedOffice, open: Change): object => ({
  interaction: interactionId(open.interaction),
  custodians: custodiansIn(termsIn(open.interaction) ?? office.charter.terms),
  standIns: standInsIn(termsIn(open.interaction) ?? office.charter.terms),
  agreed: open.consents.map((one) => office.charter.terms.participants[one.party]?.name),
})

/** Tries it as if everybody had agreed, then signs and publishes the own consent. */
const consentTo = async (office: RelayedOffice, { interaction }: Change): Promise<void> => {
  const { charter, folder, client, definition, engine } = office
  const party = partyOf(office)
  if (party < 0) {
    throw usageError('your key takes no part in this machine', 'only participants change its terms')
  }
  const bare = { machine: office.history().machine.id, key: 0, form: 'raw' as const }
  const all = charter.terms.participants.map((_, at): Consent => ({
    ...bare,
    party: at,
    signature: new Uint8Array(64),
  }))
  const trusting = { ...engine, verify: () => true }
  const tried = { interaction, consents: all, attachments: [] }
  const after = tryStep(office.history().machine, tried, trusting)
  if (isFault(after)) throw after
  const signer = await office.rawSigner()
  const signature = signer.sign(consentDigest(SUITE, interactionId(interaction)))
  const of = {
    machine: definition.id,
    author: folder.key,
    interaction,
    consents: [{ ...bare, party, signature }],
  }
  const event = await office.sign(changeDraft(of, Math.floor(Date.now() / 1000)))
  office.add([event])
  const { count } = await client.publish(folder.relays, event)
  office.output.line(`You have agreed; ${count} relays have it.`)
}

/** Looks until it is certified, something else is, or the time is over. */
const settle = async (
  office: RelayedOffice,
  interaction: Interaction,
  ask: RelayedAsk,
  more = false,
): Promise<ExitCode> => {
  const { output } = office
  const id = interactionId(interaction)
  const end = Date.now() + waitMsOf(ask)
  const { sequence } = office.history().machine.head
  for (;;) {
    await catchUp(office)
    const { steps, machine } = office.history()
    if (steps.some((one) => one.transition.interaction === id)) {
      const { custodians, threshold, standIns, names } = office
      output.line(`From now on it is certified by ${custodyText(machine.terms, names)}.`, 'good')
      const { sequence: step } = machine.head
      output.result({ outcome: 'certified', custodians, threshold, standIns, step })
      if (!more) output.next(`tally show${dirOf(office)}`)
      return 0
    }
    if (machine.head.sequence > sequence) {
      output.complain('Another step was certified first; sign again on top of it.', 'bad')
      output.result({ outcome: 'overtaken' })
      output.next(`tally custodians change --custodian NAME=NPUB …${dirOf(office)}`)
      return 1
    }
    const open = openChange(office)
    const isWhole = open?.consents.length === office.charter.terms.participants.length
    if (open && isWhole && isAtDirectory(machine)) await certifyChange(office, open)
    if (Date.now() > end || !isWhole) {
      if (open) showChange(office, open)
      output.result({ outcome: 'waiting', change: open && changeResult(office, open) })
      output.next(
        isWhole
          ? `tally custodians agree${dirOf(office)}`
          : 'the others run: tally custodians agree',
      )
      return 2
    }
    await pause(LOOK_MS)
  }
}

/** Operators of a directory are handed what everybody has consented to; custodians hear it over relays. */
const certifyChange = async (
  office: RelayedOffice,
  { interaction, consents }: Change,
): Promise<void> => {
  const own = partyOf(office)
  const wish = {
    operations: interaction.operations,
    beside: [],
    consents: consents.filter((one) => one.party !== own),
  }
  await certifyWish(office, wish, LOOK_MS)
}

const LOOK_MS = 500

const answerOf = async ({ yes, no }: RelayedAsk): Promise<boolean | undefined> => {
  if (yes === true) return true
  if (no === true) return false
  return isAttended() ? askYesNoLater('do you agree?') : undefined
}
