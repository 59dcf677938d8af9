/**
 * Follows tesseracts over a WebSocket, as MOI's own client does.
 *
 * Promise. Each that the guardian tells is handed on, in its order, until the caller has enough or the process is told to stop.
 *
 * Not promised. What came while the socket was broken is not told again; who needs every one reads them by their heights.
 */
import { hexFromMoiId, type MoiId } from 'tallystick/moi'
import { WebSocket } from 'ws'
import { callFailure } from './call.ts'
import { objectFrom } from './shape.ts'

const FRAME_BYTES_MAX = 16_777_216

/** Resolves when the caller has enough, or when the process is told to stop. */
export const watchTesseracts = (
  url: string,
  account: MoiId | undefined,
  of: {
    readonly onStart: () => void
    /** False where this was the last. */
    readonly onTesseract: (value: unknown) => boolean
  },
): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), { maxPayload: FRAME_BYTES_MAX })
    const params =
      account === undefined
        ? ['newTesseracts']
        : ['newTesseractsByAccount', { address: hexFromMoiId(account) }]
    const end = (): void => {
      socket.close()
      resolve()
    }
    const fail = (error: Error): void => {
      socket.terminate()
      reject(error)
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
    socket.once('open', () =>
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'moi.Subscribe', params })),
    )
    socket.on('error', () => fail(callFailure('unreachable', `no guardian answers at ${url}`)))
    socket.once('close', () => fail(callFailure('unreachable', 'the guardian has closed')))
    socket.on('message', (bytes: Buffer) => {
      try {
        const told = objectFrom(JSON.parse(bytes.toString('utf8')), 'a message')
        if (told['id'] === 1) startedBy(told, of.onStart)
        else if (told['method'] === 'moi.subscription') {
          const { result } = { result: undefined, ...objectFrom(told['params'], 'params') }
          if (!of.onTesseract(result)) end()
        }
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })

const startedBy = (told: { readonly [name: string]: unknown }, onStart: () => void): void => {
  if (told['error'] === undefined) onStart()
  else {
    const { message } = { message: 'refused', ...objectFrom(told['error'], 'an error') }
    throw callFailure('refused', String(message))
  }
}
