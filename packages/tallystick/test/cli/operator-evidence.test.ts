/** What the command makes of evidence against an operator. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { zeroId } from '../../src/base/brand.ts'
import { createNativeEngine } from '../../src/engine/native.ts'
import {
  type Checkpoint,
  checkpointDigest,
  type SignedCheckpoint,
} from '../../src/models/directory/checkpoint.ts'
import {
  operatorEvidence,
  type OperatorEvidence,
  type OperatorLie,
  receiptVote,
} from '../../src/models/directory/evidence.ts'
import {
  childTreesRoot,
  emptyChildTrees,
  proveInChildTrees,
} from '../../src/models/directory/map.ts'
import { statementDigest } from '../../src/kernel/statement.ts'
import { fileFromBody } from '../../src/verify/file.ts'
import { anId, aTransition } from '../kernel/sample.ts'
import { createUser } from './spawn.ts'

const user = createUser()
afterAll(() => rmSync(join(user.home, '..'), { recursive: true }))

const engine = createNativeEngine()
const keys = engine.fromSeed('ed25519', new Uint8Array(32).fill(7))
const sign = (digest: Uint8Array): Uint8Array => engine.sign('ed25519', keys.secret, digest)
const empty = emptyChildTrees('classic')

const signed = (changes: Partial<Checkpoint>): SignedCheckpoint => {
  const checkpoint: Checkpoint = {
    size: 3n,
    time: 1_700_000_000_000n,
    logRoot: zeroId(),
    mapRoot: childTreesRoot(empty),
    ...changes,
  }
  return { checkpoint, signature: sign(checkpointDigest('classic', checkpoint)) }
}

const fileOf = (name: string, lie: OperatorLie): string => {
  const of: OperatorEvidence = {
    suite: 'classic',
    scheme: 'ed25519',
    publicKey: keys.publicKey,
    name: 'oda',
    lie,
  }
  writeFileSync(
    join(user.cwd, name),
    fileFromBody('operator-evidence', operatorEvidence.encode(of)),
  )
  return name
}

describe('evidence against an operator', () => {
  test('of two logs names it and says what it signed', async () => {
    const file = fileOf('split.tally', {
      is: 'split-log',
      first: signed({}),
      second: signed({ logRoot: anId('other') }),
      nodes: [],
    })
    const checked = await user.run('verify', file)
    expect(checked.out).toContain('convicted: operator oda, key ')
    expect(checked.out).toContain('signed for two logs that exclude each other')
    expect(checked.out).toContain('over 3 entries at 2023-11-14T22:13:20.000Z')
    expect(checked.code).toBe(0)
    expect((await user.run('show', file)).out).toContain('split-log of operator oda')
    const refused = await user.run('accept', file)
    expect(refused.code).toBe(3)
  })

  test('of a receipt that it left out names step and machine', async () => {
    const step = aTransition()
    const vote = receiptVote(step, 1_600_000_000_000n)
    const file = fileOf('unlogged.tally', {
      is: 'unlogged',
      transition: step,
      receipt: { time: vote.time, signature: sign(statementDigest('classic', vote)) },
      checkpoint: signed({}),
      child: undefined,
      proof: proveInChildTrees(empty, step),
    })
    const checked = await user.run('verify', file, '--json')
    expect(checked.code).toBe(0)
    expect(checked.out).toContain('directory/unlogged')
    expect(checked.out).toContain(step.machine)
  })

  test('that convicts nobody is refused', async () => {
    const file = fileOf('weak.tally', {
      is: 'split-log',
      first: signed({}),
      second: signed({ time: 1_800_000_000_000n }),
      nodes: [],
    })
    const checked = await user.run('verify', file)
    expect(checked.code).toBe(1)
    expect(checked.err).toContain('evidence/no-conflict')
  })
}, 60_000)
