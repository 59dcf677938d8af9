import { describe, expect, it } from 'vitest'
import type { MoiInteraction } from '../../../../src/dialects/moi/interaction.ts'
import { writeInteraction } from '../../../../src/dialects/moi/interaction.ts'
import { poloMap, poloStruct } from '../../../../src/dialects/moi/polo/container.ts'
import { poloBool, poloNatural, poloText } from '../../../../src/dialects/moi/polo/scalar.ts'
import { encodePolo } from '../../../../src/dialects/moi/polo/schema.ts'
import { writeOperation } from '../../../../src/dialects/moi/operation.ts'
import { validate } from '../../../../src/dialects/moi/run/admission.ts'
import { type MoiId, poloMoiId } from '../../../../src/dialects/moi/identifier.ts'
import {
  action,
  ada,
  assetCreate,
  BALANCE,
  bob,
  createTown,
  cyd,
  dan,
  engine,
  genesis,
  keyOf,
  KMOI,
  KRAMA_ID,
  personOf,
  SARGA,
  sign,
  toward,
  transferOf,
  type Wish,
} from './town.ts'

const plain: Wish = { do: [transferOf(bob, 1n)], with: toward(bob) }

/** What a change of one thing makes of an interaction that is admitted without it. */
const refusalOf = (
  change: (args: MoiInteraction) => MoiInteraction,
  wish: Wish = plain,
): string | undefined => {
  const town = createTown()
  expect(town.refusal(town.make(wish))).toBeUndefined()
  return town.refusal(change(town.make(wish)))?.message
}

const wished = (wish: Wish): string | undefined => {
  const town = createTown()
  return town.refusal(town.make(wish))?.message
}

const NONE: ReadonlyMap<string, string> = new Map()

/** An AssetCreate with room for a larger maximum than there may be. */
const asset = {
  symbol: 'KOI',
  dimension: 0n,
  decimals: 0n,
  standard: 0n,
  hasEvents: true,
  manager: ada.id,
  maxSupply: 0n,
  staticMetadata: NONE,
  dynamicMetadata: NONE,
  logic: undefined,
}
const text = poloText(9)
const number = poloNatural(64)
const map = poloMap(text, text, 9)
const wideAsset = poloStruct<typeof asset>({
  symbol: text,
  dimension: number,
  decimals: number,
  standard: number,
  hasEvents: poloBool,
  manager: poloMoiId,
  maxSupply: poloNatural(264),
  staticMetadata: map,
  dynamicMetadata: map,
  logic: { write: () => 0, read: () => undefined },
})

const NIL = '0'.repeat(64) as MoiId

describe('fuel', () => {
  it('has the price 1', () => {
    expect(refusalOf((args) => ({ ...args, fuelPrice: 0n }))).toBe('interaction underpriced')
    expect(refusalOf((args) => ({ ...args, fuelPrice: 2n }))).toContain('invalid fuel price')
  })

  it('has a limit that covers the base of each operation', () => {
    const two = { do: [transferOf(bob, 1n), transferOf(bob, 1n)], with: toward(bob) }
    expect(wished({ ...plain, fuelLimit: 100n })).toBeUndefined()
    expect(wished({ ...plain, fuelLimit: 99n })).toContain('interaction underpriced')
    expect(wished({ ...two, fuelLimit: 200n })).toBeUndefined()
    expect(wished({ ...two, fuelLimit: 199n })).toContain('interaction underpriced')
  })

  it('is there in the sender beside what is moved', () => {
    const at = (amount: bigint) =>
      wished({ do: [transferOf(bob, amount)], with: toward(bob), fuelLimit: 500n })
    expect(at(BALANCE - 500n)).toBeUndefined()
    expect(at(BALANCE - 499n)).toContain('insufficient funds')
  })

  it('is there up to its limit', () => {
    expect(wished({ ...plain, fuelLimit: BALANCE - 1n })).toBeUndefined()
    expect(wished({ ...plain, fuelLimit: BALANCE })).toContain('insufficient funds')
  })

  it('D5: and what is moved are added up beyond every width', () => {
    const most = 2n ** 64n - 1n
    const moved = (amount: bigint, fuelLimit: bigint) =>
      wished({ do: [transferOf(bob, amount)], with: toward(bob), fuelLimit })
    expect(moved(1n, most)).toContain('insufficient funds')
    // In 64 bits the two would come to 499, in 256 bits to 99: the sender has both.
    expect(moved(most, 500n)).toContain('insufficient funds')
    expect(moved(2n ** 256n - 1n, 100n)).toContain('insufficient funds')
    const dear = { fuelPrice: most, fuelLimit: most }
    expect(refusalOf((args) => ({ ...args, ...dear }))).toContain('invalid fuel price')
  })

  it('is the payer’s to have where there is one', () => {
    const paid = {
      ...plain,
      payer: cyd.id,
      with: [...toward(bob), [cyd.id, 'mutate']],
    } as Wish
    const town = createTown()
    const args = town.make({ ...paid, do: [transferOf(bob, BALANCE)] })
    const both = [
      { as: ada.id, key: ada, keyId: 0 },
      { as: cyd.id, key: cyd, keyId: 0 },
    ]
    expect(town.refusal(args, both)).toBeUndefined()
    expect(town.refusal({ ...args, fuelLimit: BALANCE }, both)).toBeUndefined()
    expect(town.refusal({ ...args, fuelLimit: BALANCE + 1n }, both)?.code).toBe('balance')
    expect(town.refusal(args)?.message).toContain('insufficient weight of the payer')
  })
})

