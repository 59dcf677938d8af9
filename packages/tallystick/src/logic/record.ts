/**
 * Records: things with a holder, and fields that say something about them without showing it.
 *
 * Promise. A record goes from hand to hand only with the consent of giver and taker, who share no key. One that is held
 * goes nowhere until as many of the named participants as the rule asks for have consented, again with no key in
 * common. What was agreed in another machine counts if giver and taker have said before that this machine, and no other,
 * decides the next hand-over. The values of fields are not in the state and not in what is signed.
 *
 * Not promised. That goods are where the record says, or that a field is true: a signed record says who said what, in
 * which order. That the step which publishes an agreement is made: whoever may propose on the record's machine can delay it, and
 * cannot change it (`docs/spec/record.md`).
 */
import type { MachineId } from '../base/brand.ts'
import { equalBytes } from '../base/bytes.ts'
import { Fault, faultFrom } from '../base/fault.ts'
import { suiteTakes } from '../base/suite.ts'
import type { Terms } from '../kernel/charter.ts'
import { signerOf } from '../kernel/controller.ts'
import type { Field, RecordId } from '../kernel/field.ts'
import type { Call, Change, Deed, Logic, Told } from '../kernel/logic.ts'
import { describeRecord } from './record-describe.ts'
import {
  agreed,
  agreedPath,
  type RecordOperation,
  recordOperation,
  rule,
} from './record-operation.ts'
import { fieldPath, type KeptRecord, keptRecord, recordPathOf } from './record-state.ts'

type Case<Name extends RecordOperation['is']> = Extract<RecordOperation, { is: Name }>

export const record: Logic = {
  name: 'record/1',
  genesis: ({ params, machine }) =>
    params.length === 0
      ? []
      : new Fault('record/bad-params', 'this logic has no parameters', { machine }),
  apply: (call) => faultFrom(() => changesOf(call, recordOperation.decode(call.argument))),
  describe: (argument) => describeRecord(recordOperation.decode(argument)),
  tell: (argument) => tell(recordOperation.decode(argument)),
}

const changesOf = (call: Call, of: RecordOperation): readonly Change[] => {
  switch (of.is) {
    case 'open':
      return open(call, of)
    case 'hand':
      return [kept(of, hand(call, of)), ...fieldsOf(call, of)]
    case 'hold':
      return [kept(of, hold(call, of))]
    case 'release':
      return [kept(of, release(call, of)), ...fieldsOf(call, of)]
    case 'entrust':
      return [kept(of, entrust(call, of))]
    case 'agree':
      return agree(call, of)
    case 'settle':
      return [kept(of, settle(call, of))]
    case 'end':
      return [kept(of, end(call, of))]
  }
}

type At = { readonly machine: MachineId; readonly id: RecordId }

const kept = ({ machine, id }: At, value: KeptRecord): Change => ({
  machine,
  path: recordPathOf(id),
  value: keptRecord.encode(value),
})

const fieldsOf = (
  call: Call,
  { machine, id, fields }: At & { readonly fields: readonly Field[] },
): readonly Change[] =>
  fields.map(({ name, commitment }): Change => {
    const path = fieldPath(id, call.interaction, name)
    // Attack: a second operation of the interaction puts another value in place of the first one's.
    if (call.read(machine, path)) {
      throw new Fault('field/twice', `field "${name}" twice in one interaction`, {
        machine,
        part: id,
      })
    }
    return { machine, path, value: commitment }
  })

const open = (call: Call, of: Case<'open'>): readonly Change[] => {
  const { machine, id, maker, about, holder } = of
  const { suite } = termsIn(call, machine)
  checkConsents(call, of, [maker, ...(holder.is === 'party' ? [holder.name] : [])])
  if (holder.is === 'key' && !suiteTakes(suite, holder.scheme, 'step')) {
    const says = `suite ${suite} does not accept ${holder.scheme}`
    throw new Fault('record/wrong-scheme', says, { machine, part: id })
  }
  if (call.read(machine, recordPathOf(id))) {
    throw new Fault('record/exists', `record ${id} exists`, { machine, part: id })
  }
  const begun = { maker, about, holder, held: undefined, entrusted: undefined, ended: false }
  return [kept(of, begun), ...fieldsOf(call, of)]
}

