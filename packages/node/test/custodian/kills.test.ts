/** Four kills; `test/slow/custodian-kills.test.ts` has two hundred. */
import { expect, test } from 'vitest'
import { killOften } from './killing.ts'

test(
  'a custodian that is killed four times certifies every input, and contradicts nothing',
  { timeout: 400_000 },
  async () => {
    const killed = await killOften(4)
    expect(killed).toMatchObject({ sent: 4, certified: 4 })
    expect(killed.contradicted).toEqual([])
    expect(killed.backward).toEqual([])
    expect(killed.evidence).toEqual([])
  },
)
