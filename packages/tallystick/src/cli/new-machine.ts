/** Beginning a machine: the charter that a user's options describe, and the invitation to it. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { isFault } from '../base/fault.ts'
import type { SignerKey } from '../base/signer.ts'
import { type Charter, checkCharter, type LogicTerms, type Turn } from '../kernel/charter.ts'
import { type Participant, soleController } from '../kernel/controller.ts'
import { openMachine } from '../kernel/execute.ts'
import { amountFromText } from '../logic/amount.ts'
import { type Allocation, ledgerParams } from '../logic/ledger-params.ts'
import { ledger } from '../logic/ledger.ts'
import { record } from '../logic/record.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { vault } from '../logic/vault.ts'
import { admitBilateral, BILATERAL_TERMS } from '../models/bilateral/policy.ts'
import { cardFromFile, type ReadCard } from '../verify/card.ts'
import { fileFromInvite } from '../verify/invite.ts'
import { cardOf } from './card-file.ts'
import type { Keyring } from './keystore.ts'
import {
  createMachineFolder,
  folderNameFrom,
  type MachineFolder,
  outFolder,
} from './machine-folder.ts'
import { chartTerms, type NewChart } from './new-chart.ts'
import { usageError } from './print.ts'

export type NewMachine = {
  readonly ring: Keyring
  readonly device: string | undefined
  /** Whom it is kept with. */
  readonly peer: ReadCard
  /** What the other is called here, if not what its card says. */
  readonly call: string | undefined
  readonly symbol: string
  readonly decimals: number
  /** `NAME=AMOUNT`, as typed. */
  readonly give: readonly string[]
  /** Beside money: `vault` and `record`. */
  readonly more: readonly (typeof MORE_LOGICS)[number][]
  readonly turn: Turn['is']
  readonly network: string
  readonly dir: string | undefined
  /** A definition that was read; with it, money is kept only where somebody is given some. */
  readonly chart: NewChart | undefined
}

/** What a machine can keep beside money. */
export const MORE_LOGICS = ['vault', 'record'] as const

const INVITE_FILE = 'invite.tally'

/** Where the invitation to a machine lies. */
export const inviteOf = (folder: MachineFolder): string => join(outFolder(folder), INVITE_FILE)

/** What both hold where nobody says otherwise: enough to try it out. */
const TRIAL_AMOUNT = '100'

/** Makes a machine's folder with an invitation in it. Raises usage errors, and the faults of the charter. */
export const beginMachine = (of: NewMachine): MachineFolder => {
  const { ring, peer } = of
  const own = cardFromFile(cardOf(ring, of.device), ring.engine)
  const charter = charterFrom(of, own)
  const fault = checkCharter(charter, ring.engine) ?? admitBilateral(charter.terms)
  if (fault) throw fault
  const opened = openMachine(charter, STANDARD_LOGICS)
  if (isFault(opened)) throw opened
  const peerName = charter.terms.participants[1]?.name ?? ''
  return createMachineFolder(
    of.dir ?? folderNameFrom(own.card.name, peerName),
    {
      charter,
      party: 0,
      identity: ring.name,
      device: own.device.name,
      peerIdentity: peer.identity,
    },
    new Map([[INVITE_FILE, fileFromInvite({ from: 0, charter, card: cardOf(ring, of.device) })]]),
  )
}

const charterFrom = (of: NewMachine, own: ReadCard): Charter => {
  const peerName = of.call ?? of.peer.card.name
  if (peerName === own.card.name) {
    throw usageError(`both of you are called ${peerName}`, 'add --call NAME for the other')
  }
  if (of.peer.head.suite !== own.head.suite) {
    throw usageError(
      `${peerName} has keys of the suite ${of.peer.head.suite}, you of ${own.head.suite}`,
      `tally id new --suite ${of.peer.head.suite} --name NAME, and then --as NAME`,
    )
  }
  const { suite } = own.head
  const participants = [
    participantFrom(own.card.name, own.device.key),
    participantFrom(peerName, of.peer.device.key),
  ]
  return {
    network: of.network,
    nonce: new Uint8Array(randomBytes(32)),
    terms: { suite, participants, turn: turnFrom(of.turn), policy: BILATERAL_TERMS },
    logics: logicsFrom(of, [own.card.name, peerName]),
    state: { is: 'tree' },
  }
}

const participantFrom = (name: string, key: SignerKey): Participant => ({
  name,
  controller: soleController(key.scheme, key.publicKey),
})

/** With a leader it is the one who begins the machine. */
const turnFrom = (is: Turn['is']): Turn =>
  is === 'alternate' || is === 'anyone' ? { is } : { is, party: 0 }

const logicsFrom = (of: NewMachine, names: readonly string[]): readonly LogicTerms[] => {
  const chart = of.chart ? [chartTerms(of.chart, names, BigInt(Date.now()))] : []
  return of.chart && of.give.length === 0
    ? [...kept(of), ...chart]
    : [moneyFrom(of, names), ...kept(of), ...chart]
}

const moneyFrom = (of: NewMachine, names: readonly string[]): LogicTerms => {
  const initial = allocationsFrom(of, names)
  const params = ledgerParams.encode({
    symbol: of.symbol,
    decimals: of.decimals,
    cap: initial.reduce((sum, one) => sum + one.amount, 0n),
    issuer: undefined,
    initial,
  })
  return { name: ledger.name, params }
}

const kept = ({ more }: NewMachine): readonly LogicTerms[] => {
  const logics = { vault, record }
  return MORE_LOGICS.filter((one) => more.includes(one)).map((one) => ({
    name: logics[one].name,
    params: new Uint8Array(0),
  }))
}

const allocationsFrom = (of: NewMachine, names: readonly string[]): readonly Allocation[] => {
  const typed = of.give.length > 0 ? of.give : names.map((name) => `${name}=${TRIAL_AMOUNT}`)
  const given = typed.map((one) => {
    const [, holder = '', amount = ''] = /^([^=]*)=(.*)$/.exec(one) ?? []
    if (!names.includes(holder)) {
      throw usageError(`--give ${one} names nobody here`, `use ${names[0]}=AMOUNT or ${names[1]}=…`)
    }
    return { holder, amount: amountFromText(amount, of.decimals, { party: holder }) }
  })
  return given.filter((one) => one.amount > 0n)
}
