/** Records: goods that go from hand to hand, what keeps them back, and fields whose values stand beside what is signed. */
import { idFromHex, type InteractionId } from '../../packages/tallystick/src/base/brand.ts'
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import type { Machine } from '../../packages/tallystick/src/kernel/execute.ts'
import {
  type Field,
  fieldsFrom,
  type Opening,
  openingsFrom,
  type RecordId,
} from '../../packages/tallystick/src/kernel/field.ts'
import { type Terms, terms } from '../../packages/tallystick/src/kernel/charter.ts'
import {
  AMEND,
  interaction,
  interactionId,
  type Operation,
  type Premise,
} from '../../packages/tallystick/src/kernel/interaction.ts'
import { pathKey } from '../../packages/tallystick/src/kernel/execute.ts'
import {
  agreed,
  agreedPath,
  operationOnRecord,
  type RecordOperation,
  recordOperation,
} from '../../packages/tallystick/src/logic/record-operation.ts'
import { witnessOf } from '../../packages/tallystick/src/state/witness.ts'
import type { Bundle } from '../../packages/tallystick/src/verify/bundle.ts'
import { termsKey } from '../../packages/tallystick/src/verify/withheld.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import type { JsonObject } from './finding.ts'
import { fails, holds } from './files.ts'
import {
  after,
  charterOf,
  cosigned,
  type Deed,
  hexOfCharter,
  interactionOf,
  only,
  opened,
  operatorTerms,
  pairOf,
  person,
  seedOf,
  writtenLeg,
} from './world.ts'

const RECORDS = [{ name: 'record/1', params: new Uint8Array(0) }]
const twin = { name: 'dave', controller: person('carol').controller }
const GOODS = charterOf(
  {
    participants: [...['alice', 'bob', 'carol'].map((name) => person(name)), twin],
    turn: { is: 'owner', party: 0 },
    policy: operatorTerms(),
  },
  { logics: RECORDS },
)
const ROAD = charterOf(
  { participants: [person('alice'), person('bob')] },
  { logics: RECORDS, nonce: new Uint8Array(32).fill(1) },
)
const goods = opened(GOODS)
const road = opened(ROAD)
const id: RecordId = idFromHex('42'.repeat(32))
const at = { machine: goods.id, id }
const lot = { machine: goods.id, logic: 0 }
const away = { machine: road.id, logic: 0 }
const RULE = { atLeast: 2, of: ['alice', 'bob', 'carol'] }

const on = (of: RecordOperation): Operation =>
  operationOnRecord(of.is === 'agree' ? { machine: of.machine, logic: 0 } : lot, of)

const begin: RecordOperation = {
  is: 'open',
  ...at,
  maker: 'alice',
  about: 'oranges',
  holder: { is: 'party', name: 'alice' },
  fields: [],
}
const toBob: RecordOperation = { is: 'hand', ...at, from: 'alice', to: 'bob', fields: [] }
const hold: RecordOperation = { is: 'hold', ...at, rule: RULE }
const release: RecordOperation = { is: 'release', ...at, rule: RULE, fields: [] }
const entrust: RecordOperation = { is: 'entrust', ...at, to: 'bob', at: away }
const settle: RecordOperation = { is: 'settle', ...at, from: 'alice', to: 'bob', at: away }
const end: RecordOperation = { is: 'end', ...at }
const agree: RecordOperation = {
  is: 'agree',
  machine: road.id,
  id,
  home: goods.id,
  from: 'alice',
  to: 'bob',
  fields: [],
}

type Told = { readonly of: readonly Operation[]; readonly by: readonly string[] } & {
  readonly machine?: Machine
  readonly premises?: readonly Premise[]
}

/** Steps one after the other, each built on what everybody's consent would have made of the one before. */
const steps = (tale: readonly Told[]): readonly JsonObject[] => {
  const heads = new Map([goods, road].map((one) => [one.id, one]))
  return tale.map(({ of, by, machine = goods, premises = [] }, at) => {
    const before = heads.get(machine.id) ?? machine
    const beside = machine === road ? goods : road
    const deed: Deed = {
      write: [before],
      beside: [{ machine: beside, access: 'refer' }],
      operations: of,
      premises,
    }
    // The last one may be refused.
    if (at < tale.length - 1) heads.set(machine.id, only(after(deed)))
    return { interaction: hexFromBytes(interaction.encode(interactionOf(deed))), by }
  })
}

