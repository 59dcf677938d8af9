/** The network of `test/kernel/round.test.ts` over thousands of seeds. TALLYSTICK_SLOW=1 runs it. */
import { expect, test } from 'vitest'
import { committedQuorums, sameCast } from '../../../src/kernel/cast.ts'
import { type Plan, quorumOf, type Run, runNet } from '../../kernel/round-net.ts'

/** Children for which a quorum has signed commits, whether delivered or not; each commit of a signer once. */
const finalIn = (run: Run): number => {
  const commits = run.signed.flatMap((casts) =>
    casts.filter((one, at) => casts.findIndex((other) => sameCast(one, other)) === at),
  )
  return new Set(committedQuorums(quorumOf(3), commits).map((one) => one.child)).size
}

const sweep = (seeds: number, plan: (seed: number) => Plan): void => {
  for (let seed = 0; seed < seeds; seed++) {
    const run = runNet(plan(seed))
    expect(finalIn(run), `seed ${seed}`).toBe(1)
    expect(
      run.decisions.every((one) => one !== undefined),
      `seed ${seed} decided`,
    ).toBe(true)
  }
}

test('5,000 seeds with four honest certifiers', () => sweep(5000, (seed) => ({ seed })))

test('3,000 seeds with one of four running twice', () =>
  sweep(3000, (seed) => ({ seed, twins: [seed % 4] })))
