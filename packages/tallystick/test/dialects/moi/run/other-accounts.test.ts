/** What a logic is told of accounts other than its own: what another logic keeps, and who takes part and signs. */
import { describe, expect, it } from 'vitest'
import { isFault } from '../../../../src/base/fault.ts'
import type { MoiId } from '../../../../src/dialects/moi/identifier.ts'
import { interactionHash, writeInteraction } from '../../../../src/dialects/moi/interaction.ts'
import { readDocument } from '../../../../src/dialects/moi/polo/document.ts'
import { poloBool, poloNatural } from '../../../../src/dialects/moi/polo/scalar.ts'
import { type Polo, readPolo } from '../../../../src/dialects/moi/polo/schema.ts'
import type { Receipt } from '../../../../src/dialects/moi/run/receipt.ts'
import { call } from '../../../../src/dialects/moi/run/run.ts'
import { ada, bob, createTown, cyd, messageOf, type Town } from './town.ts'
import { deploy, deployIn, fields, invoke, manifest, routine, state } from './sketch.ts'

const keeper = manifest(
  [
    state(0, 'logic', fields('a u64')),
    routine(1, 'Set', ['OBTAIN $0 &0', 'LLOAD $1 &0', 'DISPER $1 $0'], {
      accepts: fields('value u64'),
    }),
  ],
  'logic',
)

const LOAD = ['OBTAIN $0 &0', 'LDPTR1 $1 0x0', 'XBIND $0 $1 $0', 'XLLOAD $2 $0 &0']
const OF = fields('of identifier')

const asker = manifest(
  [
    {
      ptr: 0,
      kind: 'interface',
      data: { name: 'Other', logic: { mode: 'logic', fields: fields('a u64') }, endpoint: [] },
    },
    routine(1, 'Peek', [...LOAD, 'YIELD $2 &0'], {
      mode: 'static',
      accepts: OF,
      returns: fields('out u64'),
    }),
    routine(2, 'Poke', [...LOAD, 'PMAKE $3 &5', 'DISPER $2 $3'], { accepts: OF }),
    routine(3, 'TakesPart', ['OBTAIN $0 &0', 'ACREXIST $0 $0', 'YIELD $0 &0'], {
      mode: 'pure',
      accepts: OF,
      returns: fields('out bool'),
    }),
    routine(4, 'Signs', ['OBTAIN $0 &0', 'ACRSIGN $0 $0', 'YIELD $0 &0'], {
      mode: 'pure',
      accepts: OF,
      returns: fields('out bool'),
    }),
  ],
  'logic',
)

const townWith = () => {
  const town = createTown()
  const kept = deployIn(town, deploy(keeper))
  const asking = deployIn(town, deploy(asker))
  return { town, kept, asking }
}

const outOf = <T>({ operations }: Receipt, schema: Polo<T>): T => {
  const entries = readDocument(operations[0]?.outputs ?? new Uint8Array())
  if (isFault(entries)) throw entries
  return readPolo(schema, entries.get('out') ?? new Uint8Array())
}

const setTo = (town: Town, kept: MoiId, value: bigint): void => {
  const { receipt } = town.send({ do: [invoke(kept, 'Set', { value })], with: [[kept, 'mutate']] })
  expect(receipt.status).toBe('ok')
}

