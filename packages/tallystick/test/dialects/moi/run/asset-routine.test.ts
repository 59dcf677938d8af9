import { describe, expect, it } from 'vitest'
import { isFault } from '../../../../src/base/fault.ts'
import { type MoiId, poloMoiId } from '../../../../src/dialects/moi/identifier.ts'
import { readDocument, writeDocument } from '../../../../src/dialects/moi/polo/document.ts'
import { poloBytes, poloInteger, poloNatural } from '../../../../src/dialects/moi/polo/scalar.ts'
import { encodePolo, readPolo } from '../../../../src/dialects/moi/polo/schema.ts'
import { supplyOf } from '../../../../src/dialects/moi/run/asset-engine.ts'
import { lockupOf, mandateOf } from '../../../../src/dialects/moi/run/holding.ts'
import { call, type Run } from '../../../../src/dialects/moi/run/run.ts'
import {
  action,
  ada,
  BALANCE,
  bob,
  createAssetIn,
  createTown,
  cyd,
  dan,
  keyOf,
  KMOI,
  messageOf,
  type Person,
  toward,
  type Town,
  transferOf,
} from './town.ts'

type Args = Parameters<typeof action>[2]

/** Calls a routine with everybody's account at hand. */
const act = (town: Town, from: Person, asset: MoiId, [callsite, args]: readonly [string, Args?]) =>
  town.send({
    from,
    do: [action(asset, callsite, args)],
    with: [
      [asset, 'mutate'],
      ...[ada, bob, cyd]
        .filter(({ id }) => id !== from.id)
        .map(({ id }): readonly [MoiId, 'mutate'] => [id, 'mutate']),
    ],
  }).receipt

const ask = (town: Town, asset: MoiId, callsite: string, args?: Args) => {
  const interaction = town.make({ do: [action(asset, callsite, args)], with: [[asset, 'read']] })
  const of: Run = {
    args: interaction,
    hash: new Uint8Array(32),
    read: town.read,
    network: town.network,
    time: town.time,
  }
  const entries = readDocument(call(of).operations[0]?.outputs ?? new Uint8Array())
  return isFault(entries) ? new Map<string, Uint8Array>() : entries
}

const numberIn = (entries: ReadonlyMap<string, Uint8Array>, label: string): bigint =>
  readPolo(poloNatural(256), entries.get(label) ?? new Uint8Array())

const mas0 = (maxSupply = 20_000n) => {
  const town = createTown()
  const asset = createAssetIn(town, { maxSupply })
  return { town, asset }
}

describe('minting', () => {
  it('is the manager’s', () => {
    const { town, asset } = mas0()
    const mint: readonly [string, Args] = ['Mint', { beneficiary: bob.id, amount: 5n }]
    expect(act(town, ada, asset, mint).status).toBe('ok')
    expect(messageOf(act(town, bob, asset, mint))).toContain('not the manager')
    expect(town.balance(bob, asset)).toBe(5n)
  })

  it('stops at the maximum', () => {
    const { town, asset } = mas0(100n)
    const mint = (amount: bigint) =>
      act(town, ada, asset, ['Mint', { beneficiary: bob.id, amount }])
    expect(messageOf(mint(101n))).toContain('max supply exceeded')
    expect(mint(100n).status).toBe('ok')
    expect(messageOf(mint(1n))).toContain('max supply exceeded')
    expect(supplyOf(town.read, asset)).toBe(100n)
  })

  it.each([0n, 1n, 2n ** 64n, 2n ** 256n - 1n])('holds where the maximum is %d', (maxSupply) => {
    const { town, asset } = mas0(maxSupply)
    const mint = (amount: bigint) =>
      act(town, ada, asset, ['Mint', { beneficiary: bob.id, amount }])
    if (maxSupply > 0n) expect(mint(maxSupply).status).toBe('ok')
    expect(mint(1n).status).toBe('reverted')
    expect(town.balance(bob, asset)).toBe(maxSupply)
  })

  it('makes something', () => {
    const { town, asset } = mas0()
    expect(
      messageOf(act(town, ada, asset, ['Mint', { beneficiary: bob.id, amount: 0n }])),
    ).toContain('amount must be positive')
  })

  it('needs the asset for writing and a beneficiary that exists', () => {
    const { town, asset } = mas0()
    const of = action(asset, 'Mint', { beneficiary: ada.id, amount: 1n })
    expect(town.send({ do: [of], with: [[asset, 'mutate']] }).receipt.status).toBe('ok')
    expect(town.send({ do: [of], with: [[asset, 'read']] }).receipt.operations[0]?.status).toBe(
      'defect',
    )
    const to = town.send({
      do: [action(asset, 'Mint', { beneficiary: dan.id, amount: 1n })],
      with: [
        [asset, 'mutate'],
        [dan.id, 'mutate'],
      ],
    })
    expect(messageOf(to.receipt)).toContain('account not found')
  })

  it('of KMOI is nobody’s', () => {
    const town = createTown()
    expect(
      messageOf(act(town, ada, KMOI, ['Mint', { beneficiary: ada.id, amount: 1n }])),
    ).toContain('not the manager')
  })
})

