import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../src/base/bytes.ts'
import { createDirectoryTown, noteWish } from '../../src/sim/directory-town.ts'
import {
  createClient,
  createOperatorDesk,
  type DirectoryActor,
  type DirectoryInput,
  type DirectoryState,
} from '../../src/sim/directory-node.ts'
import { createTokenEngine } from '../../src/sim/token-engine.ts'

const town = createDirectoryTown(createTokenEngine(), 'ed25519')
const [account] = town.accounts
if (!account) throw new Error('an account')
const client = createClient(town, { name: 'alice', at: 0, honest: true })
const desk = createOperatorDesk(town, {}, { name: 'operator-1', seat: 1, honest: true })

const step = (actor: DirectoryActor, state: DirectoryState, input: DirectoryInput) =>
  actor.step(state, input, 50, new Uint8Array(32))

/** The node after everything that it wants signed is signed. */
const signed = (actor: DirectoryActor, state: DirectoryState, name: string): DirectoryState =>
  actor.outstanding(state).reduce((next, [, effect]) => {
    if (effect.is !== 'account' && effect.is !== 'desk') return next
    if (effect.effect.is !== 'sign') return next
    const { digest } = effect.effect
    const input = {
      is: 'signed',
      digest: hexFromBytes(digest),
      signature: town.sign(name, digest),
    } as const
    return step(actor, next, { is: effect.is, input })
  }, state)

const wished = step(client, client.start(), {
  is: 'account',
  input: noteWish(account, 'alice', 1),
})
const ready = signed(client, wished, 'alice')
const submission = ready.is === 'client' ? ready.submitter.queue[0] : undefined
if (!submission) throw new Error('the step is on its way')
const submit: DirectoryInput = {
  is: 'desk',
  input: { is: 'submit', charter: account.charter, submission },
}
const ids = (actor: DirectoryActor, state: DirectoryState): readonly string[] =>
  actor.outstanding(state).map(([id]) => id)

describe('a client', () => {
  test('submits a step to every operator once it is signed', () => {
    expect(ids(client, wished).some((id) => id.startsWith('submit'))).toBe(false)
    expect(ids(client, ready).filter((id) => id.startsWith('submit'))).toHaveLength(4)
  })

  test('has a receipt accounted for', () => {
    const served = signed(desk, step(desk, desk.start(), submit), 'operator-1')
    const vowed = served.is === 'desk' ? [...served.operator.vows.values()][0] : undefined
    if (!vowed?.signature || ready.is !== 'client') throw new Error('a receipt')
    const receipt = { operator: 1, time: vowed.time, signature: vowed.signature }
    const about = ready.account.machine.headId
    const answered = step(client, ready, {
      is: 'submission',
      input: { is: 'answered', operator: 1, about, answer: { is: 'receipt', receipt } },
    })
    expect(ids(client, answered).some((id) => /^ask .* checkpoint/.test(id))).toBe(true)
  })
})

describe('a desk', () => {
  const served = signed(desk, step(desk, desk.start(), submit), 'operator-1')

  test('answers each time that it is asked', () => {
    const again = step(desk, served, submit)
    const answers = [served, again].map((state) =>
      ids(desk, state).find((id) => id.startsWith('answer')),
    )
    expect(answers[0]).toBeDefined()
    expect(answers[1]).not.toBe(answers[0])
  })

  test('signs a checkpoint when something is not in the last one, and only then', () => {
    const due = step(desk, served, { is: 'resend' })
    expect(ids(desk, due).some((id) => id.startsWith('sign'))).toBe(true)
    const done = signed(desk, due, 'operator-1')
    expect(ids(desk, done).some((id) => id.startsWith('publish'))).toBe(true)
    const idle = step(desk, desk.start(), { is: 'resend' })
    expect(ids(desk, idle)).toEqual([])
  })

  test('F13: remembers no more questions than it may', () => {
    let state = served
    for (let at = 0; at < 100; at++) {
      state = step(desk, state, { is: 'asked', from: 0, question: { is: 'checkpoint' } })
    }
    expect(state.is === 'desk' && state.questions).toHaveLength(32)
  })
})
