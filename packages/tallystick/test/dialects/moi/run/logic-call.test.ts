import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blake2b256 } from '../../../../src/base/blake2b.ts'
import { bytesFromHex } from '../../../../src/base/bytes.ts'
import { isFault } from '../../../../src/base/fault.ts'
import { hasFlag, type MoiId } from '../../../../src/dialects/moi/identifier.ts'
import {
  interactionHash,
  type MoiLock,
  writeInteraction,
} from '../../../../src/dialects/moi/interaction.ts'
import type { MoiOperation } from '../../../../src/dialects/moi/operation.ts'
import { readDocument } from '../../../../src/dialects/moi/polo/document.ts'
import { poloNatural } from '../../../../src/dialects/moi/polo/scalar.ts'
import { readPolo } from '../../../../src/dialects/moi/polo/schema.ts'
import { createdIds } from '../../../../src/dialects/moi/run/derivation.ts'
import { actorPath, logicPlacePath, statePath } from '../../../../src/dialects/moi/run/layout.ts'
import { logicOf, manifestOf } from '../../../../src/dialects/moi/run/manifest-store.ts'
import { moiIdRecord } from '../../../../src/dialects/moi/run/record.ts'
import { call, estimate } from '../../../../src/dialects/moi/run/run.ts'
import {
  action,
  ada,
  assetCreate,
  bob,
  calldata,
  createAssetIn,
  createTown,
  cyd,
  messageOf,
  type Person,
  type Town,
} from './town.ts'
import {
  deploy,
  deployIn,
  fields,
  interfaceOf,
  invoke,
  literal,
  manifest,
  routine,
  state,
} from './sketch.ts'

/** The files hold digits. */
const fixture = (name: string): Uint8Array =>
  bytesFromHex(
    readFileSync(join(import.meta.dirname, '../third-party', name), 'utf8')
      .trim()
      .replace(/^0x/, ''),
  )

const ledger = fixture('tokenledger.polo')
const flipper = fixture('flipper.polo')

const seeded = () => {
  const town = createTown()
  const logic = deployIn(town, deploy(ledger, 'Seed', { symbol: 'TOK', supply: 1_000_000n }))
  return { town, logic }
}

type Asked = {
  readonly town: Town
  readonly logic: MoiId
  readonly lock?: MoiLock
  readonly from?: Person
}

const send = ({ town, logic, lock = 'mutate', from = ada }: Asked, operation: MoiOperation) =>
  town.send({ from, do: [operation], with: [[logic, lock]] }).receipt

const runOf = (
  town: Town,
  operation: MoiOperation,
  locks: readonly (readonly [MoiId, MoiLock])[],
) => {
  const args = town.make({ do: [operation], with: locks })
  const hash = interactionHash(writeInteraction(args))
  return { args, hash, read: town.read, network: town.network, time: town.time }
}

const balanceIn = (town: Town, logic: MoiId, of: Person): bigint => {
  const operation = invoke(logic, 'BalanceOf', { addr: of.id })
  const outputs = call(runOf(town, operation, [[logic, 'read']])).operations[0]?.outputs
  const entries = readDocument(outputs ?? new Uint8Array())
  if (isFault(entries)) throw entries
  return readPolo(poloNatural(256), entries.get('balance') ?? new Uint8Array())
}

describe('deploying', () => {
  it('keeps the manifest in parts, byte for byte, under an identifier known before', () => {
    const town = createTown()
    const operation = deploy(ledger, 'Seed', { symbol: 'TOK', supply: 5n })
    const args = town.make({ do: [operation] })
    const foreseen = createdIds({ args, read: town.read })
    const logic = deployIn(town, operation)
    expect([logic]).toEqual(foreseen)
    expect(manifestOf(town.read, logic)).toEqual(ledger)
    expect(logicOf(town.read, logic)).toEqual({
      hash: blake2b256(ledger),
      size: ledger.length,
      isAsset: false,
      hasLogicState: true,
      hasActorState: false,
    })
    expect([hasFlag(logic, 'intrinsic'), hasFlag(logic, 'extrinsic')]).toEqual([true, false])
    const listed = town.read(ada.id, logicPlacePath(0))
    expect(listed && moiIdRecord.decode(listed)).toBe(logic)
  })

  it('runs the routine that is named, and none where none is', () => {
    const { town, logic } = seeded()
    expect(balanceIn(town, logic, ada)).toBe(1_000_000n)
    const bare = deployIn(town, deploy(flipper))
    expect(town.read(bare, statePath(new Uint8Array(32)))).toBeUndefined()
  })

  it('gives another identifier each time', () => {
    const { town, logic } = seeded()
    expect(deployIn(town, deploy(ledger))).not.toBe(logic)
  })

  it.each([
    ['no manifest', Uint8Array.of(14, 15), ''],
    ['a manifest that is cut', ledger.slice(0, -9), ''],
    ['a text', new TextEncoder().encode('{}'), ''],
    ['an unknown callsite', ledger, 'Sow'],
    ['an invokable callsite', ledger, 'Transfer'],
  ])('refuses %s and creates nothing', (_, manifest, callsite) => {
    const town = createTown()
    const { receipt, created } = town.send({ do: [deploy(manifest, callsite)] })
    expect(receipt.operations[0]?.status).toBe('defect')
    expect(created).toEqual([])
  })
})

