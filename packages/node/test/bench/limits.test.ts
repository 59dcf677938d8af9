/** What a step's signatures, and what else is counted beside them, allow: arithmetic that needs no clock. */
import { expect, test } from 'vitest'
import { signatureLimit, signaturesOfStep } from '../../src/bench/signers.ts'

const cost = { signSeconds: 1e-5, checkSeconds: 4e-5 }

test('a step has a signature of its owner, one and a check at each operator, and checks of its receipts', () => {
  const { client, operators } = signaturesOfStep(cost, 4, 3)
  expect(client).toBeCloseTo(13e-5, 12)
  expect(operators).toBeCloseTo(20e-5, 12)
})

test('each core allows as many steps as it pays for, and fewer where a step takes more than signatures', () => {
  expect(signatureLimit([cost], 4, 3)).toBeCloseTo(1 / 33e-5, 6)
  const slower = { signSeconds: 2e-5, checkSeconds: 8e-5 }
  expect(signatureLimit([cost, slower], 4, 3)).toBeCloseTo(1.5 / 33e-5, 6)
  expect(signatureLimit([cost, slower], 4, 3, 17e-5)).toBeCloseTo(1 / 50e-5 + 1 / 83e-5, 6)
})
