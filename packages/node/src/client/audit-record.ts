/**
 * What an account remembers of the operators' logs from one command to the next, as bytes: for each operator the checkpoint
 * that is held, those that are not linked to it yet, receipts that are not accounted for, and evidence.
 *
 * Attempts and refusals are of one run and are not kept. What was read is not checked again: the file is the reader's own.
 */
import {
  AUDITED_RECEIPTS_MAX,
  bytes,
  type Codec,
  Fault,
  flag,
  id,
  list,
  optional,
  PARTICIPANTS_MAX,
  RUMOURS_MAX,
  SIGNATURE_BYTES_MAX,
  type SignerId,
  struct,
  u64,
  u8,
} from 'tallystick/base'
import { transition } from 'tallystick/kernel'
import {
  type Account,
  type Audited,
  type AuditorState,
  operatorEvidence,
  type Rumour,
  signedCheckpoint,
} from 'tallystick/models'

/** What is remembered, and up to which own step receipts were taken up. */
export type AuditMemory = { readonly state: AuditorState; readonly upTo: bigint }

export const encodeAudit = ({ state, upTo }: AuditMemory): Uint8Array =>
  record.encode({
    version: VERSION,
    upTo,
    accounts: [...state.accounts].map(([signer, account]) => ({ signer, ...account })),
  })

/** Of the operators that are watched; one that is new begins afresh. Raises decoding faults. */
export const decodeAudit = (file: Uint8Array, fresh: AuditorState): AuditMemory => {
  const { version, upTo, accounts } = record.decode(file)
  if (version !== VERSION) throw new Fault('account/damaged', `no record of version ${VERSION}`)
  const known = new Map(accounts.map(({ signer, ...account }) => [signer, account] as const))
  const all = [...fresh.accounts].map(
    ([signer, account]) => [signer, known.get(signer) ?? account] as const,
  )
  return { state: { ...fresh, accounts: new Map(all) }, upTo }
}

const VERSION = 1

type Kept = Account & { readonly signer: SignerId }
type AuditFile = {
  readonly version: number
  readonly upTo: bigint
  readonly accounts: readonly Kept[]
}

const rumour: Codec<Rumour> = struct<Rumour>({ signed: signedCheckpoint, since: u64 })

const audited: Codec<Audited> = struct<Audited>({
  transition,
  receipt: struct<Audited['receipt']>({ time: u64, signature: bytes(SIGNATURE_BYTES_MAX) }),
  since: u64,
  inLog: flag,
  inMap: flag,
})

const record: Codec<AuditFile> = struct<AuditFile>({
  version: u8,
  upTo: u64,
  accounts: list(
    struct<Kept>({
      signer: id<'signer'>(),
      held: optional(signedCheckpoint),
      rumours: list(rumour, RUMOURS_MAX),
      receipts: list(audited, AUDITED_RECEIPTS_MAX),
      evidence: optional(operatorEvidence),
    }),
    PARTICIPANTS_MAX,
  ),
})
