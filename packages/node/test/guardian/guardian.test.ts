/** A guardian from outside: calls as raw requests, over a store on disk. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hexFromBytes, u64 } from 'tallystick/base'
import { KMOI_ASSET } from 'tallystick/moi'
import { describe, expect, test } from 'vitest'
import { at, listAt, textAt } from './look.ts'
import { MARK, MARK_KEY } from '../../src/guardian/store/rows.ts'
import { openSqliteStore, STORE_FILE } from '../../src/store/sqlite.ts'
import {
  callAt,
  closeGuardian,
  hexId,
  LATEST,
  openGuardian,
  partyAt,
  payment,
  receiptAt,
  resultAt,
  send,
  settle,
  signed,
  strangerAt,
  transferOf,
} from './town.ts'

const KMOI = hexId(KMOI_ASSET)
const [alice, bob, carol] = [partyAt(0), partyAt(1), partyAt(2)]
const NOTHING = `0x${'0'.repeat(64)}`
const START = 1_000_000_000_000n

const balanceAt = async (url: string, id: string, options: object = LATEST): Promise<bigint> =>
  BigInt(String(await resultAt(url, 'moi.Balance', { id: hexId(id), asset_id: KMOI, options })))

describe('An interaction', () => {
  test('is executed, and its receipt says what it cost', async () => {
    const { url } = await openGuardian()
    const receipt = await settle(url, payment(alice, bob.id, 250n, 0n))
    expect(receipt).toMatchObject({
      status: 0,
      from: hexId(alice.id),
      ix_index: '0x0',
      ix_operations: [{ tx_type: '0x5', ix_type: 5, status: 0, logs: [] }],
    })
    expect(await balanceAt(url, bob.id)).toBe(START + 250n)
    expect(await balanceAt(url, alice.id)).toBe(START - 250n - BigInt(textAt(receipt, 'fuel_used')))
  })

  test('that is reverted pays for its fuel and moves nobody else', async () => {
    const { url } = await openGuardian()
    const receipt = await settle(url, payment(alice, bob.id, START, 0n)).catch((error: unknown) =>
      String(error),
    )
    expect(receipt).toContain('insufficient funds')
    // A lock on nobody: the transfer reaches for an account that it does not hold.
    const undeclared = signed({ from: alice, sequence: 0n, does: [transferOf(bob.id, 1n)] })
    const failed = await settle(url, undeclared)
    expect(at(failed, 'status')).toBe(1)
    const moved = listAt(failed, 'participants').filter((one) => at(one, 'state_hash') !== NOTHING)
    expect(moved.map((one) => at(one, 'id'))).toEqual([hexId(alice.id)])
    expect(await balanceAt(url, bob.id)).toBe(START)
    expect(await balanceAt(url, alice.id)).toBe(START - BigInt(textAt(failed, 'fuel_used')))
  })

  test('waits for those before it, and is counted meanwhile', async () => {
    const { url } = await openGuardian()
    const asked = { id: hexId(alice.id), key_id: 0 }
    await send(url, payment(alice, bob.id, 2n, 1n))
    expect(await resultAt(url, 'ixpool.Status', null)).toEqual({ pending: '0x0', queued: '0x1' })
    expect(await resultAt(url, 'moi.PendingInteractionCount', asked)).toBe('0x0')
    await settle(url, payment(alice, bob.id, 1n, 0n))
    const second = payment(alice, bob.id, 2n, 1n)
    expect(
      await resultAt(url, 'moi.InteractionReceipt', { hash: `0x${second.hash}` }),
    ).toMatchObject({ status: 0 })
    expect(await resultAt(url, 'moi.InteractionCount', { ...asked, options: LATEST })).toBe('0x2')
    expect(await balanceAt(url, bob.id)).toBe(START + 3n)
  })

  test('is refused when its number was used, and taken once when it is sent twice', async () => {
    const { url } = await openGuardian()
    const first = payment(alice, bob.id, 1n, 0n)
    await settle(url, first)
    expect((await send(url, first)).error).toMatchObject({ message: 'already known', code: -32000 })
    const other = payment(alice, bob.id, 2n, 0n)
    expect((await send(url, other)).error?.message).toBe('invalid nonce')
    expect(await balanceAt(url, bob.id)).toBe(START + 1n)
  })

  test('is refused for a signature by somebody else, and with the right one it is not', async () => {
    const { url } = await openGuardian()
    const good = payment(alice, bob.id, 1n, 0n)
    const bad = { ...good, signatures: payment(carol, bob.id, 1n, 0n).signatures }
    expect((await send(url, bad)).error?.message).toContain('invalid signature')
    expect(await settle(url, good)).toMatchObject({ status: 0 })
  })

  test('leaves the pool with a reason when it can no longer be executed', async () => {
    const { url } = await openGuardian()
    const all = START - 20_000n
    // The second is admitted while the first has not been executed, and there is not enough for both.
    await send(url, payment(alice, bob.id, all, 1n))
    await settle(url, payment(alice, bob.id, all, 0n))
    const second = payment(alice, bob.id, all, 1n)
    const { error } = await callAt(url, 'moi.InteractionReceipt', { hash: `0x${second.hash}` })
    expect(error?.message).toContain('interaction dropped: insufficient funds')
    expect(await balanceAt(url, bob.id)).toBe(START + all)
  })

  test('waits on when one before it cannot be executed, until that number comes again', async () => {
    const { url } = await openGuardian()
    const all = START - 40_000n
    const third = payment(alice, bob.id, 5n, 2n)
    await send(url, third)
    await send(url, payment(alice, bob.id, all, 1n))
    // All three are in one batch, and there is not enough for the second.
    await settle(url, payment(alice, bob.id, all, 0n))
    expect(await resultAt(url, 'ixpool.Status', null)).toEqual({ pending: '0x0', queued: '0x1' })
    expect(at(await settle(url, payment(alice, bob.id, 3n, 1n)), 'status')).toBe(0)
    expect(at(await receiptAt(url, `0x${third.hash}`), 'status')).toBe(0)
    expect(await balanceAt(url, bob.id)).toBe(START + all + 8n)
  })
})

describe('Interactions of many', () => {
  test.each([0, 2])(
    'are executed each once and all of them, with %i threads beside',
    async (threads) => {
      const { url } = await openGuardian({ threads })
      const pairs = [0, 2, 4, 6].map((place) => [partyAt(place), partyAt(place + 1)] as const)
      const sent = pairs.flatMap(([from, to]) =>
        [0n, 1n, 2n, 3n, 4n].map((number) => payment(from, to.id, 1n, number)),
      )
      const receipts = await Promise.all(sent.map((one) => settle(url, one)))
      expect(receipts.map((one) => at(one, 'status'))).toEqual(sent.map(() => 0))
      for (const [, to] of pairs) expect(await balanceAt(url, to.id)).toBe(START + 5n)
    },
  )

  test('of one who has not begun are not begun twice', async () => {
    const { url } = await openGuardian()
    const dave = strangerAt(7)
    const birth = (sequence: bigint): ReturnType<typeof signed> =>
      signed({
        from: alice,
        sequence,
        does: [
          {
            is: 'participant-create',
            id: dave.id,
            keys: [{ publicKey: dave.signer.publicKey, weight: 1000n, signatureAlgorithm: 0 }],
            value: undefined,
          },
        ],
      })
    // The account is no participant of the second, which would create it too: in one batch, and later.
    const both = await Promise.all([settle(url, birth(0n)), settle(url, birth(1n))])
    expect(both.map((one) => at(one, 'status'))).toEqual([0, 1])
    expect(at(await settle(url, birth(2n)), 'status')).toBe(1)
    const about = await resultAt(url, 'moi.AccountMetaInfo', { id: hexId(dave.id) })
    expect(at(about, 'height')).toBe('0x0')
  })
})

describe('Answers', () => {
  test('about the past are those that were given then', async () => {
    const { url } = await openGuardian()
    await settle(url, payment(alice, bob.id, 10n, 0n))
    const about = await resultAt(url, 'moi.AccountMetaInfo', { id: hexId(bob.id) })
    const hash = textAt(about, 'tesseract_hash')
    await settle(url, payment(alice, bob.id, 5n, 1n))
    expect(await balanceAt(url, bob.id, { tesseract_number: 0 })).toBe(START)
    expect(await balanceAt(url, bob.id, { tesseract_number: 1 })).toBe(START + 10n)
    expect(await balanceAt(url, bob.id, { tesseract_hash: hash })).toBe(START + 10n)
    expect(await balanceAt(url, bob.id, { tesseract_number: 2 })).toBe(START + 15n)
    await expect(balanceAt(url, bob.id, { tesseract_number: 3 })).rejects.toThrow(
      'tesseract not found',
    )
    await expect(balanceAt(url, bob.id, {})).rejects.toThrow('empty options')
    await expect(
      balanceAt(url, bob.id, { tesseract_number: 1, tesseract_hash: hash }),
    ).rejects.toThrow('invalid options')
  })

  test('about nobody say so', async () => {
    const { url } = await openGuardian()
    const nobody = strangerAt(9)
    await expect(resultAt(url, 'moi.AccountMetaInfo', { id: hexId(nobody.id) })).rejects.toThrow(
      'account not found',
    )
    await expect(resultAt(url, 'moi.AccountMetaInfo', { id: '0x12' })).rejects.toThrow(
      'invalid identifier',
    )
    await expect(
      resultAt(url, 'moi.InteractionReceipt', { hash: `0x${'00'.repeat(32)}` }),
    ).rejects.toThrow('receipt not found')
  })

  test('about a tesseract hang together', async () => {
    const { url } = await openGuardian()
    const first = await settle(url, payment(alice, bob.id, 10n, 0n))
    const second = await settle(url, payment(alice, bob.id, 5n, 1n))
    const asked = { with_interactions: true, with_commit_info: true }
    const byHash = await resultAt(url, 'moi.Tesseract', {
      ...asked,
      options: { tesseract_hash: at(second, 'ts_hash') },
    })
    const byHeight = await resultAt(url, 'moi.Tesseract', {
      ...asked,
      id: hexId(alice.id),
      options: { tesseract_number: 2 },
    })
    expect(byHeight).toEqual(byHash)
    expect(listAt(byHash, 'ixns')).toHaveLength(1)
    expect(at(byHash, 'ixns.0.hash')).toBe(at(second, 'ix_hash'))
    expect(at(byHash, 'consensus_info.commit_signature')).toMatch(/^0x[0-9a-f]{100,}$/)
    const [moved, ...others] = listAt(byHash, 'participants')
    expect(moved).toMatchObject({
      id: hexId(alice.id),
      height: '0x2',
      transitive_link: at(first, 'ts_hash'),
    })
    const asset = others.find((one) => at(one, 'id') === KMOI)
    expect(asset).toMatchObject({ height: '0x0', state_hash: NOTHING })
  })

  test('about everything that an account has and is fit together', async () => {
    const { url, context } = await openGuardian()
    const id = hexId(alice.id)
    const at = { id, options: LATEST }
    expect(await resultAt(url, 'moi.TDU', at)).toEqual([
      { asset_id: KMOI, token_id: '0x0', amount: `0x${START.toString(16)}` },
    ])
    expect(await resultAt(url, 'moi.AccountKeys', at)).toMatchObject([
      {
        id: 0,
        publicKey: `0x${hexFromBytes(alice.signer.publicKey)}`,
        weight: 1000,
        revoked: false,
      },
    ])
    expect(await resultAt(url, 'moi.ContextInfo', at)).toMatchObject({
      behaviour_nodes: [context.kramaId],
    })
    expect(await resultAt(url, 'moi.AccountState', at)).toMatchObject({ acc_type: 4 })
    expect(await resultAt(url, 'debug.Accounts', null)).toHaveLength(14)
    expect(await resultAt(url, 'moi.Syncing', { id })).toMatchObject({ node_sync_status: null })
  })
})

describe('A guardian that is started again', () => {
  test('answers as before, and goes on where it was', async () => {
    const first = await openGuardian()
    const payments = [0n, 1n, 2n].map((at) => payment(alice, bob.id, at + 1n, at))
    const receipts: unknown[] = []
    for (const one of payments) receipts.push(await settle(first.url, one))
    const asked = { id: hexId(alice.id), options: LATEST }
    const before = await resultAt(first.url, 'moi.AccountState', asked)
    await closeGuardian(first)
    const second = await openGuardian({ folder: first.folder })
    for (const [place, one] of payments.entries()) {
      const receipt = await resultAt(second.url, 'moi.InteractionReceipt', {
        hash: `0x${one.hash}`,
      })
      expect(receipt).toEqual(receipts[place])
    }
    expect(await resultAt(second.url, 'moi.AccountState', asked)).toEqual(before)
    expect(await settle(second.url, payment(alice, bob.id, 9n, 3n))).toMatchObject({ status: 0 })
    expect(await balanceAt(second.url, bob.id)).toBe(START + 15n)
  })

  test('has no rows to complete where it was stopped and not killed', async () => {
    const first = await openGuardian()
    for (const at of [0n, 1n, 2n]) await settle(first.url, payment(alice, bob.id, 1n, at))
    const size = first.context.lattice.size()
    await closeGuardian(first)
    const store = await openSqliteStore(first.folder)
    const mark = await store.get(MARK, MARK_KEY)
    await store.close()
    expect(mark && u64.decode(mark.value)).toBe(size)
  })

  test('gets back from its guard what an older copy of its store lacks', async () => {
    const first = await openGuardian()
    const { folder } = first
    await settle(first.url, payment(alice, bob.id, 1n, 0n))
    await closeGuardian(first)
    const copy = readFileSync(join(folder, STORE_FILE))
    const second = await openGuardian({ folder })
    const receipts = [
      await settle(second.url, payment(alice, bob.id, 2n, 1n)),
      await settle(second.url, payment(alice, bob.id, 3n, 2n)),
    ]
    await closeGuardian(second)
    writeFileSync(join(folder, STORE_FILE), copy)
    const third = await openGuardian({ folder })
    for (const before of receipts) {
      expect(await receiptAt(third.url, textAt(before, 'ix_hash'))).toEqual(before)
    }
    expect(await balanceAt(third.url, bob.id)).toBe(START + 6n)
    // The seals are made again, and no second child of a parent.
    expect(await third.context.lattice.certified()).toBe(third.context.lattice.size())
    expect(at(await settle(third.url, payment(alice, bob.id, 4n, 3n)), 'status')).toBe(0)
  })

  test('takes nothing where its store lacks more than the guard holds', async () => {
    const first = await openGuardian()
    const { folder } = first
    await settle(first.url, payment(alice, bob.id, 1n, 0n))
    await closeGuardian(first)
    // A guard whose latest entries are gone: it remembers how many there were, and nothing of them.
    const copy = readFileSync(join(folder, STORE_FILE))
    const second = await openGuardian({ folder })
    await settle(second.url, payment(alice, bob.id, 2n, 1n))
    await closeGuardian(second)
    writeFileSync(join(folder, STORE_FILE), copy)
    const guard = readFileSync(join(folder, 'guard'))
    writeFileSync(join(folder, 'guard'), guard.subarray(0, 8192))
    const third = await openGuardian({ folder })
    expect(third.readiness()).toBe('quarantined')
    expect((await send(third.url, payment(alice, bob.id, 9n, 1n))).error?.data).toMatchObject({
      reason: 'later',
    })
    expect(await balanceAt(third.url, bob.id)).toBe(START + 1n)
  })

  test('refuses a folder of another network', async () => {
    const first = await openGuardian()
    await closeGuardian(first)
    const { startGuardian } = await import('../../src/guardian/start-guardian.ts')
    const { devNetwork } = await import('../../src/guardian/dev-network.ts')
    const { openGuardedSqlite } = await import('../../src/store/open.ts')
    const { engine } = await import('./town.ts')
    const other = devNetwork(engine, `${'abandon '.repeat(11)}about`)
    const store = await openGuardedSqlite(first.folder, 'guardian/interactions')
    const started = startGuardian({
      name: 'test',
      store,
      charter: other.charter,
      signer: other.guardian,
      kramaId: 'nobody',
    })
    await expect(started).rejects.toThrow('another network')
    await store.close()
  })
})

describe('The faucet', () => {
  test('makes a participant and gives it KMOI', async () => {
    const { url } = await openGuardian()
    const dave = strangerAt(7)
    const key = `0x${hexFromBytes(dave.signer.publicKey)}`
    const hash = await resultAt(url, 'dev.Faucet', { public_key: key, amount: 5000 })
    expect(await resultAt(url, 'moi.InteractionReceipt', { hash })).toMatchObject({ status: 0 })
    expect(await balanceAt(url, dave.id)).toBe(5000n)
    const again = await resultAt(url, 'dev.Faucet', { id: hexId(dave.id), amount: '0x64' })
    expect(await resultAt(url, 'moi.InteractionReceipt', { hash: again })).toMatchObject({
      status: 0,
    })
    expect(await balanceAt(url, dave.id)).toBe(5100n)
  })
})
