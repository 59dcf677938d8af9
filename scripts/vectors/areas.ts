/** All areas, in the order of the layers. */
import type { Area } from './case.ts'
import { bundleArea } from './area-bundle.ts'
import { charterArea } from './area-charter.ts'
import { bilateralArea } from './area-bilateral.ts'
import { cardArea } from './area-card.ts'
import { chainArea } from './area-chain.ts'
import { codecArea } from './area-codec.ts'
import { custodiansArea } from './area-custodians.ts'
import { devicesArea } from './area-devices.ts'
import { directoryArea } from './area-directory.ts'
import { edgeArea } from './area-edge.ts'
import { expressionArea } from './area-expression.ts'
import { hashArea } from './area-hash.ts'
import { identityArea } from './area-identity.ts'
import { statechartArea } from './area-statechart.ts'
import { statementArea } from './area-statement.ts'
import { kramaArea } from './area-krama.ts'
import { ledgerArea } from './area-ledger.ts'
import { moiExecutionArea } from './area-moi-execution.ts'
import { moiArea } from './area-moi.ts'
import { nostrArea } from './area-nostr.ts'
import { offlineArea } from './area-offline.ts'
import { oracleArea } from './area-oracle.ts'
import { partyArea } from './area-party.ts'
import { poloArea } from './area-polo.ts'
import { recordArea } from './area-record.ts'
import { recoveryArea } from './area-recovery.ts'
import { roundsArea } from './area-rounds.ts'
import { sharedArea } from './area-shared.ts'
import { stateArea } from './area-state.ts'
import { transitionArea } from './area-transition.ts'
import { vaultArea } from './area-vault.ts'

export const areas = (): readonly Area[] => [
  codecArea(),
  hashArea(),
  edgeArea(),
  stateArea(),
  identityArea(),
  devicesArea(),
  recoveryArea(),
  charterArea(),
  transitionArea(),
  statementArea(),
  ledgerArea(),
  vaultArea(),
  recordArea(),
  oracleArea(),
  expressionArea(),
  statechartArea(),
  bilateralArea(),
  partyArea(),
  directoryArea(),
  sharedArea(),
  custodiansArea(),
  roundsArea(),
  kramaArea(),
  chainArea(),
  bundleArea(),
  cardArea(),
  offlineArea(),
  nostrArea(),
  poloArea(),
  moiArea(),
  moiExecutionArea(),
]
