/** How long a command waits for operators. */
import { type SharedAsk, usageError } from 'tallystick/command'
import { PATIENCE_MS_DEFAULT } from './settle.ts'

export const waitMsOf = ({ wait }: Pick<SharedAsk, 'wait'>): number => {
  if (wait === undefined) return PATIENCE_MS_DEFAULT
  const seconds = /^[0-9]{1,5}$/.test(wait) ? Number(wait) : Number.NaN
  if (Number.isNaN(seconds)) {
    throw usageError(`--wait cannot be "${wait}"`, 'use a number of seconds')
  }
  return seconds * 1000
}