describe('burning', () => {
  it('takes from the sender’s own and from the supply', () => {
    const { town, asset } = mas0()
    act(town, ada, asset, ['Mint', { beneficiary: bob.id, amount: 5n }])
    expect(messageOf(act(town, ada, asset, ['Burn', { amount: 1n }]))).toContain(
      'insufficient balance',
    )
    expect(messageOf(act(town, bob, asset, ['Burn', { amount: 6n }]))).toContain(
      'insufficient balance',
    )
    expect(act(town, bob, asset, ['Burn', { amount: 5n }]).status).toBe('ok')
    expect([town.balance(bob, asset), supplyOf(town.read, asset)]).toEqual([0n, 0n])
  })
})

describe('a mandate', () => {
  const given = (amount = 10n) => {
    const { town, asset } = mas0()
    act(town, ada, asset, ['Mint', { beneficiary: ada.id, amount: 100n }])
    const expires_at = town.time + 60n
    const approved = act(town, ada, asset, ['Approve', { beneficiary: bob.id, amount, expires_at }])
    expect(approved.status).toBe('ok')
    const spend = (of: bigint, by = bob) =>
      act(town, by, asset, [
        'TransferFrom',
        { benefactor: ada.id, beneficiary: cyd.id, amount: of },
      ])
    return { town, asset, spend, expires_at }
  }

  it('is spent bit by bit and no further', () => {
    const { town, asset, spend } = given()
    expect(spend(4n).status).toBe('ok')
    expect(messageOf(spend(7n))).toContain('insufficient mandate: 6')
    expect(spend(6n).status).toBe('ok')
    expect(messageOf(spend(1n))).toContain('mandate not found')
    expect(town.balance(cyd, asset)).toBe(10n)
  })

  it('is for one spender', () => {
    expect(messageOf(given().spend(1n, cyd))).toContain('mandate not found')
  })

  it('ends at its second', () => {
    const { town, spend, expires_at } = given()
    town.time = expires_at - 1n
    expect(spend(1n).status).toBe('ok')
    town.time = expires_at
    expect(messageOf(spend(1n))).toContain('mandate expired')
  })

  it('is not given for a time that has passed', () => {
    const { town, asset } = given()
    const approve = (expires_at: bigint) =>
      act(town, ada, asset, ['Approve', { beneficiary: bob.id, amount: 1n, expires_at }])
    expect(messageOf(approve(town.time))).toContain('mandate would be expired')
    expect(approve(town.time + 1n).status).toBe('ok')
  })

  it('replaces the one before, and can be taken back', () => {
    const { town, asset, spend, expires_at } = given()
    act(town, ada, asset, ['Approve', { beneficiary: bob.id, amount: 3n, expires_at }])
    const of = { account: ada.id, asset, token: 0n }
    expect(mandateOf(town.read, of, bob.id)?.amount).toBe(3n)
    expect(act(town, ada, asset, ['Revoke', { beneficiary: bob.id }]).status).toBe('ok')
    expect(messageOf(spend(1n))).toContain('mandate not found')
    expect(messageOf(act(town, ada, asset, ['Revoke', { beneficiary: bob.id }]))).toContain(
      'mandate not found',
    )
  })

  it('does not cover more than there is', () => {
    const { spend } = given(1000n)
    expect(messageOf(spend(101n))).toContain('insufficient balance')
  })
})

