/** What MOI's compiler made of its published examples, run here: assembly, on a host in memory. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isFault } from 'tallystick/base'
import {
  type AssetAnswer,
  callLogic,
  type CallOutcome,
  compile,
  decodeOutputs,
  type CrossCall,
  type MoiId,
  type Program,
  type Value,
} from 'tallystick/moi'
import { describe, expect, test } from 'vitest'
import {
  ALICE,
  BOB,
  bool,
  createWorld,
  id,
  outputsOf,
  participant,
  readBool,
  readId,
  readText,
  readUint,
  text,
  uint,
} from '../../../tallystick/test/dialects/moi/pisa/world.ts'
import { hexFromBytes } from '../../../tallystick/src/base/bytes.ts'
import { entryKey, partKey, slotKey } from '../../../tallystick/src/dialects/moi/storage-key.ts'
import { topicOfName } from '../../../tallystick/src/dialects/moi/topic.ts'
import { manifestFromFile } from '../../src/guardian/manifest-yaml.ts'

const sound = <T>(of: T): Exclude<T, Error> => {
  if (isFault(of)) throw of
  return of as Exclude<T, Error>
}

type Change = (asm: readonly string[]) => readonly string[]

/** A program from the corpus; `change` edits the assembly of one routine. */
const programOf = (name: string, routine?: string, change?: Change): Program => {
  const read = manifestFromFile(
    new Uint8Array(readFileSync(join(import.meta.dirname, 'third-party', `${name}.yaml`))),
  )
  if (isFault(read)) throw read
  const elements = read.elements.map((element) =>
    element.kind === 'callable' && element.data.name === routine && change
      ? {
          ...element,
          data: {
            ...element.data,
            executes: { ...element.data.executes, asm: change(element.data.executes.asm ?? []) },
          },
        }
      : element,
  )
  const program = compile({ ...read, elements })
  if (isFault(program)) throw program
  return program
}

const error = (outcome: CallOutcome): string =>
  outcome.is === 'exception' ? outcome.exception.error : outcome.is

const CAROL = participant('c')
const ZERO = '0'.repeat(64) as MoiId

describe('the flipper', () => {
  test('flips the state of the logic', () => {
    const { call } = createWorld(programOf('cocolang/flipper'))
    const get = (): boolean => readBool(outputsOf(call('Get')).get('value'))
    outputsOf(call('Seed', { initial: bool(true) }))
    expect(get()).toBe(true)
    outputsOf(call('Toggle'))
    expect(get()).toBe(false)
    outputsOf(call('Set', { setval: bool(true) }))
    expect(get()).toBe(true)
  })
})

describe('the flipper of each participant', () => {
  test('flips the state that is kept with the sender, and with nobody else', () => {
    const { call } = createWorld(programOf('cocolang/eflipper'))
    const get = (sender: MoiId): boolean =>
      readBool(outputsOf(call('Get', {}, { sender })).get('value'))
    outputsOf(call('Set', { value: bool(true) }))
    expect([get(ALICE), get(BOB)]).toEqual([true, false])
    outputsOf(call('Toggle', {}, { sender: BOB }))
    outputsOf(call('Toggle'))
    expect([get(ALICE), get(BOB)]).toEqual([false, true])
  })
})

describe('the counter', () => {
  test('counts', () => {
    const { call } = createWorld(programOf('cocolang/counter'))
    for (let at = 0; at < 3; at++) outputsOf(call('Increase'))
    expect(readUint(outputsOf(call('Get')).get('value'))).toBe(3n)
  })
})

