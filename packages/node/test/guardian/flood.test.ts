/** F1: a flood of interactions that nobody signed, while somebody honest is served. */
import { expect, test } from 'vitest'
import { turnP99During } from '../server/turns.ts'
import { openGuardian, partyAt, payment, send, settle } from './town.ts'

const IS_SLOW = process.env['TALLYSTICK_SLOW'] === '1'
const COUNT = IS_SLOW ? 6000 : 300

test.each([0, 1])(
  'F1: lets a flood of bad signatures pass while an honest sender is served, with %i threads beside',
  async (threads) => {
    const { url } = await openGuardian({ threads })
    const [alice, bob, carol] = [partyAt(0), partyAt(1), partyAt(2)]
    const forged = Array.from({ length: COUNT }, (_, at) => {
      const one = payment(alice, bob.id, 1n + BigInt(at), 0n)
      const signatures = Uint8Array.from(one.signatures)
      // In s, so that it has the form of a signature and fails in the last look.
      signatures[signatures.length - 20] = (signatures.at(-20) ?? 0) ^ 1
      return { ...one, signatures }
    })
    const kinds = new Map<string, number>()
    const flood = async (): Promise<void> => {
      for (let one = forged.pop(); one; one = forged.pop()) {
        const { error } = await send(url, one)
        const said = error?.message ?? 'taken'
        kinds.set(said, (kinds.get(said) ?? 0) + 1)
      }
    }
    const serve = async (): Promise<void> => {
      for (let at = 0n; at < 5n; at++) {
        expect(await settle(url, payment(carol, bob.id, 1n, at))).toMatchObject({ status: 0 })
      }
    }
    // What has run once runs as it does for as long as a guardian lives.
    for (let at = 0; at < 40; at++) {
      const one = forged.pop()
      if (one) await send(url, one)
    }
    const stallMs = await turnP99During(Promise.all([...Array.from({ length: 8 }, flood), serve()]))
    expect(kinds.has('taken')).toBe(false)
    expect(stallMs).toBeLessThanOrEqual(20)
  },
)
