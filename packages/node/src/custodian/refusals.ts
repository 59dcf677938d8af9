/** Telling whoever sent an input why it was not accepted, once for each input. */
import { bytesFromHex, type Fault } from 'tallystick/base'
import { type NostrEvent, rejectionDraft, rejectionOf, REJECTIONS } from 'tallystick/nostr'
import { keepersIn } from '../relay/changes.ts'
import { setBounded } from '../server/bounded-map.ts'
import { REFUSED_TOLD_MAX, REJECTIONS_PER_SECOND } from './limits.ts'
import type { Run } from './run.ts'

export type Refusals = {
  readonly tell: (input: NostrEvent, fault: Fault) => Promise<void>
  /** Whether an input was refused for good, in this life of the process or an earlier one. */
  readonly isFinal: (id: string) => Promise<boolean>
}

const SPACE = 'custodian/refused'

export const createRefusals = (run: Run): Refusals => {
  const machine = run.defined.definition.id
  const told = new Map<string, true>()
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
    isFinal: async (id) => (await run.store.get(SPACE, bytesFromHex(id))) !== undefined,
    tell: async (input, fault) => {
      const code = rejectionOf(fault)
      if (told.has(input.id) || run.accepted.has(input.id)) return
      // What is told again after a while does no harm.
      setBounded(told, input.id, true, REFUSED_TOLD_MAX)
      run.log('info', 'input refused', { input: input.id, code, why: fault.message })
      // For the next life, which meets only what is archived.
      if (REJECTIONS[code].isFinal && (await run.archive.find(machine, input.id))) {
        const value = new TextEncoder().encode(code)
        const put = { space: SPACE, key: bytesFromHex(input.id), value }
        await run.store.commit({ appends: [], puts: [put] })
      }
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
