/**
 * Stakes of a bet, in vaults on a machine of their own, decided by how the bet ended. Four custodians certify both machines; what one
 * shows of the other are its certified steps.
 */
import { beforeEach, describe, expect, test } from 'vitest'
import { canonicalJson } from '../src/forms/canonical-json.ts'
import type { Json } from '../src/forms/strict-json.ts'
import type { Charter } from '../src/kernel/charter.ts'
import { type Consent, consentDigest } from '../src/kernel/consent.ts'
import type { Machine } from '../src/kernel/execute.ts'
import { interactionId, type Operation, type Premise } from '../src/kernel/interaction.ts'
import { bundleFromAgreed } from '../src/cli/chapters.ts'
import {
  BET_ENDS,
  type Escrow,
  type Payout,
  payoutOf,
  type Process,
  stakeOperations,
  stakeVault,
} from '../src/logic/escrow.ts'
import { auditOf, isConserved } from '../src/logic/ledger-audit.ts'
import { operationOnLedger } from '../src/logic/ledger-operation.ts'
import { ledgerParams } from '../src/logic/ledger-params.ts'
import { balanceOf } from '../src/logic/ledger-record.ts'
import { settleOperations, type Vault } from '../src/logic/vault-operation.ts'
import { vaultIn } from '../src/logic/vault-record.ts'
import { vaultId } from '../src/logic/vault-terms.ts'
import { custodianTerms, policyOf } from '../src/models/custodians/policy.ts'
import { applicationAt } from '../src/models/rounds/applicant.ts'
import { fileFromBundle } from '../src/verify/bundle.ts'
import { joinBundles } from '../src/verify/join.ts'
import { verify } from '../src/verify/verify.ts'
import { createNet, type Net } from './models/custodians/net.ts'
import { EXAMPLES } from './logic/statechart/plays.ts'
import {
  BY_NAME,
  type Casting,
  charterFor,
  opened,
  operationFor,
  OPTIONS,
  pairOf,
  signAs,
  type Wish,
  type Witnesses,
  witnessesFor,
} from './logic/statechart/stages.ts'

const CERTIFIERS = ['north', 'east', 'south', 'west'] as const
const PLAYERS = ['alice', 'bob'] as const
const STAKE = 50n

const example = EXAMPLES.find((one) => one.name === 'oracle-bet')
if (!example) throw new Error('there is a bet')
const [DECIDED, RULED, VOID, SILENT] = example.plays
if (!DECIDED || !RULED || !VOID || !SILENT) throw new Error('the bet has four plays')

const policy = custodianTerms(
  policyOf(
    CERTIFIERS.map((name) => ({
      name,
      scheme: 'ed25519' as const,
      publicKey: pairOf(name).publicKey,
    })),
  ),
)

const netFor = (machine: Machine): Net =>
  createNet({
    machine,
    names: CERTIFIERS,
    sign: (name, digest) => signAs(name, digest),
    keyOf: (name) => pairOf(name).publicKey,
    change: { ...OPTIONS, heartbeat: 0n },
  })

type Wanted = {
  readonly operations: readonly Operation[]
  readonly premises?: readonly Premise[]
  readonly files?: readonly Uint8Array[]
  readonly by: readonly string[]
}

type Place = {
  readonly charter: Charter
  readonly net: Net
  readonly machine: () => Machine
  /** Puts a step forward at the first custodian; why it was refused there, if it was. */
  readonly want: (of: Wanted) => string | undefined
  readonly file: () => Uint8Array
}

