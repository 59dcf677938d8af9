/**
 * Methods: what a guardian answers to. The table of all methods is what the server serves, what checks parameters, and what
 * `docs/spec/moi-rpc.md` is made from, so the page cannot say something else.
 */
import { isJsonObject, type Json, type JsonObject } from 'tallystick/nostr'
import type { RpcReason } from './error.ts'
import { type ArgsOf, type Params, readArgs } from './param.ts'

/** What an answer is made of before it is JSON: no member is undefined by accident, and numbers are exact. */
export type Answer =
  | null
  | boolean
  | number
  | string
  | readonly Answer[]
  | { readonly [name: string]: Answer | undefined }

/** Who asks, as far as a method may know. */
export type Caller = {
  /** Of the connection, as long as it lasts; no two have the same. */
  readonly connection: string
  /** Tells a socket something; undefined for a request over HTTP, which nothing can be told later. */
  readonly push: ((subscription: string, result: Answer) => void) | undefined
  /** Takes units for what an answer has cost beyond its price; who owes is not answered until it has some again. */
  readonly owe: (units: number) => void
  /** Ids of this socket's subscriptions, with what ends each. */
  readonly subscriptions: Map<string, () => void>
}

export type MethodWords = {
  readonly name: string
  readonly what: string
  /** What the result is, in words. */
  readonly result: string
  /** Members of the parameter, or the positions of a list, as an example. */
  readonly example: readonly Json[]
  /** Reasons for refusals beside those that any method has. */
  readonly errors?: readonly RpcReason[]
  /** Units of a budget for one call, and for each kilobyte of the request. */
  readonly cost: number
  readonly costPerKb?: number
  /** Served by nodes for development alone. */
  readonly isDev?: true
}

export type Method<Context> = MethodWords & {
  readonly params: Params
  /** Whether parameters are positions of a list, not members of its one object. */
  readonly isPositional?: true
  readonly call: (context: Context, params: readonly Json[], caller: Caller) => Promise<Answer>
}

/** A method whose one parameter is an object. */
export const method = <Context, P extends Params>(
  words: MethodWords & {
    readonly params: P
    readonly run: (context: Context, args: ArgsOf<P>, caller: Caller) => Promise<Answer> | Answer
  },
): Method<Context> => {
  const { run, ...rest } = words
  return {
    ...rest,
    call: async (context, params, caller) =>
      run(context, readArgs(words.params, objectOf(params)), caller),
  }
}

const NOTHING: JsonObject = Object.freeze({ __proto__: null })

/** MOI's client sends `[null]` where there is nothing to say. */
export const objectOf = ([first]: readonly Json[]): JsonObject =>
  isJsonObject(first) ? first : NOTHING
