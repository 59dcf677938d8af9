/**
 * What is told of a store that takes nothing: once when it begins, once a minute while it lasts, and once when it is over.
 *
 * Several may wait for the store at once, each trying again every second or so; they are one trouble.
 */
import type { OperatorLogger } from '../server/log.ts'
import { errorFields } from '../server/start-operator.ts'
import type { Patience } from './until-stored.ts'

export type Trouble = Pick<Patience, 'onTrouble' | 'onOver'>

const REPEAT_MS = 60_000

export const createTrouble = (of: {
  readonly log: OperatorLogger
  /** Milliseconds; only differences matter. */
  readonly clockMs: () => number
}): Trouble => {
  let waiting = 0
  let beganMs = 0
  let toldMs = 0
  return {
    onTrouble: (error, isFirst) => {
      const nowMs = of.clockMs()
      if (isFirst) waiting += 1
      const isBegin = isFirst && waiting === 1
      if (isBegin) beganMs = nowMs
      if (!isBegin && nowMs - toldMs < REPEAT_MS) return
      toldMs = nowMs
      of.log('error', 'waiting for the store', {
        ...errorFields(error),
        ...(isBegin ? {} : { seconds: secondsBetween(beganMs, nowMs) }),
      })
    },
    onOver: (isStored) => {
      waiting -= 1
      if (waiting > 0 || !isStored) return
      const seconds = secondsBetween(beganMs, of.clockMs())
      of.log('info', 'the store takes again what is written', { seconds })
    },
  }
}

const secondsBetween = (fromMs: number, toMs: number): number => Math.round((toMs - fromMs) / 1000)
