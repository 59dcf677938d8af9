/** Many kills of a custodian. `TALLYSTICK_KILLS` changes the number. */
import { expect, test } from 'vitest'
import { killOften } from '../custodian/killing.ts'

const KILLS = Number(process.env['TALLYSTICK_KILLS'] ?? 200)

test(
  'a custodian that is killed often certifies every input, and contradicts nothing',
  { timeout: 4 * 3_600_000 },
  async () => {
    const killed = await killOften(KILLS)
    console.log(`${killed.kills} kills, ${killed.certified} of ${killed.sent} inputs certified`)
    expect(killed).toMatchObject({ sent: KILLS, certified: KILLS })
    expect(killed.contradicted).toEqual([])
    expect(killed.backward).toEqual([])
    expect(killed.evidence).toEqual([])
  },
)