describe('invoking', () => {
  it('changes the logic’s state and costs more than the base', () => {
    const { town, logic } = seeded()
    const receipt = send(
      { town, logic },
      invoke(logic, 'Transfer', { receiver: bob.id, amount: 250n }),
    )
    expect(receipt.status).toBe('ok')
    expect(receipt.fuelUsed).toBeGreaterThan(100n)
    expect([balanceIn(town, logic, ada), balanceIn(town, logic, bob)]).toEqual([999_750n, 250n])
  })

  it('leaves nothing of an exception but its error and its fuel', () => {
    const { town, logic } = seeded()
    const before = town.all()
    const receipt = send(
      { town, logic, from: bob },
      invoke(logic, 'Transfer', { receiver: cyd.id, amount: 1n }),
    )
    expect(receipt.status).toBe('reverted')
    expect(receipt.operations[0]?.status).toBe('exception')
    expect(messageOf(receipt)).toContain('routine.Transfer')
    expect([...town.all()].filter(([at]) => at.startsWith(logic))).toEqual(
      [...before].filter(([at]) => at.startsWith(logic)),
    )
  })

  it('writes under a mutate lock alone, and reads under a read lock', () => {
    const { town, logic } = seeded()
    const transfer = invoke(logic, 'Transfer', { receiver: bob.id, amount: 1n })
    expect(send({ town, logic, lock: 'read' }, transfer).operations[0]?.status).toBe('defect')
    const ask = invoke(logic, 'BalanceOf', { addr: ada.id })
    expect(send({ town, logic, lock: 'read' }, ask).status).toBe('ok')
    expect(send({ town, logic, lock: 'none' }, ask).operations[0]?.status).toBe('defect')
  })

  it.each([
    ['an unknown callsite', 'Transmit', {}],
    ['a deploy callsite', 'Seed', { symbol: 'X', supply: 1n }],
    ['calldata of another kind', 'Transfer', { receiver: 'bob', amount: 1n }],
  ] as const)('of %s is a defect', (_, callsite, args) => {
    const { town, logic } = seeded()
    expect(send({ town, logic }, invoke(logic, callsite, args)).operations[0]?.status).toBe(
      'defect',
    )
  })

  it('stops when its fuel is used up, and pays the limit', () => {
    const { town, logic } = seeded()
    const operation = invoke(logic, 'Transfer', { receiver: bob.id, amount: 1n })
    const guess = estimate(runOf(town, operation, [[logic, 'mutate']]))
    const at = (fuelLimit: bigint) =>
      town.send({ do: [operation], with: [[logic, 'mutate']], fuelLimit }).receipt
    const short = at(150n)
    expect([short.status, short.fuelUsed]).toEqual(['insufficient-fuel', 150n])
    expect(balanceIn(town, logic, bob)).toBe(0n)
    const enough = at(guess)
    expect(enough.status).toBe('ok')
    expect(enough.fuelUsed).toBeLessThanOrEqual(guess)
    const exact = at(enough.fuelUsed)
    expect(exact.fuelUsed).toBeLessThanOrEqual(enough.fuelUsed)
  })

  it('of a logic that is not there is refused', () => {
    const { town, logic } = seeded()
    const other = logic.replace(/..(?=0{8}$)/, '00') as MoiId
    const { receipt } = town.send({ do: [invoke(other, 'Transfer')], with: [[other, 'mutate']] })
    expect(messageOf(receipt)).toContain('logic not found')
  })
})

const TO_AND_AMOUNT = fields('beneficiary identifier', 'amount u256')

