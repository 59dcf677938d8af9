/**
 * What an operator shows of machines: kept steps, heads, and the certificates that were handed to it.
 *
 * A certificate is checked before it is kept, against the step that this operator keeps and the policy that the charter names.
 * The first one of a step stays; all that are valid say the same. What is shown was durable before.
 */
import {
  bytesFromId,
  Fault,
  type MachineId,
  SUBMISSIONS_MAX,
  type SignerKey,
  u64,
  type Verifier,
} from 'tallystick/base'
import type { PreparedKey, PrepareKey } from 'tallystick/engine-native'
import type { Transition } from 'tallystick/kernel'
import {
  type Certified,
  type CertifiedHeader,
  DIRECTORY,
  directory,
  directoryCertificate,
  type DirectoryCertificate,
  directoryPolicy,
  type KeptStep,
  keptStep,
  type MachineHead,
  machineHead,
  submission,
  termsAt,
  vowKey,
} from 'tallystick/models'
import type { Put, Store } from '../store/store.ts'
import { setBounded } from './bounded-map.ts'
import type { Charters, Served } from './charters.ts'
import type { Healing } from './healing.ts'
import { CERTIFIED_HEADS, type Heads } from './heads.ts'
import type { ServerLimits } from './limits.ts'
import type { News } from './news.ts'
import type { CheckResult, SignatureChecks } from './signature-checks.ts'
import { type Steps, type Submitter, VOWS } from './steps.ts'

const CERTIFICATES = 'certificates'
const NO_CERTIFICATE = new Uint8Array(0)

export type Machines = {
  /** A `machineHead` in bytes, which are made once for as long as the head stays what it is. */
  readonly headBytesOf: (machine: MachineId) => Promise<Uint8Array | undefined>
  readonly stepAt: (served: Served, sequence: bigint) => Promise<KeptStep | undefined>
  /**
   * Kept steps from a position on, as many as fit an answer, at least one if there is one; and the position to go on from,
   * which is above the newest step where nothing is left.
   */
  readonly stepsFrom: (
    machine: MachineId,
    from: bigint,
    limit: number,
  ) => Promise<{ readonly steps: readonly KeptStep[]; readonly next: bigint } | undefined>
  readonly certificateOf: (machine: MachineId, sequence: bigint) => Promise<Uint8Array | undefined>
  /** Keeps a certificate. Raises `operator/unknown-machine`, `operator/unknown-step` or why it is not final. */
  readonly certify: (peer: Submitter, of: Certified) => Promise<void>
  /** Learns from a certificate how far a machine has got, whether the step is kept here or not. Raises as `certify` does. */
  readonly learn: (peer: Submitter, of: CertifiedHeader) => Promise<void>
}

type ShownHead = {
  readonly newest: bigint
  readonly certifiedAt: bigint
  readonly bytes: Uint8Array
}

/** Heads whose bytes are kept: about 3 KB each, more with post-quantum signatures. */
const HEADS_SHOWN = 1024

export type MachinesOptions = {
  readonly store: Store
  readonly charters: Charters
  readonly heads: Heads
  readonly steps: Steps
  readonly healing: Healing
  readonly checks: SignatureChecks
  readonly prepare: PrepareKey
  readonly news: News
  readonly limits: ServerLimits
}

