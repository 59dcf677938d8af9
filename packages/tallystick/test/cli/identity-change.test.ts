import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import type { SignerKey } from '../../src/base/signer.ts'
import {
  addDevice,
  newIdentity,
  recoverIdentity,
  removeDevice,
  rotateIdentity,
  type Unlocking,
} from '../../src/cli/identity-change.ts'
import { COST_MIN, openKey, sharingDerivations } from '../../src/cli/key-file.ts'
import {
  devicePath,
  identityFolder,
  identityPath,
  listDevices,
  openIdentity,
  openOwnKey,
  openSigner,
  rootPath,
} from '../../src/cli/keystore.ts'
import { createNativeEngine } from '../../src/engine/native.ts'
import { nextKeyId, soleReserve } from '../../src/kernel/reserve.ts'

const engine = createNativeEngine()
const base = mkdtempSync(join(tmpdir(), 'tallystick-identity-'))
afterAll(() => rmSync(base, { recursive: true }))
// What a passphrase gives is worked out once for all of them, which nothing here depends on; `key-file.test.ts` has the rest.
const over = Promise.withResolvers<void>()
beforeAll(() => void sharingDerivations(() => over.promise))
afterAll(() => over.resolve())

const codeOf = (run: () => unknown): string => {
  const result = faultFrom(run)
  return isFault(result) ? result.code : 'done'
}

let count = 0
let ring: Unlocking
beforeEach(() => {
  const home = join(base, String(count++))
  ring = { home, name: 'alice', engine, passphrase: 'correct horse battery', cost: COST_MIN }
})

const made = (): ReturnType<typeof newIdentity> => newIdentity({ ...ring, suite: 'classic' })
const rootOf = ({ head }: ReturnType<typeof made>): SignerKey => {
  const [key] = head.keys.keys
  if (!key) throw new Error('there is a root')
  return { scheme: key.scheme, publicKey: key.publicKey }
}
const message = new Uint8Array(32).fill(7)

/** The files of the identity, name and content. */
const filesOf = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(identityFolder(ring)).map((name) => [
      name,
      readFileSync(join(identityFolder(ring), name), 'utf8'),
    ]),
  )

describe('a new identity', () => {
  test('is what is read afterwards, in files of the owner alone', () => {
    const identity = made()
    expect(openIdentity(ring)).toEqual(identity)
    expect(Object.keys(filesOf()).sort()).toEqual([
      'device-first.key.json',
      'identity.json',
      'root.key.json',
    ])
    expect(statSync(identityFolder(ring)).mode & 0o777).toBe(0o700)
    for (const name of Object.keys(filesOf())) {
      expect(statSync(join(identityFolder(ring), name)).mode & 0o777).toBe(0o600)
    }
    expect(readdirSync(join(ring.home, 'identities'))).toEqual(['alice'])
  })

  test('of the default suite has an SLH-DSA root and an ML-DSA device', () => {
    const identity = newIdentity(ring)
    expect(identity.head.suite).toBe('quantum')
    expect(identity.head.keys.keys[0]?.scheme).toBe('slh-dsa-sha2-128s')
    expect(identity.devices.map((device) => device.key.scheme)).toEqual(['ml-dsa-44'])
    const signer = openSigner({ ...ring, device: 'first' })
    const signature = signer.sign(message)
    expect(engine.verify(signer.scheme, signer.publicKey, message, signature)).toBe(true)
  })

  test('is made for every suite there is', () => {
    for (const suite of ['nostr', 'evm'] as const) {
      const identity = newIdentity({ ...ring, name: suite, suite })
      expect(openIdentity({ ...ring, name: suite })).toEqual(identity)
    }
    expect(codeOf(() => newIdentity({ ...ring, suite: 'moi' }))).toBe('suite/not-available')
    expect(existsSync(identityFolder(ring))).toBe(false)
  })

  test('takes no place that is taken and changes nothing there', () => {
    made()
    const before = filesOf()
    expect(codeOf(made)).toBe('identity/exists')
    expect(filesOf()).toEqual(before)
  })

  test('leaves nothing behind when it is refused', () => {
    expect(codeOf(() => newIdentity({ ...ring, suite: 'classic', passphrase: 'short' }))).toBe(
      'keystore/weak-passphrase',
    )
    for (const name of ['', '.', '..', '../x', 'a/b', 'A', '-a', 'a'.repeat(33), 'a b', 'ä']) {
      expect(codeOf(() => newIdentity({ ...ring, name }))).toBe('identity/bad-name')
      expect(codeOf(() => newIdentity({ ...ring, device: name }))).toBe('identity/bad-name')
    }
    const identities = join(ring.home, 'identities')
    expect(existsSync(identities) ? readdirSync(identities) : []).toEqual([])
  })

  test('shows no seed in any file', () => {
    made()
    const all = Object.values(filesOf()).join('')
    for (const path of [rootPath(ring), devicePath(ring, 'first')]) {
      const { seed, nextSeed } = openKey(new Uint8Array(readFileSync(path)), ring.passphrase)
      for (const secret of [seed, nextSeed]) expect(all).not.toContain(hexFromBytes(secret))
    }
  })
})

