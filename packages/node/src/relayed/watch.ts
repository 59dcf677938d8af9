/**
 * Following a machine on relays: one line for each certified step, for what custodians refuse, for evidence, and for who falls silent.
 *
 * Promise. Each thing is told once. What is told as a step was certified and run here. A word of a custodian counts by the time that it
 * claims, and never as later than the present.
 */
import type { ExitCode, Output, RelayedAsk } from 'tallystick/command'
import type { NostrEvent } from 'tallystick/nostr'
import type { FollowState } from '../relay/follow.ts'
import { heartbeatFilter } from './freshness.ts'
import { STALE_LOOK_MS, STALE_MS } from './limits.ts'
import { catchUp, filtersOf, type RelayedOffice, take, withRelayed } from './office.ts'
import { rejectionsIn } from './rejections.ts'
import { accusedIn, nextOf, stepLine, stepResult } from './view.ts'

export type WatchAsk = RelayedAsk & { readonly isOnce: boolean }

export const watchRelayed = (output: Output, ask: WatchAsk): Promise<ExitCode> =>
  withRelayed(output, ask, async (office): Promise<ExitCode> => {
    const teller = createTeller(office)
    // From the start: who ends it while the folder catches up ends it in order, too.
    const stopped = ask.isOnce ? undefined : untilStopped()
    const { unsure } = await catchUp(office)
    for (const { relay, why } of unsure) teller.tellRelay(relay, why)
    teller.look()
    if (stopped) {
      output.line('Watching; Ctrl-C ends it.', 'quiet')
      await keepFollowing(office, teller, stopped)
    }
    output.next(nextOf(office))
    return accusedIn(office).length > 0 || office.history().stopped ? 1 : 0
  })

type Teller = {
  readonly look: () => void
  /** Why it is not followed now; nothing where it is. */
  readonly tellRelay: (relay: string, why: string | undefined) => void
  /** A custodian has said something. */
  readonly hear: (event: NostrEvent) => void
  readonly tellSilent: (now: number) => void
}

const createTeller = (office: RelayedOffice): Teller => {
  const { output, names } = office
  const told = new Set<string>()
  const heard = new Map(office.custodians.map((one): [string, number] => [one, Date.now()]))
  const once: Once = (key, tell) => {
    if (told.has(key)) return
    told.add(key)
    tell()
  }
  return {
    look: () => tellNews(office, told, once),
    tellRelay: (relay, why) => {
      if (why === undefined) {
        if (!told.delete(`broken ${relay}`)) return
        output.line(`${relay} is there again`, 'good')
        output.event({ event: 'relay', relay, state: 'there' })
        return
      }
      // It is asked again and again, with growing pauses; each failure is no news.
      once(`broken ${relay}`, () => {
        output.line(`${relay} does not show all it has: ${why}`, 'warn')
        output.event({ event: 'relay', relay, state: 'broken', why })
      })
    },
    hear: ({ pubkey, created_at }) => {
      const at = Math.min(created_at * 1000, Date.now())
      if (at <= (heard.get(pubkey) ?? Infinity)) return
      heard.set(pubkey, at)
      if (told.delete(`silent ${pubkey}`)) {
        output.line(`${names(pubkey)} is there again`, 'good')
        output.event({ event: 'custodian', custodian: names(pubkey), state: 'there' })
      }
    },
    tellSilent: (now) => {
      for (const [custodian, at] of heard) {
        if (now - at < STALE_MS) continue
        once(`silent ${custodian}`, () => {
          const minutes = Math.floor((now - at) / 60_000)
          output.line(`${names(custodian)} has said nothing for ${minutes} minutes`, 'warn')
          output.event({
            event: 'custodian',
            custodian: names(custodian),
            state: 'silent',
            minutes,
          })
        })
      }
    },
  }
}

type Once = (key: string, tell: () => void) => void

/** What the history and custodians say that was not told yet. */
const tellNews = (office: RelayedOffice, told: Set<string>, once: Once): void => {
  const { output, names } = office
  const { steps, stopped } = office.history()
  for (const step of steps.slice(told.has('first') ? -STEPS_BACK : 0)) {
    once(`step ${step.transition.sequence}`, () => {
      output.table([stepLine(office, step)], 0)
      output.event({ event: 'step', ...stepResult(office, step) })
    })
  }
  told.add('first')
  for (const one of rejectionsIn(office)) {
    once(`rejection ${one.custodian} ${one.input}`, () => {
      const { custodian, input, code, detail } = one
      output.line(`${names(custodian)} refuses ${input.slice(0, 8)}: ${code} ${detail}`, 'warn')
      output.event({ event: 'rejection', custodian: names(custodian), input, code, detail })
    })
  }
  for (const one of accusedIn(office)) {
    once(`evidence ${one.key} ${one.why}`, () => {
      output.line(`evidence against ${one.name}: ${one.why}`, 'bad')
      output.event({ event: 'evidence', ...one })
    })
  }
  if (stopped) {
    once('stopped', () => {
      output.line(`the history ends here: ${stopped.message} (${stopped.code})`, 'bad')
      output.event({ event: 'stopped', code: stopped.code, message: stopped.message })
    })
  }
}

/** How far back steps are looked through for what was not told: everything older was. */
const STEPS_BACK = 512

const untilStopped = async (): Promise<undefined> => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const end = (): void => resolve(undefined)
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  return promise
}

const keepFollowing = async (
  office: RelayedOffice,
  teller: Teller,
  stopped: Promise<undefined>,
): Promise<void> => {
  const { client, folder, custodians } = office
  const onState = (state: FollowState, relay: string): void => {
    if (state.is === 'broken') teller.tellRelay(relay, state.why)
    else teller.tellRelay(relay, undefined)
  }
  const since = Math.floor(Date.now() / 1000)
  const followings = [
    ...filtersOf(office).map((filter) =>
      client.follow(folder.relays, filter, {
        since,
        onEvent: (event) => {
          if (custodians.includes(event.pubkey)) teller.hear(event)
          if (take(office, [event])) teller.look()
        },
        ...(filter.authors && { authors: filter.authors }),
      }),
    ),
    client.follow(folder.relays, heartbeatFilter(office), { onEvent: teller.hear, onState }),
  ]
  const timer = setInterval(() => teller.tellSilent(Date.now()), STALE_LOOK_MS)
  await stopped
  clearInterval(timer)
  for (const one of followings) one.stop()
}
