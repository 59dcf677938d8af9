import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { keyEventId, type SignedKeyEvent } from '../../src/kernel/key-event.ts'
import {
  convictKey,
  keyEvidence,
  type KeyEvidence,
  keyEvidenceFrom,
} from '../../src/kernel/key-evidence.ts'
import { createIdentities } from './identity-sample.ts'
import { engine } from './sample.ts'

const { after, authority, changing, controllerOf, deviceOf, drafted, idOf, inception, keyOf } =
  createIdentities(engine)
const { signed, stateOf } = createIdentities(engine)

const first = inception('ann', deviceOf('phone'))
const begun = stateOf([first])
const mine = changing(begun, { add: [deviceOf('desk')] }, 'ann 1')
const thiefs = changing(begun, { add: [deviceOf('thief')] }, 'ann 1')

const onlyOne = (of: readonly KeyEvidence[]): KeyEvidence => {
  const [one] = of
  if (!one || of.length !== 1) throw new Error(`${of.length} pieces of evidence`)
  return one
}
const found = onlyOne(keyEvidenceFrom(mine, thiefs, begun.keys))
const codeOf = (change: Partial<KeyEvidence>): string => {
  const verdict = convictKey({ ...found, ...change }, engine)
  return isFault(verdict) ? verdict.code : verdict.kind
}
const halfOf = (of: SignedKeyEvent): KeyEvidence['first'] => ({
  event: of.event,
  signature: of.signatures[0]?.signature ?? new Uint8Array(),
})

describe('two events with one number', () => {
  test('convict the key that signed both, and say of what', () => {
    const verdict = convictKey(keyEvidence.decode(keyEvidence.encode(found)), engine)
    expect(verdict).toEqual({
      kind: 'duplicity',
      signer: idOf('ann 1'),
      identity: begun.identity,
      sequence: 1,
      events: [keyEventId(mine.event), keyEventId(thiefs.event)],
    })
  })

  test('convict nobody where they are one event, or have no signer in common', () => {
    expect(keyEvidenceFrom(mine, mine, begun.keys)).toEqual([])
    const change = {
      is: 'recover',
      by: controllerOf({ keys: ['ann words'] }),
      ...authority({ keys: { keys: ['ann 9'] }, next: { keys: ['ann 10'] } }),
    } as const
    const recovery = signed(drafted(begun, change), ['ann words', 'ann 9'], begun)
    expect(keyEvidenceFrom(thiefs, recovery, begun.keys)).toEqual([])
  })
})

describe('evidence', () => {
  test('is worth nothing with one thing changed', () => {
    expect(codeOf({})).toBe('duplicity')
    expect(codeOf({ second: found.first })).toBe('key-evidence/no-conflict')
    const later = changing(after(begun, mine), { add: [deviceOf('b')] }, 'ann 1')
    expect(codeOf({ second: halfOf(later) })).toBe('key-evidence/no-conflict')
    expect(codeOf({ publicKey: keyOf('bob').publicKey })).toBe('key-evidence/bad-signature')
    expect(codeOf({ publicKey: new Uint8Array(3) })).toBe('key-evidence/bad-key')
    expect(codeOf({ second: { ...found.second, signature: found.first.signature } })).toBe(
      'key-evidence/bad-signature',
    )
  })

  test('of two identities is none, though one key is in both', () => {
    const other = stateOf([inception('ann', deviceOf('another phone'))])
    const event = changing(other, { add: [deviceOf('desk')] }, 'ann 1')
    expect(codeOf({ second: halfOf(event) })).toBe('key-evidence/two-identities')
    const inceptions = { first: halfOf(first), second: halfOf(inception('ann')) }
    expect(codeOf(inceptions)).toBe('key-evidence/two-identities')
  })

  test('signed before the key was rotated still convicts it (B11)', () => {
    const change = {
      is: 'rotate',
      ...authority({
        keys: { keys: ['ann 2'] },
        next: { keys: ['ann 3'] },
        recovery: { keys: ['ann words'] },
      }),
    } as const
    const rotated = after(begun, signed(drafted(begun, change), ['ann 2'], begun))
    expect(rotated.keys).not.toEqual(begun.keys)
    expect(codeOf({})).toBe('duplicity')
  })
})
