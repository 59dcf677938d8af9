/**
 * The supply story: a lot of oranges from the grower to the shop, and one file for an auditor.
 *
 * The lot's record is kept by a registry, whose steps a directory of four operators certifies. The registry can be slow; it
 * cannot move the lot, because a hand-over needs giver and taker. One hand-over happens where there is no signal: the two have said
 * beforehand which machine decides it, and the registry takes it in later, by proof. Prices are committed to in every
 * hand-over and shown to nobody but those who have the openings.
 */
import { randomBytes } from 'node:crypto'
import { idFromBytes } from '../../base/brand.ts'
import { type Fault, faultFrom, isFault } from '../../base/fault.ts'
import type { SuiteId } from '../../base/suite.ts'
import { type Consent, consentDigest } from '../../kernel/consent.ts'
import { pathKey } from '../../kernel/execute.ts'
import {
  type Field,
  type FieldPlace,
  fieldsFrom,
  type Opening,
  openingsFrom,
  type RecordId,
  SALT_BYTES,
  type SaltedValue,
} from '../../kernel/field.ts'
import { interactionId, type Premise } from '../../kernel/interaction.ts'
import type { Prefix } from '../../kernel/logic.ts'
import {
  agreed,
  agreedPath,
  operationOnRecord,
  type RecordOperation,
  type Rule,
} from '../../logic/record-operation.ts'
import { recordIn } from '../../logic/record-state.ts'
import { stepsOf } from '../../models/bilateral/state.ts'
import { ownerInteraction } from '../../models/directory/owner.ts'
import { type Bundle, fileFromBundle } from '../../verify/bundle.ts'
import { joinBundles } from '../../verify/join.ts'
import { provePremises } from '../../verify/prove.ts'
import type { Person } from './people.ts'
import { createRelation, type Outcome, type Relation } from './relation.ts'
import { type Account, createTown, type Town } from './town.ts'

const RECORDS = [{ name: 'record/1', params: new Uint8Array(0) }]

/** Who takes part, in the order of the charter. The registry proposes; the last three may release. */
const NAMES = [
  'registry',
  'grower',
  'carrier',
  'port',
  'haulier',
  'shop',
  'customs',
  'health',
  'insurer',
] as const
export type Name = (typeof NAMES)[number]

/** What may be said about a hand-over. */
export type Said = Readonly<Record<string, string>>

export type Supply = {
  readonly town: Town
  readonly lot: Account
  readonly id: RecordId
  readonly people: Readonly<Record<Name, Person>>
  /** Of carrier and port, for the leg with no signal. */
  readonly road: Relation
  /** Everything that has been committed to so far, with its salts. */
  readonly openings: Opening[]
}

export const RULE: Rule = { atLeast: 2, of: ['customs', 'health', 'insurer'] }

export const openSupply = (suite: SuiteId): Supply => {
  const town = createTown(suite)
  const made = new Map(NAMES.map((name) => [name, town.person(name)]))
  const person = (name: Name): Person => {
    const found = made.get(name)
    if (!found) throw new Error(`${name} takes part`)
    return found
  }
  const people = {
    registry: person('registry'),
    grower: person('grower'),
    carrier: person('carrier'),
    port: person('port'),
    haulier: person('haulier'),
    shop: person('shop'),
    customs: person('customs'),
    health: person('health'),
    insurer: person('insurer'),
  }
  const others = NAMES.slice(1).map(person)
  const lot = town.open(people.registry, { others, logics: RECORDS })
  const road = createRelation(town, [people.carrier, people.port], {
    turn: { is: 'leader', party: 0 },
    logics: RECORDS,
  })
  const id: RecordId = idFromBytes(new Uint8Array(randomBytes(32)))
  return { town, lot, id, people, road, openings: [] }
}

const logicOf = (machine: Prefix['machine']): Prefix => ({ machine, logic: 0 })

/** Values with fresh salts. */
const salted = (said: Said): ReadonlyMap<string, SaltedValue> =>
  new Map(
    Object.entries(said).map(([name, value]) => [
      name,
      { salt: new Uint8Array(randomBytes(SALT_BYTES)), value },
    ]),
  )

const placeOf = (supply: Supply, machine: Prefix['machine']): FieldPlace => ({
  suite: supply.town.suite,
  machine,
  record: supply.id,
})

/** What is to be done with the lot, once its fields are committed to. */
type Wanted = (fields: readonly Field[]) => RecordOperation

