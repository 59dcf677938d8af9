/**
 * The town of the bet: two relays, custodians over them, and the people who bet. Everything runs in this process; what they say to each
 * other goes over sockets, in signed events, as it would between machines.
 *
 * The clock is everybody's, begins in the past and is put forward when the story says so: the definition's delays are left as they are.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Engine, type Fault, hexFromBytes, isFault, type Signer } from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import { leadsOf } from 'tallystick/kernel'
import { CUSTODIAN_ROUNDS } from 'tallystick/models'
import { definitionDraft, OUR_ENGINES, signNostrEvent } from 'tallystick/nostr'
import { type Defined, definedBy } from '../custodian/definition.ts'
import { type Beside, escrowBeside } from '../custodian/escrow.ts'
import { openOracle, type RunningOracle } from '../custodian/oracle.ts'
import { type RunningCustodian, startCustodian } from '../custodian/start-custodian.ts'
import { createRelayClient, type RelayClient } from '../relay/client.ts'
import { createFileShelf } from '../relay/file-shelf.ts'
import { startLocalRelay } from '../relay/local-relay.ts'
import type { Shelf } from '../relay/shelf.ts'
import { createMemoryStore } from '../store/memory.ts'

export type Person = Signer & { readonly name: string; readonly key: string }

export const CUSTODIANS = ['north', 'east', 'south', 'west'] as const
export const ORACLES = ['oscar', 'olga', 'otto'] as const
export const PLAYERS = ['alice', 'bob'] as const
/** Coins of the machine with the money, which begin with it. */
export const COIN = { symbol: 'COIN', decimals: 2, each: 100_00n } as const
const PEOPLE = ['alice', 'bob', 'uma', 'oscar', 'olga', 'otto'] as const

export type Clock = {
  readonly now: () => bigint
  readonly forward: (ms: number) => void
}

export type BetTown = {
  readonly engine: Engine
  readonly clock: Clock
  readonly urls: readonly string[]
  readonly client: RelayClient
  readonly person: (name: (typeof PEOPLE)[number]) => Person
  readonly defined: Defined
  /** The machine with the money, under the same custodians. */
  readonly beside: Beside
  /** What each honest custodian of the money refused last. */
  readonly refusals: () => readonly (Fault | undefined)[]
  /** Each on a machine of its own, of which nobody else is a part. */
  readonly oracle: (name: (typeof ORACLES)[number]) => RunningOracle
  /** Another process with an oracle's key, which knows nothing of the first. */
  readonly twinOf: (name: (typeof ORACLES)[number]) => Promise<RunningOracle>
  /** By key: what people call somebody. */
  readonly nameOf: (key: string) => string
  readonly liars: readonly Person[]
  /** The custodians that do not lie come once both processes of a liar have spoken: so the lie is not a matter of who is faster. */
  readonly arrive: () => Promise<void>
  /** Puts the clock forward, and has everybody look at it. */
  readonly wait: (ms: number) => Promise<void>
  readonly close: () => Promise<void>
}

export type BetOptions = {
  readonly engine: Engine
  readonly text: string
  readonly liars: number
  /** Milliseconds that the story will put the clock forward by, in all. */
  readonly span: number
}

export const createClock = (span: number): Clock => {
  let offset = -span
  return {
    now: () => BigInt(Date.now() + offset),
    forward: (ms) => {
      offset += ms
    },
  }
}