const hand = (call: Call, of: Case<'hand'>): KeptRecord => {
  const found = heldBy(call, of, of.from)
  checkLoose(of, found)
  if (found.entrusted && found.entrusted.to !== of.to) throw entrusted(of, found.entrusted.to)
  checkBoth(call, of)
  return { ...found, holder: { is: 'party', name: of.to }, entrusted: undefined }
}

const hold = (call: Call, of: Case<'hold'>): KeptRecord => {
  const found = recordAt(call, of)
  checkLoose(of, found)
  if (found.entrusted) throw entrusted(of, found.entrusted.to)
  checkConsents(call, of, [holderName(of, found)])
  const { atLeast, of: names } = of.rule
  if (atLeast < 1 || atLeast > names.length || new Set(names).size !== names.length) {
    throw new Fault('record/bad-rule', `${atLeast} of ${names.join(', ')}`, place(of))
  }
  checkSeats(call, of, names)
  return { ...found, held: of.rule }
}

const release = (call: Call, of: Case<'release'>): KeptRecord => {
  const found = recordAt(call, of)
  if (!found.held) throw new Fault('record/not-held', 'nobody keeps it back', place(of))
  if (!equalBytes(rule.encode(found.held), rule.encode(of.rule))) {
    throw new Fault('record/other-rule', 'it is held by another rule', place(of))
  }
  // Terms may have changed since; two seats of one key are one voice.
  checkSeats(call, of, of.rule.of)
  const consents = consentIn(call, of.machine)
  const agreeing = of.rule.of.filter((name) => consents(name)).length
  if (agreeing < of.rule.atLeast) {
    const says = `${agreeing} of ${of.rule.of.join(', ')} where ${of.rule.atLeast} are needed`
    throw new Fault('record/not-enough', says, place(of))
  }
  return { ...found, held: undefined }
}

const entrust = (call: Call, of: Case<'entrust'>): KeptRecord => {
  const found = recordAt(call, of)
  checkLoose(of, found)
  if (found.entrusted) throw entrusted(of, found.entrusted.to)
  checkBoth(call, { ...of, from: holderName(of, found) })
  return { ...found, entrusted: { to: of.to, at: of.at } }
}

const agree = (call: Call, of: Case<'agree'>): readonly Change[] => {
  const { machine, home, id, from, to } = of
  checkBoth(call, of)
  const path = agreedPath(home, id)
  // Whoever relied on the first word must not find another in its place.
  if (call.read(machine, path)) {
    throw new Fault('record/agreed-already', 'agreed before', place(of))
  }
  return [{ machine, path, value: agreed.encode({ from, to }) }, ...fieldsOf(call, of)]
}

const settle = (call: Call, of: Case<'settle'>): KeptRecord => {
  const { at, from, to } = of
  const found = heldBy(call, of, from)
  const { entrusted: given } = found
  const isSame = given?.to === to && given.at.machine === at.machine && given.at.logic === at.logic
  if (!isSame) {
    throw new Fault('record/not-entrusted', 'nobody has said that it is decided there', place(of))
  }
  const key = call.keyOf(at.machine, agreedPath(of.machine, of.id), at)
  const value = agreed.encode({ from, to })
  const isShown = call.premises.some(
    (one) =>
      one.is === 'fact' &&
      one.machine === at.machine &&
      one.key === key &&
      one.value !== undefined &&
      equalBytes(one.value, value),
  )
  if (!isShown) throw new Fault('record/unproven', 'no premise shows that it was agreed', place(of))
  return { ...found, holder: { is: 'party', name: to }, entrusted: undefined }
}

const end = (call: Call, of: Case<'end'>): KeptRecord => {
  const found = recordAt(call, of)
  const { maker, holder } = found
  checkConsents(call, of, [maker, ...(holder.is === 'party' ? [holder.name] : [])])
  return { ...found, ended: true }
}

