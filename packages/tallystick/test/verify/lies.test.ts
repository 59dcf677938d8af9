import { describe, expect, test } from 'vitest'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { type Statement, statementDigest } from '../../src/kernel/statement.ts'
import { custodianEvidence } from '../../src/models/custodians/evidence.ts'
import { ruleEvidence } from '../../src/models/custodians/rule-evidence.ts'
import { KEEPERS } from '../../src/sim/custodians-town.ts'
import { POLL_LOGICS } from '../../src/sim/custodians-town.ts'
import { entriesOf } from '../../src/state/tree.ts'
import {
  type Bundle,
  bundleFromFile,
  type BundleLie,
  EMPTY_BUNDLE,
  fileFromBundle,
} from '../../src/verify/bundle.ts'
import { joinBundles } from '../../src/verify/join.ts'
import { judgeLies } from '../../src/verify/lies.ts'
import { STANDARD_MODELS } from '../../src/verify/standard.ts'
import { verify } from '../../src/verify/verify.ts'
import { tryCandidate } from '../../src/models/rounds/candidate.ts'
import { isFault } from '../../src/base/fault.ts'
import { candidateFor, engine, town } from '../models/custodians/net.ts'

const { genesis, policy, options, charter } = town
const right = candidateFor(town.ballotOf(0, 1n, 0))
const after = tryCandidate(options, genesis, right)
if (isFault(after)) throw after
const [by] = policy.custodians
if (!by) throw new Error('there are four')
const { scheme, publicKey } = by

const signed = (statement: Statement, seat = 0) => ({
  statement,
  signature: town.signFor(KEEPERS[seat] ?? '', statementDigest('classic', statement)),
})
const vote = (state: boolean, time: bigint, sequence = 1n): Statement => ({
  is: 'vote',
  transition: {
    ...after.head,
    sequence,
    ...(state && { state: genesis.head.interaction as never }),
  },
  round: 0,
  phase: 'commit',
  cited: 1,
  time,
})
const byRules = (isLie: boolean, seat = 0): BundleLie => ({
  machine: genesis.id,
  by: 'rules',
  proof: ruleEvidence.encode({
    scheme,
    publicKey,
    charter,
    vote: signed(vote(isLie, 0n), seat),
    interaction: right.interaction,
    lie: {
      is: 'invalid-step',
      parent: genesis.head,
      state: entriesOf(genesis.state),
      beside: [],
    },
  }),
})
const byModel = (later: bigint): BundleLie => ({
  machine: genesis.id,
  by: 'model',
  proof: custodianEvidence.encode({
    scheme,
    publicKey,
    lie: {
      is: 'decreasing-time',
      first: signed(vote(false, 10n)),
      second: signed(vote(false, later, 2n)),
    },
  }),
})
const bundle = (...lies: readonly BundleLie[]): Bundle => ({
  ...EMPTY_BUNDLE,
  charters: [charter],
  lies,
})
const reportOn = (of: Bundle, isJudged = true) =>
  verify(fileFromBundle(of), {
    models: STANDARD_MODELS,
    logics: POLL_LOGICS,
    verifier: engine,
    ...(isJudged && { lies: judgeLies }),
  })

describe('lies in a bundle', () => {
  test('convict by the rules, and by the model, under the name that the policy has', () => {
    const report = reportOn(bundle(byRules(true), byModel(9n)))
    expect(report.faults).toEqual([])
    expect(report.lies.map(({ kind, name, sequence }) => [kind, name, sequence])).toEqual([
      ['custodians/invalid-step', 'kai', 1n],
      ['custodians/decreasing-time', 'kai', 2n],
    ])
  })

  test.each<[what: string, code: string, of: BundleLie]>([
    ['a step that follows', 'evidence/no-conflict', byRules(false)],
    ['times in order', 'evidence/no-conflict', byModel(10n)],
    ["somebody else's signature", 'evidence/bad-signature', byRules(true, 1)],
    ['bytes that are no proof', 'scheme/unknown', { ...byModel(9n), proof: bytesFromUtf8('x') }],
    [
      'a machine that is not here',
      'bundle/missing-charter',
      { ...byModel(9n), machine: genesis.headId as never },
    ],
  ])('are faults of the file with %s', (_, code, of) => {
    const report = reportOn(bundle(of))
    expect(report.lies).toEqual([])
    expect(report.faults.map((one) => one.code)).toEqual([code])
    expect(report.faults[0]?.place.part).toBe('lie 1 of the file')
  })

  test('leave a file incomplete where nobody judges them', () => {
    const report = reportOn(bundle(byModel(9n)), false)
    expect([report.outcome, report.faults[0]?.code]).toEqual(['incomplete', 'bundle/unknown-lie'])
    expect(reportOn(bundle(), false).faults).toEqual([])
  })

  test('are read as they were written, and stand once in a joined file', () => {
    const of = bundle(byRules(true), byModel(9n))
    expect(bundleFromFile(fileFromBundle(of))).toEqual(of)
    expect(joinBundles([of, bundle(byModel(9n))]).lies).toEqual(of.lies)
  })
})