export const openTown = async (options: BetOptions): Promise<BetTown> => {
  const { engine } = options
  const clock = createClock(options.span)
  const all = [...CUSTODIANS, ...PEOPLE].map((name) => newPerson(engine, name))
  const known = new Map(all.map((one) => [one.name, one]))
  const person = (name: string): Person => {
    const found = known.get(name)
    if (!found) throw new Error(`nobody is called ${name}`)
    return found
  }
  const relays = [await startLocalRelay(engine), await startLocalRelay(engine)]
  const urls = relays.map((one) => one.url)
  const openOracleOf = (name: string): Promise<RunningOracle> =>
    openOracle({
      store: createMemoryStore(),
      name,
      signer: person(name),
      verifier: engine,
      clock: clock.now,
    })
  const { oracle, close: closeOracles } = await openOracles(openOracleOf)
  const defined = define(options, { clock, person, oracle }, urls)
  const client = createRelayClient({ verifier: engine, now: () => Number(clock.now()) })
  await client.publish(urls, defined.event)
  const liars = liarsIn(defined, options.liars).map((key) => {
    const found = all.find((one) => one.key === key)
    if (!found) throw new Error('custodians have keys')
    return found
  })
  const { first, others } = seatsOf(CUSTODIANS.map(person), liars, urls)
  const keepers = createKeepers(engine, { defined }, clock)
  await keepers.seat(first)
  const beside = besideOf(defined, person)
  const shelf = (): Shelf => createFileShelf(engine)
  const tellers = createKeepers(engine, { defined: beside.defined, shelf }, clock)
  // Over more liars than the policy bears, no money is put up.
  if (liars.length < 2) await tellers.seat([...first, ...others])
  return {
    engine,
    clock,
    urls,
    client,
    person,
    defined,
    beside,
    refusals: () => tellers.refusals(liars.map((one) => one.key)),
    oracle,
    twinOf: openOracleOf,
    nameOf: (key) => all.find((one) => one.key === key)?.name ?? key.slice(0, 8),
    liars,
    arrive: async () => {
      // Each of the liar's processes has to have spoken before it hears of the other stake.
      if (liars.length > 0) await keepers.twoHaveSpoken()
      await keepers.seat(others)
      await keepers.poke()
    },
    wait: async (ms) => {
      clock.forward(ms)
      await keepers.poke()
    },
    close: async () => {
      await keepers.close()
      await tellers.close()
      await closeOracles()
      client.close()
      await Promise.all(relays.map((one) => one.close()))
    },
  }
}

type Oracles = {
  readonly oracle: (name: string) => RunningOracle
  readonly close: () => Promise<void>
}

const openOracles = async (open: (name: string) => Promise<RunningOracle>): Promise<Oracles> => {
  const oracles = new Map<string, RunningOracle>()
  for (const name of ORACLES) oracles.set(name, await open(name))
  return {
    oracle: (name) => {
      const found = oracles.get(name)
      if (!found) throw new Error(`no oracle is called ${name}`)
      return found
    },
    close: async () => {
      await Promise.all([...oracles.values()].map((one) => one.close()))
    },
  }
}

type Keepers = {
  readonly seat: (seats: readonly Seat[]) => Promise<void>
  readonly twoHaveSpoken: () => Promise<void>
  readonly poke: () => Promise<void>
  /** What each of them but these refused last. */
  readonly refusals: (but: readonly string[]) => readonly (Fault | undefined)[]
  readonly close: () => Promise<void>
}

/** Custodians, each with a client and a store of its own. */
const createKeepers = (
  verifier: Engine,
  { defined, shelf }: { readonly defined: Defined; readonly shelf?: () => Shelf },
  clock: Clock,
): Keepers => {
  const clients: RelayClient[] = []
  const running: RunningCustodian[] = []
  const seatOne = async ({ signer, relays }: Seat): Promise<void> => {
    const client = createRelayClient({ verifier, now: () => Number(clock.now()) })
    clients.push(client)
    const started = await startCustodian({
      defined,
      relays,
      client,
      store: createMemoryStore(),
      signer,
      verifier,
      clock: clock.now,
      log: () => undefined,
      tickTurnMs: TICK_TURN_MS,
      ...(shelf && { shelf: shelf() }),
    })
    running.push(started)
    while (started.heard() < relays.length) await pause(LOOK_MS)
  }
  const spoken = (): number =>
    running.filter((one) => one.state().member.run.rounds.own.length > 0).length
  return {
    seat: async (seats) => {
      await Promise.all(seats.map(seatOne))
    },
    twoHaveSpoken: async () => {
      const end = performance.now() + SPEAK_MS
      while (spoken() < 2 && performance.now() < end) await pause(LOOK_MS)
    },
    poke: async () => {
      await Promise.all(running.map((one) => one.poke()))
    },
    refusals: (but) =>
      running
        .filter(({ own }) => !but.includes(own))
        .map((one) => one.state().member.refusals.at(-1)),
    close: async () => {
      await Promise.all(running.map((one) => one.close()))
      for (const one of clients) one.close()
    },
  }
}

