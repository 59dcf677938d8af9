import { afterAll, describe, expect, test } from 'vitest'
import { samplePacked, sampleStart } from '../../src/bench/sample.ts'
import { createTeam } from '../../src/bench/workers.ts'
import { createChain } from '../../src/kernel/chain.ts'

const chain = createChain({ start: sampleStart })
chain.appendMany(samplePacked)
const shared = new Uint8Array(new SharedArrayBuffer(1024 * 256))
shared.set(chain.records(1, 1024))

describe.each([1, 2, 3])('a team of %i workers', (size) => {
  const team = createTeam(size)
  afterAll(() => team.dismiss())

  test('finds the head of a stored chain', async () => {
    expect(await team.verify(shared, sampleStart)).toEqual({ head: chain.head() })
  })

  test('finds one flipped bit in any part, also in the record that two parts share', async () => {
    const last = Math.floor(1024 / size) - 1
    for (const record of [0, last, last + 1, 1023]) {
      const at = Math.min(record, 1023) * 256 + 40
      shared[at] = (shared[at] ?? 0) ^ 1
      expect(await team.verify(shared, sampleStart)).toEqual({ fault: 'chain/wrong-interaction' })
      shared[at] = (shared[at] ?? 0) ^ 1
    }
  })

  test('believes no head that leads elsewhere', async () => {
    const other = { ...sampleStart, entropy: chain.head().entropy }
    expect(await team.verify(shared, other)).toHaveProperty('fault')
  })
})

test('a part that begins where the part before does not end is found out', async () => {
  // Two chains, each right in itself, put together.
  const other = createChain({ start: sampleStart })
  other.appendMany(samplePacked.slice().fill(3, 16, 56))
  const mixed = new Uint8Array(new SharedArrayBuffer(1024 * 256))
  mixed.set(chain.records(1, 512))
  mixed.set(other.records(513, 1024), 512 * 256)
  const team = createTeam(2)
  expect(await team.verify(mixed, sampleStart)).toHaveProperty('fault')
  await team.dismiss()
})
