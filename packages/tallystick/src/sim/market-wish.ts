/** What people in the market want, from one number: Alice sends, claims and pays; payees pay back; all change their minds. */
import type { MachineId } from '../base/brand.ts'
import type { Machine } from '../kernel/execute.ts'
import { pathKey } from '../kernel/execute.ts'
import type { Leg, Operation, Premise } from '../kernel/interaction.ts'
import { claimOf, ledgerOperation, operationOnLedger } from '../logic/ledger-operation.ts'
import { balanceOf, type Out, recordPath } from '../logic/ledger-record.ts'
import type { PartyInput, PartyState } from '../models/bilateral/state.ts'
import type { OwnerStep } from '../models/directory/owner.ts'
import { read } from '../state/tree.ts'
import { fileFromBundle } from '../verify/bundle.ts'
import { idOf, type MarketInput, type MarketState, type Payee, type Payer } from './market-node.ts'
import { accountBundle, PAYEES, PAYER, type Town } from './market-town.ts'

/** What a node wants; `choice` says what. Undefined where it can want nothing just now. */
export const marketWish = (
  town: Town,
  state: MarketState,
  choice: number,
): MarketInput | undefined => {
  switch (state.is) {
    case 'payer':
      return payerWish(town, state, choice)
    case 'payee':
      return payeeWish(town, state, choice)
    case 'desk':
      return undefined
  }
}

const payerWish = (town: Town, state: Payer, choice: number): MarketInput | undefined => {
  const at = choice % 2
  const what = (choice >> 1) % 16
  if (what < 5) return send(town, at, choice >> 5)
  if (what < 12) {
    const input = claim(town, state, { at, isBold: what === 11, isGreedy: what === 10 })
    return input && { is: 'relation', at, input }
  }
  if (what === 12) return { is: 'relation', at, input: { is: 'withdraw' } }
  const relation = state.relations[at]
  const input = relation && pay(town, relation, choice >> 5)
  return input && { is: 'relation', at, input }
}

const payeeWish = (
  town: Town,
  { at, relation }: Payee,
  choice: number,
): MarketInput | undefined => {
  if (choice % 4 === 0) return { is: 'relation', at, input: { is: 'withdraw' } }
  const input = pay(town, relation, choice >> 2)
  return input && { is: 'relation', at, input }
}

/** Money from the account to a relationship, for the payee or for Alice herself to spend there later. */
const send = (town: Town, at: number, choice: number): MarketInput | undefined => {
  const machine = town.relations[at]?.id
  const holder = choice % 3 === 0 ? PAYER : PAYEES[at]
  if (machine === undefined || holder === undefined) return undefined
  const operation = operationOnLedger(town.asset, {
    is: 'send',
    from: { machine: town.account.id, holder: PAYER },
    to: { machine, holder },
    amount: BigInt(1 + (choice % 37)),
    nonce: 0,
  })
  return {
    is: 'account',
    input: {
      is: 'wish',
      operations: [operation],
      premises: [],
      proven: [],
      beside: [town.mint],
      consents: [],
    },
  }
}

/** A payment within a relationship out of what is there, if anything is. */
const pay = (town: Town, relation: PartyState, choice: number): PartyInput | undefined => {
  const { machine, party } = relation
  const names = machine.terms.participants.map((one) => one.name)
  const [from, to] = [names[party] ?? '', names[1 - party] ?? '']
  const held = Number(balanceOf(machine, town.asset, from))
  if (held === 0) return undefined
  const operation = operationOnLedger(town.asset, {
    is: 'transfer',
    from: { machine: machine.id, holder: from },
    to: { machine: machine.id, holder: to },
    amount: BigInt(1 + (choice % held)),
  })
  return wishFor([operation], [referTo(town.mint)])
}

/**
 * The claim of what was sent first and has not arrived. Alice offers Bob what is certified with all before it. If she
 * is bold she tries with what is not. If she is greedy she takes one that has arrived already.
 */
const claim = (
  town: Town,
  { account, relations }: Payer,
  of: { readonly at: number; readonly isBold: boolean; readonly isGreedy: boolean },
): PartyInput | undefined => {
  const relation = relations[of.at]
  if (!relation) return undefined
  const takesRisk = of.at > 0 || of.isBold
  for (const [index, step] of account.steps.entries()) {
    if (!step.signature || (!step.certificate && !takesRisk)) return undefined
    for (const out of sentBy(town, step)) {
      if (out.to.machine !== relation.machine.id) continue
      if (hasArrived(town, relation.machine, out) !== of.isGreedy) continue
      const { operation, premise } = claimOf({
        asset: town.asset,
        source: town.account.id,
        suite: 'classic',
        transition: idOf(step),
        out,
      })
      const legs = [town.mint, town.account].map(referTo)
      const file = fileFromBundle(accountBundle(town, account.steps.slice(0, index + 1)))
      return wishFor([operation], legs, { premises: [premise], attachments: [file] })
    }
  }
  return undefined
}

/** What a step of the account sent. */
const sentBy = (town: Town, { interaction, transition }: OwnerStep): readonly Out[] =>
  interaction.operations.flatMap((one): readonly Out[] => {
    if (one.machine !== town.asset.machine) return []
    const operation = ledgerOperation.decode(one.argument)
    if (operation.is !== 'send') return []
    const { from, to, amount, nonce } = operation
    const { interaction: id } = transition
    return [{ is: 'out', from: from.holder, to, amount, interaction: id, nonce }]
  })

const hasArrived = (town: Town, machine: Machine, out: Out): boolean => {
  const { interaction, nonce } = out
  const path = recordPath({ is: 'in', source: town.account.id, interaction, nonce })
  return read(machine.state, pathKey('classic', town.asset, path)) !== undefined
}

const referTo = ({ id }: { readonly id: MachineId }): Leg => ({
  machine: id,
  access: 'refer',
  parent: undefined,
})

const wishFor = (
  operations: readonly Operation[],
  legs: readonly Leg[],
  shown: {
    readonly premises: readonly Premise[]
    readonly attachments: readonly Uint8Array[]
  } = { premises: [], attachments: [] },
): PartyInput => ({ is: 'wish', operations, legs, consents: [], ...shown })
