/**
 * What people type about records, as operations:
 *
 *     open WHAT [for NAME] [with FIELD=VALUE …]      begin a record; it is yours, or NAME's
 *     hand RECORD to NAME [with FIELD=VALUE …]       from you to NAME
 *     hold RECORD until N of NAME,NAME               keep it back until so many of them agree
 *     release RECORD [with FIELD=VALUE …]            they agree
 *     entrust RECORD to NAME in MACHINE              the next hand-over is decided in another machine
 *     agree RECORD of MACHINE to NAME [with …]       there: from you to NAME
 *     settle RECORD with FILE                        take in what was agreed there
 *     end RECORD                                     nothing more happens to it
 *
 * A record is named by the first digits of its id, a machine by its folder or by a bundle of it. What follows `with` are fields:
 * the step commits to them with fresh salts, and their openings go to the other party beside it.
 */
import { idFromBytes, idFromHex, type MachineId } from '../base/brand.ts'
import { faultFrom, isFault } from '../base/fault.ts'
import { type Charter, machineId } from '../kernel/charter.ts'
import { type Machine, pathKey } from '../kernel/execute.ts'
import {
  type FieldPlace,
  fieldsFrom,
  type Field,
  type RecordId,
  SALT_BYTES,
  type SaltedValue,
} from '../kernel/field.ts'
import type { Interaction, Operation, Premise } from '../kernel/interaction.ts'
import type { Prefix } from '../kernel/logic.ts'
import { transitionId } from '../kernel/transition.ts'
import {
  agreed,
  agreedPath,
  operationOnRecord,
  type RecordOperation,
  recordOperation,
} from '../logic/record-operation.ts'
import { recordIn } from '../logic/record-state.ts'
import { record } from '../logic/record.ts'
import { type Bundle, bundleFromFile } from '../verify/bundle.ts'
import { usageError } from './print.ts'

/** Values that a step commits to, with their salts: what its openings are made of. */
export type Salted = {
  readonly place: FieldPlace
  readonly values: ReadonlyMap<string, SaltedValue>
}

export type RecordWish = {
  readonly operations: readonly Operation[]
  readonly premises: readonly Premise[]
  /** What proves the premises. */
  readonly attachments: readonly Uint8Array[]
  readonly salted: Salted | undefined
}

/** A machine that is named beside the own one, with what is known of its steps. */
export type Beside = { readonly charter: Charter; readonly steps: readonly Interaction[] }

export type RecordTalk = {
  readonly machine: Machine
  readonly own: string
  /** Steps of the machine, in which its records are found. */
  readonly steps: readonly Interaction[]
  /** So many fresh random bytes. */
  readonly random: (bytes: number) => Uint8Array
  /** The machine in a folder, or in a bundle. Raises a usage error where there is none. */
  readonly beside: (named: string) => Beside
  readonly file: (path: string) => Uint8Array
}

const VERBS = ['open', 'hand', 'hold', 'release', 'entrust', 'agree', 'settle', 'end'] as const
type Verb = (typeof VERBS)[number]

const FORMS: Readonly<Record<Verb, string>> = {
  open: 'open WHAT [for NAME] [with FIELD=VALUE]',
  hand: 'hand RECORD to NAME [with FIELD=VALUE]',
  hold: 'hold RECORD until N of NAME,NAME',
  release: 'release RECORD [with FIELD=VALUE]',
  entrust: 'entrust RECORD to NAME in MACHINE',
  agree: 'agree RECORD of MACHINE to NAME [with FIELD=VALUE]',
  settle: 'settle RECORD with FILE',
  end: 'end RECORD',
}

/** What these words ask for, if they are about a record. Raises a usage error. */
export const recordWish = (text: string, talk: RecordTalk): RecordWish | undefined => {
  const [typed, rest = ''] = split(text.trim(), /\s+/)
  const verb = VERBS.find((one) => one === typed)
  if (verb === undefined) return undefined
  const logic = logicIn(talk.machine.charter)
  // Vaults are released too; whoever keeps no records means one of them.
  if (verb === 'release' && (logic < 0 || !isRecord(talk, rest))) return undefined
  if (logic < 0) {
    throw usageError(
      'this machine keeps no records',
      'tally new --logic record makes one that does',
    )
  }
  return wishOf(verb, rest, { ...talk, prefix: { machine: talk.machine.id, logic } })
}

type Talk = RecordTalk & { readonly prefix: Prefix }

const wishOf = (verb: Verb, rest: string, talk: Talk): RecordWish => {
  switch (verb) {
    case 'open':
      return open(rest, talk)
    case 'hand':
      return hand(rest, talk)
    case 'hold':
      return hold(rest, talk)
    case 'release':
      return release(rest, talk)
    case 'entrust':
      return entrust(rest, talk)
    case 'agree':
      return agree(rest, talk)
    case 'settle':
      return settle(rest, talk)
    case 'end':
      return plain(talk, { is: 'end', ...named(talk, rest, 'end') })
  }
}