describe('a lockup', () => {
  const locked = () => {
    const { town, asset } = mas0()
    act(town, ada, asset, ['Mint', { beneficiary: ada.id, amount: 100n }])
    expect(act(town, ada, asset, ['Lockup', { beneficiary: bob.id, amount: 30n }]).status).toBe(
      'ok',
    )
    const release = (amount: bigint, by = cyd, to = bob) =>
      act(town, by, asset, ['Release', { benefactor: ada.id, beneficiary: to.id, amount }])
    return { town, asset, release }
  }

  it('takes from the balance, and adds to the lockup before', () => {
    const { town, asset } = locked()
    expect(town.balance(ada, asset)).toBe(70n)
    act(town, ada, asset, ['Lockup', { beneficiary: bob.id, amount: 20n }])
    expect(lockupOf(town.read, { account: ada.id, asset, token: 0n }, bob.id)).toBe(50n)
    expect(
      messageOf(act(town, ada, asset, ['Lockup', { beneficiary: bob.id, amount: 51n }])),
    ).toContain('insufficient balance')
  })

  it('is released by anybody, to whom it is for', () => {
    const { town, asset, release } = locked()
    expect(release(10n).status).toBe('ok')
    expect(release(20n, bob).status).toBe('ok')
    expect(messageOf(release(1n))).toContain('insufficient lockup: 0')
    expect(town.balance(bob, asset)).toBe(30n)
  })

  it('is released to nobody else and not beyond', () => {
    const { release } = locked()
    expect(messageOf(release(1n, cyd, cyd))).toContain('insufficient lockup: 0')
    expect(messageOf(release(31n))).toContain('insufficient lockup: 30')
  })
})

describe('calldata', () => {
  it.each([
    ['a label that is not there', { beneficiary: bob.id, amont: 1n }],
    ['no beneficiary', { amount: 1n }],
    ['a beneficiary that is no identifier', { beneficiary: 'bob', amount: 1n }],
    ['an amount that is a text', { beneficiary: bob.id, amount: 'much' }],
  ] as const)('with %s is a defect', (_, args) => {
    const { town, asset } = mas0()
    const receipt = act(town, ada, asset, ['Transfer', args])
    expect(receipt.operations[0]?.status).toBe('defect')
  })

  it('that is no document is a defect', () => {
    const town = createTown()
    const bad = { ...transferOf(bob, 1n), calldata: Uint8Array.of(3, 1) }
    const { receipt } = town.send({ do: [bad], with: toward(bob) })
    expect(receipt.operations[0]?.status).toBe('defect')
  })

  it.each([0n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 256n - 1n])('may ask for %d', (amount) => {
    const town = createTown()
    const { receipt } = town.send({ do: [transferOf(bob, amount)], with: toward(bob) })
    expect(receipt.status).toBe(amount === 0n ? 'ok' : 'reverted')
    expect(receipt.operations[0]?.status).toBe(amount === 0n ? 'ok' : 'exception')
  })
})

describe('numbers beyond 256 bits', () => {
  const beyond = poloNatural(264)

  it('are a defect as an amount', () => {
    const town = createTown()
    const entries = new Map([
      ['amount', encodePolo(beyond, 2n ** 256n)],
      ['beneficiary', encodePolo(poloMoiId, bob.id)],
    ])
    const of = { ...transferOf(bob, 1n), calldata: writeDocument(entries) }
    const { receipt } = town.send({ do: [of], with: toward(bob) })
    expect(receipt.operations[0]?.status).toBe('defect')
  })

  it('are a defect below zero too', () => {
    const town = createTown()
    const entries = new Map([
      ['amount', encodePolo(poloInteger(64), -1n)],
      ['beneficiary', encodePolo(poloMoiId, bob.id)],
    ])
    const of = { ...transferOf(bob, 1n), calldata: writeDocument(entries) }
    const { receipt } = town.send({ do: [of], with: toward(bob) })
    expect(receipt.operations[0]?.status).toBe('defect')
    expect(town.balance(bob)).toBe(BALANCE)
  })
})

describe('questions', () => {
  it('tell the asset’s record', () => {
    const { town, asset } = mas0()
    act(town, ada, asset, ['Mint', { beneficiary: bob.id, amount: 7n }])
    expect(ask(town, asset, 'Symbol').get('symbol')).toEqual(new TextEncoder().encode('\u0006KOI'))
    expect(numberIn(ask(town, asset, 'Decimals'), 'decimals')).toBe(0n)
    expect(numberIn(ask(town, asset, 'MaxSupply'), 'max_supply')).toBe(20_000n)
    expect(numberIn(ask(town, asset, 'CirculatingSupply'), 'circulating_supply')).toBe(7n)
    expect(numberIn(ask(town, asset, 'BalanceOf', { address: bob.id }), 'balance')).toBe(7n)
    expect([...ask(town, asset, 'Creator').keys()]).toEqual(['creator'])
    expect([...ask(town, asset, 'Manager').keys()]).toEqual(['manager'])
  })

  it('for a symbol may bring arguments of another question', () => {
    const { town, asset } = mas0()
    expect([...ask(town, asset, 'Symbol', { token_id: 1n, address: 'x' }).keys()]).toEqual([
      'symbol',
    ])
  })
})

