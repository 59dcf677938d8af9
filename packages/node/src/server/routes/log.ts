/** The operator's log and map, for whoever compares what operators say. */
import { Fault, idFromHex, LOG_ANSWER_ENTRIES_MAX } from 'tallystick/base'
import {
  inclusionAnswer,
  logEntries,
  logNodes,
  mapAnswer,
  signedCheckpoint,
} from 'tallystick/models'
import { numberFrom } from '../query.ts'
import type { Asked, Route } from '../route.ts'

const needed = ({ query }: Asked, name: string): string => {
  const value = query(name)
  if (value === undefined) throw new Fault('request/bad-query', `${name} is missing`)
  return value
}

const numberOf = (asked: Asked, name: string): bigint => numberFrom(needed(asked, name), 0n)

export const showCheckpoint: Route = {
  method: 'GET',
  path: '/v1/checkpoint',
  tier: 'read',
  cost: 20,
  what: 'What the operator signs about its log and its map now.',
  answer: '`signedCheckpoint`',
  run: async ({ operator }) => ({
    is: 'bytes',
    bytes: signedCheckpoint.encode(await operator.vowLog.checkpoint()),
  }),
}

export const showLog: Route = {
  method: 'GET',
  path: '/v1/log',
  tier: 'read',
  cost: 64,
  what: 'Entries of the log.',
  query: {
    from: 'index of the first that is wanted; 0 if missing',
    limit: `how many at most; ${LOG_ANSWER_ENTRIES_MAX} if missing`,
  },
  answer: '`logEntries`, as many as are there',
  run: async ({ operator, query }) => {
    // Whoever asks takes it for all that the operator has vowed for.
    operator.healing.checkLog()
    const most = BigInt(LOG_ANSWER_ENTRIES_MAX)
    const limit = Number(numberFrom(query('limit'), most, most))
    const entries = await operator.vowLog.entries(numberFrom(query('from'), 0n), limit)
    return { is: 'bytes', bytes: logEntries.encode(entries) }
  },
}

export const showGrowth: Route = {
  method: 'GET',
  path: '/v1/consistency',
  tier: 'read',
  cost: 8,
  what: 'That the log of one size begins the log of another.',
  query: { from: 'the smaller size', to: 'the larger size' },
  answer: '`logNodes`, with the first node always written out',
  run: async (asked) => {
    const nodes = await asked.operator.vowLog.growth(numberOf(asked, 'from'), numberOf(asked, 'to'))
    return { is: 'bytes', bytes: logNodes.encode(nodes) }
  },
}

export const showInclusion: Route = {
  method: 'GET',
  path: '/v1/inclusion',
  tier: 'read',
  cost: 8,
  what: 'That a step is in the log of a checkpoint, and where.',
  query: { machine: 'its id', sequence: 'the number of the step' },
  answer: '`inclusionAnswer`; 404 where the log has no such step',
  run: async (asked) => {
    const machine = idFromHex<'machine'>(needed(asked, 'machine'))
    const found = await asked.operator.vowLog.inclusion(machine, numberOf(asked, 'sequence'))
    return { is: 'bytes', bytes: inclusionAnswer.encode(found) }
  },
}

export const showMapped: Route = {
  method: 'GET',
  path: '/v1/map',
  tier: 'read',
  cost: 16,
  what: 'Which child the map of a checkpoint holds under a parent, or that it holds none.',
  query: {
    machine: 'its id',
    sequence: 'the number that the child has',
    parent: 'id of the step before it',
  },
  answer: '`mapAnswer`',
  run: async (asked) => {
    const found = await asked.operator.vowLog.mapped({
      machine: idFromHex<'machine'>(needed(asked, 'machine')),
      sequence: numberOf(asked, 'sequence'),
      parent: idFromHex<'transition'>(needed(asked, 'parent')),
    })
    return { is: 'bytes', bytes: mapAnswer.encode(found) }
  },
}
