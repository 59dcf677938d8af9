/** Questions: answered in a thread of their own as they would be here, in turn, on a snapshot, and out of everybody's way. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hexFromBytes, idFromHex, isFault } from 'tallystick/base'
import { charter as charterCodec } from 'tallystick/kernel'
import {
  call,
  encodePolo,
  estimate,
  interactionHash,
  KMOI_ASSET,
  manifestFromJsonText,
  MOI_LOCKS,
  type MoiId,
  type MoiOperation,
  PATH,
  poloBytes,
  poloFromManifest,
  poloNatural,
  poloText,
  readInteraction,
  writeDocument,
  writeInteraction,
} from 'tallystick/moi'
import type { JsonObject } from 'tallystick/nostr'
import { createQuestionThread } from '../../src/guardian/question-thread.ts'
import type { QuestionOrder } from '../../src/guardian/question-order.ts'
import { interactionFromJson } from '../../src/guardian/questions.ts'
import { takeSnapshot } from '../../src/guardian/snapshot.ts'
import type { View } from '../../src/guardian/views.ts'
import { at, textAt } from './look.ts'
import { invokeOf, logicOf } from './small-logic.ts'
import {
  bytesFrom,
  callAt,
  closeGuardian,
  dev,
  hexId,
  idFrom,
  LATEST,
  newFolder,
  type Opened,
  openGuardian,
  type Party,
  partyAt,
  payment,
  resultAt,
  settle,
  signed,
  strangerAt,
  transferOf,
} from './town.ts'

const [alice, bob, carol] = [partyAt(0), partyAt(1), partyAt(2)]

/** As a client asks about a draft. */
const jsonOf = (args: Uint8Array): JsonObject => {
  const read = readInteraction(args)
  if (isFault(read)) throw read
  return {
    sender: { id: hexId(read.sender.id), sequence: Number(read.sender.sequence), key_id: 0 },
    fuel_price: '0x1',
    fuel_limit: '0x2710',
    ix_operations: read.operations.map(({ type, payload }) => ({
      type,
      payload: `0x${hexFromBytes(payload)}`,
    })),
    participants: read.participants.map(({ id, lock }) => ({
      id: hexId(id),
      lock_type: MOI_LOCKS.indexOf(lock),
    })),
  }
}

const random = (start: number): ((below: number) => number) => {
  let state = start >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
}

const ledger = readFileSync(join(import.meta.dirname, '../moi-sdk/manifests/tokenledger.json'))

const deployment = (): MoiOperation => {
  const manifest = manifestFromJsonText(ledger.toString())
  if (isFault(manifest)) throw manifest
  return {
    is: 'logic-deploy',
    manifest: poloFromManifest(manifest),
    callsite: 'Seed',
    calldata: writeDocument(
      new Map([
        ['symbol', encodePolo(poloText(64), 'MOI')],
        ['supply', encodePolo(poloNatural(256), 500n)],
      ]),
    ),
    interfaces: new Map(),
  }
}

type Does = Pick<Parameters<typeof signed>[0], 'from' | 'does' | 'with'>

/** Something that somebody may ask about; not all of it would succeed. */
const anAsk = (next: (below: number) => number, logic: MoiId): Does => {
  const parties: readonly Party[] = [alice, bob, carol, strangerAt(9)]
  const pick = (): Party => parties[next(parties.length)] ?? alice
  const [from, to] = [pick(), pick()]
  const others = to === from ? [] : [{ id: to.id, lock: 'mutate', notary: false } as const]
  switch (next(5)) {
    case 0:
      return {
        from,
        does: [
          {
            ...invokeOf(logic, new Uint8Array(0)),
            callsite: 'Transfer',
            calldata: writeDocument(
              new Map([
                ['receiver', encodePolo(poloBytes(32), bytesFrom(to.id))],
                ['amount', encodePolo(poloNatural(256), BigInt(next(600)))],
              ]),
            ),
          } as never,
        ],
        with: [{ id: logic, lock: 'mutate', notary: false }, ...others],
      }
    case 1:
      return {
        from,
        does: [{ ...invokeOf(logic, new Uint8Array(0)), callsite: 'Symbol' } as never],
        with: [{ id: logic, lock: 'read', notary: false }],
      }
    case 2:
      return { from, does: [deployment()] }
    default:
      return { from, does: [transferOf(to.id, BigInt(next(1_000_000)))], with: others }
  }
}

const viewsOf = async (of: Opened, heights: JsonObject): Promise<readonly View[]> =>
  Promise.all(
    Object.entries(heights).map(([account, height]) =>
      of.context.views.at(idFrom(account), {
        is: 'height',
        height: BigInt(at(height, 'tesseract_number') as number),
      }),
    ),
  )

/** The same question on this thread. */
const askedHere = async (of: Opened, json: JsonObject, heights: JsonObject): Promise<unknown> => {
  const args = interactionFromJson(json)
  const hash = interactionHash(writeInteraction(args))
  const { network } = of.network
  const time = BigInt(Math.floor(Date.now() / 1000))
  const fuelMax = 10_000_000
  return of.context.views.ask(await viewsOf(of, heights), (read) => {
    const question = { args, hash, read, network, time, fuelMax }
    return { receipt: call(question), fuel: estimate(question) }
  })
}

