/** Inboxes of devices. */
import { Fault, idFromHex, INBOX_ITEM_BYTES_MAX, INBOX_ITEMS_MAX } from 'tallystick/base'
import { inboxCursor, inboxItems } from 'tallystick/models'
import { numberFrom } from '../query.ts'
import type { Route } from '../route.ts'

export const leaveItem: Route = {
  method: 'POST',
  path: '/v1/inbox/:signer',
  tier: 'submit',
  cost: 20,
  costPerKb: 1,
  what: 'Leaves an item for a device. The same item again is the same item.',
  body: { codec: 'the item, any bytes', bytesMax: INBOX_ITEM_BYTES_MAX },
  answer: 'JSON `{"index": "N"}`',
  run: async ({ operator, param, body }) => {
    if (body.length === 0) throw new Fault('request/bad-query', 'an item has at least one byte')
    const index = await operator.inboxes.leave(idFromHex<'signer'>(param('signer')), body)
    return { is: 'json', json: { index: index.toString() } }
  },
}

export const readItems: Route = {
  method: 'GET',
  path: '/v1/inbox/:signer',
  tier: 'read',
  cost: 16,
  what: 'What was left for a device and not acknowledged.',
  query: {
    after:
      'index from which on items are wanted, which is the number of items that are known; 0 if missing',
    limit: `how many at most; ${INBOX_ITEMS_MAX} if missing`,
  },
  answer: '`inboxItems`, as many as fit',
  run: async ({ operator, param, query }) => {
    const device = idFromHex<'signer'>(param('signer'))
    const limit = Number(
      numberFrom(query('limit'), BigInt(INBOX_ITEMS_MAX), BigInt(INBOX_ITEMS_MAX)),
    )
    const from = numberFrom(query('after'), 0n)
    if (limit === 0) return { is: 'bytes', bytes: inboxItems.encode([]) }
    const { items } = await operator.inboxes.read(device, from, limit)
    return { is: 'bytes', bytes: inboxItems.encode(items) }
  },
}

export const acknowledgeItems: Route = {
  method: 'POST',
  path: '/v1/inbox/:signer/ack',
  tier: 'submit',
  cost: 20,
  what: 'Says up to where the device has read, signed by its key for this operator.',
  body: { codec: 'inboxCursor' },
  answer: 'nothing',
  run: async ({ operator, param, body }) => {
    const device = idFromHex<'signer'>(param('signer'))
    await operator.inboxes.acknowledge(device, inboxCursor.decode(body))
    return { is: 'nothing' }
  },
}
