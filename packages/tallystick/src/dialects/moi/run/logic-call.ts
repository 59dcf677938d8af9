/**
 * Calls of logics: what they find around them in an interaction, and what becomes of their ends.
 *
 * Promise. A logic changes its own state, its own part of participants' accounts, and, if it is an asset's, the asset by the
 * engine's rules; all of it only where the interaction holds the account for writing. A logic that calls another waits for it, and
 * a call that does not succeed changes nothing.
 *
 * Whoever sent the interaction is the sender in every logic that it comes to. So a logic that is called can move what the sender
 * has of an asset, if the interaction declares that asset and those that get it: declare what is meant to move.
 */
import { Fault, faultFrom, isFault } from '../../../base/fault.ts'
import {
  bytesFromMoiId,
  hexFromMoiId,
  kindOfMoiId,
  type MoiId,
  moiIdFromBytes,
} from '../identifier.ts'
import { callLogic } from '../pisa/call-logic.ts'
import type { EmittedEvent } from '../pisa/frame.ts'
import type { CallOutcome, CrossCall, Meter, PisaHost } from '../pisa/host.ts'
import type { SlotStore } from '../pisa/value.ts'
import { accountOf, exception } from './account.ts'
import { assetOf, type Engine } from './asset-engine.ts'
import { callAsset } from './asset-host.ts'
import { isQuestionRoutine, type Outcome, type Routine, runRoutine } from './asset-routine.ts'
import type { Draft } from './draft.ts'
import { exhausted } from './fuel.ts'
import { actorPath, statePath } from './layout.ts'
import type { Log } from './log.ts'
import { logicOf, programOf } from './manifest-store.ts'

/** What every call of an interaction happens in. */
export type CallSetting = {
  readonly draft: Draft
  readonly sender: MoiId
  /** Those that the interaction declares, sender and payer among them. */
  readonly participants: ReadonlyMap<MoiId, { readonly isSigner: boolean }>
  readonly time: bigint
  readonly meter: Meter
  /** Where the POLO of an exception is left for the receipt. */
  readonly raised: { error: Uint8Array | undefined }
}

export type CallKind = 'deploy' | 'invoke' | 'enlist'

export type Called = Routine & { readonly target: MoiId; readonly kind: CallKind }

/** Calls a logic or an asset. Raises `moi/exception`, `moi/defect` or `moi/exhausted`. */
export const callAccount = (in_: CallSetting, of: Called): Outcome => {
  const outcome = outcomeOf(in_, of, { depth: 0 })
  switch (outcome.is) {
    case 'ok':
      return {
        outputs: outcome.outputs,
        logs: outcome.events.map((one) => logFrom(in_.draft, one)),
      }
    case 'exception':
      in_.raised.error = outcome.error
      throw exception(outcome.exception.error)
    case 'defect':
      throw new Fault('moi/defect', outcome.message)
    case 'exhausted':
      throw exhausted(in_.meter)
  }
}

/** Attack: a log on an account that takes no part would have no place to be found at. Raises `moi/defect`. */
const logFrom = (draft: Draft, { account, topics, data }: EmittedEvent): Log => {
  const id = moiIdFromBytes(account)
  if (draft.exists(id)) return { account: id, topics, data }
  throw new Fault(
    'moi/defect',
    `${hexFromMoiId(id)} does not exist, and an event was to be told there`,
  )
}

type Around = { readonly depth: number; readonly caller?: MoiId }

const outcomeOf = (in_: CallSetting, of: Called, around: Around): CallOutcome => {
  const { draft } = in_
  const isAsset = kindOfMoiId(of.target) === 'asset'
  if (!accountOf(draft.read, of.target)) {
    throw exception(`${isAsset ? 'asset' : 'logic'} not found: ${hexFromMoiId(of.target)}`)
  }
  const engine = isAsset ? engineOf(in_, of) : undefined
  if (engine && of.kind === 'invoke' && !isProgrammed(draft, of)) return builtIn(engine, of)
  return callLogic({
    program: programOf(draft.read, of.target),
    callsite: of.callsite,
    kind: of.kind,
    calldata: of.calldata,
    sender: in_.sender,
    host: hostOf(in_, of.target, { engine, ...around }),
    meter: in_.meter,
    depth: around.depth,
  })
}

