import { expect, test } from 'vitest'
import { createNet, headsOf, town } from '../models/custodians/net.ts'
import { bundleOfPoll, logicsOf } from '../../src/sim/poll-bundle.ts'
import { RELYING } from '../../src/sim/poll-logic.ts'
import { reportOn } from '../../src/sim/verdict.ts'

test('a poll as a bundle holds what its steps rely on, and is not whole without it', () => {
  const net = createNet()
  const operation = town.ballotOf(0, 1n, RELYING)
  net.feed(0, { is: 'operation', operation, ...town.supportOf(operation) })
  net.settle()
  expect(headsOf(net)).toEqual([1n, 1n, 1n, 1n])
  const steps = net.stored[0] ?? []
  const by = { logics: logicsOf(town), verifier: town.engine }
  expect(reportOn(bundleOfPoll(town, steps), by).outcome).toBe('valid')
  const bare = steps.map((one) => ({ ...one, candidate: { ...one.candidate, attachments: [] } }))
  expect(reportOn(bundleOfPoll(town, bare), by).outcome).toBe('incomplete')
})
