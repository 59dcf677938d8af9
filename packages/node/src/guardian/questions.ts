/**
 * Questions: what an interaction would do, without doing it. `moi.Call` answers with a receipt that is kept nowhere,
 * `moi.FuelEstimate` with fuel that is enough.
 *
 * Whoever asks need not exist, have fuel or sign: nothing is taken from anybody and nothing changes.
 */
import { isFault } from 'tallystick/base'
import {
  call,
  estimate,
  interactionHash,
  MOI_LOCKS,
  type MoiInteraction,
  moiIdFromHex,
  type NetworkMachine,
  type Receipt,
  type Question,
  writeInteraction,
} from 'tallystick/moi'
import { isJsonList, isJsonObject, type Json, type JsonObject } from 'tallystick/nostr'
import type { Machines } from './machines.ts'
import { rpcError } from './rpc/error.ts'
import { bigintFromQuantity, bytesFromParam } from './rpc/hex.ts'
import { identifier, options as atOptions } from './rpc/param.ts'
import type { MoiId } from './store/entry.ts'
import { createBudget } from '../server/budget.ts'
import { namedIn } from './heads.ts'
import type { GuardianLimits } from './limits.ts'
import type { View, Views } from './views.ts'

export type Questions = {
  /** `at` names tesseracts of accounts, where their state then is to be read. */
  readonly call: (args: JsonObject, at: JsonObject | undefined) => Promise<Receipt>
  /** Raises an `RpcError` where it burns more than a question may. */
  readonly estimate: (args: JsonObject, at: JsonObject | undefined) => Promise<bigint>
}

export type QuestionsOptions = {
  readonly views: Views
  readonly machines: Machines
  readonly network: NetworkMachine
  /** Seconds since 1970. */
  readonly now: () => bigint
  readonly limits: Pick<GuardianLimits, 'callFuel' | 'calls' | 'callsPerSecond'>
  /** Milliseconds; only differences matter. */
  readonly clockMs: () => number
}

/** The purse of everybody together: many connections have no more of this than one. */
const ALL = 'calls'
/** A unit is ten microseconds of a core, as the limits count them. */
const UNITS_EACH_MS = 100

export const createQuestions = (options: QuestionsOptions): Questions => {
  const { limits, clockMs } = options
  const budget = createBudget({
    units: limits.calls,
    perSecond: limits.callsPerSecond,
    sizeMax: 1,
    clock: clockMs,
  })
  /**
   * Each run is paid for by its time, once it is over: runs that a missing value ended too. Attack: many calls at once, which all come to
   * the purse before the first of them has run.
   */
  const paid = <T>(run: () => T): T => {
    if (!budget.take(ALL, 1)) throw rpcError('too-many', 'too many calls are made of this guardian')
    const startedMs = clockMs()
    try {
      return run()
    } finally {
      budget.fine(ALL, Math.ceil((clockMs() - startedMs) * UNITS_EACH_MS))
    }
  }
  const ask = async <T>(
    json: JsonObject,
    at: JsonObject | undefined,
    answer: (of: Question) => T,
  ): Promise<T> => {
    const args = interactionFromJson(json)
    const bytes = writeInteraction(args)
    // So that what the interaction declares is in memory before anything runs, and nothing runs twice.
    for (const account of namedIn(args, options.network)) await options.machines.load(account)
    const views = at === undefined ? [] : await viewsFrom(options.views, at)
    const time = options.now()
    const hash = interactionHash(bytes)
    const { network } = options.network
    const fuelMax = options.limits.callFuel
    // A second of one core at most; whatever waits meanwhile is answered before the next.
    await new Promise((resolve) => setImmediate(resolve))
    return options.views.askOnce(views, (read) =>
      paid(() => answer({ args, hash, read, network, time, fuelMax })),
    )
  }
  return {
    call: (args, at) => ask(args, at, call),
    estimate: (args, at) => ask(args, at, estimate),
  }
}

const ACCOUNTS_MAX = 16

const viewsFrom = async (views: Views, at: JsonObject): Promise<readonly View[]> => {
  const entries = Object.entries(at)
  if (entries.length > ACCOUNTS_MAX) throw rpcError('bad-options')
  const found: View[] = []
  for (const [account, one] of entries) {
    const id = identifier('').read(account, 'options')
    found.push(await views.at(id, atOptions('').read(one, 'options')))
  }
  return found
}