describe('a sender', () => {
  it('is somebody', () => {
    expect(refusalOf((args) => ({ ...args, sender: { ...args.sender, id: NIL } }))).toContain('nil')
  })

  it('is not the genesis account, and neither is a payer', () => {
    const message = 'invalid identifier: sender is the genesis account'
    expect(refusalOf((args) => ({ ...args, sender: { ...args.sender, id: SARGA } }))).toBe(message)
    expect(refusalOf((args) => ({ ...args, payer: SARGA }))).toBe(message)
  })

  it('is registered, and so is a payer', () => {
    const message = `account not found: 0x${dan.id}`
    expect(wished({ from: dan, do: [assetCreate()] })).toBe(message)
    const town = createTown()
    const args = town.make({ from: dan, do: [assetCreate()] })
    expect(town.refusal({ ...args, participants: [] })?.message).toBe(message)
    expect(refusalOf((of) => ({ ...of, payer: dan.id }))).toBe(message)
  })

  it('is a participant', () => {
    const town = createTown()
    const args = town.make({ do: [assetCreate()] })
    const asKmoi = { ...args, sender: { ...args.sender, id: KMOI }, participants: [] }
    expect(town.refusal(asKmoi)?.code).toBe('sender')
  })
})

describe('a sequence', () => {
  it('is the next one when it is executed, and may be ahead in a pool', () => {
    const town = createTown()
    town.send(plain)
    const at = (sequence: bigint, where: 'pool' | 'execution') =>
      town.refusal(town.make({ ...plain, sequence }), undefined, where)?.message
    expect([at(0n, 'pool'), at(1n, 'pool'), at(2n, 'pool')]).toEqual([
      'invalid nonce',
      undefined,
      undefined,
    ])
    expect([at(0n, 'execution'), at(1n, 'execution'), at(2n, 'execution')]).toEqual([
      'invalid nonce',
      undefined,
      'invalid nonce',
    ])
  })

  it('is counted for each key apart', () => {
    const town = createTown()
    town.send({ do: [{ is: 'account-configure', add: [keyOf(dan)], revoke: [] }] })
    const by = [{ as: ada.id, key: dan, keyId: 1 }]
    expect(town.refusal(town.make({ ...plain, keyId: 1, sequence: 0n }), by)).toBeUndefined()
    expect(town.refusal(town.make({ ...plain, keyId: 1, sequence: 1n }), by)?.code).toBe('sequence')
  })
})

describe('operations', () => {
  const one = transferOf(bob, 1n)
  it('are one to three', () => {
    expect(wished({ do: [one, one, one], with: toward(bob) })).toBeUndefined()
    expect(wished({ do: [one, one, one, one], with: toward(bob) })).toBe('4 operations exceed 3')
    expect(refusalOf((args) => ({ ...args, operations: [] }))).toContain('no operations')
  })

  it('create one asset at most, and deploy one logic', () => {
    const deploy = {
      is: 'logic-deploy',
      manifest: Uint8Array.of(14),
      callsite: '',
      calldata: new Uint8Array(),
      interfaces: new Map<string, string>(),
    } as const
    expect(wished({ do: [assetCreate(), one], with: toward(bob) })).toBeUndefined()
    expect(wished({ do: [assetCreate(), assetCreate()] })).toBe(
      'more than one AssetCreate in an interaction',
    )
    expect(wished({ do: [deploy, deploy] })).toBe('more than one LogicDeploy in an interaction')
  })

  it.each([
    [14, 'LogicInteract (14) is reserved and does nothing yet'],
    [15, 'LogicUpgrade (15) is reserved and does nothing yet'],
  ])('of type %i are refused by name', (type, message) => {
    const payload = writeOperation(one).payload
    expect(refusalOf((args) => ({ ...args, operations: [{ type, payload }] }))).toBe(message)
  })

  it('have a type that is known, and a payload of that type', () => {
    const { type, payload } = writeOperation(one)
    expect(refusalOf((args) => ({ ...args, operations: [{ type: 16, payload }] }))).toContain(
      'invalid payload',
    )
    const cut = payload.subarray(0, -1)
    expect(refusalOf((args) => ({ ...args, operations: [{ type, payload: cut }] }))).toContain(
      'invalid payload',
    )
  })
})