const placeFor = (charter: Charter): Place => {
  const net = netFor(opened(charter))
  const names = charter.terms.participants.map((one) => one.name)
  const machine = (): Machine => {
    const [first] = net.states
    if (!first) throw new Error('somebody certifies')
    return first.member.followed.machine
  }
  return {
    charter,
    net,
    machine,
    want: ({ operations, premises = [], files = [], by }) => {
      const interaction = applicationAt(machine(), { operations, beside: [], premises })
      const digest = consentDigest('classic', interactionId(interaction))
      const consents = by.map((name): Consent => ({
        machine: machine().id,
        party: names.indexOf(name),
        key: 0,
        form: 'raw',
        signature: signAs(name, digest),
      }))
      const before = net.states[0]?.member.refusals ?? []
      const candidate = { interaction, consents, beside: [], attachments: files }
      net.feed(0, { is: 'candidate', candidate })
      net.settle()
      const refused = net.states[0]?.member.refusals.find((one) => !before.includes(one))
      const isTaken = machine().head.interaction === interactionId(interaction)
      if (isTaken === (refused !== undefined)) throw new Error(refused?.message ?? 'not taken')
      expect(new Set(net.states.map((one) => one.member.followed.machine.headId)).size).toBe(1)
      return refused?.code
    },
    file: () => fileFromBundle(bundleFromAgreed(charter, net.stored[0] ?? [])),
  }
}

// The bet.

type Bet = Place & { readonly process: Process }

const betOf = (play: (typeof example.plays)[number], nonce = 0): Bet => {
  const startsAt = netFor(opened(moneyCharter())).now()
  const casting: Casting = {
    names: ['alice', 'bob', 'uma'],
    definition: example.definition,
    roles: example.roles,
    startsAt,
    ...(play.said && { said: play.said }),
  }
  const terms = { turn: { is: 'anyone' } as const, policy }
  const charter = { ...charterFor(casting, terms), nonce: new Uint8Array(32).fill(nonce) }
  const place = placeFor(charter)
  const logic = { machine: place.machine().id, logic: 0 }
  const witnesses = witnessesFor(casting, BY_NAME)
  for (const step of play.steps) playStep(place, witnesses, step)
  return { ...place, process: { suite: 'classic', logic, ends: BET_ENDS } }
}

const playStep = (
  { net, want, machine }: Place,
  witnesses: Witnesses,
  step: (typeof DECIDED)['steps'][number],
): void => {
  if (step.wait !== undefined) net.wait(BigInt(step.wait))
  const { by = 'alice', answers = [] } = step
  const at = net.now()
  const wish: Wish = {
    by,
    type: step.send ?? 'nsm.tick',
    data: canonicalJson(JSON.parse(JSON.stringify(step.data ?? {})) as Json),
    at,
    now: at,
    answers,
  }
  const refused = want({
    operations: [operationFor(machine(), wish)],
    premises: witnesses.premises(answers),
    files: witnesses.files(answers),
    by: [by],
  })
  expect(refused === undefined).toBe(step.refused === undefined)
}

// The money.

const moneyCharter = (): Charter => ({
  network: 'test',
  nonce: new Uint8Array(32).fill(9),
  terms: {
    suite: 'classic',
    participants: charterFor(
      { names: PLAYERS, definition: example.definition, roles: example.roles, startsAt: 1n },
      { turn: { is: 'anyone' }, policy },
    ).terms.participants,
    turn: { is: 'anyone' },
    policy,
  },
  logics: [
    {
      name: 'ledger/1',
      params: ledgerParams.encode({
        symbol: 'COIN',
        decimals: 0,
        cap: 200n,
        issuer: undefined,
        initial: PLAYERS.map((holder) => ({ holder, amount: 100n })),
      }),
    },
    { name: 'vault/1', params: new Uint8Array() },
  ],
  state: { is: 'tree' },
})

type Money = Place & { readonly escrow: Escrow; readonly vaults: readonly Vault[] }

const player = (name: string) => ({ name, sender: BY_NAME.senderOf(name) })

const moneyFor = (process: Process): Money => {
  const place = placeFor(moneyCharter())
  const machine = place.machine().id
  const escrow: Escrow = {
    suite: 'classic',
    asset: { machine, logic: 0 },
    vault: { machine, logic: 1 },
  }
  const vaults = PLAYERS.map((from, at) =>
    stakeVault(process, escrow, {
      from: player(from),
      to: player(PLAYERS[1 - at] ?? ''),
      amount: STAKE,
    }),
  )
  return { ...place, escrow, vaults }
}