describe('the token ledger', () => {
  test('moves, mints and burns, and refuses what its source refuses', () => {
    const { call } = createWorld(programOf('cocolang/tokenledger'))
    const balance = (addr: MoiId): bigint =>
      readUint(outputsOf(call('BalanceOf', { addr: id(addr) })).get('balance'))
    outputsOf(call('Seed', { symbol: text('MOI'), supply: uint(1000) }))
    const moved = call('Transfer', { amount: uint(250), receiver: id(BOB) })
    outputsOf(moved)
    expect(moved.is === 'ok' && moved.events.map(({ topics }) => topics[0])).toEqual([
      topicOfName('Transfer'),
    ])
    outputsOf(call('Mint', { amount: uint(7) }))
    outputsOf(call('Burn', { amount: uint(5) }))
    expect([balance(ALICE), balance(BOB), balance(CAROL)]).toEqual([752n, 250n, 0n])
    expect(readUint(outputsOf(call('TotalSupply')).get('supply'))).toBe(1002n)
    expect(error(call('Transfer', { amount: uint(1), receiver: id(BOB) }, { sender: CAROL }))).toBe(
      'sender has no balance',
    )
    expect(error(call('Burn', { amount: uint(251) }, { sender: BOB }))).toBe(
      'invalid burn amount: insufficient balance',
    )
  })
})

/** Balances of one asset, as the engine of assets answers to a logic. */
const createAsset = () => {
  const balances = new Map<string, bigint>()
  const locked = new Map<string, bigint>()
  const of = (held: Map<string, bigint>, account: string): bigint => held.get(account) ?? 0n
  const call =
    (sender: MoiId) =>
    (code: number, args: readonly (Value | undefined)[]): AssetAnswer => {
      const who = (at: number): string => {
        const value = args[at]
        return value?.is === 'identifier' ? hexFromBytes(value.of) : sender
      }
      const amount = (at: number): bigint => {
        const value = args[at]
        if (value?.is !== 'u256') throw new Error(`no amount at ${at}`)
        return value.of
      }
      const move = (from: string, to: string, much: bigint): AssetAnswer => {
        if (of(balances, from) < much)
          return { is: 'exception', class: 'string', error: 'insufficient balance' }
        balances.set(from, of(balances, from) - much)
        balances.set(to, of(balances, to) + much)
        return { is: 'ok', results: [] }
      }
      switch (code) {
        case 0x01:
          return move(who(1), who(2), amount(3))
        case 0x02:
          balances.set(who(1), of(balances, who(1)) + amount(2))
          return { is: 'ok', results: [] }
        case 0x03:
          return move(sender, 'nobody', amount(1))
        case 0x06: {
          const end = move(sender, `locked ${sender}`, amount(2))
          if (end.is === 'ok') locked.set(who(1), amount(2))
          return end
        }
        case 0x07:
          return move(`locked ${who(1)}`, who(2), amount(3))
        case 0x04:
        case 0x05:
        case 0x00:
          return { is: 'ok', results: [] }
        case 0x10:
          return { is: 'ok', results: [{ is: 'string', of: 'MOI' }] }
        case 0x11:
          return { is: 'ok', results: [{ is: 'u256', of: of(balances, who(1)) }] }
        case 0x17:
          return { is: 'ok', results: [{ is: 'bool', of: true }] }
      }
      return { is: 'defect', message: `no method ${code}` }
    }
  return { balances, call }
}

describe('the fungible asset', () => {
  const program = programOf('cocolang/mas0')
  const asset = createAsset()
  const { call } = createWorld(program, { asset: { call: asset.call(ALICE) } })
  const balance = (address: MoiId): bigint =>
    readUint(outputsOf(call('BalanceOf', { address: id(address) })).get('balance'))

  test('mints, moves, locks and releases by its engine', () => {
    outputsOf(call('DefineAsset'))
    outputsOf(call('Mint', { beneficiary: id(ALICE), amount: uint(100) }))
    outputsOf(call('Transfer', { beneficiary: id(BOB), amount: uint(30) }))
    outputsOf(
      call('TransferFrom', { benefactor: id(BOB), beneficiary: id(CAROL), amount: uint(10) }),
    )
    outputsOf(call('Lockup', { beneficiary: id(BOB), amount: uint(5) }))
    outputsOf(call('Release', { benefactor: id(ALICE), beneficiary: id(BOB), amount: uint(5) }))
    outputsOf(call('Burn', { amount: uint(1) }))
    outputsOf(call('Approve', { beneficiary: id(BOB), amount: uint(1), expires_at: uint(9) }))
    outputsOf(call('Revoke', { beneficiary: id(BOB) }))
    expect([balance(ALICE), balance(BOB), balance(CAROL)]).toEqual([64n, 25n, 10n])
    expect(readText(outputsOf(call('Symbol')).get('symbol'))).toBe('MOI')
    expect(error(call('Transfer', { beneficiary: id(BOB), amount: uint(65) }))).toBe(
      'insufficient balance',
    )
  })

  test('tells of each in an event', () => {
    const end = call('Transfer', { beneficiary: id(BOB), amount: uint(1) })
    expect(end.is === 'ok' && end.events.map(({ topics }) => topics.length)).toEqual([2])
    expect(end.is === 'ok' && end.events[0]?.topics[0]).toEqual(topicOfName('AssetEvent'))
  })
})

