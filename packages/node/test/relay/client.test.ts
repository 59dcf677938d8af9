import { afterEach, describe, expect, test, vi } from 'vitest'
import type { NostrEvent } from 'tallystick/nostr'
import { createRelayClient, type RelayClient } from '../../src/relay/client.ts'
import type { Filter } from '../../src/relay/filter.ts'
import { keySigner } from '../../src/relay/signer.ts'
import { alice, bob, engine, eventBy, inputsBy, MACHINE, NOW } from './people.ts'
import { type Message, type Misbehaviour, misbehave } from './proxy.ts'
import { startTestRelay, type TestRelay, type TestRelayOptions } from './test-relay.ts'

// Every answer is a signature or several; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

const FILTER: Filter = { kinds: [7501], '#e': [MACHINE] }
const open: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const relayWith = async (
  events: readonly NostrEvent[],
  options: TestRelayOptions = {},
): Promise<TestRelay> => {
  const relay = await startTestRelay(options)
  open.push(relay.close)
  for (const event of events) {
    relay.events.set(event.id, { ...event, tags: event.tags.map((tag) => [...tag]) })
  }
  return relay
}
const behind = async (relay: TestRelay, how: Misbehaviour): Promise<string> => {
  const proxy = await misbehave(relay, how)
  open.push(proxy.close)
  return proxy.url
}
const clientOf = (options: Partial<Parameters<typeof createRelayClient>[0]> = {}): RelayClient => {
  const client = createRelayClient({ verifier: engine, silenceMs: 4_000, ...options })
  open.push(client.close)
  return client
}
const idsOf = (events: readonly NostrEvent[]): readonly string[] =>
  events.map((one) => one.id).sort()