const open = (rest: string, talk: Talk): RecordWish => {
  const [said, values] = split(rest, / with /)
  const [what, name] = holderIn(said, talk)
  if (what === '') throw misspelt('open')
  const id: RecordId = idFromBytes(talk.random(32))
  return salted(talk, values, id, (fields) => ({
    is: 'open',
    machine: talk.machine.id,
    id,
    maker: talk.own,
    about: what,
    holder: { is: 'party', name },
    fields,
  }))
}

/** `coffee for bob`: what it is and who holds it. What is meant for nobody here is part of what it is. */
const holderIn = (said: string, { machine, own }: Talk): readonly [string, string] => {
  const at = said.lastIndexOf(' for ')
  const name = said.slice(at + 5).trim()
  const isParty = at >= 0 && machine.terms.participants.some((one) => one.name === name)
  return isParty ? [said.slice(0, at).trim(), name] : [said.trim(), own]
}

const hand = (rest: string, talk: Talk): RecordWish => {
  const [said, values] = split(rest, / with /)
  const [digits, to] = split(said, / to /)
  if (to === undefined) throw misspelt('hand')
  const at = named(talk, digits, 'hand')
  const change = { from: talk.own, to: partyIn(talk.machine, to) }
  return salted(talk, values, at.id, (fields) => ({ is: 'hand', ...at, ...change, fields }))
}

const hold = (rest: string, talk: Talk): RecordWish => {
  const [, digits, atLeast, names] = /^(\S+) +until +([0-9]{1,2}) +of +(.+)$/.exec(rest) ?? []
  if (digits === undefined || names === undefined) throw misspelt('hold')
  const of = names.split(',').map((one) => partyIn(talk.machine, one.trim()))
  const rule = { atLeast: Number(atLeast), of }
  return plain(talk, { is: 'hold', ...named(talk, digits, 'hold'), rule })
}

const release = (rest: string, talk: Talk): RecordWish => {
  const [digits, values] = split(rest, / with /)
  const at = named(talk, digits, 'release')
  const rule = recordIn(talk.machine, talk.prefix, at.id)?.held
  if (!rule) throw usageError('nobody keeps it back', 'tally show lists the records')
  return salted(talk, values, at.id, (fields) => ({ is: 'release', ...at, rule, fields }))
}

const entrust = (rest: string, talk: Talk): RecordWish => {
  const [, digits, to, where] = /^(\S+) +to +(.+) +in +(\S+)$/.exec(rest) ?? []
  if (digits === undefined || to === undefined || where === undefined) throw misspelt('entrust')
  const { charter } = talk.beside(where)
  return plain(talk, {
    is: 'entrust',
    ...named(talk, digits, 'entrust'),
    to: partyIn(talk.machine, to),
    at: { machine: machineId(charter), logic: logicIn(charter) },
  })
}

const agree = (rest: string, talk: Talk): RecordWish => {
  const [said, values] = split(rest, / with /)
  const [, digits, where, to] = /^(\S+) +of +(\S+) +to +(.+)$/.exec(said) ?? []
  if (digits === undefined || where === undefined || to === undefined) throw misspelt('agree')
  const { charter, steps } = talk.beside(where)
  const home = machineId(charter)
  const id = idAmong(recordIdsIn(charter, steps), digits)
  const change = { from: talk.own, to: partyIn(talk.machine, to) }
  const at = { machine: talk.machine.id, id, home }
  return salted(talk, values, id, (fields) => ({ is: 'agree', ...at, ...change, fields }))
}

const settle = (rest: string, talk: Talk): RecordWish => {
  const [digits, path] = split(rest, / with /)
  if (path === undefined) throw misspelt('settle')
  const { machine } = talk
  const at = named(talk, digits, 'settle')
  const given = recordIn(machine, talk.prefix, at.id)?.entrusted
  if (!given) {
    throw usageError('its hand-over is left to no other machine', 'tally propose "entrust …" first')
  }
  const file = talk.file(path)
  const found = agreementIn(bundleFromFile(file), { home: machine.id, id: at.id, at: given.at })
  if (!found) {
    throw usageError(`${path} shows no agreement about it`, 'ask for a bundle of that machine')
  }
  const { from, to, transition } = found
  const premise: Premise = {
    is: 'fact',
    machine: given.at.machine,
    transition,
    key: pathKey(machine.terms.suite, given.at, agreedPath(machine.id, at.id)),
    value: agreed.encode({ from, to }),
  }
  const wish = plain(talk, { is: 'settle', ...at, from, to, at: given.at })
  return { ...wish, premises: [premise], attachments: [file] }
}

type Wanted = { readonly home: MachineId; readonly id: RecordId; readonly at: Prefix }