describe('the logic that uses a fungible asset', () => {
  test('calls it by its interface', () => {
    const program = programOf('cocolang/use-mas0')
    const inner = programOf('cocolang/mas0')
    const asset = createAsset()
    const called: string[] = []
    const call = ({ target, mode, ...more }: CrossCall): CallOutcome => {
      called.push(`${mode} ${more.callsite}`)
      const host = { ...createWorld(inner).host, logic: target, asset: { call: asset.call(ALICE) } }
      return callLogic({ ...more, program: inner, kind: 'invoke', sender: ALICE, host })
    }
    const world = createWorld(program, { call })
    const assetId = id(`10000000${'9'.repeat(48)}00000000` as MoiId)
    const end = world.call('Mint', { assetId, amount: uint(10) })
    outputsOf(end)
    // Minted twice the amount and burnt once, as its source says.
    expect(called).toEqual(['asset Mint', 'asset Burn'])
    outputsOf(world.call('Transfer', { assetId, beneficiary: id(BOB), amount: uint(3) }))
    const balance = (address: MoiId): bigint =>
      readUint(outputsOf(world.call('BalanceOf', { assetId, address: id(address) })).get('balance'))
    expect([balance(ALICE), balance(BOB)]).toEqual([7n, 3n])
    expect(end.is === 'ok' && end.events.length).toBe(2)
    expect(error(world.call('Transfer', { assetId, beneficiary: id(BOB), amount: uint(8) }))).toBe(
      'insufficient balance',
    )
  })
})

