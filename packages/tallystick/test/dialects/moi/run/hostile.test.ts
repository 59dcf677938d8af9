/** Whatever bytes arrive, admission answers and execution ends: with a receipt, or with a fault that says why not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFault } from '../../../../src/base/fault.ts'
import type { MoiId } from '../../../../src/dialects/moi/identifier.ts'
import {
  interactionHash,
  type MoiLock,
  readInteraction,
  writeInteraction,
} from '../../../../src/dialects/moi/interaction.ts'
import { type MoiOperation, writeOperation } from '../../../../src/dialects/moi/operation.ts'
import { validate } from '../../../../src/dialects/moi/run/admission.ts'
import { receipt as receiptCodec } from '../../../../src/dialects/moi/run/receipt.ts'
import { call, estimate, run } from '../../../../src/dialects/moi/run/run.ts'
import { moiFromEcdsa } from '../../../../src/dialects/moi/signature.ts'
import {
  deploy,
  deployIn,
  fields,
  interfaceOf,
  invoke,
  literal,
  manifest,
  routine,
} from './sketch.ts'
import {
  action,
  ada,
  assetCreate,
  bob,
  createTown,
  dan,
  engine,
  keyOf,
  KMOI,
  KRAMA_ID,
  messageOf,
  SARGA,
  toward,
  transferOf,
} from './town.ts'

const SAMPLES: readonly MoiOperation[] = [
  transferOf(bob, 1n),
  { is: 'participant-create', id: dan.id, keys: [keyOf(dan)], value: transferOf(dan, 1n) },
  { is: 'account-configure', add: [keyOf(dan)], revoke: [0] },
  { is: 'account-inherit', targetAccount: SARGA, value: transferOf(bob, 1n), subAccountIndex: 1 },
  assetCreate({ staticMetadata: new Map([['a', Uint8Array.of(1)]]) }),
  action(KMOI, 'Approve', { beneficiary: bob.id, amount: 1n, expires_at: 2n ** 63n }),
  {
    is: 'guardian-register',
    kramaId: KRAMA_ID,
    walletId: ada.id,
    consensusKey: Uint8Array.of(1),
    kycProof: Uint8Array.of(1),
    amount: 1000n,
  },
  { is: 'guardian-claim', kramaId: KRAMA_ID, amount: 1n },
  deploy(manifest([literal(0, 'u64', '0x0301'), routine(1, 'Run', ['DEST'])], 'logic')),
  invoke(KMOI, 'Symbol'),
]

const town = createTown()
/** Asks for nothing but the form of a signature. */
const yes = { acceptsKey: () => true, verify: () => true }
const signature = moiFromEcdsa({ compact: new Uint8Array(64), parity: ada.publicKey[0] ?? 0 })

/** Admission with signatures that all count, then execution. Returns whether it came so far. */
const survive = (bytes: Uint8Array): boolean => {
  const args = readInteraction(bytes)
  if (isFault(args)) return false
  const { read, network, time } = town
  const signatures = [{ id: args.sender.id, keyId: args.sender.keyId, signature }]
  const common = { args, bytes, signatures, read, network }
  const refusal = validate({ ...common, verifier: engine, at: 'execution' })
  expect(refusal).toBeDefined()
  const admitted = validate({ ...common, verifier: yes, at: 'execution' }) === undefined
  const of = { args, hash: interactionHash(bytes), read, network, time }
  if (admitted) {
    const ran = run(of)
    expect(receiptCodec.decode(receiptCodec.encode(ran.receipt))).toEqual(ran.receipt)
    expect(ran.fuelUsed).toBeLessThanOrEqual(args.fuelLimit)
    expect(estimate(of)).toBeGreaterThanOrEqual(ran.fuelUsed)
  }
  // Never kept, so it may name a type of operation that no receipt has room for.
  expect(call(of).operations.length).toBeLessThanOrEqual(args.operations.length)
  return admitted
}

const sampleBytes = SAMPLES.map((operation) =>
  writeInteraction(
    town.make({ do: [operation], with: [...toward(bob), [SARGA, 'mutate']], fuelLimit: 500n }),
  ),
)

describe('hostile bytes', () => {
  it('in an interaction, one or a few at a time, are survived', () => {
    const change = fc.record({ at: fc.nat(2000), to: fc.nat(255) })
    let executed = 0
    fc.assert(
      fc.property(
        fc.nat(SAMPLES.length - 1),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (which, changes) => {
          const bytes = Uint8Array.from(sampleBytes[which] ?? [])
          for (const { at, to } of changes) bytes[at % bytes.length] = to
          if (survive(bytes)) executed += 1
        },
      ),
      { numRuns: 2000 },
    )
    expect(executed).toBeGreaterThan(20)
  })

  it('in a payload or in calldata are survived', () => {
    let executed = 0
    fc.assert(
      fc.property(
        fc.nat(SAMPLES.length - 1),
        fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (which, changes, isCut) => {
          const sample = SAMPLES[which] ?? transferOf(bob, 1n)
          const { type, payload } = writeOperation(sample)
          const bytes = Uint8Array.from(payload)
          for (const [at, to] of changes) bytes[at % bytes.length] = to
          const args = town.make({
            do: [sample],
            with: [...toward(bob), [SARGA, 'mutate']],
            fuelLimit: 500n,
          })
          const cut = isCut ? bytes.slice(0, (changes[0]?.[0] ?? 0) % bytes.length) : bytes
          if (survive(writeInteraction({ ...args, operations: [{ type, payload: cut }] })))
            executed += 1
        },
      ),
      { numRuns: 2000 },
    )
    expect(executed).toBeGreaterThan(20)
  })

  it('under every type of operation are survived', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.uint8Array({ maxLength: 80 }), (type, payload) => {
        const args = town.make({ do: [], with: toward(bob), fuelLimit: 500n })
        survive(writeInteraction({ ...args, operations: [{ type, payload }] }))
      }),
      { numRuns: 2000 },
    )
  })
})

