/** Histories of real operators over HTTP, one of whom takes over from another. */
import { expect, test } from 'vitest'
import { STANDARD_MODELS } from 'tallystick'
import { isFault } from 'tallystick/base'
import { type Charter, machineId } from 'tallystick/kernel'
import { STANDARD_LOGICS } from 'tallystick/logic'
import {
  type Amendment,
  amendments,
  certificateFrom,
  directoryCertificate,
  directoryTerms,
  type Receipt,
  servedFrom,
  type Submission,
  withAmendment,
} from 'tallystick/models'
import { EMPTY_BUNDLE, fileFromBundle, verify } from 'tallystick/verify'
import { certify } from '../../src/client/certify.ts'
import {
  createDirectoryClient,
  type DirectoryClient,
  recoverMachine,
} from '../../src/client/directory.ts'
import { bundleStepsFrom, gatherBundle } from '../../src/client/gather.ts'
import { fetchHistory } from '../../src/client/history.ts'
import { platformSurroundings } from '../../src/client/surroundings.ts'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import {
  amended,
  ask,
  charterFor,
  engine,
  openAt,
  ownerOf,
  refusalOf,
  startsForTests,
  stepped,
  submissionsOf,
  submitAt,
} from '../server/town.ts'

const start = startsForTests()

const clientOf = (operators: readonly RunningOperator[]): DirectoryClient =>
  createDirectoryClient(
    operators.map(({ card, url, token }) => ({ name: card.name, url, token })),
    { surroundings: platformSurroundings(), verifier: engine },
  )

type Story = {
  readonly old: RunningOperator
  readonly next: RunningOperator
  readonly charter: Charter
  readonly steps: readonly Submission[]
  readonly change: Amendment
}

/** A step under the old operator, one that brings the next, and one under the next; the acceptance is asked for or not. */
const tell = async (isAccepted: boolean, isCertified = true): Promise<Story> => {
  const [old, next] = [await start({ name: 'old' }), await start({ name: 'next' })]
  const charter = charterFor([old.card])
  const { terms } = charterFor([next.card])
  await openAt(old, charter)
  const state = stepped(amended(stepped(ownerOf(charter), 'one'), terms), 'three')
  const steps = submissionsOf(charter, state)
  const [, given] = await submitAt(old, steps.slice(0, 2))
  const receipt = (given as { readonly receipt: Receipt }).receipt
  const certificate = directoryCertificate.encode(certificateFrom([receipt]))
  const [, step] = steps
  if (!step) throw new Error('there are three steps')
  const change = { step, certificate }
  const body = amendments.encode({ charter, changes: [change] })
  for (const one of [old, next]) await ask(one, '/v1/terms', { body })
  await submitAt(next, steps.slice(isAccepted ? 1 : 2, isCertified ? 3 : 2))
  return { old, next, charter, steps, change }
}

test('a history goes on under the operators whom a certified step has brought', async () => {
  const { old, next, charter } = await tell(true)
  const { certified, pending } = await fetchHistory(clientOf([old, next]), charter)
  expect(certified.map((one) => one.submission.transition.sequence)).toEqual([1n, 2n, 3n])
  expect(certified.map((one) => one.accepted.length > 0)).toEqual([false, true, false])
  expect(pending).toEqual([])
  const { bundle } = await gatherBundle(clientOf([old, next]), [machineId(charter)], {
    charters: [charter],
  })
  const checks = { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier: engine }
  expect(verify(fileFromBundle(bundle), checks).outcome).toBe('valid')
})

test('without the acceptance of those who follow the file is not whole, and nothing is made up', async () => {
  const { old, next, charter } = await tell(false)
  const { certified } = await fetchHistory(clientOf([old, next]), charter)
  expect(certified.map((one) => one.accepted.length > 0)).toEqual([false, false, false])
  const { bundle } = await gatherBundle(clientOf([old, next]), [machineId(charter)], {
    charters: [charter],
  })
  const checks = { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier: engine }
  expect(verify(fileFromBundle(bundle), checks).outcome).toBe('incomplete')
})