describe('the state of another logic', () => {
  const peek = (
    { town, kept, asking }: ReturnType<typeof townWith>,
    lock: 'mutate' | 'read' | 'none' | undefined,
  ): Receipt =>
    town.send({
      do: [invoke(asking, 'Peek', { of: kept })],
      with: [[asking, 'read'], ...(lock ? ([[kept, lock]] as const) : [])],
    }).receipt

  it('is read as it is now, where the interaction declares that logic for reading or more', () => {
    const of = townWith()
    for (const [at, lock] of (['read', 'mutate'] as const).entries()) {
      setTo(of.town, of.kept, BigInt(7 + at))
      const receipt = peek(of, lock)
      expect(receipt.status, messageOf(receipt)).toBe('ok')
      expect(outOf(receipt, poloNatural(64))).toBe(BigInt(7 + at))
    }
  })

  it('is out of reach where it is declared without a lock, or not at all', () => {
    const of = townWith()
    setTo(of.town, of.kept, 7n)
    for (const lock of ['none', undefined] as const) {
      expect(peek(of, lock).operations[0]?.status).toBe('defect')
    }
    expect(peek(of, 'read').status).toBe('ok')
  })

  it('is never written, whatever lock there is', () => {
    const { town, kept, asking } = townWith()
    setTo(town, kept, 7n)
    const { receipt } = town.send({
      do: [invoke(asking, 'Poke', { of: kept })],
      with: [
        [asking, 'mutate'],
        [kept, 'mutate'],
      ],
    })
    expect(receipt.operations[0]?.status).toBe('defect')
    expect(outOf(peek({ town, kept, asking }, 'read'), poloNatural(64))).toBe(7n)
  })

  it('is none of a participant, who keeps none', () => {
    const { town, asking } = townWith()
    const { receipt } = town.send({
      do: [invoke(asking, 'Peek', { of: bob.id })],
      with: [
        [asking, 'read'],
        [bob.id, 'read'],
      ],
    })
    expect(receipt.operations[0]?.status).toBe('defect')
  })

  it('is what an operation before it in the same interaction has made of it', () => {
    const { town, kept, asking } = townWith()
    const { receipt } = town.send({
      do: [invoke(kept, 'Set', { value: 9n }), invoke(asking, 'Peek', { of: kept })],
      with: [
        [kept, 'mutate'],
        [asking, 'read'],
      ],
    })
    expect(receipt.status).toBe('ok')
    const [, second] = receipt.operations
    expect(outOf({ ...receipt, operations: second ? [second] : [] }, poloNatural(64))).toBe(9n)
  })
})

describe('participants', () => {
  const ask = (callsite: string, of: MoiId) => {
    const { town, asking } = townWith()
    const wish = {
      do: [invoke(asking, callsite, { of })],
      with: [
        [asking, 'none'],
        [bob.id, 'none'],
      ],
    } as const
    const args = town.make(wish)
    const hash = interactionHash(writeInteraction(args))
    const { read, network, time } = town
    return { told: call({ args, hash, read, network, time }), receipt: town.send(wish).receipt }
  }

  it.each([
    ['who sends', ada.id, true],
    ['who is declared', bob.id, true],
    ['who is not', cyd.id, false],
  ])('are those that are declared: %s', (_, id, takesPart) => {
    const { told, receipt } = ask('TakesPart', id)
    expect(receipt.status, messageOf(receipt)).toBe('ok')
    expect(outOf(receipt, poloBool)).toBe(takesPart)
    // A question may look at any account, and is answered as the interaction would be.
    expect(outOf(told, poloBool)).toBe(takesPart)
  })

  it('have signed when they send, and not when they are declared by somebody else', () => {
    expect(outOf(ask('Signs', ada.id).receipt, poloBool)).toBe(true)
    expect(outOf(ask('Signs', bob.id).receipt, poloBool)).toBe(false)
  })

  it('have signed when they pay for somebody else, and as long as they do', () => {
    const { town, asking } = townWith()
    const wish = {
      do: [invoke(asking, 'Signs', { of: bob.id })],
      with: [
        [asking, 'none'],
        [bob.id, 'mutate'],
      ],
    } as const
    expect(outOf(town.send({ ...wish, payer: bob.id }).receipt, poloBool)).toBe(true)
    expect(outOf(town.send(wish).receipt, poloBool)).toBe(false)
  })

  it('that are none are an exception to whoever asks for their signature', () => {
    const { receipt } = ask('Signs', cyd.id)
    expect(receipt.status).toBe('reverted')
    expect(receipt.operations[0]?.status).toBe('exception')
    expect(messageOf(receipt)).toContain('the account is no participant')
  })
})
