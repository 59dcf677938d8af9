import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { u64 } from '../../src/base/codec.ts'
import { Fault, isFault } from '../../src/base/fault.ts'
import { hash } from '../../src/base/hash.ts'
import { CHANGES_MAX, STATE_VALUE_BYTES_MAX } from '../../src/base/limits.ts'
import { TAGS } from '../../src/base/tags.ts'
import { machineId, type Terms, terms } from '../../src/kernel/charter.ts'
import { evidence } from '../../src/kernel/evidence.ts'
import {
  type Execute,
  execute,
  type Machine,
  openMachine,
  pathKey,
} from '../../src/kernel/execute.ts'
import {
  AMEND,
  type Interaction,
  interactionId,
  type Operation,
} from '../../src/kernel/interaction.ts'
import type { Call, Change, Logic } from '../../src/kernel/logic.ts'
import { statementDigest } from '../../src/kernel/statement.ts'
import { checkLink, transitionId } from '../../src/kernel/transition.ts'
import { emptyTree, read, rootOf } from '../../src/state/tree.ts'
import {
  adding,
  aCharter,
  alice,
  anId,
  aTerms,
  aTransition,
  aVote,
  bob,
  carol,
  counter,
  engine,
  interactionOn,
  logics,
  opened,
  participantOf,
  sign,
} from './sample.ts'

const machine = opened()
const asset = opened(aCharter({ nonce: new Uint8Array(32).fill(1) }))

const run = (interaction: Interaction, changes: Partial<Execute> = {}): Execute => ({
  interaction,
  machines: new Map([machine, asset].map((one) => [one.id, one])),
  logics,
  consents: () => true,
  proven: [],
  verifier: engine,
  ...changes,
})
const faultOf = (of: Execute): Fault => {
  const done = execute(of)
  if (!isFault(done)) throw new Error('it was executed')
  return done
}
const codeOf = (of: Execute): string => faultOf(of).code
const after = (of: Execute): Machine => {
  const done = execute(of)
  if (isFault(done)) throw done
  const [first] = done.written
  if (!first) throw new Error('nothing was written')
  return first
}
const countIn = (of: Machine, owner = of): bigint => {
  const value = read(of.state, pathKey('classic', { machine: owner.id, logic: 0 }, ['count']))
  return value ? u64.decode(value) : -1n
}

/** A logic that does as a test says. */
const doing = (apply: Logic['apply']): Partial<Execute> => ({
  logics: new Map([[counter.name, { ...counter, apply }]]),
})
const one = (changes: readonly Change[]): Partial<Execute> => doing(() => changes)

describe('opening', () => {
  test('runs the logics of the charter and puts the genesis on top', () => {
    expect(machine.id).toBe(machineId(aCharter()))
    expect(machine.head).toMatchObject({ machine: machine.id, sequence: 0n })
    expect(machine.headId).toBe(transitionId('classic', machine.head))
    expect(machine.head.state).toBe(rootOf(machine.state))
    expect(countIn(machine)).toBe(0n)
  })

  const codeOfOpening = (changes: Parameters<typeof aCharter>[0], known = logics): string => {
    const begun = openMachine(aCharter(changes), known)
    return isFault(begun) ? begun.code : 'opened'
  }

  test('refuses logics that are not known, parameters they refuse, and cells', () => {
    const use = (name: string, params = new Uint8Array()) => ({ logics: [{ name, params }] })
    expect(codeOfOpening(use('counter'))).toBe('opened')
    expect(codeOfOpening(use('unheard-of'))).toBe('logic/unknown')
    expect(codeOfOpening(use('counter', Uint8Array.of(1)))).toBe('counter/bad-params')
    expect(codeOfOpening({ state: { is: 'cells', cells: [0n, 0n, 0n, 0n] } })).toBe(
      'charter/cells-chain',
    )
  })

  test('turns what a logic raises at its start into a refusal', () => {
    const raising = {
      ...counter,
      genesis: ({ params }: { params: Uint8Array }) => [
        { path: ['n'], value: u64.encode(u64.decode(params)) },
      ],
    }
    const endless = {
      ...counter,
      genesis: () => [{ path: Array(99).fill('deep'), value: undefined }],
    }
    expect(codeOfOpening({}, new Map([['counter', raising]]))).toBe('codec/truncated')
    expect(codeOfOpening({}, new Map([['counter', endless]]))).toBe('state/too-many-parts')
  })
})

