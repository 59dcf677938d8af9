/** Methods about tesseracts, logs, filters and subscriptions. */
import { bytesFromHex, hexFromBytes, idFromHex } from 'tallystick/base'
import { topicOfName } from 'tallystick/moi'
import type { Json, JsonObject } from 'tallystick/nostr'
import { matchesTopics, newId, type Wish } from '../hub.ts'
import { logsOf } from '../news.ts'
import { rpcError } from '../rpc/error.ts'
import {
  type Answer,
  type Caller,
  method,
  type Method,
  type MethodWords,
  objectOf,
} from '../rpc/method.ts'
import {
  type At,
  flag,
  hash32,
  heightOrLatest,
  identifier,
  maybe,
  options,
  readArgs,
  text,
  topics,
  type Topics,
  withDefault,
} from '../rpc/param.ts'
import { STORE_PAGE_ITEMS_MAX } from '../../limits.ts'
import type { MoiId } from '../store/entry.ts'
import type { StoredEntry } from '../store/lattice.ts'
import { heightOf } from '../store/rows.ts'
import { type GuardianContext, viewAt } from './context.ts'

const ID = `0x00000000${'1a'.repeat(24)}00000000`
const TOPIC = 'Transfer'
const FILTER = `0x${'f1'.repeat(16)}`

/** A tesseract by an account and its height, or by its hash alone. Raises `unknown-account` and `unknown-tesseract`. */
export const entryAt = async (
  context: GuardianContext,
  account: MoiId | undefined,
  at: At,
): Promise<StoredEntry> => {
  const found =
    account === undefined
      ? at.is === 'hash'
        ? await context.lattice.entryByTesseract(idFromHex<'tesseract'>(at.hash))
        : undefined
      : await context.lattice.entryAt((await viewAt(context, { id: account, options: at })).index)
  if (found) return found
  if (account === undefined && at.is !== 'hash') throw rpcError('bad-identifier')
  throw rpcError('unknown-tesseract')
}

const tesseract = method({
  name: 'moi.Tesseract',
  what: 'A tesseract: what moved together with one interaction.',
  params: {
    id: maybe(identifier('the account, where the tesseract is named by its height')),
    address: maybe(identifier('the same')),
    with_interactions: withDefault(flag('whether the interaction stands in it'), false),
    with_commit_info: withDefault(flag('whether the guardian’s signature stands in it'), false),
    options: options('which tesseract'),
  },
  result: 'tesseract, see *Shapes*',
  example: [
    {
      id: ID,
      with_interactions: false,
      with_commit_info: false,
      options: { tesseract_number: -1 },
    },
  ],
  errors: ['unknown-account', 'unknown-tesseract', 'empty-options', 'bad-options'],
  cost: 5,
  run: async (context: GuardianContext, args) =>
    context.shapes.tesseract(await entryAt(context, args.id ?? args.address, args.options), {
      withInteractions: args.with_interactions,
      withCommit: args.with_commit_info,
    }),
})

const logRange = {
  id: maybe(identifier('the account on which it was told')),
  address: maybe(identifier('the same')),
  topics: withDefault(topics('what is looked for; a name that is no hash is hashed'), []),
  start_height: withDefault(heightOrLatest('from this height of the account on'), 0n),
  end_height: withDefault(
    heightOrLatest('up to this height, which does not count; -1 for no end'),
    -1n,
  ),
} as const

type LogAsk = {
  readonly id: MoiId | undefined
  readonly address: MoiId | undefined
  readonly topics: Topics
  readonly start_height: bigint
  readonly end_height: bigint
}

const LOG_EXAMPLE = { id: ID, topics: [TOPIC], start_height: 0, end_height: 10 }

const wishFrom = (ask: LogAsk): Extract<Wish, { readonly is: 'logs' }> => {
  const account = ask.id ?? ask.address
  if (account === undefined) throw rpcError('bad-identifier')
  return {
    is: 'logs',
    account,
    topics: ask.topics.map((anyOf) => anyOf.map(topicFrom)),
    from: ask.start_height < 0n ? 0n : ask.start_height,
    to: ask.end_height < 0n ? undefined : ask.end_height,
  }
}

/** MOI's client hashes some topics and forgets others. */
const topicFrom = (topic: string): string =>
  /^0x[0-9a-f]{64}$/i.exec(topic) ? topic.slice(2).toLowerCase() : hexFromBytes(topicOfName(topic))