/** A step of the lot that the named people agree to; how many operators vouch for it. Raises the fault that refuses it. */
const takeStep = (supply: Supply, by: readonly Name[], wanted: Wanted, said: Said = {}): number => {
  const { lot, town, people } = supply
  const machine = lot.machine()
  const values = salted(said)
  const place = placeOf(supply, machine.id)
  const operations = [operationOnRecord(logicOf(machine.id), wanted(fieldsFrom(place, values)))]
  const wish = { operations, premises: [], beside: [] }
  const id = interactionId(ownerInteraction(machine, wish))
  const digest = consentDigest(town.suite, id)
  const consents = by.map((name): Consent => {
    const party = NAMES.indexOf(name)
    const signature = people[name].sign(digest)
    return { machine: machine.id, party, key: 0, form: 'raw', signature }
  })
  lot.take({ ...wish, consents })
  supply.openings.push(...openingsFrom(place, values, id))
  return lot.certify()
}

const at = ({ lot, id }: Supply) => ({ machine: lot.genesis.id, id })

export const beginLot = (supply: Supply, said: Said): number =>
  takeStep(
    supply,
    ['grower'],
    (fields) => ({
      is: 'open',
      ...at(supply),
      maker: 'grower',
      about: 'oranges',
      holder: { is: 'party', name: 'grower' },
      fields,
    }),
    said,
  )

export const handOver = (supply: Supply, from: Name, to: Name, said: Said = {}): number =>
  takeStep(supply, [from, to], (fields) => ({ is: 'hand', ...at(supply), from, to, fields }), said)

/** Tries a step and returns why it is refused; nothing is changed by it. */
export const refusalOf = (attempt: () => unknown): Fault | undefined => {
  const found = faultFrom(attempt)
  return isFault(found) ? found : undefined
}

/** Carrier and port say that the next hand-over is decided in the machine of the two. */
export const leaveToRoad = (supply: Supply): number =>
  takeStep(supply, ['carrier', 'port'], () => ({
    is: 'entrust',
    ...at(supply),
    to: 'port',
    at: logicOf(supply.road.genesis.id),
  }))

/** The hand-over with no signal: two devices, and nobody else. */
export const agreeOnRoad = (supply: Supply, said: Said): Outcome => {
  const { road, people, lot, id } = supply
  const machine = road.genesis.id
  const values = salted(said)
  const place = placeOf(supply, machine)
  const operation = operationOnRecord(logicOf(machine), {
    is: 'agree',
    machine,
    id,
    home: lot.genesis.id,
    from: 'carrier',
    to: 'port',
    fields: fieldsFrom(place, values),
  })
  const outcome = road.wish({ by: people.carrier, operations: [operation] })
  const step = stepsOf(road.state(people.port)).at(-1)
  if (step) supply.openings.push(...openingsFrom(place, values, interactionId(step.interaction)))
  return outcome
}

/** The registry takes in what was agreed, on the proof that carrier and port hand over. */
export const publishRoad = (supply: Supply): number => {
  const { road, people, lot, town, id } = supply
  const machine = road.machine(people.port)
  const premise: Premise = {
    is: 'fact',
    machine: machine.id,
    transition: machine.headId,
    key: pathKey(town.suite, logicOf(machine.id), agreedPath(lot.genesis.id, id)),
    value: agreed.encode({ from: 'carrier', to: 'port' }),
  }
  const proven = provePremises(fileFromBundle(road.bundle(people.port)), [premise], town.checks)
  if (isFault(proven)) throw proven
  const operation = operationOnRecord(logicOf(lot.genesis.id), {
    is: 'settle',
    ...at(supply),
    from: 'carrier',
    to: 'port',
    at: logicOf(machine.id),
  })
  lot.take({ operations: [operation], premises: [premise], proven: proven.proven })
  return lot.certify()
}

export const keepBack = (supply: Supply): number =>
  takeStep(supply, ['port'], () => ({ is: 'hold', ...at(supply), rule: RULE }))

export const releaseLot = (supply: Supply, by: readonly Name[], said: Said = {}): number =>
  takeStep(supply, by, (fields) => ({ is: 'release', ...at(supply), rule: RULE, fields }), said)

export const holderOf = ({ lot, id }: Supply): string => {
  const found = recordIn(lot.machine(), logicOf(lot.genesis.id), id)
  return found?.holder.is === 'party' ? found.holder.name : 'nobody'
}

/** What the parties hold between them: every step, and every opening. */
export const wholeBundle = (supply: Supply): Bundle => ({
  ...joinBundles([supply.lot.bundle(), supply.road.bundle(supply.people.port)]),
  openings: supply.openings,
})