describe('a step', () => {
  const wish = interactionOn(machine, [adding(machine, 5n), adding(machine, 7n)])

  test('follows its parent, carries the interaction and the state that the logic made', () => {
    const next = after(run(wish))
    expect(checkLink('classic', machine.head, next.head)).toBeUndefined()
    expect(next.head.interaction).toBe(interactionId(wish))
    expect(next.head.state).toBe(rootOf(next.state))
    expect(countIn(next)).toBe(12n)
    expect(countIn(machine)).toBe(0n)
  })

  test('is the same each time, and another for another operation', () => {
    expect(after(run(wish)).headId).toBe(after(run(wish)).headId)
    const other = interactionOn(machine, [adding(machine, 12n)])
    expect(countIn(after(run(other)))).toBe(12n)
    expect(after(run(other)).headId).not.toBe(after(run(wish)).headId)
  })

  test('cannot be applied twice', () => {
    const next = after(run(wish))
    const machines = new Map([[machine.id, next]])
    expect(codeOf(run(wish, { machines }))).toBe('interaction/wrong-parent')
  })

  test('of an open leg goes on top of the head, whatever it is', () => {
    const open = {
      ...interactionOn(machine, [adding(asset, 1n)]),
      legs: [
        { machine: machine.id, access: 'write', parent: machine.headId },
        { machine: asset.id, access: 'write', parent: undefined },
      ],
    } satisfies Interaction
    const done = execute(run(open))
    if (isFault(done)) throw done
    expect(done.written.map((each) => each.head.sequence)).toEqual([1n, 1n])
    expect(new Set(done.written.map((each) => each.head.interaction)).size).toBe(1)
  })

  test('that is refused names machine and step, and nothing has happened', () => {
    const fault = faultOf(
      run(interactionOn(machine, [adding(machine, 5n), adding(machine, 1000n)])),
    )
    expect(fault).toMatchObject({ code: 'counter/full', place: { machine: machine.id, step: 1n } })
    expect(countIn(machine)).toBe(0n)
  })
})