/** What was agreed about a record, and the step that says so. Nothing of it is proven here. */
const agreementIn = (bundle: Bundle, { home, id, at }: Wanted) => {
  for (const step of bundle.steps) {
    const written = step.legs.find(
      (one) => one.is === 'written' && one.transition.machine === at.machine,
    )
    if (written?.is !== 'written') continue
    for (const one of step.interaction.operations) {
      if (one.machine !== at.machine || one.logic !== at.logic) continue
      const of = recordOperation.decode(one.argument)
      if (of.is !== 'agree' || of.home !== home || of.id !== id) continue
      const transition = transitionId(step.interaction.suite, written.transition)
      return { from: of.from, to: of.to, transition }
    }
  }
  return undefined
}

const plain = ({ prefix }: Talk, of: RecordOperation): RecordWish => ({
  operations: [operationOnRecord(prefix, of)],
  premises: [],
  attachments: [],
  salted: undefined,
})

const salted = (
  talk: Talk,
  typed: string | undefined,
  id: RecordId,
  of: (fields: readonly Field[]) => RecordOperation,
): RecordWish => {
  if (typed === undefined) return plain(talk, of([]))
  const { id: machine, terms } = talk.machine
  const place: FieldPlace = { suite: terms.suite, machine, record: id }
  const values = valuesFrom(typed, talk.random)
  return { ...plain(talk, of(fieldsFrom(place, values))), salted: { place, values } }
}

/** `price=12 EUR terms=on delivery`: a word without a sign belongs to the value before. */
const valuesFrom = (
  typed: string,
  random: RecordTalk['random'],
): ReadonlyMap<string, SaltedValue> => {
  const values = new Map<string, SaltedValue>()
  let last: string | undefined
  for (const word of typed.trim().split(/\s+/)) {
    const [, name, value] = /^([^=]+)=(.*)$/.exec(word) ?? []
    const before = last === undefined ? undefined : values.get(last)
    if (name !== undefined && value !== undefined) {
      if (values.has(name)) throw usageError(`"${name}" is said twice`, 'say each field once')
      values.set(name, { salt: random(SALT_BYTES), value })
      last = name
    } else if (last !== undefined && before) {
      values.set(last, { ...before, value: `${before.value} ${word}`.trim() })
    } else throw usageError(`"${word}" is no field`, 'say FIELD=VALUE, for example price=900')
  }
  return values
}

/** Records that steps of a machine have begun. */
export const recordIdsIn = (
  charter: Charter,
  steps: readonly Interaction[],
): ReadonlySet<RecordId> => {
  const [machine, logic] = [machineId(charter), logicIn(charter)]
  const operations = steps.flatMap((one) => one.operations)
  return new Set(
    operations.flatMap((one) => {
      if (one.machine !== machine || one.logic !== logic) return []
      const of = faultFrom(() => recordOperation.decode(one.argument))
      return !isFault(of) && of.is === 'open' && of.machine === machine ? [of.id] : []
    }),
  )
}

const isRecord = ({ steps, machine }: RecordTalk, rest: string): boolean => {
  const [digits = ''] = rest.split(/\s+/)
  return [...recordIdsIn(machine.charter, steps)].some((one) => one.startsWith(digits))
}

const named = (
  { steps, machine }: Talk,
  digits: string,
  verb: Verb,
): { readonly machine: MachineId; readonly id: RecordId } => {
  if (digits === '' || digits.includes(' ')) throw misspelt(verb)
  return { machine: machine.id, id: idAmong(recordIdsIn(machine.charter, steps), digits) }
}

/** Raises a usage error where no record begins so, or several do. A whole id need not be known. */
const idAmong = (ids: ReadonlySet<RecordId>, digits: string): RecordId => {
  const found = [...ids].filter((one) => one.startsWith(digits))
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  if (/^[0-9a-f]{64}$/.test(digits)) return idFromHex<'record'>(digits)
  throw usageError(
    found.length === 0 ? `there is no record ${digits}` : `${found.length} records begin so`,
    'tally show lists the records; type as many digits as it takes',
  )
}

/** The position of the records among a charter's logics, or −1. */
export const logicIn = ({ logics }: Pick<Charter, 'logics'>): number =>
  logics.findIndex((one) => one.name === record.name)

const partyIn = ({ terms }: Machine, typed: string): string => {
  const names = terms.participants.map((one) => one.name)
  if (names.includes(typed)) return typed
  throw usageError(`${typed} is no party of this machine`, `the parties are ${names.join(' and ')}`)
}

const misspelt = (verb: Verb): Error =>
  usageError(`"${verb}" is said otherwise`, `say "${FORMS[verb]}"`)

/** Apart at the first place that matches; the second half is missing where none does. */
const split = (text: string, at: RegExp): readonly [string, string | undefined] => {
  const found = at.exec(text)
  return found
    ? [text.slice(0, found.index).trim(), text.slice(found.index + found[0].length).trim()]
    : [text.trim(), undefined]
}
