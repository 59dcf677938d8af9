/** What MOI's own client makes of manifests, arguments, answers and events, beside ours. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesFromHex, hexFromBytes, isFault } from 'tallystick/base'
import {
  compile,
  encodeArguments,
  jsonFromManifest,
  type JsonObject,
  type Manifest,
  poloFromManifest,
} from 'tallystick/moi'
import { describe, expect, test } from 'vitest'
import {
  ALICE,
  BOB,
  createWorld,
  id,
  uint,
} from '../../../tallystick/test/dialects/moi/pisa/world.ts'
import { loadSdk } from '../moi-sdk/sdk.ts'
import { manifestFromFile } from '../../src/guardian/manifest-yaml.ts'

/** The part of the client that is asked here. */
type Coder = {
  readonly encodeArguments: (routine: string, ...args: readonly unknown[]) => string
  readonly decodeOutput: (routine: string, outputs: string) => unknown
  readonly decodeEventOutput: (event: string, data: string) => unknown
}
type Coding = {
  new (manifest: JsonObject): Coder
  readonly encodeManifest: (manifest: JsonObject) => string
  readonly decodeException: (error: string) => unknown
}
const { ManifestCoder } = loadSdk() as unknown as { readonly ManifestCoder: Coding }

const sound = <T>(of: T): Exclude<T, Error> => {
  if (isFault(of)) throw of
  return of as Exclude<T, Error>
}

const published = join(import.meta.dirname, '../../../tallystick/test/dialects/moi/third-party')
const files = [
  ...['flipper', 'tokenledger', 'lock-ledger'].map((name) => join(published, `${name}.json`)),
  ...['cocolang', 'vscode'].flatMap((folder) => {
    const path = join(import.meta.dirname, 'third-party', folder)
    return readdirSync(path)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => join(path, name))
  }),
]
const manifestOf = (path: string): Manifest =>
  sound(manifestFromFile(new Uint8Array(readFileSync(path))))
const hex = (bytes: Uint8Array): string => `0x${hexFromBytes(bytes)}`

describe('a manifest', () => {
  test.each(files.map((path) => [path.split('/').slice(-2).join('/'), path]))(
    '%s is the same in POLO from the client and from us',
    (_name, path) => {
      const manifest = manifestOf(path)
      expect(hex(poloFromManifest(manifest))).toBe(
        ManifestCoder.encodeManifest(jsonFromManifest(manifest)),
      )
    },
  )
})

describe('the client', () => {
  const manifest = manifestOf(join(published, 'tokenledger.json'))
  const program = sound(compile(manifest))
  const coder = new ManifestCoder(jsonFromManifest(manifest))
  const world = createWorld(program)
  const seed = coder.encodeArguments('Seed', 'MOI', 1000)
  const call = (name: string, calldata: string, kind: 'invoke' | 'deploy' = 'invoke') =>
    world.call(name, {}, { calldata: bytesFromHex(calldata.slice(2)), kind })
  call('Seed', seed, 'deploy')

  test('writes the arguments that we write', () => {
    const ours = (callsite: string, args: JsonObject): string =>
      hex(sound(encodeArguments(program, callsite, args)))
    expect(ours('Seed', { symbol: 'MOI', supply: 1000 })).toBe(seed)
    expect(ours('Transfer', { amount: 5, receiver: `0x${BOB}` })).toBe(
      coder.encodeArguments('Transfer', 5, bytesFromHex(BOB)),
    )
  })

  test('reads our results', () => {
    const end = call('BalanceOf', coder.encodeArguments('BalanceOf', bytesFromHex(ALICE)))
    expect(end.is === 'ok' && coder.decodeOutput('BalanceOf', hex(end.outputs))).toEqual({
      balance: 1000,
    })
  })

  test('reads our events', () => {
    const end = world.call('Transfer', { amount: uint(5), receiver: id(BOB) })
    const [event] = end.is === 'ok' ? end.events : []
    expect(coder.decodeEventOutput('Transfer', hex(event?.data ?? new Uint8Array()))).toEqual({
      sender: bytesFromHex(ALICE),
      receiver: bytesFromHex(BOB),
      amount: 5,
    })
  })

  test('reads our exceptions', () => {
    const end = world.call('Transfer', { amount: uint(5000), receiver: id(BOB) })
    expect(end.is === 'exception' && ManifestCoder.decodeException(hex(end.error))).toEqual({
      class: 'string',
      error: 'sender has insufficient balance',
      revert: false,
      trace: ['runtime.root()', 'routine.Transfer() [0xf] ... [0x11: THROW 0x4]'],
    })
  })
})