const say = (of: RecordOperation, ...by: readonly string[]): Told => ({ of: [on(of)], by })

const history = (name: string, comment: string, tale: readonly Told[]): Case =>
  good({
    id: `record/${name}`,
    comment,
    check: 'history',
    input: { charters: [GOODS, ROAD].map(hexOfCharter), steps: steps(tale) },
  })

const hands = (): readonly Case[] => {
  const whole = history('handed', 'oranges go from Alice to Bob', [
    say(begin, 'alice'),
    say(toBob, 'alice', 'bob'),
  ])
  const no = (fault: string, name: string, comment: string, tale: readonly Told[]): Case =>
    spoiled(whole, fault, { id: `record/${name}`, comment, input: { steps: steps(tale) } })
  const began = say(begin, 'alice')
  const byKey: RecordOperation = {
    ...begin,
    holder: { is: 'key', scheme: 'ed25519', publicKey: pairOf('holder').publicKey },
  }
  const held = [began, say(hold, 'alice')]
  return [
    whole,
    history('of-a-key', 'a record for a key that takes part in nothing', [say(byKey, 'alice')]),
    history('released', 'kept back until two of three agree, and handed on', [
      ...held,
      say(release, 'bob', 'carol'),
      say(toBob, 'alice', 'bob'),
    ]),
    history('ended', 'the maker, who holds it, ends it', [began, say(end, 'alice')]),
    no('record/no-consent', 'taken', 'without the giver', [began, say(toBob, 'bob')]),
    no('record/no-consent', 'foisted', 'without the taker', [began, say(toBob, 'alice')]),
    no('record/exists', 'opened-twice', 'opened twice', [began, began]),
    no('record/unknown', 'of-nothing', 'handed on before it is there', [
      say(toBob, 'alice', 'bob'),
    ]),
    no('record/not-holder', 'of-another', 'handed on by who does not hold it', [
      began,
      say({ ...toBob, from: 'bob', to: 'carol' }, 'bob', 'carol'),
    ]),
    no('record/unknown-party', 'to-nobody', 'handed to nobody', [
      began,
      say({ ...toBob, to: 'zoe' }, 'alice', 'zoe'),
    ]),
    no('record/shared-key', 'to-oneself', 'from one name to another of the same key', [
      say({ ...begin, holder: { is: 'party', name: 'carol' } }, 'alice', 'carol'),
      say({ ...toBob, from: 'carol', to: 'dave' }, 'carol', 'dave'),
    ]),
    no('record/not-handed', 'of-a-key-handed', 'a record of a key is handed on', [
      say(byKey, 'alice'),
      say(toBob, 'alice', 'bob'),
    ]),
    no('record/wrong-scheme', 'of-a-foreign-key', 'held by a key of another suite', [
      say(
        { ...byKey, holder: { is: 'key', scheme: 'bip340', publicKey: new Uint8Array(32) } },
        'alice',
      ),
    ]),
    no('record/ended', 'after-the-end', 'handed on after its end', [
      began,
      say(end, 'alice'),
      say(toBob, 'alice', 'bob'),
    ]),
    no('record/not-written', 'elsewhere', 'of a machine that is not written', [
      { ...began, of: [on({ ...begin, machine: road.id })] },
    ]),
    no('record/held', 'held', 'handed on while it is kept back', [
      ...held,
      say(toBob, 'alice', 'bob'),
    ]),
    no('record/bad-rule', 'held-for-none', 'kept back until none agree', [
      began,
      say({ ...hold, rule: { ...RULE, atLeast: 0 } }, 'alice'),
    ]),
    no('record/bad-rule', 'held-for-one-twice', 'one name twice in the rule', [
      began,
      say({ ...hold, rule: { atLeast: 2, of: ['bob', 'bob'] } }, 'alice'),
    ]),
    no('record/not-enough', 'released-by-one', 'released by one where two are needed', [
      ...held,
      say(release, 'bob'),
    ]),
    no('record/other-rule', 'released-by-another-rule', 'released by a rule of one’s own', [
      ...held,
      say({ ...release, rule: { atLeast: 1, of: ['bob'] } }, 'bob'),
    ]),
    no('record/not-held', 'released-for-nothing', 'released without being kept back', [
      began,
      say(release, 'bob', 'carol'),
    ]),
  ]
}

