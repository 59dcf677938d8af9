/**
 * `tally serve relay --dev`: a relay in memory on this machine alone, to try custodians and machines over relays without a network.
 *
 * Not promised. That anything stays: it forgets all when it ends. It is no relay for others: nobody else reaches it.
 */
import { createNativeEngine } from 'tallystick/engine-native'
import { type ExitCode, type Output, usageError } from 'tallystick/shell'
import { startLocalRelay } from '../relay/local-relay.ts'
import type { OperatorLogger } from '../server/log.ts'
import { untilStopped } from './until-stopped.ts'

export type RelayFlags = { readonly dev?: true; readonly port: string }

export const serveRelay = async (flags: RelayFlags, output: Output): Promise<ExitCode> => {
  if (flags.dev !== true) {
    throw usageError('this relay forgets all when it ends', 'add --dev if that is what you want')
  }
  const port = portFrom(flags.port)
  const relay = await startLocalRelay(createNativeEngine(), port).catch((error: unknown): never => {
    throw isPortTaken(error)
      ? usageError(`port ${port} is taken`, 'name another with --port')
      : error
  })
  try {
    const stopped = untilStopped(errorsTo(output), () => undefined)
    present(output, relay.url)
    return await stopped
  } finally {
    await relay.close()
  }
}

const present = (output: Output, url: string): void => {
  output.line(['relay  ', { text: url, tone: 'strong' }])
  output.line(
    'For trials: it keeps all in memory and forgets it at its end, and only this machine reaches it.',
    'warn',
  )
  output.next(`in another terminal: tally new … --relay ${url}; it ends with Ctrl-C`)
  output.result({ url })
  output.resultNow()
}

/** It has no log; what goes wrong is told to whoever watches. */
const errorsTo =
  (output: Output): OperatorLogger =>
  (level, event, fields) => {
    if (level === 'error') output.complain(`${event}: ${String(fields?.['message'] ?? '')}`, 'bad')
  }

const portFrom = (text: string): number => {
  const port = /^(?:0|[1-9][0-9]{0,4})$/.test(text) ? Number(text) : 65_536
  if (port > 65_535) throw usageError(`${text} is no port`, '--port 4777')
  return port
}

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
