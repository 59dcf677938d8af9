/** A9: two operations that differ in anything that decides who gets what look different to whoever is asked to sign them. */
import { describe, expect, test } from 'vitest'
import type { MachineId } from '../../src/base/brand.ts'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import type { Codec } from '../../src/base/codec.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { STANDARD_LOGICS } from '../../src/logic/registry.ts'
import type { Charter } from '../../src/kernel/charter.ts'
import type { Operation } from '../../src/kernel/interaction.ts'
import { type LedgerOperation, ledgerOperation } from '../../src/logic/ledger-operation.ts'
import { ledgerParams } from '../../src/logic/ledger-params.ts'
import { type RecordOperation, recordOperation } from '../../src/logic/record-operation.ts'
import { type VaultOperation, vaultOperation } from '../../src/logic/vault-operation.ts'
import { describeOperations } from '../../src/verify/describe.ts'
import { inFull } from '../../src/cli/in-full.ts'
import { BILATERAL_TERMS } from '../../src/models/bilateral/policy.ts'

const id = (digit: string): never => digit.repeat(64) as never
const HOME: MachineId = id('1')
const charter: Charter = {
  network: 'test',
  nonce: new Uint8Array(32),
  terms: { suite: 'classic', participants: [], turn: { is: 'alternate' }, policy: BILATERAL_TERMS },
  logics: [
    {
      name: 'ledger/1',
      params: ledgerParams.encode({
        symbol: 'TICK',
        decimals: 2,
        cap: 1n,
        issuer: undefined,
        initial: [],
      }),
    },
    { name: 'vault/1', params: new Uint8Array(0) },
    { name: 'record/1', params: new Uint8Array(0) },
  ],
  state: { is: 'tree' },
}
const charters = new Map([[HOME, charter]])

/** All that somebody reads before he signs. */
const shownOf = (operation: Operation): string => {
  const interaction = { suite: 'classic', legs: [], operations: [operation], premises: [] } as const
  const described = describeOperations({ charters, logics: STANDARD_LOGICS }, interaction)
  return JSON.stringify([described, inFull({ operations: [operation], charters, described })])
}

/** The same digits in front, as somebody finds who tries long enough. */
const lookalike = (of: string): string => of.slice(0, 8) + (of.endsWith('f') ? 'e' : 'f').repeat(56)

/** Every value with one thing changed, and where. Ids and long bytes begin as before. */
const changesOf = (value: unknown, path = ''): readonly (readonly [string, unknown])[] => {
  if (typeof value === 'bigint') return [[path, value + 1n]]
  if (typeof value === 'number') return [[path, value + 1]]
  if (value === 'ed25519') return [[path, 'bip340']]
  if (typeof value === 'string') {
    return [[path, /^[0-9a-f]{64}$/.test(value) ? lookalike(value) : `${value}x`]]
  }
  if (value instanceof Uint8Array) {
    const changed = Uint8Array.from(value)
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    return value.length === 0 ? [] : [[path, changed]]
  }
  if (Array.isArray(value)) {
    return value.flatMap((one: unknown, at) =>
      changesOf(one, `${path}.${at}`).map(
        ([where, other]) =>
          [where, value.map((each: unknown, n) => (n === at ? other : each))] as const,
      ),
    )
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) =>
    name === 'is'
      ? []
      : changesOf(one, `${path}.${name}`).map(
          ([where, other]) => [where, { ...value, [name]: other }] as const,
        ),
  )
}

/** Where a change can be made that nobody would see. */
const unseen = <Value>(codec: Codec<Value>, logic: number, of: Value): readonly string[] => {
  const shown = (value: Value): string =>
    shownOf({ machine: HOME, logic, argument: codec.encode(value) })
  const before = shown(of)
  expect(before).not.toContain('codec/')
  return changesOf(of).flatMap(([where, changed]) => {
    const after = faultFrom(() => shown(changed as Value))
    return !isFault(after) && after === before ? [where] : []
  })
}

const alice = { machine: HOME, holder: 'alice' }
const bob = { machine: id('2'), holder: 'bob' }
const out = {
  is: 'out',
  from: 'bob',
  to: alice,
  amount: 5n,
  nonce: 0,
  interaction: id('3'),
} as const
const unlocker = { machine: HOME, logic: 1 }