test('who knows the old operators alone gets the steps up to the change', async () => {
  const { old, charter } = await tell(true)
  const { certified } = await fetchHistory(clientOf([old]), charter)
  expect(certified.map((one) => one.submission.transition.sequence)).toEqual([1n, 2n])
})

test('a step behind a change is certified by those who follow, and found again by recovery', async () => {
  const { old, next, charter, steps, change } = await tell(true, false)
  const client = clientOf([old, next])
  const served = withAmendment(
    { models: STANDARD_MODELS, verifier: engine },
    servedFrom(charter),
    change,
  )
  if (isFault(served)) throw served
  const stored: bigint[] = []
  const certifying = {
    charter,
    steps: steps.slice(2),
    store: ({ submission }: { readonly submission: Submission }) => {
      stored.push(submission.transition.sequence)
    },
    waitMs: 5000,
  }
  // By the charter alone it is the old operator who is asked, and it is out of office.
  expect(await certify(client, certifying)).toMatchObject({ is: 'waiting', names: ['old'] })
  expect(await certify(client, { ...certifying, served })).toMatchObject({ is: 'certified' })
  expect(stored).toEqual([3n])
  const { recovery } = await recoverMachine(client, charter, served)
  expect(recovery).toMatchObject({ is: 'known', newest: { transition: { sequence: 3n } } })
  const before = await recoverMachine(client, charter)
  expect(before.recovery).toMatchObject({ newest: { transition: { sequence: 2n } } })
})

test('a change that the operators of before have not certified is refused by those who follow, and in a file', async () => {
  const old = [await start({ name: 'old' }), await start({ name: 'older' })]
  const next = await start({ name: 'next' })
  const charter = charterFor(
    old.map((one) => one.card),
    { faulty: 0 },
  )
  const all = old.length
  const { terms } = charterFor([next.card])
  const policy = { operators: old.map((one) => one.card), threshold: all, faulty: 0 }
  const both = { ...charter, terms: { ...charter.terms, policy: directoryTerms(policy) } }
  for (const one of old) await openAt(one, both)
  const steps = submissionsOf(both, stepped(amended(ownerOf(both), terms), 'two'))
  const [step] = steps
  if (!step) throw new Error('there are two steps')
  const receipts = await Promise.all(
    old.map(async (one): Promise<Receipt> => {
      const [given] = await submitAt(one, [step])
      return (given as { readonly receipt: Receipt }).receipt
    }),
  )
  const tellWith = async (given: readonly Receipt[]): Promise<Response> => {
    const certificate = directoryCertificate.encode(certificateFrom(given))
    const body = amendments.encode({ charter: both, changes: [{ step, certificate }] })
    return ask(next, '/v1/terms', { body })
  }
  const codeOf = async (given: readonly Receipt[]): Promise<string> =>
    (await refusalOf(await tellWith(given)))[1]
  const [first, second] = receipts
  if (!first || !second) throw new Error('two have signed')
  expect(await codeOf([first])).toBe('terms/not-certified')
  expect(await codeOf([first, { ...first, operator: 1 }])).toBe('receipt/bad-signature')
  expect(await submitAt(next, [step])).toMatchObject([
    { is: 'refused', code: 'operator/unknown-machine' },
  ])
  // Nor is it final in a file, whatever stands there for the word of those who follow.
  const few = directoryCertificate.encode(certificateFrom([first]))
  const outcomeWith = (accepted: Uint8Array): string => {
    const shown = { submission: step, certificate: few, accepted }
    const part = { charters: [both], steps: bundleStepsFrom([shown], [both]) }
    const checks = { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier: engine }
    return verify(fileFromBundle({ ...EMPTY_BUNDLE, ...part }), checks).outcome
  }
  expect(outcomeWith(new Uint8Array(0))).toBe('incomplete')
  expect(outcomeWith(few)).toBe('invalid')
  expect((await tellWith(receipts)).status).toBe(200)
})