describe('MAS1', () => {
  const init = {
    manifest: new Uint8Array(),
    callsite: 'Init',
    calldata: new Uint8Array(),
    interfaces: new Map<string, string>(),
  }
  const mas1 = (logic: typeof init | undefined = init) => {
    const town = createTown()
    const asset = createAssetIn(town, { standard: 1, maxSupply: 1n, logic })
    const mint = (to = bob) => act(town, ada, asset, ['Mint', { beneficiary: to.id }])
    return { town, asset, mint }
  }

  it('numbers its tokens, of which each is one', () => {
    const { town, asset, mint } = mas1()
    const tokens = [mint(), mint()].map((receipt) => {
      const entries = readDocument(receipt.operations[0]?.outputs ?? new Uint8Array())
      return isFault(entries) ? undefined : numberIn(entries, 'token_id')
    })
    expect(tokens).toEqual([0n, 1n])
    expect([town.balance(bob, asset, 0n), town.balance(bob, asset, 1n)]).toEqual([1n, 1n])
    expect(supplyOf(town.read, asset)).toBe(2n)
  })

  it('mints nothing that was not begun to be numbered', () => {
    const { mint } = mas1(undefined)
    const town = createTown()
    const asset = createAssetIn(town, { standard: 1, maxSupply: 1n })
    expect(messageOf(act(town, ada, asset, ['Mint', { beneficiary: bob.id }]))).toContain(
      'invalid key',
    )
    expect(mint().status).toBe('ok')
  })

  it('moves a token, and no amount of it', () => {
    const { town, asset, mint } = mas1()
    mint()
    const move = (by: Person, args: Args) => act(town, by, asset, ['Transfer', args])
    expect(messageOf(move(cyd, { token_id: 0n, beneficiary: ada.id }))).toContain(
      'insufficient balance',
    )
    expect(move(bob, { token_id: 0n, beneficiary: cyd.id, amount: 1n }).operations[0]?.status).toBe(
      'defect',
    )
    expect(move(bob, { token_id: 0n, beneficiary: cyd.id }).status).toBe('ok')
    expect(numberOfOwner(ask(town, asset, 'IsOwner', { token_id: 0n, address: cyd.id }))).toBe(2)
    expect(numberOfOwner(ask(town, asset, 'IsOwner', { token_id: 0n, address: bob.id }))).toBe(1)
  })

  it('lets the token’s owner alone set its metadata', () => {
    const { town, asset, mint } = mas1()
    mint()
    const set = (by: Person) =>
      act(town, by, asset, [
        'SetDynamicTokenMetadata',
        { token_id: 0n, key: 'name', value: Uint8Array.of(1) },
      ])
    expect(messageOf(set(ada))).toContain('not the owner')
    expect(set(bob).status).toBe('ok')
    const told = ask(town, asset, 'GetDynamicTokenMetadata', { token_id: 0n, key: 'name' })
    expect(readPolo(poloBytes(9), told.get('value') ?? new Uint8Array())).toEqual(Uint8Array.of(1))
  })

  it('is minted with metadata, which stays', () => {
    const { town, asset } = mas1()
    const static_metadata = new Map([['art', Uint8Array.of(7)]])
    expect(
      act(town, ada, asset, ['MintWithMetadata', { beneficiary: bob.id, static_metadata }]).status,
    ).toBe('ok')
    const set = (value: Uint8Array) =>
      act(town, bob, asset, ['SetStaticTokenMetadata', { token_id: 0n, key: 'art', value }])
    expect(messageOf(set(Uint8Array.of(8)))).toContain('set already')
    expect(set(Uint8Array.of(7)).status).toBe('ok')
  })

  it('keeps its counter to itself', () => {
    const { town, asset } = mas1()
    const receipt = act(town, ada, asset, [
      'SetDynamicMetadata',
      { key: '__token_count__', value: Uint8Array.of(3) },
    ])
    expect(messageOf(receipt)).toContain('invalid key')
  })
})

