import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { argon2id } from '@noble/hashes/argon2.js'
import { describe, expect, test } from 'vitest'
import { bytesFromHex, bytesFromUtf8, hexFromBytes, utf8FromBytes } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import {
  argon2idBytes,
  COST_DEFAULT,
  COST_MAX,
  COST_MIN,
  hasNativeArgon2,
  type KeyCard,
  openKey,
  PASSPHRASE_CHARACTERS_MIN,
  readKeyCard,
  sealKey,
  sharingDerivations,
} from '../../src/cli/key-file.ts'
import { createEd25519 } from '../../src/engine/ed25519.ts'
import { nextKeyId } from '../../src/kernel/reserve.ts'
import { named, readVectorJson, vectorsAreMissing, type Wycheproof } from '../third-party.ts'

const scheme = createEd25519()
const seed = new Uint8Array(32).fill(0xa1)
const nextSeed = new Uint8Array(32).fill(0xb2)
const card: KeyCard = {
  name: 'laptop',
  suite: 'classic',
  role: 'device',
  key: { scheme: 'ed25519', publicKey: scheme.publicKey(seed) },
  nextKey: nextKeyId('classic', { scheme: 'ed25519', publicKey: scheme.publicKey(nextSeed) }),
}
const passphrase = 'correct horse battery'
const file = sealKey(card, { seed, nextSeed }, passphrase, COST_MIN)
const text = utf8FromBytes(file)

const codeOf = (run: () => unknown): string => {
  const result = faultFrom(run)
  return isFault(result) ? result.code : 'opened'
}
const opening = (changed: string): string =>
  codeOf(() => openKey(bytesFromUtf8(changed), passphrase))

/** The file with one text in it replaced; the replacement must do something. */
const edited = (from: string | RegExp, to: string): string => {
  const changed = text.replace(from, to)
  expect(changed).not.toBe(text)
  return changed
}

