import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { type Cast, committedQuorums } from '../../src/kernel/cast.ts'
import { conflictBetween, convict } from '../../src/kernel/evidence.ts'
import { evidenceBetween } from '../../src/kernel/model.ts'
import { certificateFrom, checkRounds } from '../../src/kernel/round-certificate.ts'
import { createRounds, ROUND_RULES, type RoundInput } from '../../src/kernel/round.ts'
import {
  beginRounds,
  type Decision,
  decisionOf,
  leadsOf,
  type RoundInstance,
  roundState,
  type RoundState,
} from '../../src/kernel/round-state.ts'
import type { Transition } from '../../src/kernel/transition.ts'
import { permits } from '../../src/kernel/vow.ts'
import { aTerms, engine } from './sample.ts'
import { A, abort, B, castBy, quorum, vote } from './round-votes.ts'
import {
  CHILDREN,
  instanceFor,
  PEOPLE,
  type Plan,
  quorumOf,
  type Run,
  runNet,
  silence,
} from './round-net.ts'

/** Signers who made two statements that an honest one never makes both. */
const guiltyIn = (run: Run): readonly number[] =>
  run.signed.flatMap((casts, signer) => {
    const isGuilty = casts.some((a, at) =>
      casts.slice(at + 1).some((b) => conflictBetween('classic', a.statement, b.statement)),
    )
    return isGuilty ? [signer] : []
  })

/** Children with a quorum of commits, delivered or not. */
const finalIn = (run: Run, threshold = 3): number => {
  const made = new Map(run.signed.flat().map((one) => [`${one.signer} ${key(one)}`, one]))
  const committed = committedQuorums(quorumOf(threshold), [...made.values()])
  return new Set(committed.map((one) => one.child)).size
}
const key = ({ statement: of, child }: Cast): string =>
  of.is === 'vote' ? `${of.phase} ${of.round} ${of.cited} ${child}` : `abort ${of.round}`

const everyoneDecided = (run: Run): boolean => run.decisions.every((one) => one !== undefined)

/** A seed that breaks something, of the planted kinds of breakage. One in which it was seen is tried first, and then all of them. */
const brokenSeed = (
  { seeds, seenAt }: { readonly seeds: number; readonly seenAt: number },
  plan: (seed: number) => Plan,
): number | undefined => {
  const breaks = (seed: number): boolean => {
    const run = runNet(plan(seed))
    const honest = guiltyIn(run).filter((one) => !(plan(seed).twins ?? []).includes(one))
    return honest.length > 0 || finalIn(run, plan(seed).threshold) > 1
  }
  if (breaks(seenAt)) return seenAt
  for (let seed = 0; seed < seeds; seed++) if (breaks(seed)) return seed
  return undefined
}

/** One node hears all and is heard by none: locks come up that the others know nothing of. */
const hiddenLocks: Plan['knobs'] = (stream) => ({
  loss: 60,
  repeat: 0,
  delay: 20,
  crash: 0,
  wishes: 100,
  hasWall: false,
  links: silence(stream.below(4)),
})

// Many runs: a busy machine takes its time over them.
const LONG = { timeout: 60_000 }

describe('a network of four certifiers, one of which may be faulty', LONG, () => {
  test('never makes two children final, and all decide the same once it has healed', () => {
    let rounds = 0
    for (let seed = 0; seed < 120; seed++) {
      const run = runNet(seed % 3 ? { seed } : { seed, knobs: hiddenLocks })
      expect(finalIn(run), `seed ${seed}`).toBe(1)
      expect(everyoneDecided(run), `seed ${seed} decided`).toBe(true)
      expect(new Set(run.decisions.map((one) => one?.child)).size, `seed ${seed}`).toBe(1)
      expect(guiltyIn(run), `seed ${seed}`).toEqual([])
      expect(run.decidedAt, `seed ${seed}`).toBeLessThan(5000)
      rounds = Math.max(rounds, run.rounds)
    }
    // Runs that end in their first round would show nothing about later ones.
    expect(rounds).toBeGreaterThan(2)
  })

  test('agrees with one signer running twice, and evidence names that one only', () => {
    let convicted = 0
    for (let seed = 0; seed < 80; seed++) {
      const twin = seed % 4
      const run = runNet({ seed, twins: [twin] })
      expect(finalIn(run), `seed ${seed}`).toBe(1)
      expect(everyoneDecided(run), `seed ${seed} decided`).toBe(true)
      const guilty = guiltyIn(run)
      expect([[], [twin]]).toContainEqual(guilty)
      convicted += guilty.length
    }
    expect(convicted).toBeGreaterThan(10)
  })

  test('can be split by two signers running twice, and the certificates alone name both', () => {
    let splits = 0
    for (let seed = 0; seed < 60; seed++) {
      const twins = [seed % 4, (seed + 1) % 4]
      const run = runNet({ seed, twins })
      expect(guiltyIn(run).filter((one) => !twins.includes(one))).toEqual([])
      const [one, other] = differing(run.decisions)
      if (!one || !other) continue
      splits += 1
      expect(namedBy(one, other), `seed ${seed}`).toEqual(twins.toSorted((a, b) => a - b))
    }
    expect(splits).toBeGreaterThan(0)
  })

  test('gives the same run for the same seed', () => {
    const [once, again] = [runNet({ seed: 7, twins: [1] }), runNet({ seed: 7, twins: [1] })]
    expect(again.events).toBe(once.events)
    expect(again.signed.flat().map(key)).toEqual(once.signed.flat().map(key))
  })
})

