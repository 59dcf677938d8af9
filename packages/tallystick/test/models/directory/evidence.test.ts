import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { zeroId } from '../../../src/base/brand.ts'
import { isFault } from '../../../src/base/fault.ts'
import { convict } from '../../../src/kernel/evidence.ts'
import { eraseModel } from '../../../src/kernel/model.ts'
import { signerOf } from '../../../src/kernel/controller.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { transitionId } from '../../../src/kernel/transition.ts'
import { directory } from '../../../src/models/directory/certificate.ts'
import type { SignedCheckpoint } from '../../../src/models/directory/checkpoint.ts'
import {
  convictOperator,
  type OperatorEvidence,
  operatorEvidence,
  type OperatorLie,
  receiptVote,
  type Unlogged,
} from '../../../src/models/directory/evidence.ts'
import { proveInChildTrees } from '../../../src/models/directory/map.ts'
import {
  checkpointOf,
  keys,
  logOf,
  mapOf,
  receiptFor,
  signedAs,
  stepOf,
  SUITE,
  type Vowed,
} from './books.ts'
import { charter, engine, freshOwner, policy, stranger, taken } from './town.ts'

const children = ['left', 'right'].map((word) => taken(freshOwner(), word).machine.head)

const signed = (at: number, time: bigint) => {
  const child = children[at]
  if (!child) throw new Error('no child')
  const statement = receiptVote(child, time)
  const digest = statementDigest(SUITE, statement)
  return { statement, signature: engine.sign('ed25519', keys.secret, digest) }
}

const evidenceOf = (first: ReturnType<typeof signed>, second: ReturnType<typeof signed>) => ({
  suite: 'classic' as const,
  scheme: 'ed25519' as const,
  publicKey: keys.publicKey,
  first,
  second,
})

test('receipts of one operator for two children of one parent convict it', () => {
  const conviction = convict(evidenceOf(signed(0, 5n), signed(1, 6n)), engine)
  expect(isFault(conviction) ? conviction.code : conviction.kind).toBe('fork')
})

test('two receipts for one child at two times convict nobody', () => {
  const conviction = convict(evidenceOf(signed(0, 5n), signed(0, 6n)), engine)
  expect(isFault(conviction) && conviction.code).toBe('evidence/no-conflict')
})

const accusing = (lie: OperatorLie): OperatorEvidence => ({
  suite: SUITE,
  scheme: 'ed25519',
  publicKey: keys.publicKey,
  name: 'oda',
  lie,
})

const verdictOn = (lie: OperatorLie): string => {
  const conviction = convictOperator(accusing(lie), engine)
  return isFault(conviction) ? conviction.code : conviction.kind
}

const vowed = Array.from({ length: 9 }, (_, at): Vowed => ({
  step: stepOf(at),
  time: BigInt(100 + at),
}))
const told = vowed.map((one, at) => (at === 3 ? { ...one, step: stepOf(3, 'other') } : one))

