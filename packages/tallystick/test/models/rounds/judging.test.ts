import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { CANDIDATES_OF_STRANGERS_MAX, CANDIDATES_PER_PARTY_MAX } from '../../../src/base/limits.ts'
import { castFrom } from '../../../src/kernel/cast.ts'
import { type Statement, statementDigest } from '../../../src/kernel/statement.ts'
import { CUSTODIAN_ROUNDS } from '../../../src/models/custodians/custodian.ts'
import { backerOf, type Candidate, tryCandidate } from '../../../src/models/rounds/candidate.ts'
import { checkRoom, judgeCandidate } from '../../../src/models/rounds/judging.ts'
import { beginMember, type MemberState } from '../../../src/models/rounds/member-state.ts'
import { officeOf } from '../../../src/models/rounds/office.ts'
import { KEEPERS } from '../../../src/sim/custodians-town.ts'
import { candidateFor, engine, START, town } from '../custodians/net.ts'

const { genesis } = town
const options = { ...town.custodianOptions(0), rounds: [CUSTODIAN_ROUNDS] }
const start = beginMember(genesis)
const office = officeOf(options, start)
if (!office) throw new Error('custodians have rounds')

const judged = (candidate: Candidate, now: bigint, state: MemberState = start): string => {
  const found = judgeCandidate(options, state, office, { candidate, now })
  return isFault(found) ? found.code : `valid, not before ${found.attested - START}`
}
const ballot = (choice = 0, at = START): Candidate =>
  candidateFor(town.ballotOf(0, 1n, choice), genesis, at)

describe('judging a candidate', () => {
  test('compares the time that it claims with the clock here, and attests none before it', () => {
    expect(judged(ballot(), START)).toBe('valid, not before -400')
    expect(judged(ballot(), START + 400n)).toBe('valid, not before -400')
    expect(judged(ballot(), START + 401n)).toBe('claim/off-clock')
    expect(judged(ballot(), START - 401n)).toBe('claim/off-clock')
  })

  test('asks no clock about a child that a quorum has held', () => {
    const after = tryCandidate(options, genesis, ballot())
    if (isFault(after)) throw after
    const held = (count: number): MemberState => {
      const casts = KEEPERS.slice(0, count).map((name, signer) => {
        const statement: Statement = {
          is: 'vote',
          transition: after.head,
          round: 0,
          phase: 'hold',
          cited: 0,
          time: 0n,
        }
        const signature = town.signFor(name, statementDigest('classic', statement))
        const offered = { signer, statement, signature }
        const cast = castFrom(office.instance, office.instance.quorum, offered, engine)
        if (isFault(cast)) throw cast
        return cast
      })
      return { ...start, run: { ...start.run, rounds: { ...start.run.rounds, casts } } }
    }
    expect(judged(ballot(), START + 9999n, held(3))).toBe('valid, not before -400')
    expect(judged(ballot(), START + 9999n, held(2))).toBe('claim/off-clock')
  })

  test('refuses what nobody stands behind, and what the rules refuse', () => {
    const bare = { ...ballot(), interaction: { ...ballot().interaction, operations: [] } }
    expect(judged(bare, START)).toBe('candidate/no-consent')
    expect(judged(candidateFor(town.ballotOf(0, 7n, 0)), START)).toBe('transition/wrong-sequence')
  })
})

describe('room for candidates', () => {
  const holding = (candidates: readonly Candidate[]): MemberState => ({
    ...start,
    run: { ...start.run, candidates },
  })

  test('is given to each who stands behind some, and no more than that', () => {
    const own = Array.from({ length: CANDIDATES_PER_PARTY_MAX }, (_, choice) => ballot(choice))
    expect(backerOf(options, genesis, ballot())).toEqual({ name: 'ana', isParticipant: true })
    expect(checkRoom(options, holding(own), ballot(77))?.code).toBe('candidate/too-many')
    expect(checkRoom(options, holding(own.slice(1)), ballot(77))).toBeUndefined()
    const other = candidateFor(town.ballotOf(1, 1n, 0))
    expect(checkRoom(options, holding(own), other)).toBeUndefined()
  })

  test('of strangers leaves participants theirs', () => {
    const terms = { ...genesis.terms, participants: genesis.terms.participants.slice(1) }
    const strange = { ...start, followed: { ...start.followed, machine: { ...genesis, terms } } }
    const room = (count: number, of: Candidate): string | undefined => {
      const candidates = Array.from({ length: count }, (_, at) =>
        ballot(at % 9, START + BigInt(at)),
      )
      const state = { ...strange, run: { ...start.run, candidates } }
      const many = { ...options, logics: manyNames(options.logics) }
      return checkRoom(many, state, of)?.code
    }
    const ben = candidateFor(town.ballotOf(1, 1n, 0))
    expect(room(CANDIDATES_OF_STRANGERS_MAX, ballot(5))).toBe('candidate/too-many')
    expect(room(CANDIDATES_OF_STRANGERS_MAX - 1, ballot(5))).toBeUndefined()
    expect(room(CANDIDATES_OF_STRANGERS_MAX, ben)).toBeUndefined()
  })
})

/** As if each of a stranger's ballots came from another name. */
const manyNames = (logics: typeof options.logics): typeof options.logics =>
  new Map(
    [...logics].map(([name, logic]) => [
      name,
      {
        ...logic,
        carries: (argument: Uint8Array, params: Uint8Array) => {
          const carried = logic.carries?.(argument, params)
          if (carried?.by !== 'ana') return carried
          return { ...carried, by: argument.join() }
        },
      },
    ]),
  )
