import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToNumberLE } from '@noble/curves/utils.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { buildSync } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { bytesFromHex, concatBytes } from '../../src/base/bytes.ts'
import { createEd25519 } from '../../src/engine/ed25519.ts'
import { createNativeEngine } from '../../src/engine/native.ts'
import { createPortableEngine } from '../../src/engine/portable.ts'
import { named, vectorPath, vectorsAreMissing } from '../third-party.ts'
import {
  answersOf,
  cctvCases,
  craftedCases,
  type RuntimeVerdicts,
  wycheproofEd25519,
  zip215Cases,
} from './verdicts.ts'

const engines = [createPortableEngine(), createNativeEngine()]
const answers = engines.map(answersOf)

/** Node of other major versions: the second one of the workspace, and whatever the machine has. */
const otherNodes = (): readonly string[] => {
  const locked = ['x64', 'arm64'].map(
    (arch) =>
      new URL(
        `../../../../node_modules/tallystick-node-24/node_modules/node-linux-${arch}/bin/node`,
        import.meta.url,
      ).pathname,
  )
  const found = new Map<string, string>()
  for (const path of [...locked, '/usr/local/bin/node', '/usr/bin/node']) {
    if (!existsSync(path)) continue
    const major = execFileSync(path, ['--version'], { encoding: 'utf8' }).split('.')[0] ?? ''
    if (major !== process.version.split('.')[0] && !found.has(major)) found.set(major, path)
  }
  return [...found.values()]
}

const others = otherNodes()

describe.skipIf(vectorsAreMissing)(named('Ed25519 on third-party vectors'), () => {
  test('the engines give one answer to each of the 914 cases of CCTV', () => {
    const cases = cctvCases()
    expect(cases).toHaveLength(914)
    const [portable, native] = answers.map((sets) => sets['cctv'])
    expect(native).toBe(portable)
    // The set is made of odd points; one case alone has both points in the prime-order group.
    expect((portable ?? '').match(/1/g)).toHaveLength(1)
  })

  test('the engines agree with all 151 verdicts of Wycheproof', () => {
    const cases = wycheproofEd25519()
    expect(cases).toHaveLength(151)
    const expected = cases.map((entry) => (entry.valid ? '1' : '0')).join('')
    for (const sets of answers) expect(sets['wycheproof']).toBe(expected)
  })
})

