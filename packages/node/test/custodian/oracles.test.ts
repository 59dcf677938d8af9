/** Custodians over a relay whose machine relies on oracles: machines of their own, shown by files. */
import { afterEach, describe, expect, test } from 'vitest'
import { hexFromBytes } from 'tallystick/base'
import {
  KINDS,
  type NostrEvent,
  proofDraft,
  receiptFrom,
  rejectionFrom,
  signNostrEvent,
} from 'tallystick/nostr'
import { openOracle, type RunningOracle } from '../../src/custodian/oracle.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { partsOfFile } from '../../src/relay/shelf.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createLedger } from '../../src/relayed/history.ts'
import { createShelf } from '../../src/relay/shelf.ts'
import { alice, bob, engine, type Person, person } from '../relay/people.ts'
import {
  defineMachine,
  inputBy,
  keeperClient,
  KEEPERS,
  receiptsOf,
  startKeeper,
  untilShown,
  wishFor,
} from './scene.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one()
})

const QUESTION = 'who won?'
const BET = JSON.stringify({
  id: 'bet',
  initial: 'open',
  context: { said: {} },
  states: {
    open: {
      on: {
        QUOTE: {
          guard: { type: 'expr', params: { cel: '!(event.data.of in context.said)' } },
          actions: {
            type: 'assign',
            params: {
              set: {
                said: `put(context.said, event.data.of, get(event.answers, event.data.of, {})["${QUESTION}"])`,
              },
            },
          },
        },
      },
      always: {
        target: 'home',
        guard: {
          type: 'expr',
          params: { cel: 'keys(context.said).filter(o, context.said[o] == "home").size() >= 2' },
        },
      },
    },
    home: { type: 'final' },
  },
})

const ORACLES = ['ost', 'sur', 'ouest'] as const

const oracleOf = async (name: string, store = createMemoryStore()): Promise<RunningOracle> => {
  const oracle = await openOracle({
    store,
    name,
    signer: person(name),
    verifier: engine,
    clock: () => BigInt(Date.now()),
  })
  closing.push(oracle.close)
  return oracle
}

const scene = async () => {
  const relay = await startLocalRelay(engine)
  closing.push(relay.close)
  const relays = [relay.url]
  const client = keeperClient()
  closing.push(async () => Promise.resolve(client.close()))
  const oracles = new Map<string, RunningOracle>()
  for (const name of ORACLES) oracles.set(name, await oracleOf(name))
  const defined = defineMachine(
    wishFor(BET, relays, {
      participants: [alice, bob].map(({ key }) => ({ key, relay: '', role: 'player' })),
      oracles: [...oracles].map(([name, oracle]) => ({
        name,
        machine: oracle.machine().id,
        suite: 'nostr',
        logic: 0,
      })),
    }),
  )
  await client.publish(relays, defined.event)
  const machine = defined.definition.id
  const show = async (by: Person, name: string, file?: Uint8Array): Promise<void> => {
    const oracle = oracles.get(name)
    if (!oracle) throw new Error('there is no such oracle')
    for (const part of partsOfFile(file ?? (await oracle.file()))) {
      const of = { machine, author: by.key, about: oracle.machine().id, file: part }
      const draft = proofDraft(of, Math.floor(Date.now() / 1000))
      await client.publish(relays, signNostrEvent(draft, by))
    }
  }
  const quote = (by: Person, name: string, answer: string, parent?: string): NostrEvent =>
    inputBy(by, {
      machine,
      type: 'QUOTE',
      data: { of: name },
      parent,
      answers: [{ oracle: name, question: QUESTION, answer }],
    })
  const certified = (input: NostrEvent) =>
    untilShown(
      client,
      relays,
      receiptsOf(machine),
      (all) => all.filter((one) => receiptFrom(one).input === input.id).length >= 3,
    )
  return { relays, client, oracles, defined, machine, show, quote, certified }
}