describe('rotation', () => {
  test('makes the promised key the root, keeps the devices, and can be done again', () => {
    const before = made()
    const once = rotateIdentity(ring)
    const twice = rotateIdentity(ring)
    expect(openIdentity(ring)).toEqual(twice)
    expect(twice.id).toBe(before.id)
    expect(twice.log.map(({ event }) => event.sequence)).toEqual([0, 1, 2])
    expect(twice.devices).toEqual(before.devices)
    const roots = [before, once, twice].map((identity) => hexFromBytes(rootOf(identity).publicKey))
    expect(new Set(roots).size).toBe(3)
  })

  test('that was cut short between its two files is finished, and not done twice', () => {
    const before = made()
    copyFileSync(identityPath(ring), join(ring.home, 'before'))
    const rotated = rotateIdentity(ring)
    copyFileSync(join(ring.home, 'before'), identityPath(ring))
    expect(openIdentity(ring)).toEqual(before)
    const finished = rotateIdentity(ring)
    expect(finished.head).toEqual(rotated.head)
    expect(rotateIdentity(ring).head.sequence).toBe(2)
  })

  test('that was cut short is finished by any change that follows', () => {
    made()
    copyFileSync(identityPath(ring), join(ring.home, 'before'))
    const rotated = rotateIdentity(ring)
    copyFileSync(join(ring.home, 'before'), identityPath(ring))
    const added = addDevice({ ...ring, device: 'phone' })
    expect(added.head.sequence).toBe(2)
    expect(added.head.keys).toEqual(rotated.head.keys)
  })

  test('is refused with the root key of another identity or of an older time', () => {
    made()
    newIdentity({ ...ring, name: 'bob', suite: 'classic' })
    const own = readFileSync(rootPath(ring))
    copyFileSync(rootPath({ ...ring, name: 'bob' }), rootPath(ring))
    expect(codeOf(() => rotateIdentity(ring))).toBe('identity/other-root')
    writeFileSync(rootPath(ring), own)
    rotateIdentity(ring)
    writeFileSync(rootPath(ring), own)
    expect(codeOf(() => rotateIdentity(ring))).toBe('identity/other-root')
  })

  test('with a wrong passphrase changes nothing', () => {
    made()
    const before = filesOf()
    const wrong = { ...ring, passphrase: 'incorrect horse' }
    expect(codeOf(() => rotateIdentity(wrong))).toBe('keystore/wrong-passphrase')
    expect(codeOf(() => addDevice({ ...wrong, device: 'phone' }))).toBe('keystore/wrong-passphrase')
    expect(codeOf(() => removeDevice({ ...wrong, device: 'first' }))).toBe(
      'keystore/wrong-passphrase',
    )
    expect(filesOf()).toEqual(before)
  })

  test('while another change runs is refused', () => {
    made()
    writeFileSync(join(identityFolder(ring), '.lock'), `${process.ppid}\n`, { mode: 0o600 })
    const before = filesOf()
    expect(codeOf(() => rotateIdentity(ring))).toBe('identity/locked')
    expect(filesOf()).toEqual(before)
  })
})

describe('devices', () => {
  test('are added, listed, sign, and are ended', () => {
    made()
    addDevice({ ...ring, device: 'phone' })
    expect(listDevices(ring).map(({ name, here }) => [name, here])).toEqual([
      ['first', true],
      ['phone', true],
    ])
    const signer = openSigner({ ...ring, device: 'phone' })
    expect(engine.verify(signer.scheme, signer.publicKey, message, signer.sign(message))).toBe(true)
    expect(codeOf(() => addDevice({ ...ring, device: 'phone' }))).toBe('identity/device-exists')
    removeDevice({ ...ring, device: 'phone' })
    expect(listDevices(ring).map(({ name }) => name)).toEqual(['first'])
    expect(existsSync(devicePath(ring, 'phone'))).toBe(false)
    for (const act of [removeDevice, openSigner]) {
      expect(codeOf(() => act({ ...ring, device: 'phone' }))).toBe('identity/unknown-device')
    }
  })

  test('whose key was made elsewhere are listed and do not sign here', () => {
    made()
    const publicKey = engine.fromSeed('ed25519', new Uint8Array(32).fill(8)).publicKey
    addDevice({ ...ring, device: 'phone', key: { scheme: 'ed25519', publicKey } })
    expect(listDevices(ring).at(1)).toMatchObject({
      name: 'phone',
      key: { scheme: 'ed25519', publicKey },
      here: false,
    })
    expect(codeOf(() => openSigner({ ...ring, device: 'phone' }))).toBe('identity/unknown-device')
  })

  test('whose key no list would hold are refused before anything is written', () => {
    const identity = made()
    const before = filesOf()
    const bip340 = engine.fromSeed('bip340', new Uint8Array(32).fill(8)).publicKey
    expect(
      codeOf(() =>
        addDevice({ ...ring, device: 'phone', key: { scheme: 'bip340', publicKey: bip340 } }),
      ),
    ).toBe('device/wrong-scheme')
    expect(codeOf(() => addDevice({ ...ring, device: 'phone', key: rootOf(identity) }))).toBe(
      'key-log/key-reused',
    )
    expect(codeOf(() => addDevice({ ...ring, device: '../phone' }))).toBe('identity/bad-name')
    expect(filesOf()).toEqual(before)
  })

  test('whose key was made before a crash are listed with that key', () => {
    made()
    copyFileSync(identityPath(ring), join(ring.home, 'before'))
    const once = addDevice({ ...ring, device: 'phone' })
    copyFileSync(join(ring.home, 'before'), identityPath(ring))
    expect(addDevice({ ...ring, device: 'phone' }).head).toEqual(once.head)
  })

  test('that were ended come back only with a fresh key', () => {
    made()
    const ended = addDevice({ ...ring, device: 'phone' }).devices[1]
    copyFileSync(devicePath(ring, 'phone'), join(ring.home, 'phone'))
    removeDevice({ ...ring, device: 'phone' })
    copyFileSync(join(ring.home, 'phone'), devicePath(ring, 'phone'))
    const again = addDevice({ ...ring, device: 'phone' }).devices[1]
    expect(again?.name).toBe('phone')
    expect(again?.key).not.toEqual(ended?.key)
  })
})