describe('the rule for Ed25519', () => {
  test('R moved by a small point is refused though the cofactored equation holds', () => {
    const cases = craftedCases()
    const cofactored = cases.map((entry) =>
      ed25519.verify(entry.signature, entry.message, entry.publicKey, { zip215: true }),
    )
    expect(cofactored.every(Boolean)).toBe(true)
    for (const sets of answers) expect(sets['crafted']).toBe(`1${'0'.repeat(15)}`)
  })

  test('refuses all 196 of ZIP 215, which a check with the cofactor takes', () => {
    const cases = zip215Cases()
    expect(cases).toHaveLength(196)
    expect(new Set(cases.map((one) => one.publicKey.join())).size).toBe(14)
    const lenient = cases.filter((one) =>
      ed25519.verify(one.signature, one.message, one.publicKey, { zip215: true }),
    )
    expect(lenient).toHaveLength(196)
    for (const sets of answers) expect(sets['zip215']).toBe('0'.repeat(196))
  })

  test('R as the identity is refused by the rule alone: the exact equation holds', () => {
    const identity = craftedCases()[8]
    if (identity === undefined) throw new Error('the crafted cases changed')
    expect([...identity.signature.subarray(0, 32)]).toEqual([1, ...Array<number>(31).fill(0)])
    const { BASE, Fn } = ed25519.Point
    const { publicKey, message, signature } = identity
    const r = signature.subarray(0, 32)
    const k = Fn.create(bytesToNumberLE(sha512(concatBytes(r, publicKey, message))))
    const key = ed25519.Point.fromBytes(publicKey)
    const sB = BASE.multiplyUnsafe(bytesToNumberLE(signature.subarray(32)))
    expect(sB.subtract(key.multiplyUnsafe(k)).toBytes()).toEqual(r)
    // Node 20 accepts it by itself, Node 24 and 26 do not: the check before the call makes them one.
    for (const engine of engines) {
      const { publicKey, message, signature } = identity
      expect(engine.verify('ed25519', publicKey, message, signature)).toBe(false)
    }
  })

  test('S plus the order is refused though the equation holds', () => {
    const order = ed25519.Point.Fn.ORDER
    for (const engine of engines) {
      const { publicKey, secret } = engine.fromSeed('ed25519', new Uint8Array(32).fill(9))
      const message = Uint8Array.of(1, 2, 3)
      const signature = engine.sign('ed25519', secret, message)
      expect(engine.verify('ed25519', publicKey, message, signature)).toBe(true)
      let s = order
      for (let at = 0; at < 32; at++) s += BigInt(signature[32 + at] ?? 0) << BigInt(8 * at)
      const moved = signature.map((byte, at) =>
        at < 32 ? byte : Number((s >> BigInt(8 * (at - 32))) & 0xffn),
      )
      expect(engine.verify('ed25519', publicKey, message, moved)).toBe(false)
    }
  })

  test('keys are refused that are small, of mixed order, off the curve or in a second spelling', () => {
    const good = ed25519.getPublicKey(new Uint8Array(32).fill(1))
    const small = ed25519.Point.fromBytes(
      bytesFromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
    )
    const keys: Readonly<Record<string, Uint8Array>> = {
      identity: ed25519.Point.ZERO.toBytes(),
      small: small.toBytes(),
      'mixed order': ed25519.Point.fromBytes(good).add(small).toBytes(),
      'off the curve': bytesFromHex('02'.padEnd(64, '0')),
      // y = p + 1, a second spelling of the identity's y = 1.
      'not canonical': bytesFromHex(`ee${'ff'.repeat(30)}7f`),
      // x = 0 with the sign bit set.
      'negative zero': bytesFromHex(`01${'00'.repeat(30)}80`),
    }
    for (const engine of engines) {
      expect(engine.acceptsKey('ed25519', good)).toBe(true)
      for (const [name, key] of Object.entries(keys)) {
        expect([name, engine.acceptsKey('ed25519', key)]).toEqual([name, false])
      }
    }
  })

  test('a key that was accepted stays accepted when more keys pass by than are remembered', () => {
    const scheme = createEd25519()
    const key = scheme.publicKey(new Uint8Array(32).fill(1))
    const signature = scheme.sign(new Uint8Array(32).fill(1), Uint8Array.of(7), undefined)
    for (let at = 0; at < 3; at++) {
      expect(scheme.verify(key, Uint8Array.of(7), signature)).toBe(true)
      expect(scheme.verify(key, Uint8Array.of(8), signature)).toBe(false)
    }
  })
})

test.skipIf(others.length === 0)(
  others.length === 0
    ? 'runtimes compared (skipped: no second major version of Node is installed)'
    : 'every other major version of Node gives the same answers, by both engines',
  () => {
    const folder = mkdtempSync(`${tmpdir()}/tallystick-verdicts-`)
    const program = `${folder}/verdicts.mjs`
    buildSync({
      entryPoints: [new URL('verdicts-print.ts', import.meta.url).pathname],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
    })
    const [here] = answers
    for (const node of others) {
      const there = JSON.parse(
        execFileSync(node, [program], {
          encoding: 'utf8',
          env: { ...process.env, TALLYSTICK_VECTORS: vectorsAreMissing ? '' : vectorPath('') },
        }),
      ) as RuntimeVerdicts
      expect(there.version).not.toBe(process.version)
      expect(there.native).toContain('ed25519')
      expect([there.version, there.answers]).toEqual([
        there.version,
        { portable: here, native: here },
      ])
      // The reason for the rule: left alone, the runtimes accept 43 (OpenSSL 3.5) or 208 (3.0) of the cases.
      if (!vectorsAreMissing) expect(there.acceptedUnchecked).toBeGreaterThan(1)
    }
    rmSync(folder, { recursive: true })
  },
)