describe('a key file', () => {
  test('gives back both seeds and what it showed', () => {
    expect(openKey(file, passphrase)).toEqual({ ...card, seed, nextSeed })
    expect(readKeyCard(file)).toEqual(card)
  })

  test('holds no secret in the open', () => {
    for (const secret of [seed, nextSeed])
      expect(text).not.toContain(hexFromBytes(secret).slice(0, 12))
    expect(text).not.toContain(passphrase)
  })

  test('is another one each time, though the key is the same', () => {
    const again = utf8FromBytes(sealKey(card, { seed, nextSeed }, passphrase, COST_MIN))
    for (const field of ['salt', 'nonce', 'sealed', 'check']) {
      const value = new RegExp(`"${field}": "([0-9a-f]+)"`)
      expect(value.exec(again)?.[1]).not.toBe(value.exec(text)?.[1])
    }
  })

  test('says that the passphrase is wrong when it is', () => {
    for (const wrong of ['', 'correct horse batterz', `${passphrase} `, passphrase.toUpperCase()]) {
      expect(codeOf(() => openKey(file, wrong))).toBe('keystore/wrong-passphrase')
    }
  })

  test('opens for the same passphrase typed with composed or separate accents', () => {
    const accented = sealKey(card, { seed, nextSeed }, 'caf\u00e9 cr\u00e8me', COST_MIN)
    expect(codeOf(() => openKey(accented, 'cafe\u0301 cre\u0300me'))).toBe('opened')
    expect(codeOf(() => openKey(accented, 'cafe creme'))).toBe('keystore/wrong-passphrase')
  })

  test('is not opened when anything that it shows was changed', () => {
    const other = hexFromBytes(scheme.publicKey(nextSeed))
    const changes = [
      edited('"laptop"', '"labtop"'),
      edited('"classic"', '"quantum"'),
      edited('"device"', '"root"'),
      edited('"ed25519"', '"bip340"'),
      edited(/"publicKey": "[0-9a-f]+"/, `"publicKey": "${other}"`),
      edited(/"nextKey": "./, '"nextKey": "0').replace('"nextKey": "00', '"nextKey": "10'),
      edited(/"nonce": "../, '"nonce": "00'),
      edited(/"sealed": "../, '"sealed": "00'),
      edited(/..",?\s*\}\s*\}\s*$/, '00"\n}}'),
    ]
    for (const changed of changes) expect(opening(changed)).toBe('keystore/tampered')
  })

  test('is not opened at a lower cost: below the minimum by rule, above it by the passphrase', () => {
    expect(opening(edited('"memoryKib": 19456', '"memoryKib": 19455'))).toBe(
      'keystore/weak-derivation',
    )
    expect(opening(edited('"passes": 2', '"passes": 1'))).toBe('keystore/weak-derivation')
    expect(opening(edited('"lanes": 1', '"lanes": 0'))).toBe('keystore/weak-derivation')
    expect(opening(edited('"passes": 2', '"passes": 3'))).toBe('keystore/wrong-passphrase')
    expect(codeOf(() => readKeyCard(bytesFromUtf8(edited('"passes": 2', '"passes": 1'))))).toBe(
      'keystore/weak-derivation',
    )
  })

  test('is not opened at a cost that would only keep the machine busy', () => {
    for (const [name, value] of Object.entries(COST_MAX)) {
      const changed = edited(new RegExp(`"${name}": [0-9]+`), `"${name}": ${Number(value) + 1}`)
      expect(opening(changed)).toBe('keystore/damaged')
    }
  })

  test('is damaged when cut anywhere, extended, or not what it says', () => {
    for (let size = 0; size < file.length - 2; size += 7) {
      expect(codeOf(() => openKey(file.subarray(0, size), passphrase))).toBe('keystore/damaged')
    }
    const damaged = [
      `${text}{}`,
      text + ' '.repeat(40_000),
      edited('tallystick/1 key', 'tallystick/2 key'),
      edited('argon2id', 'scrypt'),
      edited('xchacha20-poly1305', 'none'),
      edited('"ed25519"', '"dsa"'),
      edited('"classic"', '"roman"'),
      edited('"role": "device"', '"role": "device", "role": "root"'),
      edited('"role": "device"', '"role": "device", "extra": 1'),
      edited('"role": "device",', ''),
      edited(/"salt": "../, '"salt": "'),
      edited(/"sealed": "../, '"sealed": "'),
      edited(/"publicKey": "../, '"publicKey": "'),
      edited(/"publicKey": "/, '"publicKey": "A'),
      edited('"laptop"', '"lap\\u0007top"'),
      edited('"passes": 2', '"passes": "2"'),
      edited('"passes": 2', '"passes": 2.5'),
      'null',
      '[]',
    ]
    for (const changed of damaged)
      expect([changed, opening(changed)]).toEqual([changed, 'keystore/damaged'])
  })

  test('is not written under a passphrase that is too short or at a cost that is too low', () => {
    const sealing = (chosen: string, cost = COST_MIN): string =>
      codeOf(() => sealKey(card, { seed, nextSeed }, chosen, cost))
    expect(sealing('x'.repeat(PASSPHRASE_CHARACTERS_MIN))).toBe('opened')
    expect(sealing('x'.repeat(PASSPHRASE_CHARACTERS_MIN - 1))).toBe('keystore/weak-passphrase')
    expect(sealing(passphrase, { ...COST_MIN, passes: 1 })).toBe('keystore/weak-derivation')
    expect(sealing(passphrase, { ...COST_MIN, memoryKib: 8 })).toBe('keystore/weak-derivation')
  })

  test('shares its salt with others of one passphrase and cost while that is wanted, and not longer', async () => {
    const saltOf = (of: Uint8Array): string | undefined =>
      /"salt": "([0-9a-f]+)"/.exec(utf8FromBytes(of))?.[1]
    const write = (secret: string): Uint8Array =>
      sealKey(card, { seed, nextSeed }, secret, COST_MIN)
    const files = await sharingDerivations(() =>
      Promise.resolve([write(passphrase), write(passphrase), write(`${passphrase} two`)]),
    )
    const [one, two, other] = files.map(saltOf)
    expect(two).toBe(one)
    expect(other).not.toBe(one)
    expect(saltOf(write(passphrase))).not.toBe(one)
    const opened = await sharingDerivations(() =>
      Promise.resolve(files.slice(0, 2).map((each) => openKey(each, passphrase).seed)),
    )
    expect(opened).toEqual([seed, seed])
    await expect(
      sharingDerivations(() => Promise.resolve(files.map((each) => openKey(each, passphrase)))),
    ).rejects.toMatchObject({ code: 'keystore/wrong-passphrase' })
    // Each file opens by itself afterwards.
    for (const each of files.slice(0, 2)) expect(openKey(each, passphrase).seed).toEqual(seed)
  })

  test('costs what is recommended unless asked otherwise', () => {
    const written = utf8FromBytes(sealKey(card, { seed, nextSeed }, passphrase))
    expect(COST_DEFAULT).toEqual({ memoryKib: 65536, passes: 3, lanes: 1 })
    for (const part of ['"memoryKib": 65536', '"passes": 3', '"lanes": 1']) {
      expect(written).toContain(part)
    }
  })
})

test.skipIf(!hasNativeArgon2())('both implementations of Argon2id derive the same bytes', () => {
  for (const cost of [COST_MIN, { memoryKib: 19_459, passes: 3, lanes: 2 }]) {
    const salt = new Uint8Array(16).fill(cost.lanes)
    const password = bytesFromUtf8(passphrase)
    expect(argon2idBytes(password, salt, cost)).toEqual(
      argon2id(password, salt, {
        t: cost.passes,
        m: cost.memoryKib,
        p: cost.lanes,
        dkLen: 48,
      }),
    )
  }
})

test.skipIf(vectorsAreMissing)(
  named('the cipher agrees with all 315 verdicts of Wycheproof for XChaCha20-Poly1305'),
  () => {
    const vectors = readVectorJson<
      Wycheproof<
        object,
        { key: string; iv: string; aad: string; msg: string; ct: string; tag: string }
      >
    >('wycheproof/xchacha20_poly1305_test.json')
    expect(vectors.numberOfTests).toBe(315)
    const wrong = vectors.testGroups.flatMap((group) =>
      group.tests
        .filter((entry) => {
          let message = 'refused'
          try {
            const cipher = xchacha20poly1305(
              bytesFromHex(entry.key),
              bytesFromHex(entry.iv),
              bytesFromHex(entry.aad),
            )
            message = hexFromBytes(cipher.decrypt(bytesFromHex(entry.ct + entry.tag)))
          } catch {}
          return message !== (entry.result === 'valid' ? entry.msg : 'refused')
        })
        .map((entry) => entry.tcId),
    )
    expect(wrong).toEqual([])
  },
)
