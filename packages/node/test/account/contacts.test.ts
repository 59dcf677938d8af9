/** K1: what others call themselves becomes a file in the address book, or nothing. */
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { faultFrom, isFault } from 'tallystick/base'
import { soleController } from 'tallystick/kernel'
import { HOSTILE_NAMES } from '../../../tallystick/test/cli/hostile-names.ts'
import { addContact, listContacts, readContact } from '../../src/account/contacts.ts'
import type { AccountFolder } from '../../src/account/folder.ts'
import { charterFor, ownerPair } from '../server/town.ts'

const base = realpathSync(mkdtempSync(join(tmpdir(), 'tallystick-contacts-')))
afterAll(() => rmSync(base, { recursive: true }))

test('K1: a contact lies in the address book under a plain name, or is refused and leaves nothing', () => {
  const path = join(base, 'account')
  mkdirSync(path)
  const folder = { path } as AccountFolder
  const called = (name: string) => {
    const card = {
      name: 'north',
      url: '',
      scheme: 'ed25519',
      publicKey: ownerPair.publicKey,
    } as const
    const charter = charterFor([card])
    const controller = soleController('ed25519', ownerPair.publicKey)
    return { ...charter, terms: { ...charter.terms, participants: [{ name, controller }] } }
  }
  let taken = 0
  for (const hostile of HOSTILE_NAMES) {
    const found = faultFrom(() => addContact(folder, called(hostile)))
    if (!isFault(found)) {
      taken += 1
      expect(hostile).toMatch(/^[\p{L}\p{N}_][\p{L}\p{N}_-]{0,31}$/u)
      continue
    }
    expect([hostile, found.code]).toEqual([hostile, 'contact/bad-name'])
    expect(readContact(folder, hostile)).toBeUndefined()
  }
  // Such as `__proto__`, which is a plain name for a file.
  expect(taken).toBeLessThan(10)
  expect(listContacts(folder)).toHaveLength(taken)
  expect(readdirSync(base)).toEqual(['account'])
  expect(readdirSync(path)).toEqual(['contacts'])
  for (const name of readdirSync(join(path, 'contacts'))) {
    expect(dirname(realpathSync(join(path, 'contacts', name)))).toBe(join(path, 'contacts'))
  }
  expect(addContact(folder, called('bob')).name).toBe('bob')
})
