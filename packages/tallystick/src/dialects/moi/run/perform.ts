/**
 * One operation of an interaction, done on a draft: which of the thirteen it is, and what it gives back.
 *
 * A refusal is a thrown `moi/exception`, what cannot be a `moi/defect`, the end of the fuel `moi/exhausted`; what was changed by
 * then is the caller's to drop.
 */
import { flag } from '../../../base/codec.ts'
import { hexFromMoiId, type MoiId } from '../identifier.ts'
import type { MoiInteraction } from '../interaction.ts'
import type {
  AccountInherit,
  AssetAction,
  AssetCreate,
  AssetLogic,
  LogicCall,
  LogicDeploy,
  MoiOperation,
  ParticipantCreate,
} from '../operation.ts'
import type { Meter } from '../pisa/host.ts'
import {
  append,
  configureAccount,
  contextRecordOf,
  createAccount,
  copyKeys,
  exception,
  type NodeSets,
} from './account.ts'
import { createAsset } from './asset-create.ts'
import { assetIdOf, logicIdOf, subAccountCountOf, subAccountIdOf } from './derivation.ts'
import type { Draft } from './draft.ts'
import { payerOf } from './fuel.ts'
import { claim, registerGuardian, stake, unstake, withdraw } from './guardian.ts'
import { enlistedPath, logicPlacePath, PATH } from './layout.ts'
import type { Log } from './log.ts'
import { callAccount, type Called, type CallSetting } from './logic-call.ts'
import { putManifest, readManifestOf, statesOf } from './manifest-store.ts'
import type { MoiNetwork } from './network.ts'
import { payloadFault } from './payload.ts'
import { countRecord, moiIdRecord } from './record.ts'

/** What every operation of an interaction happens in. */
export type Setting = {
  readonly draft: Draft
  readonly args: MoiInteraction
  readonly network: MoiNetwork
  /** Seconds since 1970. */
  readonly time: bigint
  readonly meter: Meter
  /** Where a logic leaves the POLO of its exception. */
  readonly raised: { error: Uint8Array | undefined }
}

export type Performed = {
  readonly outputs: Uint8Array
  readonly created: MoiId | undefined
  readonly logs: readonly Log[]
}

const nothing = (created?: MoiId): Performed => ({
  outputs: new Uint8Array(),
  created,
  logs: [],
})

/** `position` is the operation's in its interaction. */
export const perform = (in_: Setting, operation: MoiOperation, position: number): Performed => {
  const { draft, network, time } = in_
  const fault = payloadFault(operation)
  if (fault !== undefined) throw exception(fault)
  const guarded = { draft, network, time, sender: in_.args.sender.id }
  switch (operation.is) {
    case 'participant-create':
      return createParticipant(in_, operation)
    case 'account-configure':
      configureAccount(draft, in_.args.sender.id, operation)
      return nothing()
    case 'account-inherit':
      return inheritAccount(in_, operation)
    case 'asset-create':
      return performAssetCreate(in_, operation, position)
    case 'asset-action':
      return actOnAsset(in_, operation)
    case 'guardian-register':
      registerGuardian(guarded, operation)
      return nothing()
    case 'guardian-stake':
      stake(guarded, operation)
      return nothing()
    case 'guardian-unstake':
      unstake(guarded, operation)
      return nothing()
    case 'guardian-withdraw':
      withdraw(guarded, operation)
      return nothing()
    case 'guardian-claim':
      claim(guarded, operation)
      return nothing()
    case 'logic-deploy':
      return deployLogic(in_, operation, position)
    case 'logic-invoke':
      return callTarget(in_, { ...operation, target: operation.logicId, kind: 'invoke' })
    case 'logic-enlist':
      return enlist(in_, operation)
  }
}

const createParticipant = (in_: Setting, of: ParticipantCreate): Performed => {
  const { draft, network, args } = in_
  createAccount(draft, of.id, {
    kind: 'participant',
    nodes: network.nodes,
    keys: of.keys,
    creator: args.sender.id,
  })
  const logs = of.value ? actOnAsset(in_, of.value).logs : []
  return { ...nothing(of.id), logs }
}

