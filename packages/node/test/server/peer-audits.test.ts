import { describe, expect, test } from 'vitest'
import { isFault, type SignerId } from 'tallystick/base'
import { type Charter, signerOf } from 'tallystick/kernel'
import {
  certificateFrom,
  certified,
  directoryCertificate,
  gossip,
  type Gossip,
  judgeAccusation,
  keptAccusations,
  NO_GOSSIP,
  type Submission,
} from 'tallystick/models'
import { audit, type Audit, type AuditedOperator } from '../../src/client/audit.ts'
import { createDirectoryClient } from '../../src/client/directory.ts'
import { platformSurroundings } from '../../src/client/surroundings.ts'
import type { PeerAddress } from '../../src/server/peers.ts'
import type { RunningOperator, StartOptions } from '../../src/server/start-operator.ts'
import { createToken, meetOthers } from '../../src/server/start-operator.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { freePort } from '../../../tallystick/test/free-port.ts'
import {
  ask,
  bytesOf,
  charterFor,
  engine,
  openAt,
  startsForTests,
  stepsOf,
  submitAt,
} from './town.ts'

const startOne = startsForTests()

const NAMES = ['liar', 'north', 'east', 'south'] as const
type Name = (typeof NAMES)[number]
const seedOf = (name: Name): Uint8Array => new Uint8Array(32).fill(40 + NAMES.indexOf(name))
const keyOf = (name: Name) => ({
  scheme: 'ed25519' as const,
  publicKey: engine.fromSeed('ed25519', seedOf(name)).publicKey,
})
const idOf = (name: Name): SignerId => signerOf('classic', keyOf(name))

/** Audits come when a test asks for one. */
const limits = { checkpointMs: 0, peerAuditMs: 0 }

const start = (name: Name, options: Partial<StartOptions> = {}): Promise<RunningOperator> =>
  startOne({ name, seed: seedOf(name), store: createMemoryStore(), limits, ...options })

const addressOf = (name: Name, of: Pick<RunningOperator, 'url' | 'token'>): PeerAddress => ({
  name,
  url: of.url,
  token: of.token,
  key: keyOf(name),
})

/** Addresses are needed before operators run: each has a port and a token that are known. */
const places = async (names: readonly Name[]) => {
  const found = new Map<Name, { readonly port: number; readonly token: string }>()
  for (const name of names)
    found.set(name, { port: await freePort(), token: createToken(name).token })
  return {
    address: (name: Name): PeerAddress => {
      const place = found.get(name)
      return addressOf(name, {
        url: `http://127.0.0.1:${place?.port ?? 0}`,
        token: place?.token ?? '',
      })
    },
    start: (name: Name, peers: readonly PeerAddress[], store?: Store) => {
      const place = found.get(name)
      return start(name, {
        ...(place ? { port: place.port } : {}),
        tokens: [{ name: 'all', tier: 'submit', token: place?.token ?? '' }],
        peers,
        ...(store ? { store } : {}),
      })
    },
  }
}

const charterOf = (): Charter =>
  charterFor(NAMES.map((name) => ({ name, ...keyOf(name), url: '' })))

/** An operator with the liar's key that was told this story of so many steps. */
const storyteller = async (story: string, count: number): Promise<RunningOperator> => {
  const one = await start('liar')
  const charter = charterOf()
  await openAt(one, charter)
  await submitAt(one, stepsOf(charter, count, story))
  return one
}

const stateOf = (of: RunningOperator): Record<string, AuditedOperator['is']> =>
  Object.fromEntries(of.operator.peerAudits.states().map(({ name, is }) => [name, is]))

const keptAt = async (of: RunningOperator) =>
  keptAccusations.decode(await bytesOf(await ask(of, '/v1/evidence')))

const accusedAt = async (of: RunningOperator): Promise<readonly string[]> =>
  (await keptAt(of)).map(({ accusation }) => {
    const charge = judgeAccusation(accusation, engine)
    if (isFault(charge)) throw charge
    return charge.signer
  })

describe('operators that start together and meet later', () => {
  test('list the others from then on, audit them, and convict as those do that knew them before', async () => {
    const liars = [await storyteller('child', 4), await storyteller('another story', 4)]
    const [north, east] = [await start('north'), await start('east')]
    expect(stateOf(north)).toEqual({})
    await meetOthers(
      north,
      [addressOf('liar', liars[0] ?? north), addressOf('east', east)],
      'classic',
    )
    await meetOthers(
      east,
      [addressOf('liar', liars[1] ?? east), addressOf('north', north)],
      'classic',
    )
    expect(stateOf(north)).toEqual({ liar: 'new', east: 'new' })
    for (const by of [north, east, north, east]) await by.operator.peerAudits.auditNow()
    for (const by of [north, east]) expect(stateOf(by)).toMatchObject({ liar: 'two-stories' })
    // Nothing was handed to it, so there is nothing to be consistent about.
    expect(stateOf(north).east).toBe('new')
  })
})

