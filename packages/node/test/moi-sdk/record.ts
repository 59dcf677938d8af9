/** The requests that MOI's client sends for each of its documented calls, in order, with fixed keys. */
import { casesOfAccounts, casesOfMas0, casesOfMas1, casesOfMas2 } from './record-assets.ts'
import { casesOfLogics, casesOfReads, casesOfSocket } from './record-logics.ts'
import type { Recorder, Sent } from './recorder.ts'
import { ASSET, HASH, LOGIC, makeTown } from './town.ts'

const answerAll = (node: Recorder): void => {
  const operation = (data: object) => ({ tx_type: '0x5', ix_type: 5, status: 0, data, logs: [] })
  const data = {
    asset_id: ASSET,
    address: ASSET,
    id: ASSET,
    logic_id: LOGIC,
    outputs: '0x0d0f',
    error: '0x',
  }
  const receipt = {
    ix_hash: HASH,
    status: 0,
    fuel_used: '0x64',
    ix_operations: [operation(data)],
    from: ASSET,
    ix_index: '0x0',
    ts_hash: HASH,
    participants: [],
  }
  const fixed: Record<string, unknown> = {
    'moi.PendingInteractionCount': '0x0',
    'moi.InteractionCount': '0x0',
    'moi.FuelEstimate': '0x12B',
    'moi.SendInteractions': HASH,
    'moi.InteractionReceipt': receipt,
    'moi.Call': receipt,
    'moi.LogicStorage': '0x064d4f49',
    'moi.Balance': '0x64',
    'moi.SubAccountCount': '0x0',
    'moi.GetFilterChanges': [],
    'moi.RemoveFilter': { status: true },
    'moi.Subscribe': '0x51',
    'ixpool.Content': { pending: {}, queued: {} },
    'ixpool.ContentFrom': { pending: {}, queued: {} },
    'ixpool.Inspect': { pending: {}, queued: {}, wait_time: {} },
    'ixpool.Status': { pending: '0x0', queued: '0x0' },
    'ixpool.WaitTime': { expired: false, time: 0 },
    'net.Version': '1',
    'net.Info': { krama_id: '1' },
  }
  for (const method of [
    'ContextInfo',
    'TDU',
    'InteractionByHash',
    'InteractionByTesseract',
    'AccountState',
    'AccountKeys',
    'AccountMetaInfo',
    'Tesseract',
    'LogicIDs',
    'Deeds',
    'Syncing',
    'AssetInfoByAssetID',
    'GetLogs',
    'NewTesseractFilter',
    'PendingIxnsFilter',
    'NewTesseractsByAccountFilter',
    'NewLogFilter',
  ]) {
    fixed[`moi.${method}`] = { id: '0xf1' }
  }
  fixed['net.Peers'] = []
  for (const [method, result] of Object.entries(fixed)) node.answer(method, result)
}

const PARTS = {
  accounts: casesOfAccounts,
  mas0: casesOfMas0,
  mas1: casesOfMas1,
  mas2: casesOfMas2,
  logics: casesOfLogics,
  reads: casesOfReads,
  socket: casesOfSocket,
} as const

export type RecordedCall = {
  readonly call: string
  readonly requests: readonly Sent[]
  readonly failed?: string
}

const LATE_MS = 10_000

export const recordAll = async (): Promise<ReadonlyMap<string, readonly RecordedCall[]>> => {
  const town = await makeTown()
  const all = new Map<string, readonly RecordedCall[]>()
  for (const [name, casesOf] of Object.entries(PARTS)) {
    answerAll(town.node)
    const calls: RecordedCall[] = []
    for (const [call, run] of casesOf(town)) {
      const late = new Promise((_, reject) => {
        setTimeout(reject, LATE_MS, new Error('no answer')).unref()
      })
      const failed = await Promise.race([run(), late]).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : JSON.stringify(error)),
      )
      const requests = withoutRepeats(town.node.take())
      calls.push({ call, requests, ...(failed === undefined ? {} : { failed }) })
    }
    all.set(name, calls)
  }
  await town.node.close()
  return all
}

/** The client goes on asking for a receipt that it has, every 5 s for two minutes; when is a matter of chance. */
const withoutRepeats = (sent: readonly Sent[]): readonly Sent[] =>
  sent.filter(
    ({ method }, at) =>
      method !== 'moi.InteractionReceipt' || sent[at - 1]?.method === 'moi.SendInteractions',
  )
