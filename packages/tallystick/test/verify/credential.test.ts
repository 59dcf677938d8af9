import { describe, expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { CHALLENGE_BYTES_MAX, NONCE_CHARACTERS_MIN } from '../../src/base/limits.ts'
import {
  type Challenge,
  checkCredential,
  checkPresentation,
  type Credential,
  credential as credentialCodec,
  type Presentation,
  presentation,
  presentationDigest,
  presentationOf,
  type Status,
  status,
} from '../../src/verify/credential.ts'
import { begin, charterOf, checks, ended, ID, issued, signed, statusAt } from './school.ts'
import { signAs } from './world.ts'

const TO: Challenge = { audience: 'yard', nonce: '0123456789abcdef' }
const school = issued(begin())
const other = issued(begin(charterOf('other')))
const second = issued(school.machine, 'bob', idFromHex('43'.repeat(32)))

const present = (
  of: Credential,
  names: readonly string[],
  more: { readonly by?: string; readonly to?: Challenge } = {},
): Presentation => {
  const unsigned = presentationOf(of, names, more.to ?? TO)
  const signature = signAs('classic', more.by ?? 'bob', presentationDigest(unsigned))
  return { ...unsigned, signature }
}

/** Signs again whatever was changed, as only the holder could. */
const resigned = (of: Presentation, by = 'bob'): Presentation => ({
  ...of,
  signature: signAs('classic', by, presentationDigest(of)),
})

const checked = (of: Presentation, statuses: readonly Status[] = [], challenge = TO) =>
  checkPresentation(of, { ...checks, challenge, statuses })
const codeOf = (...of: Parameters<typeof checked>): string => {
  const found = checked(...of)
  return isFault(found) ? found.code : 'done'
}

const shown = present(school.credential, ['class'])

describe('a presentation', () => {
  test('shows the chosen attribute, for this audience, of this issuer', () => {
    expect(checked(shown)).toMatchObject({
      issuer: school.machine.id,
      maker: 'school',
      about: 'licence',
      record: ID,
      attributes: [{ name: 'class', value: 'B' }],
      asOf: { sequence: 1n },
    })
  })

  test('holds nothing of the attributes that were not chosen', () => {
    const bytes = Buffer.from(presentation.encode(shown)).toString('latin1')
    expect(bytes).not.toMatch(/born|1990/)
    const all = presentation.encode(present(school.credential, ['born', 'class']))
    expect(Buffer.from(all).toString('latin1')).toMatch(/1990-04-01/)
  })

  test('may show none, and only that the holder has the credential', () => {
    expect(checked(present(school.credential, []))).toMatchObject({ attributes: [] })
  })

  test('is refused to another audience and with another nonce, and cannot be turned to them', () => {
    expect(codeOf(shown, [], { ...TO, audience: 'shop' })).toBe('credential/other-audience')
    expect(codeOf(shown, [], { ...TO, nonce: 'fedcba9876543210' })).toBe('credential/other-nonce')
    const turned = { ...shown, audience: 'shop' }
    expect(codeOf(turned, [], { ...TO, audience: 'shop' })).toBe('credential/bad-signature')
    const replayed = { ...shown, nonce: 'fedcba9876543210' }
    expect(codeOf(replayed, [], { ...TO, nonce: 'fedcba9876543210' })).toBe(
      'credential/bad-signature',
    )
  })

  test('is refused when somebody else signs it', () => {
    expect(codeOf(present(school.credential, ['class'], { by: 'eve' }))).toBe(
      'credential/bad-signature',
    )
    expect(codeOf(resigned(shown, 'school'))).toBe('credential/bad-signature')
    expect(codeOf({ ...shown, signature: new Uint8Array(64) })).toBe('credential/bad-signature')
  })

  test('covers every byte: an attribute added, taken away or changed is noticed', () => {
    const both = present(school.credential, ['born', 'class'])
    expect(codeOf({ ...both, openings: both.openings.slice(1) })).toBe('credential/bad-signature')
    const [born] = both.openings
    if (!born) throw new Error('two are shown')
    expect(codeOf({ ...both, openings: [...both.openings, born] })).toBe('credential/bad-signature')
  })

  test.each<[string, string, (of: Presentation['openings']) => Presentation['openings']]>([
    ['another value', 'opening/wrong-value', (of) => of.map((one) => ({ ...one, value: 'A' }))],
    [
      'another salt',
      'opening/wrong-value',
      (of) => of.map((one) => ({ ...one, salt: new Uint8Array(32) })),
    ],
    ['a repeat', 'opening/twice', (of) => [...of, ...of]],
    [
      'another record',
      'opening/no-field',
      (of) => of.map((one) => ({ ...one, record: second.credential.record })),
    ],
    [
      'another machine',
      'opening/no-field',
      (of) => of.map((one) => ({ ...one, machine: other.machine.id })),
    ],
  ])('with %s is refused with %s, whoever signs it', (_, code, change) => {
    expect(codeOf(resigned({ ...shown, openings: change(shown.openings) }))).toBe(code)
  })

  test('does not carry an attribute of another credential of the same holder', () => {
    const [theirs] = second.credential.openings.filter((one) => one.name === 'class')
    if (!theirs) throw new Error('there is a class')
    const mixed = { ...shown, openings: [{ ...theirs, record: ID }] }
    expect(codeOf(resigned(mixed))).toMatch(/^(?:state\/unknown-place|opening\/no-field)$/)
  })

  test('of an issuer that somebody made up names that one, not the other', () => {
    const found = checked(present(other.credential, ['class']))
    expect(found).toMatchObject({ issuer: other.machine.id, maker: 'other' })
    const grafted = { ...shown, state: { ...shown.state, charter: charterOf('other') } }
    expect(codeOf(resigned(grafted))).toBe('credential/other-machine')
  })

  test('asks for a nonce that is not too short, and for names that are there', () => {
    const short = { ...TO, nonce: 'x'.repeat(NONCE_CHARACTERS_MIN - 1) }
    const long = { ...TO, nonce: 'x'.repeat(CHALLENGE_BYTES_MAX) }
    const code = (run: () => unknown): string => {
      const found = faultFrom(run)
      return isFault(found) ? found.code : 'done'
    }
    expect(code(() => present(school.credential, [], { to: short }))).toBe('credential/bad-nonce')
    expect(code(() => present(school.credential, [], { to: long }))).toBe('done')
    const longer = { ...long, nonce: `${long.nonce}x` }
    expect(code(() => present(school.credential, [], { to: longer }))).toBe('codec/too-long')
    expect(code(() => present(school.credential, ['weight']))).toBe('credential/no-attribute')
  })
})

describe('a revoked credential', () => {
  const revoked = ended(school.machine)

  test('looks well by itself, and is refused given the issuer’s newer state', () => {
    expect(codeOf(shown)).toBe('done')
    expect(codeOf(shown, [statusAt(revoked)])).toBe('credential/revoked')
  })

  test('is refused however many older states say otherwise', () => {
    const old = statusAt(school.machine)
    expect(codeOf(shown, [old])).toBe('done')
    expect(codeOf(shown, [old, statusAt(revoked), old])).toBe('credential/revoked')
  })

  test('of somebody else changes nothing for this one', () => {
    const one = ended(second.machine, second.credential.record)
    expect(checked(shown, [statusAt(one)])).toMatchObject({ asOf: { sequence: 3n } })
    const wrong = statusAt(one, second.credential.record)
    expect(codeOf(shown, [wrong])).toBe('credential/other-status')
    expect(codeOf(shown, [statusAt(other.machine)])).toBe('credential/other-status')
  })

  test('is not brought back by its holder: nobody but the issuer signs a state', () => {
    const forged = { ...statusAt(revoked), state: { ...statusAt(school.machine).state } }
    const mixed: Status = {
      ...forged,
      state: { ...forged.state, step: { ...forged.state.step, transition: revoked.head } },
    }
    expect(codeOf(shown, [mixed])).toBe('receipt/bad-signature')
  })

  test('shows an issuer who signs two states at one number', () => {
    const rival = issued(begin(), 'eve', idFromHex('44'.repeat(32)))
    const missing = statusAt(rival.machine)
    expect(codeOf(shown, [missing])).toBe('credential/no-record')
    const twin = issued(begin(), 'bob', idFromHex('45'.repeat(32))).machine
    const both = issued(twin)
    const late = present(both.credential, ['class'])
    const old = issued(issued(begin(), 'eve', idFromHex('46'.repeat(32))).machine)
    expect(both.machine.head.sequence).toBe(2n)
    expect(codeOf(late, [statusAt(old.machine)])).toBe('credential/two-states')
    expect(codeOf(late, [statusAt(both.machine)])).toBe('done')
  })
})

describe('a credential', () => {
  test('is checked by its holder before it is trusted', () => {
    expect(checkCredential(school.credential, checks)).toMatchObject({ attributes: [{}, {}] })
    const [first] = school.credential.openings
    if (!first) throw new Error('there are attributes')
    const bad = { ...school.credential, openings: [{ ...first, value: 'x' }] }
    const found = checkCredential(bad, checks)
    expect(isFault(found) && found.code).toBe('opening/wrong-value')
    const gone = {
      ...school.credential,
      state: signed(ended(school.machine), ID, school.credential.openings),
    }
    const over = checkCredential(gone, checks)
    expect(isFault(over) && over.code).toBe('credential/revoked')
  })

  test('comes back from its bytes, as presentation and status do', () => {
    const { credential } = school
    expect(credentialCodec.decode(credentialCodec.encode(credential))).toEqual(credential)
    expect(presentation.decode(presentation.encode(shown))).toEqual(shown)
    const one = statusAt(school.machine)
    expect(status.decode(status.encode(one))).toEqual(one)
  })
})
