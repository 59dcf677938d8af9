/**
 * The machine with the money beside a machine that a definition makes: a ledger and a vault, under the same custodians.
 *
 * Promise. Its charter follows from the definition's machine, the players and the money that each begins with, so that everybody who is told
 * these comes to the same machine id. Its policy is the definition's: what decides the process also decides what is paid on it.
 * Custodians of it take steps that players sign, as changes (kind 7509), and files that show what a step rests on (kind 7508); they answer with
 * receipts.
 *
 * Not promised. That its coins are worth anything: they are its own, and begin with it.
 */
import { bytesFromHex, type Fault, isFault } from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import { type Charter, openMachine, soleController } from 'tallystick/kernel'
import { BET_ENDS, type Escrow, ledgerParams, type Process } from 'tallystick/logic'
import type { Defined } from './definition.ts'

export type EscrowWish = {
  /** Keys of those who put money up, in hexadecimal; so they are named, as in charters of definitions. */
  readonly players: readonly string[]
  readonly symbol: string
  readonly decimals: number
  /** In smallest units. */
  readonly each: bigint
}

export type Beside = {
  /** As custodians take it up. */
  readonly defined: Defined
  readonly escrow: Escrow
  readonly process: Process
}

/** Returns the fault that keeps it from being opened. */
export const escrowBeside = (of: Defined, wish: EscrowWish): Beside | Fault => {
  const charter = escrowCharter(of, wish)
  const genesis = openMachine(charter, STANDARD_LOGICS)
  if (isFault(genesis)) return genesis
  const { suite } = charter.terms
  const [creator = of.definition.creator] = wish.players
  return {
    defined: {
      ...of,
      definition: {
        ...of.definition,
        id: genesis.id,
        creator,
        states: [],
        participants: wish.players.map((key) => ({ key, relay: '', role: 'player' })),
        oracles: [],
      },
      charter,
      genesis,
    },
    escrow: {
      suite,
      asset: { machine: genesis.id, logic: 0 },
      vault: { machine: genesis.id, logic: 1 },
    },
    process: { suite, logic: { machine: of.genesis.id, logic: 0 }, ends: BET_ENDS },
  }
}

const escrowCharter = ({ charter, genesis }: Defined, wish: EscrowWish): Charter => ({
  network: charter.network,
  nonce: bytesFromHex(genesis.id),
  terms: {
    ...charter.terms,
    participants: wish.players.map((key) => ({
      name: key,
      controller: soleController('bip340', bytesFromHex(key)),
    })),
  },
  logics: [
    {
      name: 'ledger/1',
      params: ledgerParams.encode({
        symbol: wish.symbol,
        decimals: wish.decimals,
        cap: wish.each * BigInt(wish.players.length),
        issuer: undefined,
        initial: wish.players.map((key) => ({ holder: key, amount: wish.each })),
      }),
    },
    { name: 'vault/1', params: new Uint8Array(0) },
  ],
  state: { is: 'tree' },
})
