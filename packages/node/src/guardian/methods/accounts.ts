/** Methods about accounts: what they hold, whose they are, how often they have acted. */
import {
  accountOf,
  balanceOf,
  contextRecord,
  countRecord,
  hexFromMoiId,
  holdingsOf,
  keysOf,
  lockupOf,
  lockupsOf,
  mandateOf,
  mandatesOf,
  PATH,
  sequenceOf,
  standardOf,
  valueOr,
} from 'tallystick/moi'
import { hexOf, quantityOf } from '../rpc/hex.ts'
import { method, type Method } from '../rpc/method.ts'
import { type At, identifier, maybe, number, withDefault } from '../rpc/param.ts'
import { contextHash } from '../shapes/tesseract.ts'
import type { MoiId } from '../store/entry.ts'
import { rpcError } from '../rpc/error.ts'
import type { View } from '../views.ts'
import { account, accountQuestion, ID, LATEST, PAST } from './account-question.ts'
import { type GuardianContext, viewAt } from './context.ts'

const { id, options: at } = account
const maybeId = maybe(identifier('the account'))

type Token = { readonly asset: MoiId; readonly token: bigint }

const tokenAnswer = ({ asset, token }: Token) => ({
  asset_id: hexFromMoiId(asset),
  token_id: quantityOf(token),
})

/** What stands aside for somebody. */
const placeAnswer = (place: Token & { readonly for: MoiId }, amount: bigint) => ({
  ...tokenAnswer(place),
  beneficiary: hexFromMoiId(place.for),
  amount: quantityOf(amount),
})

const balance = method({
  name: 'moi.Balance',
  what: 'How much of an asset an account has. Of an asset with several tokens, the sum of them.',
  params: { id, asset_id: identifier('the asset'), options: at },
  result: 'quantity; `0x0` where it never had any',
  example: [{ id: ID, asset_id: ID, options: LATEST }],
  errors: PAST,
  cost: 1,
  run: async (context: GuardianContext, args) => {
    const view = await viewAt(context, args)
    const { id: holder, asset_id: asset } = args
    const amount = await context.views.ask([view], (read) =>
      isFungible(asset)
        ? balanceOf(read, { account: holder, asset, token: 0n })
        : holdingsOf(read, holder)
            .filter((one) => one.asset === asset)
            .reduce((sum, one) => sum + balanceOf(read, { account: holder, ...one }), 0n),
    )
    return quantityOf(amount)
  },
})

/** By the standard that its identifier names. */
const isFungible = (asset: MoiId): boolean => standardOf(asset) === 0

const contextInfo = accountQuestion({
  name: 'moi.ContextInfo',
  what: 'The guardians that vouch for an account.',
  result: '`behaviour_nodes`, `random_nodes` and `storage_nodes`, each a list of KramaIDs',
  cost: 1,
  answer: (read, account) => {
    const value = read(account, PATH.context)
    const of = value && contextRecord.decode(value)
    return {
      behaviour_nodes: of?.behaviour ?? [],
      random_nodes: of?.random ?? [],
      storage_nodes: of?.storage ?? [],
    }
  },
})

const tdu = accountQuestion({
  name: 'moi.TDU',
  what: 'Everything that an account has: its total digital utility.',
  result: 'list of `asset_id`, `token_id` and `amount`, without what is spent',
  cost: 10,
  answer: (read, account) =>
    holdingsOf(read, account).flatMap((one) => {
      const amount = balanceOf(read, { account, ...one })
      return amount === 0n ? [] : [{ ...tokenAnswer(one), amount: quantityOf(amount) }]
    }),
})

const subAccountCount = accountQuestion({
  name: 'moi.SubAccountCount',
  what: 'How many sub-accounts an account has.',
  result: 'quantity',
  cost: 1,
  answer: (read, account) =>
    quantityOf(valueOr(countRecord, read(account, PATH.subAccountCount), 0)),
})

const keyId = withDefault(number('the key of the account'), 0n)

const interactionCount = method({
  name: 'moi.InteractionCount',
  what: 'The number that the next interaction of a key bears, of what has been executed.',
  params: { id, key_id: keyId, options: at },
  result: 'quantity',
  example: [{ id: ID, key_id: 0, options: LATEST }],
  errors: PAST,
  cost: 1,
  run: async (context: GuardianContext, args) =>
    quantityOf(await committedOf(context, args, await viewAt(context, args))),
})

const committedOf = (
  { views }: GuardianContext,
  of: { readonly id: MoiId; readonly key_id: bigint },
  view: View,
): Promise<bigint> => views.ask([view], (read) => sequenceOf(read, of.id, Number(of.key_id)))

const LATEST_AT: At = { is: 'latest' }

const pendingInteractionCount = method({
  name: 'moi.PendingInteractionCount',
  what: 'The number that the next interaction of a key bears, with those that wait in the pool without a gap.',
  params: { id, key_id: keyId },
  // Readable questions are asked by accounts that are not registered yet.
  result: 'quantity; `0x0` for an account that does not exist',
  example: [{ id: ID, key_id: 0 }],
  cost: 1,
  run: async (context: GuardianContext, args) => {
    const view = await context.views.newest(args.id)
    const committed = view ? await committedOf(context, args, view) : 0n
    return quantityOf(context.pool.nextOf(args.id, Number(args.key_id), committed))
  },
})

/** In the order of MOI's numbers: genesis, then what its documentation leaves free, logic, asset, participant. */
const ACCOUNT_TYPES: Readonly<Record<string, number>> = {
  genesis: 0,
  logic: 2,
  asset: 3,
  participant: 4,
}