const terms = {
  nonce: new Uint8Array(32),
  machine: HOME,
  asset: { machine: HOME, logic: 0 },
  amount: 5n,
  payer: 'alice',
  payee: 'bob',
  release: {
    is: 'some',
    atLeast: 1,
    of: [
      { is: 'secret', digest: new Uint8Array(32) },
      { is: 'word', party: 'alice' },
      { is: 'fact', machine: id('8'), key: id('9'), value: bytesFromUtf8('x'.repeat(100)) },
    ],
  },
  expiry: { clock: id('a'), at: 1_700_000_000_000n },
  arbiter: {
    is: 'facts',
    of: [{ machine: id('b'), key: id('c'), value: new Uint8Array(16), toPayee: 3n }],
  },
} as const
const at = { machine: HOME, id: id('d') } as const
const elsewhere = { machine: id('e'), logic: 0 }
const key = { is: 'key', scheme: 'ed25519', publicKey: new Uint8Array(32) } as const
const from = { from: 'alice', to: 'bob' }

/**
 * Behind each operation what a change of nobody would see. The machine that keeps what an operation is about is the one whose step is
 * signed: another is no leg, and refused. Numbers that set two of a kind apart, and a secret that is shown, decide nothing.
 */
describe('A9: what is shown before it is signed', () => {
  test.each<readonly [LedgerOperation, readonly string[]]>([
    [{ is: 'issue', to: bob, amount: 5n }, []],
    [{ is: 'burn', from: bob, amount: 5n }, []],
    [{ is: 'transfer', from: alice, to: bob, amount: 5n }, []],
    [{ is: 'send', from: alice, to: bob, amount: 5n, nonce: 0 }, ['.from.machine', '.nonce']],
    // Which send it was is proven, and money that comes takes nobody's.
    [{ is: 'claim', source: id('4'), out }, ['.out.to.machine', '.out.nonce', '.out.interaction']],
    [
      { is: 'lock', machine: HOME, id: id('5'), from: 'alice', to: 'bob', amount: 5n, unlocker },
      [],
    ],
    [{ is: 'release', machine: HOME, id: id('5') }, ['.machine']],
    [
      { is: 'bond', from: alice, at: HOME, covers: id('6'), signer: id('7'), amount: 5n },
      ['.from.machine', '.at'],
    ],
    [
      { is: 'unbond', at: HOME, covers: id('6'), signer: id('7'), amount: 5n, nonce: 0 },
      ['.at', '.nonce'],
    ],
  ])('tells money apart: %o', (of, others) => {
    expect(unseen(ledgerOperation, 0, of)).toEqual(others)
  })

  test.each<readonly [VaultOperation, readonly string[]]>([
    [{ is: 'open', terms }, []],
    [
      { is: 'claim', machine: HOME, id: id('5'), secrets: [new Uint8Array(32)] },
      ['.machine', '.secrets.0'],
    ],
    [{ is: 'refund', machine: HOME, id: id('5') }, ['.machine']],
    [
      { is: 'rule', machine: HOME, id: id('5'), outcome: { toPayee: 3n, toPayer: 4n } },
      ['.machine'],
    ],
    [
      {
        is: 'publish',
        machine: HOME,
        party: 'alice',
        subject: new Uint8Array(32),
        value: new Uint8Array(7),
      },
      ['.machine'],
    ],
  ])('tells vaults apart: %o', (of, others) => {
    expect(unseen(vaultOperation, 1, of)).toEqual(others)
  })

  test.each<readonly [RecordOperation, readonly string[]]>([
    // Nobody has the key whose bytes are another one's under another scheme.
    [
      { is: 'open', ...at, maker: 'alice', about: 'a thing', holder: key, fields: [] },
      ['.machine', '.holder.scheme'],
    ],
    [{ is: 'hand', ...at, ...from, fields: [] }, ['.machine']],
    [{ is: 'hold', ...at, rule: { atLeast: 1, of: ['alice', 'bob'] } }, ['.machine']],
    [{ is: 'entrust', ...at, to: 'bob', at: elsewhere }, ['.machine']],
    [{ is: 'agree', ...at, home: id('e'), ...from, fields: [] }, ['.machine']],
    [{ is: 'settle', ...at, ...from, at: elsewhere }, ['.machine']],
    [{ is: 'end', ...at }, ['.machine']],
  ])('tells records apart: %o', (of, others) => {
    expect(unseen(recordOperation, 2, of)).toEqual(others)
  })
})