describe('H7: operators that audit one another', () => {
  test.each([
    [4, 4],
    [3, 5],
    [6, 2],
  ])(
    'find one that shows two logs of %i and %i steps to two of them within two exchanges, and nobody else',
    async (countA, countB) => {
      const [one, other] = [
        await storyteller('child', countA),
        await storyteller('another story', countB),
      ]
      const at = await places(['north', 'east'])
      // North is told one story and east the other.
      const north = await at.start('north', [addressOf('liar', one), at.address('east')])
      const east = await at.start('east', [addressOf('liar', other), at.address('north')])
      for (const by of [north, east, north, east]) await by.operator.peerAudits.auditNow()
      for (const by of [north, east]) {
        expect(await accusedAt(by)).toEqual([idOf('liar')])
        expect(stateOf(by)).toMatchObject({ liar: 'two-stories' })
      }
      expect([stateOf(north)['east'], stateOf(east)['north']]).not.toContain('two-stories')
      const shown = await (await ask(north, '/v1/peers')).json()
      expect(shown).toMatchObject({ peers: [{ name: 'liar', state: 'two-stories' }, {}] })
      expect(await (await ask(north, '/metrics')).text()).toMatch(
        /tally_peers\{state="two-stories",operator="north"\} 1/,
      )
    },
    20_000,
  )

  test('are satisfied with each other, and demand consistency over their own lives', async () => {
    const stores = { north: createMemoryStore(), east: createMemoryStore() }
    const at = await places(['north', 'east'])
    const startBoth = async () => ({
      north: await at.start('north', [at.address('east')], stores.north),
      east: await at.start('east', [at.address('north')], stores.east),
    })
    const { north, east } = await startBoth()
    const charter = charterOf()
    const steps = stepsOf(charter, 3)
    for (const one of [north, east]) {
      await openAt(one, charter)
      await submitAt(one, steps)
    }
    for (const one of [north, east, east]) await one.operator.peerAudits.auditNow()
    expect([stateOf(north), stateOf(east)]).toEqual([{ east: 'new' }, { north: 'consistent' }])
    await north.close()
    await east.close()
    // East comes back with another log under its key.
    stores.east = createMemoryStore()
    const again = await startBoth()
    await openAt(again.east, charter)
    await submitAt(again.east, stepsOf(charter, 3, 'other'))
    await again.north.operator.peerAudits.auditNow()
    expect(await accusedAt(again.north)).toEqual([idOf('east')])
  })

  test('B: take up receipts out of certificates that they know, and find the one that left them out', async () => {
    const at = await places(['north', 'east', 'south'])
    const charter = charterOf()
    const hidden = await start('liar')
    await openAt(hidden, charter)
    const steps = stepsOf(charter, 6)
    const lies = await submitAt(hidden, steps)
    // What it shows is another log, in which none of these steps stands.
    const shown = await start('liar')
    const other = charterFor([shown.card], { nonce: 9 })
    await openAt(shown, other)
    await submitAt(shown, stepsOf(other, 9))
    const north = await at.start('north', [addressOf('liar', shown)])
    const [east, south] = [await at.start('east', []), await at.start('south', [])]
    for (const one of [north, east, south]) await openAt(one, charter)
    const given = await Promise.all([north, east].map((one) => submitAt(one, steps)))
    for (const [step, { transition }] of steps.entries()) {
      const receipts = [lies, ...given].map((answers) => {
        const answer = answers[step]
        if (answer?.is !== 'receipt') throw new Error('a receipt')
        return answer.receipt
      })
      const { machine, sequence } = transition
      const certificate = directoryCertificate.encode(certificateFrom(receipts))
      const body = certified.encode({ machine, sequence, certificate })
      expect((await ask(north, '/v1/certificates', { body })).status).toBe(204)
    }
    await north.operator.peerAudits.auditNow()
    expect(await accusedAt(north)).toEqual([idOf('liar')])
    expect((await keptAt(north))[0]?.accusation).toMatchObject({
      is: 'log',
      evidence: { lie: { is: 'unlogged' } },
    })
  })

  test('hand evidence on when it is new, and ask for what they missed', async () => {
    const at = await places(['north', 'east', 'south'])
    const north = await at.start('north', [
      addressOf('liar', await storyteller('a', 2)),
      at.address('east'),
      at.address('south'),
    ])
    const told = { checkpoints: [], accusations: [await twoStories()] }
    const east = await at.start('east', [
      addressOf('liar', north),
      at.address('north'),
      at.address('south'),
    ])
    await ask(north, '/v1/gossip', { body: gossip.encode(told) })
    await expect.poll(() => accusedAt(east), { timeout: 5000 }).toEqual([idOf('liar')])
    // South was not there; it asks.
    const south = await at.start('south', [at.address('north')])
    await south.operator.peerAudits.auditNow()
    expect(await accusedAt(south)).toEqual([idOf('liar')])
  })

  test('audit by themselves, from time to time, and not where they know nobody', async () => {
    const liar = await storyteller('a', 2)
    const soon = { checkpointMs: 0, peerAuditMs: 40 }
    const north = await start('north', { peers: [addressOf('liar', liar)], limits: soon })
    await expect.poll(() => stateOf(north), { timeout: 5000 }).toEqual({ liar: 'consistent' })
    // An address without a key is spoken to in rounds, and nothing can be demanded of it.
    const { key: _, ...keyless } = addressOf('liar', liar)
    const east = await start('east', { peers: [keyless], limits: soon })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(stateOf(east)).toEqual({})
  })
})

