/** Machines that are handed over to operators whom new terms bring in. */
import { acceptance, handedMachine } from 'tallystick/models'
import type { Route } from '../route.ts'

export const takeOver: Route = {
  method: 'POST',
  path: '/v1/takeovers',
  tier: 'submit',
  cost: 500,
  costPerKb: 2,
  what: 'Hands a machine over at the step that brought terms which name the operator, with the state after it. The change of terms has to be known already. The operator keeps the state, and signs that it goes on from there; asked again, it signs the same.',
  body: { codec: 'handedMachine', bytesMax: 8_388_608 },
  answer: '`acceptance`',
  run: async ({ operator, body }) => ({
    is: 'bytes',
    bytes: acceptance.encode(await operator.takeovers.take(handedMachine.decode(body))),
  }),
}
