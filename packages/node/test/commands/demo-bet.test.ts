/** The bet, told by the real command. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { withFolder } from '../store/temporary.ts'
import { tally } from './spawn.ts'

type Told = {
  readonly liars: readonly string[]
  readonly accused: readonly string[]
  readonly state: string
  readonly steps: number
  readonly refused: string
  readonly late: string
  readonly misquoted: string
  readonly outcome: string
  readonly proofs: readonly string[]
  readonly effects: readonly { readonly kind: string }[]
  readonly balances: Readonly<Record<'before' | 'locked', Balances>>
  readonly half: string
  readonly grabbed: string
  readonly paid: Balances
  readonly stakes: readonly string[]
  readonly again: string
}

type Balances = Readonly<Record<'alice' | 'bob' | 'locked', string>>

/** What is the same however the bet ends. */
const expectEscrow = (told: Told): void => {
  expect(told.balances).toEqual({
    before: { alice: '100.00', bob: '100.00', locked: '0.00' },
    locked: { alice: '50.00', bob: '50.00', locked: '100.00' },
  })
  expect(told).toMatchObject({
    half: 'ledger/no-consent',
    grabbed: 'premise/false',
    again: 'vault/decided',
  })
}

const TIMEOUT = 400_000

const bet = async (
  options: readonly string[],
  check: (folder: string, told: Told, code: number) => Promise<void>,
): Promise<void> => {
  await withFolder(async (folder) => {
    const ended = await tally(
      { cwd: folder, home: join(folder, 'home') },
      'demo',
      'bet',
      '--json',
      ...options,
    )
    await check(folder, JSON.parse(ended.out) as Told, ended.code)
  })
}

describe('tally demo bet', () => {
  test(
    'ends with the winner paid, the liar named, and a file that anybody can check',
    { timeout: TIMEOUT },
    () =>
      bet([], async (folder, told, code) => {
        expect(told).toMatchObject({ state: 'finished', steps: 7, outcome: 'valid' })
        expect(told).toMatchObject({ refused: 'GUARD_FAILED', late: 'STALE_HEAD' })
        expect(told.misquoted).toBe('BAD_PAYLOAD')
        expect(told.effects.map((one) => one.kind)).toEqual(['escrow.release'])
        expectEscrow(told)
        expect(told.paid).toEqual({ alice: '150.00', bob: '50.00', locked: '0.00' })
        expect(told.stakes).toEqual(['refunded', 'fulfilled'])
        expect(told.liars).toHaveLength(1)
        expect(told.accused).toEqual(told.liars)
        expect(code).toBe(0)
        const verified = await tally(folder, 'verify', 'bet.tally')
        expect(verified.code).toBe(0)
        // Who was paid, on what: in the file, and read out of it with nothing else at hand.
        expect(verified.out).toContain('locks 50.00 COIN for')
        expect(verified.out).toMatch(
          /released on machine [0-9a-f]{8}…, key [0-9a-f]{8}… \(context\.winner\), showing "[0-9a-f]{16}/,
        )
        expect(verified.out).toMatch(
          /or back where machine [0-9a-f]{8}…, key [0-9a-f]{8}… \(value\), shows "cancelled"/,
        )
        expect(verified.out).toContain('all 5000 units back to its payer')
        expect(verified.out).toContain('claimed for its payee')
        const [proof = ''] = told.proofs
        const convicted = await tally(folder, 'verify', proof)
        expect(convicted.out).toContain('convicted: key')
      }),
  )

  test(
    'gives the stakes back where the oracle is silent, and accuses nobody where nobody lies',
    { timeout: TIMEOUT },
    () =>
      bet(['--silent-oracle', '--lying-custodians', '0'], async (_, told, code) => {
        expect(told).toMatchObject({ state: 'cancelled', steps: 4, accused: [], outcome: 'valid' })
        expectEscrow(told)
        expect(told.paid).toEqual({ alice: '100.00', bob: '100.00', locked: '0.00' })
        expect(told.stakes).toEqual(['refunded', 'refunded'])
        expect(told.effects.map((one) => one.kind)).toEqual(['escrow.refund'])
        expect(code).toBe(0)
      }),
  )

  test(
    'convicts an oracle that answers twice, goes on without it, and takes a dispute to the arbiter',
    { timeout: TIMEOUT },
    () =>
      bet(
        ['--lying-oracle', '--dispute', '--lying-custodians', '0'],
        async (folder, told, code) => {
          expect(told).toMatchObject({ state: 'finished', steps: 7, outcome: 'valid' })
          expectEscrow(told)
          expect(told.paid).toEqual({ alice: '50.00', bob: '150.00', locked: '0.00' })
          expect(told.stakes).toEqual(['fulfilled', 'refunded'])
          expect(told.misquoted).toBe('UNPROVEN')
          expect(told.accused).toEqual([])
          expect(told.effects).toMatchObject([{ kind: 'escrow.release' }])
          expect(told.proofs).toEqual(['bet-proof-olga.tally'])
          const convicted = await tally(folder, 'verify', 'bet-proof-olga.tally')
          expect(convicted.out).toContain('convicted: key')
          expect(code).toBe(0)
        },
      ),
  )

  test('shows two histories where two lie, and names both liars', { timeout: TIMEOUT }, () =>
    bet(['--lying-custodians', '2'], async (folder, told, code) => {
      expect(told.accused.toSorted()).toEqual(told.liars.toSorted())
      expect(told.liars).toHaveLength(2)
      expect(told.outcome).toBe('invalid')
      expect(code).toBe(0)
      const verified = await tally(folder, 'verify', 'bet.tally')
      expect(verified.code).toBe(1)
    }),
  )

  test(
    'does not take three liars, and says what it takes',
    async () => {
      await withFolder(async (folder) => {
        const ended = await tally(folder, 'demo', 'bet', '--lying-custodians', '3')
        expect(ended.code).toBe(3)
        expect(ended.err).toContain('--lying-custodians 1')
      })
    },
    TIMEOUT,
  )
})
