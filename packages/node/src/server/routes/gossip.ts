/** Gossip: what this operator and others know of the operators that they watch. */
import { GOSSIP_CHECKPOINTS_MAX, ACCUSATIONS_MAX } from 'tallystick/base'
import { gossip, type Gossip } from 'tallystick/models'
import type { Operator } from '../operator.ts'
import type { Route } from '../route.ts'

const bytesOf = async ({ peerAudits }: Operator): Promise<Uint8Array> => {
  const { checkpoints, accusations } = await peerAudits.known()
  const bounded: Gossip = {
    checkpoints: checkpoints.slice(0, GOSSIP_CHECKPOINTS_MAX),
    accusations: accusations.slice(0, ACCUSATIONS_MAX),
  }
  return gossip.encode(bounded)
}

export const exchangeGossip: Route = {
  method: 'POST',
  path: '/v1/gossip',
  tier: 'submit',
  cost: 64,
  costPerKb: 20,
  what: 'Tells what somebody has seen of operators, and is told what this one has. Checkpoints of operators that it does not watch are passed over.',
  body: { codec: 'gossip' },
  answer:
    '`gossip`: the last checkpoint that it holds of each operator that it watches, others that it has heard of, and what convicts one of them',
  run: async ({ operator, body }) => {
    const told = gossip.decode(body)
    const bytes = await bytesOf(operator)
    await operator.peerAudits.hear(told)
    return { is: 'bytes', bytes }
  },
}

export const showGossip: Route = {
  method: 'GET',
  path: '/v1/gossip',
  tier: 'read',
  cost: 32,
  what: 'The same without telling anything.',
  answer: '`gossip`',
  run: async ({ operator }) => ({ is: 'bytes', bytes: await bytesOf(operator) }),
}

export const showPeers: Route = {
  method: 'GET',
  path: '/v1/peers',
  tier: 'read',
  cost: 4,
  what: 'The operators that this one watches, and how it found each in its last audit.',
  answer:
    'JSON `{"peers": [{"name", "signer", "state", "why"}]}`; `state` is `consistent`, `new`, `behind`, `silent`, `withholding` or `two-stories`',
  run: async ({ operator }) => ({
    is: 'json',
    json: {
      peers: operator.peerAudits.states().map(({ name, signer, is, why }) => ({
        name,
        signer,
        state: is,
        why,
      })),
    },
  }),
}