describe('payloads', () => {
  const create = (keys: readonly ReturnType<typeof keyOf>[], id = dan.id) =>
    wished({ do: [{ is: 'participant-create', id, keys, value: undefined }] })

  it('register an account with keys that weigh 1000 or more together', () => {
    expect(create([keyOf(dan)])).toBeUndefined()
    expect(create([keyOf(dan, 999n)])).toContain('below 1000')
    expect(create([keyOf(dan, 999n), keyOf(bob, 1n)])).toBeUndefined()
    expect(create([])).toBe('keys payload must not be empty')
  })

  it('have keys as MOI’s client wants them', () => {
    expect(create([keyOf(dan), keyOf(bob, 0n)])).toBe('weight must be a positive number')
    expect(create([{ ...keyOf(dan), signatureAlgorithm: 1 }])).toBe('signature algorithm must be 0')
    expect(create([{ ...keyOf(dan), publicKey: new Uint8Array() }])).toContain('public key')
    expect(create([{ ...keyOf(dan), publicKey: dan.publicKey.with(0, 4) }])).toContain('public key')
    expect(create([{ ...keyOf(dan), publicKey: dan.publicKey.slice(1) }])).toBeUndefined()
  })

  it('register a participant that is no variant of another', () => {
    expect(create([keyOf(dan)], KMOI)).toContain('invalid identifier')
    expect(create([keyOf(dan)], `${dan.id.slice(0, 56)}00000001` as MoiId)).toContain(
      'invalid identifier',
    )
    expect(create([keyOf(dan)], NIL)).toContain('id must be')
  })

  it('configure something', () => {
    const of = (add: readonly ReturnType<typeof keyOf>[], revoke: readonly number[]) =>
      wished({ do: [{ is: 'account-configure', add, revoke }] })
    expect(of([], [])).toBe('payload must have either non-empty add or revoke')
    expect(of([keyOf(dan)], [])).toBeUndefined()
    expect(of([], [0])).toBeUndefined()
  })

  it('give an asset a symbol, a manager and a standard', () => {
    expect(wished({ do: [assetCreate({ symbol: '' })] })).toBe('symbol must be a non-empty string')
    expect(wished({ do: [assetCreate({ manager: NIL })] })).toContain('manager')
    expect(wished({ do: [assetCreate({ standard: 3 })] })).toContain('standard 3')
    expect(wished({ do: [assetCreate({ standard: 65_535 })] })).toBeUndefined()
  })

  it('have a maximum supply of 256 bits', () => {
    const at = (maxSupply: bigint) => {
      const payload = encodePolo(wideAsset, { ...asset, maxSupply })
      return refusalOf((args) => ({ ...args, operations: [{ type: 4, payload }] }))
    }
    expect(at(2n ** 256n - 1n)).toBeUndefined()
    expect(at(2n ** 256n)).toContain('invalid payload')
  })

  it('name a callsite, and an asset where one belongs', () => {
    expect(
      refusalOf(() => createTown().make({ do: [action(KMOI, '')], with: [[KMOI, 'none']] })),
    ).toBe('callsite must be a non-empty string')
    expect(
      refusalOf(() => createTown().make({ do: [action(bob.id, 'Transfer')], with: toward(bob) })),
    ).toContain('not an asset')
  })

  it('stake something, for a guardian that has a name', () => {
    const register = (kramaId: string, amount: bigint) =>
      wished({
        do: [
          {
            is: 'guardian-register',
            kramaId,
            walletId: ada.id,
            consensusKey: Uint8Array.of(1),
            kycProof: new Uint8Array(),
            amount,
          },
        ],
        with: [[SARGA, 'mutate']],
      })
    expect(register(KRAMA_ID, 1n)).toBeUndefined()
    expect(register(KRAMA_ID, 0n)).toBe('amount must be positive')
    expect(register(KRAMA_ID.slice(1), 1n)).toBe('invalid krama id')
  })
})

