import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import { checkClaims } from '../../../src/kernel/claim.ts'
import { argumentOfMoi, moiArgument } from '../../../src/dialects/moi/argument.ts'
import { interactionHash } from '../../../src/dialects/moi/interaction.ts'
import type { MoiId } from '../../../src/dialects/moi/identifier.ts'
import { accountsOf, legsOf } from '../../../src/dialects/moi/legs.ts'
import { genesisPart, genesisParts, moiLogic } from '../../../src/dialects/moi/logic.ts'
import { heightOf } from '../../../src/dialects/moi/tesseract.ts'
import { createLatticeTown, LOGICS } from './lattice-town.ts'
import {
  action,
  ada,
  bob,
  dan,
  genesis,
  keyOf,
  KMOI,
  personOf,
  toward,
  transferOf,
} from './run/town.ts'

const of = createLatticeTown()
const sent = of.signed({ do: [transferOf(bob, 10n)], with: toward(bob) ?? [] })
const time = 1_800_000_000n
const argument = moiArgument.encode({ is: 'interaction', time, ...sent })
const { params } = of.network.charter.logics[0] ?? { params: new Uint8Array() }
const { terms } = of.network.machine

describe('the logic of a network', () => {
  test('says what an operation does, in a line', () => {
    expect(moiLogic.describe(argument, params, terms)).toBe(
      `0x${ada.id} number 0: asset-action Transfer`,
    )
    const part = moiArgument.encode({ is: 'genesis', at: 0 })
    expect(moiLogic.describe(part, params, terms)).toBe('the genesis, part 0')
    const bad = moiArgument.encode({ is: 'interaction', time, ...sent, args: Uint8Array.of(1) })
    expect(isFault(faultFrom(() => moiLogic.describe(bad, params, terms)))).toBe(true)
  })

  test('claims the time in the operation, near which a clock has to be', () => {
    expect(moiLogic.claims?.(argument, params)).toEqual({ at: time * 1000n, skewMs: 60_000 })
    expect(moiLogic.claims?.(moiArgument.encode({ is: 'genesis', at: 0 }), params)).toBeUndefined()
    const prepared = of.prepare(sent)
    if (prepared.is === 'refused') throw new Error('it was to be taken')
    const claiming = {
      interaction: prepared.interaction,
      machines: new Map([[of.network.machine.id, of.network.machine]]),
      logics: LOGICS,
    }
    expect(checkClaims(claiming, of.town.time * 1000n)).toBeUndefined()
    expect(checkClaims(claiming, of.town.time * 1000n + 60_001n)?.code).toBe('claim/off-clock')
  })

  test('names the consent that an operation carries, and puts it under another time', () => {
    const carried = moiLogic.carries?.(argument, params)
    expect(carried?.by).toBe(`0x${ada.id}`)
    expect(carried?.id).toBe(hexFromBytes(interactionHash(sent.args)))
    const later = carried?.at(1_900_000_000_000n) ?? argument
    expect(moiArgument.decode(later)).toMatchObject({ time: 1_900_000_000n, args: sent.args })
    expect(argumentOfMoi(later)).toMatchObject({ args: sent.args, signatures: sent.signatures })
  })

  test('has no legs for what came to more accounts than one interaction may have', () => {
    const crowd = Array.from({ length: 14 }, (_, at) => personOf(`crowd ${at}`).id)
    const wish = { do: [transferOf(bob, 10n)], with: crowd.map((id) => [id, 'mutate'] as const) }
    const args = of.town.make(wish)
    const { receipt } = of.send({ do: [transferOf(bob, 10n)], with: toward(bob) ?? [] })
    const legs = (created: readonly MoiId[]) => legsOf(args, { receipt, created }, of.town.read)
    expect(legs([])).toHaveLength(15)
    expect(legs([dan.id])).toMatchObject({ code: 'moi/too-many-accounts' })
  })

  test('has so many parts of a genesis, and no more', () => {
    expect(genesisParts(genesis)).toBe(1)
    expect(genesisPart(genesis, 0).accounts.length).toBe(5)
    expect(faultFrom(() => genesisPart(genesis, 1))).toMatchObject({ code: 'moi/no-part' })
  })
})

describe('the accounts of an interaction', () => {
  test('are those that it declares, and those that it is to create', () => {
    const wish = {
      do: [
        {
          is: 'participant-create',
          id: dan.id,
          keys: [keyOf(dan)],
          value: action(KMOI, 'Transfer', { beneficiary: dan.id, amount: 7n }),
        } as const,
      ],
      with: [[KMOI, 'none'] as const],
    }
    expect([...accountsOf(of.town.make(wish), of.town.read)]).toEqual([
      [ada.id, 'mutate'],
      [KMOI, 'none'],
      [dan.id, 'mutate'],
    ])
  })
})

test('the first step of an account has the height 0, and its charter has none', () => {
  expect([0n, 1n, 2n].map((sequence) => heightOf({ sequence }))).toEqual([undefined, 0n, 1n])
})