const numberOfOwner = (entries: ReadonlyMap<string, Uint8Array>): number | undefined =>
  entries.get('is_owner')?.[0]

describe('MAS2', () => {
  it('mints a new token of many pieces each time', () => {
    const town = createTown()
    const logic = {
      manifest: new Uint8Array(),
      callsite: 'Init',
      calldata: new Uint8Array(),
      interfaces: new Map<string, string>(),
    }
    const asset = createAssetIn(town, { standard: 2, maxSupply: 10n, logic })
    const mint = (amount: bigint) =>
      act(town, ada, asset, ['Mint', { beneficiary: bob.id, amount }])
    expect([mint(10n).status, mint(4n).status]).toEqual(['ok', 'ok'])
    expect(messageOf(mint(11n))).toContain('max supply exceeded')
    expect(
      act(town, bob, asset, ['Transfer', { token_id: 1n, beneficiary: cyd.id, amount: 3n }]).status,
    ).toBe('ok')
    expect(
      numberIn(ask(town, asset, 'BalanceOf', { token_id: 1n, address: cyd.id }), 'balance'),
    ).toBe(3n)
    expect([supplyOf(town.read, asset), supplyOf(town.read, asset, 1n)]).toEqual([14n, 4n])
  })
})

describe('metadata of an asset', () => {
  const set = (
    town: Town,
    by: Person,
    asset: MoiId,
    [kind, value]: readonly [string, Uint8Array],
  ) => act(town, by, asset, [`Set${kind}Metadata`, { key: 'url', value }])

  it('is the manager’s to set; static values stay, dynamic ones do not', () => {
    const { town, asset } = mas0()
    expect(messageOf(set(town, bob, asset, ['Static', Uint8Array.of(1)]))).toContain(
      'not the manager',
    )
    expect(set(town, ada, asset, ['Static', Uint8Array.of(1)]).status).toBe('ok')
    expect(messageOf(set(town, ada, asset, ['Static', Uint8Array.of(2)]))).toContain('set already')
    expect(set(town, ada, asset, ['Dynamic', Uint8Array.of(1)]).status).toBe('ok')
    expect(set(town, ada, asset, ['Dynamic', Uint8Array.of(2)]).status).toBe('ok')
  })

  it('may be sent as a text, as MOI’s client does', () => {
    const { town, asset } = mas0()
    expect(act(town, ada, asset, ['SetStaticMetadata', { key: 'url', value: 'moi' }]).status).toBe(
      'ok',
    )
  })

  it('has 4096 bytes at most under a key of 256', () => {
    const { town, asset } = mas0()
    expect(set(town, ada, asset, ['Dynamic', new Uint8Array(4096)]).status).toBe('ok')
    expect(set(town, ada, asset, ['Dynamic', new Uint8Array(4097)]).status).toBe('reverted')
    const under = (key: string) =>
      act(town, ada, asset, ['SetDynamicMetadata', { key, value: Uint8Array.of(1) }]).status
    expect([under('k'.repeat(256)), under('k'.repeat(257)), under('')]).toEqual([
      'ok',
      'reverted',
      'reverted',
    ])
  })

  it('is not told where none was set', () => {
    const { town, asset } = mas0()
    expect(ask(town, asset, 'GetStaticMetadata', { key: 'url' }).size).toBe(0)
  })
})

it('tells what happened to an asset that wants it told, on the asset', () => {
  for (const enableEvents of [true, false]) {
    const town = createTown()
    const asset = createAssetIn(town, { enableEvents })
    const receipt = act(town, ada, asset, ['Mint', { beneficiary: bob.id, amount: 3n }])
    const [log] = receipt.operations[0]?.logs ?? []
    expect(log?.account).toBe(enableEvents ? asset : undefined)
    expect(log?.topics.length).toBe(enableEvents ? 2 : undefined)
  }
})

it('pays an account that was created in the same interaction', () => {
  const { town, asset } = mas0()
  const { receipt } = town.send({
    do: [
      { is: 'participant-create', id: dan.id, keys: [keyOf(dan)], value: undefined },
      action(asset, 'Mint', { beneficiary: dan.id, amount: 5n }),
    ],
    with: [[asset, 'mutate']],
  })
  expect(receipt.status).toBe('ok')
  expect(town.balance(dan, asset)).toBe(5n)
})
