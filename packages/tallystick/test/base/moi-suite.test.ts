import { blake2b as noble } from '@noble/hashes/blake2.js'
import { afterEach, expect, test, vi } from 'vitest'
import { bytesFromUtf8, hexFromBytes } from '../../src/base/bytes.ts'
import { bringHash, hash, hashId } from '../../src/base/hash.ts'
import { MOI } from '../../src/base/moi-suite.ts'
import { TAGS } from '../../src/base/tags.ts'
import { stateHashes } from '../../src/state/hashes.ts'

const message = bytesFromUtf8('a notch on a stick')

test('hashes with BLAKE2b-256 under the tag as key', () => {
  for (const tag of Object.values(TAGS)) {
    const expected = noble(message, { dkLen: 32, key: bytesFromUtf8(tag) })
    expect(hash(MOI, tag, message)).toEqual(expected)
    expect(hash('blake2b', tag, message)).toEqual(expected)
  }
})

test('the digest on the wire never changes', () => {
  expect(hashId(MOI, TAGS.charter, message)).toBe(
    hexFromBytes(noble(message, { dkLen: 32, key: bytesFromUtf8('tallystick/1 charter') })),
  )
  expect(hashId(MOI, TAGS.charter, message)).toBe(
    '678cf4fcf2b498c4a1661e3af2dc09d87d50c186f8dc62e98d658ff9af4b269e',
  )
})

test('states are hashed in it like in any other suite', () => {
  expect(stateHashes(MOI).value(message)).toEqual(hash('blake2b', TAGS.stateValue, message))
})

afterEach(() => {
  vi.resetModules()
})

test('a program that did not bring it says that the suite is not available', async () => {
  vi.resetModules()
  const fresh = await import('../../src/base/hash.ts')
  const of = (): unknown => fresh.hashId('moi', TAGS.charter, message)
  expect(of).toThrow(expect.objectContaining({ code: 'suite/not-available' }))
  await import('../../src/base/moi-suite.ts')
  expect(of()).toBe(hashId(MOI, TAGS.charter, message))
})

test('who brings the hash a second time changes nothing', () => {
  bringHash('blake2b', () => () => new Uint8Array(32))
  expect(hash(MOI, TAGS.consent, message).some((byte) => byte !== 0)).toBe(true)
})
