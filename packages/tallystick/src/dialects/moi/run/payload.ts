/**
 * What is wrong with an operation whatever the state: what MOI's client checks before it sends, checked again, in its words.
 *
 * A node that took the client's word for it would have accounts that nobody can sign for.
 */
import { hasFlag, kindOfMoiId, type MoiId, variantOf } from '../identifier.ts'
import type {
  AccountConfigure,
  AssetAction,
  LogicCall,
  MoiKey,
  MoiOperation,
  ParticipantCreate,
} from '../operation.ts'
import { MOI_WEIGHT_MIN } from '../signature.ts'
import { keyFault } from './account.ts'
import { assetFault } from './asset-create.ts'
import { guardianFault, registerFault } from './guardian.ts'

const NIL = '0'.repeat(64)

export const isNil = (id: MoiId): boolean => id === NIL

/** Why the operation cannot be, or undefined. */
export const payloadFault = (of: MoiOperation): string | undefined => {
  switch (of.is) {
    case 'participant-create':
      return participantFault(of)
    case 'account-configure':
      return configureFault(of)
    case 'account-inherit':
      return of.value && actionFault(of.value)
    case 'asset-create':
      return isNil(of.manager) ? 'manager must be a non-empty hex string' : assetFault(of)
    case 'asset-action':
      return actionFault(of)
    case 'guardian-register':
      return guardianFault(of) ?? registerFault(of)
    case 'guardian-stake':
    case 'guardian-unstake':
    case 'guardian-withdraw':
    case 'guardian-claim':
      return guardianFault(of)
    case 'logic-deploy':
      return of.manifest.length === 0 ? 'payload must include manifest' : undefined
    case 'logic-invoke':
    case 'logic-enlist':
      return callFault(of)
  }
}

const participantFault = (of: ParticipantCreate): string | undefined => {
  const { id, keys, value } = of
  if (isNil(id)) return 'id must be a non-empty string (Hex address)'
  if (kindOfMoiId(id) !== 'participant' || variantOf(id) !== 0 || hasFlag(id, 'systemic')) {
    return 'invalid identifier: no participant registers under it'
  }
  if (keys.length === 0) return 'keys payload must not be empty'
  const weight = keys.reduce((sum, key) => sum + key.weight, 0n)
  return (
    keysFault(keys) ??
    (weight < MOI_WEIGHT_MIN
      ? `total key weight ${weight} is below ${MOI_WEIGHT_MIN}`
      : value && actionFault(value))
  )
}

const keysFault = (keys: readonly MoiKey[]): string | undefined => {
  for (const key of keys) {
    const fault = keyFault(key)
    if (fault !== undefined) return fault
  }
  return undefined
}

const configureFault = ({ add, revoke }: AccountConfigure): string | undefined =>
  add.length === 0 && revoke.length === 0
    ? 'payload must have either non-empty add or revoke'
    : keysFault(add)

const actionFault = ({ assetId, callsite }: AssetAction): string | undefined => {
  if (kindOfMoiId(assetId) !== 'asset') return 'invalid identifier: not an asset'
  if (callsite.length === 0) return 'callsite must be a non-empty string'
  return undefined
}

const callFault = ({ logicId, callsite }: LogicCall): string | undefined => {
  if (kindOfMoiId(logicId) === 'participant') return 'invalid identifier: not a logic'
  if (callsite.length === 0) return 'callsite must be a non-empty string'
  return undefined
}
