/**
 * From a definition on Nostr to a machine's charter, and back.
 *
 * Promise. One event gives one charter, whoever derives it, and so one machine id; the event's id is the charter's nonce and stands
 * in the statechart's parameters, so that one machine id belongs to one event. Who has the charter can tell whether an event is the
 * one that it came from.
 *
 * | charter | from |
 * |---|---|
 * | network | `nostr` |
 * | nonce | the event's id |
 * | suite, turn | `nostr`, anyone |
 * | participants | the creator, then keys of tags `p` that are neither custodians' nor watchtowers'; named by their keys |
 * | policy | `custodians`: keys of the tags `state` in their order, k and f of the tag `custody`; stand-ins of the tags `stand-in`, by the tag `escalation` |
 * | logic | `nsm/1`: content, roles, clock, oracles, senders; begins at `created_at` |
 *
 * A definition asks for the engine `nsm-1`, and beside it for such as read the same text: `xstate@5` to run it, the library of the
 * first machines of this kind for what its guards are called. One that asks for `xstate@5` alone is refused, as versions of it do different
 * things with one definition; with `legacy` it is taken as if it had asked for `nsm-1`.
 */
import { idFromHex, type MachineId } from '../../base/brand.ts'
import { bytesFromHex, hexFromBytes } from '../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { PARTICIPANTS_MAX } from '../../base/limits.ts'
import { SUITE_IDS } from '../../base/suite.ts'
import type { NostrEvent } from '../../forms/nostr-event.ts'
import type { Charter } from '../../kernel/charter.ts'
import { machineId } from '../../kernel/charter.ts'
import { soleController } from '../../kernel/controller.ts'
import type { QuorumSigner } from '../../kernel/quorum.ts'
import {
  type Clock,
  type Oracle,
  type Role,
  statechartParams,
} from '../../logic/statechart/params.ts'
import { type CustodianPolicy, custodianTerms, policyOf } from '../../models/custodians/policy.ts'
import {
  definitionFrom,
  ENGINE,
  type NamedParticipant,
  type NostrDefinition,
  type OracleTag,
  partiesOf,
} from './definition.ts'
import { SUITE } from './receipt.ts'

/** The logic that runs definitions, by its name in charters. */
export const STATECHART = 'nsm/1'
const NETWORK = 'nostr'

/**
 * Derives the charter. Returns `nostr-definition/other-engine` or `nostr-definition/other-custody` for what cannot be run here, and
 * `nostr-definition/unknown-suite`. Whether the model and the logic admit it is theirs to say.
 */
export const charterFrom = (
  of: NostrDefinition,
  options: { readonly legacy?: boolean } = {},
): Charter | Fault => {
  const engine = checkEngines(of, options.legacy === true)
  if (engine) return engine
  if (of.custody.is === 'other') {
    return new Fault('nostr-definition/other-custody', `custody by ${of.custody.mode}`)
  }
  const policy = policyFrom(of)
  if (isFault(policy)) return policy
  const params = faultFrom(() => paramsFrom(of))
  if (isFault(params)) return params
  return {
    network: NETWORK,
    nonce: bytesFromHex(of.id),
    terms: {
      suite: SUITE,
      participants: partiesOf(of).map((key) => ({
        name: key,
        controller: soleController('bip340', bytesFromHex(key)),
      })),
      turn: { is: 'anyone' },
      policy: custodianTerms(policy),
    },
    logics: [{ name: STATECHART, params }],
    state: { is: 'tree' },
  }
}

/** Whether the model admits it is said later; here it has to fit its wire. */
const policyFrom = ({ custody, states, escalation }: NostrDefinition): CustodianPolicy | Fault => {
  const isAlone = custody.is !== 'quorum'
  const custodians = (isAlone ? states.slice(0, 1) : states).map((one) => signerOf(one.custodian))
  const even = policyOf(custodians, isAlone ? 1 : custody.threshold)
  const faulty = isAlone ? even.faulty : (custody.faulty ?? even.faulty)
  const { threshold = 0, faulty: liars = 0, custodians: beside = 0 } = escalation ?? {}
  const tooLarge = [even.threshold, faulty, threshold, liars, beside].find(
    (one) => one > PARTICIPANTS_MAX,
  )
  if (tooLarge !== undefined) {
    const why = `${tooLarge} who decide or may lie, at most ${PARTICIPANTS_MAX}`
    return new Fault('nostr-definition/other-custody', why)
  }
  if (!escalation) return { ...even, faulty }
  const { after, standIns } = escalation
  return {
    ...even,
    faulty,
    escalation: {
      after: BigInt(after),
      standIns: standIns.map((one) => signerOf(one.key)),
      threshold,
      faulty: liars,
      custodians: beside,
    },
  }
}

