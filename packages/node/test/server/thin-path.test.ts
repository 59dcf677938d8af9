import { describe, expect, test } from 'vitest'
import { machineId } from 'tallystick/kernel'
import {
  certificateFrom,
  certified,
  directory,
  directoryCertificate,
  keptSteps,
  machineHead,
  type Receipt,
} from 'tallystick/models'
import {
  ask,
  bytesOf,
  charterFor,
  engine,
  openAt,
  refusalOf,
  startsForTests,
  stepsOf,
  submitAt,
} from './town.ts'

const start = startsForTests()

const receiptOf = (answer: { readonly is: string }): Receipt => {
  if (answer.is !== 'receipt') throw new Error(JSON.stringify(answer))
  return (answer as { readonly receipt: Receipt } & typeof answer).receipt
}

describe('four operators', () => {
  test('give receipts that make a certificate, and show the step with it', async () => {
    const four = await Promise.all(
      ['north', 'east', 'south', 'west'].map((name) => start({ name })),
    )
    const charter = charterFor(four.map((one) => one.card))
    const machine = machineId(charter)
    await Promise.all(four.map((one) => openAt(one, charter)))
    const steps = stepsOf(charter, 3)
    const given = await Promise.all(four.map((one) => submitAt(one, steps)))
    const second = steps[1]
    if (!second) throw new Error('there are three steps')
    const receipts = given.map((answers) => receiptOf(answers[1] ?? { is: 'none' }))
    const certificate = certificateFrom(receipts.slice(0, 3))
    const verdict = directory.judge({
      terms: charter.terms,
      policy: directory.policy.decode(charter.terms.policy.params),
      anchor: {},
      transition: second.transition,
      certificate,
      known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
    })
    expect(verdict.is).toBe('final')

    const [north] = four
    if (!north) throw new Error('there are four')
    const handed = { machine, sequence: 2n, certificate: directoryCertificate.encode(certificate) }
    const kept = await ask(north, '/v1/certificates', { body: certified.encode(handed) })
    expect(kept.status).toBe(204)
    const head = machineHead.decode(await bytesOf(await ask(north, `/v1/machines/${machine}`)))
    expect(head.vowed.submission.transition.sequence).toBe(3n)
    expect(head.certified?.submission.transition).toEqual(second.transition)
    expect(head.certified?.certificate).toEqual(handed.certificate)
    const listed = await ask(north, `/v1/machines/${machine}/steps?from=2&limit=1`)
    const [only, ...more] = keptSteps.decode(await bytesOf(listed))
    expect(more).toEqual([])
    expect(only?.submission).toEqual(second)
    expect(only?.receipt).toEqual(receipts[0])
  })
})

describe('an operator', () => {
  test('gives the same receipt for the same step, and for another child the first one', async () => {
    const one = await start()
    const charter = charterFor([one.card])
    await openAt(one, charter)
    const first = stepsOf(charter, 1, 'first')
    const [receipt] = await submitAt(one, first)
    expect(await submitAt(one, first)).toEqual([receipt])
    const [taken] = await submitAt(one, stepsOf(charter, 1, 'other'))
    expect(taken).toMatchObject({ is: 'taken', by: first[0] })
    // The owner has signed two children: its key is served no more.
    const [frozen] = await submitAt(one, stepsOf(charter, 2, 'first').slice(1))
    expect(frozen).toMatchObject({ is: 'refused', code: 'operator/frozen' })
  })

  test('answers each step of a list for itself', async () => {
    const one = await start()
    const charter = charterFor([one.card])
    await openAt(one, charter)
    const [good, bad, other] = stepsOf(charter, 3)
    if (!good || !bad || !other) throw new Error('there are three steps')
    const forged = { ...bad, proposal: good.proposal }
    const given = await submitAt(one, [good, forged, other])
    expect(given.map((answer) => answer.is)).toEqual(['receipt', 'refused', 'receipt'])
    expect(given[1]).toMatchObject({ code: 'operator/not-the-owner' })
  })

  test('serves no machine whose charter does not name it, and none that it does not know', async () => {
    const [one, two] = [await start(), await start({ name: 'east' })]
    const foreign = charterFor([two.card])
    await expect(openAt(one, foreign)).rejects.toThrow('operator/not-served')
    const [answer] = await submitAt(one, stepsOf(foreign, 1))
    expect(answer).toMatchObject({ is: 'refused', code: 'operator/unknown-machine' })
    expect(await refusalOf(await ask(one, `/v1/machines/${machineId(foreign)}`))).toEqual([
      404,
      'operator/unknown-step',
    ])
  })
})
