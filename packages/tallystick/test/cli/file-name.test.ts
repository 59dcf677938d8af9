import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { fileNameFrom, isDeviceName } from '../../src/cli/file-name.ts'
import { deviceFile, identityFolder } from '../../src/cli/keystore.ts'
import { folderNameFrom } from '../../src/cli/machine-folder.ts'
import { HOSTILE_NAMES } from './hostile-names.ts'

let folder = ''
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tallystick-names-')))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Where the file really lies that is made under a name. */
const placeOf = (name: string): string => {
  const path = join(folder, name)
  writeFileSync(path, 'x', { flag: 'wx' })
  const real = realpathSync(path)
  rmSync(path)
  return real
}

describe('K1: a file’s name', () => {
  test('out of what somebody else calls a thing lies in the folder where it is wanted, whatever that is', () => {
    expect(new Set(HOSTILE_NAMES).size).toBeGreaterThan(200)
    for (const hostile of HOSTILE_NAMES) {
      for (const name of [fileNameFrom(hostile), folderNameFrom('ann', hostile)]) {
        expect([hostile, dirname(placeOf(`${name}.tally`))]).toEqual([hostile, folder])
        expect([hostile, dirname(placeOf(name))]).toEqual([hostile, folder])
        expect(name).toMatch(/^[\p{L}\p{N}_-]{1,71}$/u)
        expect([hostile, isDeviceName(name)]).toEqual([hostile, false])
      }
    }
    expect(readdirSync(folder)).toEqual([])
  })

  test('that is an ordinary one stays as it is', () => {
    for (const name of ['ann', 'Ännchen', '北京', 'a-b_c', 'console', 'com10']) {
      expect(fileNameFrom(name)).toBe(name)
    }
    expect(fileNameFrom('Ann & Ben')).toBe('Ann_Ben')
    expect(['con', 'com¹', 'con_'].map(fileNameFrom)).toEqual(['con_', 'com¹_', 'con_'])
  })

  test('of an identity or a device is one of the ordinary ones, or refused', () => {
    for (const hostile of HOSTILE_NAMES) {
      for (const run of [
        () => identityFolder({ home: folder, name: hostile }),
        () => deviceFile(hostile),
      ]) {
        const found = faultFrom(run)
        const isOrdinary = /^[a-z][a-zA-Z]*$/.test(hostile) && !isDeviceName(hostile)
        if (!isOrdinary)
          expect([hostile, isFault(found) && found.code]).toEqual([hostile, 'identity/bad-name'])
      }
    }
    expect(identityFolder({ home: folder, name: 'ann' })).toBe(join(folder, 'identities', 'ann'))
    expect(deviceFile('phone-2')).toBe('device-phone-2.key.json')
  })
})