const place = ({ machine, id }: At) => ({ machine, part: id })

/** A record that has not ended. Raises `record/unknown` and `record/ended`. */
const recordAt = (call: Call, of: At): KeptRecord => {
  termsIn(call, of.machine)
  const value = call.read(of.machine, recordPathOf(of.id))
  if (!value) throw new Fault('record/unknown', `no record ${of.id}`, place(of))
  const found = keptRecord.decode(value)
  if (found.ended) throw new Fault('record/ended', `record ${of.id} has ended`, place(of))
  return found
}

const holderName = (of: At, { holder }: KeptRecord): string => {
  if (holder.is === 'party') return holder.name
  throw new Fault('record/not-handed', 'a record of a key is handed to nobody', place(of))
}

const heldBy = (call: Call, of: At, from: string): KeptRecord => {
  const found = recordAt(call, of)
  const present = holderName(of, found)
  if (present === from) return found
  throw new Fault('record/not-holder', `${present} holds it`, { ...place(of), party: from })
}

const checkLoose = (of: At, { held }: KeptRecord): void => {
  if (!held) return
  const says = `kept back until ${held.atLeast} of ${held.of.join(', ')} agree`
  throw new Fault('record/held', says, place(of))
}

const entrusted = (of: At, to: string): Fault =>
  new Fault(
    'record/entrusted',
    `its next hand-over, to ${to}, is left to another machine`,
    place(of),
  )

/** Giver and taker: two participants without a key in common, both of whom consent. */
const checkBoth = (call: Call, of: At & { readonly from: string; readonly to: string }): void => {
  checkSeats(call, of, [of.from, of.to])
  checkConsents(call, of, [of.from, of.to])
}

const checkConsents = (call: Call, of: At, names: readonly string[]): void => {
  const consents = consentIn(call, of.machine)
  const missing = names.find((name) => !consents(name))
  if (missing === undefined) return
  throw new Fault('record/no-consent', 'has not consented', { ...place(of), party: missing })
}

/** Names of participants, each with keys of its own (attack: one person in two seats). */
const checkSeats = (call: Call, of: At, names: readonly string[]): void => {
  const { suite, participants } = termsIn(call, of.machine)
  const taken = new Set<string>()
  for (const name of names) {
    const seat = participants.find((one) => one.name === name)
    if (!seat) {
      const says = 'is no participant of the machine'
      throw new Fault('record/unknown-party', says, { ...place(of), party: name })
    }
    const signers = seat.controller.keys.map((key) => signerOf(suite, key))
    if (signers.some((one) => taken.has(one))) {
      const says = 'has a key in common with another who is asked for'
      throw new Fault('record/shared-key', says, { ...place(of), party: name })
    }
    for (const one of signers) taken.add(one)
  }
}

/** Terms of a written leg. Raises `record/not-written`. */
const termsIn = (call: Call, machine: MachineId): Terms => {
  const terms = call.written.includes(machine) ? call.terms(machine) : undefined
  if (terms) return terms
  throw new Fault('record/not-written', `${machine} is no written leg`, { machine })
}

/** Asks by name whether a participant has consented. A name that nobody has consents to nothing. */
const consentIn = (call: Call, machine: MachineId): ((party: string) => boolean) => {
  const { participants } = termsIn(call, machine)
  return (party) => {
    const at = participants.findIndex((one) => one.name === party)
    return at >= 0 && call.consents(machine, at)
  }
}

const tell = (of: RecordOperation): Told => ({
  machine: of.machine,
  record: of.id,
  fields: 'fields' in of ? of.fields : [],
  deed: deedOf(of),
})

const deedOf = (of: RecordOperation): Deed | undefined => {
  switch (of.is) {
    case 'hand':
    case 'agree':
      return { is: 'custody', from: of.from, to: of.to, via: undefined }
    case 'settle':
      return { is: 'custody', from: of.from, to: of.to, via: of.at.machine }
    case 'release':
      return { is: 'release', ...of.rule }
    case 'open':
    case 'hold':
    case 'entrust':
    case 'end':
      return undefined
  }
}
