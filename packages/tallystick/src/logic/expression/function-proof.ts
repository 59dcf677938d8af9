/**
 * Functions of proofs: hashes and signatures.
 *
 * `nostr` passes an event of somebody else that stands inside the data, an oracle's answer say, if it has the form of
 * `forms/nostr-event.ts`, its own id and a valid signature. Nothing is promised about when it was signed: `created_at` is its
 * author's word.
 */
import { bytesFromHex, bytesFromUtf8, hexFromBytes } from '../../base/bytes.ts'
import { type Fault, faultFrom, isFault } from '../../base/fault.ts'
import { sha256 } from '../../base/sha256.ts'
import { checkNostrEvent, nostrEventFromJson, type NostrEvent } from '../../forms/nostr-event.ts'
import type { LanguageFunction } from './function.ts'
import { unfit } from './operate.ts'
import { fail, type Frame, spend } from './run.ts'
import { BOOL, SIGNED, STRING } from './type.ts'
import { fieldOf, isList, isMap } from './value.ts'

/** Gas of one check of a signature. */
const SIGNATURE_GAS = 2000
const HASH_GAS = 50

const hashText: LanguageFunction = {
  stands: 'before',
  takes: [['string']],
  gives: () => STRING,
  form: 'sha256(string)',
  run: (frame, given, at) => {
    const [text = null] = given
    if (typeof text !== 'string') return unfit(frame, at, hashText.form, text)
    spend(frame.gas, HASH_GAS + (text.length >>> 6))
    return hexFromBytes(sha256(bytesFromUtf8(text)))
  },
}

const hashHex: LanguageFunction = {
  stands: 'before',
  takes: [['string']],
  gives: () => STRING,
  form: 'sha256hex(string of hexadecimal digits)',
  run: (frame, given, at) => {
    const [digits = null] = given
    if (typeof digits !== 'string') return unfit(frame, at, hashHex.form, digits)
    spend(frame.gas, HASH_GAS + (digits.length >>> 6))
    if (isHexOf(digits, undefined)) return hexFromBytes(sha256(bytesFromHex(digits)))
    return fail(frame, {
      code: 'expression/no-hex',
      at,
      why: 'sha256hex() takes pairs of digits 0 to 9 and a to f',
    })
  },
}

const schnorr: LanguageFunction = {
  stands: 'before',
  takes: [['string'], ['string'], ['string']],
  gives: () => BOOL,
  form: 'schnorr(key, message, signature), each a string of hexadecimal digits',
  run: (frame, given, at) => {
    const [key, message, signature] = given
    if (typeof key !== 'string' || typeof message !== 'string' || typeof signature !== 'string') {
      return unfit(frame, at, schnorr.form, ...given)
    }
    spend(frame.gas, SIGNATURE_GAS)
    return (
      isHexOf(key, 32) &&
      isHexOf(message, 32) &&
      isHexOf(signature, 64) &&
      frame.verifies('bip340', bytesFromHex(key), bytesFromHex(message), bytesFromHex(signature))
    )
  },
}

const nostr: LanguageFunction = {
  stands: 'before',
  takes: [['map']],
  gives: () => SIGNED,
  form: 'nostr(map with the seven members of an event)',
  run: (frame, given, at) => {
    const [value = null] = given
    if (!isMap(value)) return unfit(frame, at, nostr.form, value)
    spend(frame.gas, SIGNATURE_GAS)
    const event = faultFrom(() => nostrEventFromJson(value))
    if (isFault(event)) return notSigned(frame, at, event)
    spend(frame.gas, HASH_GAS + (charactersOf(event) >>> 6))
    const fault = checkNostrEvent(event, { verify: frame.verifies })
    return fault === undefined ? event : notSigned(frame, at, fault)
  },
}

const charactersOf = ({ content, tags }: NostrEvent): number => {
  let count = content.length
  for (const tag of tags) for (const value of tag) count += value.length
  return count
}

const notSigned = (frame: Frame, at: number, { message }: Fault): undefined =>
  fail(frame, { code: 'expression/not-signed', at, why: `no signed event: ${message}` })

const tag: LanguageFunction = {
  stands: 'behind',
  takes: ['signed', ['string']],
  gives: () => STRING,
  form: 'nostr(event).tag(string)',
  run: (frame, given, at) => {
    const [event = null, name = null] = given
    if (!isMap(event) || typeof name !== 'string') return unfit(frame, at, tag.form, ...given)
    const tags = fieldOf(event, 'tags')
    if (!isList(tags)) return unfit(frame, at, tag.form, ...given)
    spend(frame.gas, tags.length)
    const found = tags.find((one) => isList(one) && one[0] === name && one.length > 1)
    if (isList(found) && found[1] !== undefined) return found[1]
    return fail(frame, { code: 'expression/no-such-key', at, why: `no tag ${name} with a value` })
  },
}

const isHexOf = (digits: string, size: number | undefined): boolean =>
  (size === undefined ? digits.length % 2 === 0 : digits.length === 2 * size) &&
  /^[0-9a-f]*$/.test(digits)

export const PROOF_FUNCTIONS: readonly (readonly [string, LanguageFunction])[] = [
  ['sha256', hashText],
  ['sha256hex', hashHex],
  ['schnorr', schnorr],
  ['nostr', nostr],
  ['tag', tag],
]
