/**
 * A small relay in memory, for demonstrations and trials on one machine (NIP-01, NIP-11).
 *
 * Promise. It takes events that their authors signed and no others, keeps one event of replaceable kinds, hands ephemeral ones on, and
 * answers in the order of NIP-01. What it holds is bounded, and it says no where a bound is reached.
 *
 * Not promised. That it keeps anything: it forgets all when it ends. It deletes nothing at an author's word, and knows no logins.
 */
import { createServer, type Server } from 'node:http'
import { faultFrom, isFault, type Verifier } from 'tallystick/base'
import {
  checkNostrEvent,
  isJsonList,
  isJsonObject,
  type Json,
  jsonFromText,
  type JsonObject,
  type NostrEvent,
  nostrEventFromJson,
  textFromNostrEvent,
} from 'tallystick/nostr'
import { type WebSocket, WebSocketServer } from 'ws'
import { fits } from './connection.ts'
import type { Filter } from './filter.ts'
import {
  FRAME_BYTES_MAX,
  LOCAL_EVENTS_MAX,
  LOCAL_FILTERS_MAX,
  LOCAL_PAGE_EVENTS,
  LOCAL_REQUESTS_MAX,
} from './limits.ts'
import { isEphemeral, isReplaceable } from './publish.ts'

export type LocalRelay = {
  readonly url: string
  readonly close: () => Promise<void>
}

type Keep = {
  readonly verifier: Verifier
  readonly events: Map<string, NostrEvent>
  readonly clients: Map<WebSocket, Map<string, readonly Filter[]>>
}

/** Listens on this machine alone. Port 0 takes a free one. */
export const startLocalRelay = async (verifier: Verifier, port = 0): Promise<LocalRelay> => {
  const keep: Keep = { verifier, events: new Map(), clients: new Map() }
  const http = createServer((_, answer) => {
    answer.writeHead(200, { 'content-type': 'application/nostr+json' })
    answer.end(JSON.stringify(DOCUMENT))
  })
  const sockets = new WebSocketServer({ server: http, maxPayload: FRAME_BYTES_MAX })
  // It repeats what goes wrong with the server below it; whoever listens there hears it.
  sockets.on('error', () => undefined)
  sockets.on('connection', (socket) => {
    keep.clients.set(socket, new Map())
    socket.on('close', () => keep.clients.delete(socket))
    // A client that breaks off is gone; there is nobody to tell.
    socket.on('error', () => socket.terminate())
    socket.on('message', (data: unknown) => {
      if (Buffer.isBuffer(data)) hear(keep, socket, data.toString('utf8'))
    })
  })
  await listen(http, port)
  const address = http.address()
  const taken = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `ws://127.0.0.1:${taken}`,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      http.closeAllConnections()
      const { promise, resolve } = Promise.withResolvers<undefined>()
      http.close(() => resolve(undefined))
      await promise
    },
  }
}

const DOCUMENT = {
  name: 'tallystick, a relay for trials',
  software: 'tallystick',
  supported_nips: [1, 11],
  limitation: { max_message_length: FRAME_BYTES_MAX, max_limit: LOCAL_PAGE_EVENTS },
}

const listen = async (http: Server, port: number): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  http.once('error', reject)
  http.listen(port, '127.0.0.1', () => resolve(undefined))
  await promise
}

const hear = (keep: Keep, socket: WebSocket, text: string): void => {
  const json = faultFrom(() => jsonFromText(text, FRAME_BYTES_MAX))
  const [verb, second, ...rest] = isFault(json) || !isJsonList(json) ? [] : json
  if (verb === 'EVENT') take(keep, socket, second)
  else if (verb === 'REQ' && typeof second === 'string') request(keep, socket, second, rest)
  else if (verb === 'CLOSE' && typeof second === 'string') keep.clients.get(socket)?.delete(second)
  else tell(socket, ['NOTICE', 'invalid: no message that is known here'])
}

const take = (keep: Keep, socket: WebSocket, json: Json | undefined): void => {
  const event = faultFrom(() => nostrEventFromJson(json))
  if (isFault(event)) {
    const id = isJsonObject(json) && typeof json['id'] === 'string' ? json['id'] : ''
    tell(socket, ['OK', id, false, `invalid: ${event.message}`])
    return
  }
  const refusal = refusalOf(keep, event)
  tell(socket, ['OK', event.id, refusal === undefined || isKnown(refusal), refusal ?? ''])
  if (refusal !== undefined) return
  if (!isEphemeral(event.kind)) keep.events.set(event.id, event)
  for (const [client, requests] of keep.clients) {
    for (const [id, filters] of requests) {
      if (filters.some((one) => fits(one, event))) {
        client.send(`["EVENT",${JSON.stringify(id)},${textFromNostrEvent(event)}]`)
      }
    }
  }
}

