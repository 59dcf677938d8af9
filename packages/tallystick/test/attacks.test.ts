/**
 * Attacks on signed bytes, amounts and texts that no single file answers for, each under its number in `docs/attacks.md`.
 * Each starts from something that is accepted, changes one thing, and is refused for that.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../src/base/fault.ts'
import { machineId } from '../src/kernel/charter.ts'
import { checkConsent, consentDigest } from '../src/kernel/consent.ts'
import { type Interaction, interaction, interactionId } from '../src/kernel/interaction.ts'
import { statementDigest } from '../src/kernel/statement.ts'
import { amountFromText } from '../src/logic/amount.ts'
import { operationOnLedger } from '../src/logic/ledger-operation.ts'
import { balanceOf } from '../src/logic/ledger-record.ts'
import { createNativeEngine } from '../src/engine/native.ts'
import { createStreams } from '../src/sim/random.ts'
import { craftedOver } from './engine/verdicts.ts'
import { directory, directoryCertificate } from '../src/models/directory/certificate.ts'
import { receiptVote } from '../src/models/directory/evidence.ts'
import { bilateralCertificate } from '../src/models/bilateral/certificate.ts'
import { eraseModel, type Known } from '../src/kernel/model.ts'
import { directoryTerms } from '../src/models/directory/policy.ts'
import {
  ALICE,
  ASSET,
  at,
  codeOf,
  MINT,
  openBooks,
  take,
  taken,
  A,
  X,
  machineIn,
} from './logic/books.ts'
import {
  aCharter,
  adding,
  alice,
  aVote,
  engine,
  interactionOn,
  opened,
  person,
  sign,
} from './kernel/sample.ts'

describe('replays', () => {
  test('A1: a step signed on one network is of no machine on another', () => {
    const [test1, main] = [aCharter({ network: 'test' }), aCharter({ network: 'main' })]
    expect(machineId(test1)).not.toBe(machineId(main))
    const vote = aVote({ transition: { ...opened(test1).head } })
    const moved = aVote({ transition: { ...opened(test1).head, machine: machineId(main) } })
    const digest = statementDigest('classic', vote)
    const signature = sign('classic', alice, vote)
    const { publicKey } = alice.keys
    expect(engine.verify('ed25519', publicKey, digest, signature)).toBe(true)
    expect(engine.verify('ed25519', publicKey, statementDigest('classic', moved), signature)).toBe(
      false,
    )
  })

  test('A2: what two parties co-signed is no certificate of a directory, though their keys are its operators', () => {
    const machine = opened()
    const people = ['ada', 'ben', 'cyd', 'dan'].map(person)
    const operators = people.map(({ name, keys }) => ({
      name,
      scheme: 'ed25519' as const,
      publicKey: keys.publicKey,
    }))
    const policy = directoryTerms({ operators, threshold: 3, faulty: 1 })
    const terms = { ...machine.terms, policy, turn: { is: 'owner', party: 0 } as const }
    const vote = aVote({ transition: machine.head })
    const signatures = people.slice(0, 3).map((by, party) => ({
      party,
      key: 0,
      signature: sign('classic', by, vote),
    }))
    const certificate = bilateralCertificate.encode({
      round: 0,
      aborts: [],
      signatures,
    })
    const known: Known = { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) }
    const model = eraseModel(directory)
    const judged = { terms, anchor: model.begin(terms), transition: machine.head, known }
    expect(model.judge({ ...judged, certificate }).is).toBe('refused')
  })

  test('A3: a consent for one machine of an owner is none for another of the same owner', () => {
    const [one, other] = [opened(), opened(aCharter({ nonce: new Uint8Array(32).fill(7) }))]
    const wish = (on: typeof one): Interaction => interactionOn(on, [adding(on, 1n)])
    const signature = engine.sign(
      'ed25519',
      alice.keys.secret,
      consentDigest('classic', interactionId(wish(one))),
    )
    const given = { machine: one.id, party: 0, key: 0, form: 'raw' as const, signature }
    expect(checkConsent(one.terms, interactionId(wish(one)), given, engine)).toBeUndefined()
    const moved = { ...given, machine: other.id }
    expect(checkConsent(other.terms, interactionId(wish(other)), moved, engine)?.code).toBe(
      'consent/bad-signature',
    )
  })

  test('A5: moving a byte between neighbouring fields changes the bytes that are hashed', () => {
    const machine = opened()
    const operation = fc.record({
      machine: fc.constant(machine.id),
      logic: fc.nat(15),
      argument: fc.uint8Array({ maxLength: 6 }),
    })
    const lists = fc.array(operation, { minLength: 1, maxLength: 4 })
    const bytesOf = (operations: Interaction['operations']): string =>
      interaction.encode(interactionOn(machine, operations)).toString()
    fc.assert(
      fc.property(lists, lists, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other)
        expect(bytesOf(one) === bytesOf(other)).toBe(same)
      }),
    )
    const split = (first: number[], second: number[]): string =>
      bytesOf(
        [first, second].map((argument) => ({
          ...adding(machine, 0n),
          argument: Uint8Array.from(argument),
        })),
      )
    expect(split([1, 2], [3])).not.toBe(split([1], [2, 3]))
  })
})

describe('signatures', () => {
  test('B10: a certificate holds only where each of its signatures holds alone, whichever of them has an R of mixed order', () => {
    const real = createNativeEngine()
    const machine = opened()
    const seeds = [1, 2, 3, 4].map((fill) => new Uint8Array(32).fill(fill))
    const operators = seeds.map((seed, seat) => ({
      name: `operator-${seat}`,
      scheme: 'ed25519' as const,
      publicKey: real.fromSeed('ed25519', seed).publicKey,
    }))
    const policy = directoryTerms({ operators, threshold: 3, faulty: 1 })
    const terms = { ...machine.terms, policy, turn: { is: 'owner', party: 0 } as const }
    const model = eraseModel(directory)
    const known: Known = { verifier: real, now: undefined, read: () => ({ is: 'unknown' }) }
    // Of each operator one good receipt, then some of which most would pass with the cofactor.
    const receiptsOf = seeds.map((seed, seat) => {
      const time = 1000n + BigInt(seat)
      const digest = statementDigest('classic', receiptVote(machine.head, time))
      return craftedOver(seed, digest)
        .slice(0, 8)
        .map(({ publicKey, signature }) => ({
          receipt: { operator: seat, time, signature },
          isGood: real.verify('ed25519', publicKey, digest, signature),
        }))
    })
    const random = createStreams(11)('certificates')
    const seen = new Set<string>()
    for (let round = 0; round < 120; round++) {
      const odd = random.below(6)
      const given = receiptsOf.flatMap((each, seat) => {
        const one = seat === odd ? random.pick(each) : each[0]
        return one ? [one] : []
      })
      const certificate = directoryCertificate.encode({
        is: 'receipts',
        receipts: given.map(({ receipt }) => receipt),
      })
      const judged = { terms, anchor: model.begin(terms), transition: machine.head, known }
      const verdict = model.judge({ ...judged, certificate })
      expect(verdict.is).toBe(given.every(({ isGood }) => isGood) ? 'final' : 'refused')
      if (verdict.is === 'refused') expect(verdict.fault.code).toBe('receipt/bad-signature')
      seen.add(verdict.is)
    }
    expect([...seen].sort()).toEqual(['final', 'refused'])
  })
})

describe('amounts', () => {
  test('D2: of five hundred spellings only digits with one point are read', () => {
    const digits = ['0', '1', '9', '12', '007', '', '1e2', '0x1', '0b1', '0o7', '1_0', '١', '１']
    const signs = ['', '-', '+', ' ', '\t', '\u00a0', '\u200b', '\u2212']
    const tails = ['', ' ', '.', '.5', '.50', ',5', 'n', '\n', '%', '\u0000']
    const spellings = digits.flatMap((middle) =>
      signs.flatMap((front) => tails.map((tail) => `${front}${middle}${tail}`)),
    )
    expect(spellings.length).toBeGreaterThan(500)
    for (const spelling of spellings) {
      const isRead = !isFault(faultFrom(() => amountFromText(spelling, 2)))
      expect([spelling, isRead]).toEqual([
        spelling,
        /^(?:0|[1-9][0-9]*)(?:\.[0-9]{1,2})?$/.test(spelling),
      ])
    }
  })

  test('D3: paying oneself is refused, and paying there and back makes nothing', () => {
    const rich = taken(openBooks([MINT, ALICE]), {
      write: [X, A],
      operations: [operationOnLedger(ASSET, { is: 'issue', to: at(A, 'alice'), amount: 50n })],
      by: ['mint'],
    })
    const held = (books: typeof rich): bigint => balanceOf(machineIn(books, A), ASSET, 'alice')
    const transfer = (amount: bigint) =>
      operationOnLedger(ASSET, {
        is: 'transfer',
        from: at(A, 'alice'),
        to: at(A, 'alice'),
        amount,
      })
    for (const operations of [[transfer(50n)], [transfer(30n), transfer(50n)]]) {
      const after = take(rich, { write: [A], refer: [X], operations, by: ['alice'] })
      expect(codeOf(after)).toBe('ledger/same-account')
    }
    const [there, back] = [at(A, 'alice'), at(X, 'mint')]
    const round = [
      operationOnLedger(ASSET, { is: 'transfer', from: there, to: back, amount: 50n }),
      operationOnLedger(ASSET, { is: 'transfer', from: back, to: there, amount: 50n }),
    ]
    const after = taken(rich, { write: [X, A], operations: round, by: ['alice', 'mint'] })
    expect(held(after)).toBe(50n)
    const twice = [...round.slice(0, 1), ...round.slice(0, 1)]
    expect(codeOf(take(rich, { write: [X, A], operations: twice, by: ['alice'] }))).toBe(
      'ledger/insufficient',
    )
  })

  test('D4: nothing is moved by an amount of zero', () => {
    const build = (): unknown =>
      operationOnLedger(ASSET, {
        is: 'send',
        from: at(A, 'alice'),
        to: at(X, 'mint'),
        amount: 0n,
        nonce: 0,
      })
    const built = faultFrom(build)
    expect(isFault(built) && built.code).toBe('amount/zero')
  })
})

describe('texts', () => {
  const source = (): readonly RegExp[] => {
    const root = join(import.meta.dirname, '../src')
    return globSync('**/*.ts', { cwd: root }).flatMap((name) =>
      [
        ...readFileSync(join(root, name), 'utf8').matchAll(
          /(?<![\w)\]/*] ?)\/((?:[^/\n\\[*]|\\.|\[(?:[^\]\n\\]|\\.)*\])(?:[^/\n\\[]|\\.|\[(?:[^\]\n\\]|\\.)*\])*)\/([dgimsuvy]*)(?=[.,)\s;])/g,
        ),
      ].flatMap(([, body = '', flags = '']) => {
        try {
          return [new RegExp(body, flags.replace('g', ''))]
        } catch {
          return []
        }
      }),
    )
  }

  test('E8: no pattern of the sources takes long over 64 KiB of hostile text', () => {
    const patterns = source()
    expect(patterns.length).toBeGreaterThan(20)
    const hostile = ['a', '0', 'a0-', '0.', '\\"', '/a', ' ', '1/1:', '\u0000é'].map(
      (part) => `${part.repeat(65_536 / part.length)}!`,
    )
    for (const pattern of patterns) {
      for (const text of hostile) {
        const before = performance.now()
        pattern.exec(text)
        expect([pattern.source, performance.now() - before < 500]).toEqual([pattern.source, true])
      }
    }
  })

  test('E8: the check finds a pattern that does', () => {
    const before = performance.now()
    ;/^(a+)+$/.exec(`${'a'.repeat(21)}!`)
    expect(performance.now() - before).toBeGreaterThan(5)
  })

  test('E9: a million digits are refused by their number, before they become one', () => {
    const before = performance.now()
    const read = faultFrom(() => amountFromText('9'.repeat(1_000_000), 0))
    expect(isFault(read) && read.code).toBe('amount/malformed')
    expect(performance.now() - before).toBeLessThan(50)
  })
})
