import { expect, test } from 'vitest'
import {
  amendments,
  certificateFrom,
  directoryCertificate,
  type Receipt,
  type Submission,
} from 'tallystick/models'
import { createMemoryStore } from '../../src/store/memory.ts'
import {
  amended,
  ask,
  charterFor,
  openAt,
  ownerOf,
  refusalOf,
  startsForTests,
  stepped,
  submissionsOf,
  submitAt,
} from './town.ts'

const start = startsForTests()

const at = (steps: readonly Submission[], position: number): Submission => {
  const step = steps[position]
  if (!step) throw new Error('there is such a step')
  return step
}

test('an operator serves a machine from the step on that names it, and its predecessor no longer', async () => {
  const store = createMemoryStore()
  const seed = new Uint8Array(32).fill(3)
  const [old, twin] = [await start({ store, seed }), await start({ store, seed })]
  const next = await start({ name: 'next' })
  const charter = charterFor([old.card])
  const { terms } = charterFor([next.card])
  await openAt(old, charter)
  await expect(openAt(next, charter)).rejects.toThrow('operator/not-served')

  const state = stepped(amended(stepped(ownerOf(charter), 'one'), terms), 'three')
  const steps = submissionsOf(charter, state)
  const [, given] = await submitAt(old, steps.slice(0, 2))
  const receipt = (given as { readonly receipt: Receipt }).receipt
  const certificate = directoryCertificate.encode(certificateFrom([receipt]))
  const change = amendments.encode({ charter, changes: [{ step: at(steps, 1), certificate }] })
  const forged = amendments.encode({
    charter,
    changes: [
      { step: at(steps, 1), certificate: directoryCertificate.encode(certificateFrom([])) },
    ],
  })
  const third = [at(steps, 2)]

  expect((await refusalOf(await ask(next, '/v1/terms', { body: forged })))[1]).toBe(
    'terms/not-certified',
  )
  expect(await submitAt(next, third)).toMatchObject([{ code: 'operator/unknown-machine' }])
  expect((await ask(next, '/v1/terms', { body: change })).status).toBe(200)
  // It accepts the step that brings it in, and certifies those after it.
  expect(await submitAt(next, [at(steps, 1), at(steps, 2)])).toMatchObject([
    { is: 'receipt', receipt: { operator: 0 } },
    { is: 'receipt', receipt: { operator: 0 } },
  ])
  expect(await submitAt(next, [at(steps, 0)])).toMatchObject([{ code: 'operator/not-served' }])

  // The other process of the old operator has the old terms in memory, and finds out when it stores the vow.
  await submitAt(twin, [at(steps, 0)])
  expect((await ask(old, '/v1/terms', { body: change })).status).toBe(200)
  for (const one of [old, twin]) {
    expect(await submitAt(one, third)).toMatchObject([{ code: 'operator/not-served' }])
    expect(await submitAt(one, [at(steps, 1)])).toMatchObject([{ is: 'receipt' }])
  }
  expect((await ask(next, '/v1/terms', { body: change })).status).toBe(200)
})
