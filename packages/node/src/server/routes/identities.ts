/** Identities: key logs, kept by the first event that is seen with a number. */
import { Fault, idFromHex, KEY_EVENTS_MAX } from 'tallystick/base'
import { signedKeyEvent } from 'tallystick/kernel'
import { keptKeyEvents, keyAnswer } from 'tallystick/models'
import { numberFrom } from '../query.ts'
import type { Route } from '../route.ts'

export const submitKeyEvent: Route = {
  method: 'POST',
  path: '/v1/identities',
  tier: 'submit',
  cost: 200,
  costPerKb: 4,
  what: 'Hands over the next event of a key log. The first one with a number is kept; another one gets the first as answer.',
  body: { codec: 'signedKeyEvent' },
  answer: '`keyAnswer`',
  run: async ({ operator, body }) => ({
    is: 'bytes',
    bytes: keyAnswer.encode(await operator.identities.take(signedKeyEvent.decode(body))),
  }),
}

export const showKeyLog: Route = {
  method: 'GET',
  path: '/v1/identities/:id',
  tier: 'read',
  cost: 64,
  what: 'The key log of an identity as far as this operator has seen it, with a receipt for each event.',
  query: { from: 'lowest number that is wanted; 0 if missing' },
  answer:
    '`keptKeyEvents`, in the order of their numbers, as many as fit; ask again from the number after the last one. 404 where the identity is not known',
  run: async ({ operator, param, query }) => {
    const from = Number(numberFrom(query('from'), 0n, BigInt(KEY_EVENTS_MAX)))
    const log = await operator.identities.logOf(idFromHex<'key-event'>(param('id')), from)
    if (log.length === 0 && from === 0)
      throw new Fault('identity/unknown', 'no event was handed over')
    return { is: 'bytes', bytes: keptKeyEvents.encode(log) }
  },
}
