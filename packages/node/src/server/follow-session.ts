/**
 * One follower: its subscriptions, told from the store in order, as fast as it reads.
 *
 * Promise. A subscription is told everything from its cursor on, in order and once, out of what is durable; news only wakes it
 * up. Nothing is kept for a follower but its cursors and what its connection has not sent yet, and that is bounded: more is
 * read only after it went out, and who does not read within `slowMs` is closed and may come back with its cursor.
 *
 * A certificate that becomes known later is told for the `CERTIFICATES_AWAITED` newest steps that were told without one.
 */
import { Fault, faultFrom, type Id, isFault } from 'tallystick/base'
import {
  type FollowEvent,
  followEvent,
  type FollowRequest,
  followRequest,
  type Topic,
} from 'tallystick/models'
import { inboxTopic } from './inbox.ts'
import type { Operator } from './operator.ts'

/** The connection, as far as a session needs it. */
export type Wire = {
  /** Resolves once so little is waiting that more may be sent; false where that took too long. */
  readonly ready: () => Promise<boolean>
  readonly send: (frame: Uint8Array) => void
  /** Takes units from whoever follows; false where there are none left. */
  readonly pay: (units: number) => boolean
  readonly close: (code: number, why: string) => void
}

export type FollowSession = {
  readonly hear: (frame: Uint8Array) => void
  /** Looks again at everything, for what other processes have stored. */
  readonly look: () => void
  readonly subscriptions: () => number
  readonly end: () => void
}

type Subscription = {
  readonly id: number
  readonly topic: Topic
  next: bigint
  isLevel: boolean
  isTelling: boolean
  isAwake: boolean
  isOver: boolean
  /** Steps that were told without a certificate. */
  readonly uncertified: Set<bigint>
  stopHearing: () => void
}

const CERTIFICATES_AWAITED = 64
const PAGE = 16
const SUBSCRIBE_COST = 32
const FRAME_COST = 1
/** Codes of the protocol: unexpected data, against the rules, try again later. */
const BAD_DATA = 1007
const AGAINST_RULES = 1008
const LATER = 1013

export const createFollowSession = (operator: Operator, wire: Wire): FollowSession => {
  const subscriptions = new Map<number, Subscription>()
  // One page at a time, whatever is subscribed to: so at most one page waits beyond what `ready` allows.
  let line: Promise<unknown> = Promise.resolve()
  const inTurn = (page: () => Promise<boolean>): Promise<boolean> => {
    const turn = line.then(page)
    line = turn.catch(() => undefined)
    return turn
  }
  const context = { operator, wire, inTurn }
  return {
    hear: (frame) => {
      if (!wire.pay(FRAME_COST)) {
        wire.close(LATER, 'more than this token may ask')
        return
      }
      const request = faultFrom(() => followRequest.decode(frame))
      if (isFault(request)) wire.close(BAD_DATA, request.code)
      else take(context, subscriptions, request)
    },
    look: () => {
      for (const one of subscriptions.values()) wake(context, one)
    },
    subscriptions: () => subscriptions.size,
    end: () => {
      for (const one of subscriptions.values()) stop(one)
      subscriptions.clear()
    },
  }
}

type Context = {
  readonly operator: Operator
  readonly wire: Wire
  readonly inTurn: (page: () => Promise<boolean>) => Promise<boolean>
}

const stop = (of: Subscription): void => {
  of.isOver = true
  of.stopHearing()
}

const take = (
  context: Context,
  subscriptions: Map<number, Subscription>,
  request: FollowRequest,
): void => {
  const { operator, wire } = context
  const known = subscriptions.get(request.id)
  switch (request.is) {
    case 'unsubscribe':
      if (known) stop(known)
      subscriptions.delete(request.id)
      return
    case 'subscribe': {
      if (known) {
        wire.close(AGAINST_RULES, 'an id is used once at a time')
        return
      }
      const refusal = refusalOf(context, subscriptions.size)
      if (refusal) {
        tell(wire, { is: 'refused', id: request.id, code: refusal.code, text: refusal.message })
        return
      }
      const fresh: Subscription = {
        id: request.id,
        topic: request.topic,
        next: request.from,
        isLevel: false,
        isTelling: false,
        isAwake: false,
        isOver: false,
        uncertified: new Set(),
        stopHearing: () => undefined,
      }
      fresh.stopHearing = operator.news.hear(topicName(request.topic), () => wake(context, fresh))
      subscriptions.set(request.id, fresh)
      wake(context, fresh)
    }
  }
}