const getLogs = method({
  name: 'moi.GetLogs',
  what: 'Logs on an account in a range of its heights, up to ten of them at once. An account that is only looked at stays at its height, so there may be more than fit an answer. They are refused, or, where `after` is given, told in pages.',
  params: {
    ...logRange,
    after: maybe(
      hash32('makes pages: the interaction of the last log of the page before, or zeros'),
    ),
  },
  result: 'list of logs, see *Shapes*',
  example: [LOG_EXAMPLE],
  errors: ['bad-identifier', 'bad-params', 'unknown-interaction', 'too-large'],
  cost: 20,
  run: async (context: GuardianContext, args) => {
    const { shapes, limits } = context
    const wish = wishFrom(args)
    const { entries, isCut } = await logEntries(context, wish, args.after)
    const isPage = args.after !== undefined
    if (isCut && !isPage) throw tooManyLogs()
    const logs: Answer[] = []
    let bytes = 0
    for (const found of entries) {
      const told = (await logsOf(shapes, found)).filter(
        (log) => log.account === wish.account && matchesTopics(wish.topics, log.topics),
      )
      bytes += told.reduce((sum, log) => sum + log.size, 0)
      if (bytes > limits.answerBytes - ENVELOPE_BYTES) {
        if (isPage && logs.length > 0) return logs
        throw tooManyLogs()
      }
      logs.push(...told.map((log) => log.answer))
    }
    // Nobody could ask for the next page by a log of this one.
    if (isCut && logs.length === 0) throw tooManyLogs()
    return logs
  },
})

/** Names, commas and the id around the list of an answer. */
const ENVELOPE_BYTES = 65_536

const tooManyLogs = () => rpcError('too-large', 'more logs than fit an answer: ask for pages')

/** Entries with logs, and whether there are more. */
const logEntries = async (
  { lattice, limits }: GuardianContext,
  { account, from, to: end }: Extract<Wish, { readonly is: 'logs' }>,
  after: string | undefined,
): Promise<{ readonly entries: readonly StoredEntry[]; readonly isCut: boolean }> => {
  const head = await lattice.stepOf(account)
  const to = end ?? (head ? head.height + 1n : from)
  if (to < from || to - from > BigInt(limits.logHeights)) {
    throw rpcError(
      'bad-params',
      `invalid params: a range of more than ${limits.logHeights} heights`,
    )
  }
  const isFirst = after === undefined || /^0+$/.test(after)
  const place = isFirst ? undefined : await placeIn(lattice, account, after)
  const count = Math.min(limits.listItems, STORE_PAGE_ITEMS_MAX - 1)
  const entries = await lattice.logsOf({ account, from, to, limit: count + 1, after: place })
  return { entries: entries.slice(0, count), isCut: entries.length > count }
}

const placeIn = async (
  lattice: GuardianContext['lattice'],
  account: MoiId,
  hash: string,
): Promise<{ readonly height: bigint; readonly index: bigint }> => {
  const found = await lattice.entryByHash(bytesFromHex(hash))
  const step = found?.entry.steps.find((one) => one.account === account)
  const seen = found?.entry.seen.find((one) => one.account === account)
  const height = step ? heightOf(step.transition) : seen?.height
  if (!found || height === undefined) throw rpcError('unknown-interaction')
  return { height, index: found.index }
}

const filterWords = (name: string, what: string, example: Json): MethodWords => ({
  name,
  what: `${what} What came is asked for with \`moi.GetFilterChanges\`; a filter that nobody asks for a minute, or that holds too much, is gone.`,
  result: '`id` of the filter',
  example: [example],
  errors: ['too-many'],
  cost: 10,
})

const accountParams = {
  address: maybe(identifier('the account')),
  id: maybe(identifier('the same')),
} as const

const newTesseractFilter = method({
  ...filterWords('moi.NewTesseractFilter', 'Keeps tesseracts as they come.', null),
  params: {},
  run: async ({ hub }: GuardianContext) => ({
    id: hub.addFilter({ is: 'tesseracts', account: undefined }),
  }),
})

const newTesseractsByAccountFilter = method({
  ...filterWords(
    'moi.NewTesseractsByAccountFilter',
    'Keeps tesseracts with which an account moves.',
    { address: ID },
  ),
  params: accountParams,
  run: async ({ hub }: GuardianContext, args) => ({ id: hub.addFilter(tesseractsOf(args)) }),
})