/** An asset that mints when it begins and moves half of what it is asked to move. */
const halving = manifest(
  [
    routine(
      0,
      'Init',
      [
        'CARGS $0',
        'PMAKE $1 &5',
        'ORIGIN $2',
        'OBTAIN $3 &0',
        'SETFLD $0 &0 $1',
        'SETFLD $0 &1 $2',
        'SETFLD $0 &2 $3',
        'ASSET $1',
        'CALLM $0 $1 &2 $0',
      ],
      { kind: 'deploy', accepts: fields('supply u256') },
    ),
    literal(2, 'u256', '0x0302'),
    routine(
      1,
      'Transfer',
      [
        'CARGS $0',
        'PMAKE $1 &5',
        'OBTAIN $2 &0',
        'OBTAIN $3 &1',
        'LDPTR1 $4 0x2',
        'LMAKE $4 $4',
        'DIV $3 $3 $4',
        'SETFLD $0 &0 $1',
        'SETFLD $0 &2 $2',
        'SETFLD $0 &3 $3',
        'ASSET $1',
        'CALLM $0 $1 &1 $0',
      ],
      { accepts: TO_AND_AMOUNT },
    ),
  ],
  'asset',
)

const masx = () => {
  const town = createTown()
  const logic = {
    manifest: halving,
    callsite: 'Init',
    calldata: calldata({ supply: 100n }),
    interfaces: new Map<string, string>(),
  }
  return { town, id: createAssetIn(town, { standard: 65_535, manager: bob.id, logic }) }
}

describe('an asset with a logic of its own', () => {
  it('mints while it is created, whoever manages it', () => {
    const { town, id } = masx()
    expect(town.balance(ada, id)).toBe(100n)
    expect(logicOf(town.read, id)?.isAsset).toBe(true)
  })

  it('moves as its logic says', () => {
    const { town, id } = masx()
    const { receipt } = town.send({
      do: [action(id, 'Transfer', { beneficiary: bob.id, amount: 10n })],
      with: [
        [id, 'none'],
        [bob.id, 'mutate'],
      ],
    })
    expect(receipt.status).toBe('ok')
    expect([town.balance(ada, id), town.balance(bob, id)]).toEqual([95n, 5n])
  })

  it('turns what the engine refuses into an exception', () => {
    const { town, id } = masx()
    const { receipt } = town.send({
      do: [action(id, 'Transfer', { beneficiary: bob.id, amount: 1000n })],
      with: [
        [id, 'none'],
        [bob.id, 'mutate'],
      ],
    })
    expect(receipt.operations[0]?.status).toBe('exception')
    expect(messageOf(receipt)).toContain('insufficient balance')
  })

  it('answers what every asset answers, and has no other routine than its own', () => {
    const { town, id } = masx()
    const asked = call(runOf(town, action(id, 'BalanceOf', { address: ada.id }), [[id, 'read']]))
    expect(asked.status).toBe('ok')
    const { receipt } = town.send({
      do: [action(id, 'Burn', { amount: 1n })],
      with: [[id, 'mutate']],
    })
    expect(receipt.operations[0]?.status).toBe('defect')
  })

  it('may not mint beyond the maximum when it begins', () => {
    const town = createTown()
    const logic = {
      manifest: halving,
      callsite: 'Init',
      calldata: calldata({ supply: 101n }),
      interfaces: new Map<string, string>(),
    }
    const create = (maxSupply: bigint) =>
      town.send({ do: [assetCreate({ standard: 65_535, maxSupply, logic })] }).receipt
    expect(messageOf(create(100n))).toContain('max supply exceeded')
    expect(create(101n).status).toBe('ok')
  })

  it('brings a manifest of an asset, and a logic one of a logic', () => {
    const town = createTown()
    const logic = {
      manifest: ledger,
      callsite: '',
      calldata: new Uint8Array(),
      interfaces: new Map<string, string>(),
    }
    const { receipt } = town.send({ do: [assetCreate({ standard: 65_535, logic })] })
    expect(messageOf(receipt)).toContain('invalid manifest')
    expect(messageOf(town.send({ do: [deploy(halving)] }).receipt)).toContain('invalid manifest')
  })
})

