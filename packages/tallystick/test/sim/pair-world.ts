/** Worlds of parties for tests of checkers: honest pairs, and pairs that share keys and so can fork. */
import type { Charter } from '../../src/kernel/charter.ts'
import type { Evidence } from '../../src/kernel/evidence.ts'
import type { Attestation } from '../../src/kernel/model.ts'
import { bilateral, bilateralCertificate } from '../../src/models/bilateral/certificate.ts'
import { accusations } from '../../src/models/bilateral/evidence.ts'
import type { PartyState } from '../../src/models/bilateral/state.ts'
import { createPartyWatch, type PartyWatch } from '../../src/sim/party-watch.ts'
import { createStreams } from '../../src/sim/random.ts'
import type { NodeView, World } from '../../src/sim/world.ts'
import { engine } from '../kernel/sample.ts'
import { createPair, type Pair, relationship, settle, wish } from '../models/bilateral/pair.ts'

export const charter: Charter = relationship()

/** A pair after some final steps. Two pairs with different amounts are the same people lying to others. */
export const pairAfter = (...amounts: readonly bigint[]): Pair => {
  const pair = createPair(charter)
  for (const [at, amount] of amounts.entries()) {
    wish(at % 2 === 0 ? pair.alice : pair.bob, amount)
    settle(pair)
  }
  return pair
}

export const newWatch = (): PartyWatch => createPartyWatch(charter.terms, engine, new Set())

export type NodeWish = Partial<NodeView<PartyState>> & { readonly state: PartyState }

export const worldWith = (...nodes: readonly NodeWish[]): World<PartyState> => ({
  now: 0,
  nodes: nodes.map((one, at) => ({
    name: `node ${at}`,
    honest: true,
    up: true,
    restores: 0,
    ...one,
  })),
  stream: createStreams(1),
})

/** What the last steps of two pairs of the same people prove: first against Alice, then against Bob. */
export const evidenceOf = (a: Pair, b: Pair): readonly Evidence[] =>
  accusations(charter.terms, attestationsOf(a), attestationsOf(b))

const attestationsOf = ({ alice }: Pair): readonly Attestation[] => {
  const step = alice.state.history?.step
  if (!step) return []
  return bilateral.attestations({
    terms: charter.terms,
    policy: {},
    anchor: {},
    transition: step.transition,
    certificate: bilateralCertificate.decode(step.certificate),
    known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
  })
}
