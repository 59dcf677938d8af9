/**
 * Key logs: who acts for an identity, worked out from its events.
 *
 * Safety. Each event is signed by enough of those who may make it (`key-event.ts`), and what may follow was fixed before:
 * keys come into use only if their hashes stood in the reserve, or if the reserve that may recover signed for
 * them. So a thief of the keys in use can change devices until the next rotation and nothing else: rotating and
 * recovering need keys that were never used, and the reserves themselves change only with those. After a rotation or a
 * recovery the thief's keys sign nothing. Who may recover, once named, is changed only by them: whoever steals everything
 * else is undone by a recovery.
 *
 * A key has one use, once. A key that was in use, or is a device's, is never promised again (attack: a reserve that a
 * thief can already sign for), and no event may leave keys or a reserve whose weights do not reach their threshold.
 *
 * Liveness. Whoever holds enough of a reserve can always make the event that brings it into use: the last places of a log
 * are left to such events, so that a thief cannot fill it.
 *
 * Not promised. A log does not show that it is the newest, nor that there is no other one. Two events with one number
 * are evidence against the keys that signed both (`key-evidence.ts`); which came first is for those to say who keep the
 * first that they see (`key-head.ts`).
 */
import { type SignerId, zeroId } from '../base/brand.ts'
import { equalBytes } from '../base/bytes.ts'
import { Fault, isFault } from '../base/fault.ts'
import { KEY_EVENTS_MAX, KEY_EVENTS_RESERVED } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import type { Verifier } from '../base/verifier.ts'
import { checkController, type Controller, type Key } from './controller.ts'
import {
  activeDevice,
  changeDevices,
  type DeviceTree,
  deviceTreeRoot,
  emptyDeviceTree,
} from './device-tree.ts'
import {
  type Authority,
  type IdentityId,
  type KeyEvent,
  type KeyEventId,
  keyEventId,
  keyEventMessage,
  type SignedKeyEvent,
} from './key-event.ts'
import { reachesQuorum, type Quorum } from './quorum.ts'
import { checkReserve, checkReveal, type NextKeyId, nextKeyId, reserve } from './reserve.ts'

/** An identity after an event. */
export type KeyState = Authority & {
  readonly suite: SuiteId
  readonly identity: IdentityId
  readonly sequence: number
  /** Id of the event. */
  readonly head: KeyEventId
  readonly devices: DeviceTree
  /** Every key that was ever shown, of devices and others: none of them comes again. */
  readonly shown: ReadonlySet<NextKeyId>
  /** How often the identity was recovered. */
  readonly recoveries: number
}

/**
 * The identity at the end of a log, or the first fault in it, whose place names the event as its step. The fault is
 * `key-log/empty` or one of `applyKeyEvent`.
 */
export const judgeKeyLog = (
  log: readonly SignedKeyEvent[],
  verifier: Verifier,
): KeyState | Fault => {
  let state: KeyState | undefined
  for (const [step, signed] of log.entries()) {
    const next = applyKeyEvent(state, signed, verifier)
    if (isFault(next)) return next.at({ step })
    state = next
  }
  return state ?? new Fault('key-log/empty', 'an identity has at least one event')
}

/**
 * The identity after one more event; `before` is missing for the first. Checks what is cheap first: place, kind, keys,
 * devices, then signatures. Returns `key-log/full`, `key-log/reserved`, `key-log/wrong-sequence`,
 * `key-log/wrong-previous`, `key-log/wrong-identity`, `key-log/suite-changed`, `key-log/wrong-change`,
 * `key-log/recovery-changed`,
 * `key-log/key-reused`, `key-log/wrong-tree`, `key-log/not-signed`, `key-log/bad-signature`, and the faults of controllers,
 * reserves and device trees.
 */
