import { describe, expect, test } from 'vitest'
import { evidence } from '../../src/kernel/evidence.ts'
import { bytesFromHex } from '../../src/base/bytes.ts'
import { jsonFromReport } from '../../src/verify/json.ts'
import { charterFor, machineFor, OWNED, reportOn, stepFor } from './world.ts'

const start = machineFor(OWNED)
const say = (text: string): ReturnType<typeof stepFor> =>
  stepFor({ machine: start, say: `set to ${text}`, proposedBy: 'alice' })
const steps = [say('bob').step, say('carol').step]
const report = reportOn({ charters: [charterFor(OWNED)], steps })

describe('reports as JSON', () => {
  test('survive text, with large numbers as strings and nothing undefined', () => {
    const json = jsonFromReport(report)
    expect(JSON.parse(JSON.stringify(json))).toEqual(json)
    expect(json).toMatchObject({
      outcome: 'invalid',
      machines: [{ head: { sequence: '1', standing: 'contested' } }],
      faults: [{ code: 'bundle/contested', docs: 'docs/faults.md#bundle-contested' }],
    })
  })

  test('carry evidence as the bytes of its codec', () => {
    const json: unknown = JSON.parse(JSON.stringify(jsonFromReport(report)))
    expect(json).toMatchObject({ convictions: [{ name: 'alice', sequence: '1' }] })
    const [conviction] = report.convictions
    if (!conviction) throw new Error('somebody is convicted')
    const hex = /"evidence":"([0-9a-f]+)"/.exec(JSON.stringify(json))?.[1] ?? ''
    expect(evidence.decode(bytesFromHex(hex))).toEqual(conviction.evidence)
  })
})
