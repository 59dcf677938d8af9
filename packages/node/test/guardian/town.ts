/** A guardian in this process with the network for development, and whoever sends to it. Real keys. */
import { afterEach } from 'vitest'
import { bytesFromHex, type Engine, hexFromBytes, idFromHex, type Signer } from 'tallystick/base'
import { createNativeEngine } from 'tallystick/engine-native'
import {
  encodePolo,
  interactionHash,
  KMOI_ASSET,
  moiFromEcdsa,
  type MoiId,
  type MoiInteraction,
  type MoiOperation,
  participantOfKey,
  poloMoiId,
  poloNatural,
  writeDocument,
  writeInteraction,
  writeOperation,
  writeSignatures,
} from 'tallystick/moi'
import { type DevNetwork, devNetwork, signerFrom } from '../../src/guardian/dev-network.ts'
import { DEV_WORDS } from '../../src/moi/hd-keys.ts'
import { kramaIdOf } from '../../src/guardian/genesis.ts'
import type { GuardianLimits } from '../../src/guardian/limits.ts'
import { type RunningGuardian, startGuardian } from '../../src/guardian/start-guardian.ts'
import { INTERACTIONS } from '../../src/guardian/store/lattice.ts'
import { openGuardedSqlite } from '../../src/store/open.ts'
import type { GuardedStore } from '../../src/store/guard.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Party = { readonly id: MoiId; readonly signer: Signer }
export const partyFrom = (signer: Signer): Party => ({
  id: participantOfKey(signer.publicKey),
  signer,
})

export const engine: Engine = createNativeEngine()
export const dev: DevNetwork = devNetwork(engine, DEV_WORDS)
export const accounts: readonly Party[] = dev.accounts.map(({ privateKey }) =>
  partyFrom(signerFrom(engine, privateKey)),
)

export const partyAt = (at: number): Party => {
  const party = accounts[at]
  if (!party) throw new Error(`there is no account ${at}`)
  return party
}
/** Somebody whom the network does not know. */
export const strangerAt = (fill: number): Party =>
  partyFrom(signerFrom(engine, new Uint8Array(32).fill(fill)))

export type Opened = RunningGuardian & { readonly folder: string; readonly store: GuardedStore }

const opened: Opened[] = []
const folders: string[] = []

export const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'guardian-'))
  folders.push(folder)
  return folder
}

export const openGuardian = async (
  options: {
    readonly folder?: string
    readonly limits?: Partial<GuardianLimits>
    readonly threads?: number
  } = {},
): Promise<Opened> => {
  const folder = options.folder ?? newFolder()
  const store = await openGuardedSqlite(folder, INTERACTIONS)
  const running = await startGuardian({
    name: 'test',
    store,
    charter: dev.charter,
    signer: dev.guardian,
    faucet: dev.faucet,
    kramaId: kramaIdOf(dev.guardian.publicKey),
    limits: options.limits ?? {},
    threads: options.threads ?? 0,
  })
  const one = { ...running, folder, store }
  opened.push(one)
  return one
}

export const closeGuardian = async (one: Opened): Promise<void> => {
  const at = opened.indexOf(one)
  if (at >= 0) opened.splice(at, 1)
  await one.close()
  await one.store.close()
}

afterEach(async () => {
  for (const one of opened.splice(0)) {
    await one.close()
    await one.store.close()
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

export type Reply = {
  readonly id: unknown
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data: unknown }
}

export const post = async (url: string, body: string, more: RequestInit = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    ...more,
  })

export const callAt = async (url: string, method: string, param: unknown): Promise<Reply> => {
  const response = await post(
    url,
    JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [param] }),
  )
  return (await response.json()) as Reply
}

/** The result; raises the refusal's message. */
export const resultAt = async (url: string, method: string, param: unknown): Promise<unknown> => {
  const { result, error } = await callAt(url, method, param)
  if (error) throw new Error(error.message)
  return result
}

export const LATEST = { tesseract_number: -1 }
export const hexId = (id: string): string => `0x${id}`

export const transferOf = (to: MoiId, amount: bigint, asset: MoiId = KMOI_ASSET): MoiOperation => ({
  is: 'asset-action',
  assetId: asset,
  callsite: 'Transfer',
  calldata: writeDocument(
    new Map([
      ['beneficiary', encodePolo(poloMoiId, to)],
      ['amount', encodePolo(poloNatural(256), amount)],
    ]),
  ),
  funds: new Map(),
})

export type Draft = Partial<MoiInteraction> & {
  readonly from: Party
  readonly sequence: bigint
  readonly does: readonly MoiOperation[]
  readonly with?: readonly MoiInteraction['participants'][number][]
}

export type SignedDraft = {
  readonly hash: string
  readonly args: Uint8Array
  readonly signatures: Uint8Array
}

export const signed = (of: Draft): SignedDraft => {
  const { from, sequence, does, with: others = [], ...more } = of
  const args = writeInteraction({
    sender: { id: from.id, sequence, keyId: 0 },
    payer: undefined,
    fuelPrice: 1n,
    fuelLimit: 10_000n,
    funds: [],
    operations: does.map(writeOperation),
    participants: [
      { id: from.id, lock: 'mutate', notary: false },
      { id: KMOI_ASSET, lock: 'none', notary: false },
      ...others,
    ],
    preferences: undefined,
    perception: undefined,
    ...more,
  })
  const digest = interactionHash(args)
  const signature = moiFromEcdsa({
    compact: from.signer.sign(digest),
    parity: from.signer.publicKey[0] ?? 0,
  })
  return {
    hash: hexFromBytes(digest),
    args,
    signatures: writeSignatures([{ id: from.id, keyId: 0, signature }]),
  }
}

/** A transfer of KMOI, ready to be sent. */
export const payment = (from: Party, to: MoiId, amount: bigint, sequence: bigint): SignedDraft =>
  signed({
    from,
    sequence,
    does: [transferOf(to, amount)],
    with: [{ id: to, lock: 'mutate', notary: false }],
  })

export const send = (url: string, of: SignedDraft): Promise<Reply> =>
  callAt(url, 'moi.SendInteractions', {
    ix_args: hexFromBytes(of.args),
    signatures: hexFromBytes(of.signatures),
  })

/** The receipt, however long a busy machine takes for it. */
export const receiptAt = async (url: string, hash: string): Promise<unknown> => {
  for (let tries = 0; ; tries++) {
    const { result, error } = await callAt(url, 'moi.InteractionReceipt', { hash })
    if (!error) return result
    if (error.message !== 'interaction pending' || tries > 30) throw new Error(error.message)
  }
}

/** Sends and waits for the receipt. */
export const settle = async (url: string, of: SignedDraft): Promise<unknown> => {
  const { error } = await send(url, of)
  if (error) throw new Error(error.message)
  return receiptAt(url, `0x${of.hash}`)
}

export const idFrom = (hex: string): MoiId => idFromHex<'moi'>(hex.replace(/^0x/, ''))
export const bytesFrom = (hex: string): Uint8Array => bytesFromHex(hex.replace(/^0x/, ''))
