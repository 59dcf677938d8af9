import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { newIdentity, type Unlocking } from '../../src/cli/identity-change.ts'
import { COST_MIN, openKey, sealKey } from '../../src/cli/key-file.ts'
import {
  devicePath,
  identityPath,
  keyCardAt,
  listIdentities,
  openIdentity,
  openSigner,
  rootPath,
} from '../../src/cli/keystore.ts'
import { createNativeEngine } from '../../src/engine/native.ts'

const engine = createNativeEngine()
const home = mkdtempSync(join(tmpdir(), 'tallystick-keystore-'))
afterAll(() => rmSync(home, { recursive: true }))

const ring: Unlocking = {
  home,
  name: 'alice',
  engine,
  passphrase: 'correct horse battery',
  cost: COST_MIN,
}
const opening = { ...ring, device: 'first' }

const codeOf = (run: () => unknown): string => {
  const result = faultFrom(run)
  return isFault(result) ? result.code : 'done'
}

/** Runs with a file changed and puts it back. */
const withChanged = (path: string, change: () => void): string => {
  const before = readFileSync(path)
  try {
    change()
    return codeOf(() => openSigner(opening).sign(new Uint8Array(32)))
  } finally {
    writeFileSync(path, before)
    chmodSync(path, 0o600)
  }
}

beforeAll(() => {
  newIdentity({ ...ring, suite: 'classic' })
  newIdentity({ ...ring, name: 'bob', suite: 'classic' })
})

describe('the keystore', () => {
  test('names the identities and nothing else that lies about', () => {
    mkdirSync(join(home, 'identities', 'empty'))
    mkdirSync(join(home, 'identities', '.draft-0'))
    writeFileSync(join(home, 'identities', 'file'), '')
    expect(listIdentities(home)).toEqual(['alice', 'bob'])
    expect(listIdentities(join(home, 'missing'))).toEqual([])
  })

  test('says which identity it does not know', () => {
    expect(codeOf(() => openIdentity({ ...ring, name: 'carol' }))).toBe('identity/unknown')
    expect(codeOf(() => openIdentity({ ...ring, name: '../alice' }))).toBe('identity/bad-name')
    expect(codeOf(() => openSigner({ ...ring, device: 'phone' }))).toBe('identity/unknown-device')
  })

  test('shows what a key file holds without a passphrase', () => {
    expect(keyCardAt(devicePath(ring, 'first'))).toMatchObject({ role: 'device', suite: 'classic' })
    expect(keyCardAt(rootPath(ring))).toMatchObject({ role: 'root', suite: 'classic' })
    expect(keyCardAt(devicePath(ring, 'phone'))).toBe(undefined)
  })

  test('opens the signer of a device, and not with another passphrase', () => {
    const signer = openSigner(opening)
    expect(signer.publicKey).toEqual(openIdentity(ring).devices[0]?.key.publicKey)
    const message = new Uint8Array(32).fill(1)
    const signature = signer.sign(message)
    expect(engine.verify(signer.scheme, signer.publicKey, message, signature)).toBe(true)
    expect(codeOf(() => openSigner({ ...opening, passphrase: 'wrong' }))).toBe(
      'keystore/wrong-passphrase',
    )
    expect(() => openSigner({ ...opening, passphrase: 'wrong' })).toThrow(
      `this passphrase does not open the key of alice, device first (${devicePath(ring, 'first')})`,
    )
  })

  test('refuses a key file that others may read, that was cut, or that is of another device', () => {
    const path = devicePath(ring, 'first')
    expect(withChanged(path, () => undefined)).toBe('done')
    expect(withChanged(path, () => chmodSync(path, 0o644))).toBe('keystore/open-to-others')
    expect(withChanged(path, () => writeFileSync(path, readFileSync(path).subarray(0, 200)))).toBe(
      'keystore/damaged',
    )
    const other = devicePath({ ...ring, name: 'bob' }, 'first')
    expect(withChanged(path, () => copyFileSync(other, path))).toBe('identity/unknown-device')
  })

  test('refuses a key file whose seed makes another key than it says', () => {
    const path = devicePath(ring, 'first')
    const changed = withChanged(path, () => {
      const opened = openKey(new Uint8Array(readFileSync(path)), ring.passphrase)
      const secrets = { seed: opened.nextSeed, nextSeed: opened.seed }
      const { seed: _, nextSeed: __, ...card } = opened
      writeFileSync(path, sealKey(card, secrets, ring.passphrase, COST_MIN))
    })
    expect(changed).toBe('keystore/tampered')
  })

  test("refuses an identity file that others may read or that is another's", () => {
    const path = identityPath(ring)
    expect(withChanged(path, () => chmodSync(path, 0o604))).toBe('keystore/open-to-others')
    const other = identityPath({ ...ring, name: 'bob' })
    expect(withChanged(path, () => copyFileSync(other, path))).toBe('identity/unknown-device')
  })
})