describe('a split log', () => {
  test('is two roots of one size, whatever the times', () => {
    const lie = {
      is: 'split-log',
      first: checkpointOf(vowed, 200n),
      second: checkpointOf(told, 300n),
      nodes: [],
    } as const
    expect(convictOperator(accusing(lie), engine)).toEqual({
      kind: 'directory/split-log',
      signer: signerOf(SUITE, accusing(lie)),
      machine: zeroId(),
      sequence: 9n,
      children: [],
    })
    const same = { ...lie, second: checkpointOf(vowed, 300n) }
    expect(verdictOn(same)).toBe('evidence/no-conflict')
  })

  test('is a longer log of an earlier time', () => {
    const lie = {
      is: 'split-log',
      first: checkpointOf(vowed.slice(0, 5), 200n),
      second: checkpointOf(vowed, 199n),
      nodes: [],
    } as const
    expect(verdictOn(lie)).toBe('directory/split-log')
    expect(verdictOn({ ...lie, second: checkpointOf(vowed, 200n) })).toBe('evidence/no-conflict')
  })

  test.each([1, 4, 5, 8])('is a shorter log, of %i, that does not begin the longer one', (size) => {
    const first = checkpointOf(told.slice(0, size), 200n)
    const second = checkpointOf(vowed, 300n)
    const nodes = logOf(vowed).prefix(size)
    const expected = size > 3 ? 'directory/split-log' : 'evidence/no-conflict'
    expect(verdictOn({ is: 'split-log', first, second, nodes })).toBe(expected)
    expect(verdictOn({ is: 'split-log', first: second, second: first, nodes })).toBe(expected)
  })

  test('is not shown by nodes of another log, by too few or by none', () => {
    const first = checkpointOf(told.slice(0, 5), 200n)
    const second = checkpointOf(vowed, 300n)
    const nodes = logOf(vowed).prefix(5)
    const lie = { is: 'split-log', first, second } as const
    expect(verdictOn({ ...lie, nodes: logOf(told).prefix(5) })).toBe('log/wrong-root')
    expect(verdictOn({ ...lie, nodes: nodes.slice(1) })).toBe('log/wrong-length')
    expect(verdictOn({ ...lie, nodes: [] })).toBe('evidence/no-conflict')
  })

  test('C8: has no nodes where none are needed', () => {
    const lie = {
      is: 'split-log',
      first: checkpointOf(vowed, 200n),
      second: checkpointOf(told, 200n),
      nodes: [new Uint8Array(32)],
    } as const
    expect(verdictOn(lie)).toBe('evidence/no-conflict')
  })

  test('is signed by the accused, both times', () => {
    const first = checkpointOf(vowed, 200n)
    const forged = signedAs(checkpointOf(told, 200n).checkpoint, stranger.secret)
    const lie = { is: 'split-log', first, second: forged, nodes: [] } as const
    expect(verdictOn(lie)).toBe('evidence/bad-signature')
    expect(verdictOn({ ...lie, first: forged, second: first })).toBe('evidence/bad-signature')
    const noKey = { ...accusing({ ...lie, second: first, first }), publicKey: new Uint8Array(5) }
    expect(isFault(convictOperator(noKey, engine))).toBe(true)
  })
})

const [hidden] = vowed.slice(4)
if (!hidden) throw new Error('a step')
const unloggedIn = (shown: readonly Vowed[], time: bigint, of: Vowed = hidden): Unlogged => {
  const entry = shown.find((one) => one.step.parent === of.step.parent)
  return {
    is: 'unlogged',
    transition: of.step,
    receipt: receiptFor(of),
    checkpoint: checkpointOf(shown, time),
    child: entry && transitionId(SUITE, entry.step),
    proof: proveInChildTrees(mapOf(shown), of.step),
  }
}

describe('a receipt that is not logged', () => {
  const without = vowed.filter((one) => one !== hidden)

  test('convicts by a later checkpoint that has nothing there', () => {
    const lie = unloggedIn(without, 200n)
    expect(convictOperator(accusing(lie), engine)).toMatchObject({
      kind: 'directory/unlogged',
      machine: hidden.step.machine,
      sequence: hidden.step.sequence,
      children: [transitionId(SUITE, hidden.step)],
    })
  })

  test('convicts by a later checkpoint that has another child there', () => {
    const shown = vowed.map((one) => (one === hidden ? { ...one, step: stepOf(4, 'other') } : one))
    const lie = unloggedIn(shown, 200n)
    expect(lie.child).toBeDefined()
    expect(verdictOn(lie)).toBe('directory/unlogged')
  })

  test('convicts nobody where the map has it', () => {
    expect(verdictOn(unloggedIn(vowed, 200n))).toBe('evidence/no-conflict')
    const claimed = { ...unloggedIn(vowed, 200n), child: undefined }
    expect(verdictOn(claimed)).toBe('proof/other-claim')
  })

  test('convicts by a time below the checkpoint’s only', () => {
    expect(verdictOn(unloggedIn(without, hidden.time + 1n))).toBe('directory/unlogged')
    expect(verdictOn(unloggedIn(without, hidden.time))).toBe('evidence/no-conflict')
  })

  test('convicts by no vote without a time, as two parties give them', () => {
    const timeless = { step: hidden.step, time: 0n }
    expect(verdictOn(unloggedIn(without, 200n, timeless))).toBe('evidence/no-conflict')
  })

  test('convicts by no vote of a round, which cites a held quorum', () => {
    const vote = { ...receiptVote(hidden.step, hidden.time), cited: 1 }
    const signature = engine.sign('ed25519', keys.secret, statementDigest(SUITE, vote))
    const lie = unloggedIn(without, 200n)
    expect(verdictOn({ ...lie, receipt: { time: hidden.time, signature } })).toBe(
      'evidence/bad-signature',
    )
  })

  test('is signed by the accused, receipt and checkpoint', () => {
    const lie = unloggedIn(without, 200n)
    const receipt = receiptFor(hidden, stranger.secret)
    expect(verdictOn({ ...lie, receipt })).toBe('evidence/bad-signature')
    const checkpoint = signedAs(lie.checkpoint.checkpoint, stranger.secret)
    expect(verdictOn({ ...lie, checkpoint })).toBe('evidence/bad-signature')
  })

  test('C10: is shown by that map’s proof about that parent', () => {
    const lie = unloggedIn(without, 200n)
    const elsewhere = proveInChildTrees(mapOf(without), stepOf(77))
    expect(isFault(convictOperator(accusing({ ...lie, proof: elsewhere }), engine))).toBe(true)
    const older = proveInChildTrees(mapOf(without.slice(1)), hidden.step)
    expect(verdictOn({ ...lie, proof: older })).toBe('map/wrong-root')
  })
})

