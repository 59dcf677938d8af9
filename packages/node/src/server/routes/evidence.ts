/** Evidence: handed over by whoever has it, and shown to whoever asks. */
import { ACCUSATIONS_MAX, Fault, idFromHex } from 'tallystick/base'
import { accusation, keptAccusations } from 'tallystick/models'
import { numberFrom } from '../query.ts'
import type { Route } from '../route.ts'

export const handEvidence: Route = {
  method: 'POST',
  path: '/v1/evidence',
  tier: 'submit',
  cost: 100,
  what: 'Hands over evidence. If it convicts, the operator keeps it and shows it; a key that has signed two statements about one machine is served no more.',
  body: { codec: 'accusation' },
  answer: 'JSON `{"signer": id, "kind": …}`',
  run: async ({ operator, body }) => {
    const { signer, kind } = await operator.accusations.accuse(accusation.decode(body))
    return { is: 'json', json: { signer, kind } }
  },
}

export const listEvidence: Route = {
  method: 'GET',
  path: '/v1/evidence',
  tier: 'read',
  cost: 32,
  what: 'All evidence that this operator keeps, in the order in which it came here.',
  query: { from: 'index of the first that is wanted; 0 if missing' },
  answer: `\`keptAccusations\`, at most ${ACCUSATIONS_MAX} and as many as fit; ask again from the index after the last one`,
  run: async ({ operator, query }) => {
    const kept = await operator.accusations.keptFrom(numberFrom(query('from'), 0n))
    return { is: 'bytes', bytes: keptAccusations.encode(kept) }
  },
}

export const showEvidence: Route = {
  method: 'GET',
  path: '/v1/evidence/:signer',
  tier: 'read',
  cost: 2,
  what: 'The evidence that is kept against a key, one piece of each form.',
  answer: '`keptAccusations`; 404 where there is none',
  run: async ({ operator, param }) => {
    const kept = await operator.accusations.against(idFromHex<'signer'>(param('signer')))
    if (kept.length === 0) {
      throw new Fault('operator/not-accused', 'nothing is held against this key')
    }
    return { is: 'bytes', bytes: keptAccusations.encode(kept) }
  },
}