const isKnown = (refusal: string): boolean => refusal.startsWith('duplicate:')

/** Why an event is not taken; what stands in its place makes room. */
const refusalOf = (keep: Keep, event: NostrEvent): string | undefined => {
  if (keep.events.has(event.id)) return 'duplicate: it is here already'
  const fault = checkNostrEvent(event, keep.verifier)
  if (fault) return `invalid: ${fault.message}`
  const before = isReplaceable(event.kind) ? inPlaceOf(keep, event) : undefined
  if (before) {
    const isNewer =
      event.created_at > before.created_at ||
      (event.created_at === before.created_at && event.id < before.id)
    if (!isNewer) return 'replaced: a newer one is here'
    keep.events.delete(before.id)
  }
  if (keep.events.size < LOCAL_EVENTS_MAX || isEphemeral(event.kind)) return undefined
  return `error: ${LOCAL_EVENTS_MAX} events are enough for a trial`
}

const inPlaceOf = (keep: Keep, event: NostrEvent): NostrEvent | undefined => {
  for (const one of keep.events.values()) {
    if (one.kind !== event.kind || one.pubkey !== event.pubkey) continue
    if (event.kind < 30_000 || nameOf(one) === nameOf(event)) return one
  }
  return undefined
}

const nameOf = (of: NostrEvent): string => of.tags.find(([tag]) => tag === 'd')?.[1] ?? ''

const request = (keep: Keep, socket: WebSocket, id: string, wanted: readonly Json[]): void => {
  const requests = keep.clients.get(socket)
  const filters = wanted.map(filterFrom)
  const isTooMuch =
    filters.length > LOCAL_FILTERS_MAX || (requests?.size ?? 0) >= LOCAL_REQUESTS_MAX
  if (
    !requests ||
    filters.length === 0 ||
    !filters.every((one) => one !== undefined) ||
    isTooMuch
  ) {
    tell(socket, ['CLOSED', id, isTooMuch ? 'error: too much at a time' : 'invalid: no filter'])
    return
  }
  requests.set(id, filters)
  const found = new Map<string, NostrEvent>()
  for (const filter of filters) {
    for (const one of storedFor(keep, filter)) found.set(one.id, one)
  }
  for (const one of found.values()) {
    socket.send(`["EVENT",${JSON.stringify(id)},${textFromNostrEvent(one)}]`)
  }
  tell(socket, ['EOSE', id])
}

const storedFor = (keep: Keep, filter: Filter): readonly NostrEvent[] =>
  [...keep.events.values()]
    .filter((one) => fits(filter, one))
    .sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? -1 : 1))
    .slice(0, Math.min(filter.limit ?? LOCAL_PAGE_EVENTS, LOCAL_PAGE_EVENTS))

/** A filter of known shape; undefined for anything else. */
const filterFrom = (json: Json): Filter | undefined => {
  if (!isJsonObject(json)) return undefined
  const { ids, authors, kinds, since, until, limit } = json
  const filter: Filter = {}
  for (const [name, list] of [
    ['ids', ids],
    ['authors', authors],
  ] as const) {
    if (list === undefined) continue
    if (!isTexts(list)) return undefined
    filter[name] = [...list]
  }
  if (kinds !== undefined) {
    if (!isJsonList(kinds) || !kinds.every((one) => typeof one === 'number')) return undefined
    filter.kinds = [...kinds]
  }
  for (const [name, value] of [
    ['since', since],
    ['until', until],
    ['limit', limit],
  ] as const) {
    if (value === undefined) continue
    if (typeof value !== 'number') return undefined
    filter[name] = value
  }
  return withTags(filter, json)
}

const withTags = (filter: Filter, json: JsonObject): Filter | undefined => {
  for (const [name, list] of Object.entries(json)) {
    if (!isTagName(name)) continue
    if (!isTexts(list)) return undefined
    filter[name] = [...list]
  }
  return filter
}

const isTagName = (name: string): name is `#${string}` => /^#[a-zA-Z]$/.test(name)

const isTexts = (json: Json): json is readonly string[] =>
  isJsonList(json) && json.every((one) => typeof one === 'string')

const tell = (socket: WebSocket, message: readonly unknown[]): void =>
  socket.send(JSON.stringify(message))
