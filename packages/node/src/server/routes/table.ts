/** The table of routes: what is here is served, and described in `docs/spec/directory-api.md`. */
import type { Route } from '../route.ts'
import { openCharter, showCharter } from './charters.ts'
import { handEvidence, listEvidence, showEvidence } from './evidence.ts'
import { exchangeGossip, showGossip, showPeers } from './gossip.ts'
import { showHealth, showMetrics, showReadiness } from './health.ts'
import { showKeyLog, submitKeyEvent } from './identities.ts'
import { acknowledgeItems, leaveItem, readItems } from './inbox.ts'
import { showCheckpoint, showGrowth, showInclusion, showLog, showMapped } from './log.ts'
import { showAgreed, tellMember } from './shared.ts'
import { keepCertificate, showCertified, showHead, showSteps, submitSteps } from './steps.ts'
import { takeOver } from './takeovers.ts'
import { changeTerms } from './terms.ts'

export const ROUTES: readonly Route[] = [
  openCharter,
  showCharter,
  changeTerms,
  takeOver,
  submitSteps,
  keepCertificate,
  showCertified,
  showHead,
  showSteps,
  tellMember,
  showAgreed,
  showCheckpoint,
  showLog,
  showGrowth,
  showInclusion,
  showMapped,
  leaveItem,
  readItems,
  acknowledgeItems,
  submitKeyEvent,
  showKeyLog,
  handEvidence,
  listEvidence,
  showEvidence,
  exchangeGossip,
  showGossip,
  showPeers,
  showHealth,
  showReadiness,
  showMetrics,
]
