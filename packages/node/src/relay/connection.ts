/**
 * One connection to a relay (NIP-01, NIP-42).
 *
 * Promise. Every event that comes out of here was read strictly, has the id that it hashes to, a signature by its author, and fits the
 * filter that was asked. What does not is counted, by what was wrong, and goes no further. An end is told as what it was: the
 * relay said that it has no more (`EOSE`), closed the request, went silent, or was lost. No end is made up.
 *
 * Where the relay asks for a login it gets one by each key that the client has, and the request is made once more.
 *
 * The messages are read here and not by a library: the one at hand makes up an `EOSE` after a time, skips events of the second at which
 * a connection broke, and leaves rejections unhandled where one breaks at the wrong moment.
 */
import { matchFilter } from 'nostr-tools/filter'
import { makeAuthEvent } from 'nostr-tools/nip42'
import { isFault, faultFrom } from 'tallystick/base'
import {
  checkNostrEvent,
  isJsonList,
  type Json,
  jsonFromText,
  type NostrEvent,
  nostrEventFromJson,
  textFromNostrEvent,
} from 'tallystick/nostr'
import { WebSocket } from 'ws'
import type { Filter, Refused, RelaySurroundings } from './filter.ts'
import { CONNECT_MS, FRAME_BYTES_MAX, LOGINS_MAX, REQUESTS_MAX } from './limits.ts'

export type RequestEnd =
  | { readonly is: 'complete' }
  | { readonly is: 'closed'; readonly why: string }
  | { readonly is: 'silent' }
  | { readonly is: 'lost'; readonly why: string }

export type PublishAnswer =
  | { readonly is: 'answered'; readonly isAccepted: boolean; readonly message: string }
  | { readonly is: 'silent' }
  | { readonly is: 'lost'; readonly why: string }

export type RelayConnection = {
  readonly url: string
  /** What is stored and fits, until the relay says that there is no more. */
  readonly ask: (filter: Filter, onEvent: (event: NostrEvent) => void) => Promise<RequestEnd>
  /** What is stored and whatever comes, until the returned function is called or the request ends in another way. */
  readonly listen: (filter: Filter, handlers: ListenHandlers) => () => void
  readonly publish: (event: NostrEvent) => Promise<PublishAnswer>
  /** What the relay sent and nobody sees. */
  readonly refused: Readonly<Refused>
  readonly close: () => void
  /** Resolves when the connection is over, with the reason. */
  readonly ended: Promise<string>
}

export type ListenHandlers = {
  readonly onEvent: (event: NostrEvent) => void
  /** The relay has shown what is stored. Before that it may not have begun to listen itself. */
  readonly onStored: () => void
  readonly onEnd: (end: RequestEnd) => void
}

type Request = ListenHandlers & { readonly filter: Filter }

/** Opens a connection. Rejects where the relay does not take it in time. */
export const connectRelay = async (
  url: string,
  by: RelaySurroundings,
): Promise<RelayConnection> => {
  const socket = new WebSocket(url, {
    maxPayload: FRAME_BYTES_MAX,
    handshakeTimeout: CONNECT_MS,
    // A relay has no reason to send its clients elsewhere.
    followRedirects: false,
  })
  const opened = Promise.withResolvers<undefined>()
  const over = Promise.withResolvers<string>()
  let why = 'the relay closed the connection'
  socket.on('open', () => opened.resolve(undefined))
  socket.on('error', (error) => {
    why = error.message
    opened.reject(error)
  })
  socket.on('close', () => {
    opened.reject(new Error(why))
    over.resolve(why)
  })
  const connection = createConnection(socket, url, by, over.promise)
  await opened.promise
  return connection
}