/** The form in which clients ask: as an interaction, with payloads in POLO. Raises `bad-params` and `bad-identifier`. */
export const interactionFromJson = (json: JsonObject): MoiInteraction => {
  const sender = objectAt(json, 'sender')
  const { preferences, perception } = json
  return {
    sender: {
      id: idAt(sender, 'id'),
      sequence: numberAt(sender, 'sequence'),
      keyId: Number(numberAt(sender, 'key_id')),
    },
    payer: payerFrom(json['payer']),
    fuelPrice: numberAt(json, 'fuel_price'),
    fuelLimit: numberAt(json, 'fuel_limit'),
    funds: listAt(json, 'funds').map((one) => ({
      assetId: idAt(one, 'asset_id'),
      amount: numberAt(one, 'amount'),
    })),
    operations: listAt(json, 'ix_operations').map((one) => ({
      type: Number(numberAt(one, 'type')),
      payload: bytesAt(one, 'payload'),
    })),
    participants: listAt(json, 'participants').map((one) => ({
      id: idAt(one, 'id'),
      lock: lockFrom(numberAt(one, 'lock_type')),
      notary: one['notary'] === true,
    })),
    preferences: isJsonObject(preferences) ? preferencesFrom(preferences) : undefined,
    perception: typeof perception === 'string' ? bytesAt(json, 'perception') : undefined,
  }
}

const preferencesFrom = (json: JsonObject): MoiInteraction['preferences'] => {
  const consensus = isJsonObject(json['consensus']) ? json['consensus'] : {}
  const nodes = consensus['trusted_nodes'] ?? consensus['trust_nodes']
  return {
    compute: typeof json['compute'] === 'string' ? bytesAt(json, 'compute') : NOTHING,
    consensus: {
      mtq: numberAt(consensus, 'mtq'),
      trustedNodes: isJsonList(nodes) ? nodes.filter((one) => typeof one === 'string') : [],
    },
  }
}

const NOTHING = new Uint8Array(0)
const NOBODY = /^(?:0x)?0{64}$/i

const payerFrom = (json: Json | undefined): MoiId | undefined => {
  if (json === undefined || json === null || json === '') return undefined
  if (typeof json === 'string' && NOBODY.test(json)) return undefined
  return idFrom(json)
}

const idFrom = (json: Json | undefined): MoiId => {
  const id = typeof json === 'string' ? moiIdFromHex(json) : undefined
  if (id === undefined || isFault(id)) throw rpcError('bad-identifier')
  return id
}

const idAt = (json: JsonObject, name: string): MoiId => idFrom(json[name])

const objectAt = (json: JsonObject, name: string): JsonObject => {
  const found = json[name]
  if (isJsonObject(found)) return found
  throw rpcError('bad-params', `invalid params: ${name} is no object`)
}

const listAt = (json: JsonObject, name: string): readonly JsonObject[] => {
  const found = json[name]
  if (found === undefined || found === null) return []
  if (!isJsonList(found)) throw rpcError('bad-params', `invalid params: ${name} is no list`)
  return found.map((one) => {
    if (isJsonObject(one)) return one
    throw rpcError('bad-params', `invalid params: ${name} has what is no object`)
  })
}

/** A number, a quantity, or 0 where nothing stands. */
const numberAt = (json: JsonObject, name: string): bigint => {
  const found = json[name]
  if (found === undefined || found === null) return 0n
  if (typeof found === 'number' && found >= 0) return BigInt(found)
  if (typeof found === 'string') return bigintFromQuantity(found, name)
  throw rpcError('bad-params', `invalid params: ${name} is no number from 0 on`)
}

const bytesAt = (json: JsonObject, name: string): Uint8Array => {
  const found = json[name]
  return typeof found === 'string' ? bytesFromParam(found, name) : NOTHING
}

const lockFrom = (of: bigint): MoiInteraction['participants'][number]['lock'] => {
  const lock = MOI_LOCKS[Number(of)]
  if (lock) return lock
  throw rpcError('bad-params', `invalid params: no lock has the number ${of}`)
}
