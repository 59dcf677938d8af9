import { expect, test } from 'vitest'
import { stateEntries } from '../../../src/models/custodians/state-entries.ts'
import { entriesOf, rootOf, treeFrom } from '../../../src/state/tree.ts'
import { createNet, town } from './net.ts'

test('a state as its entries reads back to the same root', () => {
  const net = createNet()
  net.feed(0, { is: 'operation', operation: town.ballotOf(0, 1n, 3) })
  net.settle()
  const machine = net.states[0]?.member.followed.machine
  if (!machine) throw new Error('there is a machine')
  const entries = stateEntries.decode(stateEntries.encode(entriesOf(machine.state)))
  expect(entries.length).toBe(4)
  expect(rootOf(treeFrom('classic', entries))).toBe(machine.head.state)
})
