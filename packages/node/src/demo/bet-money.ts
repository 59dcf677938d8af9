/**
 * The money of the bet, as the players see it: a machine of its own, whose steps they sign and hand to the custodians over relays. What they
 * know of it they have from receipts.
 */
import { setTimeout as pause } from 'node:timers/promises'
import {
  type Consent,
  consentDigest,
  type Interaction,
  interactionId,
  type Machine,
  type Operation,
  type Premise,
} from 'tallystick/kernel'
import {
  auditOf,
  balanceOf,
  isConserved,
  stakeVault,
  textFromAmount,
  type Vault,
  vaultIn,
  vaultId,
} from 'tallystick/logic'
import { applicationAt } from 'tallystick/models'
import { changeDraft, KINDS, type NostrDraft, proofDraft, signNostrEvent } from 'tallystick/nostr'
import { createChanges } from '../relay/changes.ts'
import { createFileShelf } from '../relay/file-shelf.ts'
import { partsOfFile } from '../relay/shelf.ts'
import { createLedger, type History } from '../relayed/history.ts'
import { type BetTown, COIN, PLAYERS } from './bet-town.ts'

export const STAKE = 50_00n

type Wanted = {
  readonly operations: readonly Operation[]
  readonly premises?: readonly Premise[]
  /** What shows the premises; a file of the bet. */
  readonly file?: Uint8Array
  readonly by: readonly (typeof PLAYERS)[number][]
}

export type Money = {
  /** Of each player's stake, in the order of the players. */
  readonly vaults: readonly Vault[]
  /** What relays show by now. */
  readonly look: () => Promise<History>
  /** Until the custodians have certified it. */
  readonly certify: (of: Wanted) => Promise<History>
  /** The code with which each honest custodian refuses it. */
  readonly refusal: (of: Wanted) => Promise<string>
}

export const openMoney = (town: BetTown): Money => {
  const { beside, client, urls, engine } = town
  const { charter, genesis, definition } = beside.defined
  const ledger = createLedger({
    definition: definition.id,
    genesis,
    verifier: engine,
    shelf: createFileShelf(engine),
    changes: createChanges(charter, definition.id, engine),
  })
  const look = async (): Promise<History> => {
    const kinds = [KINDS.receipt, KINDS.change, KINDS.proof]
    const { events } = await client.fetch(urls, { kinds, '#e': [definition.id] })
    // Files and consents before the receipts that rest on them.
    ledger.take(events.toSorted((a, b) => b.kind - a.kind))
    return ledger.now()
  }
  return {
    vaults: vaultsOf(town),
    look,
    certify: async (of) => {
      const interaction = await want(town, (await look()).machine, of)
      return until(look, (now) => now.machine.head.interaction === interactionId(interaction))
    },
    refusal: async (of) => {
      const before = town.refusals()
      await want(town, (await look()).machine, of)
      const codes = await until(
        async () => town.refusals().map((one, at) => (one === before[at] ? undefined : one?.code)),
        (now) => now.every((one) => one !== undefined),
      )
      return [...new Set(codes)].join(', ')
    },
  }
}

const vaultsOf = ({ beside, person }: BetTown): readonly Vault[] => {
  const [alice, bob] = PLAYERS.map((name) => person(name).key).map((key) => ({
    name: key,
    sender: key,
  }))
  if (!alice || !bob) throw new Error('two play')
  const stakes = [
    { from: alice, to: bob, amount: STAKE },
    { from: bob, to: alice, amount: STAKE },
  ]
  return stakes.map((one) => stakeVault(beside.process, beside.escrow, one))
}

/** Publishes a step: files that show what it rests on, then each signature. */
const want = async (town: BetTown, machine: Machine, of: Wanted): Promise<Interaction> => {
  const { definition } = town.beside.defined
  const { operations, premises = [] } = of
  const interaction = applicationAt(machine, { operations, beside: [], premises })
  const now = Number(town.clock.now() / 1000n)
  for (const [at, name] of of.by.entries()) {
    const by = town.person(name)
    const publish = (draft: NostrDraft): Promise<unknown> =>
      town.client.publish(town.urls, signNostrEvent(draft, by))
    const author = { machine: definition.id, author: by.key }
    const files = of.file && at === 0 ? partsOfFile(of.file) : []
    for (const file of files) {
      await publish(proofDraft({ ...author, about: town.defined.genesis.id, file }, now))
    }
    const consent: Consent = {
      machine: machine.id,
      party: PLAYERS.indexOf(name),
      key: 0,
      form: 'raw',
      signature: by.sign(consentDigest('nostr', interactionId(interaction))),
    }
    await publish(changeDraft({ ...author, interaction, consents: [consent] }, now))
  }
  return interaction
}

const until = async <Seen>(
  look: () => Promise<Seen>,
  is: (seen: Seen) => boolean,
): Promise<Seen> => {
  const end = performance.now() + WAIT_MS
  for (;;) {
    const seen = await look()
    if (is(seen)) return seen
    if (performance.now() > end) throw new Error(`no word of custodians within ${WAIT_MS / 1000} s`)
    await pause(LOOK_MS)
  }
}

const WAIT_MS = 180_000
const LOOK_MS = 100

export type Balances = Readonly<Record<(typeof PLAYERS)[number] | 'locked', string>>

/** Where the money is. Raises an error where some was lost or made. */
export const balancesIn = (town: BetTown, machine: Machine): Balances => {
  const { asset } = town.beside.escrow
  const audit = auditOf(asset, [machine])
  if (!isConserved(audit)) throw new Error('money was lost or made')
  const text = (amount: bigint): string => textFromAmount(amount, COIN.decimals)
  return {
    alice: text(balanceOf(machine, asset, town.person('alice').key)),
    bob: text(balanceOf(machine, asset, town.person('bob').key)),
    locked: text(audit.locked),
  }
}

/** Where each stake stands. */
export const stakesIn = (
  { beside }: BetTown,
  { vaults }: Money,
  machine: Machine,
): readonly string[] =>
  vaults.map(
    ({ suite, terms }) =>
      vaultIn(machine, beside.escrow.vault, vaultId(suite, terms))?.stands ?? 'not there',
  )