/** Decisions of two nodes for different children, if there are any. */
const differing = (decisions: readonly (Decision | undefined)[]): readonly Decision[] => {
  const made = decisions.filter((one) => one !== undefined)
  const other = made.find((one) => one.child !== made[0]?.child)
  return other ? [...made.slice(0, 1), other] : []
}

/** Signers that two certificates convict between them, from their bytes' worth of signatures and nothing else. */
const namedBy = (one: Decision, other: Decision): readonly number[] => {
  const attestationsOf = (of: Decision): Parameters<typeof evidenceBetween>[1] => {
    const by = { place: instanceFor(quorum, 0), quorum, verifier: engine }
    const found = checkRounds(by, of.transition, certificateFrom(of))
    if (isFault(found)) throw found
    return found.attestations
  }
  const evidence = evidenceBetween(aTerms(), attestationsOf(one), attestationsOf(other))
  const named = evidence.map((each) => {
    expect(isFault(convict(each, engine))).toBe(false)
    return PEOPLE.findIndex((person) => person.keys.publicKey === each.publicKey)
  })
  return [...new Set(named)].toSorted((a, b) => a - b)
}

describe('planted bugs are found', LONG, () => {
  test('a certifier that skips the lock, within 600 seeds', () => {
    const forgetful: typeof permits = (taken, wish, permission) =>
      permits(
        taken.filter((one) => one.round >= wish.round),
        wish,
        permission,
      )
    const rules = { ...ROUND_RULES, permits: forgetful }
    expect(
      brokenSeed({ seeds: 600, seenAt: 209 }, (seed) => ({ seed, knobs: hiddenLocks, rules })),
    ).toBeDefined()
  })

  test('a quorum of two of four, within 60 seeds', () => {
    expect(brokenSeed({ seeds: 60, seenAt: 12 }, (seed) => ({ seed, threshold: 2 }))).toBeDefined()
  })

  test('a certifier that forgets its vows in a crash, within 60 seeds', () => {
    expect(
      brokenSeed({ seeds: 60, seenAt: 17 }, (seed) => ({ seed, restored: beginRounds })),
    ).toBeDefined()
  })

  test('a certifier whose holds do not cite what they rely on, within 900 seeds', () => {
    const rules = {
      permits: ((taken, wish, permission) => {
        const cited = permission.heldAt === undefined ? 0 : permission.heldAt + 1
        return permits(taken, { ...wish, cited }, permission)
      }) satisfies typeof permits,
      cite: ((held, phase) =>
        phase === 'hold' ? 0 : ROUND_RULES.cite(held, phase)) satisfies typeof ROUND_RULES.cite,
    }
    expect(
      brokenSeed({ seeds: 900, seenAt: 384 }, (seed) => ({ seed, knobs: hiddenLocks, rules })),
    ).toBeDefined()
  })
})

/** One certifier, driven by hand. Signing happens at once. */
const certifier = (seat: number | undefined, changes: Partial<RoundInstance> = {}) => {
  const role = createRounds({ ...instanceFor(quorum, 0), seat, ...changes })
  let state = beginRounds()
  let now = 0n
  const put = (input: RoundInput): void => {
    state = role.step(state, input, { now, random: new Uint8Array(32) })
    for (const effect of role.outstanding(state)) {
      if (effect.is !== 'sign' || seat === undefined) continue
      const { signature } = castBy(seat, effect.statement)
      put({ is: 'signed', statement: effect.statement, signature })
      return
    }
  }
  return {
    role,
    put,
    hear: (...casts: readonly Cast[]): void => put({ is: 'casts', casts }),
    judge: (transition: Transition, isValid = true): void =>
      put({ is: 'judged', transition, isValid }),
    wait: (ms: bigint): void => {
      now += ms
      put({ is: 'tick' })
    },
    state: (): RoundState => state,
    own: (): readonly string[] =>
      state.own.map((one) => `${one.vow.phase} ${one.vow.round} ${one.vow.cited}`),
  }
}

