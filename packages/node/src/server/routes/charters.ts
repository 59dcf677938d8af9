/** Charters: handed over once, before a machine's first step. */
import { Fault, idFromHex } from 'tallystick/base'
import type { Route } from '../route.ts'

export const openCharter: Route = {
  method: 'POST',
  path: '/v1/charters',
  tier: 'submit',
  cost: 200,
  what: 'Hands over a charter. The operator serves its machine from then on; the same charter again is the same machine.',
  body: { codec: 'charter', bytesMax: 524_288 },
  answer: 'JSON `{"machine": id}`',
  run: async ({ operator, body }) => {
    const { machine } = await operator.charters.open(body)
    return { is: 'json', json: { machine } }
  },
}

export const showCharter: Route = {
  method: 'GET',
  path: '/v1/machines/:id/charter',
  tier: 'read',
  cost: 1,
  what: 'The charter of a machine.',
  answer: '`charter`',
  run: async ({ operator, param }) => {
    const machine = idFromHex<'machine'>(param('id'))
    const bytes = await operator.charters.bytesOf(machine)
    if (!bytes)
      throw new Fault('operator/unknown-machine', 'no charter was handed over', { machine })
    return { is: 'bytes', bytes }
  },
}