describe('participants', () => {
  it('are registered, but for those of the genesis and those to be created', () => {
    const create = {
      is: 'participant-create',
      id: dan.id,
      keys: [keyOf(dan)],
      value: undefined,
    } as const
    expect(wished({ do: [transferOf(bob, 1n)], with: [...toward(bob), [dan.id, 'mutate']] })).toBe(
      `account not found: 0x${dan.id}`,
    )
    expect(wished({ do: [create], with: [[dan.id, 'mutate']] })).toBeUndefined()
  })

  it('are looked up after the signatures, so that nobody gets a manifest read for nothing', () => {
    const town = createTown()
    const to = { do: [transferOf(bob, 1n)], with: [...toward(bob), [dan.id, 'mutate']] } as const
    const args = town.make(to)
    expect(town.refusal(args)?.code).toBe('participants')
    const byAnother = [{ as: ada.id, key: bob, keyId: 0 }]
    expect(town.refusal(args, byAnother)?.code).toBe('signatures')
  })

  it('come once', () => {
    const twice = [...toward(bob), [bob.id, 'mutate'] as const]
    expect(wished({ do: [transferOf(bob, 1n)], with: twice })).toBe(
      `duplicate participant: 0x${bob.id}`,
    )
  })

  it('hold sender and payer for writing', () => {
    expect(
      refusalOf((args) => ({
        ...args,
        participants: args.participants.map((one) =>
          one.id === ada.id ? { ...one, lock: 'read' as const } : one,
        ),
      })),
    ).toContain('needs a mutate lock')
    expect(
      refusalOf((args) => ({
        ...args,
        participants: args.participants.filter(({ id }) => id !== ada.id),
      })),
    ).toBeUndefined()
  })

  it('are fifteen accounts at most, those to be created included', () => {
    const crowd = Array.from({ length: 14 }, (_, at) => personOf(`crowd ${at}`))
    const town = createTown({
      ...genesis,
      participants: [ada, ...crowd].map((one) => ({
        id: one.id,
        keys: [keyOf(one)],
        balance: BALANCE,
      })),
    })
    const create = {
      is: 'participant-create',
      id: dan.id,
      keys: [keyOf(dan)],
      value: undefined,
    } as const
    const at = (count: number) =>
      town.refusal(
        town.make({ do: [create], with: crowd.slice(0, count).map(({ id }) => [id, 'mutate']) }),
      )?.message
    expect(at(13)).toBeUndefined()
    expect(at(14)).toBe('16 accounts exceed 15')
    const declared = crowd.slice(0, 13).map(({ id }) => [id, 'mutate'] as const)
    const named = town.make({ do: [create], with: [...declared, [dan.id, 'mutate']] })
    expect(town.refusal(named)).toBeUndefined()
  })

  it('include what the operations name', () => {
    const bare = (args: MoiInteraction) => ({
      ...args,
      participants: args.participants.filter(({ id }) => id !== KMOI),
    })
    expect(refusalOf(bare)).toBe(`0x${KMOI} must be a participant`)
  })

  it('hold the genesis account for writing where guardians change', () => {
    const stake = { is: 'guardian-stake', kramaId: KRAMA_ID, amount: 1n } as const
    expect(wished({ do: [stake], with: [[SARGA, 'mutate']] })).toBeUndefined()
    expect(wished({ do: [stake], with: [[SARGA, 'read']] })).toContain('mutate lock')
    expect(wished({ do: [stake] })).toContain('mutate lock')
  })
})

describe('preferences', () => {
  const nodes = { behaviour: ['a', 'b'], random: ['b', 'c'], storage: ['d'] }
  const at = (mtq: bigint, trustedNodes: readonly string[]) => {
    const town = createTown({ ...genesis, nodes })
    const preferences = { compute: new Uint8Array(), consensus: { mtq, trustedNodes } }
    return town.refusal(town.make({ ...plain, preferences }))?.message
  }

  it('ask for as many guardians as vouch for the sender, and no more', () => {
    expect(at(0n, [])).toBeUndefined()
    expect(at(3n, [])).toBeUndefined()
    expect(at(4n, [])).toBe('trust quotient 4 cannot be met: 3 guardians take part')
  })

  it('trust guardians that take part', () => {
    expect(at(0n, ['a', 'c'])).toBeUndefined()
    expect(at(0n, ['a', 'd'])).toBe('trusted node takes no part: d')
  })
})

