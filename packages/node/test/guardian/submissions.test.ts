/** Submissions: in which order things are looked at, for whoever has signed nothing. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { MoiOperation } from 'tallystick/moi'
import type * as Manifests from '../../../tallystick/src/dialects/moi/manifest/polo.ts'

const readings = vi.hoisted(() => ({ count: 0 }))

vi.mock('../../../tallystick/src/dialects/moi/manifest/polo.ts', async (original) => {
  const real = await original<typeof Manifests>()
  return {
    ...real,
    manifestFromPolo: (bytes: Uint8Array) => {
      readings.count += 1
      return real.manifestFromPolo(bytes)
    },
  }
})

// Files share their modules, so those that were loaded before know nothing of the mock.
vi.resetModules()
const { isFault } = await import('tallystick/base')
const { manifestFromJsonText, poloFromManifest, readSignatures, writeSignatures } =
  await import('tallystick/moi')
const { openGuardian, partyAt, send, signed, strangerAt } = await import('./town.ts')

const alice = partyAt(0)

const deployment = (): MoiOperation => {
  const manifest = manifestFromJsonText(
    JSON.stringify({
      syntax: 1,
      engine: { kind: 'PISA', flags: [], version: '0.5.0' },
      kind: 'logic',
      elements: [{ ptr: 0, kind: 'literal', data: { type: 'u64', value: '0x0301' } }],
    }),
  )
  if (isFault(manifest)) throw manifest
  return {
    is: 'logic-deploy',
    manifest: poloFromManifest(manifest),
    callsite: '',
    calldata: new Uint8Array(0),
    interfaces: new Map(),
  }
}

/** It names somebody who may be what the deployment creates. */
const asking = () =>
  signed({
    from: alice,
    sequence: 0n,
    does: [deployment()],
    with: [{ id: strangerAt(9).id, lock: 'read', notary: false }],
  })

beforeEach(() => {
  readings.count = 0
})

describe.each([0, 1])('With %i threads, a manifest', (threads) => {
  test('is not read for whoever did not sign for it', async () => {
    const { url } = await openGuardian({ threads })
    const one = asking()
    const read = readSignatures(one.signatures)
    if (isFault(read)) throw read
    const wrong = read.map((entry) => ({
      ...entry,
      signature: entry.signature.with(20, (entry.signature[20] ?? 0) ^ 1),
    }))
    const { error } = await send(url, { ...one, signatures: writeSignatures(wrong) })
    expect(error?.message).toMatch(/^invalid signature/)
    expect(readings.count).toBe(0)
  })

  test('is read once signatures are found good, to know what it creates', async () => {
    const { url } = await openGuardian({ threads })
    const { error } = await send(url, asking())
    expect(error?.message).toMatch(/^account not found/)
    expect(readings.count).toBe(1)
  })
})
