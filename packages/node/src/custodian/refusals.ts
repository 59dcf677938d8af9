/** Telling whoever sent an input why it was not accepted, once for each input. */
import type { Fault } from 'tallystick/base'
import { rejectionDraft, rejectionOf, REJECTIONS } from 'tallystick/nostr'
import { keepersIn } from '../relay/changes.ts'
import { setBounded } from '../server/bounded-map.ts'
import type { InputRoom, Sent } from './keep-input.ts'
import { REFUSED_TOLD_MAX, REJECTIONS_PER_SECOND } from './limits.ts'
import type { Run } from './run.ts'

export type Refusals = {
  readonly tell: (input: Sent, fault: Fault) => Promise<void>
  /** Whether an input was refused for good, in this life of the process or an earlier one. */
  readonly isFinal: (id: string) => Promise<boolean>
}

type Within = Pick<Run, 'defined' | 'accepted' | 'seconds' | 'log' | 'sign' | 'own'> & {
  readonly post: Pick<Run['post'], 'send'>
}

export const createRefusals = (
  run: Within,
  inputs: Pick<InputRoom, 'refuse' | 'isRefused'>,
): Refusals => {
  const machine = run.defined.definition.id
  /** Ids, and whether what was told is final. */
  const told = new Map<string, boolean>()
  let second = 0
  let count = 0
  const isFlood = (): boolean => {
    if (second !== run.seconds()) {
      second = run.seconds()
      count = 0
    }
    return ++count > REJECTIONS_PER_SECOND
  }
  return {
    isFinal: async (id) => told.get(id) === true || (await inputs.isRefused(id)),
    tell: async (input, fault) => {
      const code = rejectionOf(fault)
      const { isFinal } = REJECTIONS[code]
      const had = told.get(input.id)
      if (run.accepted.has(input.id) || had === true || (had === false && !isFinal)) return
      // What is told again after a while does no harm.
      setBounded(told, input.id, isFinal, REFUSED_TOLD_MAX)
      run.log('info', 'input refused', { input: input.id, code, why: fault.message })
      if (isFinal) {
        const stored = inputs.refuse(input, code)
        // Told when it comes again, where it could not be stored now.
        stored.catch(() => told.delete(input.id))
        await stored
      }
      // It was told before that it has to wait.
      if (had !== undefined) return
      // Ticks of custodians overtake one another; nobody has to be told.
      if (isFlood() || keepersIn(run.defined.charter.terms).includes(input.pubkey)) return
      const of = {
        machine,
        input: input.id,
        sender: input.pubkey,
        code,
        detail: fault.message,
      }
      run.post.send(run.sign(rejectionDraft(of, { pubkey: run.own, now: run.seconds() })))
    },
  }
}
