/** Methods of the table, each asked: what they say of assets and logics, and what they refuse. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes, isFault } from 'tallystick/base'
import {
  encodePolo,
  KMOI_ASSET,
  manifestFromJsonText,
  type MoiOperation,
  poloFromManifest,
  poloNatural,
  poloText,
  readInteraction,
  slotKey,
  topicOfName,
  writeDocument,
} from 'tallystick/moi'
import { METHODS } from '../../src/guardian/methods/table.ts'
import { at, listAt, textAt } from './look.ts'
import {
  callAt,
  hexId,
  idFrom,
  LATEST,
  openGuardian,
  partyAt,
  resultAt,
  send,
  settle,
  signed,
  transferOf,
} from './town.ts'

const [alice, bob] = [partyAt(0), partyAt(1)]

const newAsset: MoiOperation = {
  is: 'asset-create',
  symbol: 'GOLD',
  dimension: 0,
  decimals: 2,
  standard: 0,
  enableEvents: true,
  manager: alice.id,
  maxSupply: 1000n,
  staticMetadata: new Map([['origin', new Uint8Array([6, 65])]]),
  dynamicMetadata: new Map(),
  logic: undefined,
}

const ledgerJson = readFileSync(
  join(import.meta.dirname, '../moi-sdk/manifests/tokenledger.json'),
  'utf8',
)

const deployment = (): MoiOperation => {
  const manifest = manifestFromJsonText(ledgerJson)
  if (isFault(manifest)) throw manifest
  const calldata = writeDocument(
    new Map([
      ['symbol', encodePolo(poloText(64), 'MOI')],
      ['supply', encodePolo(poloNatural(256), 500n)],
    ]),
  )
  const interfaces = new Map<string, string>()
  return {
    is: 'logic-deploy',
    manifest: poloFromManifest(manifest),
    callsite: 'Seed',
    calldata,
    interfaces,
  }
}

describe('An asset', () => {
  test('is told with its supply and its metadata, and its events stand in the logs', async () => {
    const { url } = await openGuardian()
    const made = await settle(url, signed({ from: alice, sequence: 0n, does: [newAsset] }))
    const asset = textAt(made, 'ix_operations.0.data.asset_id')
    expect(at(made, 'ix_operations.0.data.id')).toBe(asset)
    const mint: MoiOperation = {
      ...transferOf(alice.id, 500n, idFrom(asset)),
      callsite: 'Mint',
    } as never
    const held = { id: idFrom(asset), lock: 'mutate', notary: false } as const
    const minted = await settle(
      url,
      signed({ from: alice, sequence: 1n, does: [mint], with: [held] }),
    )
    expect(at(minted, 'status')).toBe(0)
    const about = await resultAt(url, 'moi.AssetInfoByAssetID', {
      asset_id: asset,
      options: LATEST,
    })
    expect(about).toMatchObject({
      symbol: 'GOLD',
      decimals: '0x2',
      max_supply: '0x3e8',
      circulating_supply: '0x1f4',
      creator: hexId(alice.id),
      metadata: { origin: '0x0641' },
    })
    const before = { asset_id: asset, options: { tesseract_number: 0 } }
    expect(at(await resultAt(url, 'moi.AssetInfoByAssetID', before), 'circulating_supply')).toBe(
      '0x0',
    )
    const deeds = await resultAt(url, 'moi.Deeds', { id: hexId(alice.id), options: LATEST })
    expect(at(deeds, '0.asset_info.symbol')).toBe('GOLD')
    const asked = { id: asset, topics: ['AssetEvent'], start_height: 0, end_height: 5 }
    const logs = listAt(await resultAt(url, 'moi.GetLogs', asked))
    expect(logs).toHaveLength(1)
    expect(at(logs[0], 'topics.0')).toBe(`0x${hexFromBytes(topicOfName('AssetEvent'))}`)
    expect(at(logs[0], 'ts_hash')).toBe(at(minted, 'ts_hash'))
    expect(await resultAt(url, 'moi.GetLogs', { ...asked, topics: ['Other'] })).toEqual([])
    expect(await resultAt(url, 'moi.GetLogs', { ...asked, end_height: 1 })).toEqual([])
    const { error } = await callAt(url, 'moi.GetLogs', { ...asked, end_height: 11 })
    expect(error?.message).toContain('more than 10 heights')
    const nobody = { asset_id: hexId(alice.id), options: LATEST }
    expect((await callAt(url, 'moi.AssetInfoByAssetID', nobody)).error?.message).toBe(
      'asset not found',
    )
  })
})

describe('Logs that do not fit an answer', () => {
  const zeros = `0x${'0'.repeat(64)}`

  test('are refused, and told in pages, though the account stays at its height', async () => {
    const { url } = await openGuardian({ limits: { listItems: 2 } })
    const made = await settle(url, signed({ from: alice, sequence: 0n, does: [newAsset] }))
    const asset = textAt(made, 'ix_operations.0.data.asset_id')
    const hold = (lock: 'mutate' | 'none') => ({ id: idFrom(asset), lock, notary: false }) as const
    const mint = { ...transferOf(alice.id, 500n, idFrom(asset)), callsite: 'Mint' } as never
    await settle(url, signed({ from: alice, sequence: 1n, does: [mint], with: [hold('mutate')] }))
    const hashes: string[] = []
    for (let sequence = 2n; sequence < 5n; sequence++) {
      const give = signed({
        from: alice,
        sequence,
        does: [transferOf(bob.id, 1n, idFrom(asset))],
        with: [hold('none'), { id: bob.id, lock: 'mutate', notary: false }],
      })
      expect(at(await settle(url, give), 'status')).toBe(0)
      hashes.push(`0x${give.hash}`)
    }
    const asked = { id: asset, topics: [], start_height: 0, end_height: 5 }
    const { error } = await callAt(url, 'moi.GetLogs', asked)
    expect(error?.message).toBe('more logs than fit an answer: ask for pages')
    const page = async (after: string) =>
      listAt(await resultAt(url, 'moi.GetLogs', { ...asked, after })).map((one) =>
        at(one, 'ix_hash'),
      )
    expect(await page(zeros)).toHaveLength(2)
    expect(await page(hashes[0] ?? '')).toEqual(hashes.slice(1))
    expect(await page(hashes[2] ?? '')).toEqual([])
    expect(
      (await callAt(url, 'moi.GetLogs', { ...asked, after: `0x${'1'.repeat(64)}` })).error?.message,
    ).toBe('interaction not found')
  })
})

describe('A logic', () => {
  test('is told with its manifest in both forms, and with what it keeps', async () => {
    const { url } = await openGuardian()
    const sent = signed({
      from: alice,
      sequence: 0n,
      does: [deployment()],
      fuelLimit: 1_000_000n,
    })
    const receipt = await settle(url, sent)
    expect(receipt).toMatchObject({ status: 0 })
    const logic = textAt(receipt, 'ix_operations.0.data.logic_id')
    const manifestAs = async (encoding: string): Promise<string> =>
      String(
        await resultAt(url, 'moi.LogicManifest', { logic_id: logic, encoding, options: LATEST }),
      )
    const json = Buffer.from(bytesFromHex((await manifestAs('JSON')).slice(2))).toString('utf8')
    expect(JSON.parse(json)).toEqual(JSON.parse(ledgerJson))
    const manifest = manifestFromJsonText(json)
    expect(await manifestAs('POLO')).toBe(
      `0x${hexFromBytes(isFault(manifest) ? new Uint8Array() : poloFromManifest(manifest))}`,
    )
    await expect(manifestAs('YAML')).rejects.toThrow('encoding is JSON or POLO')
    expect(await resultAt(url, 'moi.LogicIDs', { id: hexId(alice.id), options: LATEST })).toEqual([
      logic,
    ])
    const stored = (slot: number): Promise<unknown> =>
      resultAt(url, 'moi.LogicStorage', {
        logic_id: logic,
        storage_key: `0x${hexFromBytes(slotKey(slot))}`,
        options: LATEST,
      })
    expect(await stored(0)).toBe('0x064d4f49')
    await expect(stored(9)).rejects.toThrow('storage key not found')
  })
})

describe('The pool', () => {
  test('is looked at once for all who wait in it', async () => {
    const { url, context } = await openGuardian()
    for (const from of [alice, bob])
      await send(url, signed({ from, sequence: 3n, does: [newAsset] }))
    let looks = 0
    const queues = () => {
      looks += 1
      return context.pool.queues()
    }
    const inspect = METHODS.find((one) => one.name === 'ixpool.Inspect')
    const answer = await inspect?.call({ ...context, pool: { ...context.pool, queues } }, [null], {
      connection: 'a',
      push: undefined,
      subscriptions: new Map(),
      owe: () => undefined,
    })
    expect(looks).toBe(1)
    for (const { id } of [alice, bob]) {
      expect(at(answer, `wait_time.${hexId(id)}`)).toEqual({ expired: false, time: '0x0' })
    }
  })
})

describe('A question', () => {
  const asked = (from: string): object => ({
    ix_args: {
      sender: { id: from, sequence: 0, key_id: 0 },
      payer: `0x${'00'.repeat(32)}`,
      fuel_price: '0x1',
      fuel_limit: '0x2710',
      ix_operations: [{ type: 5, payload: payloadOf(transferOf(bob.id, 7n)) }],
      participants: [
        { id: from, lock_type: 0 },
        { id: hexId(KMOI_ASSET), lock_type: 2 },
        { id: hexId(bob.id), lock_type: 0 },
      ],
    },
  })
  const payloadOf = (operation: MoiOperation): string => {
    const { args } = signed({ from: alice, sequence: 0n, does: [operation] })
    return `0x${hexFromBytes(payloadIn(args))}`
  }

  test('is answered with a receipt and changes nothing', async () => {
    const { url } = await openGuardian()
    const receipt = await resultAt(url, 'moi.Call', asked(hexId(alice.id)))
    expect(receipt).toMatchObject({ status: 0, ts_hash: `0x${'0'.repeat(64)}`, participants: [] })
    const estimate = BigInt(String(await resultAt(url, 'moi.FuelEstimate', asked(hexId(alice.id)))))
    expect(estimate).toBeGreaterThanOrEqual(BigInt(textAt(receipt, 'fuel_used')))
    const head = await resultAt(url, 'moi.AccountMetaInfo', { id: hexId(bob.id) })
    expect(at(head, 'height')).toBe('0x0')
    expect(await resultAt(url, 'moi.FuelPrice', null)).toBe('0x1')
  })

  test('is paid for by everybody together, so that calls leave time for the rest', async () => {
    const { url } = await openGuardian({ limits: { calls: 1, callsPerSecond: 0.001 } })
    expect(await resultAt(url, 'moi.Call', asked(hexId(alice.id)))).toMatchObject({ status: 0 })
    const { error } = await callAt(url, 'moi.Call', asked(hexId(alice.id)))
    expect(error?.message).toContain('too many calls')
    expect(await resultAt(url, 'moi.FuelPrice', null)).toBe('0x1')
  })

  test('may be asked by somebody who does not exist, in which case it fails as it would', async () => {
    const { url } = await openGuardian()
    const stranger = `0x00000000${'ab'.repeat(24)}00000000`
    expect(await resultAt(url, 'moi.Call', asked(stranger))).toMatchObject({ status: 1 })
  })
})

const payloadIn = (args: Uint8Array): Uint8Array => {
  const read = readInteraction(args)
  if (isFault(read)) throw read
  const [first] = read.operations
  if (!first) throw new Error('it has an operation')
  return first.payload
}

describe('The table', () => {
  test('has each name once, and every example is read', async () => {
    const names = METHODS.map((one) => one.name)
    expect(new Set(names).size).toBe(names.length)
    const { url } = await openGuardian()
    for (const { name, example } of METHODS) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: name, params: example })
      const headers = { 'content-type': 'application/json' }
      const answer: unknown = await (await fetch(url, { method: 'POST', headers, body })).json()
      // Examples with dots in them stand for more than fits a line.
      if (!body.includes('…')) expect([name, at(answer, 'error.code')]).not.toContain(-32602)
      expect([name, at(answer, 'error.data.reason')]).not.toContain('failed')
    }
  })

  test('refuses every method without its parameters, and with wrong ones', async () => {
    const { url } = await openGuardian()
    for (const { name, params } of METHODS) {
      const needed = Object.entries(params).filter(([, one]) => !one.isOptional)
      if (needed.length === 0) continue
      for (const wrong of [{}, Object.fromEntries(needed.map(([key]) => [key, [[]]]))]) {
        const { error } = await callAt(url, name, wrong)
        const known = [-32602, -32000]
        expect([name, known.includes(error?.code ?? 0)]).toEqual([name, true])
      }
    }
  })
})
