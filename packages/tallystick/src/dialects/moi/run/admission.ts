/**
 * Admission: whether an interaction may happen at all. What is refused here leaves no trace and costs nothing; what passes is
 * executed and paid for, whatever comes of it.
 *
 * Checks run cheap before dear: size and form, fee, sender, operations, participants, key and counter, balances, then the signatures, and
 * last whether participants that do not exist are created here. The messages are MOI's where MOI has one.
 *
 * Promise. `validate` is a function of its arguments. For execution the counter must be the next one; for a pool it may be ahead.
 * The same interaction is never admitted twice for execution, since its key counts on with it.
 */
import { type Fault, isFault } from '../../../base/fault.ts'
import { LEGS_MAX, MOI_INTERACTION_BYTES_MAX } from '../../../base/limits.ts'
import type { Verifier } from '../../../base/verifier.ts'
import { hexFromMoiId, type MoiId } from '../identifier.ts'
import { interactionHash, type MoiInteraction } from '../interaction.ts'
import { type MoiOperation, readOperation } from '../operation.ts'
import { type MoiSignature, weighSignatures } from '../signature.ts'
import { accountOf, contextRecordOf, keyOf, sequenceOf } from './account.ts'
import { costsOf } from './cost.ts'
import { createdIds } from './derivation.ts'
import type { ReadAccount } from './draft.ts'
import { BASE_FUEL, FUEL_PRICE, payerOf } from './fuel.ts'
import { balanceOf } from './holding.ts'
import { PATH } from './layout.ts'
import type { MoiNetwork } from './network.ts'
import { isNil, payloadFault } from './payload.ts'
import { locksOf } from './run.ts'

export type RefusalCode =
  | 'size'
  | 'fuel-price'
  | 'fuel-limit'
  | 'sender'
  | 'operations'
  | 'payload'
  | 'participants'
  | 'account'
  | 'key'
  | 'sequence'
  | 'preferences'
  | 'balance'
  | 'signatures'

export type Refusal = { readonly code: RefusalCode; readonly message: string }

export type Validate = {
  readonly args: MoiInteraction
  /** The interaction as it came; this is what was signed. */
  readonly bytes: Uint8Array
  readonly signatures: readonly MoiSignature[]
  readonly read: ReadAccount
  readonly network: MoiNetwork
  readonly verifier: Verifier
  /** A pool keeps an interaction whose turn is still to come. */
  readonly at: 'pool' | 'execution'
}

export const OPERATIONS_PER_INTERACTION_MAX = 3

/**
 * Accounts in one interaction: each is a leg, beside that of the network machine. MOI names no such limit. Sender, payer and what three
 * operations name (benefactor, beneficiary and asset each) are eleven; what is left is for logics.
 */
const ACCOUNTS_MAX = LEGS_MAX - 1

/** Why the interaction is refused, or undefined. */
export const validate = (of: Validate): Refusal | undefined =>
  validateSigned(of) ?? validateRegistered(of)

/** All but the last check. Whoever checks signatures elsewhere does so before that one. */
export const validateSigned = (of: Validate): Refusal | undefined => {
  const refused = checkForm(of) ?? checkCount(of)
  if (refused) return refused
  const operations = of.args.operations.map(({ type, payload }) => readOperation(type, payload))
  const refusal = checkOperations(operations)
  if (refusal) return refusal
  const sound = operations.flatMap((one) => (isFault(one) ? [] : [one]))
  return (
    checkParticipants(of, sound) ??
    checkKey(of) ??
    checkPreferences(of) ??
    checkBalances(of, sound) ??
    checkSignatures(of)
  )
}

const refuse = (code: RefusalCode, message: string): Refusal => ({ code, message })

const checkForm = ({ args, bytes, network }: Validate): Refusal | undefined => {
  if (bytes.length > MOI_INTERACTION_BYTES_MAX) {
    return refuse(
      'size',
      `interaction of ${bytes.length} bytes exceeds ${MOI_INTERACTION_BYTES_MAX}`,
    )
  }
  if (args.fuelPrice < FUEL_PRICE) return refuse('fuel-price', 'interaction underpriced')
  if (args.fuelPrice > FUEL_PRICE) {
    return refuse('fuel-price', `invalid fuel price: ${args.fuelPrice}, it must be ${FUEL_PRICE}`)
  }
  if (isNil(args.sender.id)) return refuse('sender', 'invalid identifier: sender is nil')
  if (args.sender.id === network.genesis || args.payer === network.genesis) {
    return refuse('sender', 'invalid identifier: sender is the genesis account')
  }
  return undefined
}

