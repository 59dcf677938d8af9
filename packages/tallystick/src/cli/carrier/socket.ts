/**
 * Carrier by a socket on this machine: messages as frames over TCP on 127.0.0.1.
 *
 * Promise. Nothing listens anywhere but on the loopback address. A link refuses a peer that does not greet as ours do, a frame
 * above the limit before it is read, a frame that does not arrive in time, and a peer that does not take what it is sent. Each
 * ends the link with a typed fault and nothing else.
 *
 * Not promised. Who is at the other end: any program of this machine can connect. Messages carry their own signatures.
 *
 * | bytes | what |
 * |---|---|
 * | 8 | greeting, once in each direction: the header of a message file |
 * | u32, … | for each message: its length, its bytes |
 */
import { connect as connectSocket, createServer, type Socket } from 'node:net'
import { concatBytes, equalBytes } from '../../base/bytes.ts'
import { u32 } from '../../base/codec.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { LINK_PATIENCE_MS, LINKS_MAX, MESSAGE_BYTES_MAX } from '../../base/limits.ts'
import { FILE_HEADER_BYTES, fileFromBody } from '../../verify/file.ts'

export type Link = {
  /** Sends a message. Raises `message/too-large`. On a link that has ended it does nothing. */
  readonly send: (message: Uint8Array) => void
  readonly close: () => void
}

export type LinkHandlers = {
  readonly onMessage: (message: Uint8Array, link: Link) => void
  /** The link is up: both have greeted. */
  readonly onOpen?: (link: Link) => void
  /** The link has ended; with the reason if it was not an ordinary end. Called once. */
  readonly onEnd?: (reason: Error | undefined) => void
}

export type LinkOptions = {
  /** How long a greeting or the rest of a frame may take. */
  readonly patience?: number
}

export type Listener = { readonly port: number; readonly close: () => void }

const LOOPBACK = '127.0.0.1'
const GREETING: Uint8Array = fileFromBody('message', new Uint8Array(0))

/** Listens on a port of the loopback address; port 0 takes a free one. */
export const listenOnLoopback = (
  port: number,
  handlers: () => LinkHandlers,
  options: LinkOptions = {},
): Promise<Listener> => {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    if (open.size >= LINKS_MAX) {
      socket.destroy()
      return
    }
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    startLink(socket, handlers(), options)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: LOOPBACK }, () => {
      server.off('error', reject)
      const address = server.address()
      const close = (): void => {
        server.close()
        for (const socket of open) socket.destroy()
      }
      resolve({ port: typeof address === 'object' && address ? address.port : port, close })
    })
  })
}

/** Connects to a port of the loopback address. Rejects with the platform's error if nobody listens. */
export const connectOnLoopback = (
  port: number,
  handlers: LinkHandlers,
  options: LinkOptions = {},
): Promise<Link> =>
  new Promise((resolve, reject) => {
    const socket = connectSocket({ port, host: LOOPBACK })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(startLink(socket, handlers, options))
    })
  })

const startLink = (socket: Socket, handlers: LinkHandlers, options: LinkOptions): Link => {
  const patience = options.patience ?? LINK_PATIENCE_MS
  const frames = createFrameReader()
  let reason: Error | undefined
  let timer: NodeJS.Timeout | undefined
  const fail = (error: Error): void => {
    reason ??= error
    socket.destroy()
  }
  const wait = (isWaiting: boolean): void => {
    if (!isWaiting) {
      clearTimeout(timer)
      timer = undefined
    }
    if (isWaiting && !timer) timer = setTimeout(() => fail(tooLate(patience)), patience)
  }
  const link: Link = {
    send: (message) => {
      if (message.length > MESSAGE_BYTES_MAX) throw tooLarge(message.length)
      if (socket.destroyed) return
      socket.write(concatBytes(u32.encode(message.length), message))
      // Attack: a peer that reads nothing lets what waits for it grow.
      if (socket.writableLength > 2 * MESSAGE_BYTES_MAX) fail(tooSlow(socket.writableLength))
    },
    close: () => socket.end(),
  }
  socket.setNoDelay(true)
  socket.on('error', fail)
  socket.on('close', () => {
    wait(false)
    handlers.onEnd?.(reason)
  })
  socket.on('data', (bytes: Buffer) => {
    const wasOpen = frames.isOpen()
    const messages = faultFrom(() => frames.push(new Uint8Array(bytes)))
    if (isFault(messages)) return fail(messages)
    if (!wasOpen && frames.isOpen()) handlers.onOpen?.(link)
    for (const message of messages) handlers.onMessage(message, link)
    // One deadline for a whole frame: bytes that trickle in do not prolong it.
    if (messages.length > 0) wait(false)
    wait(frames.isWaiting())
  })
  wait(true)
  socket.write(GREETING)
  return link
}

export type FrameReader = {
  /** Takes bytes as they come and gives the messages they complete. Raises `link/not-ours` or `message/too-large`. */
  readonly push: (bytes: Uint8Array) => readonly Uint8Array[]
  /** Whether the greeting has come. */
  readonly isOpen: () => boolean
  /** Whether a greeting or a frame has begun and is not whole. */
  readonly isWaiting: () => boolean
}

export const createFrameReader = (): FrameReader => {
  let parts: Uint8Array[] = []
  let size = 0
  let isOpen = false
  const take = (count: number): Uint8Array => {
    const all = parts.length === 1 && parts[0] ? parts[0] : concatBytes(...parts)
    parts = all.length > count ? [all.subarray(count)] : []
    size -= count
    return all.subarray(0, count)
  }
  let wanted: number | undefined
  return {
    isOpen: () => isOpen,
    isWaiting: () => !isOpen || size > 0 || wanted !== undefined,
    push: (bytes) => {
      parts.push(bytes)
      size += bytes.length
      if (!isOpen) {
        if (size < FILE_HEADER_BYTES) return []
        if (!equalBytes(take(FILE_HEADER_BYTES), GREETING)) throw notOurs()
        isOpen = true
      }
      const messages: Uint8Array[] = []
      for (;;) {
        if (wanted === undefined) {
          if (size < 4) return messages
          wanted = u32.decode(take(4))
          if (wanted > MESSAGE_BYTES_MAX) throw tooLarge(wanted)
        }
        if (size < wanted) return messages
        messages.push(take(wanted).slice())
        wanted = undefined
      }
    },
  }
}

const tooLarge = (size: number): Fault =>
  new Fault('message/too-large', `a frame of ${size} bytes, at most ${MESSAGE_BYTES_MAX}`)

const notOurs = (): Fault => new Fault('link/not-ours', 'the other end does not greet as ours do')

const tooLate = (patience: number): Fault =>
  new Fault('link/too-late', `a greeting or frame was not whole after ${patience} ms`)

const tooSlow = (waiting: number): Fault =>
  new Fault('link/too-slow', `${waiting} bytes wait for the other end to take them`)
