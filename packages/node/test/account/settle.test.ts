import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { transitionId } from 'tallystick/kernel'
import { submissions } from 'tallystick/models'
import { fileFromBundle, verify } from 'tallystick/verify'
import { acceptFiles, acceptInbox } from '../../src/account/accept.ts'
import { ownBundle } from '../../src/account/bundle.ts'
import { contactFile, listContacts } from '../../src/account/contacts.ts'
import { openSubmissions } from '../../src/account/desk.ts'
import type { Office } from '../../src/account/office.ts'
import { settle } from '../../src/account/settle.ts'
import { leaveItem } from '../../src/client/directory.ts'
import { createNet, type FakeNet, type Fate, person, signerOfKey } from '../client/town.ts'
import {
  createHolder,
  createPlace,
  createTwo,
  type Holder,
  pay,
  type Place,
  within,
} from './places.ts'

let place: Place
let mint: Holder
let alice: Holder
let net: FakeNet
beforeEach(() => {
  place = createPlace()
  ;[mint, alice] = createTwo(place)
  net = createNet()
})
afterEach(() => place.remove())

const WAIT_MS = 40_000

/** The mint pays alice, and everything is settled. */
const paid = () =>
  within(mint, net, async (office) => {
    pay(office.desk, mint, alice)
    return settle(office, WAIT_MS)
  })

const journalOf = ({ folder }: Holder): string => join(folder.path, 'desk', 'journal')
const stepsIn = (office: Office): number => office.desk.state().steps.length

/** For each number, the different steps that operators were ever asked to vow for. */
const numbers = (of: FakeNet): readonly number[] => {
  const ids = new Map<string, Set<string>>()
  for (const { path, body } of of.asked) {
    if (path !== '/v1/steps' || !body) continue
    for (const { transition } of submissions.decode(body)) {
      const key = `${transition.machine} ${transition.sequence}`
      ids.set(key, (ids.get(key) ?? new Set()).add(transitionId('classic', transition)))
    }
  }
  return [...ids.values()].map((one) => one.size)
}

describe('settling', () => {
  test('certifies what is signed, and leaves its proof with the payee', async () => {
    const settled = await paid()
    expect(settled).toMatchObject({ certified: [1n], waiting: [], undelivered: 0 })
    expect(settled.delivered).toEqual([
      { step: 1n, to: 'alice', with: ['north', 'east', 'south', 'west'] },
    ])
    const again = await within(mint, net, (office) => settle(office, WAIT_MS))
    expect(again).toMatchObject({ certified: [], delivered: [], undelivered: 0 })
  })

  test('says for whom it waits, and completes when they are back', async () => {
    for (const one of net.operators.slice(2)) one.isUp = false
    const settled = await within(mint, net, async (office) => {
      pay(office.desk, mint, alice)
      return settle(office, 2_000)
    })
    expect(settled.certified).toEqual([])
    expect(settled.waiting).toEqual([
      { name: 'south', why: 'nobody listens there' },
      { name: 'west', why: 'nobody listens there' },
    ])
    for (const one of net.operators) one.isUp = true
    const done = await within(mint, net, (office) => settle(office, WAIT_MS))
    expect(done).toMatchObject({ certified: [1n], waiting: [] })
  })

  test('begun again after a crash at any request, never hands out a second step with a number', async () => {
    for (let limit = 0; limit < 14; limit++) {
      const here = createPlace()
      const [from, to] = createTwo(here)
      let count = 0
      // After so many requests the process is as good as dead: nothing of it reaches anybody.
      const lossy = createNet((): Fate => {
        count += 1
        return count > limit ? 'lost-before' : count % 3 === 0 ? 'lost-after' : 'whole'
      })
      await within(from, lossy, async (office) => {
        pay(office.desk, from, to)
        return settle(office, 300)
      })
      count = -1_000
      const settled = await within(from, lossy, (office) => settle(office, WAIT_MS))
      expect(settled.waiting).toEqual([])
      expect(new Set(numbers(lossy))).toEqual(new Set([1]))
      here.remove()
    }
  })
})

