import { beforeAll, describe, expect, test } from 'vitest'
import { bytesFromHex } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import { peerIdOf, readKramaId, writeKramaId } from '../../../src/dialects/moi/krama-id.ts'
import { createPortableEngine } from '../../../src/engine/portable.ts'
import { createStreams } from '../../../src/sim/random.ts'
import { type Client, loadClient } from './client.ts'

/** Of the client's own tests (`js-moi-identifiers`, Apache-2.0 or MIT). */
const SECRET = bytesFromHex('a8832f8228ba214ac1656a4a60739508aada64ad88a8a898d93daefafff08f93')
const PEER = '16Uiu2HAm2itTsAm1YonwaN8c4XQoqa4egGJAMxwMuXpzNKTwh68E'

const engine = createPortableEngine()
const { publicKey } = engine.fromSeed('secp256k1-ecdsa', SECRET)

let client: Client
beforeAll(async () => {
  client = await loadClient()
})

describe('a KramaID', () => {
  test('says the zone and the key of a guardian', () => {
    expect(peerIdOf(publicKey)).toBe(PEER)
    expect(readKramaId(`11${PEER}`)).toEqual({ zone: 0, publicKey })
    expect(readKramaId(`1q${PEER}`)).toEqual({ zone: 3, publicKey })
    expect(writeKramaId({ zone: 0, publicKey })).toBe(`11${PEER}`)
    expect(writeKramaId({ zone: 3, publicKey })).toBe(`1q${PEER}`)
  })

  test('is what MOI’s client makes of the same key, in each zone', async () => {
    const random = createStreams(8)('keys')
    for (let at = 0; at < 8; at++) {
      const seed = random.bytes()
      const zone = at % 4
      const key = engine.fromSeed('secp256k1-ecdsa', seed).publicKey
      const theirs = await client.KramaId.fromPrivateKey(0, 0, zone, seed)
      expect(writeKramaId({ zone, publicKey: key })).toBe(theirs.toString())
      expect(readKramaId(theirs.toString())).toEqual({ zone, publicKey: key })
    }
  })

  test.each([
    ['nothing', ''],
    ['a prefix alone', '11'],
    ['a character less', `11${PEER.slice(1)}`],
    ['two prefixes', `1111${PEER}`],
    ['a character that is not of base 58', `11${PEER.slice(0, -1)}l`],
    ['a letter that is no ASCII', `11${PEER.slice(0, -1)}é`],
    ['another kind', `2z${PEER}`],
    ['zone 4', `28${PEER}`],
    ['bits beside the zone', `12${PEER}`],
    ['another head of the peer id', `1117${PEER.slice(2)}`],
    ['a number too great for a peer id', `11${'z'.repeat(53)}`],
    ['a number too small for one', `11${'1'.repeat(53)}`],
  ])('is not %s', (_, text) => {
    expect(readKramaId(text)).toMatchObject({ code: 'krama-id/malformed' })
  })

  test('is refused with any one character changed, or names another key or zone', () => {
    const id = `11${PEER}`
    let others = 0
    for (let at = 0; at < id.length; at++) {
      const changed = `${id.slice(0, at)}${id[at] === '2' ? '3' : '2'}${id.slice(at + 1)}`
      const found = readKramaId(changed)
      if (isFault(found)) continue
      others += 1
      expect(found).not.toEqual({ zone: 0, publicKey })
      expect(writeKramaId(found)).toBe(changed)
    }
    expect(others).toBeGreaterThan(0)
  })

  test('is not written for another zone or another kind of key', () => {
    for (const zone of [-1, 4, 0.5])
      expect(() => writeKramaId({ zone, publicKey })).toThrow(`there is no zone ${zone}`)
    for (const key of [publicKey.subarray(1), bytesFromHex(`04${'11'.repeat(32)}`)])
      expect(() => writeKramaId({ zone: 0, publicKey: key })).toThrow('not compressed')
  })
})
