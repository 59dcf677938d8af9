/**
 * JSON-RPC 2.0: one request as bytes, one answer as text.
 *
 * Promise. Whatever the bytes are, there is an answer, and nothing but an answer: a text that is no JSON in one reading, a request
 * that is none, an unknown method and parameters that do not fit are told as such; what goes wrong here is told as `internal error`
 * and nothing of it. An id comes back as it came. A request without an id is done and not answered.
 *
 * Not promised. Batches: a request is one call, as it is at MOI's nodes.
 */
import { isFault } from 'tallystick/base'
import { isJsonList, isJsonObject, type Json, jsonFromBytes } from 'tallystick/nostr'
import { storeErrorCode } from '../../store/errors.ts'
import { isRpcError, RPC_REASONS, rpcError, type RpcError } from './error.ts'
import type { Answer, Caller, Method } from './method.ts'

export type Dispatch = (bytes: Uint8Array, caller: AskedBy) => Promise<string | undefined>

export type AskedBy = Caller & {
  /** Takes units from whoever asks; false where there are none left. */
  readonly pay: (units: number) => boolean
}

export type DispatchOptions<Context> = {
  readonly context: Context
  readonly methods: readonly Method<Context>[]
  readonly bodyBytes: number
  /** Bytes of requests that are in work at once. */
  readonly workBytes: number
  readonly answerBytes: number
  /** Told of every call once it is answered. `method` is of the table, or undefined. */
  readonly onAnswer: (method: string | undefined, reason: string, startedMs: number) => void
  /** Told of what went wrong here. */
  readonly onFailure: (error: unknown, method: string | undefined) => void
}

type Request = {
  readonly id: string | number | null | undefined
  readonly name: string
  readonly params: readonly Json[]
}

/** Longer answers cost a unit for each kilobyte beside: it is known how long they are once they are made. */
const ANSWER_BYTES_FREE = 16_384

/** What a request costs that no method takes. */
const BAD_REQUEST_COST = 5

export const createDispatch = <Context>(options: DispatchOptions<Context>): Dispatch => {
  const { context, methods } = options
  const table = new Map(methods.map((one) => [one.name, one]))
  let working = 0
  return async (bytes, caller) => {
    const startedMs = performance.now()
    working += bytes.length
    let known: Method<Context> | undefined
    let id: Request['id'] = null
    try {
      if (working > options.workBytes) throw rpcError('later')
      const json = jsonFrom(bytes, options.bodyBytes)
      // Whatever else is wrong, the id is echoed if there is one.
      id = idOf(json)
      const request = requestFrom(json, id)
      known = table.get(request.name)
      pay(caller, known, bytes.length)
      if (!known) throw unknownMethod(request.name)
      const result = await known.call(context, request.params, caller)
      const answer = id === undefined ? undefined : answerText(id, 'result', result)
      const size = answer?.length ?? 0
      if (size > options.answerBytes) throw rpcError('too-large', 'the answer is too large')
      if (size > ANSWER_BYTES_FREE) caller.owe(Math.ceil(size / 1024))
      options.onAnswer(known.name, 'ok', startedMs)
      return answer
    } catch (error) {
      const shown = shownError(error, (one) => options.onFailure(one, known?.name))
      options.onAnswer(known?.name, shown.reason, startedMs)
      return id === undefined ? undefined : answerText(id, 'error', errorAnswer(shown))
    } finally {
      working -= bytes.length
    }
  }
}

/** An error as its own answer, for what is refused before a request is read. */
export const errorText = (error: RpcError): string => answerText(null, 'error', errorAnswer(error))

const jsonFrom = (bytes: Uint8Array, sizeMax: number): Json => {
  try {
    return jsonFromBytes(bytes, sizeMax)
  } catch (error) {
    if (isFault(error)) throw rpcError('not-json', undefined, `${error.code}: ${error.message}`)
    throw error
  }
}

const ID_CHARACTERS_MAX = 256

/** Undefined where there is none; null also for one that is no id. */
const idOf = (json: Json): Request['id'] => {
  if (!isJsonObject(json)) return null
  const { id } = json
  if (id === undefined || typeof id === 'number') return id
  return typeof id === 'string' && id.length <= ID_CHARACTERS_MAX ? id : null
}

const requestFrom = (json: Json, id: Request['id']): Request => {
  if (!isJsonObject(json)) throw rpcError('not-a-request')
  const { jsonrpc, method: name, params } = json
  if (jsonrpc !== '2.0' || typeof name !== 'string') throw rpcError('not-a-request')
  if (params === undefined || params === null) return { id, name, params: [] }
  if (isJsonList(params)) return { id, name, params }
  if (isJsonObject(params)) return { id, name, params: [params] }
  throw rpcError('not-a-request')
}

const pay = <Context>(
  caller: AskedBy,
  { cost, costPerKb = 0 }: Pick<Method<Context>, 'cost' | 'costPerKb'> = { cost: BAD_REQUEST_COST },
  size: number,
): void => {
  if (!caller.pay(cost + Math.ceil((costPerKb * size) / 1024))) throw rpcError('too-many')
}

const NAME_CHARACTERS_MAX = 64

const unknownMethod = (name: string): RpcError =>
  rpcError(
    'unknown-method',
    `the method ${name.slice(0, NAME_CHARACTERS_MAX)} does not exist/is not available`,
  )

const shownError = (error: unknown, onFailure: (error: unknown) => void): RpcError => {
  if (isRpcError(error)) return error
  // What a decoder of ours says of bytes that somebody sent.
  if (isFault(error)) return rpcError('bad-params', `invalid params: ${error.message}`, error.code)
  if (storeErrorCode(error) === 'store/out-of-bounds') return rpcError('too-large')
  if (LATER.test(storeErrorCode(error) ?? '')) return rpcError('later')
  if (storeErrorCode(error) === 'store/out-of-bounds')
    return rpcError('too-large', 'the account is too large')
  onFailure(error)
  return rpcError('failed')
}

const LATER = /^store\/(?:busy|full|unreachable|quarantined|stopped|closed)$/

const errorAnswer = ({ reason, message, detail }: RpcError): Answer => ({
  code: RPC_REASONS[reason].code,
  message,
  data: { reason, ...(detail === undefined ? {} : { detail }) },
})

const answerText = (id: string | number | null, name: 'result' | 'error', of: Answer): string =>
  JSON.stringify({ jsonrpc: '2.0', id, [name]: of })