/** A logic that tells so many events, and one that lets another logic tell them, once or twice. */
const emitting = (count: number): Uint8Array =>
  manifest(
    [
      { ptr: 0, kind: 'event', data: { name: 'E', topics: 0, fields: fields() } },
      routine(1, 'Run', [
        'LOGIC $0',
        'ID $0 $0',
        'LDPTR1 $1 0x0',
        'CARGS $2',
        'EVMAKE $3 $1 $2',
        ...Array.from({ length: count }, () => 'EMIT $0 $3'),
      ]),
    ],
    'logic',
  )

const asking = (count: number): Uint8Array =>
  manifest(
    [
      interfaceOf(0, { name: 'Run', mode: 'dynamic' }),
      routine(
        1,
        'Run',
        [
          'OBTAIN $0 &0',
          'LDPTR1 $1 0x0',
          'XBIND $0 $1 $0',
          'CARGS $1',
          ...Array.from({ length: count }, () => 'CALLX $2 $0 &0 $1'),
        ],
        { accepts: fields('of identifier') },
      ),
    ],
    'logic',
  )

describe('more events than a receipt holds', () => {
  const at = (emitted: number, asked: number) => {
    const here = createTown()
    const told = deployIn(here, deploy(emitting(emitted)))
    const logic = deployIn(here, deploy(asking(asked)))
    return here.send({
      do: [invoke(logic, 'Run', { of: told })],
      with: [
        [logic, 'read'],
        [told, 'read'],
      ],
      fuelLimit: 100_000n,
    }).receipt
  }

  it('are a defect that is paid for', () => {
    expect(at(128, 2).operations[0]?.logs).toHaveLength(256)
    const { operations, fuelUsed } = at(129, 2)
    expect(operations[0]?.status).toBe('defect')
    expect(fuelUsed).toBeGreaterThan(100n)
    expect(at(257, 1).operations[0]?.status).toBe('defect')
  })
})

describe('a text that is cut in the middle of a character', () => {
  it('is told in a receipt all the same', () => {
    const here = createTown()
    const logic = deployIn(here, deploy(emitting(1)))
    const callsite = `a${'\u{1f600}'.repeat(40)}`
    const { receipt } = here.send({
      do: [invoke(logic, callsite)],
      with: [[logic, 'mutate']],
    })
    expect(receipt.operations[0]?.status).toBe('defect')
    expect(messageOf(receipt)).toContain('there is no invoke callsite a\u{1f600}')
  })
})

describe('topics', () => {
  it('count for what a receipt holds, like data', () => {
    const names = Array.from({ length: 200 }, (_, at) => `f${at} u64`)
    const event = (topics: number) =>
      manifest(
        [
          { ptr: 0, kind: 'event', data: { name: 'E', topics, fields: fields(...names) } },
          routine(1, 'Run', [
            'LOGIC $0',
            'ID $0 $0',
            'LDPTR1 $1 0x0',
            'CARGS $2',
            'EVMAKE $3 $1 $2',
            ...Array.from({ length: 200 }, () => 'EMIT $0 $3'),
          ]),
        ],
        'logic',
      )
    const here = createTown()
    const telling = (topics: number) => {
      const logic = deployIn(here, deploy(event(topics)))
      const does = [invoke(logic, 'Run')]
      return here.send({ do: does, with: [[logic, 'read']], fuelLimit: 500_000n }).receipt
    }
    expect(telling(1).operations[0]?.status).toBe('ok')
    expect(telling(200).operations[0]?.status).toBe('defect')
  })
})

/** A logic that tells something on an account of the caller's choice. */
const tellingOn = manifest(
  [
    { ptr: 0, kind: 'event', data: { name: 'E', topics: 0, fields: fields() } },
    routine(
      1,
      'Run',
      ['OBTAIN $0 &0', 'LDPTR1 $1 0x0', 'CARGS $2', 'EVMAKE $3 $1 $2', 'EMIT $0 $3'],
      {
        accepts: fields('on identifier'),
      },
    ),
  ],
  'logic',
)

describe('an event', () => {
  const here = createTown()
  const logic = deployIn(here, deploy(tellingOn))
  const telling = (on: MoiId, others: readonly (readonly [MoiId, MoiLock])[]) =>
    here.send({ do: [invoke(logic, 'Run', { on })], with: [[logic, 'read'], ...others] }).receipt

  it('is told on whoever takes part, under any lock', () => {
    expect(telling(logic, []).operations[0]?.logs[0]?.account).toBe(logic)
    expect(telling(bob.id, [[bob.id, 'none']]).operations[0]?.logs[0]?.account).toBe(bob.id)
  })

  it('on an account that is not declared, or does not exist, is a defect', () => {
    expect(telling(bob.id, []).operations[0]).toMatchObject({ status: 'defect', logs: [] })
    expect(telling(dan.id, []).operations[0]).toMatchObject({ status: 'defect', logs: [] })
  })
})
