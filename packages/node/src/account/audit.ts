/**
 * An account's audits: what its operators signed about their logs is compared with what this account saw before, and its own
 * receipts are looked for in log and map.
 *
 * Promise. What was seen is on disk (`audit`) before anything is said about it, so the next command demands consistency with it.
 * Evidence is a file in the account folder, `evidence-KEY.tally`, that convicts by itself.
 *
 * Not promised. That a payment waits for it: a step is certified by its receipts, and audits come after. That an account which
 * is never told of other accounts' checkpoints notices a story that is told to others alone: `tally audit --with FILE`.
 */
import { join } from 'node:path'
import {
  bytesFromHex,
  Fault,
  faultFrom,
  hexFromBytes,
  idFromHex,
  isFault,
  type SignerId,
} from 'tallystick/base'
import { type ExitCode, type Output, PUBLIC_FILE, replaceFile } from 'tallystick/shell'
import { evidence, signerOf } from 'tallystick/kernel'
import {
  type Accusation,
  createAuditor,
  DIRECTORY,
  directoryCertificate,
  type Heard,
  operatorEvidence,
  signedCheckpoint,
  termsAt,
  type Watched,
} from 'tallystick/models'
import { fileFromBody } from 'tallystick/verify'
import { audit, type Audit, type AuditedOperator, type ReceiptedStep } from '../client/audit.ts'
import { type AuditMemory, decodeAudit, encodeAudit } from '../client/audit-record.ts'
import { policyOf } from '../client/directory.ts'
import { AUDIT_BESIDE_MS, AUDIT_STEPS_MAX } from '../client/limits.ts'
import { fileAt, fileOf, jsonFrom, member } from './folder.ts'
import type { Office } from './office.ts'
import { standingOf } from './standing.ts'

export type AccountAudit = Audit & {
  /** Written for each operator against which there is evidence. */
  readonly files: ReadonlyMap<SignerId, string>
}

type AuditedOffice = Pick<Office, 'folder' | 'desk' | 'directory' | 'engine'>

const MEMORY = 'audit'

/** Raises `account/damaged` where what was seen before cannot be read. */
export const auditAccount = async (
  office: AuditedOffice,
  options: { readonly waitMs: number; readonly heard?: readonly Heard[] },
): Promise<AccountAudit> => {
  const { folder, directory } = office
  const memory = memoryOf(office)
  const found = await audit(directory, {
    operators: watchedBy(office),
    memory,
    steps: receiptedSteps(office, memory?.upTo ?? 0n),
    ...options,
  })
  replaceFile(join(folder.path, MEMORY), encodeAudit(found.memory))
  const files = new Map<SignerId, string>()
  for (const { signer, accusation } of found.operators) {
    if (!accusation) continue
    const path = join(folder.path, `evidence-${signer.slice(0, 16)}.tally`)
    replaceFile(path, evidenceFile(accusation), PUBLIC_FILE)
    files.set(signer, path)
  }
  return { ...found, files }
}

/** By itself, as a file of its kind. An operator's key is no identity's, so events are not what convicts it. */
const evidenceFile = (of: Accusation): Uint8Array => {
  switch (of.is) {
    case 'statements':
      return fileFromBody('evidence', evidence.encode(of.evidence))
    case 'log':
      return fileFromBody('operator-evidence', operatorEvidence.encode(of.evidence))
    case 'keys':
      throw new Error('an audit convicts operators by statements and logs')
  }
}

const memoryOf = (office: AuditedOffice): AuditMemory | undefined => {
  const { folder, engine } = office
  const file = fileAt(join(folder.path, MEMORY))
  if (!file) return undefined
  const fresh = createAuditor({ operators: watchedBy(office), verifier: engine }).begin()
  const memory = faultFrom(() => decodeAudit(file, fresh))
  if (!isFault(memory)) return memory
  throw new Fault('account/damaged', `no usable ${MEMORY}: ${memory.message}`)
}

/** Those in office: whoever has left may be gone for good. */
const watchedBy = (office: AuditedOffice): readonly Watched[] =>
  standingOf(office).policy.operators.map((one) => ({
    ...one,
    suite: office.folder.charter.terms.suite,
  }))

/** By their places in the terms that decided a step. */
const watchedAt = (office: AuditedOffice, sequence: bigint): readonly Watched[] => {
  const terms = termsAt(standingOf(office).served, sequence)
  if (terms?.policy.kind !== DIRECTORY) return []
  return policyOf({ terms }).operators.map((one) => ({ ...one, suite: terms.suite }))
}

