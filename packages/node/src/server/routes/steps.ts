/** Steps: handed over by owners, shown to everybody who may read. */
import { Fault, idFromHex, SUBMISSIONS_MAX } from 'tallystick/base'
import { answers, certified, certifiedHeader, keptSteps } from 'tallystick/models'
import { numberFrom } from '../query.ts'
import type { Route } from '../route.ts'

export const submitSteps: Route = {
  method: 'POST',
  path: '/v1/steps',
  tier: 'submit',
  cost: 2,
  costPerKb: 1,
  what: 'Hands over steps for receipts. Each is answered for itself; a step that was handed over before gets its receipt again.',
  body: { codec: 'submissions' },
  answer: '`answers`, in the order of the steps',
  run: async ({ operator, peer, body }) => ({
    is: 'bytes',
    bytes: answers.encode(await operator.steps.submit(peer, body)),
  }),
}

export const keepCertificate: Route = {
  method: 'POST',
  path: '/v1/certificates',
  tier: 'submit',
  cost: 10,
  what: 'Hands over a certificate. The operator checks and keeps it, so that others find certified steps at any operator.',
  body: { codec: 'certified' },
  answer: 'nothing',
  run: async ({ operator, peer, body }) => {
    await operator.machines.certify(peer, certified.decode(body))
    return { is: 'nothing' }
  },
}

export const showCertified: Route = {
  method: 'POST',
  path: '/v1/certified',
  tier: 'submit',
  cost: 20,
  what: 'Shows the header of a certified step and its certificate, so that an operator that was away takes vows for the steps that follow.',
  body: { codec: 'certifiedHeader' },
  answer: 'nothing',
  run: async ({ operator, peer, body }) => {
    await operator.machines.learn(peer, certifiedHeader.decode(body))
    return { is: 'nothing' }
  },
}

export const showHead: Route = {
  method: 'GET',
  path: '/v1/machines/:id',
  tier: 'read',
  cost: 2,
  what: 'The newest step that this operator has vowed for, and the newest that it knows to be certified.',
  answer: '`machineHead`; 404 where there is none',
  run: async ({ operator, param }) => {
    const machine = idFromHex<'machine'>(param('id'))
    const bytes = await operator.machines.headBytesOf(machine)
    if (!bytes) throw new Fault('operator/unknown-step', 'no step was handed over', { machine })
    return { is: 'bytes', bytes }
  },
}

export const showSteps: Route = {
  method: 'GET',
  path: '/v1/machines/:id/steps',
  tier: 'read',
  cost: 32,
  what: 'Kept steps of a machine, with receipts and the certificates that are known.',
  query: {
    from: 'lowest sequence number that is wanted; 0 if missing',
    limit: `how many at most; ${SUBMISSIONS_MAX} if missing`,
  },
  answer:
    '`keptSteps`, in the order of their numbers, as many as fit; ask again from the number after the last one',
  run: async ({ operator, param, query }) => {
    const machine = idFromHex<'machine'>(param('id'))
    const from = numberFrom(query('from'), 0n)
    const limit = Number(
      numberFrom(query('limit'), BigInt(SUBMISSIONS_MAX), BigInt(SUBMISSIONS_MAX)),
    )
    const found = await operator.machines.stepsFrom(machine, from, limit)
    if (!found)
      throw new Fault('operator/unknown-machine', 'no charter was handed over', { machine })
    return { is: 'bytes', bytes: keptSteps.encode(found.steps) }
  },
}