const leads = leadsOf(instanceFor(quorum, 0), quorum)
const lead = leads[0] ?? 0
const others = leads.slice(1)
const [mine = 0] = others

describe('one certifier', () => {
  test('the lead proposes, holds and commits in one go as the votes come', () => {
    const it = certifier(lead)
    it.judge(A)
    expect(it.own()).toEqual(['propose 0 0', 'hold 0 0'])
    it.hear(...others.slice(0, 2).map((signer) => castBy(signer, vote('hold', A))))
    expect(it.own()).toEqual(['propose 0 0', 'hold 0 0', 'commit 0 1'])
    it.hear(...others.slice(0, 2).map((signer) => castBy(signer, vote('commit', A, 0, 1))))
    expect(decisionOf(quorum, it.state())?.transition).toEqual(A)
    expect(it.role.waitingFor(it.state())).toEqual([])
  })

  test('a proposal by anybody but the lead is ignored', () => {
    const it = certifier(mine)
    it.judge(A)
    it.hear(castBy(others[1] ?? 0, vote('propose', A)))
    expect(it.own()).toEqual([])
    it.hear(castBy(lead, vote('propose', A)))
    expect(it.own()).toEqual(['hold 0 0'])
  })

  test('asks for a child it has not judged, and never votes for one found invalid', () => {
    const it = certifier(mine)
    it.hear(castBy(lead, vote('propose', A)))
    expect(it.role.outstanding(it.state())).toContainEqual({ is: 'check', transition: A })
    it.judge(A, false)
    it.hear(...[lead, ...others.slice(1)].map((signer) => castBy(signer, vote('hold', A))))
    expect(it.own()).toEqual([])
  })

  test('a lead that proposes two children gets one hold', () => {
    const it = certifier(mine)
    it.judge(A)
    it.judge(B)
    it.hear(castBy(lead, vote('propose', B)), castBy(lead, vote('propose', A)))
    expect(it.own()).toEqual(['hold 0 0'])
    expect(it.state().own[0]?.statement).toEqual(vote('hold', B))
  })

  test('the same signer heard three times is no quorum', () => {
    const it = certifier(mine)
    it.judge(A)
    it.hear(castBy(lead, vote('propose', A)))
    const hold = castBy(lead, vote('hold', A))
    it.hear(hold, { ...hold }, { ...hold, signature: hold.signature.map((byte) => byte ^ 1) })
    expect(it.own()).toEqual(['hold 0 0'])
    it.hear(castBy(others[1] ?? 0, vote('hold', A)))
    expect(it.own()).toEqual(['hold 0 0', 'commit 0 1'])
  })

  test('does nothing and waits for nobody while there is nothing to decide', () => {
    const it = certifier(mine)
    it.wait(10_000n)
    expect(it.own()).toEqual([])
    expect(it.role.waitingFor(it.state())).toEqual([{ is: 'step', sequence: 1n, parent: A.parent }])
  })

  test('aborts when its patience ends, and only a quorum of endings opens the next round', () => {
    const it = certifier(mine)
    it.judge(A)
    it.wait(99n)
    expect(it.own()).toEqual([])
    expect(it.role.outstanding(it.state())).toContainEqual({ is: 'wake', at: 100n })
    it.wait(1n)
    expect(it.own()).toEqual(['abort 0 0'])
    it.hear(castBy(lead, abort(0)))
    expect(it.state().round).toBe(0)
    it.hear(castBy(others[1] ?? 0, vote('commit', A, 0, 1)))
    expect(it.state().round).toBe(1)
  })

  test('having aborted, it no longer commits in that round', () => {
    const it = certifier(mine)
    it.judge(A)
    it.wait(100n)
    it.hear(...[lead, ...others.slice(1)].map((signer) => castBy(signer, vote('hold', A))))
    expect(it.own()).toEqual(['abort 0 0'])
  })

  test('patience grows with the round', () => {
    const it = certifier(mine, { seat: mine })
    it.judge(A)
    it.hear(...[lead, ...others.slice(1)].map((signer) => castBy(signer, abort(0))))
    expect(it.state().round).toBe(1)
    const patience = it.role.outstanding(it.state()).find((one) => one.is === 'wake')
    expect(patience).toEqual({ is: 'wake', at: 200n })
  })

  test('locked on one child, it holds another only on a quorum that held it as late', () => {
    const it = certifier(leads[3])
    const rest = leads.slice(0, 3)
    it.judge(A)
    it.judge(B)
    it.hear(...rest.map((signer) => castBy(signer, vote('hold', A))))
    expect(it.own()).toEqual(['commit 0 1'])
    it.hear(...rest.map((signer) => castBy(signer, abort(0))))
    it.hear(castBy(leads[1] ?? 0, vote('propose', B, 1)))
    expect(it.own()).toEqual(['commit 0 1'])
    it.hear(...rest.map((signer) => castBy(signer, vote('hold', B, 1))))
    it.hear(...rest.map((signer) => castBy(signer, abort(1))))
    it.hear(castBy(leads[2] ?? 0, vote('propose', B, 2, 2)))
    expect(it.own().at(-1)).toBe('hold 2 2')
  })

  test('a citation that cannot be seen, or points at the round itself, is worth nothing', () => {
    const it = certifier(leads[2])
    const rest = [lead, leads[1] ?? 0, leads[3] ?? 0]
    it.judge(A)
    it.hear(...rest.map((signer) => castBy(signer, abort(0))))
    for (const cited of [1, 2, 3]) it.hear(castBy(leads[1] ?? 0, vote('propose', A, 1, cited)))
    expect(it.own()).toEqual([])
    it.hear(...rest.map((signer) => castBy(signer, vote('hold', A))))
    expect(it.own()).toEqual(['hold 1 1'])
  })

  test('keeps votes two rounds ahead and no further, unless they are a quorum by themselves', () => {
    const it = certifier(mine)
    it.hear(castBy(lead, vote('hold', A, 2)), castBy(lead, vote('hold', A, 3)))
    expect(it.state().casts.map((one) => one.statement.round)).toEqual([2])
    it.hear(...[lead, ...others.slice(1)].map((signer) => castBy(signer, abort(9))))
    expect(it.state().round).toBe(10)
  })

  test('keeps two conflicting votes of a signer, which is what evidence needs, and not a third', () => {
    const it = certifier(mine)
    it.hear(...CHILDREN.map((child) => castBy(lead, vote('hold', child))))
    expect(it.state().casts).toHaveLength(2)
  })

  test('attests times that do not go back', () => {
    const it = certifier(mine, { notBefore: 5000n })
    it.judge(A)
    it.hear(...[lead, ...others.slice(1)].map((signer) => castBy(signer, vote('hold', A))))
    const [commit] = it.state().own
    expect(commit?.statement).toMatchObject({ phase: 'commit', time: 5000n })
  })

  test('repeating every input changes nothing', () => {
    const it = certifier(mine)
    it.judge(A)
    it.hear(castBy(lead, vote('propose', A)), castBy(lead, vote('hold', A)))
    const before = it.state()
    it.judge(A)
    it.judge(A, false)
    it.hear(castBy(lead, vote('hold', A)), castBy(lead, vote('propose', A)))
    expect(it.state()).toEqual(before)
  })

  test('a watcher follows, signs nothing and sends nothing', () => {
    const it = certifier(undefined)
    it.judge(A)
    it.hear(...leads.map((signer) => castBy(signer, vote('hold', A))))
    it.hear(...leads.map((signer) => castBy(signer, vote('commit', A, 0, 1))))
    expect(it.own()).toEqual([])
    expect(it.role.outstanding(it.state())).toEqual([])
    expect(decisionOf(quorum, it.state())?.transition).toEqual(A)
  })

  test('restarted from its bytes it wants the same things', () => {
    const it = certifier(lead)
    it.judge(A)
    it.hear(castBy(others[0] ?? 0, vote('hold', A)))
    const codec = roundState('classic')
    const again = codec.decode(codec.encode(it.state()))
    expect(again).toEqual(it.state())
    expect(it.role.outstanding(again)).toEqual(it.role.outstanding(it.state()))
  })

  test('a vow whose signature a crash has swallowed is signed again, and the same', () => {
    const role = createRounds({ ...instanceFor(quorum, 0), seat: lead })
    const env = { now: 0n, random: new Uint8Array(32) }
    const vowed = role.step(beginRounds(), { is: 'judged', transition: A, isValid: true }, env)
    const asked = role.outstanding(vowed).filter((one) => one.is === 'sign')
    expect(asked).toEqual([{ is: 'sign', statement: vote('propose', A) }])
    const later = role.step(vowed, { is: 'tick' }, { ...env, now: 50n })
    expect(role.outstanding(later).filter((one) => one.is === 'sign')).toEqual(asked)
  })
})