describe('recovery', () => {
  const wayOf = (fill: number): Parameters<typeof recoverIdentity>[0]['by'][number] => {
    const seed = new Uint8Array(32).fill(fill)
    return {
      key: { scheme: 'ed25519', publicKey: engine.fromSeed('ed25519', seed).publicKey },
      seed,
    }
  }
  const reserveOf = (fill: number) => soleReserve(nextKeyId('classic', wayOf(fill).key))
  const elsewhere = (): Unlocking => ({ ...ring, home: join(ring.home, 'elsewhere') })

  test('is named in a rotation, and then only changed by those who were named', () => {
    made()
    const named = rotateIdentity({ ...ring, recovery: reserveOf(1) })
    expect(named.head.recovery).toEqual(reserveOf(1))
    expect(codeOf(() => rotateIdentity({ ...ring, recovery: reserveOf(2) }))).toBe(
      'key-log/recovery-changed',
    )
    const changed = rotateIdentity({ ...ring, recovery: reserveOf(2), by: [wayOf(1)] })
    expect([changed.head.recovery, changed.head.recoveries]).toEqual([reserveOf(2), 1])
    expect(changed.devices).toHaveLength(1)
  })

  test('makes fresh keys elsewhere, and revokes every device that acted', () => {
    made()
    const { log, id } = rotateIdentity({ ...ring, recovery: reserveOf(1) })
    const back = recoverIdentity({
      ...elsewhere(),
      log,
      by: [wayOf(1)],
      recovery: reserveOf(2),
      device: 'phone',
    })
    expect(openIdentity(elsewhere())).toEqual(back)
    expect(back.id).toBe(id)
    expect(back.devices.map((one) => one.name)).toEqual(['phone'])
    expect(openSigner({ ...elsewhere(), device: 'phone' }).scheme).toBe('ed25519')
    expect(addDevice({ ...elsewhere(), device: 'desk' }).devices).toHaveLength(2)
  })

  test('keeps the devices whose keys are in hand, and makes none beside them', () => {
    made()
    const { log } = rotateIdentity({ ...ring, recovery: reserveOf(1) })
    const keep = [openOwnKey(ring, devicePath(ring, 'first'))]
    const back = recoverIdentity({ ...elsewhere(), log, by: [wayOf(1)], recovery: undefined, keep })
    expect(listDevices(elsewhere()).map(({ name, here }) => [name, here])).toEqual([
      ['first', true],
    ])
    expect(back.head.recovery).toBeUndefined()
  })

  test('is refused with a key that was not named, and leaves nothing behind', () => {
    made()
    const { log } = rotateIdentity({ ...ring, recovery: reserveOf(1) })
    const wrong = { ...elsewhere(), log, by: [wayOf(3)], recovery: undefined }
    expect(codeOf(() => recoverIdentity(wrong))).toBe('reserve/not-committed')
    expect(existsSync(identityFolder(elsewhere()))).toBe(false)
    expect(codeOf(() => recoverIdentity({ ...wrong, home: ring.home }))).toBe('identity/exists')
  })

  test('that renames and was cut short is finished with the same names', () => {
    made()
    copyFileSync(identityPath(ring), join(ring.home, 'before'))
    rotateIdentity({ ...ring, recovery: reserveOf(1) })
    copyFileSync(join(ring.home, 'before'), identityPath(ring))
    const finished = rotateIdentity({ ...ring, recovery: reserveOf(1) })
    expect([finished.head.sequence, finished.head.recovery]).toEqual([1, reserveOf(1)])
  })
})
