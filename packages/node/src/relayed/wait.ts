/** How long a command waits for custodians. */
import { type RelayedAsk, usageError } from 'tallystick/command'
import { WAIT_MS } from './limits.ts'

/** Raises a usage error for what is no number of seconds. */
export const waitMsOf = ({ wait }: RelayedAsk): number => {
  if (wait === undefined) return WAIT_MS
  if (/^[0-9]{1,5}$/.test(wait)) return Number(wait) * 1000
  throw usageError(`--wait cannot be "${wait}"`, 'use a number of seconds')
}