export const applyKeyEvent = (
  before: KeyState | undefined,
  signed: SignedKeyEvent,
  verifier: Verifier,
): KeyState | Fault => {
  const { event } = signed
  const fault = checkPlace(before, event) ?? checkChange(before, event, verifier)
  if (fault) return fault
  const tree = before?.devices ?? emptyDeviceTree(event.suite)
  const devices = changeDevices(tree, event.sequence, event.devices, verifier)
  if (isFault(devices)) return devices
  if (deviceTreeRoot(devices) !== event.tree) {
    return new Fault('key-log/wrong-tree', 'the event names another device tree than it leads to')
  }
  const authority = event.change.is === 'devices' ? before : event.change
  // `checkPlace` lets no log begin with a change of devices.
  if (!authority) return new Fault('key-log/wrong-change', 'a log begins with an inception')
  const head = keyEventId(event)
  const after: KeyState = {
    suite: event.suite,
    identity: before?.identity ?? head,
    sequence: event.sequence,
    head,
    keys: authority.keys,
    next: authority.next,
    recovery: authority.recovery,
    devices,
    shown: new Set([...(before?.shown ?? []), ...keysShownBy(event)]),
    recoveries: (before?.recoveries ?? 0) + (event.change.is === 'recover' ? 1 : 0),
  }
  return checkReuse(before, after, event) ?? checkSignatures(before, signed, verifier) ?? after
}

/**
 * The event that would make this change, to be signed. Returns the faults of device trees; whether the event would be
 * accepted is for `applyKeyEvent` to say, once it is signed.
 */
export const draftKeyEvent = (
  before: KeyState | undefined,
  of: Pick<KeyEvent, 'suite' | 'change' | 'devices'>,
  verifier: Verifier,
): KeyEvent | Fault => {
  const sequence = before ? before.sequence + 1 : 0
  const tree = before?.devices ?? emptyDeviceTree(of.suite)
  const devices = changeDevices(tree, sequence, of.devices, verifier)
  if (isFault(devices)) return devices
  return {
    suite: of.suite,
    identity: before?.identity ?? zeroId(),
    sequence,
    previous: before?.head ?? zeroId(),
    change: of.change,
    devices: of.devices,
    tree: deviceTreeRoot(devices),
  }
}

/**
 * Whose signatures an event needs: the keys in their order, and sets that must all be reached. `inUse` is missing for the
 * inception.
 */
export const signersOf = (event: KeyEvent, inUse: Controller | undefined): Quorum => {
  const { change } = event
  switch (change.is) {
    case 'incept':
    case 'rotate':
      return quorumOf([change.keys])
    case 'devices':
      return quorumOf(inUse ? [inUse] : [])
    case 'recover':
      return quorumOf([change.by, change.keys])
  }
}

/** Whether a device acted for the identity after an event; a revoked one does not, from that event on. */
export const isDeviceOf = (of: KeyState, device: SignerId): boolean =>
  activeDevice(of.devices, device) !== undefined

const quorumOf = (controllers: readonly Controller[]): Quorum => {
  const signers: Key[] = []
  const sets = controllers.map(({ keys, threshold }) => {
    const seats = keys.map(({ weight }, at) => ({ signer: signers.length + at, weight }))
    signers.push(...keys)
    return { seats, threshold, faulty: 0 }
  })
  return { signers: signers.map((one) => ({ ...one, name: '' })), sets }
}

const checkPlace = (before: KeyState | undefined, event: KeyEvent): Fault | undefined => {
  const sequence = before ? before.sequence + 1 : 0
  if (event.sequence !== sequence) {
    const says = `event ${event.sequence} where ${sequence} belongs`
    return new Fault('key-log/wrong-sequence', says)
  }
  if (event.previous !== (before?.head ?? zeroId())) {
    return new Fault('key-log/wrong-previous', `event ${sequence} links another event before it`)
  }
  if (event.identity !== (before?.identity ?? zeroId())) {
    return new Fault('key-log/wrong-identity', 'the event is of another identity')
  }
  if (before && event.suite !== before.suite) {
    return new Fault('key-log/suite-changed', `${before.suite} became ${event.suite}`)
  }
  if ((event.change.is === 'incept') !== (before === undefined)) {
    return new Fault('key-log/wrong-change', 'a log begins with an inception and has no other one')
  }
  if (sequence >= KEY_EVENTS_MAX) {
    return new Fault('key-log/full', `a log has at most ${KEY_EVENTS_MAX} events`)
  }
  const isReserved = sequence >= KEY_EVENTS_MAX - KEY_EVENTS_RESERVED
  return isReserved && event.change.is === 'devices'
    ? new Fault('key-log/reserved', 'what is left of the log is for rotations and recoveries')
    : undefined
}