/** At most how many of a type one interaction has. */
const ONCE: ReadonlyMap<MoiOperation['is'], string> = new Map<MoiOperation['is'], string>([
  ['asset-create', 'AssetCreate'],
  ['logic-deploy', 'LogicDeploy'],
])

const RESERVED: ReadonlyMap<number, string> = new Map([
  [14, 'LogicInteract'],
  [15, 'LogicUpgrade'],
])

const checkCount = ({ args }: Validate): Refusal | undefined => {
  const count = args.operations.length
  if (count === 0) return refuse('operations', 'interaction has no operations')
  if (count > OPERATIONS_PER_INTERACTION_MAX) {
    return refuse('operations', `${count} operations exceed ${OPERATIONS_PER_INTERACTION_MAX}`)
  }
  for (const { type } of args.operations) {
    const reserved = RESERVED.get(type)
    if (reserved !== undefined) {
      return refuse('operations', `${reserved} (${type}) is reserved and does nothing yet`)
    }
  }
  const fuel = BigInt(BASE_FUEL * count)
  if (args.fuelLimit < fuel) {
    return refuse(
      'fuel-limit',
      `interaction underpriced: fuel limit ${args.fuelLimit} below ${fuel}`,
    )
  }
  return undefined
}

const checkOperations = (operations: readonly (MoiOperation | Fault)[]): Refusal | undefined => {
  const seen = new Set<MoiOperation['is']>()
  for (const operation of operations) {
    if (isFault(operation)) return refuse('payload', `invalid payload: ${operation.message}`)
    const name = ONCE.get(operation.is)
    if (name !== undefined && seen.has(operation.is)) {
      return refuse('operations', `more than one ${name} in an interaction`)
    }
    seen.add(operation.is)
    const fault = payloadFault(operation)
    if (fault !== undefined) return refuse('payload', fault)
  }
  return undefined
}

const checkParticipants = (
  { args, network }: Validate,
  operations: readonly MoiOperation[],
): Refusal | undefined => {
  const seen = new Set<MoiId>()
  for (const { id, lock } of args.participants) {
    if (seen.has(id)) return refuse('participants', `duplicate participant: ${hexFromMoiId(id)}`)
    seen.add(id)
    const isParty = id === args.sender.id || id === payerOf(args)
    if (isParty && lock !== 'mutate') {
      return refuse('participants', `${hexFromMoiId(id)} sends or pays and needs a mutate lock`)
    }
  }
  const locks = locksOf(args)
  const count = locks.size + operations.filter((one) => createsBeside(one, locks)).length
  if (count > ACCOUNTS_MAX) {
    return refuse('participants', `${count} accounts exceed ${ACCOUNTS_MAX}`)
  }
  for (const { id, mustMutate } of operations.flatMap((one) => targetsIn(one, network))) {
    const lock = locks.get(id)
    if (lock === undefined || (mustMutate && lock !== 'mutate')) {
      const wanted = mustMutate ? 'a participant with a mutate lock' : 'a participant'
      return refuse('participants', `${hexFromMoiId(id)} must be ${wanted}`)
    }
  }
  return undefined
}

/**
 * Whether all participants are registered, or will be. Comes after the signatures: what a deployment creates is known once its manifest
 * was read, which takes some fifty milliseconds for a hostile one, and nobody is to get that done who did not sign for it.
 */
export const validateRegistered = ({ args, read, network }: Validate): Refusal | undefined => {
  const unknown = args.participants.filter(
    ({ id }) =>
      id !== network.genesis && id !== network.kmoi && read(id, PATH.account) === undefined,
  )
  if (unknown.length === 0) return undefined
  const created = createdIds({ args, read })
  const missing = unknown.find(({ id }) => !created.includes(id))
  return missing && refuse('participants', `account not found: ${hexFromMoiId(missing.id)}`)
}

/** Whether an operation creates an account beside those that are declared, as far as can be said without its identifier. */
const createsBeside = (operation: MoiOperation, locks: ReadonlyMap<MoiId, unknown>): boolean => {
  switch (operation.is) {
    case 'participant-create':
      return !locks.has(operation.id)
    case 'account-inherit':
    case 'asset-create':
    case 'logic-deploy':
      return true
    case 'account-configure':
    case 'asset-action':
    case 'guardian-register':
    case 'guardian-stake':
    case 'guardian-unstake':
    case 'guardian-withdraw':
    case 'guardian-claim':
    case 'logic-invoke':
    case 'logic-enlist':
      return false
  }
}

