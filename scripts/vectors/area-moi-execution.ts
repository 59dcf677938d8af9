/** Interactions of MOI executed: the accounts before, the receipt in bytes, the accounts after. */
import { bytesFromHex, hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { moiArgument } from '../../packages/tallystick/src/dialects/moi/argument.ts'
import { KMOI_ASSET, type MoiId } from '../../packages/tallystick/src/dialects/moi/identifier.ts'
import { manifestFromJson } from '../../packages/tallystick/src/dialects/moi/manifest/json.ts'
import { poloFromManifest } from '../../packages/tallystick/src/dialects/moi/manifest/polo.ts'
import { charter } from '../../packages/tallystick/src/kernel/charter.ts'
import { interaction, type Interaction } from '../../packages/tallystick/src/kernel/interaction.ts'
import { transition, transitionId } from '../../packages/tallystick/src/kernel/transition.ts'
import { type Area, type Case, good, runCheck, spoiled } from './case.ts'
import type { Json, JsonObject } from './finding.ts'
import {
  actionOf,
  BALANCE,
  calldataOf,
  charterWith,
  createTown,
  idOf,
  type Sending,
  toldBy,
  type Town,
  weighing,
} from './moi-town.ts'
import { bytesAt, objectsAt, textAt, textsAt } from './read.ts'

const [alice, bob, carol] = [idOf('alice'), idOf('bob'), idOf('carol')]
const NONE = new Uint8Array()

const toBob = [
  [KMOI_ASSET, 'none'],
  [bob, 'mutate'],
] as const
const pay = (amount: bigint): Sending => ({
  do: [actionOf(KMOI_ASSET, 'Transfer', { beneficiary: bob, amount })],
  with: toBob,
})

/** Counts on by an argument, tells the count, and emits it; `Spin` goes round without an end. */
const counter = poloFromManifest(
  manifestFromJson({
    syntax: 1,
    engine: { kind: 'PISA', flags: [], version: '0.5.0' },
    kind: 'logic',
    elements: [
      { ptr: 0, kind: 'state', data: { mode: 'logic', fields: [field('count', 'u64')] } },
      {
        ptr: 1,
        kind: 'event',
        data: { name: 'Counted', topics: 1, fields: [field('count', 'u64')] },
      },
      routine(2, 'Count', [
        'OBTAIN $0 &0',
        'LLOAD $1 &0',
        'GATHER $2 $1',
        'ADD $2 $2 $0',
        'DISPER $1 $2',
        'YIELD $2 &0',
        'CARGS $3',
        'SETFLD $3 &0 $2',
        'LDPTR1 $4 0x1',
        'EVMAKE $5 $4 $3',
        'LOGIC $6',
        'EMIT $6 $5',
      ]),
      routine(3, 'Spin', ['LDPTR1 $0 0x1', 'DEST', 'JUMP $0']),
    ],
  }),
)

function field(label: string, type: string): JsonObject {
  return { slot: 0, label, type }
}

function routine(ptr: number, name: string, asm: readonly string[]): JsonObject {
  const [accepts, returns] = [[field('by', 'u64')], [field('count', 'u64')]]
  const data = { name, mode: 'dynamic', kind: 'invoke', accepts, returns, catches: [] }
  return { ptr, kind: 'callable', data: { ...data, executes: { asm } } }
}

const invoke = (logicId: MoiId, callsite: string, by: bigint): Sending => ({
  do: [
    { is: 'logic-invoke', logicId, callsite, calldata: calldataOf({ by }), interfaces: new Map() },
  ],
  with: [[logicId, 'mutate']],
})

/** One more case of a town, which goes on from there. What the case says is what a guardian came to. */
const executed = (town: Town, id: string, comment: string, of: Sending): Case => {
  const input = town.inputOf(of)
  const one = good({ id: `moi-execution/${id}`, comment, check: 'moi-execution', input })
  const told = toldBy(town.send(of))
  for (const [name, value] of Object.entries(told)) {
    const found = isObject(one.expected) ? one.expected[name] : undefined
    if (JSON.stringify(found) !== JSON.stringify(value)) throw new Error(`${id}: another ${name}`)
  }
  return one
}

const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

const createdBy = (of: Case): MoiId => {
  const says = isObject(of.expected) ? of.expected['says'] : undefined
  const [first] = isObject(says) ? objectsAt(says, 'operations') : []
  // A check made it out of a receipt.
  return textAt(first ?? {}, 'created') as MoiId
}

const results = (town: Town): readonly Case[] => {
  const create = executed(town, 'asset-create', 'an asset, with events', {
    do: [
      {
        is: 'asset-create',
        symbol: 'TALLY',
        dimension: 0,
        decimals: 2,
        standard: 0,
        enableEvents: true,
        manager: alice,
        maxSupply: 1000n,
        staticMetadata: new Map(),
        dynamicMetadata: new Map(),
        logic: undefined,
      },
    ],
  })
  const asset = createdBy(create)
  const mint = actionOf(asset, 'Mint', { beneficiary: alice, amount: 700n })
  const give = actionOf(asset, 'Transfer', { beneficiary: bob, amount: 7n })
  const held = [
    [asset, 'mutate'],
    [bob, 'mutate'],
  ] as const
  const deploy = executed(town, 'logic-deploy', 'a logic from a manifest in POLO', {
    do: [
      {
        is: 'logic-deploy',
        manifest: counter,
        callsite: '',
        calldata: NONE,
        interfaces: new Map(),
      },
    ],
  })
  const logic = createdBy(deploy)
  return [
    create,
    executed(town, 'two-operations', 'minted, and some of it given away; two logs', {
      do: [mint, give],
      with: held,
    }),
    executed(
      town,
      'reverted',
      'more minted than there may be, so that the gift before it did not happen',
      {
        do: [give, actionOf(asset, 'Mint', { beneficiary: alice, amount: 301n })],
        with: held,
      },
    ),
    deploy,
    executed(
      town,
      'logic-invoke',
      'a routine of it: a value written, an output, an event',
      invoke(logic, 'Count', 5n),
    ),
    executed(
      town,
      'out-of-fuel',
      'a routine without an end, under a limit',
      invoke(logic, 'Spin', 0n),
    ),
    executed(town, 'participant-create', 'bob registers carol, and gives her something', {
      from: 'bob',
      do: [
        {
          is: 'participant-create',
          id: carol,
          keys: [weighing('carol')],
          value: actionOf(KMOI_ASSET, 'Transfer', { beneficiary: carol, amount: 20_000n }),
        },
      ],
      with: [[KMOI_ASSET, 'none']],
    }),
    executed(town, 'payer', 'carol puts something aside, and bob pays for it', {
      from: 'carol',
      payer: 'bob',
      do: [actionOf(KMOI_ASSET, 'Lockup', { beneficiary: alice, amount: 1n })],
      with: [
        [KMOI_ASSET, 'none'],
        [alice, 'mutate'],
      ],
    }),
  ]
}

const admission = (town: Town): readonly Case[] => {
  const first = executed(town, 'transfer', 'KMOI from one to another', pay(250n))
  const refused = (id: string, comment: string, of: Sending): Case => {
    const { args = null, signatures = null } = town.inputOf(of)
    return spoiled(first, 'moi/refused', {
      id: `moi-execution/${id}`,
      comment,
      input: { args, signatures },
    })
  }
  const begun = createTown()
  const all = BALANCE - 5000n
  const { args = null, signatures = null } = begun.inputOf(pay(all))
  const exact = good({
    id: 'moi-execution/all-of-it',
    comment: 'all that there is beside the limit of fuel',
    check: 'moi-execution',
    input: { ...first.input, args, signatures },
  })
  const more = begun.inputOf(pay(all + 1n))
  return [
    first,
    exact,
    spoiled(exact, 'moi/refused', {
      id: 'moi-execution/one-too-much',
      comment: 'one more than that',
      input: { args: more['args'] ?? null, signatures: more['signatures'] ?? null },
    }),
    spoiled(first, 'moi/refused', {
      id: 'moi-execution/nobody',
      comment: 'a sender whose account is not there',
      input: {
        accounts: objectsAt(first.input, 'accounts').filter((one) => one['id'] !== alice),
      },
    }),
    // The town has gone on: its sender's next number is 1.
    refused('later-number', 'a number that is not the next', pay(250n)),
    refused('other-key', 'signed by somebody else', {
      ...pay(250n),
      by: 'bob',
      more: numbered(0n),
    }),
    refused('dear', 'a price of two', { ...pay(250n), more: { ...numbered(0n), fuelPrice: 2n } }),
  ]
}

const numbered = (sequence: bigint) => ({ sender: { id: alice, sequence, keyId: 0 } })

/** The steps of a town, run by the kernel from the charters on. */
const histories = (): readonly Case[] => {
  const town = createTown()
  town.send(pay(250n))
  town.send({
    do: [actionOf(KMOI_ASSET, 'TransferFrom', { benefactor: bob, beneficiary: alice, amount: 1n })],
    with: toBob,
  })
  town.send({
    from: 'bob',
    do: [actionOf(KMOI_ASSET, 'Transfer', { beneficiary: alice, amount: 1n })],
    with: [
      [KMOI_ASSET, 'none'],
      [alice, 'mutate'],
    ],
  })
  const input = town.history()
  const whole = good({
    id: 'moi-execution/history',
    comment:
      'the genesis, a transfer, one out of another’s account that nobody allowed, and one back',
    check: 'history',
    input,
  })
  if (JSON.stringify(whole.expected) !== JSON.stringify(town.headers())) {
    throw new Error('the kernel comes to other transitions')
  }
  const steps = objectsAt(input, 'steps')
  const [genesis, paid] = steps.map((one) => interaction.decode(bytesAt(one, 'interaction')))
  if (!genesis || !paid) throw new Error('a genesis and a transfer')
  const with_ = (...of: readonly Interaction[]): JsonObject => ({
    steps: of.map((one) => ({ interaction: hexFromBytes(interaction.encode(one)), by: [] })),
  })
  const failing = (fault: string, id: string, comment: string, of: JsonObject): Case =>
    spoiled(whole, fault, { id: `moi-execution/${id}`, comment, input: of })
  const part = (at: number): Interaction => ({
    ...genesis,
    operations: genesis.operations.map((one) => ({
      ...one,
      argument: moiArgument.encode({ is: 'genesis', at }),
    })),
  })
  /** Once more, on what the steps have led to. */
  const again = (...of: readonly Interaction[]): JsonObject => {
    const before = runCheck('history', { ...input, ...with_(...of) })
    const heads = new Map(
      textsAt({ headers: before.expected ?? [] }, 'headers').map((header) => {
        const one = transition.decode(bytesFromHex(header))
        return [one.machine, transitionId('moi', one)]
      }),
    )
    const last = of.at(-1) ?? genesis
    const legs = last.legs.map((leg) => ({ ...leg, parent: heads.get(leg.machine) ?? leg.parent }))
    return with_(...of, { ...last, legs })
  }
  return [
    whole,
    failing(
      'moi/no-part',
      'genesis-without-end',
      'a part that the genesis does not have',
      with_(part(7)),
    ),
    failing('moi/begun', 'genesis-again', 'the genesis, a second time', again(genesis)),
    failing('moi/refused', 'sent-again', 'the transfer, a second time', again(genesis, paid)),
    failing(
      'moi/wrong-legs',
      'unmoved-receiver',
      'the one who is paid is only read',
      with_(genesis, {
        ...paid,
        legs: paid.legs.map((leg, at) =>
          at === paid.legs.length - 1 ? { ...leg, access: 'read' } : leg,
        ),
      }),
    ),
  ]
}

const networks = (): readonly Case[] => {
  const input = (of: Parameters<typeof charterWith>[0]): JsonObject => ({
    charter: hexFromBytes(charter.encode(charterWith(of))),
  })
  const whole = good({
    id: 'moi-execution/network',
    comment: 'a network of two who have KMOI, and a guardian',
    check: 'charter',
    input: input({}),
  })
  const rich = { id: alice, keys: [weighing('alice')], balance: (1n << 64n) - 1n }
  return [
    whole,
    spoiled(whole, 'moi/genesis', {
      id: 'moi-execution/too-rich',
      comment: 'more KMOI than there may be, with the rewards',
      input: input({ participants: [rich] }),
    }),
  ]
}

export const moiExecutionArea = (): Area => ({
  area: 'moi-execution',
  about: 'Interactions of MOI: what becomes of the accounts they touch, and their receipts.',
  cases: [...networks(), ...admission(createTown()), ...results(createTown()), ...histories()],
})
