/**
 * Questions: what an interaction would do, without doing it. `moi.Call` answers with a receipt that is kept nowhere,
 * `moi.FuelEstimate` with fuel that is enough.
 *
 * Whoever asks need not exist, have fuel or sign: nothing is taken from anybody and nothing changes. A question runs in a thread of its
 * own, on a snapshot, so that one that takes a second delays neither what is executed and sealed nor what is read; it comes to
 * what it would come to here.
 *
 * Questions are answered one after the other. Each is paid for before the next begins, by the thread's processor time and by
 * what was looked up for it, out of a purse of everybody's. So many wait at most, and fewer of one connection; whoever comes later is
 * told so.
 */
import { Fault, type FaultCode, isFault } from 'tallystick/base'
import { charter as charterCodec } from 'tallystick/kernel'
import {
  interactionHash,
  MOI_LOCKS,
  type MoiInteraction,
  moiIdFromHex,
  type NetworkMachine,
  type Receipt,
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
import type { QuestionAnswer, QuestionKind } from './question-order.ts'
import { createQuestionThread, type ReadLater } from './question-thread.ts'
import { takeSnapshot } from './snapshot.ts'
import type { Lattice } from './store/lattice.ts'
import type { View, Views } from './views.ts'

export type Questions = {
  /** `at` names tesseracts of accounts, where their state then is to be read; `by` the connection that asks. */
  readonly call: (args: JsonObject, at: JsonObject | undefined, by: string) => Promise<Receipt>
  /** Raises an `RpcError` where it burns more than a question may. */
  readonly estimate: (args: JsonObject, at: JsonObject | undefined, by: string) => Promise<bigint>
  readonly close: () => Promise<void>
}

export type QuestionsOptions = {
  readonly views: Views
  readonly lattice: Lattice
  readonly machines: Machines
  readonly network: NetworkMachine
  /** Seconds since 1970. */
  readonly now: () => bigint
  readonly limits: Pick<
    GuardianLimits,
    'callFuel' | 'calls' | 'callsPerSecond' | 'callsWaiting' | 'callsWaitingEach' | 'callValues'
  >
  /** Milliseconds; only differences matter. */
  readonly clockMs: () => number
}

/** The purse of everybody together: many connections have no more of this than one. */
const ALL = 'calls'
/** A unit is ten microseconds of a core, as the limits count them. */
const UNITS_EACH_MS = 100
/** What it costs this thread to look a value up and to hand it over. */
const UNITS_EACH_VALUE = 4

export const createQuestions = (options: QuestionsOptions): Questions => {
  const { limits, clockMs } = options
  const budget = createBudget({
    units: limits.calls,
    perSecond: limits.callsPerSecond,
    sizeMax: 1,
    clock: clockMs,
  })
  const thread = createQuestionThread(charterCodec.encode(options.network.charter))
  const inTurn = createLine(limits)
  const ask = async (
    by: string,
    kind: QuestionKind,
    json: JsonObject,
    at: JsonObject | undefined,
  ): Promise<QuestionAnswer> => {
    const args = interactionFromJson(json)
    const hash = interactionHash(writeInteraction(args))
    const { callFuel: fuelMax, callValues: valuesMax } = limits
    return inTurn(by, async () => {
      // Attack: many calls at once, which would all come to the purse before the first of them has paid.
      if (!budget.take(ALL, 1)) {
        throw rpcError('too-many', 'too many calls are made of this guardian')
      }
      const views = at === undefined ? [] : await viewsFrom(options.views, at)
      const snapshot = takeSnapshot(options, views)
      const accounts = snapshot.small(namedIn(args, options.network))
      let values = accounts.size
      const read: ReadLater = (account, path) => {
        values += 1
        return snapshot.read(account, path)
      }
      const time = options.now()
      const order = {
        is: 'question',
        kind,
        args,
        hash,
        time,
        fuelMax,
        valuesMax,
        accounts,
      } as const
      let cpuMs = 0
      try {
        const asked = await thread.ask(order, read)
        cpuMs = asked.cpuMs
        return asked.answer
      } finally {
        budget.fine(ALL, Math.ceil(cpuMs * UNITS_EACH_MS) + values * UNITS_EACH_VALUE)
      }
    })
  }
  return {
    call: async (args, at, by) => {
      const answer = await ask(by, 'call', args, at)
      return answer.is === 'receipt' ? answer.receipt : refuse(answer)
    },
    estimate: async (args, at, by) => {
      const answer = await ask(by, 'estimate', args, at)
      return answer.is === 'fuel' ? answer.fuel : refuse(answer)
    },
    close: thread.close,
  }
}

type Line = <T>(by: string, work: () => Promise<T>) => Promise<T>

/**
 * One after the other, in the order in which they came. Raises `too-many` where so many wait. Attack: one connection that fills the line,
 * so that nobody else is answered.
 */
const createLine = (of: Pick<GuardianLimits, 'callsWaiting' | 'callsWaitingEach'>): Line => {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  const own = new Map<string, number>()
  return async (by, work) => {
    const before = own.get(by) ?? 0
    if (before >= of.callsWaitingEach)
      throw rpcError('too-many', 'too many calls of this connection wait for this guardian')
    if (waiting >= of.callsWaiting)
      throw rpcError('too-many', 'too many calls wait for this guardian')
    waiting += 1
    own.set(by, before + 1)
    const done = last.then(work)
    last = done.catch(() => undefined)
    try {
      return await done
    } finally {
      waiting -= 1
      const left = (own.get(by) ?? 1) - 1
      if (left === 0) own.delete(by)
      else own.set(by, left)
    }
  }
}

/** Raises why there is no answer. */
const refuse = (answer: QuestionAnswer): never => {
  switch (answer.is) {
    case 'too-much':
      throw rpcError('too-large', 'this question looks at too many values')
    case 'fault':
      throw isFaultCode(answer.code)
        ? new Fault(answer.code, answer.message)
        : new Error(answer.message)
    case 'failed':
      throw new Error(answer.message)
    case 'receipt':
    case 'fuel':
    case 'unread':
      throw new Error(`a question was answered with ${answer.is}`)
  }
}

const isFaultCode = (code: string): code is FaultCode => code.includes('/')

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
