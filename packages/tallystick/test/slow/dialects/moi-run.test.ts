/**
 * Interactions of MOI whose payloads and calldata were mutated a hundred thousand times, admitted as if their senders had signed
 * them, and executed: each ends with a receipt, changes what it holds for writing and nothing else, and loses no KMOI.
 */
import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import type { MoiId } from '../../../src/dialects/moi/identifier.ts'
import {
  interactionHash,
  type MoiInteraction,
  type RawOperation,
  readInteraction,
  writeInteraction,
} from '../../../src/dialects/moi/interaction.ts'
import {
  type MoiOperation,
  readOperation,
  writeOperation,
} from '../../../src/dialects/moi/operation.ts'
import { validate } from '../../../src/dialects/moi/run/admission.ts'
import { receipt as receiptCodec } from '../../../src/dialects/moi/run/receipt.ts'
import { run } from '../../../src/dialects/moi/run/run.ts'
import { moiFromEcdsa } from '../../../src/dialects/moi/signature.ts'
import { createStreams, type Stream } from '../../../src/sim/random.ts'
import {
  deploy,
  deployIn,
  fields,
  invoke,
  literal,
  manifest,
  routine,
} from '../../dialects/moi/run/sketch.ts'
import {
  action,
  ada,
  assetCreate,
  bob,
  createAssetIn,
  createTown,
  cyd,
  dan,
  keyOf,
  KMOI,
  KRAMA_ID,
  SARGA,
  transferOf,
} from '../../dialects/moi/run/town.ts'
import { mutated } from '../../dialects/moi/polo/random.ts'

const COUNT = 100_000

const town = createTown()
const token = createAssetIn(town)
const logicManifest = manifest(
  [
    literal(0, 'u64', '0x0301'),
    { ptr: 1, kind: 'state', data: { mode: 'logic', fields: fields('of map[string]u64') } },
    routine(2, 'Put', ['OBTAIN $0 &0', 'OBTAIN $1 &1', 'LLOAD $2 &0', 'SETKEY $2 $0 $1'], {
      accepts: fields('name string', 'amount u64'),
    }),
  ],
  'logic',
)
const logic = deployIn(town, deploy(logicManifest))

const SAMPLES: readonly MoiOperation[] = [
  transferOf(bob, 1n),
  transferOf(bob, 1n, token),
  action(token, 'Mint', { beneficiary: bob.id, amount: 7n }),
  action(token, 'MintWithMetadata', {
    beneficiary: bob.id,
    amount: 7n,
    static_metadata: new Map([['a', Uint8Array.of(1)]]),
  }),
  action(token, 'Lockup', { beneficiary: bob.id, amount: 1n }),
  action(KMOI, 'Approve', { beneficiary: bob.id, amount: 1n, expires_at: 2n ** 63n }),
  { is: 'participant-create', id: dan.id, keys: [keyOf(dan)], value: transferOf(dan, 1n) },
  { is: 'account-configure', add: [keyOf(dan)], revoke: [0] },
  { is: 'account-inherit', targetAccount: SARGA, value: transferOf(bob, 1n), subAccountIndex: 1 },
  assetCreate({ staticMetadata: new Map([['a', Uint8Array.of(1)]]) }),
  {
    is: 'guardian-register',
    kramaId: KRAMA_ID,
    walletId: ada.id,
    consensusKey: Uint8Array.of(1),
    kycProof: Uint8Array.of(1),
    amount: 1000n,
  },
  deploy(logicManifest),
  invoke(logic, 'Put', { name: 'a', amount: 2n }),
]

/** A payload as it is, or with some of it changed: its own bytes, or those of the calldata or the manifest within. */
const changed = (random: Stream, of: MoiOperation): RawOperation => {
  const { type, payload } = writeOperation(of)
  if (random.chance(50)) return { type, payload }
  const within = readOperation(type, payload)
  if (isFault(within)) throw within
  if ('calldata' in within && random.chance(50))
    return writeOperation({ ...within, calldata: mutated(random, within.calldata) })
  if ('manifest' in within && random.chance(70))
    return writeOperation({ ...within, manifest: mutated(random, within.manifest) })
  return { type: random.chance(97) ? type : random.below(16), payload: mutated(random, payload) }
}

const LOCKS = ['mutate', 'mutate', 'mutate', 'read', 'none'] as const

const wished = (random: Stream): MoiInteraction => {
  const others: readonly MoiId[] = [bob.id, cyd.id, KMOI, SARGA, token, logic]
  const listed = others.filter(() => random.chance(85))
  const operations = Array.from({ length: 1 + random.below(3) }, () =>
    changed(random, random.pick(SAMPLES) ?? transferOf(bob, 1n)),
  )
  const made = town.make({
    do: [],
    with: listed.map((id) => [id, random.pick(LOCKS) ?? 'mutate'] as const),
    fuelLimit: random.chance(80) ? 10_000n : 300n,
  })
  return { ...made, operations }
}

/** Well formed, which is all that this verifier asks for. */
const yes = { acceptsKey: () => true, verify: () => true }
const signature = moiFromEcdsa({ compact: new Uint8Array(64), parity: ada.publicKey[0] ?? 0 })

describe('mutated operations', () => {
  test('end with a receipt and change nothing that they do not hold', () => {
    const random = createStreams(77)('operations')
    const ends = new Map<string, number>()
    let slowest = 0
    for (let at = 0; at < COUNT; at++) {
      const bytes = writeInteraction(wished(random))
      const args = readInteraction(bytes)
      if (isFault(args)) throw args
      const { read, network, time } = town
      const { id, keyId } = args.sender
      const signatures = [{ id, keyId, signature }]
      const start = performance.now()
      const common = { args, bytes, signatures, read, network, at: 'execution' } as const
      const refusal = validate({ ...common, verifier: yes })
      if (refusal !== undefined) {
        ends.set(refusal.code, (ends.get(refusal.code) ?? 0) + 1)
        continue
      }
      const ran = run({ args, hash: interactionHash(bytes), read, network, time })
      slowest = Math.max(slowest, performance.now() - start)
      const { status } = ran.receipt
      ends.set(status, (ends.get(status) ?? 0) + 1)
      expect(receiptCodec.decode(receiptCodec.encode(ran.receipt))).toEqual(ran.receipt)
      const held = new Set([id, ...ran.created])
      for (const { id: one, lock } of args.participants) if (lock === 'mutate') held.add(one)
      if (status !== 'ok') expect(ran.created).toEqual([])
      const mine = status === 'ok' ? held : new Set([id])
      expect(ran.changes.filter(({ account }) => !mine.has(account))).toEqual([])
    }
    // All three ends come up, and refusals too, or the mutations show nothing.
    for (const end of ['ok', 'reverted', 'payload'])
      expect([end, ends.get(end) ?? 0]).not.toEqual([end, 0])
    expect(slowest).toBeLessThan(2000)
  })
})