describe('refusals', () => {
  const wish = interactionOn(machine, [adding(machine, 1n)])
  const [written] = wish.legs as [Interaction['legs'][0]]

  test.each<[string, Partial<Interaction>, string]>([
    ['of a shape that is wrong', { legs: [written, written] }, 'interaction/duplicate-leg'],
    ['of another suite', { suite: 'quantum' }, 'interaction/wrong-suite'],
    [
      'of a machine that is not known',
      { legs: [written, { ...written, machine: anId('who') }] },
      'interaction/unknown-machine',
    ],
    [
      'at a parent that is not the head',
      { legs: [{ ...written, parent: anId('old') }] },
      'interaction/wrong-parent',
    ],
    [
      'with a position that has no logic',
      { operations: [{ ...adding(machine, 1n), logic: 1 }] },
      'logic/unknown',
    ],
    [
      'with an argument that does not decode',
      { operations: [{ ...adding(machine, 1n), argument: Uint8Array.of(1) }] },
      'codec/truncated',
    ],
  ])('%s', (_, change, code) => {
    expect(codeOf(run({ ...wish, ...change }))).toBe(code)
  })

  test('a logic that this program does not have', () => {
    expect(codeOf(run(wish, { logics: new Map() }))).toBe('logic/unknown')
  })

  test('a pinned leg that is only read must be at its head as well', () => {
    const beside = (parent = asset.headId): Interaction => ({
      ...wish,
      legs: [written, { machine: asset.id, access: 'read', parent }],
    })
    expect(after(run(beside())).head.sequence).toBe(1n)
    expect(codeOf(run(beside(anId('old'))))).toBe('interaction/wrong-parent')
  })

  test('changes of machines that are read or no leg, too many, too long or at no path', () => {
    const change: Change = { machine: machine.id, path: ['x'], value: new Uint8Array(1) }
    const beside = {
      ...wish,
      legs: [written, { machine: asset.id, access: 'read', parent: undefined }],
    } satisfies Interaction
    expect(codeOf(run(wish, one([{ ...change, machine: asset.id }])))).toBe('logic/not-written')
    expect(codeOf(run(beside, one([{ ...change, machine: asset.id }])))).toBe('logic/not-written')
    const many = (count: number): Change[] =>
      Array.from({ length: count }, (_, at) => ({ ...change, path: ['x', String(at)] }))
    expect(after(run(wish, one(many(CHANGES_MAX)))).head.sequence).toBe(1n)
    expect(codeOf(run(wish, one(many(CHANGES_MAX + 1))))).toBe('logic/too-many-changes')
    const long = (size: number): readonly Change[] => [{ ...change, value: new Uint8Array(size) }]
    expect(after(run(wish, one(long(STATE_VALUE_BYTES_MAX)))).head.sequence).toBe(1n)
    expect(codeOf(run(wish, one(long(STATE_VALUE_BYTES_MAX + 1))))).toBe('logic/value-too-long')
    expect(codeOf(run(wish, one([{ ...change, path: ['\u0000'] }])))).toBe('text/control-character')
  })

  test('a mistake of our own is no refusal: it comes through', () => {
    const broken = doing(() => {
      throw new TypeError('a mistake')
    })
    expect(() => execute(run(wish, broken))).toThrow(TypeError)
  })
})

describe('what a logic sees and touches', () => {
  const both: Interaction = {
    ...interactionOn(machine, [adding(asset, 3n)]),
    legs: [
      { machine: machine.id, access: 'write', parent: machine.headId },
      { machine: asset.id, access: 'read', parent: undefined },
    ],
  }

  test('it writes under its own prefix, also in a machine that is not its own', () => {
    const next = after(run(both))
    expect(countIn(next, asset)).toBe(3n)
    expect(countIn(next)).toBe(0n)
  })

  test('it reads every leg, sees the operations before it, and nothing of other machines', () => {
    const seen: unknown[] = []
    const look = doing((call) => {
      const count = (of: Machine, owner: Machine): unknown =>
        call.read(of.id, ['count'], { machine: owner.id, logic: 0 })?.[0]
      seen.push([count(machine, asset), count(asset, asset), count(machine, machine)])
      return [{ machine: machine.id, path: ['count'], value: u64.encode(9n) }]
    })
    after(run({ ...both, operations: [adding(asset, 0n), adding(asset, 0n)] }, look))
    after(run(interactionOn(machine, [adding(machine, 0n)]), look))
    expect(seen).toEqual([
      [undefined, 0, 0],
      [9, 0, 0],
      [undefined, undefined, 0],
    ])
  })

  test('it is told who consents, what is written and which interaction runs', () => {
    const calls: Call[] = []
    const look = doing((call) => {
      calls.push(call)
      return []
    })
    after(run(both, { ...look, consents: (of, party) => of === machine.id && party === 1 }))
    const [call] = calls
    expect(call?.written).toEqual([machine.id])
    expect(call?.interaction).toBe(interactionId(both))
    expect([0, 1].map((party) => call?.consents(machine.id, party))).toEqual([false, true])
    expect(call?.terms(asset.id)).toEqual(asset.terms)
    expect(call?.terms(anId('who'))).toBeUndefined()
  })

  test('it can have evidence judged', () => {
    const two = ['a', 'b'].map((name) => {
      const statement = aVote({ transition: aTransition({ interaction: anId(name) }) })
      return { statement, signature: sign('classic', alice, statement) }
    })
    const [first, second] = two
    if (!first || !second) throw new Error('two were made')
    const bytes = evidence.encode({
      suite: 'classic',
      scheme: 'ed25519',
      publicKey: alice.keys.publicKey,
      first,
      second,
    })
    const found: unknown[] = []
    const look = doing((call) => {
      found.push(call.convict(bytes), call.convict(bytes.subarray(1)))
      return []
    })
    after(run(interactionOn(machine, [adding(machine, 0n)]), look))
    expect(found[0]).toMatchObject({ kind: 'fork' })
    expect(isFault(found[1])).toBe(true)
  })
})