export const createMachines = (options: MachinesOptions): Machines => {
  const { store, charters, heads } = options
  const stepAt = async (served: Served, sequence: bigint): Promise<KeptStep | undefined> => {
    const { machine } = served
    const [entry, certificate] = await Promise.all([
      store.find(VOWS, vowKey({ machine, sequence })),
      store.get(CERTIFICATES, vowKey({ machine, sequence })),
    ])
    if (!entry) return undefined
    const of = submission.decode(entry.value)
    const receipt = options.steps.receiptFor(served, entry, of)
    return { submission: of, receipt, certificate: certificate?.value ?? NO_CERTIFICATE }
  }
  const certified = createCertifiedHeads(options)
  const headAt = async (
    machine: MachineId,
    [newest, certifiedAt]: readonly [bigint | undefined, bigint],
  ): Promise<MachineHead | undefined> => {
    const served = await charters.find(machine)
    if (!served || newest === undefined) return undefined
    const [vowed, certified] = await Promise.all([
      stepAt(served, newest),
      certifiedAt === 0n ? undefined : stepAt(served, certifiedAt),
    ])
    return vowed && { vowed, certified }
  }
  // Both positions only grow, and what is shown of a position never changes once they stand.
  const shown = new Map<MachineId, ShownHead>()
  const keyOf = createOperatorKeys(options)
  const certify = createCertify(options, certified, stepAt, keyOf)
  return {
    headBytesOf: async (machine) => {
      const at = [
        heads.newestKnown(machine) ?? (await heads.newest(machine)),
        certified.newestKnown(machine) ?? (await certified.newest(machine)),
      ] as const
      const known = shown.get(machine)
      if (known && known.newest === at[0] && known.certifiedAt === at[1]) return known.bytes
      const head = await headAt(machine, at)
      if (!head || at[0] === undefined) return undefined
      const bytes = machineHead.encode(head)
      const fresh = { newest: at[0], certifiedAt: at[1], bytes }
      setBounded(shown, machine, fresh, HEADS_SHOWN)
      return bytes
    },
    stepAt,
    stepsFrom: async (machine, from, limit) => {
      const served = await charters.find(machine)
      if (!served) return undefined
      const newest = await heads.newest(machine)
      if (newest === undefined) return { steps: [], next: from }
      const { steps, next } = await pageOf(
        (at) => stepAt(served, at),
        { from, newest, limit: Math.min(limit, SUBMISSIONS_MAX) },
        options.limits.answerBytes,
      )
      return { steps, next }
    },
    certificateOf: async (machine, sequence) =>
      (await store.get(CERTIFICATES, vowKey({ machine, sequence })))?.value,
    certify,
    learn: (peer, of) => learn(options, peer, of, keyOf),
  }
}

const learn = async (
  options: MachinesOptions,
  peer: Submitter,
  { transition, certificate }: CertifiedHeader,
  keyOf: Operators,
): Promise<void> => {
  const { machine, sequence } = transition
  const served = await options.charters.find(machine)
  if (!served) {
    throw new Fault('operator/unknown-machine', 'no charter was handed over', { machine })
  }
  await checkCertificate(options, peer, { served, transition, certificate, keyOf })
  await options.healing.raiseMark({ machine, sequence })
}

type Range = { readonly from: bigint; readonly newest: bigint; readonly limit: number }

/** Positions without a step count as looked at: one page looks at no more than four times its limit. */
const LOOKS_EACH = 4

const pageOf = async (
  stepAt: (sequence: bigint) => Promise<KeptStep | undefined>,
  { from, newest, limit }: Range,
  bytesMax: number,
): Promise<{ readonly steps: readonly KeptStep[]; readonly next: bigint }> => {
  const steps: KeptStep[] = []
  let size = 0
  let at = from === 0n ? 1n : from
  const last = at + BigInt(limit * LOOKS_EACH)
  for (; at <= newest && at < last && steps.length < limit; at++) {
    const step = await stepAt(at)
    if (!step) continue
    size += keptStep.encode(step).length
    if (steps.length > 0 && size > bytesMax) break
    steps.push(step)
  }
  return { steps, next: at }
}

type CertifiedHeads = {
  /** The highest position with a certificate, where that is known without a look at the store. */
  readonly newestKnown: (machine: MachineId) => bigint | undefined
  /** The highest position with a certificate; 0 where there is none. */
  readonly newest: (machine: MachineId) => Promise<bigint>
  /** After the certificate was stored, and the head with it. */
  readonly raise: (machine: MachineId, sequence: bigint) => void
}

const createCertifiedHeads = ({ store, limits }: MachinesOptions): CertifiedHeads => {
  // Not looked at where other processes may have stored later ones.
  const known = new Map<MachineId, bigint>()
  const raise = (machine: MachineId, sequence: bigint): bigint => {
    const before = known.get(machine) ?? 0n
    const newest = sequence > before ? sequence : before
    setBounded(known, machine, newest, limits.headsKept)
    return newest
  }
  return {
    newestKnown: (machine) => (store.isShared ? undefined : known.get(machine)),
    newest: async (machine) => {
      const record = await store.get(CERTIFIED_HEADS, bytesFromId(machine))
      // A later one may have been stored meanwhile.
      return raise(machine, record ? u64.decode(record.value) : 0n)
    },
    raise,
  }
}