/** An asset's own logic comes first; it need not answer the questions that every asset answers. */
const isProgrammed = (draft: Draft, { target, callsite }: Called): boolean => {
  if (!logicOf(draft.read, target)) return false
  return programOf(draft.read, target).callsites.has(callsite) || !isQuestionRoutine(callsite)
}

const engineOf = (in_: CallSetting, { target, kind }: Called): Engine => {
  const { draft, sender, time } = in_
  const record = assetOf(draft.read, target)
  if (!record) throw exception(`asset not found: ${hexFromMoiId(target)}`)
  return { draft, asset: target, record, sender, time, isCreating: kind === 'deploy' }
}

const builtIn = (engine: Engine, of: Routine): CallOutcome => {
  const { outputs, logs } = runRoutine(engine, of)
  const events = logs.map((log) => ({ ...log, account: bytesFromMoiId(log.account) }))
  return { is: 'ok', outputs, events }
}

const hostOf = (
  in_: CallSetting,
  logic: MoiId,
  around: Around & { readonly engine: Engine | undefined },
): PisaHost => {
  const { draft } = in_
  const { engine, caller } = around
  return {
    logic,
    logicState: storeAt(draft, logic, statePath),
    actorState: (id) =>
      isActor(draft, id) ? storeAt(draft, id, (key) => actorPath(logic, key)) : undefined,
    ...(engine && { asset: { call: (code, args) => callAsset(engine, code, args) } }),
    call: (of) => crossCall(in_, logic, of),
    stateOf: (id) => stateOf(draft, id),
    participant: (id) => in_.participants.get(id),
    ...(caller && { caller }),
    time: in_.time,
  }
}

/** Whether a logic can keep something there: a participant that exists and is declared. */
const isActor = (draft: Draft, id: MoiId): boolean => {
  const account = faultFrom(() => accountOf(draft.read, id))
  return !isFault(account) && account?.kind === 'participant'
}

/** What another logic keeps, to read; it is declared like one that is called. */
const stateOf = (draft: Draft, id: MoiId): SlotStore['read'] | undefined => {
  const logic = faultFrom(() => logicOf(draft.read, id))
  if (isFault(logic) || !logic) return undefined
  return (key) => draft.read(id, statePath(key))
}

const storeAt = (
  draft: Draft,
  account: MoiId,
  pathOf: (key: Uint8Array) => readonly (string | Uint8Array)[],
): SlotStore => ({
  read: (key) => draft.read(account, pathOf(key)),
  write: (key, value) => draft.write(account, pathOf(key), value),
})

/** On a draft of its own, which is kept if all went well. */
const crossCall = (in_: CallSetting, caller: MoiId, of: CrossCall): CallOutcome => {
  const done = faultFrom(() => {
    const { draft, keep } = in_.draft.fork()
    const called = { ...of, kind: 'invoke' } as const
    if (of.mode === 'static' && isDynamic(draft, called)) {
      throw new Fault('moi/defect', `${of.callsite} is not static`)
    }
    const outcome = outcomeOf({ ...in_, draft, meter: of.meter }, called, {
      depth: of.depth,
      caller,
    })
    if (outcome.is === 'ok') keep()
    return outcome
  })
  if (!isFault(done)) return done
  if (done.code !== 'moi/exception') return { is: 'defect', message: done.message }
  const raised = { class: 'string', error: done.message, revert: false, trace: [] }
  return { is: 'exception', exception: raised, error: new Uint8Array() }
}

const isDynamic = (draft: Draft, of: Called): boolean =>
  isProgrammed(draft, of)
    ? programOf(draft.read, of.target).callsites.get(of.callsite)?.mode === 'dynamic'
    : !isQuestionRoutine(of.callsite)
