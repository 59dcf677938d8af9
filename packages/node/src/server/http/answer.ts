/** Answers, and what a refusal looks like: JSON with a code, a message and the place, never a path or a stack. */
import type { ServerResponse } from 'node:http'
import { type Fault, isFault } from 'tallystick/base'
import type { Reply } from '../route.ts'

export const CONTENT_TYPE = 'application/vnd.tallystick'

export const sendReply = (response: ServerResponse, reply: Reply): void => {
  switch (reply.is) {
    case 'bytes':
      send(response, 200, CONTENT_TYPE, reply.bytes)
      return
    case 'json':
      send(response, 200, JSON_TYPE, Buffer.from(JSON.stringify(reply.json)))
      return
    case 'text':
      send(response, reply.status ?? 200, reply.type, Buffer.from(reply.text))
      return
    case 'nothing':
      response.writeHead(204, BARE)
      response.end()
  }
}

export const sendFault = (
  response: ServerResponse,
  fault: Fault,
  more: { readonly retryMs?: number; readonly close?: boolean } = {},
): void => {
  if (response.headersSent) {
    response.destroy()
    return
  }
  if (more.retryMs !== undefined) {
    response.setHeader('Retry-After', Math.max(1, Math.ceil(more.retryMs / 1000)))
  }
  if (more.close === true) response.setHeader('Connection', 'close')
  const { code, message, place } = fault
  const text = JSON.stringify({ fault: { code, message, place } }, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
  send(response, statusOf(code), JSON_TYPE, Buffer.from(text))
}

/** For what is our own mistake or the machine's: nothing of it is told. */
export const sendFailure = (response: ServerResponse, status: 500 | 503): void => {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const message = status === 503 ? 'not now; ask again later' : 'the operator failed to answer'
  const text = JSON.stringify({ fault: { code: 'request/failed', message, place: {} } })
  send(response, status, JSON_TYPE, Buffer.from(text))
}

/** A store that cannot take more now says so by its code. */
export const isForLater = (error: unknown): boolean =>
  error instanceof Error &&
  !isFault(error) &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^store\/(?:busy|full|unreachable|quarantined|stopped|closed)$/.test(error.code)

const JSON_TYPE = 'application/json'
const BARE = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }

const send = (response: ServerResponse, status: number, type: string, bytes: Uint8Array): void => {
  response.writeHead(status, { ...BARE, 'Content-Type': type, 'Content-Length': bytes.length })
  response.end(bytes)
}

const STATUS: Readonly<Record<string, number>> = {
  'request/no-token': 401,
  'request/wrong-tier': 403,
  'request/wrong-host': 403,
  'request/foreign-origin': 403,
  'request/not-found': 404,
  'operator/unknown-machine': 404,
  'operator/unknown-step': 404,
  'identity/unknown': 404,
  'operator/not-accused': 404,
  'operator/frozen': 409,
  'operator/healing': 409,
  'operator/too-far-ahead': 409,
  'inbox/full': 409,
  'inbox/too-many': 409,
  'evidence/too-many': 409,
  'identity/too-many': 409,
  'identity/not-next': 409,
  'request/too-large': 413,
  'request/wrong-type': 415,
  'request/too-many': 429,
  'request/overloaded': 503,
}

export const statusOf = (code: string): number => STATUS[code] ?? 400
