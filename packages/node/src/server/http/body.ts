/** Bodies of requests, read while they come and cut where they are too large. */
import type { IncomingMessage } from 'node:http'
import { Fault } from 'tallystick/base'

/**
 * The whole body. Raises `request/too-large` as soon as that is known: by the length that was announced, or by what has come.
 * What comes after is not kept.
 */
export const readBody = (request: IncomingMessage, bytesMax: number): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const announced = Number(request.headers['content-length'] ?? 0)
    if (announced > bytesMax) {
      reject(tooLarge(bytesMax))
      return
    }
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > bytesMax) {
        chunks.length = 0
        request.pause()
        reject(tooLarge(bytesMax))
        return
      }
      chunks.push(chunk)
    })
    request.once('end', () => {
      const [only] = chunks
      resolve(only && chunks.length === 1 ? plain(only) : plain(Buffer.concat(chunks, size)))
    })
    request.once('error', () => reject(new Fault('request/cut-off', 'the request broke off')))
    request.once('aborted', () => reject(new Fault('request/cut-off', 'the request broke off')))
  })

const tooLarge = (bytesMax: number): Fault =>
  new Fault('request/too-large', `more than ${bytesMax} bytes`)

/** A view without the methods of a Buffer, whose `slice` shares memory. */
const plain = (of: Buffer): Uint8Array => new Uint8Array(of.buffer, of.byteOffset, of.length)
