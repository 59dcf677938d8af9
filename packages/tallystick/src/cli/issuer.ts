/**
 * Issuers: a machine of one party that keeps credentials, in one file that holds its whole history and no attribute.
 *
 * The issuer is its own directory of one: it signs each step as its owner and vouches that there is no other, with the time of
 * its own clock. Who wants more than the issuer's word lets a directory certify the machine. A copy of the file from which
 * another step is taken makes two children of one parent, which convicts the issuer.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { idFromBytes } from '../base/brand.ts'
import { equalBytes } from '../base/bytes.ts'
import { isFault } from '../base/fault.ts'
import type { Engine, Signer } from '../base/verifier.ts'
import { soleController } from '../kernel/controller.ts'
import { execute, type Machine, openMachine } from '../kernel/execute.ts'
import {
  fieldsFrom,
  type FieldPlace,
  openingsFrom,
  type RecordId,
  SALT_BYTES,
  type SaltedValue,
} from '../kernel/field.ts'
import { type Interaction, interactionId } from '../kernel/interaction.ts'
import { statementDigest } from '../kernel/statement.ts'
import { operationOnRecord, type RecordOperation } from '../logic/record-operation.ts'
import { recordIn } from '../logic/record-state.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { certificateFrom, directoryCertificate } from '../models/directory/certificate.ts'
import { receiptVote } from '../models/directory/evidence.ts'
import { directoryTerms } from '../models/directory/policy.ts'
import { type Bundle, bundleFromFile, EMPTY_BUNDLE, fileFromBundle } from '../verify/bundle.ts'
import { proposeVoteFor } from '../verify/consents.ts'
import { type Credential, keysOf, type Status } from '../verify/credential.ts'
import type { ReadCard } from '../verify/card.ts'
import { type SignedState, witnessFrom } from '../verify/signed-state.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'
import { survey } from '../verify/verify.ts'
import { PUBLIC_FILE, replaceFile } from './durable-file.ts'
import { readInputFile } from './input-file.ts'
import { usageError } from './print.ts'

export type Issuer = {
  readonly path: string
  readonly name: string
  readonly signer: Signer
  readonly engine: Engine
  readonly bundle: Bundle
  readonly machine: Machine
}

export type IssuerKeys = Pick<Issuer, 'name' | 'signer' | 'engine'> & {
  readonly suite: Machine['terms']['suite']
}

/** The issuer in a file, or a new one where there is none. Raises a usage error for a file of another key. */
export const openIssuer = (path: string, keys: IssuerKeys): Issuer =>
  existsSync(path) ? readIssuer(path, keys) : beginIssuer(path, keys)

const beginIssuer = (path: string, { name, signer, engine, suite }: IssuerKeys): Issuer => {
  const { scheme, publicKey } = signer
  const policy = { operators: [{ name, scheme, publicKey }], threshold: 1, faulty: 0 }
  const machine = openMachine(
    {
      network: 'tally',
      nonce: new Uint8Array(randomBytes(32)),
      terms: {
        suite,
        participants: [{ name, controller: soleController(scheme, publicKey) }],
        turn: { is: 'owner', party: 0 },
        policy: directoryTerms(policy),
      },
      logics: [{ name: 'record/1', params: new Uint8Array(0) }],
      state: { is: 'tree' },
    },
    STANDARD_LOGICS,
  )
  if (isFault(machine)) throw machine
  const bundle = { ...EMPTY_BUNDLE, charters: [machine.charter] }
  return { path, name, signer, engine, bundle, machine }
}

const readIssuer = (path: string, { signer, engine }: IssuerKeys): Issuer => {
  const file = readInputFile(path)
  const checks = { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier: engine }
  const surveyed = survey(file, checks)
  if (isFault(surveyed)) throw surveyed
  const [fault] = surveyed.run.faults
  if (fault) throw fault
  const bundle = bundleFromFile(file)
  const [genesis] = surveyed.run.genesis.values()
  const machine = genesis && surveyed.run.byMachine.get(genesis.machine.id)?.at(-1)?.machine
  const [own] = machine?.terms.participants ?? []
  const key = own?.controller.keys[0]
  if (!machine || !own || !key || !equalBytes(key.publicKey, signer.publicKey)) {
    throw usageError(`${path} is no issuer of this key`, 'name another file with --issuer')
  }
  return { path, name: own.name, signer, engine, bundle, machine }
}