const tesseractsOf = (args: {
  readonly address: MoiId | undefined
  readonly id: MoiId | undefined
}): Wish => {
  const account = args.address ?? args.id
  if (account === undefined) throw rpcError('bad-identifier')
  return { is: 'tesseracts', account }
}

const pendingFilter = method({
  ...filterWords(
    'moi.PendingIxnsFilter',
    'Keeps hashes of interactions as they come into the pool.',
    null,
  ),
  params: {},
  run: async ({ hub }: GuardianContext) => ({ id: hub.addFilter({ is: 'pending' }) }),
})

const newLogFilter = method({
  ...filterWords('moi.NewLogFilter', 'Keeps logs on an account as they come.', LOG_EXAMPLE),
  params: logRange,
  run: async ({ hub }: GuardianContext, args) => ({ id: hub.addFilter(wishFrom(args)) }),
})

const getFilterChanges = method({
  name: 'moi.GetFilterChanges',
  what: 'What a filter has kept since it was asked last.',
  params: { id: text('the filter') },
  result: 'list of tesseracts, hashes or logs; null where nothing came',
  example: [{ id: FILTER }],
  errors: ['unknown-filter'],
  cost: 5,
  run: async ({ hub }: GuardianContext, { id }) => {
    const changes = hub.changesOf(id)
    return changes.length === 0 ? null : changes
  },
})

const removeFilter = method({
  name: 'moi.RemoveFilter',
  what: 'Gives a filter up.',
  params: { id: text('the filter') },
  result: '`status`, whether there was one',
  example: [{ id: FILTER }],
  cost: 1,
  run: async ({ hub }: GuardianContext, { id }) => ({ status: hub.removeFilter(id) }),
})

const subscribe: Method<GuardianContext> = {
  name: 'moi.Subscribe',
  what: 'Over a WebSocket: tells tesseracts, pending interactions or logs as they come, each as a message with the method `moi.subscription`, whose params are `subscription` and `result`. It ends with the connection.',
  params: {
    0: text('`newTesseracts`, `newPendingInteractions`, `newTesseractsByAccount` or `newLogs`'),
    1: maybe(text('for the third `{address}`, for the fourth what `moi.NewLogFilter` takes')),
  },
  isPositional: true,
  result: 'id of the subscription',
  example: ['newTesseractsByAccount', { address: ID }],
  errors: ['no-socket', 'too-many', 'bad-identifier'],
  cost: 10,
  call: async ({ hub, limits }, params, caller) => {
    const { push, subscriptions } = caller
    if (!push) throw rpcError('no-socket')
    if (subscriptions.size >= limits.subscriptions) {
      throw rpcError('too-many', `more than ${limits.subscriptions} subscriptions`)
    }
    const wish = wishFromEvent(params)
    const id = newId()
    subscriptions.set(
      id,
      hub.listen(wish, (result) => push(id, result)),
    )
    return id
  },
}

const EVENTS: ReadonlyMap<string, (of: JsonObject) => Wish> = new Map([
  ['newTesseracts', (): Wish => ({ is: 'tesseracts', account: undefined })],
  ['newPendingInteractions', (): Wish => ({ is: 'pending' })],
  ['newTesseractsByAccount', (of: JsonObject) => tesseractsOf(readArgs(accountParams, of))],
  ['newLogs', (of: JsonObject): Wish => wishFrom(readArgs(logRange, of))],
])

const wishFromEvent = ([event, ...rest]: readonly Json[]): Wish => {
  const wish = typeof event === 'string' ? EVENTS.get(event) : undefined
  if (wish) return wish(objectOf(rest))
  throw rpcError('bad-params', 'invalid params: there is no such subscription')
}

const unsubscribe: Method<GuardianContext> = {
  name: 'moi.Unsubscribe',
  what: 'Ends a subscription of this connection.',
  params: { 0: text('the subscription') },
  isPositional: true,
  result: 'true',
  example: [FILTER],
  errors: ['unknown-subscription'],
  cost: 1,
  call: async (_, [id], { subscriptions }: Caller) => {
    const end = typeof id === 'string' ? subscriptions.get(id) : undefined
    if (typeof id !== 'string' || !end) throw rpcError('unknown-subscription')
    end()
    return subscriptions.delete(id)
  },
}

export const TESSERACT_METHODS: readonly Method<GuardianContext>[] = [
  tesseract,
  getLogs,
  newTesseractFilter,
  newTesseractsByAccountFilter,
  pendingFilter,
  newLogFilter,
  getFilterChanges,
  removeFilter,
  subscribe,
  unsubscribe,
]
