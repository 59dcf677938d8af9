import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import { fileFromBundle, verify } from 'tallystick/verify'
import { describe, expect, test } from 'vitest'
import { createChanges } from '../../src/relay/changes.ts'
import { createHanded } from '../../src/relay/handed.ts'
import { bundleOf } from '../../src/relayed/bundle.ts'
import { engine, receiptsFor } from './custodians.ts'
import { add, defined, definition, historyFrom, NOW } from './sample.ts'

const { genesis, charter } = defined
const input = add(undefined)
const signed = (seats: readonly number[], seconds: number) =>
  receiptsFor(genesis, input, {
    definition: definition.id,
    seats,
    time: (NOW + seconds) * 1000,
  }).receipts
const reportOn = (receipts: ReturnType<typeof signed>) => {
  const by = { definition: definition.id, genesis, verifier: engine }
  const history = historyFrom(receipts, by)
  const file = fileFromBundle(
    bundleOf({
      charter,
      genesis,
      engine,
      history: () => history,
      events: () => new Map(),
      changes: createChanges(charter, definition.id, engine),
      handed: createHanded({ definition: definition.id, machine: genesis.id, verifier: engine }),
    }),
  )
  return verify(file, { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier: engine })
}

describe('a bundle of a machine on relays', () => {
  test('holds by itself', () => {
    const report = reportOn(signed([0, 1, 2], 1))
    expect(report).toMatchObject({ outcome: 'valid', convictions: [] })
  })

  test('carries what convicts a custodian that committed twice', () => {
    const report = reportOn([...signed([0, 1, 2], 1), ...signed([2], 9)])
    expect(report.convictions).toMatchObject([{ kind: 'fork' }])
    expect(report.machines[0]?.steps).toHaveLength(1)
  })
})
