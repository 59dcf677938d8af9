/** Evidence: handed over by whoever has it. */
import { Fault, idFromHex } from 'tallystick/base'
import { evidence } from 'tallystick/kernel'
import type { Route } from '../route.ts'

export const handEvidence: Route = {
  method: 'POST',
  path: '/v1/evidence',
  tier: 'submit',
  cost: 100,
  what: 'Hands over evidence. If it convicts, the operator keeps it and serves the key no more.',
  body: { codec: 'evidence' },
  answer: 'JSON `{"signer": id, "kind": …}`',
  run: async ({ operator, body }) => {
    const { signer, kind } = await operator.accusations.accuse(evidence.decode(body))
    return { is: 'json', json: { signer, kind } }
  },
}

export const showEvidence: Route = {
  method: 'GET',
  path: '/v1/evidence/:signer',
  tier: 'read',
  cost: 1,
  what: 'The evidence for which a key is frozen.',
  answer: '`evidence`; 404 where the key is not frozen',
  run: async ({ operator, param }) => {
    const signer = idFromHex<'signer'>(param('signer'))
    const bytes = await operator.accusations.evidenceAgainst(signer)
    if (!bytes) throw new Fault('operator/not-frozen', 'nothing is held against this key')
    return { is: 'bytes', bytes }
  },
}
