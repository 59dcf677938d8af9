/**
 * Statecharts as a logic: `nsm/1`. The charter holds a definition that people can read; each operation puts one event to it.
 *
 * Promise. A step is valid if the definition accepts its event in the state before it, and then leads to exactly one state. What
 * is rejected changes nothing, and says why: that nothing listens, which guard refused, what ran out. What the definition asks
 * the world to do is listed in the state, so that it can be proven, and is never run here.
 *
 * Not promised. That a definition means what its author meant. That somebody sends the event that is due. That a time is right:
 * how much `now` is worth follows from the charter's clock and from who certifies (docs/spec/statechart-machine.md).
 */
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { nostrEventId } from '../../forms/nostr-event.ts'
import type { Call, Carried, Change, Claim, Logic } from '../../kernel/logic.ts'
import { describeInput } from './describe.ts'
import { eventFrom } from './input.ts'
import { begin, transition } from './interpret.ts'
import { changesTo, headFrom, type LeafChange, type ReadLeaf, snapshotFrom } from './leaves.ts'
import { linkChanges } from './lineage.ts'
import { statechartOperation } from './operation.ts'
import { statechartParams } from './params.ts'
import { checkBeginning, machineValue, prepared } from './prepared.ts'
import { faultFromRejection } from './rejection.ts'

export const statechart: Logic = {
  name: 'nsm/1',
  genesis: ({ params, terms, machine }) => {
    const of = faultFrom(() => prepared(params))
    if (isFault(of)) return of
    const fault = checkBeginning(of, terms)
    if (fault) return fault
    const at = Number(of.params.startsAt)
    const origin = { sender: of.params.creator, id: machine, at, now: at, height: 0 }
    const setting = { machine: machineValue(of, machine), verifies: refuses }
    const begun = begin(of.definition, origin, setting)
    if (begun.is === 'rejected') return faultFromRejection(begun)
    const head = { at, height: 0, input: '' }
    return changesTo(() => undefined, undefined, { ...begun, head })
  },
  apply: (call) => faultFrom(() => changesOf(call)),
  describe: (argument, params) =>
    describeInput(statechartOperation.decode(argument), statechartParams.decode(params)),
  claims: (argument, params): Claim | undefined => {
    const { clock } = statechartParams.decode(params)
    if (clock.is !== 'agreed') return undefined
    return { at: statechartOperation.decode(argument).at, skewMs: clock.skewMs }
  },
  carries: (argument, params): Carried | undefined => {
    const of = statechartOperation.decode(argument)
    if (of.is !== 'nostr') return undefined
    const { clock } = statechartParams.decode(params)
    return {
      by: of.event.pubkey,
      id: nostrEventId(of.event),
      // Only a time that certifiers agree on is theirs to set.
      at: (time) => statechartOperation.encode({ ...of, at: clock.is === 'agreed' ? time : of.at }),
    }
  },
}

/** At the beginning nobody has sent anything that could be signed. */
const refuses = (): boolean => false

const changesOf = (call: Call): readonly Change[] => {
  const { machine } = call.self
  const operation = statechartOperation.decode(call.argument)
  if (!call.written.includes(machine)) {
    throw new Fault('statechart/not-written', `${machine} is no written leg`, { machine })
  }
  const of = prepared(call.params)
  const read: ReadLeaf = (path) => call.read(machine, path)
  const head = headFrom(read)
  const event = eventFrom({ call, prepared: of, head, read }, operation)
  const before = snapshotFrom(read)
  const setting = { machine: machineValue(of, machine), verifies: call.verifies }
  const moved = transition(of.definition, before, event, setting)
  if (moved.is === 'rejected') {
    throw faultFromRejection(moved).at({ machine, party: event.sender, part: event.type })
  }
  const next = { at: event.now, height: event.height, input: event.id }
  const links: readonly LeafChange[] = of.params.nostr
    ? linkChanges(read, event.height, of.agreement, event.id)
    : []
  return [...changesTo(read, before, { ...moved, head: next }), ...links].map((one) => ({
    ...one,
    machine,
  }))
}