/** What the road says after Alice and Bob agreed there. */
const proof = (machine: Machine): Premise => ({
  is: 'fact',
  machine: road.id,
  transition: machine.headId,
  key: pathKey('classic', away, agreedPath(goods.id, id)),
  value: agreed.encode({ from: 'alice', to: 'bob' }),
})

const absences = (): readonly Case[] => {
  const onRoad: Told = { of: [on(agree)], by: ['alice', 'bob'], machine: road }
  const then = only(
    after({
      write: [road],
      beside: [{ machine: goods, access: 'refer' }],
      operations: [on(agree)],
    }),
  )
  const settled: Told = { of: [on(settle)], by: [], premises: [proof(then)] }
  const before = [say(begin, 'alice'), say(entrust, 'alice', 'bob')]
  const whole = history('agreed-away', 'agreed in a machine of the two, and taken in by proof', [
    ...before,
    onRoad,
    settled,
  ])
  const no = (fault: string, name: string, comment: string, tale: readonly Told[]): Case =>
    spoiled(whole, fault, { id: `record/${name}`, comment, input: { steps: steps(tale) } })
  return [
    whole,
    no('record/unproven', 'unproven', 'taken in without proof', [
      ...before,
      onRoad,
      { ...settled, premises: [] },
    ]),
    no('record/not-entrusted', 'not-entrusted', 'agreed where nobody said that it counts', [
      say(begin, 'alice'),
      onRoad,
      settled,
    ]),
    no('record/agreed-already', 'agreed-twice', 'agreed twice', [...before, onRoad, onRoad]),
    no('record/no-consent', 'agreed-alone', 'agreed by one of the two', [
      ...before,
      { ...onRoad, by: ['alice'] },
    ]),
    no('record/entrusted', 'to-a-third', 'handed to a third while the next is left to the road', [
      ...before,
      say({ ...toBob, to: 'carol' }, 'alice', 'carol'),
    ]),
  ]
}

// Fields.

const place = { suite: 'classic', machine: goods.id, record: id } as const
const VALUES = new Map([
  ['origin', { salt: seedOf('salt of origin'), value: 'Huelva' }],
  ['price', { salt: seedOf('salt of price'), value: '12.50 EUR' }],
])
const FIELDS: readonly Field[] = fieldsFrom(place, VALUES)

const fields = (): readonly Case[] => {
  const argument = recordOperation.encode({ ...begin, fields: FIELDS })
  const whole = good({
    id: 'field/two',
    comment: 'an operation with two fields',
    check: 'decode',
    input: { type: 'record operation', bytes: hexFromBytes(argument) },
  })
  const no = (fault: string, name: string, comment: string, from: string, to: string): Case => {
    const bytes = hexFromBytes(argument).replaceAll(hexOfText(from), hexOfText(to))
    return spoiled(whole, fault, { id: `field/${name}`, comment, input: { bytes } })
  }
  const one = say({ ...begin, fields: FIELDS }, 'alice')
  const told = history('with-fields', 'opened with two fields', [one])
  const twice: Told = {
    of: [on({ ...begin, fields: FIELDS }), on({ ...toBob, fields: FIELDS })],
    by: ['alice', 'bob'],
  }
  return [
    whole,
    no('field/out-of-order', 'one-name-twice', 'two fields of one name', 'origin', 'price'),
    no('field/out-of-order', 'out-of-order', 'fields out of order', 'origin', 'zone'),
    no('field/bad-name', 'capital', 'a capital letter in a name', 'price', 'Price'),
    no('field/bad-name', 'blank', 'a name that needs quotes', 'price', 'pr ce'),
    no('text/control-character', 'control', 'a control character in a name', 'price', 'pr\u0007ce'),
    told,
    spoiled(told, 'field/twice', {
      id: 'field/twice',
      comment: 'one field twice in one interaction',
      input: { steps: steps([twice]) },
    }),
  ]
}

