/** Door: the ways to agree that a step is final. Each judges certificates, and has roles that take part. */
export {
  bilateral,
  bilateralCertificate,
  type BilateralCertificate,
} from '../models/bilateral/certificate.ts'
export {
  bilateralVote,
  type Endorsement,
  type RoundAbort,
  roundAbortStatement,
} from '../models/bilateral/evidence.ts'
export * from '../models/bilateral/message.ts'
export { createParty, type Party } from '../models/bilateral/party.ts'
export { admitBilateral, BILATERAL, BILATERAL_TERMS } from '../models/bilateral/policy.ts'
export {
  createWish,
  isSameMemory,
  lastVowOf,
  type LastVow,
  type PartyConfig,
  type PartyEffect,
  type PartyInput,
  type PartyState,
  type PartyStep,
  provisionalSteps,
  type Signable,
  stepsOf,
  type Wish,
} from '../models/bilateral/state.ts'
export { type Question, type Seat, type Seats, talkAtTable } from '../models/bilateral/table.ts'
export {
  type CustodianCertificate,
  custodianCertificate,
  custodians,
  custodianAcceptance,
} from '../models/custodians/certificate.ts'
export {
  createCustodian,
  CUSTODIAN_ROUNDS,
  type CustodianEffect,
  type CustodianInput,
  type CustodianOptions,
} from '../models/custodians/custodian.ts'
export * from '../models/custodians/custodian-state.ts'
export * from '../models/custodians/evidence.ts'
export * from '../models/custodians/heartbeat.ts'
export {
  admitCustodians,
  type CustodianPolicy,
  custodianPolicy,
  CUSTODIANS,
  custodianTerms,
  type Escalation,
  policyIn,
  policyOf,
  type PolicyWarning,
  warningsOf,
} from '../models/custodians/policy.ts'
export {
  type AccusedByRules,
  convictByRules,
  ruleEvidence,
  type RuleEvidence,
} from '../models/custodians/rule-evidence.ts'
export {
  beginWatcher,
  createWatcher,
  type WatcherEffect,
  type WatcherInput,
  type WatcherOptions,
  type WatcherState,
} from '../models/custodians/watcher.ts'
export * from '../models/directory/amendment.ts'
export * from '../models/rounds/applicant.ts'
export {
  acceptanceFrom,
  certificateFrom,
  directory,
  directoryCertificate,
  type DirectoryCertificate,
  isEnough,
} from '../models/directory/certificate.ts'
export * from '../models/rounds/candidate.ts'
export * from '../models/directory/follow.ts'
export * from '../models/directory/gossip.ts'
export * from '../models/directory/handed-machine.ts'
export * from '../models/directory/healing.ts'
export * from '../models/directory/identity.ts'
export { createMember, DIRECTORY_ROUNDS, type MemberOptions } from '../models/directory/member.ts'
export type { MemberInput } from '../models/rounds/member.ts'
export type { MemberEffect } from '../models/rounds/member-effects.ts'
export * from '../models/rounds/member-state.ts'
export * from '../models/rounds/agreed-step.ts'
export * from '../models/directory/inbox.ts'
export * from '../models/directory/log-answer.ts'
export * from '../models/directory/account.ts'
export * from '../models/directory/accusation.ts'
export * from '../models/directory/auditor.ts'
export * from '../models/directory/checkpoint.ts'
export * from '../models/directory/evidence.ts'
export * from '../models/directory/freeze.ts'
export * from '../models/directory/log-proof.ts'
export * from '../models/directory/log.ts'
export * from '../models/directory/map.ts'
export {
  beginOperator,
  createOperator,
  type OperatorEffect,
  type OperatorInput,
  type OperatorState,
} from '../models/directory/operator.ts'
export {
  beginOwner,
  createOwner,
  ownerInteraction,
  type OwnerEffect,
  type OwnerInput,
  type OwnerState,
  type OwnerStep,
  ownerVote,
} from '../models/directory/owner.ts'
export * from '../models/directory/owner-record.ts'
export {
  admitDirectory,
  DIRECTORY,
  type DirectoryPolicy,
  directoryPolicy,
  directoryTerms,
  isShared,
  type Operator,
  quorumOf,
} from '../models/directory/policy.ts'
export * from '../models/directory/recovery.ts'
export * from '../models/directory/resume.ts'
export * from '../models/directory/served.ts'
export * from '../models/directory/submission.ts'
export * from '../models/directory/submitter.ts'
export * from '../models/krama/tesseract.ts'
export { krama, type KramaAnchor } from '../models/krama/certificate.ts'
export * from '../models/krama/evidence.ts'
export * from '../models/krama/guardian.ts'
export {
  admitKrama,
  type GuardianSet,
  KRAMA,
  type KramaPolicy,
  kramaPolicy,
  kramaTerms,
  loneGuardian,
} from '../models/krama/policy.ts'
export * from '../models/krama/seal.ts'
export * from '../models/rounds/acceptance.ts'
export { medianTime } from '../models/rounds/finality.ts'