describe('premises', () => {
  const fact = {
    is: 'fact',
    machine: asset.id,
    transition: asset.headId,
    key: pathKey('classic', { machine: asset.id, logic: 0 }, ['count']),
    value: u64.encode(0n),
  } as const
  const time = { is: 'time', machine: asset.id, transition: asset.headId, atLeast: 10n } as const
  const relying = (...premises: Interaction['premises']): Interaction => ({
    ...interactionOn(machine, [adding(machine, 1n)]),
    premises,
  })

  test('are met by the same fact or a time at least as late at the same step', () => {
    expect(after(run(relying(fact), { proven: [fact] })).head.sequence).toBe(1n)
    const later = { ...time, atLeast: 11n }
    expect(after(run(relying(time), { proven: [later] })).head.sequence).toBe(1n)
    const absent = { ...fact, value: undefined }
    expect(after(run(relying(absent), { proven: [absent] })).head.sequence).toBe(1n)
  })

  test.each([
    ['nothing', relying(fact), []],
    ['another machine', relying(fact), [{ ...fact, machine: machine.id }]],
    ['another step', relying(fact), [{ ...fact, transition: machine.headId }]],
    ['another key', relying(fact), [{ ...fact, key: anId<'state-key'>('other') }]],
    ['another value', relying(fact), [{ ...fact, value: u64.encode(1n) }]],
    ['an absence', relying(fact), [{ ...fact, value: undefined }]],
    [
      'an empty value',
      relying({ ...fact, value: undefined }),
      [{ ...fact, value: new Uint8Array() }],
    ],
    ['an earlier time', relying(time), [{ ...time, atLeast: 9n }]],
    ['a time at another step', relying(time), [{ ...time, transition: machine.headId }]],
    ['a time for a fact', relying(fact), [time]],
    ['proofs in another order', relying(fact, time), [time, fact]],
  ])('are not met by %s', (_, interaction, proven) => {
    expect(codeOf(run(interaction, { proven }))).toBe('interaction/unproven-premise')
  })
})

describe('a change of terms', () => {
  const next = aTerms({
    suite: 'quantum',
    participants: [quantumBob()],
    turn: { is: 'owner', party: 0 },
  })
  const amending = (to: Terms | Uint8Array): Interaction => {
    const argument = to instanceof Uint8Array ? to : terms.encode(to)
    return interactionOn(machine, [{ machine: machine.id, logic: AMEND, argument }])
  }

  test('takes force after the step, which itself is made under the old ones', () => {
    const moved = after(run(amending(next)))
    expect(moved.terms).toEqual(next)
    expect(moved.charter).toEqual(machine.charter)
    expect(moved.id).toBe(machine.id)
    expect(checkLink('classic', machine.head, moved.head)).toBeUndefined()
    const key = pathKey('quantum', { machine: machine.id, logic: AMEND }, ['terms'])
    expect(read(moved.state, key)).toEqual(hash('quantum', TAGS.terms, terms.encode(next)))
  })

  test('is followed by steps in the new suite only', () => {
    const moved = after(run(amending(next)))
    const machines = new Map([[machine.id, moved]])
    const old: Interaction = { ...interactionOn(moved, [adding(machine, 1n)]), suite: 'classic' }
    expect(codeOf(run(old, { machines }))).toBe('interaction/wrong-suite')
    expect(countIn(after(run({ ...old, suite: 'quantum' }, { machines })))).toBe(1n)
  })

  test('needs the consent of every present participant', () => {
    const fault = faultOf(run(amending(next), { consents: (_, party) => party !== 1 }))
    expect(fault).toMatchObject({ code: 'amend/no-consent', place: { party: 'bob' } })
  })

  test.each<[string, Terms | Uint8Array, string]>([
    ['another hash', aTerms({ suite: 'nostr', participants: [nostrBob()] }), 'amend/other-hash'],
    ['terms that are wrong', aTerms({ participants: [] }), 'charter/no-participants'],
    ['a turn of nobody', aTerms({ turn: { is: 'owner', party: 9 } }), 'charter/unknown-party'],
    ['bytes that are no terms', new Uint8Array(3), 'suite/unknown'],
  ])('is refused with %s', (_, to, code) => {
    expect(codeOf(run(amending(to)))).toBe(code)
  })

  test('reaches only a machine that is written', () => {
    const operation: Operation = { machine: asset.id, logic: AMEND, argument: terms.encode(next) }
    const interaction: Interaction = {
      ...interactionOn(machine, [operation]),
      legs: [
        { machine: machine.id, access: 'write', parent: machine.headId },
        { machine: asset.id, access: 'read', parent: undefined },
      ],
    }
    expect(codeOf(run(interaction))).toBe('logic/not-written')
  })
})

