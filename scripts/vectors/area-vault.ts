/** Vaults: money that waits for something to be shown, and who may not have it. Each case is a short history. */
import { bytesFromHex, hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { type Machine, pathKey } from '../../packages/tallystick/src/kernel/execute.ts'
import {
  interaction,
  type Operation,
  type Premise,
} from '../../packages/tallystick/src/kernel/interaction.ts'
import { ledgerRecord, recordPath } from '../../packages/tallystick/src/logic/ledger-record.ts'
import {
  allOf,
  type Condition,
  digestOfSecret,
} from '../../packages/tallystick/src/logic/vault-condition.ts'
import {
  depositOperations,
  operationOnVault,
  settleOperations,
  type Settlement,
  type VaultOperation,
} from '../../packages/tallystick/src/logic/vault-operation.ts'
import type { Ruling, VaultTerms } from '../../packages/tallystick/src/logic/vault-terms.ts'
import { type Area, bad, type Case, good, spoiled } from './case.ts'
import type { JsonObject } from './finding.ts'
import {
  after,
  charterOf,
  hexOfCharter,
  interactionOf,
  LEDGER,
  ledgerTerms,
  only,
  opened,
  person,
  seedOf,
} from './world.ts'

const ESCROW = charterOf(
  { participants: ['alice', 'bob', 'carol'].map((name) => person(name)) },
  {
    logics: [
      ledgerTerms({
        ...LEDGER,
        issuer: undefined,
        initial: [
          { holder: 'alice', amount: 100n },
          { holder: 'bob', amount: 100n },
        ],
      }),
      { name: 'vault/1', params: new Uint8Array(0) },
    ],
  },
)
const start = opened(ESCROW)
const logic = { machine: start.id, logic: 1 }
const SECRET = seedOf('secret')

const TERMS: VaultTerms = {
  nonce: new Uint8Array(32).fill(1),
  machine: start.id,
  asset: { machine: start.id, logic: 0 },
  amount: 60n,
  payer: 'alice',
  payee: 'bob',
  release: { is: 'secret', digest: digestOfSecret(SECRET) },
  expiry: { clock: start.id, at: 1000n },
  arbiter: { is: 'party', name: 'carol' },
}

const told = (
  machine: Machine,
  operations: readonly Operation[],
  by: readonly string[],
  premises: readonly Premise[] = [],
): JsonObject => ({
  interaction: hexFromBytes(
    interaction.encode(interactionOf({ write: [machine], operations, premises })),
  ),
  by,
})

const time = (atLeast: bigint): Premise => ({
  is: 'time',
  machine: start.id,
  transition: start.headId,
  atLeast,
})

const deposit = (
  more: Partial<VaultTerms> = {},
  by: readonly string[] = ['alice'],
  premises: readonly Premise[] = [],
): JsonObject =>
  told(
    start,
    depositOperations({ logic, suite: 'classic', terms: { ...TERMS, ...more } }),
    by,
    premises,
  )

const DEPOSIT = deposit()

/** Any fact will do, and this one is there from the start: how much of the asset there is. */
const SUPPLY = { is: 'supply', issued: 200n, burned: 0n } as const
const KEY = pathKey('classic', { machine: start.id, logic: 0 }, recordPath(SUPPLY))

const ruling = (toPayee: bigint, burned = 0n): Ruling => ({
  machine: start.id,
  key: KEY,
  value: ledgerRecord.encode({ ...SUPPLY, burned }),
  toPayee,
})

const onSupply = { machine: start.id, key: KEY, value: ledgerRecord.encode(SUPPLY) }
const shown: Premise = { is: 'fact', transition: start.headId, ...onSupply }

const FACTS: Partial<VaultTerms> = {
  arbiter: { is: 'facts', of: [ruling(0n), ruling(30n, 1n)] },
}
const BACK: Settlement = { is: 'rule', outcome: { toPayee: 0n, toPayer: 60n } }
const deposited = (more: Partial<VaultTerms> = {}): Machine =>
  only(
    after({
      write: [start],
      operations: depositOperations({ logic, suite: 'classic', terms: { ...TERMS, ...more } }),
    }),
  )

const settling = (how: Settlement, more: Partial<VaultTerms> = {}): readonly Operation[] =>
  settleOperations({ logic, suite: 'classic', terms: { ...TERMS, ...more } }, how)

const history = (id: string, comment: string, steps: readonly JsonObject[]): Case =>
  good({
    id: `vault/${id}`,
    comment,
    check: 'history',
    input: { charters: [hexOfCharter(ESCROW)], steps },
  })

const CLAIM: Settlement = { is: 'claim', secrets: [SECRET] }
const RULING: Settlement = { is: 'rule', outcome: { toPayee: 40n, toPayer: 20n } }

const deposits = (): readonly Case[] => {
  const whole = history('deposit', 'sixty, for a secret, until a time, or as Carol divides', [
    DEPOSIT,
  ])
  const failing = (
    fault: string,
    id: string,
    comment: string,
    steps: readonly JsonObject[],
  ): Case => spoiled(whole, fault, { id: `vault/${id}`, comment, input: { steps } })
  const deep = (levels: number): Condition =>
    levels === 1 ? TERMS.release : allOf([deep(levels - 1)])
  const wide: Condition = allOf(Array.from({ length: 64 }, () => TERMS.release))
  const opens = (terms: VaultTerms): Operation => operationOnVault(logic, { is: 'open', terms })
  const machine = deposited()
  // The codec refuses to write nine levels, so the ninth is put in front by hand.
  const tooDeep = hexFromBytes(opens({ ...TERMS, release: deep(8) }).argument)
  const at = 2 * (1 + 32 + 32 + 33 + 16 + 9 + 7)
  const ninth = `${tooDeep.slice(0, at)}030101000000${tooDeep.slice(at)}`
  const argument = bytesFromHex(ninth)
  return [
    whole,
    history('deposit-eight-levels', 'a condition as deep as is allowed', [
      deposit({ release: deep(8) }),
    ]),
    failing('ledger/no-consent', 'deposit-unasked', 'without the payer’s consent', [
      deposit({}, ['bob']),
    ]),
    failing(
      'vault/no-consent',
      'open-unasked',
      'terms put under money without the payer’s consent',
      [
        told(start, depositOperations({ logic, suite: 'classic', terms: TERMS }).slice(0, 1), [
          'alice',
        ]),
        told(
          only(
            after({
              write: [start],
              operations: depositOperations({ logic, suite: 'classic', terms: TERMS }).slice(0, 1),
            }),
          ),
          [opens(TERMS)],
          ['bob'],
        ),
      ],
    ),
    failing('vault/exists', 'deposit-twice', 'terms put under the same money twice', [
      DEPOSIT,
      told(machine, [opens(TERMS)], ['alice']),
    ]),
    failing('vault/no-lock', 'open-without-money', 'terms without money', [
      told(start, [opens(TERMS)], ['alice']),
    ]),
    failing('vault/expired', 'deposit-expired', 'a deposit that proves itself too late', [
      deposit({}, ['alice'], [time(1000n)]),
    ]),
    failing('ledger/same-account', 'deposit-for-self', 'payer and payee are one', [
      deposit({ payee: 'alice' }),
    ]),
    failing('vault/same-party', 'open-for-self', 'the same, without money', [
      told(start, [opens({ ...TERMS, payee: 'alice' })], ['alice']),
    ]),
    failing('vault/unknown-party', 'unknown-word', 'on the word of somebody who is not there', [
      deposit({ release: { is: 'word', party: 'dave' } }),
    ]),
    failing('vault/partial-arbiter', 'partial-arbiter', 'the payee divides', [
      deposit({ arbiter: { is: 'party', name: 'bob' } }),
    ]),
    failing('vault/bad-count', 'no-facts', 'facts divide, and there are none', [
      deposit({ arbiter: { is: 'facts', of: [] } }),
    ]),
    failing('vault/wrong-split', 'facts-of-more', 'a fact gives the payee more than there is', [
      deposit({ arbiter: { is: 'facts', of: [ruling(61n)] } }),
    ]),
    failing('vault/wrong-split', 'fact-twice', 'one fact divides in two ways', [
      deposit({ arbiter: { is: 'facts', of: [ruling(0n), ruling(30n)] } }),
    ]),
    failing(
      'vault/wrong-split',
      'fact-both-ways',
      'one fact releases the money and sends it back',
      [
        deposit({
          release: { is: 'fact', ...onSupply },
          arbiter: { is: 'facts', of: [ruling(0n)] },
        }),
      ],
    ),
    failing(
      'vault/wrong-split',
      'fact-both-ways-inside',
      'the same, where the fact is one of two that release it',
      [
        deposit({
          release: allOf([
            { is: 'word', party: 'carol' },
            { is: 'fact', ...onSupply },
          ]),
          arbiter: { is: 'facts', of: [ruling(30n, 1n), ruling(0n)] },
        }),
      ],
    ),
    history('deposit-fact-agrees', 'a fact that releases the money, and divides it likewise', [
      deposit({
        release: { is: 'fact', ...onSupply },
        arbiter: { is: 'facts', of: [ruling(60n)] },
      }),
    ]),
    failing('vault/no-time', 'expires-at-zero', 'a time at which everything has expired', [
      deposit({ expiry: { clock: start.id, at: 0n } }),
    ]),
    failing('vault/bad-count', 'none-of-some', 'none of some conditions', [
      deposit({ release: { is: 'some', atLeast: 0, of: [TERMS.release] } }),
    ]),
    failing('vault/bad-count', 'two-of-one', 'two of one condition', [
      deposit({ release: { is: 'some', atLeast: 2, of: [TERMS.release] } }),
    ]),
    failing('vault/too-many-nodes', 'too-many-nodes', '65 conditions', [
      deposit({ release: wide }),
    ]),
    failing('vault/too-deep', 'too-deep', 'nine levels', [
      told(start, [{ machine: start.id, logic: 1, argument }], ['alice']),
    ]),
    failing('amount/zero', 'deposit-nothing', 'terms for an amount of zero', [
      told(start, [opens({ ...TERMS, amount: 0n })], ['alice']),
    ]),
    failing('vault/not-written', 'open-elsewhere', 'terms on a machine that is not written', [
      told(
        start,
        [
          opens({
            ...TERMS,
            machine: opened(charterOf({ participants: [person('alice'), person('bob')] })).id,
          }),
        ],
        ['alice'],
      ),
    ]),
    bad('vault/bad-params', {
      id: 'vault/parameters',
      comment: 'a charter that gives the logic parameters',
      check: 'charter',
      input: {
        charter: hexOfCharter({
          ...ESCROW,
          logics: [{ name: 'vault/1', params: Uint8Array.of(1) }],
        }),
      },
    }),
  ]
}

const settlements = (): readonly Case[] => {
  const machine = deposited()
  const whole = history('claim', 'Bob shows the secret', [
    DEPOSIT,
    told(machine, settling(CLAIM), ['bob']),
  ])
  const failing = (
    fault: string,
    id: string,
    comment: string,
    steps: readonly JsonObject[],
  ): Case => spoiled(whole, fault, { id: `vault/${id}`, comment, input: { steps } })
  const late = [time(1000n)]
  const paid = only(after({ write: [machine], operations: settling(CLAIM) }))
  const unending = { expiry: undefined } as const
  const unjudged = { arbiter: undefined } as const
  const [lockAgain] = depositOperations({ logic, suite: 'classic', terms: TERMS })
  if (!lockAgain) throw new Error('a deposit locks')
  return [
    whole,
    history('refund', 'Alice shows that the time is over', [
      DEPOSIT,
      told(machine, settling({ is: 'refund' }), ['alice'], late),
    ]),
    history('refund-agreed', 'both give it back before that', [
      DEPOSIT,
      told(machine, settling({ is: 'refund' }), ['alice', 'bob']),
    ]),
    history('ruling', 'Carol divides', [DEPOSIT, told(machine, settling(RULING), ['carol'])]),
    history('ruling-by-fact', 'a machine elsewhere shows what the terms said to give back on', [
      deposit(FACTS),
      told(deposited(FACTS), settling(BACK, FACTS), ['bob'], [shown]),
    ]),
    failing('vault/no-ruling', 'ruling-by-no-fact', 'the same, and nothing is shown', [
      deposit(FACTS),
      told(deposited(FACTS), settling(BACK, FACTS), ['bob']),
    ]),
    failing('vault/no-ruling', 'ruling-by-other-fact', 'another division than the fact comes to', [
      deposit(FACTS),
      told(deposited(FACTS), settling(RULING, FACTS), ['bob'], [shown]),
    ]),
    failing('vault/unmet', 'claim-nothing', 'a claim that shows nothing', [
      DEPOSIT,
      told(machine, settling({ is: 'claim', secrets: [] }), ['bob']),
    ]),
    failing('vault/wrong-secret', 'claim-wrong-secret', 'another secret', [
      DEPOSIT,
      told(machine, settling({ is: 'claim', secrets: [seedOf('guess')] }), ['bob']),
    ]),
    failing('vault/wrong-secret', 'claim-secret-twice', 'the secret twice', [
      DEPOSIT,
      told(machine, settling({ is: 'claim', secrets: [SECRET, SECRET] }), ['bob']),
    ]),
    failing('vault/expired', 'claim-late', 'a claim that proves itself too late', [
      DEPOSIT,
      told(machine, settling(CLAIM), ['bob'], late),
    ]),
    failing('vault/not-expired', 'refund-early', 'a refund before the time', [
      DEPOSIT,
      told(machine, settling({ is: 'refund' }), ['alice'], [time(999n)]),
    ]),
    failing('vault/no-expiry', 'refund-never', 'a refund where nothing expires', [
      deposit(unending),
      told(deposited(unending), settling({ is: 'refund' }, unending), ['alice'], late),
    ]),
    failing('vault/no-arbiter', 'ruling-by-nobody', 'a ruling where nobody divides', [
      deposit(unjudged),
      told(deposited(unjudged), settling(RULING, unjudged), ['carol']),
    ]),
    failing('vault/no-ruling', 'ruling-unsaid', 'a ruling that Carol has not consented to', [
      DEPOSIT,
      told(machine, settling(RULING), ['bob']),
    ]),
    failing('vault/wrong-split', 'ruling-of-more', 'a ruling over more than there is', [
      DEPOSIT,
      told(machine, settling({ is: 'rule', outcome: { toPayee: 60n, toPayer: 1n } }), ['carol']),
    ]),
    failing('vault/unknown', 'claim-unknown', 'a vault that is not there', [
      told(start, settling(CLAIM), ['bob']),
    ]),
    failing('vault/decided', 'claim-and-refund', 'a refund after a claim', [
      DEPOSIT,
      told(machine, settling(CLAIM), ['bob']),
      told(paid, settling({ is: 'refund' }), ['alice', 'bob']),
    ]),
    failing(
      'ledger/lock-decided',
      'lock-again',
      'money locked under an id that was decided before',
      [DEPOSIT, told(machine, settling(CLAIM), ['bob']), told(paid, [lockAgain], ['alice'])],
    ),
    failing('ledger/undecided', 'release-alone', 'money paid out before anybody decided', [
      DEPOSIT,
      told(machine, settling(CLAIM).slice(1), ['alice', 'bob']),
    ]),
    ...notices(),
  ]
}

const notices = (): readonly Case[] => {
  const publish = (value: number): Operation => {
    const of: VaultOperation = {
      is: 'publish',
      machine: start.id,
      party: 'carol',
      subject: seedOf('subject'),
      value: Uint8Array.of(value),
    }
    return operationOnVault(logic, of)
  }
  const said = only(after({ write: [start], operations: [publish(1)] }))
  const whole = history('publish', 'Carol says something, for others to rely on', [
    told(start, [publish(1)], ['carol']),
  ])
  const failing = (
    fault: string,
    id: string,
    comment: string,
    steps: readonly JsonObject[],
  ): Case => spoiled(whole, fault, { id: `vault/${id}`, comment, input: { steps } })
  return [
    whole,
    failing('vault/no-consent', 'publish-unasked', 'in her name, without her', [
      told(start, [publish(1)], ['bob']),
    ]),
    failing('vault/said-already', 'publish-twice', 'another word in place of the first', [
      told(start, [publish(1)], ['carol']),
      told(said, [publish(2)], ['carol']),
    ]),
  ]
}

export const vaultArea = (): Area => ({
  area: 'vault',
  about:
    'Histories of money that waits: deposited, claimed, refunded, divided; and words said for good.',
  cases: [...deposits(), ...settlements()],
})