const createCertify = (
  options: MachinesOptions,
  heads: CertifiedHeads,
  stepAt: (served: Served, sequence: bigint) => Promise<KeptStep | undefined>,
  keyOf: Operators,
): Machines['certify'] => {
  const { store, charters } = options
  return async (peer, { machine, sequence, certificate }) => {
    const place = { machine, step: sequence }
    const served = await charters.find(machine)
    if (!served) throw new Fault('operator/unknown-machine', 'no charter was handed over', place)
    const key = vowKey({ machine, sequence })
    if (await store.get(CERTIFICATES, key)) return
    const step = await stepAt(served, sequence)
    if (!step) throw new Fault('operator/unknown-step', 'no such step is kept here', place)
    await checkCertificate(options, peer, {
      served,
      transition: step.submission.transition,
      certificate,
      keyOf,
    })
    for (;;) {
      const head = await headPut(store, machine, sequence)
      const kept: Put = { space: CERTIFICATES, key, value: certificate, ifVersion: 0n }
      const outcome = await store.commit({ appends: [], puts: head ? [kept, head] : [kept] })
      // Somebody else has handed it over meanwhile, or a later one: then the head is to be looked at again.
      if (outcome.is === 'stored' && head) heads.raise(machine, sequence)
      if (outcome.is === 'stored' || (outcome.is === 'stale' && outcome.put === 0)) break
    }
    options.news.tell(machine)
  }
}

/** The record of the newest certified step, if this one is newer. */
const headPut = async (
  store: Store,
  machine: MachineId,
  sequence: bigint,
): Promise<Put | undefined> => {
  const key = bytesFromId(machine)
  const record = await store.get(CERTIFIED_HEADS, key)
  if (record && u64.decode(record.value) >= sequence) return undefined
  const value = u64.encode(sequence)
  return { space: CERTIFIED_HEADS, key, value, ifVersion: record?.version ?? 0n }
}

type Operators = (of: SignerKey) => (SignerKey & PreparedKey) | undefined

/** Operators' keys, prepared once. */
const createOperatorKeys = ({ prepare, limits }: MachinesOptions): Operators => {
  const known = new Map<string, SignerKey & PreparedKey>()
  return (of) => {
    const name = `${of.scheme} ${Buffer.from(of.publicKey).toString('latin1')}`
    const found = known.get(name)
    if (found) return found
    const prepared = prepare(of.scheme, of.publicKey)
    if (!prepared) return undefined
    const key = { scheme: of.scheme, publicKey: of.publicKey, verify: prepared.verify }
    setBounded(known, name, key, limits.charterKeys)
    return key
  }
}

type Checked = {
  readonly served: Served
  readonly transition: Transition
  readonly certificate: Uint8Array
  readonly keyOf: Operators
}

/** First everything but the signatures, then those beside the main thread. */
const checkCertificate = async (
  { checks }: MachinesOptions,
  peer: Submitter,
  { served, transition, certificate, keyOf }: Checked,
): Promise<void> => {
  const place = { machine: transition.machine, step: transition.sequence }
  const asked: {
    readonly key: SignerKey
    readonly digest: Uint8Array
    readonly signature: Uint8Array
  }[] = []
  const noting: Verifier = {
    acceptsKey: () => true,
    verify: (scheme, publicKey, digest, signature) => {
      asked.push({ key: { scheme, publicKey }, digest, signature })
      return true
    },
  }
  const fault = judged(served, transition, directoryCertificate.decode(certificate), noting)
  if (fault) throw fault.at(place)
  const results = await Promise.all(
    asked.map(async ({ key, digest, signature }): Promise<CheckResult> => {
      const prepared = keyOf(key)
      return prepared ? checks.check(peer.line, prepared, digest, signature) : 'bad'
    }),
  )
  if (results.includes('busy')) {
    throw new Fault('request/overloaded', 'too many signatures wait to be checked', place)
  }
  if (results.includes('bad')) {
    peer.onBadSignature()
    throw new Fault('receipt/bad-signature', 'not signed by the named operator', place)
  }
}

const judged = (
  served: Served,
  transition: Transition,
  certificate: DirectoryCertificate,
  verifier: Verifier,
): Fault | undefined => {
  const terms = termsAt(served.terms, transition.sequence)
  if (terms?.policy.kind !== DIRECTORY) {
    return new Fault('operator/not-served', 'no directory certifies this step')
  }
  const verdict = directory.judge({
    terms,
    policy: directoryPolicy.decode(terms.policy.params),
    anchor: {},
    transition,
    certificate,
    known: { verifier, now: undefined, read: () => ({ is: 'unknown' }) },
  })
  switch (verdict.is) {
    case 'final':
      return undefined
    case 'refused':
      return verdict.fault
    case 'pending':
      return new Fault('operator/not-final', 'the certificate has too few receipts')
    case 'contested':
      return new Fault('operator/not-final', 'the step is contested')
  }
}
