/** V1: verification of a stored flat chain of a million links, alone, beside appending, and on two worker threads. */
import { defaultBlake3 } from '../base/blake3.ts'
import { isFault } from '../base/fault.ts'
import { createChain } from '../kernel/chain.ts'
import { type ChainHead, RECORD_BYTES } from '../kernel/chain-record.ts'
import { verifyRange } from '../kernel/chain-verify.ts'
import { atLeast, atMost, type Figure, figureFrom, rateFigure } from './figure.ts'
import { type Case, interleave, type Rounds, type Samples, speedRatio } from './harness.ts'
import { laneLimit } from './limits.ts'
import { ENTRY_COUNT, samplePacked, sampleStart } from './sample.ts'
import { appendCase, COMPRESSIONS_PER_STEP, samplesOf } from './t0.ts'
import { createTeam } from './workers.ts'

/** A million, in whole lists of entries. */
const LINKS = Math.ceil(1_000_000 / ENTRY_COUNT) * ENTRY_COUNT

export const benchV1 = async (rounds: Rounds): Promise<readonly Figure[]> => {
  const stored = storedChain()
  const all = interleave(
    [
      laneLimit('lanes', defaultBlake3(), COMPRESSIONS_PER_STEP * 2 ** 17),
      verifyCase('verify', stored),
      appendCase('append', defaultBlake3(), { steps: 2 ** 15 }),
    ],
    rounds,
  )
  const verify = samplesOf(all, 'verify')
  const lanes = samplesOf(all, 'lanes').map((nanos) => COMPRESSIONS_PER_STEP * nanos)
  const { one, two } = await onWorkers(stored, rounds)
  const id = 'V1'
  const ratio = (name: string, values: Samples, goal?: number): Figure =>
    figureFrom(
      { id, name, unit: 'ratio', ...(goal === undefined ? {} : { goal: atLeast(goal) }) },
      values,
    )
  return [
    figureFrom(
      { id, name: 'verify a stored chain of 1,000,000 links', unit: 's', goal: atMost(0.4) },
      verify.map((nanos) => (nanos * 1_000_000) / 1e9),
    ),
    rateFigure({ id, name: 'links verified' }, verify),
    ratio('times as fast as appending (T0)', speedRatio(verify, samplesOf(all, 'append')), 1.7),
    ratio('of what the kernel allows (its four-lane rate by 6)', speedRatio(verify, lanes)),
    {
      ...ratio('two workers, times one (wall clock)', speedRatio(two, one), 1.85),
      note: 'needs two idle cores',
    },
  ]
}

type Stored = { readonly records: Uint8Array<SharedArrayBuffer>; readonly head: ChainHead }

const storedChain = (): Stored => {
  const chain = createChain({ start: sampleStart, room: LINKS })
  for (let at = 0; at < LINKS; at += ENTRY_COUNT) chain.appendMany(samplePacked)
  const records = new Uint8Array(new SharedArrayBuffer(LINKS * RECORD_BYTES))
  for (let at = 0; at < LINKS; at += ENTRY_COUNT) {
    records.set(chain.records(at + 1, at + ENTRY_COUNT), at * RECORD_BYTES)
  }
  return { records, head: chain.head() }
}

const verifyCase = (name: string, { records, head }: Stored): Case => ({
  name,
  count: LINKS,
  run: () => {
    const verdict = verifyRange({ records, anchor: sampleStart })
    if (isFault(verdict)) throw verdict
    if (verdict.id !== head.id) throw new Error('the verified chain ends elsewhere')
  },
})

/** Seconds that one worker and two take, by turns, on the wall clock. */
const onWorkers = async (
  { records, head }: Stored,
  { rounds, warmUp }: Rounds,
): Promise<{ readonly one: Samples; readonly two: Samples }> => {
  const teams = [createTeam(1), createTeam(2)]
  const samples: number[][] = [[], []]
  for (let round = -warmUp; round < rounds; round++) {
    for (const [at, team] of teams.entries()) {
      const before = performance.now()
      const answer = await team.verify(records, sampleStart)
      const seconds = (performance.now() - before) / 1000
      if ('fault' in answer) throw new Error(`a worker found ${answer.fault}`)
      if (answer.head.id !== head.id) throw new Error('the verified chain ends elsewhere')
      if (round >= 0) samples[at]?.push(seconds)
    }
  }
  await Promise.all(teams.map((team) => team.dismiss()))
  return { one: samples[0] ?? [], two: samples[1] ?? [] }
}