describe('accepting', () => {
  test('claims a payment once, and shows it to anybody', async () => {
    await paid()
    const code = await within(alice, net, (office) => acceptInbox(office, WAIT_MS))
    expect(code).toBe(0)
    await within(alice, net, async (office) => {
      expect(stepsIn(office)).toBe(1)
      expect(await acceptInbox(office, WAIT_MS)).toBe(0)
      expect(stepsIn(office)).toBe(1)
      const { bundle, missing } = await ownBundle(office)
      expect(missing).toEqual([])
      expect(verify(fileFromBundle(bundle), office.checks).outcome).toBe('valid')
    })
  })

  test('does not claim the same payment again from a file', async () => {
    await paid()
    const file = await within(mint, net, async (office) =>
      fileFromBundle((await ownBundle(office)).bundle),
    )
    const handed = [{ from: 'mint.tally', bytes: file }]
    for (let time = 0; time < 2; time++) {
      await within(alice, net, (office) => acceptFiles(office, handed, WAIT_MS))
    }
    expect(await within(alice, net, async (office) => stepsIn(office))).toBe(1)
  })

  test('leaves alone what its payer alone has signed, and takes it when it is certified', async () => {
    for (const one of net.operators.slice(2)) one.isUp = false
    await within(mint, net, async (office) => {
      pay(office.desk, mint, alice)
      await settle(office, 500)
    })
    const open = await within(mint, net, async ({ desk }) => openSubmissions(desk.state()))
    expect(open).toHaveLength(1)
    for (const one of net.operators) one.isUp = true
    expect(await within(alice, net, (office) => acceptInbox(office, WAIT_MS))).toBe(0)
    expect(await within(alice, net, async (office) => stepsIn(office))).toBe(0)
    await within(mint, net, (office) => settle(office, WAIT_MS))
    await within(alice, net, (office) => acceptInbox(office, WAIT_MS))
    expect(await within(alice, net, async (office) => stepsIn(office))).toBe(1)
  })

  test('passes over what anybody else has left, and acknowledges it', async () => {
    await within(alice, net, async ({ directory }) => {
      await leaveItem(directory, signerOfKey(person('alice')), Uint8Array.of(1, 2, 3))
      await leaveItem(directory, signerOfKey(person('alice')), contactFile(mint.folder.charter))
    })
    expect(await within(alice, net, (office) => acceptInbox(office, WAIT_MS))).toBe(0)
    for (const one of net.operators) {
      expect(one.acknowledged.get(signerOfKey(person('alice')))).toBe(2n)
    }
    const at = join(alice.folder.path, 'pending')
    expect(existsSync(at) ? readdirSync(at) : []).toEqual([])
  })

  test('puts an account that it is handed into the address book, and keeps a name for one', async () => {
    const bob = createHolder(place, 'bob')
    const handed = [{ from: 'bob.account.tally', bytes: contactFile(bob.folder.charter) }]
    await within(alice, net, (office) => acceptFiles(office, handed, WAIT_MS))
    expect(listContacts(alice.folder).map((one) => one.name)).toEqual(['bob', 'mint'])
    const other = { ...bob.folder.charter, nonce: new Uint8Array(32).fill(9) }
    const stranger = [{ from: 'other.tally', bytes: contactFile(other) }]
    await expect(
      within(alice, net, (office) => acceptFiles(office, stranger, WAIT_MS)),
    ).rejects.toMatchObject({ code: 'contact/other-account' })
    expect(listContacts(alice.folder).find((one) => one.name === 'bob')?.id).toBe(bob.folder.id)
  })
})

describe('recovering', () => {
  /** The mint with two certified steps and a folder that knows the first alone. */
  const forgetful = async (): Promise<void> => {
    await paid()
    const copy = join(place.path, 'copy')
    copyFileSync(journalOf(mint), copy)
    await paid()
    copyFileSync(copy, journalOf(mint))
  }

  test('takes over from the operators what was forgotten, and goes on above it', async () => {
    await forgetful()
    await within(mint, net, async (office) => {
      expect(office.desk.isForgetful()).toBe(true)
      await settle(office, WAIT_MS)
      expect(office.desk.isForgetful()).toBe(false)
      pay(office.desk, mint, alice)
      expect((await settle(office, WAIT_MS)).certified).toEqual([3n])
    })
    expect(new Set(numbers(net))).toEqual(new Set([1]))
  })

  test('asks everybody, and names who is missing', async () => {
    await forgetful()
    for (const one of net.operators.slice(0, 2)) one.isUp = false
    await within(mint, net, async (office) => {
      const settled = await settle(office, WAIT_MS)
      expect(settled.waiting.map((one) => one.name)).toEqual(['north', 'east'])
      expect(office.desk.isForgetful()).toBe(true)
    })
  })

  test('proposes a step again that one operator alone had seen', async () => {
    await paid()
    const copy = join(place.path, 'copy')
    copyFileSync(journalOf(mint), copy)
    for (const one of net.operators.slice(1)) one.isUp = false
    await within(mint, net, async (office) => {
      pay(office.desk, mint, alice)
      expect((await settle(office, 500)).certified).toEqual([])
    })
    copyFileSync(copy, journalOf(mint))
    for (const one of net.operators.slice(0, 3)) one.isUp = true
    // The one that is away could have seen more, so it takes somebody’s word to go on without it.
    const waiting = await within(mint, net, (office) => settle(office, WAIT_MS))
    expect(waiting.waiting.map((one) => one.name)).toEqual(['west'])
    expect(waiting.certified).toEqual([])
    const settled = await within(mint, net, (office) => settle(office, WAIT_MS, true))
    expect(settled.certified).toEqual([2n])
    expect(new Set(numbers(net))).toEqual(new Set([1]))
  })

  test('stops where the key has signed another step elsewhere', async () => {
    await paid()
    const copy = createPlace()
    const [twin, other] = createTwo(copy)
    const bob = createHolder(copy, 'bob')
    for (const one of net.operators) one.vows.clear()
    // Another copy of the account has paid somebody else with the same number.
    await within(twin, net, async (office) => {
      pay(office.desk, twin, bob)
      await settle(office, WAIT_MS)
    })
    expect(other.folder.id).toBe(alice.folder.id)
    const lost = { ...mint, guards: join(place.path, 'another home') }
    await expect(within(lost, net, (office) => settle(office, WAIT_MS))).rejects.toMatchObject({
      code: 'account/forked',
    })
    copy.remove()
  })
})
