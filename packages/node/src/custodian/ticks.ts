/**
 * Ticks: inputs by which custodians say that what waits for a time may happen. Each waits for its turn, in the order of the seats, and sends
 * one only if nobody else has until then.
 */
import type { Machine } from 'tallystick/kernel'
import type { NostrEvent } from 'tallystick/nostr'
import { keepersIn } from '../relay/changes.ts'
import { dueAt, tickDraft } from './due.ts'
import { TICK_TURN_MS, TIMER_MS_MAX } from './limits.ts'
import type { Run } from './run.ts'

export type Ticks = {
  /** Looks at what the head waits for; nothing new while it is the same head. */
  readonly set: (machine: Machine) => void
  readonly forget: () => void
}

export const createTicks = (
  run: Run,
  of: {
    /** Undefined once the custodian is closed. */
    readonly machine: () => Machine | undefined
    readonly send: (tick: NostrEvent) => void
  },
): Ticks => {
  let sent: string | undefined
  let waiting: { readonly head: string; readonly timer: NodeJS.Timeout } | undefined
  const forget = (): void => {
    clearTimeout(waiting?.timer)
    waiting = undefined
  }
  const send = (machine: Machine): void => {
    if (sent === machine.headId) return
    sent = machine.headId
    const by = { definition: run.defined.definition.id, pubkey: run.own, now: run.clock() }
    of.send(run.sign(tickDraft(machine, by)))
  }
  return {
    forget,
    set: (machine) => {
      const head = machine.headId
      if (waiting?.head === head) return
      forget()
      const at = dueAt(machine)
      if (at === undefined) return
      const turn = keepersIn(machine.terms).indexOf(run.own)
      // Who is no custodian leaves it to those who are.
      if (turn < 0) return
      const turnMs = turn * (run.tickTurnMs ?? TICK_TURN_MS)
      const act = (): void => {
        const now = of.machine()
        if (now?.headId !== head) return
        if (run.clock() < at) wait()
        else send(now)
      }
      const wait = (): void => {
        waiting = { head, timer: setTimeout(act, waitFor(run, at) + turnMs) }
      }
      wait()
    },
  }
}

/** Milliseconds of a timer for a time, as far as one timer reaches. */
export const waitFor = ({ clock }: Pick<Run, 'clock'>, at: bigint): number =>
  Math.min(TIMER_MS_MAX, Math.max(0, Number(at - clock())))