/** A step of the issuer's machine, signed and kept; nothing of it is handed out before the file is written. */
const takeStep = (issuer: Issuer, operation: RecordOperation): Issuer => {
  const { machine, signer, engine } = issuer
  const interaction = interactionFor(machine, operation)
  const done = execute({
    interaction,
    machines: new Map([[machine.id, machine]]),
    logics: STANDARD_LOGICS,
    consents: () => true,
    proven: [],
    verifier: engine,
  })
  if (isFault(done)) throw done
  const [next] = done.written
  if (!next) throw new Error('a step of one leg writes one machine')
  const { suite } = machine.terms
  const time = BigInt(Date.now())
  const sign = (vote: Parameters<typeof statementDigest>[1]): Uint8Array =>
    signer.sign(statementDigest(suite, vote))
  const receipt = { operator: 0, time, signature: sign(receiptVote(next.head, time)) }
  const leg = {
    is: 'written',
    transition: next.head,
    proposal: [{ key: 0, signature: sign(proposeVoteFor(next.head)) }],
    certificate: directoryCertificate.encode(certificateFrom([receipt])),
    accepted: new Uint8Array(0),
  } as const
  const steps = [...issuer.bundle.steps, { interaction, consents: [], legs: [leg] }]
  const bundle = { ...issuer.bundle, steps }
  replaceFile(issuer.path, fileFromBundle(bundle), PUBLIC_FILE)
  return { ...issuer, bundle, machine: next }
}

const interactionFor = (machine: Machine, operation: RecordOperation): Interaction => ({
  suite: machine.terms.suite,
  legs: [{ machine: machine.id, access: 'write', parent: machine.headId }],
  operations: [operationOnRecord({ machine: machine.id, logic: 0 }, operation)],
  premises: [],
})

export type ToIssue = {
  readonly card: ReadCard
  readonly about: string
  readonly attributes: ReadonlyMap<string, string>
}

/** Makes a credential for the device key of a card, and keeps its commitments. */
export const issue = (before: Issuer, { card, about, attributes }: ToIssue): Credential => {
  const { machine } = before
  const record: RecordId = idFromBytes(new Uint8Array(randomBytes(32)))
  const place: FieldPlace = { suite: machine.terms.suite, machine: machine.id, record }
  const values = new Map(
    [...attributes].map(([name, value]): [string, SaltedValue] => {
      return [name, { salt: new Uint8Array(randomBytes(SALT_BYTES)), value }]
    }),
  )
  const { scheme, publicKey } = card.device.key
  const operation: RecordOperation = {
    is: 'open',
    machine: machine.id,
    id: record,
    maker: before.name,
    about,
    holder: { is: 'key', scheme, publicKey },
    fields: fieldsFrom(place, values),
  }
  const interaction = interactionId(interactionFor(machine, operation))
  const issuer = takeStep(before, operation)
  const openings = openingsFrom(place, values, interaction)
  return { state: stateOf(issuer, record, openings), record, openings }
}

/** Ends a credential for good, and says so in a status. */
export const revoke = (before: Issuer, record: RecordId): Status => {
  const issuer = takeStep(before, { is: 'end', machine: before.machine.id, id: record })
  return statusOf(issuer, record)
}

/** What the issuer's newest state says of a credential. */
export const statusOf = (issuer: Issuer, record: RecordId): Status => ({
  state: stateOf(issuer, record, []),
  record,
})

/** The issuer's newest step, showing one record and some of its fields. */
const stateOf = (
  { bundle, machine }: Issuer,
  record: RecordId,
  shown: Credential['openings'],
): SignedState => {
  const leg = bundle.steps.at(-1)?.legs[0]
  if (leg?.is !== 'written') throw usageError('nothing was issued yet', 'tally credential issue')
  const { transition, proposal, certificate } = leg
  const bare = { transition, proposal, certificate, witness: new Uint8Array(0) }
  const of: SignedState = { charter: machine.charter, step: bare }
  const witness = witnessFrom(machine.charter, machine.state, keysOf(of, record, shown))
  return { ...of, step: { ...bare, witness } }
}

/** The credential that somebody means by the start of its id. Raises a usage error. */
export const recordFrom = ({ bundle, machine }: Issuer, typed: string): RecordId => {
  const digits = typed.replaceAll(' ', '')
  const ids = bundle.steps.flatMap(({ interaction }) =>
    interaction.operations.flatMap((one) => {
      const told = STANDARD_LOGICS.get('record/1')?.tell?.(one.argument)
      return told && recordIn(machine, { machine: machine.id, logic: 0 }, told.record)
        ? [told.record]
        : []
    }),
  )
  const found = [...new Set(ids)].filter((one) => one.startsWith(digits))
  const [only] = found
  if (only !== undefined && found.length === 1 && digits.length >= 8) return only
  throw usageError(
    `"${typed}" is no credential of this issuer`,
    'give the first 8 digits of its id',
  )
}