describe('ERC1155', () => {
  const minted = (routine?: string, change?: Change) => {
    const world = createWorld(programOf('cocolang/erc1155', routine, change))
    outputsOf(world.call('Init', { name: text('Multi'), symbol: text('MT') }))
    outputsOf(
      world.call('mint', {
        to: id(ALICE),
        tokenId: uint(7),
        amount: uint(100),
        tokenURI: text('moi:7'),
      }),
    )
    outputsOf(
      world.call('mint', {
        to: id(ALICE),
        tokenId: uint(8),
        amount: uint(1),
        tokenURI: text('moi:8'),
      }),
    )
    return world
  }
  type World = ReturnType<typeof minted>
  const balance = ({ call }: World, account: MoiId, token: number): bigint =>
    readUint(outputsOf(call('balanceOf', { account: id(account), id: uint(token) })).get('balance'))
  const list = (...items: readonly Uint8Array[]): Uint8Array => {
    const bodies = items.map((item) => item.subarray(1))
    const tags: number[] = []
    let offset = 0
    for (const [at, body] of bodies.entries()) {
      const tag = offset * 16 + (items[at]?.[0] ?? 0)
      tags.push(...(tag < 128 ? [tag] : [(tag & 127) | 128, tag >> 7]))
      offset += body.length
    }
    return Uint8Array.of(14, tags.length * 16 + 15, ...tags, ...bodies.flatMap((body) => [...body]))
  }

  test('mints and tells what it minted', () => {
    const world = minted()
    expect([balance(world, ALICE, 7), balance(world, ALICE, 8), balance(world, BOB, 7)]).toEqual([
      100n,
      1n,
      0n,
    ])
    expect(readText(outputsOf(world.call('tokenURI', { tokenId: uint(7) })).get('URI'))).toBe(
      'moi:7',
    )
    expect(readText(outputsOf(world.call('name')).get('Name'))).toBe('Multi')
    expect(readText(outputsOf(world.call('symbol')).get('Symbol'))).toBe('MT')
    expect(readUint(outputsOf(world.call('totalSupply')).get('Total'))).toBe(101n)
    expect(error(world.call('tokenURI', { tokenId: uint(9) }))).toBe('Token does not exist')
    expect(error(world.call('mint', { to: id(ZERO), tokenId: uint(7), amount: uint(1) }))).toBe(
      'Mint to the empty address',
    )
  })

  test('adds to a token that there is', () => {
    const world = minted()
    outputsOf(
      world.call('mint', {
        to: id(BOB),
        tokenId: uint(7),
        amount: uint(5),
        tokenURI: text('other'),
      }),
    )
    expect(balance(world, BOB, 7)).toBe(5n)
    expect(readText(outputsOf(world.call('tokenURI', { tokenId: uint(7) })).get('URI'))).toBe(
      'moi:7',
    )
  })

  test('moves a token, by the holder', () => {
    const world = minted()
    outputsOf(
      world.call('safeTransferFrom', {
        from: id(ALICE),
        to: id(BOB),
        id: uint(7),
        amount: uint(30),
      }),
    )
    expect([balance(world, ALICE, 7), balance(world, BOB, 7)]).toEqual([70n, 30n])
    expect(
      error(
        world.call('safeTransferFrom', {
          from: id(ALICE),
          to: id(BOB),
          id: uint(7),
          amount: uint(71),
        }),
      ),
    ).toBe('Insufficient balance for transfer')
  })

  test('moves nothing for somebody else until that is approved', () => {
    const world = minted()
    const move = { from: id(ALICE), to: id(CAROL), id: uint(7), amount: uint(1) }
    expect(error(world.call('safeTransferFrom', move, { sender: BOB }))).toBe(
      'Caller is not owner nor approved',
    )
    outputsOf(world.call('setApprovalForAll', { operator: id(BOB), approved: bool(true) }))
    expect(
      readBool(
        outputsOf(world.call('isApprovedForAll', { account: id(ALICE), operator: id(BOB) })).get(
          'isApproved',
        ),
      ),
    ).toBe(true)
    outputsOf(world.call('safeTransferFrom', move, { sender: BOB }))
    expect(balance(world, CAROL, 7)).toBe(1n)
    expect(error(world.call('setApprovalForAll', { operator: id(ALICE) }))).toBe(
      'Setting approval status for self',
    )
  })

  // The compiler of that time laid out `range(0, n)` as a count of 0 from n on: the loops of the published code never run.
  const ranged: Change = (asm) => {
    const at = asm.findIndex(
      (line, index) => /^PMAKE .* &5$/.test(line) && (asm[index + 3] ?? '').startsWith('SIZE $6'),
    )
    const [, count = ''] = (asm[at] ?? '').split(' ')
    const [, , array = ''] = (asm[at + 3] ?? '').split(' ')
    return asm.with(at, `SIZE ${count} ${array}`).with(at + 3, 'PMAKE $6 &5')
  }
  const asked = {
    accounts: list(id(ALICE), id(BOB), id(ALICE)),
    ids: list(uint(7), uint(7), uint(8)),
  }
  const batch = {
    from: id(ALICE),
    to: id(BOB),
    ids: list(uint(7), uint(8)),
    amounts: list(uint(1), uint(1)),
  }
  const balances = (outcome: CallOutcome): string =>
    hexFromBytes(outputsOf(outcome).get('balances') ?? new Uint8Array())

  test('loops over nothing, as it was compiled', () => {
    const world = minted()
    expect(balances(world.call('balanceOfBatch', asked))).toBe(
      hexFromBytes(list(uint(0), uint(0), uint(0))),
    )
    outputsOf(world.call('safeBatchTransferFrom', batch))
    expect(balance(world, BOB, 7)).toBe(0n)
    expect(error(world.call('safeBatchTransferFrom', { ...batch, ids: list(uint(7)) }))).toBe(
      'IDs and amounts length mismatch',
    )
    expect(error(world.call('balanceOfBatch', { ...asked, ids: list() }))).toBe(
      'Accounts and IDs must have the same length',
    )
  })

  test('lists balances once its range counts from 0', () => {
    const world = minted('balanceOfBatch', ranged)
    expect(balances(world.call('balanceOfBatch', asked))).toBe(
      hexFromBytes(list(uint(100), uint(0), uint(1))),
    )
  })

  test('moves several tokens once its range counts from 0', () => {
    const world = minted('safeBatchTransferFrom', ranged)
    outputsOf(world.call('safeBatchTransferFrom', batch))
    expect([balance(world, ALICE, 7), balance(world, ALICE, 8)]).toEqual([99n, 0n])
    expect([balance(world, BOB, 7), balance(world, BOB, 8)]).toEqual([1n, 1n])
    const tooMuch = { ...batch, ids: list(uint(7), uint(8)), amounts: list(uint(1), uint(9)) }
    expect(error(world.call('safeBatchTransferFrom', tooMuch))).toBe(
      'Insufficient balance for transfer',
    )
    // All or nothing.
    expect(balance(world, BOB, 7)).toBe(1n)
  })
})

