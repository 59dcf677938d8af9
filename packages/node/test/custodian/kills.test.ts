import { expect, test } from 'vitest'
import { killOften } from './killing.ts'

test(
  'a custodian that is killed twenty times certifies every input, and contradicts nothing',
  { timeout: 400_000 },
  async () => {
    const killed = await killOften(20)
    expect(killed).toMatchObject({ sent: 20, certified: 20 })
    expect(killed.contradicted).toEqual([])
    expect(killed.backward).toEqual([])
    expect(killed.evidence).toEqual([])
  },
)