/** The sub-account begins with the sender's keys under their numbers, and with the target's context. */
const inheritAccount = (in_: Setting, of: AccountInherit): Performed => {
  const { draft, args } = in_
  const sender = args.sender.id
  const count = subAccountCountOf(draft.read, sender)
  const id = subAccountIdOf(sender, of, count)
  const nodes = nodesOf(in_, of.targetAccount)
  const relations = { creator: sender, parent: sender, inherits: of.targetAccount }
  createAccount(draft, id, { kind: 'participant', nodes, ...relations })
  copyKeys(draft, sender, id)
  draft.write(sender, PATH.subAccountCount, countRecord.encode(count + 1))
  const logs = of.value ? actOnAsset(in_, of.value).logs : []
  return { ...nothing(id), logs }
}

/** The guardians that vouch for an account: the network's own for one of the genesis, which need not be declared. */
const nodesOf = ({ draft, network }: Setting, target: MoiId): NodeSets => {
  if (target === network.genesis || target === network.kmoi) return network.nodes
  if (!draft.exists(target)) throw exception(`account not found: ${hexFromMoiId(target)}`)
  const { behaviour, random, storage } = contextRecordOf(draft.read, target)
  return { behaviour, random, storage }
}

const performAssetCreate = (in_: Setting, of: AssetCreate, position: number): Performed => {
  const { args, draft, network } = in_
  const id = assetIdOf(args.sender, position, of.standard)
  createAsset(draft, { id, sender: args.sender.id, nodes: network.nodes, payload: of })
  const { logic } = of
  if (!logic || logic.manifest.length === 0) return nothing(id)
  putManifest(draft, id, logic.manifest, readManifestOf(logic.manifest, 'asset'))
  return { ...begin(in_, id, logic), created: id }
}

const deployLogic = (in_: Setting, of: LogicDeploy, position: number): Performed => {
  const { args, draft, network } = in_
  const manifest = readManifestOf(of.manifest, 'logic')
  const id = logicIdOf(args.sender, position, statesOf(manifest))
  const sender = args.sender.id
  createAccount(draft, id, { kind: 'logic', nodes: network.nodes, creator: sender })
  putManifest(draft, id, of.manifest, manifest)
  appendLogic(draft, sender, id)
  return { ...begin(in_, id, of), created: id }
}

const appendLogic = (draft: Draft, account: MoiId, logic: MoiId): void =>
  append(draft, account, LOGICS, moiIdRecord.encode(logic))

const LOGICS = { count: PATH.logicCount, place: logicPlacePath }

/** Runs the routine that a logic begins with, if one is named. */
const begin = (in_: Setting, target: MoiId, of: AssetLogic): Performed =>
  of.callsite === '' ? nothing() : callTarget(in_, { ...of, target, kind: 'deploy' })

/** The account is known to the logic from then on, once. */
const enlist = (in_: Setting, of: LogicCall): Performed => {
  const { draft, args } = in_
  const sender = args.sender.id
  const path = enlistedPath(of.logicId)
  if (draft.read(sender, path)) throw exception('account is enlisted already')
  const performed = callTarget(in_, { ...of, target: of.logicId, kind: 'enlist' })
  draft.write(sender, path, flag.encode(true))
  appendLogic(draft, sender, of.logicId)
  return performed
}

const actOnAsset = (in_: Setting, of: AssetAction): Performed =>
  callTarget(in_, { ...of, target: of.assetId, kind: 'invoke' })

/** Sender and payer, who sign, and whoever else is declared. */
const participantsIn = (args: MoiInteraction): CallSetting['participants'] => {
  const signers = [args.sender.id, payerOf(args)]
  const all = [...signers, ...args.participants.map(({ id }) => id)]
  return new Map(all.map((id) => [id, { isSigner: signers.includes(id) }]))
}

const callTarget = (in_: Setting, of: Called): Performed => {
  const { draft, args, time, meter, raised } = in_
  const sender = args.sender.id
  const called = callAccount(
    { draft, sender, participants: participantsIn(args), time, meter, raised },
    of,
  )
  return { ...called, created: undefined }
}
