/** Charters and terms: what a machine may begin with. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { type Charter, charter } from '../../packages/tallystick/src/kernel/charter.ts'
import { soleController } from '../../packages/tallystick/src/kernel/controller.ts'
import type { LedgerParams } from '../../packages/tallystick/src/logic/ledger-params.ts'
import {
  type DirectoryPolicy,
  directoryTerms,
} from '../../packages/tallystick/src/models/directory/policy.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import {
  charterOf,
  hexOfCharter,
  LEDGER,
  ledgerTerms,
  MINT,
  OPERATORS,
  owned,
  PAIR,
  pairOf,
  person,
  PURSE,
  SCHEME,
} from './world.ts'

const holds = (id: string, comment: string, of: Charter): Case =>
  good({ id: `charter/${id}`, comment, check: 'charter', input: { charter: hexOfCharter(of) } })

const refuses = (from: Case, fault: string, id: string, comment: string, of: Charter): Case =>
  spoiled(from, fault, {
    id: `charter/${id}`,
    comment,
    input: { charter: hexFromBytes(charter.encode(of)) },
  })

const withTerms = (of: Charter, more: Partial<Charter['terms']>): Charter => ({
  ...of,
  terms: { ...of.terms, ...more },
})

const suites = (): readonly Case[] =>
  (['quantum', 'classic', 'nostr', 'evm'] as const).map((suite) =>
    holds(
      `relationship-${suite}`,
      'two parties, taking turns',
      charterOf({
        suite,
        participants: [person('alice', SCHEME[suite]), person('bob', SCHEME[suite])],
      }),
    ),
  )

const parties = (): readonly Case[] => {
  const pair = holds('pair', 'two parties and no logic', PAIR)
  const [alice, bob] = PAIR.terms.participants
  if (!alice || !bob) throw new Error('there are two')
  const key = (name: string) => ({
    scheme: 'ed25519' as const,
    publicKey: pairOf(name).publicKey,
    weight: 1,
  })
  const withBob = (controller: typeof bob.controller): Charter =>
    withTerms(PAIR, { participants: [alice, { ...bob, controller }] })
  const refused = (fault: string, id: string, comment: string, of: Charter): Case =>
    refuses(pair, fault, id, comment, of)
  return [
    pair,
    holds(
      'two-of-three-keys',
      'a party of three keys, two of which speak for it',
      withBob({
        keys: ['bob', 'bob 2', 'bob 3'].map(key),
        threshold: 2,
      }),
    ),
    refused(
      'charter/no-participants',
      'nobody',
      'no participant',
      withTerms(PAIR, { participants: [] }),
    ),
    refused(
      'charter/duplicate-name',
      'same-name',
      'two parties of one name',
      withTerms(PAIR, {
        participants: [alice, { ...bob, name: 'alice' }],
      }),
    ),
    refused(
      'charter/duplicate-name',
      'no-name',
      'a party without a name',
      withTerms(PAIR, {
        participants: [alice, { ...bob, name: '' }],
      }),
    ),
    refused(
      'charter/unknown-party',
      'turn-of-nobody',
      'the leader is party 2 of two',
      withTerms(PAIR, {
        turn: { is: 'leader', party: 2 },
      }),
    ),
    refused('charter/cells-chain', 'four-cells', 'a state of four cells is opened as a chain', {
      ...PAIR,
      state: { is: 'cells', cells: [1n, 2n, 3n, 4n] },
    }),
    refused('charter/bad-cells', 'three-cells', 'a state of three cells', {
      ...PAIR,
      state: { is: 'cells', cells: [1n, 2n, 3n] },
    }),
    refused(
      'controller/no-quorum',
      'threshold-too-high',
      'a threshold above all weights',
      withBob({
        keys: [key('bob')],
        threshold: 2,
      }),
    ),
    refused(
      'controller/no-quorum',
      'threshold-zero',
      'a threshold of zero',
      withBob({
        keys: [key('bob')],
        threshold: 0,
      }),
    ),
    refused(
      'controller/duplicate-key',
      'key-twice',
      'one key listed twice',
      withBob({
        keys: [key('bob'), key('bob')],
        threshold: 2,
      }),
    ),
    refused(
      'controller/wrong-scheme',
      'wrong-scheme',
      'a scheme that the suite does not take',
      withBob(soleController('bip340', pairOf('bob', 'bip340').publicKey)),
    ),
    refused(
      'controller/bad-key',
      'bad-key',
      'a key of small order',
      withBob(soleController('ed25519', new Uint8Array(32))),
    ),
    refused(
      'controller/bad-key',
      'short-key',
      'a key of 31 bytes',
      withBob(soleController('ed25519', pairOf('bob').publicKey.slice(1))),
    ),
  ]
}

const bilateral = (): readonly Case[] => {
  const pair = holds('bilateral', 'as above, for what the policy adds', {
    ...PAIR,
    network: 'bilateral',
  })
  const [alice, bob] = PAIR.terms.participants
  if (!alice || !bob) throw new Error('there are two')
  const refused = (
    fault: string,
    id: string,
    comment: string,
    terms: Partial<Charter['terms']>,
  ): Case => refuses(pair, fault, id, comment, { ...withTerms(PAIR, terms), network: 'bilateral' })
  const key = (name: string) => ({
    scheme: 'ed25519' as const,
    publicKey: pairOf(name).publicKey,
    weight: 1,
  })
  return [
    pair,
    refused('bilateral/too-few-parties', 'alone', 'one party', { participants: [alice] }),
    refused('bilateral/wrong-turn', 'anyone', 'nobody’s turn in particular', {
      turn: { is: 'anyone' },
    }),
    refused('bilateral/shared-key', 'shared-key', 'one key for both parties', {
      participants: [alice, { ...bob, controller: alice.controller }],
    }),
    refused('bilateral/divided-controller', 'divided', 'two keys, each enough alone', {
      participants: [
        alice,
        { ...bob, controller: { keys: [key('bob'), key('bob 2')], threshold: 1 } },
      ],
    }),
  ]
}

const directory = (): readonly Case[] => {
  const account = holds(
    'account',
    'an owner and four operators, three receipts, one may lie',
    owned('alice'),
  )
  const policy: DirectoryPolicy = {
    operators: OPERATORS.map((name) => ({
      name,
      scheme: 'ed25519',
      publicKey: pairOf(name).publicKey,
    })),
    threshold: 3,
    faulty: 1,
  }
  const refused = (
    fault: string,
    id: string,
    comment: string,
    more: Partial<DirectoryPolicy>,
  ): Case =>
    refuses(
      account,
      fault,
      id,
      comment,
      withTerms(owned('alice'), {
        policy: directoryTerms({ ...policy, ...more }),
      }),
    )
  const [first, ...others] = policy.operators
  if (!first) throw new Error('there are operators')
  return [
    account,
    refuses(
      account,
      'directory/wrong-turn',
      'shared-account',
      'a turn that is no owner’s',
      withTerms(owned('alice'), {
        turn: { is: 'alternate' },
      }),
    ),
    refused('quorum/no-signers', 'no-operators', 'nobody vouches', { operators: [] }),
    refused('quorum/too-weak', 'two-of-four', 'two quorums may have nobody in common', {
      threshold: 2,
    }),
    refused('quorum/too-weak', 'as-many-liars', 'as many liars as two quorums share', {
      faulty: 2,
    }),
    refused('quorum/out-of-reach', 'five-of-four', 'more receipts than operators', {
      threshold: 5,
    }),
    refused('quorum/duplicate-signer', 'operator-twice', 'one key for two operators', {
      operators: [first, ...others.slice(1), { ...first, name: 'other' }],
    }),
    refused('quorum/wrong-scheme', 'operator-scheme', 'a scheme that the suite does not take', {
      operators: [
        ...others,
        { name: 'oda', scheme: 'bip340', publicKey: pairOf('oda', 'bip340').publicKey },
      ],
    }),
    refused('quorum/bad-key', 'operator-key', 'a key of small order', {
      operators: [...others, { ...first, publicKey: new Uint8Array(32) }],
    }),
  ]
}

const ledger = (): readonly Case[] => {
  const asset = holds('asset', 'an asset with an issuer', MINT)
  const purse = holds('purse', 'a relationship with an asset of its own', PURSE)
  const refused = (fault: string, id: string, comment: string, more: Partial<LedgerParams>): Case =>
    refuses(asset, fault, id, comment, { ...MINT, logics: [ledgerTerms({ ...LEDGER, ...more })] })
  return [
    asset,
    purse,
    refuses(asset, 'logic/unknown', 'unknown-logic', 'rules that nobody has', {
      ...MINT,
      logics: [{ name: 'magic/1', params: new Uint8Array(0) }],
    }),
    refuses(asset, 'codec/truncated', 'no-parameters', 'rules without their parameters', {
      ...MINT,
      logics: [{ name: 'ledger/1', params: new Uint8Array(0) }],
    }),
    refused('ledger/bad-symbol', 'bad-symbol', 'letters that look like others', { symbol: 'ТІСК' }),
    refused('ledger/unknown-holder', 'unknown-holder', 'money for somebody else', {
      initial: [{ holder: 'alice', amount: 1n }],
    }),
    refused('ledger/holder-twice', 'holder-twice', 'money for one holder twice', {
      initial: [
        { holder: 'mint', amount: 1n },
        { holder: 'mint', amount: 2n },
      ],
    }),
    refused('ledger/above-cap', 'above-cap', 'more than may exist', { cap: 999n }),
    refused('amount/zero', 'nothing-allotted', 'an allocation of zero', {
      initial: [{ holder: 'mint', amount: 0n }],
    }),
    refuses(purse, 'amount/too-large', 'sum-too-large', 'a sum above 128 bits', {
      ...PURSE,
      logics: [
        ledgerTerms({
          ...LEDGER,
          issuer: undefined,
          cap: 2n ** 128n - 1n,
          initial: [
            { holder: 'alice', amount: 2n ** 128n - 1n },
            { holder: 'bob', amount: 1n },
          ],
        }),
      ],
    }),
    refused('amount/too-precise', 'too-many-decimals', 'more decimals than are kept', {
      decimals: 39,
    }),
  ]
}

export const charterArea = (): Area => ({
  area: 'charter',
  about: 'Charters: whether a machine may begin with them, and its id and genesis if so.',
  cases: [...suites(), ...parties(), ...bilateral(), ...directory(), ...ledger()],
})