const accountState = method({
  name: 'moi.AccountState',
  what: 'What an account stands at. Everything of it lies under one root, so the roots are one and the same.',
  params: { id, options: at },
  result:
    '`acc_type` (0 genesis, 2 logic, 3 asset, 4 participant), `balance` in KMOI, `context_hash` and the state root under each of MOI’s names for parts of it',
  example: [{ id: ID, options: LATEST }],
  errors: PAST,
  cost: 2,
  run: async (context: GuardianContext, args) => {
    const { views, network } = context
    const view = await viewAt(context, args)
    const root = `0x${view.transition.state}`
    const own = await views.ask([view], (read) => ({
      kind: accountOf(read, args.id)?.kind ?? 'participant',
      balance: balanceOf(read, { account: args.id, asset: network.kmoi, token: 0n }),
    }))
    return {
      acc_type: ACCOUNT_TYPES[own.kind] ?? 0,
      balance: quantityOf(own.balance),
      asset_approvals: root,
      context_hash: await contextHash(views, view),
      storage_root: root,
      logic_root: root,
      file_root: root,
      asset_registry: root,
      asset_deeds: root,
      state_root: root,
    }
  },
})

const accountKeys = accountQuestion({
  name: 'moi.AccountKeys',
  what: 'The keys that an account has or has had. A key keeps its number for good.',
  result: 'list of `id`, `publicKey`, `weight`, `signature_algorithm`, `revoked`, `sequence_id`',
  cost: 2,
  answer: (read, account) =>
    keysOf(read, account).map((key, place) => ({
      id: place,
      publicKey: hexOf(key.publicKey),
      public_key: hexOf(key.publicKey),
      weight: Number(key.weight),
      signature_algorithm: key.algorithm,
      revoked: key.isRevoked,
      sequence_id: Number(sequenceOf(read, account, place)),
    })),
})

const accountMetaInfo = method({
  name: 'moi.AccountMetaInfo',
  what: 'What kind of account an identifier names, and how far it has got.',
  params: { id },
  result: '`type`, `id`, `height`, `tesseract_hash`, `lattice_exists`, `state_exists`',
  example: [{ id: ID }],
  errors: ['unknown-account'],
  cost: 1,
  run: async (context: GuardianContext, args) => {
    const view = await viewAt(context, { ...args, options: LATEST_AT })
    const kind = await context.views.ask([view], (read) => accountOf(read, args.id)?.kind)
    return {
      type: ACCOUNT_TYPES[kind ?? 'participant'] ?? 0,
      id: hexFromMoiId(args.id),
      height: quantityOf(view.height),
      tesseract_hash: `0x${view.tesseract}`,
      lattice_exists: true,
      state_exists: true,
    }
  },
})

const mandates = accountQuestion({
  name: 'moi.Mandates',
  what: 'Whom an account lets spend what it has. Spent and expired mandates of the past stand in it too, with what is left.',
  result: 'list of `asset_id`, `token_id`, `beneficiary`, `amount`, `expires_at`',
  cost: 10,
  answer: (read, account) =>
    mandatesOf(read, account).flatMap((place) => {
      const of = mandateOf(read, { account, ...place }, place.for)
      if (of === undefined || of.amount === 0n) return []
      const { amount, expiresAt } = of
      return [{ ...placeAnswer(place, amount), expires_at: quantityOf(expiresAt) }]
    }),
})

const lockups = accountQuestion({
  name: 'moi.Lockups',
  what: 'What an account has put aside for others.',
  result: 'list of `asset_id`, `token_id`, `beneficiary`, `amount`',
  cost: 10,
  answer: (read, account) =>
    lockupsOf(read, account).flatMap((place) => {
      const amount = lockupOf(read, { account, ...place }, place.for)
      return amount === 0n ? [] : [placeAnswer(place, amount)]
    }),
})

const syncing = method({
  name: 'moi.Syncing',
  what: 'How far a node has caught up with the others. There are no others, so it is never behind.',
  params: { id: maybeId },
  result: '`acc_sync_status` for an account that was named, `node_sync_status` where none was',
  example: [null],
  errors: ['unknown-account'],
  cost: 1,
  run: async (context: GuardianContext, args) => {
    if (args.id === undefined) {
      return {
        acc_sync_status: {
          current_height: '0x0',
          expected_height: '0x0',
          is_primary_sync_done: true,
        },
        node_sync_status: {
          total_pending_accounts: '0x0',
          is_principal_sync_done: true,
          principal_sync_done_time: '0x0',
          is_initial_sync_done: true,
        },
      }
    }
    const view = await context.views.newest(args.id)
    if (!view) throw rpcError('unknown-account')
    const height = quantityOf(view.height)
    return {
      acc_sync_status: {
        current_height: height,
        expected_height: height,
        is_primary_sync_done: true,
      },
      node_sync_status: null,
    }
  },
})

const debugAccounts = method({
  name: 'debug.Accounts',
  what: 'The accounts that exist, in the order of their identifiers.',
  params: { after: maybe(identifier('the last one of the page before')) },
  result: 'list of identifiers; one page of it, the next begins after the last',
  example: [null],
  cost: 50,
  run: async ({ lattice, limits }: GuardianContext, args) =>
    (await lattice.accounts(args.after, limits.listItems)).map((one) => hexFromMoiId(one.account)),
})

export const ACCOUNT_METHODS: readonly Method<GuardianContext>[] = [
  balance,
  contextInfo,
  tdu,
  subAccountCount,
  interactionCount,
  pendingInteractionCount,
  accountState,
  accountKeys,
  accountMetaInfo,
  mandates,
  lockups,
  syncing,
  debugAccounts,
]
