/** Shared machines: what operators and participants tell each other, and what was certified. */
import { idFromHex, SHARED_STEPS_MAX } from 'tallystick/base'
import { agreedSteps, memberMessage } from 'tallystick/models'
import { numberFrom } from '../query.ts'
import type { Route } from '../route.ts'

export const tellMember: Route = {
  method: 'POST',
  path: '/v1/casts',
  tier: 'submit',
  cost: 100,
  costPerKb: 10,
  what: 'Tells the operator of candidates, statements and the newest step of a shared machine. Whoever wants a step sends it as a candidate, and may carry the answers from one operator to the others.',
  body: { codec: 'memberMessage' },
  answer: '`memberMessage`: what the operator has to say; nothing (204) if that is nothing',
  run: async ({ operator, body }) => {
    const said = await operator.shared.hear(memberMessage.decode(body))
    return said ? { is: 'bytes', bytes: memberMessage.encode(said) } : { is: 'nothing' }
  },
}

export const showAgreed: Route = {
  method: 'GET',
  path: '/v1/machines/:id/agreed',
  tier: 'read',
  cost: 32,
  what: 'Certified steps of a shared machine.',
  query: {
    from: 'lowest sequence number that is wanted; 1 if missing',
    limit: `how many at most; ${SHARED_STEPS_MAX} if missing`,
  },
  answer: '`agreedSteps`, as many as fit',
  run: async ({ operator, param, query }) => {
    const machine = idFromHex<'machine'>(param('id'))
    const most = BigInt(SHARED_STEPS_MAX)
    const limit = Number(numberFrom(query('limit'), most, most))
    const from = numberFrom(query('from'), 1n)
    const steps = limit === 0 ? [] : await operator.shared.stepsFrom(machine, from, limit)
    return { is: 'bytes', bytes: agreedSteps.encode(steps) }
  },
}