describe('ERC721', () => {
  /** Its `mint` adds to a balance that it never makes, so holders are made here. */
  const started = () => {
    const world = createWorld(programOf('cocolang/erc721'))
    outputsOf(world.call('Init', { name: text('Art'), symbol: text('ART') }))
    return world
  }
  const withHolders = () => {
    const world = started()
    const slots = world.slots.get('logic')
    for (const account of [ALICE, BOB])
      slots?.set(hexFromBytes(entryKey(slotKey(1), id(account))), uint(0))
    return world
  }

  test('cannot mint for a first-time holder, because it reads a balance that is not there', () => {
    const { call } = started()
    const end = call('mint', { to: id(ALICE), tokenId: uint(1), tokenURI: text('moi:1') })
    expect(end).toMatchObject({ is: 'exception', exception: { class: 'KeyNotFound' } })
  })

  test('mints for a holder, once, and tells about it', () => {
    const { call } = withHolders()
    const end = call('mint', { to: id(ALICE), tokenId: uint(0), tokenURI: text('moi:0') })
    outputsOf(end)
    expect(end.is === 'ok' && end.events.map(({ topics }) => topics.length)).toEqual([4])
    expect(readId(outputsOf(call('ownerOf', { tokenId: uint(0) })).get('Owner'))).toBe(ALICE)
    expect(readText(outputsOf(call('tokenURI', { tokenId: uint(0) })).get('URI'))).toBe('moi:0')
    expect(readUint(outputsOf(call('balanceOf', { owner: id(ALICE) })).get('Balance'))).toBe(1n)
    expect(readUint(outputsOf(call('totalSupply')).get('Total'))).toBe(1n)
    expect(readUint(outputsOf(call('tokenByIndex', { index: uint(0) })).get('TokenId'))).toBe(0n)
    expect(
      readUint(
        outputsOf(call('tokenOfOwnerByIndex', { owner: id(ALICE), index: uint(0) })).get('TokenId'),
      ),
    ).toBe(0n)
    expect(error(call('mint', { to: id(ALICE), tokenId: uint(0) }))).toBe('Token already minted')
    expect(error(call('tokenByIndex', { index: uint(1) }))).toBe('Index out of bounds')
    expect(error(call('ownerOf', { tokenId: uint(5) }))).toBe('Token does not exist')
  })

  test('moves a token once both approvals have an entry', () => {
    const { call } = withHolders()
    outputsOf(call('mint', { to: id(ALICE), tokenId: uint(3), tokenURI: text('moi:3') }))
    const move = { from: id(ALICE), to: id(BOB), tokenId: uint(3) }
    // The source reads the approvals without asking whether there are any.
    expect(call('transferFrom', move)).toMatchObject({ exception: { class: 'KeyNotFound' } })
    outputsOf(call('setApprovalForAll', { operator: id(CAROL), approved: bool(true) }))
    outputsOf(call('approve', { to: id(BOB), tokenId: uint(3) }, { sender: CAROL }))
    expect(readId(outputsOf(call('getApproved', { tokenId: uint(3) })).get('Approved'))).toBe(BOB)
    outputsOf(call('transferFrom', move, { sender: CAROL }))
    expect(readId(outputsOf(call('ownerOf', { tokenId: uint(3) })).get('Owner'))).toBe(BOB)
    expect(readUint(outputsOf(call('balanceOf', { owner: id(BOB) })).get('Balance'))).toBe(1n)
    expect(error(call('transferFrom', move, { sender: CAROL }))).toBe(
      'From address is not the owner',
    )
    expect(error(call('approve', { to: id(BOB), tokenId: uint(3) }, { sender: CAROL }))).toBe(
      'Approval to current owner',
    )
  })
})

