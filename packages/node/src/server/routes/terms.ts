/** Changes of terms, handed over by whoever needs an operator to know of them. */
import { amendments } from 'tallystick/models'
import type { Route } from '../route.ts'

export const changeTerms: Route = {
  method: 'POST',
  path: '/v1/terms',
  tier: 'submit',
  cost: 500,
  what: 'Hands over certified changes of terms, oldest first, on top of those that the operator knows. Whoever is named by new terms alone learns of the machine by this.',
  body: { codec: 'amendments', bytesMax: 4_194_304 },
  answer: 'JSON `{"machine": id}`',
  run: async ({ operator, body }) => {
    const { charter, changes } = amendments.decode(body)
    const { machine, terms } = await operator.charters.amend(charter, changes)
    // The step that brought the newest terms is certified.
    const sequence = (terms.eras.at(-1)?.from ?? 1n) - 1n
    if (sequence > 0n) await operator.healing.raiseMark({ machine, sequence })
    return { is: 'json', json: { machine } }
  },
}