type Target = { readonly id: MoiId; readonly mustMutate: boolean }

/** Accounts that an operation names itself; those in calldata show when it runs. */
const targetsIn = (operation: MoiOperation, network: MoiNetwork): readonly Target[] => {
  switch (operation.is) {
    case 'participant-create':
    case 'account-inherit':
      return operation.value ? [{ id: operation.value.assetId, mustMutate: false }] : []
    case 'asset-action':
      return [{ id: operation.assetId, mustMutate: false }]
    case 'logic-invoke':
    case 'logic-enlist':
      return [{ id: operation.logicId, mustMutate: false }]
    case 'guardian-register':
    case 'guardian-stake':
    case 'guardian-unstake':
    case 'guardian-withdraw':
    case 'guardian-claim':
      return [{ id: network.genesis, mustMutate: true }]
    case 'account-configure':
    case 'asset-create':
    case 'logic-deploy':
      return []
  }
}

const checkKey = ({ args, read, at }: Validate): Refusal | undefined => {
  const { id, keyId, sequence } = args.sender
  for (const account of [id, payerOf(args)]) {
    const kind = accountOf(read, account)?.kind
    if (kind === undefined) {
      return refuse('account', `account not found: ${hexFromMoiId(account)}`)
    }
    if (kind !== 'participant') return refuse('sender', 'invalid identifier: not a participant')
  }
  const key = keyOf(read, id, keyId)
  if (!key) return refuse('key', `key not found: ${keyId}`)
  if (key.isRevoked) return refuse('key', `key is revoked: ${keyId}`)
  const next = sequenceOf(read, id, keyId)
  if (sequence < next || (at === 'execution' && sequence !== next)) {
    return refuse('sequence', 'invalid nonce')
  }
  return undefined
}

/**
 * Whether as many guardians, and those whom the sender names, take part in deciding about the sender. What cannot be met is
 * refused: an interaction that asks for more trust than there is must not pass as one that got it.
 */
const checkPreferences = ({ args, read }: Validate): Refusal | undefined => {
  if (args.preferences === undefined) return undefined
  const { mtq, trustedNodes } = args.preferences.consensus
  const { behaviour, random } = contextRecordOf(read, args.sender.id)
  const nodes = new Set([...behaviour, ...random])
  if (mtq > BigInt(nodes.size)) {
    return refuse(
      'preferences',
      `trust quotient ${mtq} cannot be met: ${nodes.size} guardians take part`,
    )
  }
  const stranger = trustedNodes.find((one) => !nodes.has(one))
  return stranger === undefined
    ? undefined
    : refuse('preferences', `trusted node takes no part: ${stranger}`)
}

const checkBalances = (
  { args, read, network }: Validate,
  operations: readonly MoiOperation[],
): Refusal | undefined => {
  for (const { account, asset, amount } of costsOf(args, operations, network)) {
    const balance = balanceOf(read, { account, asset, token: 0n })
    if (balance < amount) {
      return refuse(
        'balance',
        `insufficient funds: ${balance} of ${hexFromMoiId(asset)} where ${amount} is needed`,
      )
    }
  }
  return undefined
}

const checkSignatures = (of: Validate): Refusal | undefined => {
  const { args, signatures, read, verifier } = of
  const { id: sender, keyId } = args.sender
  const accounts = new Set([sender, payerOf(args)])
  if (signatures.some(({ id }) => !accounts.has(id))) {
    return refuse('signatures', 'invalid signature: by neither sender nor payer')
  }
  if (!signatures.some((one) => one.id === sender && one.keyId === keyId)) {
    return refuse('signatures', `invalid signature: none by key ${keyId} of the sender`)
  }
  const digest = interactionHash(of.bytes)
  for (const account of accounts) {
    const weighed = weighSignatures(verifier, {
      account,
      signatures,
      digest,
      keyOf: (id) => keyOf(read, account, id),
    })
    if (weighed.is === 'bad') {
      return refuse('signatures', `invalid signature: ${weighed.why} ${weighed.keyId}`)
    }
    if (weighed.is === 'too-light') {
      const who = account === sender ? 'sender' : 'payer'
      return refuse(
        'signatures',
        `insufficient weight of the ${who}'s signatures: ${weighed.weight}`,
      )
    }
  }
  return undefined
}
