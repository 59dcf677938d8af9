/** Arguments from words: the calldata that MOI's own client makes of the same values. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hexFromBytes, isFault } from 'tallystick/base'
import { type Manifest, readManifest } from 'tallystick/moi'
import { describe, expect, test } from 'vitest'
import { calldataFrom, outputsFrom, routineIn } from '../../src/moi/arguments.ts'
import { loadSdk } from '../moi-sdk/sdk.ts'

const at = join(import.meta.dirname, '../moi-sdk/manifests/tokenledger.json')
const read = readManifest(readFileSync(at))
if (isFault(read)) throw read
const ledger: Manifest = read
const sdk = loadSdk()
const theirs = new sdk.ManifestCoder(JSON.parse(readFileSync(at, 'utf8')))
const ID = `0x00000000${'5a'.repeat(24)}00000000`

describe('arguments', () => {
  test('are what MOI’s client makes of them, by label or by place', () => {
    const expected = theirs.encodeArguments('Transfer', 250, sdk.hexToBytes(ID))
    for (const words of [
      ['250', ID],
      ['amount=250', `receiver=${ID}`],
      [`receiver=${ID}`, 'amount=250'],
    ]) {
      expect(`0x${hexFromBytes(calldataFrom(ledger, 'Transfer', words))}`).toBe(expected)
    }
    const seeded = theirs.encodeArguments('Seed', 'a=b', 1_000_000)
    const ours = calldataFrom(ledger, 'Seed', ['symbol=a=b', 'supply=1000000'])
    expect(`0x${hexFromBytes(ours)}`).toBe(seeded)
  })

  test.each([
    [['250'], '1 arguments where Transfer takes 2'],
    [['250', ID, 'x'], '3 arguments where Transfer takes 2'],
    [['much', ID], 'no whole number'],
    [['-1', ID], '-1'],
    [['250', '0x12'], '32'],
  ])('%s are refused: %s', (words, why) => {
    expect(() => calldataFrom(ledger, 'Transfer', words)).toThrow(why)
  })

  test('of a routine that is not there are refused with those that are', () => {
    expect(() => routineIn(ledger, 'Steal')).toThrow('no routine Steal')
  })

  test('come back as results', () => {
    const outputs = Buffer.from('0d2f067562616c616e6365030100', 'hex')
    expect(outputsFrom(ledger, 'BalanceOf', outputs)).toEqual([['balance', '256']])
  })
})
