/** Methods about proofs and contexts: ours, beside those that MOI's nodes have. */
import { isFault } from 'tallystick/base'
import type { Path } from 'tallystick/kernel'
import {
  actorPath,
  balancePath,
  contextObjectAt,
  type ContextObject,
  hexFromMoiId,
  KMOI_ASSET,
  type MoiHead,
  statePath,
  type SuperState,
  superStateOf,
} from 'tallystick/moi'
import { rpcError } from '../rpc/error.ts'
import { hexOf, quantityOf } from '../rpc/hex.ts'
import { type Answer, type Caller, method, type Method } from '../rpc/method.ts'
import { hexBytes, identifier, maybe, number, options, withDefault } from '../rpc/param.ts'
import type { MoiId } from '../store/entry.ts'
import type { View } from '../views.ts'
import { type GuardianContext, viewAt } from './context.ts'

const ID = `0x00000000${'1a'.repeat(24)}00000000`
const LATEST = { tesseract_number: -1 } as const

const id = identifier('the account')
const at = withDefault(options('which tesseract of the account; its latest, if missing'), {
  is: 'latest',
})

/** Which value of an account is meant. */
const place = {
  asset_id: withDefault(
    identifier('an asset, of which the balance is meant; KMOI, if missing'),
    KMOI_ASSET,
  ),
  token_id: withDefault(number('which of its tokens'), 0n),
  logic_id: maybe(identifier('a logic, of which a stored value is meant')),
  storage_key: maybe(hexBytes('where the logic stores it')),
} as const

type Place = {
  readonly id: MoiId
  readonly asset_id: MoiId
  readonly token_id: bigint
  readonly logic_id: MoiId | undefined
  readonly storage_key: Uint8Array | undefined
}

const pathOf = (of: Place): Path => {
  const { logic_id: logic, storage_key: key } = of
  if (logic === undefined) return balancePath(of.asset_id, of.token_id)
  if (key === undefined) throw rpcError('bad-params', 'invalid params: storage_key is missing')
  return logic === of.id ? statePath(key) : actorPath(logic, key)
}

const REFUSALS = ['unknown-account', 'unknown-tesseract', 'bad-options', 'too-large'] as const

/**
 * The account at a tesseract. Making one that is not in memory takes as long as it has values: attack: to ask for the past of a large
 * account again and again.
 */
const headAt = async (
  { machines }: GuardianContext,
  view: View,
  { owe }: Caller,
): Promise<MoiHead> => {
  const isReady = machines.ready(view.account)?.height === view.height
  const head = await machines.at(view)
  if (!isReady) owe(head.machine.state.size)
  return head
}

const networkState = method({
  name: 'moi.NetworkState',
  what: 'A balance, or another value of an account, with its proof against the account’s tesseract and the guardian’s seal under it, and with the context that vouches for it. `tally verify` checks the file offline.',
  params: { id, ...place, options: at },
  result: 'the bytes of a file of the kind network-state, in hexadecimal',
  example: [{ id: ID, asset_id: ID }],
  errors: [...REFUSALS, 'later'],
  cost: 50,
  run: async (context: GuardianContext, args, caller) => {
    const view = await viewAt(context, args)
    const { machine } = await headAt(context, view, caller)
    return hexOf(await context.proofs.networkState(view, machine, [pathOf(args)]))
  },
})

const contextObject = method({
  name: 'moi.ContextObject',
  what: 'A value of an account together with the context that vouches for it, both as of one tesseract.',
  params: { id, ...place, options: at },
  result: '`account`, `height`, `tesseract_hash`, `path`, `content` (null for none) and `context`',
  example: [{ id: ID, asset_id: ID, options: LATEST }],
  errors: REFUSALS,
  cost: 10,
  run: async (context: GuardianContext, args, caller) => {
    const view = await viewAt(context, args)
    const head = await headAt(context, view, caller)
    const found = contextObjectAt(context.networkMachine, () => head, {
      account: args.id,
      path: pathOf(args),
      at: { is: 'latest' },
    })
    if (isFault(found)) throw rpcError('unknown-account')
    return { ...placeAnswer(found.place), ...objectAnswer(found), context: contextAnswer(found) }
  },
})

const superState = method({
  name: 'moi.SuperState',
  what: 'Everything that an account has, by its parts, under one root: what the papers call the context super state.',
  params: { id, options: at },
  result:
    '`account`, `height`, `tesseract_hash`, `root`, `size`, `context`, and `assets`, `trust`, `keys`, `logics`, `deeds`, each a list of `path` and `content`',
  example: [{ id: ID, options: LATEST }],
  errors: REFUSALS,
  cost: 200,
  run: async (context: GuardianContext, args, caller) => {
    const view = await viewAt(context, args)
    const head = await headAt(context, view, caller)
    const found = superStateOf(context.networkMachine, args.id, head)
    if (!found) throw rpcError('unknown-account')
    return superStateAnswer(found, context.limits.listItems)
  },
})

const history = method({
  name: 'moi.History',
  what: 'The history of an account up to a tesseract, with the histories that it rests on. `tally verify` runs all of it again, offline.',
  params: { id, options: at },
  result: 'the bytes of a bundle, in hexadecimal',
  example: [{ id: ID, options: LATEST }],
  errors: REFUSALS,
  cost: 5000,
  run: async (context: GuardianContext, args) =>
    hexOf(await context.proofs.history(await viewAt(context, args), context.limits.historyEntries)),
})

const placeAnswer = ({ account, height, tesseract }: ContextObject['place']) => ({
  account: hexFromMoiId(account),
  height: quantityOf(height),
  tesseract_hash: `0x${tesseract}`,
})

/** Texts as they are, bytes in hexadecimal. */
const objectAnswer = ({ path, content }: ContextObject) => ({
  path: path.map((part) => (typeof part === 'string' ? part : hexOf(part))),
  content: content ? hexOf(content) : null,
})

const contextAnswer = ({ context }: Pick<ContextObject, 'context'>): Answer => ({
  hash: hexOf(context.hash),
  behaviour_nodes: context.behaviour,
  random_nodes: context.random,
  storage_nodes: context.storage,
  preferences: hexOf(context.preferences),
})

const superStateAnswer = (of: SuperState, itemsMax: number): Answer => {
  const { assets, trust, keys, logics, deeds } = of.parts
  const items = [assets, trust, keys, logics, deeds].reduce((sum, one) => sum + one.length, 0)
  if (items > itemsMax) throw rpcError('too-large', `more than ${itemsMax} values`)
  return {
    ...placeAnswer(of.place),
    root: `0x${of.root}`,
    size: of.size,
    context: contextAnswer(of),
    assets: assets.map(objectAnswer),
    trust: trust.map(objectAnswer),
    keys: keys.map(objectAnswer),
    logics: logics.map(objectAnswer),
    deeds: deeds.map(objectAnswer),
  }
}

export const PROOF_METHODS: readonly Method<GuardianContext>[] = [
  networkState,
  contextObject,
  superState,
  history,
]