describe('the lock ledger that MOI publishes', () => {
  it('registers whoever enlists, and locks up what they have', () => {
    const town = createTown()
    const seed = { name: 'Lock', symbol: 'LCK', supply: 1000n }
    const logic = deployIn(town, deploy(fixture('lock-ledger.polo'), 'Seed', seed))
    expect([hasFlag(logic, 'intrinsic'), hasFlag(logic, 'extrinsic')]).toEqual([true, true])
    const joined = send({ town, logic }, invoke(logic, 'Register', {}, 'logic-enlist'))
    expect(joined.status).toBe('ok')
    expect(send({ town, logic }, invoke(logic, 'Mint', { amount: 500n })).status).toBe('ok')
    expect(send({ town, logic }, invoke(logic, 'Lockup', { amount: 120n })).status).toBe('ok')
    const slots = [0, 1].map((slot) => {
      const key = new Uint8Array(32)
      key[31] = slot
      return readPolo(
        poloNatural(256),
        town.read(ada.id, actorPath(logic, key)) ?? new Uint8Array(),
      )
    })
    expect(slots).toEqual([380n, 120n])
    const over = send({ town, logic }, invoke(logic, 'Lockup', { amount: 381n }))
    expect(over.operations[0]?.status).toBe('exception')
    expect(messageOf(over)).toContain('insufficient balance')
  })
})

it('built-in routines are called by the operations of assets and of calls alone', () => {
  const town = createTown()
  const id = createAssetIn(town)
  const at = (is: 'logic-invoke' | 'logic-enlist') =>
    town.send({ do: [invoke(id, 'Symbol', {}, is)], with: [[id, 'read']] }).receipt.operations[0]
  expect(at('logic-invoke')?.status).toBe('ok')
  expect(at('logic-enlist')?.status).toBe('defect')
})

/** A logic that keeps one number with whoever enlists, and counts it on. */
const counting = manifest(
  [
    state(0, 'actor', fields('count u64')),
    literal(3, 'u64', '0x0301'),
    routine(1, 'Join', ['ORIGIN $0', 'ALOAD $1 $0 &0', 'PMAKE $2 &5', 'DISPER $1 $2', 'STORE $1'], {
      kind: 'enlist',
    }),
    routine(
      2,
      'Count',
      [
        'OBTAIN $0 &0',
        'ALOAD $1 $0 &0',
        'GATHER $2 $1',
        'LDPTR1 $3 0x3',
        'LMAKE $3 $3',
        'ADD $2 $2 $3',
        'DISPER $1 $2',
        'STORE $1',
      ],
      { accepts: fields('of identifier') },
    ),
  ],
  'logic',
)

describe('what a logic keeps with participants', () => {
  const enlisted = () => {
    const town = createTown()
    const logic = deployIn(town, deploy(counting))
    const joined = send({ town, logic, lock: 'none' }, invoke(logic, 'Join', {}, 'logic-enlist'))
    return { town, logic, joined }
  }

  it('begins when one enlists, once, by that kind of operation', () => {
    const { town, logic, joined } = enlisted()
    expect(joined.status).toBe('ok')
    expect(hasFlag(logic, 'extrinsic')).toBe(true)
    const again = send({ town, logic }, invoke(logic, 'Join', {}, 'logic-enlist'))
    expect(messageOf(again)).toContain('enlisted already')
    expect(send({ town, logic }, invoke(logic, 'Join')).operations[0]?.status).toBe('defect')
    const other = send(
      { town, logic, from: bob },
      invoke(logic, 'Count', { of: bob.id }, 'logic-enlist'),
    )
    expect(other.operations[0]?.status).toBe('defect')
  })

  it.each([
    ['mutate', 'ok'],
    ['read', 'defect'],
    ['none', 'defect'],
  ] as const)('is written where the participant is declared with %s: %s', (lock, status) => {
    const { town, logic } = enlisted()
    const { receipt } = town.send({
      do: [invoke(logic, 'Count', { of: bob.id })],
      with: [
        [logic, 'none'],
        [bob.id, lock],
      ],
    })
    expect(receipt.operations[0]?.status).toBe(status)
  })

  it('is out of reach with whoever is not declared', () => {
    const { town, logic } = enlisted()
    expect(
      send({ town, logic }, invoke(logic, 'Count', { of: bob.id })).operations[0]?.status,
    ).not.toBe('ok')
    expect(send({ town, logic }, invoke(logic, 'Count', { of: ada.id })).status).toBe('ok')
  })
})