/** Whether value was neither lost nor made is asked wherever balances are looked at. */
const balances = ({ machine, escrow }: Money): readonly bigint[] => {
  expect(isConserved(auditOf(escrow.asset, [machine()]))).toBe(true)
  return PLAYERS.map((name) => balanceOf(machine(), escrow.asset, name))
}

const stake = (money: Money): string | undefined =>
  money.want({ operations: stakeOperations(money.vaults), by: PLAYERS })

const decidedBy = (money: Money, bet: Bet): Payout => {
  const found = payoutOf(money.vaults, bet.machine())
  if (!found) throw new Error('the bet decides nothing yet')
  return found
}

const pay = (money: Money, bet: Bet, by = 'bob'): string | undefined =>
  money.want({ ...decidedBy(money, bet), files: [bet.file()], by: [by] })

const standsAs = ({ vaults, machine, escrow }: Money): readonly (string | undefined)[] =>
  vaults.map(({ terms, suite }) => vaultIn(machine(), escrow.vault, vaultId(suite, terms))?.stands)

describe('stakes in escrow', () => {
  test.each([
    ['the winner’s, where oracles decide', DECIDED, [150n, 50n], ['refunded', 'fulfilled']],
    ['the winner’s, where the arbiter rules', RULED, [50n, 150n], ['fulfilled', 'refunded']],
    [
      'their own players’, where the arbiter calls it off',
      VOID,
      [100n, 100n],
      ['refunded', 'refunded'],
    ],
    [
      'their own players’, where oracles are silent',
      SILENT,
      [100n, 100n],
      ['refunded', 'refunded'],
    ],
  ] as const)('become %s, whoever asks for it', (_, play, paid, stand) => {
    const bet = betOf(play)
    for (const by of PLAYERS) {
      const money = moneyFor(bet.process)
      expect(balances(money)).toEqual([100n, 100n])
      expect(stake(money)).toBeUndefined()
      expect(balances(money)).toEqual([50n, 50n])
      expect(pay(money, bet, by)).toBeUndefined()
      expect(balances(money)).toEqual(paid)
      expect(standsAs(money)).toEqual(stand)
      // Decided once: the same again finds vaults decided.
      expect(pay(money, bet, by)).toBe('vault/decided')
      expect(balances(money)).toEqual(paid)
    }
  })

  test('and the bet are one file that anybody checks, with what it rests on', () => {
    const bet = betOf(DECIDED)
    const money = moneyFor(bet.process)
    stake(money)
    pay(money, bet)
    const report = verify(money.file(), OPTIONS)
    expect(report.outcome).toBe('valid')
    const standing = (id: string) => report.machines.find((one) => one.id === id)?.steps ?? []
    expect(standing(money.machine().id).map((one) => one.standing)).toEqual(['final', 'final'])
    expect(standing(bet.machine().id)).toHaveLength(bet.net.stored[0]?.length ?? 0)
    const [own] = [bundleFromAgreed(money.charter, (money.net.stored[0] ?? []).map(bare))]
    const alone = verify(fileFromBundle(joinBundles([own])), OPTIONS)
    expect(alone.outcome).not.toBe('valid')
  })

  test('are locked both or neither', () => {
    const money = moneyFor(betOf(SILENT).process)
    for (const by of PLAYERS) {
      const operations = stakeOperations(money.vaults)
      expect(money.want({ operations, by: [by] })).toBe('ledger/no-consent')
    }
    expect(balances(money)).toEqual([100n, 100n])
    expect(stake(money)).toBeUndefined()
    expect(stake(money)).toBe('ledger/lock-exists')
  })
})

const bare = <Step extends { readonly candidate: { readonly attachments: readonly Uint8Array[] } }>(
  step: Step,
): Step => ({ ...step, candidate: { ...step.candidate, attachments: [] } })