const createConnection = (
  socket: WebSocket,
  url: string,
  by: RelaySurroundings,
  ended: Promise<string>,
): RelayConnection => {
  const refused: Refused = { malformed: 0, forged: 0, unasked: 0 }
  const traffic = createTraffic(socket, by)
  const turns = createTurns(REQUESTS_MAX)
  const login = createLogin(url, by, async (event) => traffic.tell('AUTH', event))
  socket.on('message', (data: unknown, isBinary: boolean) => {
    const message = isBinary || !Buffer.isBuffer(data) ? undefined : messageFrom(data)
    const [verb, id, third, fourth] = message ?? []
    if (!message || typeof id !== 'string') {
      refused.malformed++
      return
    }
    const request = traffic.requests.get(id)
    if (verb === 'EVENT') {
      const event = request && checkedEvent(third, request.filter, by, refused)
      if (event) request?.onEvent(event)
    } else if (verb === 'EOSE') {
      request?.onStored()
    } else if (verb === 'CLOSED') {
      traffic.finish(id, { is: 'closed', why: textIn(third) })
    } else if (verb === 'OK') {
      traffic.settle(id, {
        is: 'answered',
        isAccepted: third === true,
        message: textIn(fourth),
      })
    } else if (verb === 'AUTH') {
      login.challenge(id)
    }
  })
  void ended.then(traffic.lose)
  return {
    url,
    refused,
    ended,
    close: () => socket.terminate(),
    listen: (filter, handlers) => traffic.open({ filter, ...handlers }),
    ask: async (filter, onEvent) =>
      turns(async () => {
        const end = await askOnce(traffic.open, by.silenceMs, filter, onEvent)
        const isRefused = end.is === 'closed' && wantsLogin(end.why)
        if (!isRefused || !(await login.do())) return end
        return askOnce(traffic.open, by.silenceMs, filter, onEvent)
      }),
    publish: async (event) => {
      const answer = await traffic.tell('EVENT', event)
      const isRefused = answer.is === 'answered' && !answer.isAccepted && wantsLogin(answer.message)
      return isRefused && (await login.do()) ? traffic.tell('EVENT', event) : answer
    },
  }
}

type Traffic = {
  readonly requests: ReadonlyMap<string, Request>
  /** Makes a request; what is returned takes it back. */
  readonly open: (request: Request) => () => void
  /** Sends an event and waits for the answer to it. */
  readonly tell: (verb: 'EVENT' | 'AUTH', event: NostrEvent) => Promise<PublishAnswer>
  readonly settle: (id: string, answer: PublishAnswer) => void
  readonly finish: (id: string, end: RequestEnd) => void
  readonly lose: (why: string) => void
}

const createTraffic = (socket: WebSocket, by: RelaySurroundings): Traffic => {
  const requests = new Map<string, Request>()
  const publishing = new Map<string, (answer: PublishAnswer) => void>()
  let serial = 0
  const send = (text: string): void => {
    // A socket that is gone is told by `ended`; what is sent to it meanwhile is lost like everything on its way.
    if (socket.readyState === WebSocket.OPEN) socket.send(text, () => undefined)
  }
  const settle = (id: string, answer: PublishAnswer): void => {
    const waiting = publishing.get(id)
    publishing.delete(id)
    waiting?.(answer)
  }
  const finish = (id: string, end: RequestEnd): void => {
    const request = requests.get(id)
    requests.delete(id)
    request?.onEnd(end)
  }
  return {
    requests,
    settle,
    finish,
    open: (request) => {
      const id = `t${serial++}`
      requests.set(id, request)
      send(JSON.stringify(['REQ', id, request.filter]))
      return () => {
        if (requests.delete(id)) send(JSON.stringify(['CLOSE', id]))
      }
    },
    tell: async (verb, event) => {
      const { promise, resolve } = Promise.withResolvers<PublishAnswer>()
      const before = publishing.get(event.id)
      // Two callers that publish one event both hear of the one answer.
      publishing.set(event.id, (answer) => {
        before?.(answer)
        resolve(answer)
      })
      send(`["${verb}",${textFromNostrEvent(event)}]`)
      const timer = setTimeout(() => settle(event.id, { is: 'silent' }), by.silenceMs)
      const answer = await promise
      clearTimeout(timer)
      return answer
    },
    lose: (why) => {
      const open = Array.from(requests.keys())
      const told = Array.from(publishing.keys())
      for (const id of open) finish(id, { is: 'lost', why })
      for (const id of told) settle(id, { is: 'lost', why })
    },
  }
}

