/** Places for what strangers send, over lives of the process and changes of custodians. */
import { expect, test } from 'vitest'
import type { NostrEvent } from 'tallystick/nostr'
import { type InputRoom, openInputRoom } from '../../src/custodian/keep-input.ts'
import { createArchive } from '../../src/relay/archive.ts'
import { storeError } from '../../src/store/errors.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { alice, engine, type Person, person } from '../relay/people.ts'
import { COUNTER, defineMachine, inputBy, KEEPERS, wishFor } from './scene.ts'

const participants = [{ key: alice.key, relay: '', role: 'player' }]
const defined = defineMachine(wishFor(COUNTER, [], { participants }))
const machine = defined.definition.id

const push = (by: Person, at = 0): NostrEvent =>
  inputBy(by, { machine, type: 'PUSH', now: Math.floor(Date.now() / 1000) + at })

const strangers = Array.from({ length: 8 }, (_, at) => person(`mallory ${at}`))

/** Lives of one process over one store. */
const lives = (store: Store = createMemoryStore()) => {
  const archive = createArchive(store, engine, Date.now)
  const run = { defined, store, archive, verifier: engine, strangerInputs: 3 }
  return {
    store,
    archive,
    open: (keepers: readonly Person[]): Promise<InputRoom> =>
      openInputRoom(run, () => keepers.map((one) => one.key)),
  }
}

const idsOf = async (room: InputRoom): Promise<readonly string[]> =>
  (await room.waiting()).map((one) => one.id)

test('custodians that came in with a change take no place of strangers, neither then nor at the next start', async () => {
  const { open, archive } = lives()
  const [incoming] = strangers
  if (!incoming) throw new Error('there are eight')
  const before = await open([...KEEPERS, incoming])
  const ticks = Array.from({ length: 5 }, (_, at) => push(incoming, at))
  for (const one of ticks) expect(await before.keep(one)).toBe(true)
  // At a start, and once others have taken over, whoever came in between is not known to have been one.
  const after = await open(KEEPERS)
  const others = strangers.slice(1, 4).map((one) => push(one))
  for (const one of others) expect(await after.keep(one)).toBe(true)
  expect(await idsOf(after)).toEqual(others.map((one) => one.id))
  expect((await archive.all(machine)).map((one) => one.id)).toEqual(ticks.map((one) => one.id))
})

test('strangers have so many places, many at once too, and what has none is considered each time', async () => {
  const { open } = lives()
  const room = await open(KEEPERS)
  const inputs = strangers.map((one) => push(one))
  const taken = await Promise.all(inputs.map((one) => room.keep(one)))
  expect(taken).toEqual(inputs.map(() => true))
  expect(await idsOf(room)).toEqual(inputs.slice(0, 3).map((one) => one.id))
  const again = await Promise.all(inputs.map((one) => room.keep(one)))
  expect(again).toEqual([false, false, false, true, true, true, true, true])
})

test('what waits is there in the order in which it came, in the next life too', async () => {
  const { open } = lives()
  const inputs = strangers.slice(0, 3).map((one) => push(one))
  const first = await open(KEEPERS)
  for (const one of inputs.slice(0, 2)) await first.keep(one)
  const second = await open(KEEPERS)
  for (const one of inputs.slice(2)) await second.keep(one)
  expect(await second.waiting()).toEqual(inputs)
})

/** On a store that takes nothing until there is room. */
const onFullStore = async () => {
  const inner = createMemoryStore()
  let isFull = true
  const { open } = lives({
    ...inner,
    commit: (unit) =>
      isFull ? Promise.reject(storeError('store/full', 'no room')) : inner.commit(unit),
  })
  const makeRoom = (): void => {
    isFull = false
  }
  return { room: await open(KEEPERS), makeRoom }
}

test('what the store had no room for is no input that was kept: it is kept when it is shown again', async () => {
  const { room, makeRoom } = await onFullStore()
  const inputs = strangers.slice(0, 3).map((one) => push(one))
  for (const one of inputs) await expect(room.keep(one)).rejects.toThrow('no room')
  makeRoom()
  for (const one of inputs) expect(await room.keep(one)).toBe(true)
  expect(await idsOf(room)).toEqual(inputs.map((one) => one.id))
})

test('what was accepted is archived, what was refused is gone, and each gives its place back', async () => {
  const { open, archive } = lives()
  const room = await open(KEEPERS)
  const [taken, refused, waits, later, last] = strangers.map((one) => push(one))
  if (!taken || !refused || !waits || !later || !last) throw new Error('there are eight')
  for (const one of [taken, refused, waits]) await room.keep(one)
  await room.accept(taken.id)
  await room.refuse(refused, 'GUARD_FAILED')
  expect(await room.isRefused(refused.id)).toBe(true)
  for (const one of [later, last]) expect(await room.keep(one)).toBe(true)
  const next = await open(KEEPERS)
  expect(await idsOf(next)).toEqual([waits, later, last].map((one) => one.id))
  expect(await archive.all(machine)).toEqual([taken])
  expect(await next.isRefused(refused.id)).toBe(true)
  expect(await next.isRefused(waits.id)).toBe(false)
  // It is no news, and needs no place.
  expect(await next.keep(taken)).toBe(false)
})

test('refusals of strangers are remembered as often as they have places, and those of whom it knows always', async () => {
  const { open } = lives()
  const room = await open(KEEPERS)
  const inputs = strangers.map((one) => push(one))
  for (const one of inputs) {
    await room.keep(one)
    await room.refuse(one, 'GUARD_FAILED')
  }
  const own = Array.from({ length: 5 }, (_, at) => push(alice, at))
  for (const one of own) {
    await room.keep(one)
    await room.refuse(one, 'GUARD_FAILED')
  }
  const next = await open(KEEPERS)
  const isRefused = (some: readonly NostrEvent[]) =>
    Promise.all(some.map((one) => next.isRefused(one.id)))
  expect((await isRefused(inputs)).filter(Boolean)).toHaveLength(3)
  expect(await isRefused(own)).toEqual(own.map(() => true))
  expect(await idsOf(next)).toEqual([])
})

test('a refusal that the store had no room for takes no place among those that are remembered', async () => {
  const { room, makeRoom } = await onFullStore()
  const inputs = strangers.slice(0, 3).map((one) => push(one))
  for (const one of inputs)
    await expect(room.refuse(one, 'GUARD_FAILED')).rejects.toThrow('no room')
  makeRoom()
  for (const one of inputs) await room.refuse(one, 'GUARD_FAILED')
  for (const one of inputs) expect(await room.isRefused(one.id)).toBe(true)
})
