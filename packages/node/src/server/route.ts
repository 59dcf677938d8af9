/**
 * Routes: what an operator answers to over HTTP. The table of all routes is what the server serves and what
 * `docs/spec/directory-api.md` is made from, so the page cannot say something else.
 */
import type { Submitter } from './steps.ts'
import type { Operator } from './operator.ts'

/** What a token has to allow. `open` needs none, `admin` is never served over TCP. */
export type Tier = 'open' | 'read' | 'submit' | 'admin'

export type Asked = {
  readonly operator: Operator
  readonly peer: Submitter
  /** A part of the path. */
  readonly param: (name: string) => string
  /** A part of the query; undefined where it is missing or empty. */
  readonly query: (name: string) => string | undefined
  /** Empty for a route without one. */
  readonly body: Uint8Array
}

export type Reply =
  | { readonly is: 'bytes'; readonly bytes: Uint8Array }
  | { readonly is: 'json'; readonly json: Readonly<Record<string, unknown>> }
  | { readonly is: 'text'; readonly text: string; readonly type: string; readonly status?: number }
  | { readonly is: 'nothing' }

export type Route = {
  readonly method: 'GET' | 'POST'
  /** With parts as `:name`. */
  readonly path: string
  readonly tier: Tier
  /** Units of a budget for one request, and for each kilobyte of its body. */
  readonly cost: number
  readonly costPerKb?: number
  readonly what: string
  /** Parts of the query and what they mean. */
  readonly query?: Readonly<Record<string, string>>
  /** The codec of the body, in the words of the specification, and its limit in bytes where it is not the usual one. */
  readonly body?: { readonly codec: string; readonly bytesMax?: number }
  readonly answer: string
  readonly run: (asked: Asked) => Promise<Reply>
}