describe('nobody gets stakes', () => {
  const bet = betOf(DECIDED)
  let money: Money
  beforeEach(() => {
    money = moneyFor(bet.process)
    stake(money)
  })

  const spoiled = (change: Partial<Wanted>): string | undefined => {
    const before = balances(money)
    const good: Wanted = { ...decidedBy(money, bet), files: [bet.file()], by: ['bob'] }
    const refused = money.want({ ...good, ...change })
    expect(balances(money)).toEqual(before)
    return refused
  }
  const asIfBobHadWon = (shown: Bet): Pick<Wanted, 'operations' | 'premises'> => {
    const [alices, bobs] = money.vaults
    const { release } = alices?.terms ?? {}
    if (!alices || !bobs || release?.is !== 'fact') throw new Error('two vaults on facts')
    const back = { is: 'rule', outcome: { toPayee: 0n, toPayer: STAKE } } as const
    return {
      operations: [
        ...settleOperations(alices, { is: 'claim', secrets: [] }),
        ...settleOperations(bobs, back),
      ],
      premises: [
        {
          is: 'fact',
          machine: shown.machine().id,
          transition: shown.machine().headId,
          key: release.key,
          value: release.value,
        },
      ],
    }
  }

  test('on a fact that the bet does not have', () => {
    expect(spoiled(asIfBobHadWon(bet))).toBe('premise/false')
  })

  test('on a true fact that says something else', () => {
    const { operations } = asIfBobHadWon(bet)
    expect(spoiled({ operations })).toBe('vault/unmet')
  })

  test('on a fact of another bet, which ended as they would like it', () => {
    const other = betOf(RULED, 1)
    expect(other.machine().id).not.toBe(bet.machine().id)
    const found = payoutOf(moneyFor(other.process).vaults, other.machine())
    const { operations } = asIfBobHadWon(bet)
    expect(spoiled({ operations, premises: found?.premises ?? [], files: [other.file()] })).toBe(
      'vault/unmet',
    )
  })

  test('without files, or with files that show too little', () => {
    expect(spoiled({ files: [] })).toBe('bundle/missing-fact')
    const steps = bet.net.stored[0] ?? []
    const early = fileFromBundle(bundleFromAgreed(bet.charter, steps.slice(0, -1)))
    expect(spoiled({ files: [early] })).toBe('bundle/missing-fact')
  })

  test('before the bet has ended', () => {
    const open = betOf({ ...DECIDED, steps: DECIDED.steps.slice(0, -1) })
    expect(payoutOf(moneyFor(open.process).vaults, open.machine())).toBeUndefined()
    // Bets with one charter are one machine: this one has only not got as far.
    expect(open.machine().id).toBe(bet.machine().id)
    const premises = decidedBy(money, bet).premises.map((one) => ({
      ...one,
      transition: open.machine().headId,
    }))
    expect(spoiled({ premises, files: [open.file()] })).toBe('premise/false')
  })

  test('by their own word, by taking back alone, or by spending what is locked', () => {
    const [alices] = money.vaults
    if (!alices) throw new Error('two vaults')
    const operations = settleOperations(alices, { is: 'refund' })
    expect(spoiled({ operations, premises: [], files: [], by: ['alice'] })).toBe('vault/no-expiry')
    const spend = operationOnLedger(money.escrow.asset, {
      is: 'transfer',
      from: { machine: money.machine().id, holder: 'alice' },
      to: { machine: money.machine().id, holder: 'bob' },
      amount: STAKE + 1n,
    })
    expect(spoiled({ operations: [spend], premises: [], files: [], by: ['alice'] })).toBe(
      'ledger/insufficient',
    )
    const release = decidedBy(money, bet).operations.filter(({ logic }) => logic === 0)
    expect(spoiled({ operations: release, premises: [], files: [], by: PLAYERS })).toBe(
      'ledger/undecided',
    )
  })

  test('but both players together may take them back at any time', () => {
    const operations = money.vaults.flatMap((one) => settleOperations(one, { is: 'refund' }))
    expect(money.want({ operations, by: PLAYERS })).toBeUndefined()
    expect(balances(money)).toEqual([100n, 100n])
    expect(pay(money, bet)).toBe('vault/decided')
  })
})
