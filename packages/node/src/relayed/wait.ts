/** How long a command waits for custodians. */
import { type RelayedAsk, usageError } from 'tallystick/command'
import { STAND_IN_WAIT_MS_MAX, WAIT_MS } from './limits.ts'

/**
 * Where stand-ins help out soon, and nobody says how long to wait, they are waited for too. Raises a usage error for what is no number
 * of seconds.
 */
export const waitMsOf = ({ wait }: Pick<RelayedAsk, 'wait'>, standInsAfterMs?: bigint): number => {
  if (wait === undefined) {
    if (standInsAfterMs === undefined || standInsAfterMs > STAND_IN_WAIT_MS_MAX) return WAIT_MS
    return Number(standInsAfterMs) + WAIT_MS
  }
  if (/^[0-9]{1,5}$/.test(wait)) return Number(wait) * 1000
  throw usageError(`--wait cannot be "${wait}"`, 'use a number of seconds')
}