/** Evidence against the liar, found by somebody else. */
const twoStories = async () => {
  const found = await audited(
    [await storyteller('a', 3)],
    await audited([await storyteller('b', 3)], undefined),
  )
  const accusation = found.operators[0]?.accusation
  if (!accusation) throw new Error('evidence')
  return accusation
}

/** An account that audits these operators, the first of which has the liar's key. */
const audited = (operators: readonly RunningOperator[], last: Audit | undefined): Promise<Audit> =>
  audit(
    createDirectoryClient(
      operators.map(({ card, url, token }) => ({ name: card.name, url, token })),
      { surroundings: platformSurroundings(), verifier: engine },
    ),
    {
      operators: operators.map(({ card }) => ({
        name: card.name,
        scheme: card.scheme,
        publicKey: card.publicKey,
        suite: 'classic',
      })),
      memory: last?.memory,
      steps: [],
      waitMs: 5000,
    },
  )

describe('H7: clients that are shown different logs', () => {
  test('find out over an operator that both talk to, though it was shown nothing itself', async () => {
    const [one, other] = [await storyteller('child', 4), await storyteller('another story', 4)]
    // The liar does not answer north.
    const silent = { ...addressOf('liar', one), url: 'http://127.0.0.1:1' }
    const north = await start('north', { peers: [silent] })
    const alice = await audited([one, north], undefined)
    const bob = await audited([other, north], undefined)
    const statesOf = (of: Audit) => of.operators.map(({ name, is }) => `${name} ${is}`)
    expect(statesOf(alice)).toEqual(['liar new', 'north new'])
    const again = await audited([one, north], alice)
    expect([statesOf(bob)[0], statesOf(again)[0]]).toContain('liar two-stories')
    expect(await accusedAt(north)).toEqual([idOf('liar')])
  })

  test('are told who has signed for two children of one parent', async () => {
    const charter = charterOf()
    const [one, other] = [await start('liar'), await start('liar')]
    for (const at of [one, other]) await openAt(at, charter)
    const halves = await Promise.all(
      [one, other].map(async (at, turn) => {
        const [step] = stepsOf(charter, 1, `story ${turn}`) as [Submission]
        const [answer] = await submitAt(at, [step])
        if (answer?.is !== 'receipt') throw new Error('a receipt')
        const { time, signature } = answer.receipt
        const statement = {
          is: 'vote',
          transition: step.transition,
          round: 0,
          phase: 'commit',
          cited: 0,
          time,
        } as const
        return { statement, signature }
      }),
    )
    const [first, second] = halves
    if (!first || !second) throw new Error('two receipts')
    const fork = { suite: 'classic', ...keyOf('liar'), first, second } as const
    const north = await start('north', { peers: [addressOf('liar', one)] })
    const told: Gossip = { ...NO_GOSSIP, accusations: [{ is: 'statements', evidence: fork }] }
    await ask(north, '/v1/gossip', { body: gossip.encode(told) })
    const found = await audited([one, north], undefined)
    expect(found.operators.map(({ is, why }) => `${is} ${why}`)).toEqual([
      'two-stories fork',
      'new ',
    ])
  })
})