const until = async (isTrue: () => boolean): Promise<void> => {
  for (let tries = 0; !isTrue() && tries < 1500; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect(isTrue()).toBe(true)
}
const eventIn = (message: Message): NostrEvent | undefined =>
  message[0] === 'EVENT' ? (message[2] as NostrEvent) : undefined

describe('a client of a relay that behaves', () => {
  test('publishes, and gets back what it published', async () => {
    const relay = await relayWith([])
    const client = clientOf()
    const [event] = inputsBy(alice, 1)
    if (!event) throw new Error('one was made')
    const told = await client.publish([relay.url], event, { confirm: 'always' })
    expect(told).toEqual({ relays: [{ relay: relay.url, outcome: { is: 'stored' } }], count: 1 })
    const found = await client.fetch([relay.url], FILTER)
    expect(found.events).toEqual([event])
    expect(found.isComplete).toBe(true)
  })

  test('gets all pages where the relay clamps without saying so', async () => {
    const events = inputsBy(alice, 130)
    const relay = await relayWith(events, { clamp: 25 })
    const found = await clientOf().fetch([relay.url], FILTER)
    expect(idsOf(found.events)).toEqual(idsOf(events))
    expect(found.relays[0]?.outcome).toEqual({ is: 'complete' })
  })

  test('gets a second that holds more than a page, by its authors, and says so where one has more than a page', async () => {
    const crowd = [...inputsBy(alice, 20, 0), ...inputsBy(bob, 15, 0)]
    const later = [eventBy(alice, { content: '{"n":100}' })]
    const earlier = [eventBy(bob, { created_at: NOW - 5000 })]
    const relay = await relayWith([...crowd, ...later, ...earlier], { clamp: 22 })
    const authors = [alice.key, bob.key]
    const found = await clientOf().fetch([relay.url], FILTER, { authors })
    expect(idsOf(found.events)).toEqual(idsOf([...crowd, ...later, ...earlier]))
    expect(found.isComplete).toBe(true)
    const cut = await relayWith([...inputsBy(alice, 40, 0)], { clamp: 22 })
    const partial = await clientOf().fetch([cut.url], FILTER, { authors })
    expect(partial.isComplete).toBe(false)
    expect(partial.relays[0]?.outcome).toMatchObject({ is: 'incomplete' })
  })

  test('hears what comes, and each event once from several relays', async () => {
    const [first, second, third] = inputsBy(alice, 3)
    if (!first || !second || !third) throw new Error('three were made')
    const relays = [await relayWith([first]), await relayWith([first, second])]
    const urls = relays.map((one) => one.url)
    const client = clientOf()
    const heard: string[] = []
    const following = client.follow(urls, FILTER, { onEvent: (event) => heard.push(event.id) })
    await until(() => heard.length === 2)
    await client.publish(urls, third)
    await until(() => heard.length === 3)
    expect(new Set(heard)).toEqual(new Set([first.id, second.id, third.id]))
    expect(following.newest()).toBe(third.created_at)
    following.stop()
  })

  test('goes on after a broken connection, with what came meanwhile', async () => {
    const relay = await relayWith([])
    const client = clientOf()
    const other = clientOf()
    const heard: string[] = []
    const states: string[] = []
    const following = client.follow([relay.url], FILTER, {
      onEvent: (event) => heard.push(event.id),
      onState: (state) => states.push(state.is),
    })
    await until(() => states.includes('caught up'))
    relay.drop()
    await until(() => states.includes('broken'))
    const late = eventBy(alice, { created_at: NOW - 60 })
    await other.publish([relay.url], late)
    await until(() => heard.includes(late.id))
    following.stop()
  })

  test('asks no more at a time than relays allow, and gets every answer', async () => {
    const events = inputsBy(alice, 40)
    const relay = await relayWith(events)
    let [open, most] = [0, 0]
    const url = await behind(relay, {
      fromClient: (message) => {
        if (message[0] === 'REQ') most = Math.max(most, ++open)
        if (message[0] === 'CLOSE') open--
        return [message]
      },
    })
    const client = clientOf()
    const answers = await Promise.all(events.map(({ id }) => client.fetch([url], { ids: [id] })))
    expect(idsOf(answers.flatMap((one) => one.events))).toEqual(idsOf(events))
    expect(most).toBeLessThanOrEqual(16)
  })

  test('keeps to limits that the relay names, and says which', async () => {
    const relay = await relayWith([], {
      info: { name: 'small', limitation: { max_content_length: 10 } },
    })
    const event = eventBy(alice, { content: '{"a":"123456"}' })
    const told = await clientOf().publish([relay.url], event)
    expect(told.relays[0]?.outcome).toEqual({
      is: 'too large',
      why: '14 characters of content, the relay takes 10',
    })
    expect(relay.events.size).toBe(0)
  })

  test('does not take OK for a snapshot that the relay did not keep', async () => {
    const relay = await relayWith([])
    const client = clientOf()
    const made = [0, 1, 2, 3].map((n) =>
      eventBy(alice, { kind: 30_078, tags: [['d', 'bet']], content: String(n) }),
    )
    const outcomes = []
    for (const event of made)
      outcomes.push((await client.publish([relay.url], event)).relays[0]?.outcome)
    const lowest = made.toSorted((a, b) => (a.id < b.id ? -1 : 1))[0]
    const at = made.findIndex((one) => one === lowest)
    expect(outcomes[at]).toEqual({ is: 'stored' })
    for (const later of outcomes.slice(at + 1))
      expect(later).toEqual({ is: 'displaced', by: lowest?.id })
  })

  test('survives that authors delete their events, with an archive elsewhere', async () => {
    const events = inputsBy(alice, 3)
    const relays = [await relayWith(events), await relayWith(events)]
    const [first, second] = relays
    const deletion = eventBy(alice, { kind: 5, tags: [['e', events[1]?.id ?? '']] })
    const client = clientOf()
    await client.publish([first?.url ?? ''], deletion)
    await until(() => first?.events.has(events[1]?.id ?? '') === false)
    const found = await client.fetch([first?.url ?? '', second?.url ?? ''], FILTER)
    expect(idsOf(found.events)).toEqual(idsOf(events))
    expect(found.relays.map((one) => one.lacks)).toEqual([1, 0])
  })
})

describe('a client of a relay that misbehaves', () => {
  const events = inputsBy(alice, 6)
  /** A relay that misbehaves beside one that behaves: the client has to end with everything. */
  const fetchBeside = async (
    how: Misbehaviour,
    silenceMs = 4_000,
  ): Promise<Awaited<ReturnType<RelayClient['fetch']>>> => {
    const bad = await behind(await relayWith(events), how)
    const good = await relayWith(events)
    const found = await clientOf({ silenceMs }).fetch([bad, good.url], FILTER)
    expect(idsOf(found.events)).toEqual(idsOf(events))
    expect(found.isComplete).toBe(true)
    return found
  }

  test('drops: says which relay lacks how many', async () => {
    let seen = 0
    const found = await fetchBeside({
      fromRelay: (message) => (eventIn(message) && seen++ % 2 === 0 ? [] : [message]),
    })
    expect(found.relays[0]).toMatchObject({ count: 3, lacks: 3 })
  })

  test('drops an EOSE: is told from one that has said all', async () => {
    const silent: Misbehaviour = {
      fromRelay: (message) => (message[0] === 'EOSE' ? [] : [message]),
    }
    const found = await fetchBeside(silent, 1_500)
    expect(found.relays[0]?.outcome).toEqual({
      is: 'incomplete',
      why: 'the relay went silent before it said that there is no more',
    })
  })

  test('reorders and repeats: changes nothing', async () => {
    const held: Message[] = []
    const found = await fetchBeside({
      fromRelay: (message) => {
        if (message[0] === 'EOSE') return [...held.splice(0).reverse(), message]
        held.push(message, message)
        return []
      },
    })
    expect(found.relays[0]).toMatchObject({ outcome: { is: 'complete' }, count: 6, lacks: 0 })
  })

  test('delays: is waited for while it goes on', async () => {
    let delay = 0
    const found = await fetchBeside({
      fromRelay: (message, by) => {
        delay += 150
        setTimeout(() => by.toClient(message), delay)
        return []
      },
    })
    expect(found.relays[0]).toMatchObject({ outcome: { is: 'complete' }, count: 6 })
  })

  test('serves forged, changed and unasked events: none comes through, and all are counted', async () => {
    const [one] = events
    if (!one) throw new Error('some were made')
    const foreign = eventBy(alice, { kind: 1, tags: [] })
    const found = await fetchBeside({
      fromRelay: (message) => {
        if (message[0] !== 'EOSE') return [message]
        const lie = (event: object): Message => ['EVENT', message[1], event]
        return [
          lie({ ...one, sig: eventBy(bob, { ...one, pubkey: bob.key }).sig }),
          lie({ ...eventBy(bob), pubkey: alice.key }),
          lie({ ...one, content: '{"n":7}' }),
          lie(foreign),
          lie({ ...one, extra: true }),
          lie({ id: one.id }),
          ['EVENT', message[1]],
          message,
        ]
      },
    })
    expect(found.relays[0]?.refused).toEqual({ forged: 3, unasked: 1, malformed: 3 })
    expect(found.relays[1]?.refused).toEqual({ forged: 0, unasked: 0, malformed: 0 })
  })

  test('closes the request: is named with its reason', async () => {
    const found = await fetchBeside({
      fromRelay: (message) =>
        message[0] === 'EOSE' ? [['CLOSED', message[1], 'error: tired']] : [message],
    })
    expect(found.relays[0]?.outcome).toEqual({
      is: 'incomplete',
      why: 'the relay closed the request: error: tired',
    })
  })

  test('hangs up in the middle: is named, and nothing is lost that another has', async () => {
    let seen = 0
    const found = await fetchBeside({
      fromRelay: (message, by) => {
        if (eventIn(message) && ++seen === 3) by.hangUp()
        return seen < 3 ? [message] : []
      },
    })
    expect(found.relays[0]?.outcome).toMatchObject({ is: 'incomplete' })
  })

  test('truncates below its own oldest event: is found out by another', async () => {
    const found = await fetchBeside({
      fromRelay: (message) => (eventIn(message)?.id === events[0]?.id ? [] : [message]),
    })
    expect(found.relays.map((one) => one.lacks)).toEqual([1, 0])
  })

  test('sends frames that are no messages, and too large ones: goes on with the others', async () => {
    const bad = await behind(await relayWith(events), {
      onConnect: (by) => {
        by.toClient([])
        by.toClient(['EVENT', 't0', 'x'.repeat(600_000)])
      },
    })
    const found = await clientOf().fetch([bad, (await relayWith(events)).url], FILTER)
    expect(idsOf(found.events)).toEqual(idsOf(events))
    expect(found.relays[0]?.outcome.is).not.toBe('complete')
  })

  test('is not there: is named', async () => {
    const found = await clientOf().fetch(
      ['ws://127.0.0.1:1', (await relayWith(events)).url],
      FILTER,
    )
    expect(found.relays[0]?.outcome).toMatchObject({ is: 'unreachable' })
    expect(found.isComplete).toBe(true)
  })

  test('says OK and keeps nothing: is found out where storage is confirmed', async () => {
    const relay = await relayWith([])
    const bad = await behind(await relayWith([]), {
      fromClient: (message, by) => {
        if (message[0] !== 'EVENT') return [message]
        by.toClient(['OK', (message[1] as NostrEvent).id, true, ''])
        return []
      },
    })
    const event = eventBy(alice)
    const client = clientOf()
    const told = await client.publish([bad, relay.url], event, { confirm: 'always' })
    expect(told.relays.map((one) => one.outcome.is)).toEqual(['lost', 'stored'])
    expect(told.count).toBe(1)
  })

  test('says nothing to what is published: nobody can say, and publishing again does no harm', async () => {
    const relay = await relayWith([])
    let answers = 0
    const bad = await behind(relay, {
      fromRelay: (message) => (message[0] === 'OK' && answers++ === 0 ? [] : [message]),
      fromClient: (message) => [message],
    })
    const event = eventBy(alice)
    const client = clientOf()
    // It did store it: asking shows that.
    expect((await client.publish([bad], event)).relays[0]?.outcome).toEqual({ is: 'stored' })
    expect((await client.publish([bad], event)).count).toBe(1)
  })

  test('refuses: the reason comes through', async () => {
    const relay = await relayWith([])
    const bad = await behind(relay, {
      fromRelay: (message) =>
        message[0] === 'OK' ? [['OK', message[1], false, 'blocked: not you']] : [message],
    })
    const told = await clientOf().publish([bad], eventBy(alice))
    expect(told.relays[0]?.outcome).toEqual({ is: 'refused', why: 'blocked: not you' })
  })

  test('asks for a login: gets one by every key, and the request is made again', async () => {
    const relay = await relayWith(events)
    const loggedIn = new Set<string>()
    const bad = await behind(relay, {
      onConnect: (by) => by.toClient(['AUTH', 'challenge']),
      fromClient: (message, by) => {
        if (message[0] === 'AUTH') {
          const event = message[1] as NostrEvent
          const named = Object.fromEntries(event.tags.map(([name = '', value]) => [name, value]))
          if (event.kind === 22_242 && named['challenge'] === 'challenge')
            loggedIn.add(event.pubkey)
          by.toClient(['OK', event.id, true, ''])
          return []
        }
        if (message[0] === 'REQ' && loggedIn.size < 2) {
          by.toClient(['CLOSED', message[1], 'auth-required: who are you'])
          return []
        }
        return [message]
      },
    })
    const logins = [alice, bob].map(keySigner)
    const found = await clientOf({ logins }).fetch([bad], FILTER)
    expect(idsOf(found.events)).toEqual(idsOf(events))
    expect(loggedIn).toEqual(new Set([alice.key, bob.key]))
    const stranger = await clientOf().fetch([bad], FILTER)
    expect(stranger.isComplete).toBe(true)
  })

  test('deletes what it had: a follower that has it keeps it', async () => {
    const relay = await relayWith(events)
    const client = clientOf()
    const heard = new Set<string>()
    const states: string[] = []
    const following = client.follow([relay.url], FILTER, {
      onEvent: (event) => heard.add(event.id),
      onState: (state) => states.push(state.is),
    })
    await until(() => heard.size === events.length)
    relay.events.clear()
    relay.drop()
    await until(() => states.filter((one) => one === 'caught up').length === 2)
    expect(heard.size).toBe(events.length)
    following.stop()
  })
})
