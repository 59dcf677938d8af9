/** Methods about the pool, in the shapes that MOI's client has types for. */
import { hexFromMoiId } from 'tallystick/moi'
import { quantityOf } from '../rpc/hex.ts'
import { type Answer, method, type Method } from '../rpc/method.ts'
import { identifier } from '../rpc/param.ts'
import type { GuardianLimits } from '../limits.ts'
import type { Pooled, QueueView } from '../pool.ts'
import { pooledAnswer } from '../shapes/interaction.ts'
import { signedFrom } from '../stored.ts'
import type { MoiId } from '../store/entry.ts'
import type { GuardianContext } from './context.ts'

const ID = `0x00000000${'1a'.repeat(24)}00000000`

const shown = (of: Pooled): Answer => pooledAnswer(signedFrom(of.hash, of.args, of.signatures))

/** By sequence; with several keys of one account the first that has a number shows it. */
const bySequence = (
  items: readonly Pooled[],
  show: (of: Pooled) => Answer,
): { readonly [sequence: string]: Answer } =>
  Object.fromEntries(
    items.map((one) => [quantityOf(one.read.sender.sequence), show(one)] as const).reverse(),
  )

const byAccount = (
  queues: readonly QueueView[],
  part: 'pending' | 'queued',
  show: (of: Pooled) => Answer,
): { readonly [account: string]: Answer } => {
  const accounts = new Map<string, Pooled[]>()
  for (const queue of queues) {
    if (queue[part].length === 0) continue
    const account = hexFromMoiId(queue.account)
    accounts.set(account, [...(accounts.get(account) ?? []), ...queue[part]])
  }
  return Object.fromEntries(
    [...accounts].map(([account, items]) => [account, bySequence(items, show)] as const),
  )
}

const content = method({
  name: 'ixpool.Content',
  what: 'Everything in the pool: *pending*, whose turn comes, and *queued*, which wait for a number that nobody has sent.',
  params: {},
  result: '`pending` and `queued`, each by account and sequence',
  example: [null],
  cost: 200,
  run: async ({ pool, limits }: GuardianContext) => {
    const queues = firstOf(pool.queues(), limits)
    return {
      pending: byAccount(queues, 'pending', shown),
      queued: byAccount(queues, 'queued', shown),
    }
  },
})

/** As many queues as fit an answer: so many interactions, and their bytes twice in hexadecimal. */
const firstOf = (
  queues: readonly QueueView[],
  limits: Pick<GuardianLimits, 'listItems' | 'answerBytes'>,
): readonly QueueView[] => {
  let items = limits.listItems
  let bytes = limits.answerBytes / HEX_TWICE
  return queues.filter((one) => {
    for (const of of [...one.pending, ...one.queued]) {
      items -= 1
      bytes -= of.args.length + of.signatures.length + FIELDS_BYTES
    }
    return items >= 0 && bytes >= 0
  })
}

const HEX_TWICE = 4
/** Names and punctuation of one interaction. */
const FIELDS_BYTES = 1024

const contentFrom = method({
  name: 'ixpool.ContentFrom',
  what: 'What an account has in the pool.',
  params: { id: identifier('the account') },
  result: '`pending` and `queued`, each by sequence',
  example: [{ id: ID }],
  cost: 20,
  run: async ({ pool }: GuardianContext, { id }) => {
    const queues = pool.queues().filter((one) => one.account === id)
    return {
      pending: bySequence(
        queues.flatMap((one) => one.pending),
        shown,
      ),
      queued: bySequence(
        queues.flatMap((one) => one.queued),
        shown,
      ),
    }
  },
})

const line = ({ hash, read }: Pooled): Answer =>
  `0x${hash}: ${read.operations.length} operations, fuel ${read.fuelLimit} × ${read.fuelPrice}`

const inspect = method({
  name: 'ixpool.Inspect',
  what: 'The pool for people: a line for each interaction, and how long each account has waited.',
  params: {},
  result: '`pending`, `queued`, and `wait_time` with `expired` and `time` by account',
  example: [null],
  cost: 100,
  run: async (context: GuardianContext) => {
    const { pool, limits } = context
    const all = pool.queues()
    const queues = firstOf(all, limits)
    const oldest = oldestBy(all)
    return {
      pending: byAccount(queues, 'pending', line),
      queued: byAccount(queues, 'queued', line),
      wait_time: Object.fromEntries(
        queues.map(({ account }) => {
          const { expired, seconds } = waitOf(context, oldest.get(account))
          return [hexFromMoiId(account), { expired, time: quantityOf(seconds) }] as const
        }),
      ),
    }
  },
})

/** When the oldest interaction of each account came. */
const oldestBy = (queues: readonly QueueView[]): ReadonlyMap<MoiId, number> => {
  const oldest = new Map<MoiId, number>()
  for (const { account, pending, queued } of queues) {
    for (const { sinceMs } of [...pending, ...queued]) {
      oldest.set(account, Math.min(oldest.get(account) ?? sinceMs, sinceMs))
    }
  }
  return oldest
}

const waitOf = (
  { clockMs, limits }: GuardianContext,
  sinceMs: number = clockMs(),
): { readonly expired: boolean; readonly seconds: number } => {
  const waitedMs = clockMs() - sinceMs
  return { expired: waitedMs > limits.poolMs, seconds: Math.floor(waitedMs / 1000) }
}

const status = method({
  name: 'ixpool.Status',
  what: 'How many interactions are in the pool.',
  params: {},
  result: '`pending` and `queued`, quantities',
  example: [null],
  cost: 10,
  run: async ({ pool }: GuardianContext) => {
    const { pending, queued } = pool.counts()
    return { pending: quantityOf(pending), queued: quantityOf(queued) }
  },
})

const waitTime = method({
  name: 'ixpool.WaitTime',
  what: 'How long the oldest interaction of an account has waited, in seconds.',
  params: { id: identifier('the account') },
  result: '`expired` and `time`, a quantity',
  example: [{ id: ID }],
  cost: 10,
  run: async (context: GuardianContext, { id }) => {
    const { expired, seconds } = waitOf(context, oldestBy(context.pool.queues()).get(id))
    return { expired, time: quantityOf(seconds) }
  },
})

export const POOL_METHODS: readonly Method<GuardianContext>[] = [
  content,
  contentFrom,
  inspect,
  status,
  waitTime,
]