const LOOK_MS = 20
const SPEAK_MS = 30_000
const TICK_TURN_MS = 1_500

const newPerson = (engine: Engine, name: string): Person => {
  const { publicKey, secret } = engine.fromSeed('bip340', new Uint8Array(randomBytes(32)))
  return {
    name,
    key: hexFromBytes(publicKey),
    scheme: 'bip340',
    publicKey,
    sign: (message) => engine.sign('bip340', secret, message),
  }
}

type Hands = {
  readonly clock: Clock
  readonly person: (name: string) => Person
  readonly oracle: (name: string) => RunningOracle
}

const define = (
  { engine, text }: BetOptions,
  { clock, person, oracle }: Hands,
  urls: readonly string[],
): Defined => {
  const creator = person('alice')
  const [relay = ''] = urls
  const roles = [
    ['alice', 'player'],
    ['bob', 'player'],
    ['uma', 'arbiter'],
    // Oracles send nothing here: what they say stands on their own machines. Whoever is named may hand files out.
    ...ORACLES.map((name) => [name, 'oracle'] as const),
  ] as const
  const draft = definitionDraft(
    {
      text,
      title: 'A bet with oracles and escrow',
      description: '',
      states: CUSTODIANS.map((name) => ({ custodian: person(name).key, name: 'bet' })),
      engines: OUR_ENGINES,
      custody: { is: 'quorum', threshold: 3 },
      participants: roles.map(([name, role]) => ({ key: person(name).key, relay, role })),
      relays: urls,
      topics: ['nsm'],
      clock: { is: 'agreed', skewMs: 60_000 },
      oracles: ORACLES.map((name) => ({
        name,
        machine: oracle(name).machine().id,
        suite: 'nostr',
        logic: 0,
      })),
      senders: 'anyone',
    },
    { pubkey: creator.key, now: Number(clock.now() / 1000n) },
  )
  const event = signNostrEvent(draft, creator)
  const defined = definedBy(event, { verifier: engine, logics: STANDARD_LOGICS })
  if (isFault(defined)) throw defined
  return defined
}

const besideOf = (defined: Defined, person: (name: string) => Person): Beside => {
  const players = PLAYERS.map((name) => person(name).key)
  const beside = escrowBeside(defined, { ...COIN, players })
  if (isFault(beside)) throw beside
  return beside
}

/** Those who lead the first round of the first step, where two proposals are most easily made: their seats are drawn by the machine's id. */
const liarsIn = ({ charter, genesis, custodians }: Defined, count: number): readonly string[] => {
  const quorum = CUSTODIAN_ROUNDS.quorumIn(charter.terms)
  if (!quorum) throw new Error('custodians make a quorum')
  const { suite } = charter.terms
  const place = { suite, machine: genesis.id, parent: genesis.headId, sequence: 1n }
  return leadsOf(place, quorum)
    .slice(0, count)
    .flatMap((seat) => custodians[seat] ?? [])
}

type Seat = { readonly signer: Person; readonly relays: readonly string[] }

/**
 * A liar is two processes with one key and a store each, one at either relay. The others hear both relays, unless there are more
 * liars than the policy bears: then each is told one side of the story, as liars would have it.
 */
const seatsOf = (
  custodians: readonly Person[],
  liars: readonly Person[],
  urls: readonly string[],
): { readonly first: readonly Seat[]; readonly others: readonly Seat[] } => {
  const isDivided = liars.length > 1
  const honest = custodians.filter((one) => !liars.includes(one))
  return {
    first: liars.flatMap((signer) => urls.map((url) => ({ signer, relays: [url] }))),
    others: honest.map((signer, at) => {
      const side = urls[at % urls.length]
      return { signer, relays: isDivided && side !== undefined ? [side] : urls }
    }),
  }
}
