/**
 * Parameters: how each kind of value in a request is read, and what the page about the interface says of it.
 *
 * Promise. A method sees no JSON: it gets what these readers made of it, or is not called. Members that a method does not know
 * are passed over, because clients send more than is documented.
 */
import { type Id, idFromHex } from 'tallystick/base'
import { isJsonList, isJsonObject, type Json, type JsonObject } from 'tallystick/nostr'
import { rpcError } from './error.ts'
import { bigintFromQuantity, bytesFromParam } from './hex.ts'

export type Param<T> = {
  /** What is expected, in the words of the page. */
  readonly form: string
  readonly what: string
  readonly isOptional: boolean
  /** Raises an `RpcError`; `undefined` is what a missing member reads as, where it may be missing. */
  readonly read: (json: Json | undefined, name: string) => T
}

export type Params = Readonly<Record<string, Param<unknown>>>

export type ArgsOf<P extends Params> = {
  readonly [Name in keyof P]: P[Name] extends Param<infer T> ? T : never
}

/** Reads the members of the one parameter. Raises what the readers raise. */
export const readArgs = <P extends Params>(params: P, json: JsonObject): ArgsOf<P> => {
  const args: Record<string, unknown> = {}
  for (const [name, param] of Object.entries(params)) args[name] = param.read(json[name], name)
  const isRead = (of: object): of is ArgsOf<P> => Object.keys(params).every((name) => name in of)
  if (!isRead(args)) throw new Error('every parameter was read')
  return args
}

/** The same parameter, where it may be missing or null. */
export const maybe = <T>(param: Param<T>): Param<T | undefined> => ({
  ...param,
  isOptional: true,
  read: (json, name) => (json === undefined || json === null ? undefined : param.read(json, name)),
})

export const withDefault = <T>(param: Param<T>, value: T): Param<T> => ({
  ...param,
  isOptional: true,
  read: (json, name) => (json === undefined || json === null ? value : param.read(json, name)),
})

export type ParamFrom<T> = (what: string) => Param<T>

const param =
  <T>(form: string, read: Param<T>['read']): ParamFrom<T> =>
  (what) => ({ form, what, isOptional: false, read })

const textFrom = (json: Json | undefined, name: string): string => {
  if (typeof json === 'string') return json
  throw rpcError('bad-params', `invalid params: ${name} is no text`)
}

/** 32 bytes of an account, as 64 lower-case digits: what everything inside is named by. */
export const identifier: ParamFrom<Id<'moi'>> = param(
  'identifier: `0x` and 64 hexadecimal digits',
  (json) => {
    const id = typeof json === 'string' ? /^(?:0x)?([0-9a-f]{64})$/i.exec(json)?.[1] : undefined
    if (id === undefined) throw rpcError('bad-identifier')
    return idFromHex<'moi'>(id.toLowerCase())
  },
)

/** A hash, as 64 lower-case digits. */
export const hash32: ParamFrom<string> = param(
  'hash: `0x` and 64 hexadecimal digits',
  (json): string => {
    const id = typeof json === 'string' ? /^(?:0x)?([0-9a-f]{64})$/i.exec(json)?.[1] : undefined
    if (id === undefined) throw rpcError('bad-hash')
    return id.toLowerCase()
  },
)

export const text: ParamFrom<string> = param('text', textFrom)

export const hexBytes: ParamFrom<Uint8Array> = param(
  'bytes: hexadecimal, with `0x` or without',
  (json, name) => bytesFromParam(textFrom(json, name), name),
)

export const flag: ParamFrom<boolean> = param('true or false', (json, name): boolean => {
  if (typeof json === 'boolean') return json
  throw rpcError('bad-params', `invalid params: ${name} is neither true nor false`)
})

/** Numbers come as such and as quantities. */
export const number: ParamFrom<bigint> = param(
  'number, or a quantity in hexadecimal',
  (json, name): bigint => {
    if (typeof json === 'number' && json >= 0) return BigInt(json)
    if (typeof json === 'string') return bigintFromQuantity(json, name)
    throw rpcError('bad-params', `invalid params: ${name} is no number from 0 on`)
  },
)

/** Heights in filters may be -1, which means: however high. */
export const heightOrLatest: ParamFrom<bigint> = param(
  'number; -1 for the latest',
  (json, name): bigint => {
    if (typeof json === 'number' && json >= -1) return BigInt(json)
    if (typeof json === 'string') return bigintFromQuantity(json, name)
    throw rpcError('bad-params', `invalid params: ${name} is no height`)
  },
)

/** Which tesseract of an account is meant. */
export type At =
  | { readonly is: 'latest' }
  | { readonly is: 'height'; readonly height: bigint }
  | { readonly is: 'hash'; readonly hash: string }

export const options: ParamFrom<At> = param(
  '`{"tesseract_number": n}`, -1 for the latest, or `{"tesseract_hash": hash}`',
  (json): At => {
    if (!isJsonObject(json)) throw rpcError('empty-options')
    const { tesseract_number: height, tesseract_hash: hash } = json
    const hasHeight = height !== undefined && height !== null
    const hasHash = hash !== undefined && hash !== null
    if (!hasHeight && !hasHash) throw rpcError('empty-options')
    if (hasHeight && hasHash) throw rpcError('bad-options')
    if (hasHash) return { is: 'hash', hash: hash32('').read(hash, 'tesseract_hash') }
    return atHeight(height)
  },
)

/** SDK users write heights as numbers, decimal texts and quantities. */
const atHeight = (height: Json | undefined): At => {
  if (height === -1 || height === '-1') return { is: 'latest' }
  if (typeof height === 'number' && height >= 0) return { is: 'height', height: BigInt(height) }
  if (typeof height === 'string' && /^(?:0x[0-9a-f]{1,16}|[0-9]{1,19})$/i.test(height)) {
    return { is: 'height', height: BigInt(height) }
  }
  throw rpcError('bad-options')
}

/** For each position what may stand there; empty where anything may. As the caller wrote them: hashes or names. */
export type Topics = readonly (readonly string[])[]

const TOPICS_MAX = 8
const TOPIC_CHARACTERS_MAX = 256

export const topics: ParamFrom<Topics> = param(
  'list of topics by position; a list in place of one means any of these',
  (json, name): Topics => {
    if (json === undefined || json === null) return []
    if (!isJsonList(json) || json.length > TOPICS_MAX) throw badTopics(name)
    return json.map((one) => {
      if (one === null) return []
      const anyOf = isJsonList(one) ? one : [one]
      if (anyOf.length > TOPICS_MAX) throw badTopics(name)
      return anyOf.map((topic) => {
        if (typeof topic === 'string' && topic.length <= TOPIC_CHARACTERS_MAX) return topic
        throw badTopics(name)
      })
    })
  },
)

const badTopics = (name: string) =>
  rpcError('bad-params', `invalid params: ${name} is no list of topics`)

/** Handed on as it is, for a reader of its own. */
export const object: ParamFrom<JsonObject> = param('object', (json, name): JsonObject => {
  if (isJsonObject(json)) return json
  throw rpcError('bad-params', `invalid params: ${name} is no object`)
})
