import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../../../src/base/bytes.ts'
import { jsonTextFromManifest } from '../../../../src/dialects/moi/manifest/json.ts'
import { poloFromManifest } from '../../../../src/dialects/moi/manifest/polo.ts'
import { readManifest } from '../../../../src/dialects/moi/manifest/read.ts'

const fixture = (name: string): Buffer =>
  readFileSync(join(import.meta.dirname, '../third-party', name))

const sound = <T>(of: T): Exclude<T, Error> => {
  if (of instanceof Error) throw of
  return of as Exclude<T, Error>
}

describe.each(['flipper', 'tokenledger', 'lock-ledger'])('the published manifest %s', (name) => {
  const json = new Uint8Array(fixture(`${name}.json`))
  const polo = bytesFromHex(fixture(`${name}.polo`).toString().trim().slice(2))

  test('becomes the published POLO, byte for byte', () => {
    expect(hexFromBytes(poloFromManifest(sound(readManifest(json))))).toBe(hexFromBytes(polo))
  })

  test('is read from POLO and becomes the published text, byte for byte', () => {
    const text = jsonTextFromManifest(sound(readManifest(polo)))
    expect(text).toBe(new TextDecoder().decode(json))
  })
})