const checkChange = (
  before: KeyState | undefined,
  event: KeyEvent,
  verifier: Verifier,
): Fault | undefined => {
  const { change, suite } = event
  if (change.is === 'devices') {
    const { revoke, revokeGroups, add } = event.devices
    return revoke.length + revokeGroups.length + add.length > 0
      ? undefined
      : new Fault('key-log/wrong-change', 'an event that changes nothing')
  }
  const fault =
    checkController(suite, change.keys, verifier, 'root') ??
    checkReserve(change.next) ??
    (change.recovery && checkReserve(change.recovery))
  if (fault || !before) return fault
  if (change.is === 'rotate') {
    return checkReveal(suite, before.next, change.keys) ?? checkRecoveryKept(before, change)
  }
  if (change.is !== 'recover') return undefined
  if (!before.recovery) {
    return new Fault('key-log/wrong-change', 'this identity named nobody who may recover it')
  }
  return (
    checkController(suite, change.by, verifier, 'root') ??
    checkReveal(suite, before.recovery, change.by)
  )
}

/**
 * Who may recover is named once; from then on only they change it. A thief who has the next keys too, as where both lie in
 * one file, can rotate, and is undone by a recovery.
 */
const checkRecoveryKept = (before: KeyState, after: Authority): Fault | undefined => {
  if (!before.recovery) return undefined
  const isKept =
    after.recovery !== undefined &&
    equalBytes(reserve.encode(before.recovery), reserve.encode(after.recovery))
  return isKept
    ? undefined
    : new Fault('key-log/recovery-changed', 'only a recovery changes who may recover')
}

/** The hashes of the keys that an event shows for the first time; one that it shows twice stands here twice. */
const keysShownBy = ({ suite, change, devices }: KeyEvent): readonly NextKeyId[] => [
  ...(change.is === 'recover' ? change.by.keys : []).map((one) => nextKeyId(suite, one)),
  ...(change.is === 'devices' ? [] : change.keys.keys).map((one) => nextKeyId(suite, one)),
  ...devices.add.map((one) => nextKeyId(suite, one.key)),
]

const checkReuse = (
  before: KeyState | undefined,
  after: KeyState,
  event: KeyEvent,
): Fault | undefined => {
  const seen = new Set(before?.shown)
  for (const key of keysShownBy(event)) {
    if (seen.has(key)) {
      return new Fault('key-log/key-reused', 'a key comes into use that was in use before')
    }
    seen.add(key)
  }
  const promised = new Set<NextKeyId>()
  for (const { id } of [...after.next.keys, ...(after.recovery?.keys ?? [])]) {
    if (seen.has(id)) {
      return new Fault('key-log/key-reused', 'a key is promised that was shown already')
    }
    if (promised.has(id)) {
      return new Fault(
        'key-log/key-reused',
        'a key is promised for both the next rotation and recovery',
      )
    }
    promised.add(id)
  }
  return undefined
}

/** Order and positions, then whether they are enough, then each signature. */
const checkSignatures = (
  before: KeyState | undefined,
  { event, signatures }: SignedKeyEvent,
  verifier: Verifier,
): Fault | undefined => {
  const quorum = signersOf(event, before?.keys)
  let last = -1
  for (const { signer } of signatures) {
    if (signer <= last || signer >= quorum.signers.length) {
      const says = `signer ${signer} is none, stands twice or out of order`
      return new Fault('key-log/not-signed', says)
    }
    last = signer
  }
  if (
    !reachesQuorum(
      quorum,
      signatures.map((one) => one.signer),
    )
  ) {
    const says = `event ${event.sequence} is not signed by enough of those who may make it`
    return new Fault('key-log/not-signed', says)
  }
  const message = keyEventMessage(event)
  const bad = signatures.find(({ signer, signature }) => {
    const key = quorum.signers[signer]
    return !key || !verifier.verify(key.scheme, key.publicKey, message, signature)
  })
  return bad
    ? new Fault(
        'key-log/bad-signature',
        `event ${event.sequence} is not signed by the key it names`,
        {
          part: `signature ${bad.signer}`,
        },
      )
    : undefined
}