describe('custodians of a machine with oracles', () => {
  test(
    'take an answer once a file shows it, and refuse another; two of three decide',
    { timeout: 180_000 },
    async () => {
      const { relays, client, oracles, defined, machine, show, quote, certified } = await scene()
      await Promise.all(
        KEEPERS.map((one) => startKeeper(defined, one, relays).then((k) => closing.push(k.stop))),
      )
      await oracles.get('ost')?.say(QUESTION, 'home')
      const early = quote(alice, 'ost', 'home')
      await client.publish(relays, early)
      const refused = await untilShown(
        client,
        relays,
        { kinds: [KINDS.rejection], '#e': [machine] },
        (all) => all.length >= 3,
      )
      expect(refused.map((one) => rejectionFrom(one).code)).toContain('UNPROVEN')
      // A stranger's file is not looked at; that of somebody whom the definition names is.
      await show(person('stranger'), 'ost')
      await show(bob, 'ost')
      const first = await certified(early)
      expect(first.length).toBeGreaterThanOrEqual(3)
      await oracles.get('sur')?.say(QUESTION, 'away')
      await show(alice, 'sur')
      const wrong = quote(bob, 'sur', 'home', early.id)
      await client.publish(relays, wrong)
      const told = await untilShown(
        client,
        relays,
        { kinds: [KINDS.rejection], '#e': [machine] },
        (all) => all.some((one) => rejectionFrom(one).input === wrong.id),
      )
      expect(told.map(rejectionFrom).find((one) => one.input === wrong.id)?.code).toBe(
        'BAD_PAYLOAD',
      )
      await oracles.get('ouest')?.say(QUESTION, 'home')
      await show(alice, 'ouest')
      const last = quote(bob, 'ouest', 'home', early.id)
      await client.publish(relays, last)
      await certified(last)
      // A participant comes to the same from receipts and files on relays alone.
      const { events } = await client.fetch(relays, { '#e': [machine] })
      const ledger = createLedger({
        definition: machine,
        genesis: defined.genesis,
        verifier: engine,
        shelf: createShelf(defined.charter, engine),
      })
      ledger.take(events.filter((one) => one.kind !== KINDS.proof))
      expect(ledger.now().stopped?.code).toBe('bundle/missing-fact')
      ledger.take(events)
      expect(ledger.now().machine.head.sequence).toBe(2n)
    },
  )

  test(
    'hand out files that relays have lost, and go on from them after a restart',
    { timeout: 180_000 },
    async () => {
      const { relays, client, oracles, defined, machine, show, quote, certified } = await scene()
      const stores = KEEPERS.map(() => createMemoryStore())
      const begin = (urls: readonly string[]) =>
        Promise.all(
          KEEPERS.map((one, at) =>
            startKeeper(defined, one, urls, { store: stores[at] ?? createMemoryStore() }),
          ),
        )
      const keepers = await begin(relays)
      await oracles.get('ost')?.say(QUESTION, 'home')
      await show(alice, 'ost')
      const input = quote(alice, 'ost', 'home')
      await client.publish(relays, input)
      await certified(input)
      for (const one of keepers) await one.stop()
      const bare = await startLocalRelay(engine)
      closing.push(bare.close)
      for (const one of await begin([bare.url])) closing.push(one.stop)
      const proofs = await untilShown(
        client,
        [bare.url],
        { kinds: [KINDS.proof], '#e': [machine] },
        (all) => all.length > 0,
      )
      expect(proofs.map((one) => one.pubkey)).toContain(alice.key)
    },
  )
})

describe('an oracle', () => {
  test('answers a question once, also after a restart', async () => {
    const store = createMemoryStore()
    const oracle = await oracleOf('ost', store)
    await oracle.say(QUESTION, 'home')
    await expect(oracle.say(QUESTION, 'away')).rejects.toMatchObject({ code: 'oracle/answered' })
    await oracle.close()
    const again = await oracleOf('ost', store)
    await expect(again.say(QUESTION, 'home')).rejects.toMatchObject({ code: 'oracle/answered' })
    await again.say('who lost?', 'away')
    expect(again.machine().head.sequence).toBe(2n)
    expect(hexFromBytes(await again.file()).length).toBeGreaterThan(0)
  })
})
