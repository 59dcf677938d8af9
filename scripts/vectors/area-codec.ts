/** Encodings: every codec with values at its limits, and bytes that are cut, extended, oversized or spelt twice. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { charter, terms } from '../../packages/tallystick/src/kernel/charter.ts'
import { consent } from '../../packages/tallystick/src/kernel/consent.ts'
import { evidence } from '../../packages/tallystick/src/kernel/evidence.ts'
import { interaction } from '../../packages/tallystick/src/kernel/interaction.ts'
import { statement } from '../../packages/tallystick/src/kernel/statement.ts'
import { transition } from '../../packages/tallystick/src/kernel/transition.ts'
import {
  bilateralVote,
  roundAbortStatement,
} from '../../packages/tallystick/src/models/bilateral/evidence.ts'
import { signerKey } from '../../packages/tallystick/src/base/signer.ts'
import { type Area, bad, type Case, good, spoiled } from './case.ts'
import {
  after,
  consentOf,
  hexOfStep,
  interactionOf,
  MINT,
  only,
  opened,
  pairOf,
  pay,
  payments,
  PURSE,
  signStatement,
} from './world.ts'

const decodes = (type: string, id: string, comment: string, bytes: string): Case =>
  good({ id: `codec/${id}`, comment, check: 'decode', input: { type, bytes } })

const refuses = (fault: string, type: string, id: string, comment: string, bytes: string): Case =>
  bad(fault, { id: `codec/${id}`, comment, check: 'decode', input: { type, bytes } })

/** A whole value, cut by a byte and longer by one. */
const ends = (type: string, id: string, comment: string, bytes: string): readonly Case[] => {
  const whole = decodes(type, id, comment, bytes)
  return [
    whole,
    spoiled(whole, 'codec/truncated', {
      id: `${whole.id}-truncated`,
      comment: 'the last byte is missing',
      input: { bytes: bytes.slice(0, -2) },
    }),
    spoiled(whole, 'codec/extended', {
      id: `${whole.id}-extended`,
      comment: 'a byte of zero follows',
      input: { bytes: `${bytes}00` },
    }),
  ]
}

const numbers = (): readonly Case[] => [
  ...ends('u8', 'u8', 'the largest', 'ff'),
  ...ends('u32', 'u32', 'little-endian', '01020304'),
  ...ends('u64', 'u64', 'the largest', 'ff'.repeat(8)),
  ...ends('u128', 'u128', 'the largest', 'ff'.repeat(16)),
  decodes('u128', 'u128-low-first', 'the lower half comes first', `01${'00'.repeat(15)}`),
  decodes('flag', 'flag-false', 'false is 0', '00'),
  decodes('flag', 'flag-true', 'true is 1', '01'),
  refuses(
    'codec/not-canonical',
    'flag',
    'flag-two',
    'a flag of 2 would be a second spelling of true',
    '02',
  ),
]

const lengths = (): readonly Case[] => [
  decodes('bytes up to 4', 'bytes-full', 'as many bytes as are allowed', '0400000001020304'),
  refuses('codec/too-long', 'bytes up to 4', 'bytes-over', 'one more', '050000000102030405'),
  refuses(
    'codec/too-long',
    'bytes up to 4',
    'bytes-bomb',
    'a length of 4 GiB in five bytes',
    'ffffffff00',
  ),
  refuses(
    'codec/truncated',
    'bytes up to 4',
    'bytes-short',
    'fewer bytes than announced',
    '04000000010203',
  ),
  decodes('list of u8 up to 3', 'list-full', 'as many items as are allowed', '03000000010203'),
  refuses('codec/too-long', 'list of u8 up to 3', 'list-over', 'one more', '0400000001020304'),
  decodes('optional u8', 'optional-none', 'nothing', '00'),
  decodes('optional u8', 'optional-some', 'a value of zero is a value', '0100'),
  refuses('codec/not-canonical', 'optional u8', 'optional-two', 'a flag of 2', '0200'),
  decodes('choice of 2', 'choice', 'the last name', '01'),
  refuses('codec/unknown-case', 'choice of 2', 'choice-over', 'one name too far', '02'),
]