/** Bob with a key of the post-quantum scheme. */
function quantumBob(): Terms['participants'][0] {
  const { publicKey } = engine.fromSeed('ml-dsa-44', new Uint8Array(32).fill(8))
  const keys = [{ scheme: 'ml-dsa-44' as const, publicKey, weight: 1 }]
  return { name: 'bob', controller: { keys, threshold: 1 } }
}

function nostrBob(): Terms['participants'][0] {
  const keys = [{ scheme: 'bip340' as const, publicKey: bob.keys.publicKey, weight: 1 }]
  return { name: 'bob', controller: { keys, threshold: 1 } }
}

test('the state after any run of steps is what the logic says, root and all', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60), { maxLength: 8 }), (amounts) => {
      let at = machine
      for (const amount of amounts) {
        const machines = new Map([[machine.id, at]])
        at = after(run(interactionOn(at, [adding(at, BigInt(amount))]), { machines }))
      }
      expect(countIn(at)).toBe(BigInt(amounts.reduce((sum, amount) => sum + amount, 0)))
      expect(at.head.sequence).toBe(BigInt(amounts.length))
      expect(rootOf(at.state)).toBe(at.head.state)
      expect(rootOf(emptyTree('classic'))).not.toBe(at.head.state)
    }),
    { numRuns: 40 },
  )
})

test('participants of a machine are known by name to a fault', () => {
  const trio = opened(
    aCharter({ terms: aTerms({ participants: [alice, bob, carol].map(participantOf) }) }),
  )
  const interaction = interactionOn(trio, [
    { machine: trio.id, logic: AMEND, argument: terms.encode(aTerms()) },
  ])
  const machines = new Map([[trio.id, trio]])
  const fault = faultOf(run(interaction, { machines, consents: (_, party) => party < 2 }))
  expect(fault.place.party).toBe('carol')
})

describe('a signature in an operation', () => {
  test('is checked with the verifier that the run was given', () => {
    const signature = sign('classic', alice, aVote())
    const digest = statementDigest('classic', aVote())
    const asking: Logic = {
      ...counter,
      apply: (call) =>
        call.verifies('ed25519', alice.keys.publicKey, digest, call.argument)
          ? []
          : new Fault('counter/not-signed', 'nobody signed this'),
    }
    const carrying = (argument: Uint8Array): Interaction =>
      interactionOn(machine, [{ machine: machine.id, logic: 0, argument }])
    const signed = { logics: new Map([['counter', asking]]) }
    expect(isFault(execute(run(carrying(signature), signed)))).toBe(false)
    const spoiled = Uint8Array.from(signature)
    spoiled[0] = (spoiled[0] ?? 0) ^ 1
    expect(faultOf(run(carrying(spoiled), signed)).code).toBe('counter/not-signed')
  })
})