/** A text as the codec writes it: its length in front. */
const hexOfText = (of: string): string => {
  const bytes = Buffer.from(of, 'utf8')
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, bytes.length, true)
  return hexFromBytes(length) + hexFromBytes(bytes)
}

// Files.

const files = (): readonly Case[] => {
  const onRoad = { suite: 'classic', machine: road.id, record: id } as const
  const operation = on({ ...agree, fields: fieldsFrom(onRoad, VALUES) })
  const deed: Deed = {
    write: [road],
    beside: [{ machine: goods, access: 'refer' }],
    operations: [operation],
  }
  const said = interactionOf(deed)
  const { head } = only(after(deed))
  const step = {
    interaction: said,
    consents: [],
    legs: [
      writtenLeg(head, { certificate: cosigned(head) }),
      { is: 'read', at: goods.headId } as const,
    ],
  }
  const shown = openingsFrom(onRoad, VALUES, interactionId(said))
  const [origin, price] = shown
  if (!origin || !price) throw new Error('there are two fields')
  const file = { charters: [GOODS, ROAD], steps: [step] }
  const whole = holds('opened', 'a hand-over with both fields opened', { ...file, openings: shown })
  const no = (fault: string, name: string, comment: string, openings: readonly Opening[]): Case =>
    fails(whole, fault, name, comment, { ...file, openings })
  const other: InteractionId = idFromHex('9'.repeat(64))
  return [
    whole,
    holds('half-opened', 'the same with the price withheld', { ...file, openings: [origin] }),
    no('opening/wrong-value', 'other-value', 'another value than was committed to', [
      { ...origin, value: 'Sevilla' },
    ]),
    no('opening/wrong-value', 'swapped-salts', 'salts of two fields changed about', [
      { ...origin, salt: price.salt },
      { ...price, salt: origin.salt },
    ]),
    no('opening/wrong-value', 'other-field', 'the opening of another field', [
      { ...origin, name: 'price' },
    ]),
    no('opening/no-field', 'no-such-field', 'of a field that the step has not', [
      { ...origin, name: 'weight' },
    ]),
    no('opening/no-step', 'no-such-step', 'of a step that is not in the file', [
      { ...origin, interaction: other },
    ]),
    no('opening/twice', 'opened-twice', 'one opening twice', [origin, origin]),
  ]
}

/** A step of which only header, certificate and the record of a change of terms are shown. */
const hidden = (operation: Operation): Partial<Bundle> => {
  const { head, state, id, terms } = only(
    after({
      write: [road],
      beside: [{ machine: goods, access: 'refer' }],
      operations: [operation],
    }),
  )
  // The record of the change is looked for under the terms that were in force before it.
  const witness = witnessOf(state, { reads: [termsKey(terms, id)], changes: [] })
  const step = { transition: head, proposal: [], certificate: cosigned(head), witness }
  return { charters: [ROAD], withheld: [step] }
}

const withheld = (): readonly Case[] => {
  const next: Terms = { ...ROAD.terms, turn: { is: 'leader', party: 0 } }
  const amend = { machine: road.id, logic: AMEND, argument: terms.encode(next) }
  const whole = holds(
    'withheld',
    'a hand-over that is vouched for and not shown',
    hidden(on(agree)),
  )
  return [
    whole,
    fails(
      whole,
      'bundle/withheld-terms',
      'withheld-terms',
      'the step that is not shown changed the terms',
      hidden(amend),
    ),
  ]
}

const params = (): readonly Case[] => {
  const whole = good({
    id: 'record/genesis',
    comment: 'a machine that keeps records',
    check: 'history',
    input: { charters: [hexOfCharter(GOODS)], steps: [] },
  })
  const odd = charterOf(GOODS.terms, {
    logics: [{ name: 'record/1', params: Uint8Array.of(1) }],
  })
  const wrong = spoiled(whole, 'record/bad-params', {
    id: 'record/with-params',
    comment: 'parameters where there are none',
    input: { charters: [hexOfCharter(odd)] },
  })
  return [whole, wrong]
}

export const recordArea = (): Area => ({
  area: 'record',
  about: 'Records, hand-overs, and fields of which only a salted hash is signed.',
  cases: [...hands(), ...absences(), ...fields(), ...files(), ...withheld(), ...params()],
})
