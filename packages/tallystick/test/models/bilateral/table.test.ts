import { describe, expect, test } from 'vitest'
import { createWish, type PartyInput } from '../../../src/models/bilateral/state.ts'
import { type Question, type Seat, talkAtTable } from '../../../src/models/bilateral/table.ts'
import { adding, engine, type Person } from '../../kernel/sample.ts'
import { createPair, env, type Side } from './pair.ts'

const answering =
  (person: Person, says: boolean | undefined) =>
  (question: Question): PartyInput | undefined => {
    switch (question.is) {
      case 'sign': {
        const { digest, key } = question
        return {
          is: 'signed',
          digest,
          key,
          signature: engine.sign('ed25519', person.keys.secret, digest),
        }
      }
      case 'ask': {
        const interaction = question.interactionId
        return says === undefined ? undefined : { is: 'decide', interaction, yes: says }
      }
      case 'prove':
        return undefined
    }
  }

const seatOf = (side: Side, says: boolean | undefined): Seat => ({
  party: side.party,
  state: side.state,
  answer: answering(side.person, says),
})

const talk = (by: 0 | 1, says: boolean | undefined) => {
  const pair = createPair()
  const wish = createWish([adding(pair.alice.state.machine, 5n)])
  return talkAtTable([seatOf(pair.alice, says), seatOf(pair.bob, says)], { by, input: wish }, env)
}

describe('two parties at a table', () => {
  test.each([0, 1] as const)('agree a step that %s wishes, and nothing is left open', (by) => {
    const [alice, bob] = talk(by, true)
    expect(alice.state.machine.head.sequence).toBe(1n)
    expect(bob.state.machine.headId).toBe(alice.state.machine.headId)
    expect([alice, bob].map((one) => one.state.pending)).toEqual([undefined, undefined])
  })

  test('stay where they were when one says no', () => {
    const [alice, bob] = talk(0, false)
    expect([alice, bob].map((one) => one.state.machine.head.sequence)).toEqual([0n, 0n])
    expect([alice, bob].map((one) => one.state.book.round)).toEqual([1, 1])
  })

  test('wait for whoever does not answer', () => {
    const [alice, bob] = talk(0, undefined)
    expect(alice.state.pending?.stage).toBe('offered')
    expect(bob.state.pending?.stage).toBe('asking')
  })
})
