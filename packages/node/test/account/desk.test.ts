import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isFault } from 'tallystick/base'
import { openSubmissions } from '../../src/account/desk.ts'
import { createPlace, createTwo, deskOf, type Holder, pay, type Place, signerOf } from './places.ts'

let place: Place
let mint: Holder
let alice: Holder
beforeEach(() => {
  place = createPlace()
  ;[mint, alice] = createTwo(place)
})
afterEach(() => place.remove())

const journalOf = ({ folder }: Holder): string => join(folder.path, 'desk', 'journal')
const guardOf = ({ guards, folder }: Holder): string => join(guards, `${folder.id}-0`)

const stepsOf = (of: Holder) => {
  const desk = deskOf(of)
  try {
    return openSubmissions(desk.state())
  } finally {
    desk.close()
  }
}

/** Opens a desk, does something there, and closes it. */
const at = <T>(of: Holder, work: (desk: ReturnType<typeof deskOf>) => T): T => {
  const desk = deskOf(of)
  try {
    return work(desk)
  } finally {
    desk.close()
  }
}

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'nothing'
  } catch (error) {
    return isFault(error) ? error.code : String(error)
  }
}

describe('an account’s desk', () => {
  test('gives the same signed step again when it is opened anew', () => {
    const before = at(mint, (desk) => {
      pay(desk, mint, alice)
      return openSubmissions(desk.state())
    })
    expect(before).toHaveLength(1)
    expect(stepsOf(mint)).toEqual(before)
  })

  test('stores nothing of a step that the machine refuses', () => {
    const size = at(alice, () => readFileSync(journalOf(alice)).length)
    expect(at(alice, (desk) => codeOf(() => pay(desk, alice, mint)))).not.toBe('nothing')
    expect(readFileSync(journalOf(alice))).toHaveLength(size)
    expect(stepsOf(alice)).toEqual([])
  })

  test('cut off at any byte, comes back with the same step or with none, and never with another', () => {
    at(mint, (desk) => pay(desk, mint, alice))
    const [whole] = stepsOf(mint)
    const bytes = readFileSync(journalOf(mint))
    // The guard is written after the journal, so a crash in the journal finds it as it was before.
    for (let cut = 16; cut <= bytes.length; cut += 23) {
      rmSync(guardOf(mint), { force: true })
      writeFileSync(journalOf(mint), new Uint8Array(0))
      at(mint, () => undefined)
      writeFileSync(journalOf(mint), bytes.subarray(0, cut))
      at(mint, (desk) => {
        const { steps } = desk.state()
        expect(steps.length).toBeLessThanOrEqual(1)
        if (steps.length > 0) desk.finish(signerOf(mint.person))
        for (const one of openSubmissions(desk.state())) expect(one).toEqual(whole)
      })
    }
  })

  test('put back from an old copy, signs nothing', () => {
    at(mint, (desk) => pay(desk, mint, alice))
    const copy = join(place.path, 'copy')
    copyFileSync(journalOf(mint), copy)
    at(mint, (desk) => pay(desk, mint, alice))
    copyFileSync(copy, journalOf(mint))
    at(mint, (desk) => {
      expect(desk.isForgetful()).toBe(true)
      expect(codeOf(() => pay(desk, mint, alice))).toBe('account/not-recovered')
      expect(desk.state().steps).toHaveLength(1)
    })
  })

  test('away from its guard, signs nothing; with it, it goes on', () => {
    at(mint, (desk) => pay(desk, mint, alice))
    const elsewhere = { ...mint, guards: join(place.path, 'another home') }
    expect(at(elsewhere, (desk) => desk.isForgetful())).toBe(true)
    expect(at(elsewhere, (desk) => codeOf(() => pay(desk, mint, alice)))).toBe(
      'account/not-recovered',
    )
    expect(at(mint, (desk) => codeOf(() => pay(desk, mint, alice)))).toBe('nothing')
  })

  test('is open once at a time', () => {
    at(mint, () => expect(codeOf(() => deskOf(mint))).toBe('desk/locked'))
    expect(at(mint, (desk) => desk.state().steps)).toEqual([])
  })

  test('says so where what is stored does not follow', () => {
    at(mint, (desk) => pay(desk, mint, alice))
    at(alice, () => undefined)
    copyFileSync(journalOf(mint), journalOf(alice))
    expect(codeOf(() => deskOf(alice))).toBe('account/damaged')
  })
})
