import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { machineId, transitionId } from 'tallystick/kernel'
import { directory, directoryCertificate, submissions } from 'tallystick/models'
import type { CertifiedStep } from 'tallystick/models'
import { type Certification, certify } from '../../src/client/certify.ts'
import { createDirectoryClient } from '../../src/client/directory.ts'
import {
  accountCharter,
  begin,
  createNet,
  engine,
  type FakeNet,
  type Fate,
  mintCharter,
  person,
  policy,
  sent,
  submissionsOf,
} from './town.ts'

const mint = person('mint')
const charter = mintCharter(mint)
const alice = machineId(accountCharter(person('alice')))
const one = sent(begin(charter), mint, alice)
const three = sent(sent(one, mint, alice), mint, alice)

type Done = Certification & { readonly stored: readonly CertifiedStep[] }

const run = async (net: FakeNet, state = one, waitMs = 40_000): Promise<Done> => {
  const client = createDirectoryClient(net.addresses, {
    surroundings: net.surroundings,
    verifier: engine,
  })
  const stored: CertifiedStep[] = []
  const outcome = await certify(client, {
    charter,
    steps: submissionsOf(state),
    store: (step) => void stored.push(step),
    waitMs,
  })
  return { ...outcome, stored }
}

const isFinal = ({ submission, certificate }: CertifiedStep): boolean =>
  directory.judge({
    terms: charter.terms,
    policy,
    anchor: {},
    transition: submission.transition,
    certificate: directoryCertificate.decode(certificate),
    known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
  }).is === 'final'

describe('certifying', () => {
  test('opens the machine where it is not known, and comes back with a certificate', async () => {
    const net = createNet()
    const { is, stored } = await run(net)
    expect(is).toBe('certified')
    expect(stored.map(isFinal)).toEqual([true])
    expect(net.operators.map((each) => each.charters.size)).toEqual([1, 1, 1, 1])
  })

  test('tells an operator of the machine again where the first time was lost', async () => {
    const net = createNet()
    const lost = new Set<string>()
    const http: FakeNet['surroundings']['http'] = (request) => {
      const { hostname, pathname } = new URL(request.url)
      if (pathname !== '/v1/charters' || lost.has(hostname)) return net.surroundings.http(request)
      lost.add(hostname)
      return Promise.reject(new Error('connection reset'))
    }
    const done = await run({ ...net, surroundings: { ...net.surroundings, http } })
    expect(lost.size).toBe(4)
    expect(done).toMatchObject({ is: 'certified', block: undefined })
  })

  test('takes several steps one after the other, and hands the certificates on', async () => {
    const net = createNet()
    const { stored } = await run(net, three)
    expect(stored.map((each) => each.submission.transition.sequence)).toEqual([1n, 2n, 3n])
    expect(stored.every(isFinal)).toBe(true)
    for (const { vows } of net.operators) {
      expect([...vows.values()].filter((each) => each.certificate.length > 0)).toHaveLength(3)
    }
  })

  test('comes to its end with one operator gone, and names two that are not there', async () => {
    const net = createNet()
    const [north, east] = net.operators
    if (!north || !east) throw new Error('four operators')
    north.isUp = false
    expect((await run(net)).is).toBe('certified')
    const other = createNet()
    for (const each of other.operators.slice(0, 2)) each.isUp = false
    const waiting = await run(other, one, 3_000)
    expect(waiting.is).toBe('waiting')
    expect(waiting.names).toEqual(['north', 'east'])
    expect(waiting.why.get('north')).toBe('nobody listens there')
    expect(waiting.stored).toEqual([])
  })

  test('completes by itself when an operator comes back while it waits', async () => {
    const net = createNet()
    for (const each of net.operators.slice(0, 2)) each.isUp = false
    setTimeout(() => {
      for (const each of net.operators) each.isUp = true
    }, 30)
    expect((await run(net)).is).toBe('certified')
  })

  test('stops at once, with proof, where too many have taken another step', async () => {
    const net = createNet()
    const rival = sent(begin(charter), mint, alice, 7)
    for (const each of net.operators.slice(0, 2)) {
      each.charters.set(machineId(charter), charter)
      each.handle({
        url: `http://${each.name}/v1/steps`,
        method: 'POST',
        body: submissions.encode(submissionsOf(rival)),
      })
    }
    const done = await run(net)
    expect(done.block?.code).toBe('submitter/taken')
    expect(done.fork).toBeDefined()
    expect(done.stored).toEqual([])
  })

  test('says who refuses and why, where waiting will not help', async () => {
    const net = createNet()
    const state = { ...one, steps: one.steps.map((each) => ({ ...each, consents: [] })) }
    for (const each of net.operators) {
      Object.assign(each, {
        handle: () => ({
          status: 403,
          body: new TextEncoder().encode(
            '{"fault":{"code":"operator/frozen","message":"the key was convicted","place":{}}}',
          ),
        }),
      })
    }
    const done = await run(net, state)
    expect(done.block?.code).toBe('submitter/refused')
    expect(done.block?.message).toContain('the key was convicted [operator/frozen]')
  })

  test('ends within its time where nobody answers at all', async () => {
    const net = createNet()
    for (const each of net.operators) each.isUp = false
    const startedAt = performance.now()
    expect((await run(net, one, 2_000)).is).toBe('waiting')
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
})

const FATES: readonly Fate[] = ['whole', 'lost-before', 'lost-after', 'cut', 'twice', 'late']

test('whatever is lost, repeated, cut or late, no operator ever sees two steps with one number', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 5 }), { maxLength: 40 }), async (draws) => {
      let at = 0
      const net = createNet(() => {
        const draw = draws[at]
        at += 1
        return draw === undefined ? 'whole' : (FATES[draw] ?? 'whole')
      })
      const { is, stored } = await run(net, three, 400_000)
      expect(is).toBe('certified')
      expect(stored.map((each) => each.submission.transition.sequence)).toEqual([1n, 2n, 3n])
      expect(stored.every(isFinal)).toBe(true)
      const ids = new Map<bigint, Set<string>>()
      for (const { path, body } of net.asked) {
        if (path !== '/v1/steps' || !body) continue
        for (const { transition } of submissions.decode(body)) {
          const known = ids.get(transition.sequence) ?? new Set()
          ids.set(transition.sequence, known.add(transitionId('classic', transition)))
        }
      }
      expect([...ids.values()].map((each) => each.size)).toEqual([1, 1, 1])
    }),
    { numRuns: 40 },
  )
})
