/**
 * Calls of a guardian: JSON-RPC over HTTP, as MOI's own client sends them.
 *
 * Promise. An answer is a result or a `CallFailure` with what the guardian said, and never neither. Nothing is believed: callers
 * read results through `shape.ts`.
 */
import { concatBytes } from 'tallystick/base'
export type Guardian = {
  readonly url: string
  readonly call: (method: string, params: unknown) => Promise<unknown>
}

/** The guardian refused, or cannot be reached, or answers with what is no answer. */
export type CallFailure = Error & {
  readonly failure: 'refused' | 'unreachable' | 'malformed'
  readonly code: number | undefined
  /** The name of the reason, where the guardian gives one. */
  readonly reason: string | undefined
}

const ANSWER_BYTES_MAX = 16_777_216
const ANSWER_MS = 30_000

export const createGuardian = (url: string): Guardian => ({
  url,
  call: async (method, params) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [params] })
    return resultOf(method, await textOf(url, body))
  },
})

export const callFailure = (
  failure: CallFailure['failure'],
  message: string,
  more: { readonly code?: number; readonly reason?: string } = {},
): CallFailure =>
  Object.assign(new Error(message), { failure, code: more.code, reason: more.reason })

export const isCallFailure = (error: unknown): error is CallFailure =>
  error instanceof Error && 'failure' in error

const textOf = async (url: string, body: string): Promise<string> => {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers,
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch((error: unknown): never => {
    const why = error instanceof Error && error.name === 'TimeoutError' ? ' in time' : ''
    throw callFailure('unreachable', `no guardian answers at ${url}${why}`)
  })
  const text = await bodyOf(response)
  if (!response.ok && !text.startsWith('{')) {
    throw callFailure('refused', `the guardian answers ${response.status}: ${text.slice(0, 200)}`)
  }
  return text
}

/** Nobody is read without end. */
const bodyOf = async ({ body }: Response): Promise<string> => {
  const parts: Uint8Array[] = []
  let size = 0
  const stream: AsyncIterable<Uint8Array> | null = body
  if (stream) {
    for await (const part of stream) {
      parts.push(part)
      size += part.length
      if (size > ANSWER_BYTES_MAX) {
        throw callFailure(
          'malformed',
          `the guardian answers with more than ${ANSWER_BYTES_MAX} bytes`,
        )
      }
    }
  }
  return new TextDecoder().decode(concatBytes(...parts))
}

const resultOf = (method: string, text: string): unknown => {
  const answer = parsed(text)
  if (answer === undefined) throw callFailure('malformed', `${method}: the answer is no JSON`)
  const { error, result } = answer
  if (typeof error === 'object' && error !== null) {
    const told = { code: 0, message: 'refused without a word', ...error }
    const { reason } = reasonOf('data' in told ? told.data : undefined)
    throw callFailure('refused', String(told.message), {
      ...(typeof told.code === 'number' ? { code: told.code } : {}),
      ...(typeof reason === 'string' ? { reason } : {}),
    })
  }
  if (result === undefined) throw callFailure('malformed', `${method}: neither result nor error`)
  return result
}

const reasonOf = (data: unknown): { readonly reason?: unknown } =>
  typeof data === 'object' && data !== null ? { ...data } : {}

const parsed = (text: string): { readonly [name: string]: unknown } | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
