/** Expressions: what they give and cost, and what is refused. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import { signNostrEvent } from '../../packages/tallystick/src/forms/nostr-event.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import type { JsonObject } from './finding.ts'
import { seedOf } from './world.ts'

const engine = createPortableEngine()
const keys = engine.fromSeed('bip340', seedOf('alice'))
const event: JsonObject = {
  ...signNostrEvent(
    {
      pubkey: hexFromBytes(keys.publicKey),
      created_at: 1_700_000_000,
      kind: 1,
      tags: [['d', 'final']],
      content: 'two to one',
    },
    {
      scheme: 'bip340',
      publicKey: keys.publicKey,
      sign: (message) => engine.sign('bip340', keys.secret, message, { deterministic: true }),
    },
  ),
}

const VARIABLES: JsonObject = {
  context: {
    players: ['alice', 'bob'],
    turn: 1,
    count: 4,
    votes: { '10': 'yes', '9': 'no', '😀': 'yes', '～': 'no' },
    empty: null,
    text: 'a😀b',
  },
  event: { sender: 'bob', now: 99, data: { proof: event } },
}

const GAS = 100_000

const gives = (id: string, comment: string, source: string): Case =>
  good({
    id: `expression/${id}`,
    comment,
    check: 'expression',
    input: { source, variables: JSON.stringify(VARIABLES), gas: GAS },
  })

const values = (): readonly Case[] => [
  gives('arithmetic', 'products before sums, from the left', '2 + 3 * 4 - 5 - 6'),
  gives(
    'quotients',
    'towards zero, and what is left with the sign of the dividend',
    '[-7 / 2, -7 % 2, 7 / -2, 7 % -2]',
  ),
  gives('zero', 'there is one zero', '0 * -1'),
  gives('greatest', 'the greatest number', '9007199254740991'),
  gives('least', 'the least number', '-9007199254740991'),
  gives('hexadecimal', 'a number in hexadecimal digits', '0x1F'),
  gives(
    'text',
    'escapes of every kind',
    String.raw`"\n\x41\u00e9\U0001F600\101" + r'\n' + '''"'"'''`,
  ),
  gives('code-points', 'a text is as long as its code points', 'size(context.text)'),
  gives('order', 'texts are in the order of code points', String.raw`"\U0001F600" > "\uFF5E"`),
  gives(
    'equal',
    'maps are equal in whatever order',
    '{"a": [1, null], "b": {}} == {"b": {}, "a": [1, null]}',
  ),
  gives('strict', 'a number is not the text that spells it', 'dyn(1) == dyn("1")'),
  gives('in-list', 'an item is equal', '[2] in [[1], [2]]'),
  gives('in-map', 'a key is there', '"10" in context.votes'),
  gives(
    'null-field',
    'a field may hold nothing and be there',
    'has(context.empty) && context.empty == null',
  ),
  gives('absorbed-left', 'a failure on the left does not matter', '1 / 0 == 1 || true'),
  gives('absorbed-right', 'nor one on the right', 'false && 1 / 0 == 1'),
  gives('choice', 'the other branch is not taken', 'context.count > 3 ? "yes" : string(1 / 0)'),
  gives('all', 'false for one, whatever fails before', '[0, 1].all(x, 1 / x > 1)'),
  gives('exists', 'true for one, whatever fails before', '[0, 1].exists(x, 1 / x == 1)'),
  gives('exists-one', 'exactly one', '[1, 2, 3].exists_one(x, x > 2)'),
  gives('filter', 'the items that are left', '[3, 1, 2].filter(x, x > 1)'),
  gives('map', 'what is made of those that are left', '[3, 1, 2].map(x, x > 1, x * x)'),
  gives('map-keys', 'keys come in the order of code points', 'context.votes.map(k, k)'),
  gives(
    'hidden-name',
    'an inner name hides an outer',
    '[1].map(x, [2].map(x, [[3].map(x, x)[0], x]))',
  ),
  gives('put', 'a map with one value more', 'put({"a": 1}, "b", 2)'),
  gives(
    'get',
    'what is there comes first, even nothing',
    '[get(context, "empty", 7), get({}, "empty", 7)]',
  ),
  gives('keys', 'the keys and their order', 'keys(context.votes)'),
  gives('without', 'without what is equal', 'without([[1], [2], [1]], [1])'),
  gives('least-of', 'least and greatest', '[min(3, 1, 2), max(3, 1, 2)]'),
  gives('numbers', 'spelled and read', 'int(string(-12)) + int("30")'),
  gives('sha256', 'the hash of a text', 'sha256("abc")'),
  gives('sha256hex', 'the hash of bytes', 'sha256hex("616263")'),
  gives(
    'nostr',
    'what the author of an event has signed',
    '[nostr(event.data.proof).content, nostr(event.data.proof).tag("d")]',
  ),
  gives(
    'schnorr',
    'a signature over an id',
    'schnorr(event.data.proof.pubkey, event.data.proof.id, event.data.proof.sig)',
  ),
  gives(
    'not-schnorr',
    'and not over another',
    'schnorr(event.data.proof.pubkey, sha256("a"), event.data.proof.sig)',
  ),
]

const GUARD =
  'event.sender in context.players && context.players[context.turn] == event.sender && ' +
  'context.count + 1 <= 5 && event.now < 100'

const refused = (): readonly Case[] => {
  const guard = gives('guard', 'whose turn it is, how often, until when', GUARD)
  const exact = good({
    id: 'expression/exact-gas',
    comment: 'with as much gas as it takes',
    check: 'expression',
    input: { ...guard.input, gas: 26 },
  })
  const refuse = (id: string, comment: string, what: string, source: string): Case =>
    spoiled(guard, `expression/${what}`, { id: `expression/${id}`, comment, input: { source } })
  const changed = JSON.stringify({
    ...VARIABLES,
    event: { sender: 'bob', now: 99, data: { proof: { ...event, content: 'one to two' } } },
  })
  const proof = gives('signed', 'an event within data', 'nostr(event.data.proof).kind == 1')
  return [
    guard,
    exact,
    spoiled(exact, 'expression/out-of-gas', {
      id: 'expression/less-gas',
      comment: 'with a unit less',
      input: { gas: 25 },
    }),
    proof,
    spoiled(proof, 'expression/not-signed', {
      id: 'expression/not-signed',
      comment: 'an event that says something else than was signed',
      input: { variables: changed },
    }),
    refuse('assignment', 'one equals sign', 'malformed', 'event.now = 1'),
    refuse('not-whole', 'a bracket that is not closed', 'malformed', '(1 + 2'),
    refuse('reserved', 'a reserved word', 'malformed', 'for'),
    refuse('surrogate', 'half a character', 'malformed', String.raw`'\ud83d'`),
    refuse('fraction', 'a fraction', 'outside-subset', '1.5'),
    refuse('unsigned', 'an unsigned number', 'outside-subset', '1u'),
    refuse('bytes', 'bytes', 'outside-subset', 'b"a"'),
    refuse('pattern', 'a pattern', 'outside-subset', 'event.sender.matches("a+")'),
    refuse('time', 'a time', 'outside-subset', 'timestamp("2026-01-01T00:00:00Z")'),
    refuse('optional', 'an optional field', 'outside-subset', 'event.?sender'),
    refuse('longest', 'one character more than is read', 'too-long', `1${' '.repeat(4096)}`),
    refuse('deepest', 'one level more than is read', 'too-deep', '!'.repeat(64) + 'true'),
    refuse('unknown-name', 'a name that is not there', 'unknown-name', 'now < 100'),
    refuse('unknown-function', 'a function that is not there', 'unknown-function', 'now()'),
    refuse('arguments', 'too few arguments', 'wrong-arguments', 'max(1)'),
    refuse('known-type', 'types that are known not to go together', 'wrong-type', '1 + "a"'),
    refuse('found-type', 'a type that shows when it runs', 'wrong-type', 'event.sender + 1'),
    refuse('too-great', 'a number beyond the greatest', 'out-of-range', '9007199254740992'),
    refuse('sum-too-great', 'a sum beyond it', 'out-of-range', '9007199254740991 + 1'),
    refuse('by-zero', 'a division by zero', 'divided-by-zero', '1 / (context.turn - 1)'),
    refuse('no-field', 'a field that is not there', 'no-such-key', 'context.stake'),
    refuse('inherited', 'a field that is inherited', 'no-such-key', 'context.constructor'),
    refuse('no-item', 'an item that is not there', 'no-such-item', 'context.players[2]'),
    refuse('key-twice', 'a key written twice', 'key-twice', '{"a": 1, "a": 1}'),
    refuse(
      'prototype',
      'a key that reaches into a prototype',
      'forbidden-key',
      'put({}, "__proto__", 1)',
    ),
    refuse('spelling', 'a number with a zero before it', 'no-number', 'int("07")'),
    refuse('digits', 'half a byte', 'no-hex', 'sha256hex("abc")'),
    refuse('doubling', 'a text that doubles', 'too-large', `["a"]${'.map(t, t + t)'.repeat(17)}`),
  ]
}

export const expressionArea = (): Area => ({
  area: 'expression',
  about: 'Conditions and values of statecharts, in nsm-expr/1.',
  cases: [...values(), ...refused()],
})
