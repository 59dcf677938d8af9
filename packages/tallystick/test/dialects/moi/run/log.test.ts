import { expect, it } from 'vitest'
import { hexFromBytes } from '../../../../src/base/bytes.ts'
import { isFault } from '../../../../src/base/fault.ts'
import { readDocument } from '../../../../src/dialects/moi/polo/document.ts'
import { assetLog, logRecord } from '../../../../src/dialects/moi/run/log.ts'
import { topicOfName } from '../../../../src/dialects/moi/topic.ts'
import { ada, bob, KMOI } from './town.ts'

const event = { operation: 'Transfer', operator: ada.id, beneficiary: bob.id, amount: 300n }

it('has the topics that MOI’s client asks for', () => {
  const [name = new Uint8Array(), operation = new Uint8Array()] = assetLog(KMOI, event, true).topics
  expect(hexFromBytes(name)).toMatch(/^83ddd33d.*3be8c8$/)
  expect(hexFromBytes(operation)).toMatch(/^2ea90b31.*da45$/)
  expect(operation).toEqual(topicOfName('Transfer'))
})

it('tells all fields, those that nobody set as zero, and tokens but for MAS0', () => {
  const read = (isFungible: boolean) => {
    const entries = readDocument(assetLog(KMOI, event, isFungible).data)
    if (isFault(entries)) throw entries
    return entries
  }
  const fields = ['amount', 'benefactor', 'beneficiary', 'expires_at', 'operation', 'operator']
  expect([...read(true).keys()]).toEqual(fields)
  expect([...read(false).keys()]).toEqual([...fields, 'token_id'])
  expect(hexFromBytes(read(true).get('benefactor') ?? new Uint8Array())).toBe(
    `06${'00'.repeat(32)}`,
  )
  expect(hexFromBytes(read(true).get('amount') ?? new Uint8Array())).toBe('03012c')
})

it('is the same after it was written and read', () => {
  const log = assetLog(KMOI, event, false)
  expect(logRecord.decode(logRecord.encode(log))).toEqual(log)
})
