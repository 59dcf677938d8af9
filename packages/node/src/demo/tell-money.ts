/** Telling what becomes of the money: both stakes are locked before the bet begins, nobody gets them before it ends, and its end pays. */
import { bundleFromAgreed, type Output } from 'tallystick/command'
import { payoutOf, settleOperations, stakeOperations } from 'tallystick/logic'
import { fileFromBundle } from 'tallystick/verify'
import { look, type Seen } from './bet-eyes.ts'
import { line } from './bet-hands.ts'
import { type Balances, balancesIn, type Money, stakesIn } from './bet-money.ts'
import { type BetTown, COIN } from './bet-town.ts'

/** Locks both stakes. What their vaults are called goes into the bet. */
export const tellLocked = async (output: Output, town: BetTown, money: Money): Promise<void> => {
  output.line('The money', 'strong')
  const { machine } = await money.look()
  const before = balancesIn(town, machine)
  line(output, `${COIN.symbol}s are on a machine of their own, under the same custodians`)
  tellBalances(output, before)
  const operations = stakeOperations(money.vaults)
  const half = await money.refusal({ operations, by: ['bob'] })
  const after = await money.certify({ operations, by: ['alice'] }).then((now) => now.machine)
  line(
    output,
    `one step puts a stake of each into a vault; bob’s word alone is refused (${half}), with both it is certified`,
  )
  const locked = balancesIn(town, after)
  tellBalances(output, locked)
  line(output, 'a vault pays the other player where the bet names that one as its winner,')
  line(
    output,
    'and its own player where it names that one or was called off, or both take them back; nobody else decides',
  )
  output.line()
  output.result({ balances: { before, locked }, half })
}

/** Somebody takes the stakes as if the bet had ended. */
export const tellGrab = async (output: Output, town: BetTown, money: Money): Promise<void> => {
  const seen = await look(town)
  const [alices] = money.vaults
  const release = alices?.terms.release
  if (!alices || release?.is !== 'fact') throw new Error('a stake waits for a fact')
  const { machine, key, value } = release
  const transition = seen.machine.headId
  const grabbed = await money.refusal({
    operations: settleOperations(alices, { is: 'claim', secrets: [] }),
    premises: [{ is: 'fact', machine, transition, key, value }],
    file: fileOf(town, seen),
    by: ['bob'],
  })
  line(
    output,
    `bob claims alice’s stake as if he had won; each custodian looks at the bet’s file, and refuses: ${grabbed}`,
  )
  output.line()
  output.result({ grabbed })
}

/** Pays the stakes on how the bet ended, and tries it once more. */
export const tellPayout = async (output: Output, town: BetTown, money: Money): Promise<void> => {
  output.line('The payout', 'strong')
  const seen = await look(town)
  const payout = payoutOf(money.vaults, seen.machine)
  if (!payout) throw new Error('the bet has ended')
  const wanted = { ...payout, file: fileOf(town, seen), by: ['bob'] } as const
  const paid = await money.certify(wanted).then((now) => now.machine)
  const stakes = stakesIn(town, money, paid)
  const after = balancesIn(town, paid)
  line(
    output,
    'bob hands in the bet’s file, as each player may, and the custodians certify the payout:',
  )
  line(
    output,
    `alice’s stake goes ${WAYS[stakes[0] ?? ''] ?? ''}, and bob’s ${WAYS[stakes[1] ?? ''] ?? ''}`,
  )
  tellBalances(output, after)
  const again = await money.refusal(wanted)
  line(output, `once more the same is refused: ${again}`)
  output.line()
  output.result({ paid: after, stakes, again })
}

const WAYS: Readonly<Record<string, string>> = {
  fulfilled: 'to the other player',
  refunded: 'back',
}

const fileOf = ({ defined }: BetTown, { steps }: Seen): Uint8Array =>
  fileFromBundle(bundleFromAgreed(defined.charter, steps))

const tellBalances = (output: Output, { alice, bob, locked }: Balances): void =>
  line(output, `    alice ${alice}   bob ${bob}   in vaults ${locked}`)
