/**
 * From publishing an input to the certificate that a reader puts together from receipts, over a relay on this machine with four
 * custodians in this process: they share its processor with the relay and the reader. Stores are in memory, so no sync is waited for.
 */
import { randomBytes } from 'node:crypto'
import { type Engine, hexFromBytes, isFault, type Signer } from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import { type Figure, figureFrom, type Rounds } from 'tallystick/command'
import { createNativeEngine } from 'tallystick/engine-native'
import { definitionDraft, inputDraft, KINDS, OUR_ENGINES, signNostrEvent } from 'tallystick/nostr'
import { type Defined, definedBy } from '../custodian/definition.ts'
import { type RunningCustodian, startCustodian } from '../custodian/start-custodian.ts'
import { createRelayClient, type RelayClient } from '../relay/client.ts'
import { startLocalRelay } from '../relay/local-relay.ts'
import { createMemoryStore } from '../store/memory.ts'
import { quantileOf } from './load.ts'

const CUSTODIANS = 4
const THRESHOLD = 3
const STEPS_MAX = 200
const WAIT_MS = 60_000

export const benchRelays = async ({ rounds }: Rounds): Promise<readonly Figure[]> => {
  const engine = createNativeEngine()
  const relay = await startLocalRelay(engine)
  const keepers = Array.from({ length: CUSTODIANS }, () => newSigner(engine))
  const author = newSigner(engine)
  const defined = define(engine, author, keepers, relay.url)
  const client = createRelayClient({ verifier: engine })
  const clients = keepers.map(() => createRelayClient({ verifier: engine }))
  const running = await Promise.all(
    keepers.map((signer, at) =>
      startCustodian({
        defined,
        relays: [relay.url],
        client: clients[at] ?? client,
        store: createMemoryStore(),
        signer,
        verifier: engine,
        clock: () => BigInt(Date.now()),
        log: () => undefined,
      }),
    ),
  )
  try {
    await heard(running)
    const steps = Math.min(STEPS_MAX, Math.max(5, rounds * 10))
    const times = await certified({ client, defined, author, url: relay.url, steps })
    const note = `${times.length} inputs, one after the other`
    const name = 'an input over a relay, from published to certified'
    return [0.5, 0.99].map((share) =>
      figureFrom({ id: 'D10', name: `${name}, p${share * 100}`, unit: 'ms', note }, [
        quantileOf(times, share),
      ]),
    )
  } finally {
    await Promise.all(running.map((one) => one.close()))
    for (const one of [client, ...clients]) one.close()
    await relay.close()
  }
}

/** Counts for ever, for whoever pushes. */
const COUNTER = JSON.stringify({
  id: 'counter',
  initial: 'counting',
  context: { count: 0 },
  states: {
    counting: {
      on: {
        PUSH: { actions: { type: 'assign', params: { set: { count: 'context.count + 1' } } } },
      },
    },
  },
})

const newSigner = (engine: Engine): Signer => {
  const { publicKey, secret } = engine.fromSeed('bip340', new Uint8Array(randomBytes(32)))
  return {
    scheme: 'bip340',
    publicKey,
    sign: (message) => engine.sign('bip340', secret, message),
  }
}

const define = (
  engine: Engine,
  author: Signer,
  keepers: readonly Signer[],
  url: string,
): Defined => {
  const draft = definitionDraft(
    {
      text: COUNTER,
      title: 'counter',
      description: '',
      states: keepers.map((one) => ({ custodian: hexFromBytes(one.publicKey), name: 'counter' })),
      engines: OUR_ENGINES,
      custody: { is: 'quorum', threshold: THRESHOLD },
      participants: [],
      relays: [url],
      topics: ['nsm'],
      clock: { is: 'agreed', skewMs: 60_000 },
      oracles: [],
      senders: 'anyone',
    },
    { pubkey: hexFromBytes(author.publicKey), now: Math.floor(Date.now() / 1000) },
  )
  const defined = definedBy(signNostrEvent(draft, author), {
    verifier: engine,
    logics: STANDARD_LOGICS,
  })
  if (isFault(defined)) throw defined
  return defined
}

const heard = async (running: readonly RunningCustodian[]): Promise<void> => {
  while (running.some((one) => one.heard() === 0)) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Milliseconds of each input: published, until receipts of enough custodians for it have come back. */
const certified = async (of: {
  readonly client: RelayClient
  readonly defined: Defined
  readonly author: Signer
  readonly url: string
  readonly steps: number
}): Promise<readonly number[]> => {
  const { client, defined, author, url } = of
  const machine = defined.definition.id
  const receipts = new Map<string, Set<string>>()
  let tell = (): void => undefined
  const following = client.follow(
    [url],
    { kinds: [KINDS.receipt], '#e': [machine] },
    {
      onEvent: (event) => {
        const input = event.tags.find(([name]) => name === 'transition')?.[1] ?? ''
        receipts.set(input, (receipts.get(input) ?? new Set()).add(event.pubkey))
        tell()
      },
    },
  )
  const times: number[] = []
  let parent: string | undefined
  for (let step = 0; step < of.steps; step++) {
    const draft = inputDraft({
      input: { machine, type: 'PUSH', parent },
      data: '',
      pubkey: hexFromBytes(author.publicKey),
      created_at: Math.floor(Date.now() / 1000),
    })
    const input = signNostrEvent(draft, author)
    const isEnough = (): boolean => (receipts.get(input.id)?.size ?? 0) >= THRESHOLD
    const before = performance.now()
    const enough = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('an input was not certified')), WAIT_MS)
      tell = () => {
        if (!isEnough()) return
        clearTimeout(timer)
        resolve()
      }
    })
    await client.publish([url], input)
    tell()
    await enough
    times.push(performance.now() - before)
    parent = input.id
  }
  following.stop()
  return times
}