describe('A question', () => {
  test('comes to what it comes to on the main thread, of accounts in memory and on disk, now and then', async () => {
    const folder = newFolder()
    const first = await openGuardian({ folder })
    const made = await settle(
      first.url,
      signed({ from: alice, sequence: 0n, does: [deployment()], fuelLimit: 1_000_000n }),
    )
    const logic = idFrom(textAt(made, 'ix_operations.0.data.logic_id'))
    const give: Does = {
      from: alice,
      does: [
        {
          ...invokeOf(logic, new Uint8Array(0)),
          callsite: 'Transfer',
          calldata: writeDocument(
            new Map([
              ['receiver', encodePolo(poloBytes(32), bytesFrom(bob.id))],
              ['amount', encodePolo(poloNatural(256), 100n)],
            ]),
          ),
        } as never,
      ],
      with: [
        { id: logic, lock: 'mutate', notary: false },
        { id: bob.id, lock: 'mutate', notary: false },
      ],
    }
    await settle(first.url, signed({ ...give, sequence: 1n, fuelLimit: 100_000n }))
    await settle(first.url, payment(alice, carol.id, 77n, 2n))
    const next = random(20_261_129)
    const statuses = new Set<string>()
    const compare = async (of: Opened, count: number): Promise<void> => {
      for (let round = 0; round < count; round++) {
        const json = jsonOf(signed({ ...anAsk(next, logic), sequence: 0n }).args)
        const heights: JsonObject =
          next(3) === 0
            ? { [hexId(logic)]: { tesseract_number: next(2) } }
            : next(2) === 0
              ? { [hexId(alice.id)]: { tesseract_number: next(3) } }
              : {}
        const expected = await askedHere(of, json, heights)
        const receipt = await of.context.questions.call(json, heights, 'a')
        const fuel = await of.context.questions.estimate(json, heights, 'a')
        expect({ receipt, fuel }).toEqual(expected)
        statuses.add(receipt.status)
      }
    }
    await compare(first, 30)
    await closeGuardian(first)
    // Nothing is in memory of it.
    await compare(await openGuardian({ folder }), 30)
    expect(statuses).toEqual(new Set(['ok', 'reverted']))
  }, 120_000)

  test('that takes long lets others be executed, sealed and read before it is answered', async () => {
    const { url, context } = await openGuardian({ limits: { calls: 10_000_000 } })
    const deploy = logicOf([], ['DEST', 'LDPTR1 $0 0x0', 'JUMP $0'])
    const made = await settle(url, signed({ from: alice, sequence: 0n, does: [deploy] }))
    const logic = textAt(made, 'ix_operations.0.data.logic_id')
    const json = jsonOf(
      signed({
        from: alice,
        sequence: 1n,
        does: [invokeOf(logic, new Uint8Array(0))],
        with: [{ id: idFrom(logic), lock: 'read', notary: false }],
      }).args,
    )
    // Started by a short one, so that only what is asked takes long.
    await context.questions.call(jsonOf(payment(bob, carol.id, 1n, 0n).args), undefined, 'a')
    const order: string[] = []
    const long = Array.from({ length: 4 }, () => context.questions.call(json, undefined, 'a'))
    const answered = Promise.all(long).then(() => order.push('answered'))
    const proof = settle(url, payment(bob, carol.id, 1n, 0n))
      .then(() =>
        resultAt(url, 'moi.NetworkState', {
          id: hexId(carol.id),
          asset_id: hexId(KMOI_ASSET),
          options: LATEST,
        }),
      )
      .then(() => order.push('settled and read'))
    await Promise.all([answered, proof])
    expect(order).toEqual(['settled and read', 'answered'])
    expect((await long[0])?.status).toBe('insufficient-fuel')
  }, 120_000)

  test('is told that too many wait, where as many wait as may', async () => {
    const { url } = await openGuardian({ limits: { callsWaiting: 2 } })
    const asked = { ix_args: jsonOf(payment(alice, bob.id, 1n, 0n).args) }
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => callAt(url, 'moi.Call', asked)),
    )
    const refused = replies.flatMap(({ error }) => (error ? [error] : []))
    expect(replies.filter(({ error }) => !error).length).toBeGreaterThanOrEqual(2)
    expect(refused.length).toBeGreaterThan(0)
    for (const one of refused) {
      expect(one).toMatchObject({ code: -32005, data: { reason: 'too-many' } })
      expect(one.message).toBe('too many calls wait for this guardian')
    }
    // And they are gone when they are answered.
    expect((await callAt(url, 'moi.Call', asked)).error).toBeUndefined()
  })

  test('is told so earlier by one connection, which leaves room for others', async () => {
    const { context, url } = await openGuardian({
      limits: { callsWaiting: 4, callsWaitingEach: 2 },
    })
    const json = jsonOf(payment(alice, bob.id, 1n, 0n).args)
    const ask = (by: string, count: number) =>
      Promise.allSettled(
        Array.from({ length: count }, () => context.questions.call(json, undefined, by)),
      )
    // All of them before the first is answered.
    const [told, others, [late]] = await Promise.all([
      ask('one', 5),
      ask('another', 2),
      ask('a third', 1),
    ])
    expect(told.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ])
    const message = 'too many calls of this connection wait for this guardian'
    expect(told.at(-1)).toMatchObject({ reason: { reason: 'too-many', message } })
    expect(others.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    expect(late).toMatchObject({ reason: { message: 'too many calls wait for this guardian' } })
    // And when they are answered, it may ask again.
    expect((await ask('one', 2)).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    expect((await callAt(url, 'moi.Call', { ix_args: json })).error).toBeUndefined()
  })

  test('may look up so many values and no more', async () => {
    const folder = newFolder()
    await closeGuardian(await openGuardian({ folder }))
    // With nothing in memory every value is looked up.
    const { url } = await openGuardian({ folder, limits: { callValues: 2 } })
    const { error } = await callAt(url, 'moi.Call', {
      ix_args: jsonOf(payment(alice, bob.id, 1n, 0n).args),
    })
    expect(error).toMatchObject({ data: { reason: 'too-large' } })
  })

  test('about the past is paid for before the next is looked up, however many come at once', async () => {
    const { context } = await openGuardian({ limits: { calls: 1, callsPerSecond: 0.001 } })
    let looks = 0
    const { at: lookAt } = context.views
    Object.assign(context.views, {
      at: (...of: Parameters<typeof lookAt>) => {
        looks += 1
        return lookAt(...of)
      },
    })
    const json = jsonOf(payment(alice, bob.id, 1n, 0n).args)
    const past = { [hexId(alice.id)]: { tesseract_number: 0 } }
    const replies = await Promise.allSettled(
      Array.from({ length: 12 }, (_, at) => context.questions.call(json, past, `${at}`)),
    )
    expect(replies.map((one) => one.status).filter((one) => one === 'fulfilled')).toHaveLength(1)
    expect(looks).toBe(1)
  })
})

