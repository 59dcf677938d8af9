/**
 * Following: news of machines and of an inbox from one operator over a socket that may break.
 *
 * Promise. Each subscription has a cursor that moves when its news were handed over, and a new socket subscribes from there: what
 * the operator has kept is told once, in order, however often the connection breaks. Between tries it waits longer each time,
 * by random parts, up to a bound. After `close` nothing is called any more.
 *
 * Not promised. That the operator tells everything: whoever must not miss a step asks others too. That news are true: they
 * are checked by whoever takes them.
 */
import { faultFrom, isFault } from 'tallystick/base'
import { followEvent, type FollowEvent, followRequest, type Topic } from 'tallystick/models'
import { RECONNECT_MS, RECONNECT_MS_MAX } from './limits.ts'
import type { OperatorAddress } from './operator.ts'
import type { Socket, Surroundings } from './surroundings.ts'

export type News = Exclude<FollowEvent, { is: 'refused' }>

export type Subscription = { readonly topic: Topic; readonly from: bigint }

export type FollowHandlers = {
  /** `at` is the position of the subscription in the list that was handed in. */
  readonly onNews: (at: number, news: News) => void
  /** The connection is there, or not, and why. */
  readonly onState?: (
    state: { readonly is: 'open' } | { readonly is: 'broken'; readonly why: string },
  ) => void
  readonly onRefused?: (at: number, refused: Extract<FollowEvent, { is: 'refused' }>) => void
}

export type Following = {
  /** The lowest number or index that was not handed over yet, for each subscription. */
  readonly cursors: () => readonly bigint[]
  readonly close: () => void
}

export const follow = (
  { url, token }: OperatorAddress,
  surroundings: Surroundings,
  subscriptions: readonly Subscription[],
  handlers: FollowHandlers,
): Following => {
  const cursors = subscriptions.map((one) => one.from)
  const dropped = new Set<number>()
  let failures = 0
  let isClosed = false
  let socket: Socket | undefined
  let cancel: () => void = () => undefined
  const take = (frame: Uint8Array): void => {
    const event = faultFrom(() => followEvent.decode(frame))
    // Whoever talks nonsense is not talked to on this connection any longer.
    if (isFault(event)) return socket?.close()
    const cursor = cursors[event.id]
    if (isClosed || cursor === undefined || dropped.has(event.id)) return
    failures = 0
    if (event.is === 'refused') {
      dropped.add(event.id)
      handlers.onRefused?.(event.id, event)
      return
    }
    const next = nextAfter(event, cursor)
    if (next === undefined) return
    handlers.onNews(event.id, event)
    cursors[event.id] = next
  }
  const open = (): void => {
    if (isClosed) return
    socket = surroundings.openSocket(`${webSocketUrl(url)}/v1/follow`, token, {
      onOpen: (opened) => {
        handlers.onState?.({ is: 'open' })
        for (const [id, { topic }] of subscriptions.entries()) {
          if (dropped.has(id)) continue
          const from = cursors[id] ?? 0n
          opened.send(followRequest.encode({ is: 'subscribe', id, topic, from }))
        }
      },
      onFrame: take,
      onEnd: (why) => {
        if (isClosed) return
        handlers.onState?.({ is: 'broken', why })
        const jitter = 0.75 + (surroundings.random()[0] ?? 0) / 512
        const ms = Math.min(RECONNECT_MS * 2 ** Math.min(failures, 16), RECONNECT_MS_MAX)
        failures += 1
        cancel = surroundings.after(Math.floor(ms * jitter), open)
      },
    })
  }
  open()
  return {
    cursors: () => [...cursors],
    close: () => {
      isClosed = true
      cancel()
      socket?.close()
    },
  }
}

/** Where the cursor stands after an event, or undefined for one that was told before. */
const nextAfter = (event: News, cursor: bigint): bigint | undefined => {
  switch (event.is) {
    case 'step': {
      const { sequence } = event.step.submission.transition
      return sequence < cursor ? undefined : sequence + 1n
    }
    case 'item':
      return event.item.index < cursor ? undefined : event.item.index + 1n
    case 'certified':
      return cursor
    case 'level':
      return event.next > cursor ? event.next : cursor
  }
}

const webSocketUrl = (url: string): string => url.replace(/^http/, 'ws')
