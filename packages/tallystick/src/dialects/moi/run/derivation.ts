/**
 * Identifiers of what an interaction creates, and which accounts those are.
 *
 * An asset's or a logic's fingerprint is the last 24 bytes of BLAKE2b-256 over the POLO struct of sender, sequence, key, position
 * of the operation and standard (zero for a logic). MOI does not publish its own derivation; this one takes the same inputs as
 * its next version.
 *
 * Promise. Whoever has an interaction knows what it will create before it runs, and no two interactions that both happen give
 * the same identifier, because no key's sequence comes twice.
 */
import { blake2b256 } from '../../../base/blake2b.ts'
import { faultFrom, isFault } from '../../../base/fault.ts'
import {
  deriveMoiId,
  type MoiFlag,
  type MoiId,
  moiIdFrom,
  poloMoiId,
  variantOf,
} from '../identifier.ts'
import type { MoiInteraction, MoiSender } from '../interaction.ts'
import { type AccountInherit, type MoiOperation, readOperation } from '../operation.ts'
import { poloStruct } from '../polo/container.ts'
import { poloNatural, poloWhole } from '../polo/scalar.ts'
import { encodePolo } from '../polo/schema.ts'
import { exception } from './account.ts'
import type { ReadAccount } from './draft.ts'
import { PATH } from './layout.ts'
import { readManifestOf, statesOf } from './manifest-store.ts'
import { countRecord, valueOr } from './record.ts'

type Origin = MoiSender & { readonly operation: number; readonly standard: number }

const origin = poloStruct<Origin>({
  id: poloMoiId,
  sequence: poloNatural(64),
  keyId: poloWhole(0xffff_ffff),
  operation: poloWhole(0xffff),
  standard: poloWhole(0xffff),
})

const FINGERPRINT_AT = 8

const fingerprint = (of: Origin): Uint8Array =>
  blake2b256(encodePolo(origin, of)).slice(FINGERPRINT_AT)

export const assetIdOf = (sender: MoiSender, operation: number, standard: number): MoiId =>
  moiIdFrom({
    kind: 'asset',
    flags: ['stateful', 'logical'],
    standard,
    fingerprint: fingerprint({ ...sender, operation, standard }),
  })

/** The flags say which states the logic keeps. */
export const logicIdOf = (
  sender: MoiSender,
  operation: number,
  states: { readonly hasLogicState: boolean; readonly hasActorState: boolean },
): MoiId => {
  const flags: MoiFlag[] = []
  if (states.hasLogicState) flags.push('intrinsic')
  if (states.hasActorState) flags.push('extrinsic')
  return moiIdFrom({
    kind: 'logic',
    flags,
    fingerprint: fingerprint({ ...sender, operation, standard: 0 }),
  })
}

/**
 * A sub-account bears its number as variant. The number 0 stands for the next one that is free after those counted, since an
 * account is no variant of itself. Raises `moi/exception` for the sub-account of a sub-account.
 */
export const subAccountIdOf = (sender: MoiId, of: AccountInherit, count: number): MoiId => {
  if (variantOf(sender) !== 0) throw exception('a sub-account has no sub-accounts')
  return deriveMoiId(sender, { variant: of.subAccountIndex === 0 ? count + 1 : of.subAccountIndex })
}

export const subAccountCountOf = (read: ReadAccount, account: MoiId): number =>
  valueOr(countRecord, read(account, PATH.subAccountCount), 0)

/** The accounts that an interaction creates if it succeeds, in the order of its operations. Those that cannot be read create nothing. */
export const createdIds = ({
  args,
  read,
}: {
  readonly args: MoiInteraction
  readonly read: ReadAccount
}): readonly MoiId[] => {
  const { sender } = args
  let count: number | undefined
  return args.operations.flatMap(({ type, payload }, position) => {
    const operation = readOperation(type, payload)
    if (isFault(operation)) return []
    if (operation.is === 'account-inherit') count ??= subAccountCountOf(read, sender.id)
    const id = faultFrom(() => createdAt(operation, { sender, position, count: count ?? 0 }))
    if (operation.is === 'account-inherit') count = (count ?? 0) + 1
    return id === undefined || isFault(id) ? [] : [id]
  })
}

type Place = { readonly sender: MoiSender; readonly position: number; readonly count: number }

const createdAt = (operation: MoiOperation, in_: Place): MoiId | undefined => {
  switch (operation.is) {
    case 'participant-create':
      return operation.id
    case 'account-inherit':
      return subAccountIdOf(in_.sender.id, operation, in_.count)
    case 'asset-create':
      return assetIdOf(in_.sender, in_.position, operation.standard)
    case 'logic-deploy': {
      const manifest = readManifestOf(operation.manifest, 'logic')
      return logicIdOf(in_.sender, in_.position, statesOf(manifest))
    }
    case 'account-configure':
    case 'asset-action':
    case 'guardian-register':
    case 'guardian-stake':
    case 'guardian-unstake':
    case 'guardian-withdraw':
    case 'guardian-claim':
    case 'logic-invoke':
    case 'logic-enlist':
      return undefined
  }
}