describe('logics for later versions of the machine', () => {
  test('keep records: classes inside classes, methods, arrays and maps in state', () => {
    const { call } = createWorld(programOf('vscode/registry'))
    outputsOf(call('Init', {}, { kind: 'deploy' }))
    const create = (name: string) =>
      call('Create', { name: text(name), value: uint(7), street: text('Elm'), city: text('Bern') })
    const list = (): readonly string[] => {
      const items = sound(decodeOutputs(registry, 'List', outputs(call('List'))))
      return items['descriptions'] as readonly string[]
    }
    const registry = programOf('vscode/registry')
    const outputs = (end: CallOutcome): Uint8Array =>
      end.is === 'ok' ? end.outputs : new Uint8Array()
    outputsOf(create('one'))
    outputsOf(create('two'))
    expect(error(create('one'))).toBe('record already exists')
    expect(error(call('Create', { name: text('x') }, { sender: BOB }))).toBe(
      'unauthorized: caller is not the owner',
    )
    outputsOf(call('Update', { name: text('two'), value: uint(8) }))
    outputsOf(call('Deactivate', { name: text('one') }))
    expect(list()).toEqual(['one (7) in Bern', 'two (8) in Bern'])
    expect(
      sound(decodeOutputs(registry, 'Read', outputs(call('Read', { name: text('one') })))),
    ).toEqual({
      record: { name: 'one', value: '7', active: false, address: { street: 'Elm', city: 'Bern' } },
    })
    expect(error(call('Read', { name: text('three') }))).toBe('no such record')
    expect(readText(outputsOf(call('Summary')).get('summary'))).toBe('2 record(s)')
    expect(readUint(outputsOf(call('Count')).get('count'))).toBe(2n)
  })

  test('call another logic and read its state', () => {
    const program = programOf('vscode/crosslogic')
    const ledger = `20000000${'5'.repeat(48)}00000000` as MoiId
    const seen: string[] = []
    const world = createWorld(program, {
      stateOf: () => (key) =>
        hexFromBytes(key) === hexFromBytes(partKey(slotKey(0), 0)) ? text('Ledger') : undefined,
      call: ({ callsite, target, mode }) => {
        seen.push(`${mode} ${callsite} ${target === ledger}`)
        return { is: 'ok', outputs: Uint8Array.of(14, 31, 3, 9), events: [] }
      },
    })
    const [label = ''] = (program.callsites.get('Init')?.accepts.fields ?? []).map(
      (field) => field.label,
    )
    outputsOf(world.call('Init', { [label]: id(ledger) }, { kind: 'deploy' }))
    const supply = outputsOf(world.call('RemoteSupply'))
    expect([...supply.values()].map(readUint)).toEqual([9n])
    const name = outputsOf(world.call('RemoteName'))
    expect([...name.values()].map(readText)).toEqual(['Ledger'])
    outputsOf(world.call('CountedCredit'))
    expect([...outputsOf(world.call('Calls')).values()].map(readUint)).toEqual([1n])
    expect(seen).toEqual(['static Supply true', 'dynamic Credit true'])
  })

  test('run where they use nothing that this one lacks', () => {
    expect(programOf('vscode/asset').callsites.has('HasBalance')).toBe(true)
  })

  test.each([
    ['participants', 'VOLRES'],
    ['token', 'VOLRES'],
  ])('%s is refused when it is read, for what it asks about the room it takes', (name) => {
    expect(() => programOf(`vscode/${name}`)).toThrow('the unknown instruction')
  })
})