/** Certified steps whose receipts were not taken up yet, the oldest first and a bounded number. */
const receiptedSteps = (office: AuditedOffice, upTo: bigint): readonly ReceiptedStep[] => {
  const found: ReceiptedStep[] = []
  for (const { transition, certificate } of office.desk.state().steps) {
    if (transition.sequence <= upTo) continue
    if (!certificate || found.length >= AUDIT_STEPS_MAX) break
    const read = faultFrom(() => directoryCertificate.decode(certificate))
    const receipts = isFault(read) || read.is !== 'receipts' ? [] : read.receipts
    const watched = watchedAt(office, transition.sequence)
    found.push({
      transition,
      receipts: receipts.flatMap(({ operator, time, signature }) => {
        const by = watched[operator]
        return by ? [{ operator: signerOf(by.suite, by), time, signature }] : []
      }),
    })
  }
  return found
}

/** After a payment: a short audit if a step was certified since the last one. It fails nothing and raises nothing. */
export const auditBeside = async (office: Office): Promise<void> => {
  try {
    const upTo = memoryOf(office)?.upTo ?? 0n
    if (receiptedSteps(office, upTo).length === 0) return
    tellAudit(office.output, await auditAccount(office, { waitMs: AUDIT_BESIDE_MS }))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    office.output.complain(`the operators were not audited: ${why}`, 'warn')
  }
}

/** Says what was found. 1 where somebody tells two stories, 2 where something is not answered for, else 0. */
export const tellAudit = (output: Output, found: AccountAudit): ExitCode => {
  output.result({ audit: auditJson(found) })
  for (const { text, isLoud } of linesOfAudit(found)) {
    output.line(text, isLoud ? 'bad' : 'quiet')
  }
  const all = found.operators.map((one) => one.is)
  const isWhole = all.every((one) => one === 'consistent' || one === 'new')
  return all.includes('two-stories') ? 1 : isWhole ? 0 : 2
}

export const auditJson = ({ operators, files }: AccountAudit): readonly object[] =>
  operators.map(({ name, signer, is, why }) => ({
    name,
    signer,
    state: is,
    ...(why === '' ? {} : { why }),
    ...(files.has(signer) ? { evidence: files.get(signer) } : {}),
  }))

export type AuditLine = { readonly text: string; readonly isLoud: boolean }

export const linesOfAudit = ({ operators, files }: AccountAudit): readonly AuditLine[] => {
  const named = (is: AuditedOperator['is']): readonly string[] =>
    operators.flatMap((one) => (one.is === is ? [one.name] : []))
  const quiet = (is: AuditedOperator['is'], one: string, many: string): readonly AuditLine[] => {
    const names = named(is)
    if (names.length === 0) return []
    return [{ text: `${listed(names)} ${names.length === 1 ? one : many}`, isLoud: false }]
  }
  return [
    ...operators.flatMap(({ name, is, why, signer }): readonly AuditLine[] => {
      if (is === 'two-stories') {
        const file = files.get(signer) ?? ''
        return [{ text: `${name} tells two stories (${why}); the proof is ${file}`, isLoud: true }]
      }
      return is === 'withholding'
        ? [{ text: `${name} withholds ${why}`, isLoud: true }]
        : is === 'silent'
          ? [{ text: `${name} was not audited: ${why}`, isLoud: false }]
          : is === 'behind'
            ? [{ text: `${name} still owes ${why}`, isLoud: false }]
            : []
    }),
    ...quiet(
      'consistent',
      'is consistent with what this account saw before',
      'are consistent with what this account saw before',
    ),
    ...quiet('new', 'is seen for the first time', 'are seen for the first time'),
  ]
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`

const FORMAT = 'tallystick/1 checkpoints'

/** What this account holds, for others to compare with. */
export const checkpointFile = ({ memory }: Audit): Uint8Array =>
  fileOf({
    format: FORMAT,
    checkpoints: [...memory.state.accounts].flatMap(([operator, { held, rumours }]) =>
      [...(held ? [held] : []), ...rumours.map((one) => one.signed)].map((signed) => ({
        operator,
        checkpoint: hexFromBytes(signedCheckpoint.encode(signed)),
      })),
    ),
  })

/** Checkpoints in a file of somebody else; none where it is no such file. Signatures are checked by whoever is told. */
export const heardFrom = (file: Uint8Array): readonly Heard[] => {
  const read = faultFrom(() => {
    const json = jsonFrom(file)
    const found: unknown = member(json, 'checkpoints')
    if (member(json, 'format') !== FORMAT || !Array.isArray(found)) return []
    return found.map((one: unknown): Heard => {
      const [operator, hex] = [member(one, 'operator'), member(one, 'checkpoint')]
      return {
        operator: idFromHex<'signer'>(String(operator)),
        signed: signedCheckpoint.decode(bytesFromHex(String(hex))),
      }
    })
  })
  return isFault(read) ? [] : read
}