/** Moves an asset, or asks for its symbol, through the interface of another account. */
const moving = manifest(
  [
    interfaceOf(
      0,
      { name: 'Transfer', mode: 'asset', accepts: fields('beneficiary identifier', 'amount u256') },
      { name: 'Symbol', mode: 'asset', returns: fields('symbol string') },
      { name: 'Missing', mode: 'asset' },
    ),
    routine(
      1,
      'Move',
      [
        'OBTAIN $0 &0',
        'LDPTR1 $1 0x0',
        'XBIND $0 $1 $0',
        'CARGS $1',
        'OBTAIN $2 &1',
        'SETFLD $1 &0 $2',
        'OBTAIN $3 &2',
        'SETFLD $1 &1 $3',
        'CALLX $1 $0 &0 $1',
      ],
      { accepts: fields('asset identifier', 'beneficiary identifier', 'amount u256') },
    ),
    routine(
      2,
      'Tell',
      [
        'OBTAIN $0 &0',
        'LDPTR1 $1 0x0',
        'XBIND $0 $1 $0',
        'CARGS $1',
        'CALLX $1 $0 &1 $1',
        'GETFLD $1 $1 &0',
        'YIELD $1 &0',
      ],
      { accepts: fields('asset identifier'), returns: fields('symbol string') },
    ),
    routine(
      3,
      'Miss',
      ['OBTAIN $0 &0', 'LDPTR1 $1 0x0', 'XBIND $0 $1 $0', 'CARGS $1', 'CALLX $1 $0 &2 $1'],
      { accepts: fields('asset identifier') },
    ),
  ],
  'logic',
)

describe('a logic that calls another account', () => {
  const ready = () => {
    const town = createTown()
    const logic = deployIn(town, deploy(moving))
    const id = createAssetIn(town)
    town.send({
      do: [action(id, 'Mint', { beneficiary: ada.id, amount: 100n })],
      with: [[id, 'mutate']],
    })
    const move = (amount: bigint, to: readonly (readonly [MoiId, MoiLock])[]) =>
      town.send({
        do: [invoke(logic, 'Move', { asset: id, beneficiary: bob.id, amount })],
        with: [[logic, 'none'], ...to],
      }).receipt
    return { town, logic, id, move }
  }

  it('acts for the sender, and its events are told', () => {
    const { town, id, move } = ready()
    const receipt = move(30n, [
      [id, 'none'],
      [bob.id, 'mutate'],
    ])
    expect(receipt.status).toBe('ok')
    expect([town.balance(ada, id), town.balance(bob, id)]).toEqual([70n, 30n])
    expect(receipt.operations[0]?.logs.map((log) => log.account)).toEqual([id])
  })

  it('reaches nothing that the interaction does not declare', () => {
    const { town, id, move } = ready()
    expect(move(1n, [[bob.id, 'mutate']]).operations[0]?.status).toBe('defect')
    expect(move(1n, [[id, 'none']]).operations[0]?.status).toBe('defect')
    expect(town.balance(ada, id)).toBe(100n)
  })

  it('meets what the asset refuses as an exception', () => {
    const { id, move } = ready()
    const receipt = move(101n, [
      [id, 'none'],
      [bob.id, 'mutate'],
    ])
    expect(receipt.operations[0]?.status).toBe('exception')
    expect(messageOf(receipt)).toContain('insufficient balance')
  })

  it('gets answers, and defects for what is not there', () => {
    const { town, logic, id } = ready()
    const ask = (callsite: string) =>
      town.send({
        do: [invoke(logic, callsite, { asset: id })],
        with: [
          [logic, 'none'],
          [id, 'none'],
        ],
      }).receipt.operations[0]
    expect(ask('Tell')?.outputs).toEqual(calldata({ symbol: 'KOI' }))
    expect(ask('Miss')?.status).toBe('defect')
  })
})

/** Calls itself without an end. */
const turning = manifest(
  [
    interfaceOf(0, { name: 'Turn', mode: 'dynamic' }),
    routine(1, 'Turn', [
      'LOGIC $0',
      'ID $0 $0',
      'LDPTR1 $1 0x0',
      'XBIND $0 $1 $0',
      'CARGS $1',
      'CALLX $1 $0 &0 $1',
    ]),
    literal(2, 'u64', '0x0300'),
    routine(3, 'Spin', ['LDPTR1 $0 0x1', 'DEST', 'JUMP $0']),
  ],
  'logic',
)

describe('a logic without an end', () => {
  it.each(['Turn', 'Spin'])('is ended: %s', (callsite) => {
    const town = createTown()
    const logic = deployIn(town, deploy(turning))
    const { receipt } = town.send({ do: [invoke(logic, callsite)], with: [[logic, 'none']] })
    expect(receipt.status).not.toBe('ok')
    expect(receipt.fuelUsed).toBeLessThanOrEqual(10_000n)
    const of = runOf(town, invoke(logic, callsite), [[logic, 'none']])
    const told = call({ ...of, fuelMax: 20_000 })
    expect(told.status).not.toBe('ok')
    expect(told.fuelUsed).toBeLessThanOrEqual(20_000n)
  })
})
