/** A MOI network for vectors: a guardian, three people, and what they send, executed as a guardian does. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import {
  accountCharter,
  networkCharter,
  openNetwork,
} from '../../packages/tallystick/src/dialects/moi/charters.ts'
import {
  type MoiId,
  participantOfKey,
  poloMoiId,
} from '../../packages/tallystick/src/dialects/moi/identifier.ts'
import {
  interactionHash,
  type MoiInteraction,
  type MoiLock,
  writeInteraction,
} from '../../packages/tallystick/src/dialects/moi/interaction.ts'
import {
  prepare,
  type Prepared,
  prepareGenesis,
} from '../../packages/tallystick/src/dialects/moi/lattice.ts'
import {
  type AssetAction,
  type MoiKey,
  type MoiOperation,
  writeOperation,
} from '../../packages/tallystick/src/dialects/moi/operation.ts'
import { writeDocument } from '../../packages/tallystick/src/dialects/moi/polo/document.ts'
import { poloNatural } from '../../packages/tallystick/src/dialects/moi/polo/scalar.ts'
import { encodePolo } from '../../packages/tallystick/src/dialects/moi/polo/schema.ts'
import type { AccountChange } from '../../packages/tallystick/src/dialects/moi/run/draft.ts'
import type { MoiGenesis } from '../../packages/tallystick/src/dialects/moi/run/network.ts'
import { receipt } from '../../packages/tallystick/src/dialects/moi/run/receipt.ts'
import {
  moiFromEcdsa,
  writeSignatures,
} from '../../packages/tallystick/src/dialects/moi/signature.ts'
import type { MoiHead } from '../../packages/tallystick/src/dialects/moi/tesseract.ts'
import { type Charter, charter } from '../../packages/tallystick/src/kernel/charter.ts'
import { interaction } from '../../packages/tallystick/src/kernel/interaction.ts'
import { transition } from '../../packages/tallystick/src/kernel/transition.ts'
import { loneGuardian } from '../../packages/tallystick/src/models/krama/policy.ts'
import { jsonOfPath } from './checks-moi-run.ts'
import { type JsonObject, unless } from './finding.ts'
import { LOGICS } from './models.ts'
import { engine, pairOf, sign } from './world.ts'

const SCHEME = 'secp256k1-ecdsa'

export const keyOf = (name: string): Uint8Array => pairOf(name, SCHEME).publicKey
export const idOf = (name: string): MoiId => participantOfKey(keyOf(name))

export const weighing = (name: string): MoiKey => ({
  publicKey: keyOf(name),
  weight: 1000n,
  signatureAlgorithm: 0,
})

export const BALANCE = 1_000_000n
export const TIME = 1_800_000_000n

const GENESIS: MoiGenesis = {
  nodes: { behaviour: ['oda'], random: ['oda'], storage: [] },
  guardians: { stakeMin: 1000n, withdrawalSeconds: 100n, yearlyMillionths: 50_000n },
  participants: ['alice', 'bob'].map((name) => ({
    id: idOf(name),
    keys: [weighing(name)],
    balance: BALANCE,
  })),
  rewards: 5000n,
}

/** The network with some of its beginning changed. */
export const charterWith = (more: Partial<MoiGenesis> = {}): Charter =>
  networkCharter({
    name: 'vectors',
    policy: loneGuardian({ name: 'oda', scheme: SCHEME, publicKey: keyOf('oda') }),
    genesis: { ...GENESIS, ...more },
  })

const CHARTER = charterWith()

export type Sending = {
  readonly from?: string
  readonly do: readonly MoiOperation[]
  readonly with?: readonly (readonly [MoiId, MoiLock])[]
  readonly more?: Partial<MoiInteraction>
  /** Who signs, if not the sender. */
  readonly by?: string
  /** Who pays and signs beside the sender. */
  readonly payer?: string
}

export type Town = {
  /** The input of an execution of this, as things stand. */
  readonly inputOf: (of: Sending) => JsonObject
  /** Executes it. */
  readonly send: (of: Sending) => Prepared
  /** The charters of the network and of all accounts so far, and the steps that were taken. */
  readonly history: () => JsonObject
  /** What the steps led to, as the headers of their transitions. */
  readonly headers: () => readonly string[]
}

type Values = Map<string, Pick<AccountChange, 'path'> & { readonly value: Uint8Array }>

