/**
 * Following a machine on relays: one line for each certified step, for what custodians refuse, for evidence, and for who falls silent.
 *
 * While it runs it is a watchtower (`tower.ts`): it hears what custodians say to each other, and says who lies.
 *
 * Promise. Each thing is told once. What is told as a step was certified and run here. A word of a custodian counts by the time that it
 * claims, and never as later than the present.
 */
import type { ExitCode, Output, RelayedAsk } from 'tallystick/command'
import type { NostrEvent } from 'tallystick/nostr'
import type { FollowState } from '../relay/follow.ts'
import { heartbeatFilter } from './freshness.ts'
import { STALE_LOOK_MS, STALE_MS } from './limits.ts'
import { listText } from './names.ts'
import { catchUp, filtersOf, type RelayedOffice, take, withRelayed } from './office.ts'
import { rejectionsIn } from './rejections.ts'
import { standInText } from './terms.ts'
import { createTower, draftOf, type Finding } from './tower.ts'
import { accusedIn, nextOf, stepLine, stepResult, whyOf } from './view.ts'

export type WatchAsk = RelayedAsk & {
  readonly isOnce: boolean
  /** Publishes what custodians are found to have lied about. */
  readonly isPublished: boolean
}

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
      await keepFollowing(office, { teller, stopped, ask })
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
  const all = [...office.custodians, ...office.standIns]
  const heard = new Map(all.map((one): [string, number] => [one, Date.now()]))
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
  {
    teller,
    stopped,
    ask,
  }: {
    readonly teller: Teller
    readonly stopped: Promise<undefined>
    readonly ask: WatchAsk
  },
): Promise<void> => {
  const { client, folder } = office
  const onState = (state: FollowState, relay: string): void => {
    if (state.is === 'broken') teller.tellRelay(relay, state.why)
    else teller.tellRelay(relay, undefined)
  }
  const since = Math.floor(Date.now() / 1000)
  const tower = createTower(office)
  // One after the other: each may ask for the key.
  let telling: Promise<unknown> = Promise.resolve()
  const lookOut = (): void => {
    tower.look()
    for (const one of tower.found()) {
      telling = telling.then(() => tellFinding(office, one, ask.isPublished)).catch(giveUp(office))
    }
  }
  const followings = [
    ...filtersOf(office).map((filter) =>
      client.follow(folder.relays, filter, {
        since,
        onEvent: (event) => {
          if (office.keepers.includes(event.pubkey)) teller.hear(event)
          if (!take(office, [event])) return
          teller.look()
          lookOut()
        },
        ...(filter.authors && { authors: filter.authors }),
      }),
    ),
    client.follow(folder.relays, heartbeatFilter(office), { onEvent: teller.hear, onState }),
    client.follow(folder.relays, tower.filter, {
      since,
      onEvent: (event) => {
        tower.hear(event)
        lookOut()
      },
    }),
  ]
  const timer = setInterval(() => {
    teller.tellSilent(Date.now())
    lookOut()
  }, STALE_LOOK_MS)
  await stopped
  clearInterval(timer)
  for (const one of followings) one.stop()
  await telling
}

const giveUp =
  ({ output }: RelayedOffice) =>
  (error: unknown): void =>
    output.complain(error instanceof Error ? error.message : String(error), 'bad')

/** Nothing is certified: who has voted for what, as far as it was heard here, and who is to decide then. */
const tellSilence = (office: RelayedOffice, sides: readonly (readonly string[])[]): void => {
  const { output, names, history } = office
  const { terms } = history().machine
  const said = sides.map((side) => listText(side.map(names)))
  output.line('an input waits, and custodians certify nothing', 'warn')
  if (said.length > 0) output.line(`  they are divided: ${said.join('; and for another step: ')}`)
  const help = standInText(terms, names)
  if (help !== undefined) output.line(`  ${help} decide`)
  output.event({ event: 'silence', sides: sides.map((side) => side.map(names)) })
}

/** Says what the watchtower has found and, if that is wished for, publishes it with the own key. */
const tellFinding = async (
  office: RelayedOffice,
  finding: Finding,
  isPublished: boolean,
): Promise<void> => {
  const { output, names, client, folder } = office
  if (finding.is === 'silence') {
    tellSilence(office, finding.sides)
    return
  }
  const { accused, evidence } = finding
  output.line(`${names(accused)} has lied: ${whyOf(evidence.type)}`, 'bad')
  output.event({ event: 'lie', custodian: names(accused), type: evidence.type })
  if (!isPublished) {
    output.line('  tally watch --publish tells everybody, with your key', 'quiet')
    return
  }
  const draft = draftOf(office, evidence)
  if (!draft) {
    output.line('  what shows it is too large for an event', 'warn')
    return
  }
  const event = await office.sign(draft)
  office.add([event])
  const { count } = await client.publish(folder.relays, event)
  output.line(`  published as ${event.id.slice(0, 8)} at ${count} relays`)
  output.event({ event: 'published', evidence: event.id, type: evidence.type, relays: count })
}
