/** An operator, assembled: what its routes work with. No network here; `start-operator.ts` puts one around it. */
import type { SignerId, SuiteId, Verifier } from 'tallystick/base'
import type { PrepareKey } from 'tallystick/engine-native'
import { type LogicRegistry, type ModelRegistry, signerOf } from 'tallystick/kernel'
import type { Store, StoreStatus } from '../store/store.ts'
import { type Accusations, createAccusations } from './accusations.ts'
import { type Charters, createCharters } from './charters.ts'
import { createHealing, type Healing } from './healing.ts'
import { createHeads, type Heads } from './heads.ts'
import { createIdentities, type Identities } from './identities.ts'
import { createInboxes, type Inboxes } from './inbox.ts'
import type { ServerLimits } from './limits.ts'
import type { OperatorLogger } from './log.ts'
import { createMachines, type Machines } from './machines.ts'
import type { Metrics } from './metrics.ts'
import { createNews, type News } from './news.ts'
import type { OperatorKey } from './operator-key.ts'
import {
  createLatePeerAudits,
  createPeerAudits,
  type PeerAudits,
  type PeerAuditsOptions,
} from './peer-audits.ts'
import { createSharedMachines, type PeerOperator, type SharedMachines } from './shared.ts'
import { createSignatureChecks, type SignatureChecks } from './signature-checks.ts'
import { createSteps, type Steps, VOWS } from './steps.ts'
import { createTakeovers, type Takeovers } from './takeovers.ts'
import { createVowLog, type VowLog } from './vow-log.ts'

export type Operator = {
  readonly name: string
  readonly key: OperatorKey
  readonly store: Store
  readonly verifier: Verifier
  readonly limits: ServerLimits
  readonly clock: () => bigint
  readonly checks: SignatureChecks
  readonly charters: Charters
  readonly accusations: Accusations
  readonly steps: Steps
  readonly heads: Heads
  readonly machines: Machines
  readonly inboxes: Inboxes
  readonly vowLog: VowLog
  readonly shared: SharedMachines
  readonly takeovers: Takeovers
  readonly identities: Identities
  readonly healing: Healing
  readonly peerAudits: PeerAudits
  readonly news: News
  readonly log: OperatorLogger
  readonly metrics: Metrics
  readonly readiness: () => Readiness
  /** From now on it is not ready, because it stops or has to be stopped, and takes part in no round. */
  readonly stop: (why?: 'stopping' | 'stopped') => void
  /** Takes up other operators while it runs, if it knows none yet: from then on it sends to them and audits them. */
  readonly meet: (others: Others) => Promise<void>
}

export type Others = Pick<OperatorParts, 'peers' | 'auditing'>

/** Why no work should be sent here, if so. */
export type Readiness = 'ready' | 'stopping' | Exclude<StoreStatus['is'], 'open'>

export type OperatorParts = {
  readonly name: string
  readonly key: OperatorKey
  /** Of the machines that it certifies: its checkpoints are hashed in it. */
  readonly suite: SuiteId
  readonly store: Store
  readonly verifier: Verifier
  readonly prepare: PrepareKey
  readonly models: ModelRegistry
  readonly logics: LogicRegistry
  readonly peers: readonly PeerOperator[]
  /** Other operators whose keys are known, and how they are reached. */
  readonly auditing: Pick<PeerAuditsOptions, 'operators' | 'directory'>
  readonly limits: ServerLimits
  readonly clock: () => bigint
  readonly log: OperatorLogger
  readonly metrics: Metrics
}

export const assembleOperator = (parts: OperatorParts): Operator => {
  const { store, limits } = parts
  const checks = createSignatureChecks(limits)
  const charters = createCharters(parts)
  const watched = new Map<SignerId, string>(namesIn(parts.auditing))
  const peers = [...parts.peers]
  const accusations = createAccusations({ ...parts, watched })
  const healing = createHealing(parts)
  const heads = createHeads({ store, journal: VOWS, limits })
  const news = createNews()
  const shared = { ...parts, peers, checks, charters, accusations, heads, healing, news }
  const steps = createSteps(shared)
  const machines = createMachines({ ...shared, steps })
  const inboxes = createInboxes(shared)
  const vowLog = createVowLog({
    ...parts,
    journal: VOWS,
    checkpointMs: limits.checkpointMs,
    clockMs: () => performance.now(),
    sizeMax: healing.logSize,
  })
  const identities = createIdentities(shared)
  const sharedMachines = createSharedMachines(shared)
  const audits = createLatePeerAudits(
    (auditing) => createPeerAudits({ ...shared, ...auditing, machines }),
    parts.auditing,
  )
  const { peerAudits } = audits
  let stopped: Readiness | undefined
  const takeovers = createTakeovers({ ...shared, shared: sharedMachines, journal: VOWS })
  return {
    ...parts,
    checks,
    charters,
    accusations,
    steps,
    heads,
    machines,
    inboxes,
    vowLog,
    shared: sharedMachines,
    takeovers,
    identities,
    healing,
    peerAudits,
    news,
    readiness: () => {
      const { is } = store.status()
      return stopped ?? (is === 'open' ? 'ready' : is)
    },
    stop: (why = 'stopping') => {
      stopped = why
      sharedMachines.close()
      peerAudits.close()
    },
    meet: async (others) => {
      if (peers.length > 0) return
      peers.push(...others.peers)
      for (const [signer, name] of namesIn(others.auditing)) watched.set(signer, name)
      await audits.meet(others.auditing)
    },
  }
}

const namesIn = ({
  operators,
}: OperatorParts['auditing']): readonly (readonly [SignerId, string])[] =>
  operators.map((one) => [signerOf(one.suite, one), one.name])