export const createTown = (): Town => {
  const network = unless(openNetwork(CHARTER, LOGICS))
  const heads = new Map<MoiId, MoiHead>()
  const states = new Map<MoiId, Values>()
  const steps: JsonObject[] = []
  const headers: string[] = []
  const counts = new Map<MoiId, bigint>()
  const take = (of: Pick<Prepared, 'interaction' | 'tesseract' | 'changes'>): void => {
    for (const { account, head, transition: header } of of.tesseract.steps) {
      heads.set(account, head)
      headers.push(hexFromBytes(transition.encode(header)))
    }
    for (const change of of.changes) keep(states, change)
    steps.push({ interaction: hexFromBytes(interaction.encode(of.interaction)), by: [] })
  }
  for (const one of prepareGenesis(network, engine)) take(one)
  const made = (of: Sending): Signed => signedOf(of, counts.get(idOf(of.from ?? 'alice')) ?? 0n)
  return {
    inputOf: (of) => {
      const { args, signatures } = made(of)
      return {
        network: hexFromBytes(charter.encode(CHARTER)),
        accounts: [...states].map(([id, values]) => ({
          id,
          values: [...values.values()].map(({ path, value }) => ({
            path: jsonOfPath(path),
            value: hexFromBytes(value),
          })),
        })),
        args: hexFromBytes(args),
        signatures: hexFromBytes(signatures),
        time: TIME.toString(),
      }
    },
    send: (of) => {
      const headOf = (account: MoiId): MoiHead | undefined => heads.get(account)
      const done = prepare({ network, ...made(of), time: TIME, headOf, verifier: engine })
      if (done.is === 'refused') throw new Error(`refused: ${done.refusal.message}`)
      take(done)
      const sender = idOf(of.from ?? 'alice')
      counts.set(sender, (counts.get(sender) ?? 0n) + 1n)
      return done
    },
    history: () => ({
      charters: [
        CHARTER,
        ...Array.from(heads.keys(), (account) =>
          accountCharter(network.machine.id, network.machine.terms, account),
        ),
      ].map((one) => hexFromBytes(charter.encode(one))),
      steps,
    }),
    headers: () => headers,
  }
}

type Signed = { readonly args: Uint8Array; readonly signatures: Uint8Array }

const signedOf = (of: Sending, sequence: bigint): Signed => {
  const from = of.from ?? 'alice'
  const payers = of.payer === undefined ? [] : [of.payer]
  const held = [from, ...payers].map((name) => [idOf(name), 'mutate'] as const)
  const args = writeInteraction({
    sender: { id: idOf(from), sequence, keyId: 0 },
    payer: payers.map(idOf)[0],
    fuelPrice: 1n,
    fuelLimit: 5000n,
    funds: [],
    operations: of.do.map(writeOperation),
    participants: [...held, ...(of.with ?? [])].map(([id, lock]) => ({ id, lock, notary: false })),
    preferences: undefined,
    perception: undefined,
    ...of.more,
  })
  const signatures = [from, ...payers].map((name) => {
    const signer = name === from ? (of.by ?? from) : name
    const compact = sign(signer, interactionHash(args), SCHEME)
    const signature = moiFromEcdsa({ compact, parity: keyOf(signer)[0] ?? 0 })
    return { id: idOf(name), keyId: 0, signature }
  })
  return { args, signatures: writeSignatures(signatures) }
}

const keep = (states: Map<MoiId, Values>, { account, path, value }: AccountChange): void => {
  const values: Values = states.get(account) ?? new Map()
  states.set(account, values)
  const name = JSON.stringify(jsonOfPath(path))
  if (value) values.set(name, { path, value })
  else values.delete(name)
}

/** What a case of it has to say, by what a guardian came to: two ways to one result. */
export const toldBy = (of: Prepared): JsonObject => ({
  receipt: hexFromBytes(receipt.encode(of.receipt)),
  after: of.tesseract.steps.map(({ account, transition: header }) => ({
    id: `0x${account}`,
    root: header.state,
  })),
})

type Value = bigint | MoiId

const message = (value: Value): Uint8Array =>
  typeof value === 'bigint' ? encodePolo(poloNatural(256), value) : encodePolo(poloMoiId, value)

/** Arguments by their labels, as clients of MOI write them. */
export const calldataOf = (values: Readonly<Record<string, Value>>): Uint8Array =>
  writeDocument(new Map(Object.entries(values).map(([name, value]) => [name, message(value)])))

export const actionOf = (
  assetId: MoiId,
  callsite: string,
  values: Readonly<Record<string, Value>>,
): AssetAction & { readonly is: 'asset-action' } => ({
  is: 'asset-action',
  assetId,
  callsite,
  calldata: calldataOf(values),
  funds: new Map(),
})