describe('A snapshot', () => {
  test('shows every account as it stood, whatever is executed meanwhile', async () => {
    const { url, context } = await openGuardian()
    await settle(url, payment(alice, bob.id, 5n, 0n))
    const { lattice, machines } = context
    const before = takeSnapshot(context, [])
    const receiptOf = (id: MoiId) => before.read(id, PATH.receipt)
    const first = await receiptOf(alice.id)
    const small = before.small([alice.id, bob.id])
    expect([...small.keys()].sort()).toEqual([alice.id, bob.id].sort())
    await settle(url, payment(alice, bob.id, 5n, 1n))
    await settle(url, payment(bob, alice.id, 5n, 0n))
    // Looked at before, and only now.
    expect(await receiptOf(alice.id)).toEqual(first)
    expect(await receiptOf(bob.id)).toBeUndefined()
    expect(before.small([alice.id])).toEqual(new Map())
    const after = takeSnapshot({ lattice, machines }, [])
    expect(await after.read(alice.id, PATH.receipt)).not.toEqual(first)
    expect(await after.read(bob.id, PATH.receipt)).toBeDefined()
    expect(await after.read(idFromHex<'moi'>('77'.repeat(32)), PATH.receipt)).toBeUndefined()
  })

  test('shows an account at the height that is wanted, also where it is in memory', async () => {
    const { url, context } = await openGuardian()
    await settle(url, payment(alice, bob.id, 5n, 0n))
    const view = await context.views.at(alice.id, { is: 'height', height: 0n })
    const of = takeSnapshot(context, [view])
    expect(await of.read(alice.id, PATH.receipt)).toBeUndefined()
    expect([...of.small([alice.id, bob.id]).keys()]).toEqual([bob.id])
  })
})

describe('The thread for questions', () => {
  const orderOf = (): QuestionOrder => {
    const args = interactionFromJson(jsonOf(payment(alice, bob.id, 1n, 0n).args))
    return {
      is: 'question',
      kind: 'call',
      args,
      hash: interactionHash(writeInteraction(args)),
      time: 0n,
      fuelMax: 10_000,
      valuesMax: 10_000,
      accounts: new Map(),
    }
  }

  test('gives a question up where a value cannot be read, and answers the next', async () => {
    const thread = createQuestionThread(charterCodec.encode(dev.charter))
    const broken = new Error('the disk does not answer')
    await expect(thread.ask(orderOf(), () => Promise.reject(broken))).rejects.toBe(broken)
    const { answer } = await thread.ask(orderOf(), () => Promise.resolve(undefined))
    expect(answer).toMatchObject({ is: 'receipt', receipt: { status: 'reverted' } })
    await thread.close()
    expect((await thread.ask(orderOf(), () => Promise.resolve(undefined))).answer.is).toBe('failed')
  })

  test('fails a question with which it is lost, and takes no next one with it', async () => {
    const lost = createQuestionThread(new Uint8Array(3))
    for (let tries = 0; tries < 2; tries++) {
      const { answer } = await lost.ask(orderOf(), () => Promise.resolve(undefined))
      expect(answer.is).toBe('failed')
    }
    await lost.close()
  })
})
