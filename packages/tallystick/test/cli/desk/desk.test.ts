import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { type Desk, openDesk } from '../../../src/cli/desk/desk.ts'
import { createMemoryStore, type DeskStore, openFolderStore } from '../../../src/cli/desk/store.ts'
import { message } from '../../../src/models/bilateral/message.ts'
import { createParty } from '../../../src/models/bilateral/party.ts'
import { type PartyState, stepsOf } from '../../../src/models/bilateral/state.ts'
import { engine, logics } from '../../kernel/sample.ts'
import {
  charter,
  deskOver,
  machine,
  newFolder,
  openSide,
  pay,
  random,
  run,
  settle,
  wishAt,
} from './sides.ts'

const cleanings: (() => void)[] = []
afterEach(() => {
  for (const clean of cleanings.splice(0).reverse()) clean()
})

const folder = (): string => {
  const path = newFolder()
  cleanings.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const openAt = (position: 0 | 1, path: string): Desk => {
  const desk = openSide(position, path)
  cleanings.push(() => desk.close())
  return desk
}

/** What must survive, in a form that two openings can be compared in. */
const kept = (state: PartyState): unknown => ({
  head: state.machine.headId,
  root: state.machine.head.state,
  steps: stepsOf(state),
  book: state.book,
  pending: state.pending && { ...state.pending, serial: 0 },
  peer: state.peer,
  quarantine: state.quarantine,
  ended: state.ended,
})

describe('a desk', () => {
  test('has a step agreed, and opens again where it was', () => {
    const paths = [folder(), folder()] as const
    const sides = [openAt(0, paths[0]), openAt(1, paths[1])] as const
    for (let step = 0; step < 6; step++) pay(sides)
    expect(sides[0].state().machine.head.sequence).toBe(6n)
    expect(sides[1].state().machine.headId).toBe(sides[0].state().machine.headId)
    for (const at of [0, 1] as const) {
      sides[at].close()
      const again = openAt(at, paths[at])
      expect(again.restored).toBe(false)
      expect(kept(again.state())).toEqual(kept(sides[at].state()))
    }
  })

  test('copied at any moment opens to the state behind what it handed out', () => {
    const path = folder()
    const copies = folder()
    const sides = [openAt(0, path), deskOver(1, createMemoryStore())] as const
    const states: PartyState[] = []
    const watched: Desk = {
      ...sides[0],
      take: (input) => {
        const outcome = sides[0].take(input)
        const copy = join(copies, String(states.length))
        cpSync(path, copy, { recursive: true })
        rmSync(join(copy, 'lock'))
        states.push(sides[0].state())
        return outcome
      },
    }
    pay([watched, sides[1]])
    pay([watched, sides[1]])
    expect(states.length).toBeGreaterThan(5)
    for (const [at, state] of states.entries()) {
      const desk = openSide(0, join(copies, String(at)))
      expect(desk.restored).toBe(false)
      expect(kept(desk.state())).toEqual(kept(state))
      desk.close()
    }
  })

  test('torn anywhere in its last writes never forgets a vow without noticing', () => {
    const path = folder()
    const copy = folder()
    const sides = [openAt(0, path), deskOver(1, createMemoryStore())] as const
    pay(sides)
    const before = readFileSync(join(path, 'journal')).length
    // Alice votes for Bob's step, and then it becomes final: the two writes that are torn below.
    pay(sides)
    const after = readFileSync(join(path, 'journal')).length
    const seen = new Set<string>()
    for (let size = before; size <= after; size += size < after - 40 ? 17 : 1) {
      rmSync(copy, { recursive: true, force: true })
      cpSync(path, copy, { recursive: true })
      rmSync(join(copy, 'lock'))
      truncateSync(join(copy, 'journal'), size)
      const desk = openSide(0, copy)
      const { machine: at, book, quarantine } = desk.state()
      const isVowKnown = at.head.sequence === 2n || book.vows.length > 0
      expect(desk.restored).toBe(!isVowKnown)
      expect(quarantine !== undefined).toBe(desk.restored)
      seen.add(`${at.head.sequence} ${book.vows.length} ${desk.restored}`)
      desk.close()
    }
    expect([...seen]).toEqual(['1 0 true', '1 1 false', '2 0 false'])
  })

  test('put back from a backup signs nothing until the peer has answered, and then goes on', () => {
    const path = folder()
    const backup = folder()
    const first = openAt(0, path)
    const peer = deskOver(1, createMemoryStore())
    pay([first, peer])
    cpSync(path, backup, { recursive: true })
    pay([first, peer])
    pay([first, peer])
    first.close()
    for (const name of ['journal', 'history']) cpSync(join(backup, name), join(path, name))
    const desk = openAt(0, path)
    expect(desk.restored).toBe(true)
    expect(desk.state().machine.head.sequence).toBe(1n)
    const { refused } = desk.take(wishAt(desk))
    expect(refused.map((one) => one.code)).toEqual(['party/quarantined'])
    settle([desk, peer])
    expect(desk.state().quarantine).toBeUndefined()
    expect(desk.state().machine.headId).toBe(peer.state().machine.headId)
    pay([desk, peer])
    expect(peer.state().machine.head.sequence).toBe(4n)
    expect(peer.state().evidence).toEqual([])
  })

  test('without its guard is as one put back, unless it never signed', () => {
    const path = folder()
    const desk = openAt(0, path)
    desk.take(wishAt(desk))
    desk.close()
    rmSync(join(path, 'guard'))
    const still = openAt(0, path)
    expect(still.restored).toBe(false)
    expect(still.state().pending?.stage).toBe('offered')
    run([still, deskOver(1, createMemoryStore())], 0, still.outstanding())
    expect(still.state().machine.head.sequence).toBe(1n)
    still.close()
    rmSync(join(path, 'guard'))
    expect(openAt(0, path).restored).toBe(true)
  })

  test('goes over checkpoints, and their crashes, without a difference', () => {
    const path = folder()
    const copies = folder()
    let sides = [openAt(0, path), deskOver(1, createMemoryStore())] as const
    let journalBefore = 0
    let checkpoints = 0
    for (let step = 0; step < 200; step++) {
      pay(sides)
      const size = readFileSync(join(path, 'journal')).length
      if (size < journalBefore) {
        checkpoints += 1
        // The crash between the two files: the history has steps that the old journal leads to again.
        const copy = join(copies, String(step))
        cpSync(join(copies, 'before'), copy, { recursive: true })
        cpSync(join(path, 'history'), join(copy, 'history'))
        const desk = openSide(0, copy)
        expect(desk.restored).toBe(false)
        desk.close()
        sides[0].close()
        sides = [openAt(0, path), sides[1]]
        expect(sides[0].state().machine.headId).toBe(sides[1].state().machine.headId)
      }
      journalBefore = size
      rmSync(join(copies, 'before'), { recursive: true, force: true })
      cpSync(path, join(copies, 'before'), { recursive: true })
      rmSync(join(copies, 'before', 'lock'))
    }
    expect(checkpoints).toBeGreaterThan(0)
    expect(stepsOf(sides[0].state())).toEqual(stepsOf(sides[1].state()))
  })

  test('is not opened over the folder of another machine or a damaged one', () => {
    const path = folder()
    const desk = openAt(0, path)
    pay([desk, deskOver(1, createMemoryStore())])
    desk.close()
    const codeOf = (open: () => Desk): string => {
      const result = faultFrom(open)
      if (!isFault(result)) result.close()
      return isFault(result) ? result.code : 'none'
    }
    const other = createParty({
      charter: { ...charter, network: 'elsewhere' },
      party: 0,
      keys: [0],
      logics,
      verifier: engine,
    })
    if (isFault(other)) throw other
    const elsewhere = (): Desk =>
      openDesk({
        party: other,
        logics,
        store: openFolderStore(path, { machine, durable: false }),
        signers: new Map(),
        now: () => 0n,
        random,
      })
    expect(codeOf(elsewhere)).toBe('desk/other-machine')
    const journal = readFileSync(join(path, 'journal'))
    writeFileSync(join(path, 'journal'), journal.fill(0xff, 60, 61))
    expect(codeOf(() => openSide(0, path))).toBe('journal/damaged')
    // Refusing gave the lock back.
    expect(codeOf(() => openSide(0, path))).toBe('journal/damaged')
  })

  test('is opened by one process at a time', () => {
    const path = folder()
    openAt(0, path)
    expect(() => openSide(0, path)).toThrow(
      expect.objectContaining({ code: 'desk/locked' }) as Error,
    )
  })

  test('that could not store says nothing more', () => {
    const store = createMemoryStore()
    let isFull = false
    const failing: DeskStore = {
      ...store,
      record: (inputs, last) => {
        if (isFull) throw new Error('ENOSPC')
        store.record(inputs, last)
      },
    }
    const desk = deskOver(0, failing)
    isFull = true
    expect(() => desk.take(wishAt(desk))).toThrow(/ENOSPC/)
    isFull = false
    expect(() => desk.take({ is: 'resend' })).toThrow(/open the desk anew/)
  })

  test('hands out each effect once in a run, and again when asked to', () => {
    const desk = deskOver(0, createMemoryStore())
    const sent = desk.take(wishAt(desk)).effects
    expect(sent.map((one) => one.is)).toEqual(['send'])
    const [offer] = sent
    const peer = deskOver(1, createMemoryStore())
    if (offer?.is !== 'send') throw new Error('no offer')
    expect(desk.take({ is: 'learn', charter: { ...charter, network: 'b' } }).effects).toEqual([])
    expect(desk.take({ is: 'resend' }).effects).toHaveLength(1)
    const heard = peer.take({ is: 'message', bytes: message.encode(offer.message) })
    expect(heard.effects.map((one) => one.is)).toEqual(['ask'])
  })
})