const refusalOf = ({ operator, wire }: Context, count: number): Fault | undefined => {
  const { subscriptions } = operator.limits
  if (count >= subscriptions) {
    return new Fault('follow/too-many', `a socket has at most ${subscriptions} subscriptions`)
  }
  return wire.pay(SUBSCRIBE_COST)
    ? undefined
    : new Fault('request/too-many', 'more than this token may ask')
}

const topicName = (topic: Topic): string => {
  switch (topic.is) {
    case 'machine':
      return topic.machine
    case 'inbox':
      return inboxTopic(topic.device)
  }
}

const tell = (wire: Wire, event: FollowEvent): void => wire.send(followEvent.encode(event))

/** Tells what there is, unless that is being done; then once more afterwards. */
const wake = (context: Context, of: Subscription): void => {
  of.isAwake = true
  if (of.isTelling || of.isOver) return
  of.isTelling = true
  tellAll(context, of)
    .catch((error: unknown) => {
      context.operator.log('error', 'follow failed', { message: String(error) })
      context.wire.close(LATER, 'not now; come back with the cursor')
    })
    .finally(() => {
      of.isTelling = false
    })
}

const tellAll = async (context: Context, of: Subscription): Promise<void> => {
  while (of.isAwake && !of.isOver) {
    of.isAwake = false
    while (!of.isOver && (await context.inTurn(() => tellPage(context, of))));
    if (of.isOver) return
    if (!of.isLevel) {
      of.isLevel = true
      tell(context.wire, { is: 'level', id: of.id, next: of.next })
    }
  }
}

/** Tells one page; false where there was nothing left to tell. */
const tellPage = async (context: Context, of: Subscription): Promise<boolean> => {
  if (!(await context.wire.ready())) {
    of.isOver = true
    return false
  }
  switch (of.topic.is) {
    case 'machine':
      return tellSteps(context, of, of.topic.machine)
    case 'inbox':
      return tellItems(context, of, of.topic.device)
  }
}

const tellSteps = async (
  { operator, wire }: Context,
  of: Subscription,
  machine: Id<'machine'>,
): Promise<boolean> => {
  for (const sequence of of.uncertified) {
    const certificate = await operator.machines.certificateOf(machine, sequence)
    if (of.isOver) return false
    if (!certificate) continue
    of.uncertified.delete(sequence)
    tell(wire, { is: 'certified', id: of.id, certified: { machine, sequence, certificate } })
  }
  const found = await operator.machines.stepsFrom(machine, of.next, PAGE)
  if (!found || of.isOver) return false
  for (const step of found.steps) {
    const { sequence } = step.submission.transition
    tell(wire, { is: 'step', id: of.id, step })
    if (step.certificate.length > 0) continue
    of.uncertified.add(sequence)
    const [oldest] = of.uncertified
    if (of.uncertified.size > CERTIFICATES_AWAITED && oldest !== undefined) {
      of.uncertified.delete(oldest)
    }
  }
  const isFurther = found.next > of.next
  of.next = found.next
  return isFurther
}

const tellItems = async (
  { operator, wire }: Context,
  of: Subscription,
  device: Id<'signer'>,
): Promise<boolean> => {
  const { items, next } = await operator.inboxes.read(device, of.next, PAGE)
  if (of.isOver) return false
  for (const item of items) tell(wire, { is: 'item', id: of.id, item })
  if (next > of.next) of.next = next
  return items.length > 0
}