const signerOf = (key: string): QuorumSigner => ({
  name: key,
  scheme: 'bip340',
  publicKey: bytesFromHex(key),
})

/** The machine that an event defines. Returns faults of `charterFrom`. Raises faults of `definitionFrom`. */
export const machineOfEvent = (event: NostrEvent): MachineId | Fault => {
  const charter = charterFrom(definitionFrom(event))
  return isFault(charter) ? charter : machineId(charter)
}

/** Id of the event that a charter was derived from; undefined for a charter that no event gives. */
export const definitionIdOf = (of: Charter): string | undefined => {
  const [logic, ...others] = of.logics
  if (of.network !== NETWORK || logic?.name !== STATECHART || others.length > 0) return undefined
  const params = faultFrom(() => statechartParams.decode(logic.params))
  const id = isFault(params) ? undefined : params.nostr?.id
  return id === hexFromBytes(of.nonce) ? id : undefined
}

/**
 * Whether this event is the one that the charter came from: both ways lead to one machine. Returns
 * `nostr-definition/other-machine` where they do not.
 */
export const checkOrigin = (of: Charter, event: NostrEvent): Fault | undefined => {
  const derived = machineOfEvent(event)
  if (isFault(derived)) return derived
  if (derived === machineId(of)) return undefined
  return new Fault('nostr-definition/other-machine', `${event.id} defines ${derived}`, {
    machine: machineId(of),
  })
}

const checkEngines = (of: NostrDefinition, isLegacy: boolean): Fault | undefined => {
  if (!isLegacy && !of.engines.some((one) => one.name === ENGINE)) {
    return otherEngine(of.engines.map((one) => one.name).join(', ') || 'none')
  }
  const foreign = of.engines.find((one) => !isKnown(one.name))
  return foreign && otherEngine(foreign.name)
}

const isKnown = (name: string): boolean =>
  name === ENGINE || /^(?:npm:|jsr:)?xstate@\^?5(?:\.|$)/.test(name) || isDelivery(name)

const isDelivery = (name: string): boolean =>
  /^(?:npm:|jsr:)?@atob\/protocol-library(?:@|$)/.test(name)

const otherEngine = (name: string): Fault =>
  new Fault('nostr-definition/other-engine', `engine: ${name}; here runs ${ENGINE}`)

const paramsFrom = (of: NostrDefinition): Uint8Array =>
  statechartParams.encode({
    definition: of.text,
    names:
      of.flags.includes('legacy') || of.engines.some((one) => isDelivery(one.name))
        ? 'delivery'
        : 'none',
    creator: of.creator,
    roles: rolesFrom(of.participants),
    clock: clockFrom(of),
    startsAt: of.clock.is === 'none' ? 0n : BigInt(of.createdAt) * 1000n,
    oracles: of.oracles.map(oracleFrom),
    nostr: { id: idFromHex(of.id), senders: of.senders },
  })

/** Roles in the order in which they are first named, each with its keys once. */
const rolesFrom = (participants: readonly NamedParticipant[]): readonly Role[] =>
  [...Map.groupBy(participants, (one) => one.role)]
    .filter(([role]) => role !== '')
    .map(([role, list]) => ({ role, senders: [...new Set(list.map((one) => one.key))] }))

const clockFrom = (of: NostrDefinition): Clock => {
  switch (of.clock.is) {
    case 'none':
    case 'agreed':
      return of.clock
    case 'machine':
      return { is: 'machine', machine: idFromHex(of.clock.machine) }
  }
}

const oracleFrom = (of: OracleTag): Oracle => {
  const suite = SUITE_IDS.find((one) => one === of.suite)
  if (!suite) throw new Fault('nostr-definition/unknown-suite', `"${of.suite}" is no suite`)
  return { name: of.name, machine: idFromHex(of.machine), suite, logic: of.logic }
}