describe('funds', () => {
  it('are there', () => {
    const at = (amount: bigint) =>
      wished({ ...plain, fuelLimit: 100n, funds: [{ assetId: KMOI, amount }] })
    expect(at(BALANCE - 100n)).toBeUndefined()
    expect(at(BALANCE - 99n)).toContain('insufficient funds')
  })

  it('are looked for in other assets too', () => {
    const town = createTown()
    const { receipt } = town.send({ do: [assetCreate()] })
    const asset = receipt.operations[0]?.created ?? KMOI
    town.send({
      do: [action(asset, 'Mint', { beneficiary: ada.id, amount: 7n })],
      with: [[asset, 'mutate']],
    })
    const at = (amount: bigint) =>
      town.refusal(town.make({ ...plain, funds: [{ assetId: asset, amount }] }))
    expect(at(7n)).toBeUndefined()
    expect(at(8n)?.code).toBe('balance')
  })
})

describe('an interaction', () => {
  it('has 128 KB at most', () => {
    const at = (bytes: number) =>
      refusalOf((args) => ({ ...args, perception: new Uint8Array(bytes) }))
    const room = 131_072 - writeInteraction(createTown().make(plain)).length
    // The length of a perception stands in the offsets, so a little room is needed beside it.
    expect(at(room - 8)).toBeUndefined()
    expect(at(room + 8)).toContain('131072')
  })

  it('is refused by its own bytes even if it was read from fewer', () => {
    const town = createTown()
    const args = town.make(plain)
    const common = {
      args,
      signatures: [],
      read: town.read,
      network: town.network,
      verifier: engine,
      at: 'pool',
    } as const
    expect(validate({ ...common, bytes: new Uint8Array(131_073) })?.code).toBe('size')
    expect(validate({ ...common, bytes: new Uint8Array(131_072) })?.code).toBe('signatures')
  })
})

describe('signatures', () => {
  const by = (keyId: number, key = ada, as = ada.id) => ({ as, key, keyId })
  const twoKeys = () => {
    const town = createTown()
    town.send({
      do: [
        {
          is: 'account-configure',
          add: [keyOf(bob, 400n), keyOf(cyd, 600n), keyOf(dan, 599n)],
          revoke: [0],
        },
      ],
    })
    return town
  }

  it('are by a key of the sender', () => {
    const town = createTown()
    const args = town.make(plain)
    expect(town.refusal(args, [by(0)])).toBeUndefined()
    expect(town.refusal(args, [by(0, bob)])?.message).toBe('invalid signature: wrong signature 0')
    expect(town.refusal(args, [])?.message).toContain('none by key 0')
    expect(town.refusal(args, [by(0), by(0)])?.message).toBe('invalid signature: repeated key 0')
    expect(town.refusal(args, [by(0), by(1, bob)])?.message).toBe(
      'invalid signature: unknown key 1',
    )
    expect(town.refusal(args, [by(0), by(0, bob, bob.id)])?.message).toContain('neither sender')
  })

  it('weigh 1000 or more together', () => {
    const town = twoKeys()
    const args = town.make({ ...plain, keyId: 1, sequence: 0n })
    expect(town.refusal(args, [by(1, bob), by(2, cyd)])).toBeUndefined()
    expect(town.refusal(args, [by(1, bob), by(3, dan)])?.message).toContain(
      'insufficient weight of the sender',
    )
    expect(town.refusal(args, [by(2, cyd), by(3, dan)])?.message).toContain('none by key 1')
  })

  it('are by keys in force', () => {
    const town = twoKeys()
    expect(town.refusal(town.make(plain))?.message).toBe('key is revoked: 0')
    const args = town.make({ ...plain, keyId: 1, sequence: 0n })
    expect(town.refusal(args, [by(1, bob), by(2, cyd), by(0)])?.message).toBe(
      'invalid signature: revoked key 0',
    )
    expect(town.refusal(town.make({ ...plain, keyId: 9 }))?.message).toBe('key not found: 9')
  })

  it('are on these bytes', () => {
    const town = createTown()
    const args = town.make(plain)
    const bytes = writeInteraction(args)
    const signatures = sign(bytes, [by(0)])
    const common = {
      args,
      signatures,
      read: town.read,
      network: town.network,
      verifier: engine,
      at: 'pool',
    } as const
    expect(validate({ ...common, bytes })).toBeUndefined()
    expect(validate({ ...common, bytes: bytes.with(40, 1) })?.code).toBe('signatures')
  })
})