/** What an honest operator signs in a random life: receipts and checkpoints, one clock for both. */
const lives = fc.array(
  fc.record({ does: fc.constantFrom('vow', 'vow', 'check'), pause: fc.nat(2) }),
  { minLength: 2, maxLength: 24 },
)

const lived = (acts: readonly { readonly does: string; readonly pause: number }[]) => {
  let now = 1n
  const done: Vowed[] = []
  const checkpoints: { readonly signed: SignedCheckpoint; readonly shown: readonly Vowed[] }[] = []
  for (const { does, pause } of acts) {
    now += BigInt(pause)
    if (does === 'vow') done.push({ step: stepOf(done.length), time: now })
    else checkpoints.push({ signed: checkpointOf(done, now), shown: [...done] })
  }
  return { done, checkpoints }
}

describe('an honest operator', () => {
  test('is convicted by none of its checkpoints and receipts, however they are put together', () => {
    fc.assert(
      fc.property(lives, (acts) => {
        const { done, checkpoints } = lived(acts)
        for (const a of checkpoints) {
          for (const b of checkpoints) {
            const [shorter, longer] = a.shown.length < b.shown.length ? [a, b] : [b, a]
            const nodes =
              shorter.shown.length > 0 ? logOf(longer.shown).prefix(shorter.shown.length) : []
            const lie = { is: 'split-log', first: a.signed, second: b.signed } as const
            expect(verdictOn({ ...lie, nodes })).not.toMatch(/^directory/)
            expect(verdictOn({ ...lie, nodes: [] })).not.toMatch(/^directory/)
          }
          for (const one of done) {
            const lie = unloggedIn(a.shown, a.signed.checkpoint.time, one)
            expect(verdictOn({ ...lie, checkpoint: a.signed })).not.toMatch(/^directory/)
          }
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('evidence against an operator', () => {
  const evidence = accusing(unloggedIn([], 200n))
  const bytes = operatorEvidence.encode(evidence)
  const accused = { terms: charter.terms, verifier: engine }

  test('has one spelling', () => {
    expect(operatorEvidence.decode(bytes)).toEqual(evidence)
  })

  test('convicts in the model an operator that the policy names, and nobody else', () => {
    const model = eraseModel(directory)
    expect(model.convict(bytes, accused)).toMatchObject([{ kind: 'directory/unlogged' }])
    const others = { ...policy, operators: policy.operators.slice(1) }
    const strict = { ...accused, policy: others }
    expect(directory.convict?.(bytes, strict)).toMatchObject({ code: 'evidence/unknown-operator' })
    expect(model.convict(bytes.subarray(1), accused)).toMatchObject({ name: 'Fault' })
  })

  test('E7: is refused with any byte changed or cut off, unless it still says as much', () => {
    const signer = signerOf(SUITE, evidence)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const found = eraseModel(directory).convict(
          bytes.with(at, (bytes[at] ?? 0) ^ change),
          accused,
        )
        // The name is the accuser's word; a change there changes nothing else.
        if (!isFault(found)) expect(found).toMatchObject([{ kind: 'directory/unlogged', signer }])
        expect(isFault(found) || (at >= 42 && at < 45)).toBe(true)
        expect(isFault(eraseModel(directory).convict(bytes.subarray(0, at), accused))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
