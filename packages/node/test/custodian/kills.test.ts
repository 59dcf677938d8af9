import { expect, test } from 'vitest'
import { killOften } from './killing.ts'

test(
  'a custodian that is killed six times certifies every input, and contradicts nothing',
  { timeout: 400_000 },
  async () => {
    const killed = await killOften(6)
    expect(killed).toMatchObject({ sent: 6, certified: 6 })
    expect(killed.contradicted).toEqual([])
    expect(killed.backward).toEqual([])
    expect(killed.evidence).toEqual([])
  },
)
