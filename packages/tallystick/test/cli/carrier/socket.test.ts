import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { concatBytes } from '../../../src/base/bytes.ts'
import { u32 } from '../../../src/base/codec.ts'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { MESSAGE_BYTES_MAX } from '../../../src/base/limits.ts'
import {
  connectOnLoopback,
  createFrameReader,
  type Link,
  listenOnLoopback,
  type Listener,
} from '../../../src/cli/carrier/socket.ts'
import { fileFromBody } from '../../../src/verify/file.ts'

const greeting = fileFromBody('message', new Uint8Array(0))
const frame = (bytes: Uint8Array): Uint8Array => concatBytes(u32.encode(bytes.length), bytes)

const open: { close: () => void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

/** A listener that keeps what it hears and how its links end. */
const listening = async (
  patience?: number,
): Promise<{ listener: Listener; heard: Uint8Array[]; end: Promise<Error | undefined> }> => {
  const heard: Uint8Array[] = []
  let ended: (reason: Error | undefined) => void = () => undefined
  const end = new Promise<Error | undefined>((resolve) => {
    ended = resolve
  })
  const handlers = () => ({
    onMessage: (message: Uint8Array, link: Link) => {
      heard.push(message)
      link.send(message)
    },
    onEnd: ended,
  })
  const listener = await listenOnLoopback(0, handlers, patience === undefined ? {} : { patience })
  open.push(listener)
  return { listener, heard, end }
}

const raw = (port: number, bytes: Uint8Array): Socket => {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => undefined)
  socket.write(bytes)
  open.push({ close: () => socket.destroy() })
  return socket
}

describe('a frame reader', () => {
  test('gives the same messages however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 30 }),
        (messages, cuts) => {
          const bytes = concatBytes(greeting, ...messages.map(frame))
          const reader = createFrameReader()
          const read: Uint8Array[] = []
          for (let at = 0, cut = 0; at < bytes.length; cut++) {
            const next = at + (cuts[cut % cuts.length] ?? 1)
            read.push(...reader.push(bytes.subarray(at, next)))
            at = next
          }
          expect(read).toEqual(messages)
          expect(reader.isWaiting()).toBe(false)
        },
      ),
    )
  })

  test('refuses a strange greeting and a frame above the limit before it comes', () => {
    const codeOf = (bytes: Uint8Array): string => {
      const result = faultFrom(() => createFrameReader().push(bytes))
      return isFault(result) ? result.code : 'none'
    }
    expect(codeOf(greeting)).toBe('none')
    expect(codeOf(greeting.with(7, 1))).toBe('link/not-ours')
    expect(codeOf(concatBytes(greeting, u32.encode(MESSAGE_BYTES_MAX)))).toBe('none')
    expect(codeOf(concatBytes(greeting, u32.encode(MESSAGE_BYTES_MAX + 1)))).toBe(
      'message/too-large',
    )
  })
})

describe('a link on the loopback address', () => {
  test('carries messages both ways, small and large', async () => {
    const { listener, heard } = await listening()
    const messages = [new Uint8Array(0), Uint8Array.of(1, 2), new Uint8Array(3_000_000).fill(9)]
    const back: Uint8Array[] = []
    await new Promise<void>((resolve, reject) => {
      connectOnLoopback(listener.port, {
        onMessage: (message) => {
          back.push(message)
          if (back.length === messages.length) resolve()
        },
        onEnd: (reason) => reject(reason ?? new Error('ended')),
      })
        .then((link) => {
          open.push(link)
          for (const one of messages) link.send(one)
        })
        .catch(reject)
    })
    expect(heard).toEqual(messages)
    expect(back).toEqual(messages)
  })

  test('ends with a fault when the peer does not greet, or not in time', async () => {
    const strange = await listening()
    raw(strange.listener.port, new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'))
    expect(await strange.end).toMatchObject({ code: 'link/not-ours' })
    const silent = await listening(30)
    raw(silent.listener.port, greeting.subarray(0, 3))
    expect(await silent.end).toMatchObject({ code: 'link/too-late' })
  })

  test('ends with a fault when a frame is too large or never ends', async () => {
    const large = await listening()
    raw(large.listener.port, concatBytes(greeting, u32.encode(MESSAGE_BYTES_MAX + 1)))
    expect(await large.end).toMatchObject({ code: 'message/too-large' })
    const slow = await listening(60)
    const socket = raw(slow.listener.port, concatBytes(greeting, u32.encode(100)))
    const trickle = setInterval(() => socket.write(Uint8Array.of(1)), 10)
    open.push({ close: () => clearInterval(trickle) })
    expect(await slow.end).toMatchObject({ code: 'link/too-late' })
    expect(slow.heard).toEqual([])
  })

  test('does not send what the other end would refuse', async () => {
    const { listener } = await listening()
    const link = await connectOnLoopback(listener.port, { onMessage: () => undefined })
    open.push(link)
    const result = faultFrom(() => link.send(new Uint8Array(MESSAGE_BYTES_MAX + 1)))
    expect(isFault(result) && result.code).toBe('message/too-large')
  })

  test('is refused by the platform where nobody listens', async () => {
    const { listener } = await listening()
    listener.close()
    await expect(
      connectOnLoopback(listener.port, { onMessage: () => undefined }),
    ).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