const texts = (): readonly Case[] => [
  decodes('text up to 8', 'text', 'UTF-8', '04000000c3a96161'),
  refuses(
    'text/not-utf8',
    'text up to 8',
    'text-not-utf8',
    'a lone continuation byte',
    '0100000080',
  ),
  refuses(
    'text/not-utf8',
    'text up to 8',
    'text-overlong',
    'an overlong spelling of a slash',
    '02000000c0af',
  ),
  refuses(
    'text/not-utf8',
    'text up to 8',
    'text-surrogate',
    'an encoded surrogate',
    '03000000eda080',
  ),
  refuses('text/control-character', 'text up to 8', 'text-control', 'an escape', '010000001b'),
  refuses(
    'text/control-character',
    'text up to 8',
    'text-bidi',
    'a right-to-left override',
    '03000000e280ae',
  ),
  good({
    id: 'codec/hex',
    comment: 'lower case, even length',
    check: 'hex',
    input: { text: '00ff' },
  }),
  ...['00f', '00FF', '0x00', ' 00', '0g'].map((text, at) =>
    bad('hex/not-canonical', {
      id: `codec/hex-${at}`,
      comment: `"${text}" is no canonical hexadecimal`,
      check: 'hex',
      input: { text },
    }),
  ),
  good({ id: 'codec/id', comment: '64 digits', check: 'id', input: { text: 'ab'.repeat(32) } }),
  ...['ab'.repeat(31), 'AB'.repeat(32), ''].map((text, at) =>
    bad('id/malformed', {
      id: `codec/id-${at}`,
      comment: 'too short, upper case or empty',
      check: 'id',
      input: { text },
    }),
  ),
]

const names = (): readonly Case[] => [
  decodes('suite', 'suite-quantum', 'BLAKE3 and ML-DSA-44', '01'),
  decodes('suite', 'suite-evm', 'keccak-256 and ECDSA', '04'),
  refuses('suite/unknown', 'suite', 'suite-zero', 'zeroed bytes name nothing', '00'),
  refuses('suite/unknown', 'suite', 'suite-six', 'no sixth suite', '06'),
  decodes('suite', 'suite-moi', 'BLAKE2b-256 and ECDSA', '05'),
  decodes('scheme', 'scheme-ed25519', 'Ed25519', '01'),
  refuses('scheme/unknown', 'scheme', 'scheme-zero', 'zeroed bytes name nothing', '00'),
  refuses('scheme/unknown', 'scheme', 'scheme-six', 'no sixth scheme', '06'),
]

const nouns = (): readonly Case[] => {
  const purse = opened(PURSE)
  const deed = { write: [purse], operations: [pay(purse, 'alice')] }
  const next = only(after(deed))
  const vote = bilateralVote(next.head, 0)
  const abort = roundAbortStatement(next.head, 0)
  const { publicKey } = pairOf('alice')
  const proof = evidence.encode({
    suite: 'classic',
    scheme: 'ed25519',
    publicKey,
    first: { statement: vote, signature: signStatement('alice', vote) },
    second: { statement: abort, signature: signStatement('alice', abort) },
  })
  const [step] = payments(1).steps
  return [
    ...ends(
      'key',
      'key',
      'a scheme and a key',
      hexFromBytes(signerKey.encode({ scheme: 'ed25519', publicKey })),
    ),
    ...ends('terms', 'terms', 'terms of a relationship', hexFromBytes(terms.encode(PURSE.terms))),
    ...ends('charter', 'charter', 'an asset', hexFromBytes(charter.encode(MINT))),
    ...ends(
      'interaction',
      'interaction',
      'a payment',
      hexFromBytes(interaction.encode(interactionOf(deed))),
    ),
    ...ends('transition', 'transition', '168 bytes', hexFromBytes(transition.encode(next.head))),
    ...ends('statement', 'vote', 'a vote to commit', hexFromBytes(statement.encode(vote))),
    ...ends('statement', 'abort', 'an abort of a round', hexFromBytes(statement.encode(abort))),
    refuses('codec/unknown-case', 'statement', 'statement-third', 'no third kind', '02'),
    ...ends(
      'consent',
      'consent',
      'by one key',
      hexFromBytes(consent.encode(consentOf(purse, 'alice', deed))),
    ),
    ...ends('evidence', 'evidence', 'two statements of one key', hexFromBytes(proof)),
    ...(step ? ends('bundle step', 'bundle-step', 'a co-signed step', hexOfStep(step)) : []),
  ]
}

export const codecArea = (): Area => ({
  area: 'codec',
  about: 'Bytes and their one spelling.',
  cases: [...numbers(), ...lengths(), ...texts(), ...names(), ...nouns()],
})