/** Lets so many run at a time; the others wait. Relays refuse what is too much, or forget it. */
const createTurns = (countMax: number): (<T>(run: () => Promise<T>) => Promise<T>) => {
  const waiting: (() => void)[] = []
  let running = 0
  return async (run) => {
    if (running >= countMax) {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      waiting.push(() => resolve(undefined))
      await promise
    }
    running++
    try {
      return await run()
    } finally {
      running--
      waiting.shift()?.()
    }
  }
}

const wantsLogin = (why: string): boolean =>
  why.startsWith('auth-required:') || why.startsWith('restricted:')

const askOnce = async (
  open: (request: Request) => () => void,
  silenceMs: number,
  filter: Filter,
  onEvent: (event: NostrEvent) => void,
): Promise<RequestEnd> => {
  const { promise, resolve } = Promise.withResolvers<RequestEnd>()
  let timer = setTimeout(() => resolve({ is: 'silent' }), silenceMs)
  const close = open({
    filter,
    onEvent: (event) => {
      clearTimeout(timer)
      timer = setTimeout(() => resolve({ is: 'silent' }), silenceMs)
      onEvent(event)
    },
    onStored: () => resolve({ is: 'complete' }),
    onEnd: resolve,
  })
  const end = await promise
  clearTimeout(timer)
  close()
  return end
}

const messageFrom = (data: Buffer): readonly Json[] | undefined => {
  const json = faultFrom(() => jsonFromText(data.toString('utf8'), FRAME_BYTES_MAX))
  return isFault(json) || !isJsonList(json) ? undefined : json
}

const checkedEvent = (
  json: Json | undefined,
  filter: Filter,
  by: RelaySurroundings,
  refused: Refused,
): NostrEvent | undefined => {
  const event = faultFrom(() => nostrEventFromJson(json))
  if (isFault(event)) {
    if (event.code === 'nostr-event/wrong-id') refused.forged++
    else refused.malformed++
    return undefined
  }
  if (!fits(filter, event)) {
    refused.unasked++
    return undefined
  }
  if (by.known.get(event.id) !== event.sig) {
    if (checkNostrEvent(event, by.verifier)) {
      refused.forged++
      return undefined
    }
    by.known.set(event.id, event.sig)
  }
  return event
}

/** Whether an event is one of those asked for: a relay could answer with anything. */
export const fits = (filter: Filter, event: NostrEvent): boolean => {
  const tags = event.tags.map((tag) => [...tag])
  return matchFilter(filter, { ...event, tags })
}

const textIn = (json: Json | undefined): string => (typeof json === 'string' ? json : '')

type Login = {
  readonly challenge: (text: string) => void
  /** Logs in by every key, once for each challenge. Whether the relay took at least one. */
  readonly do: () => Promise<boolean>
}

const createLogin = (
  url: string,
  by: RelaySurroundings,
  send: (event: NostrEvent) => Promise<PublishAnswer>,
): Login => {
  let current: string | undefined
  let done: { readonly challenge: string; readonly result: Promise<boolean> } | undefined
  const logIn = async (challenge: string): Promise<boolean> => {
    let taken = 0
    for (const signer of by.logins.slice(0, LOGINS_MAX)) {
      const { kind, created_at, tags, content } = makeAuthEvent(url, challenge)
      // A wallet that refuses is no reason not to try the next key.
      const event = await signer.sign({ kind, created_at, tags, content }).catch(() => undefined)
      if (!event) continue
      const answer = await send(event)
      if (answer.is === 'answered' && answer.isAccepted) taken++
    }
    return taken > 0
  }
  return {
    challenge: (text) => {
      current = text
    },
    do: async () => {
      if (current === undefined || by.logins.length === 0) return false
      if (done?.challenge !== current) done = { challenge: current, result: logIn(current) }
      return done.result
    },
  }
}
