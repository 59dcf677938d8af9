/** A school that issues records to keys, under a directory of its own or of others, for the tests of credentials. */
import { idFromHex } from '../../src/base/brand.ts'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { isFault } from '../../src/base/fault.ts'
import { type Charter, terms as termsCodec } from '../../src/kernel/charter.ts'
import { soleController } from '../../src/kernel/controller.ts'
import { execute, type Machine, openMachine } from '../../src/kernel/execute.ts'
import { fieldsFrom, openingsFrom, type RecordId } from '../../src/kernel/field.ts'
import {
  AMEND,
  type Interaction,
  interactionId,
  type Operation,
} from '../../src/kernel/interaction.ts'
import { statementDigest } from '../../src/kernel/statement.ts'
import { operationOnRecord, type RecordOperation } from '../../src/logic/record-operation.ts'
import { STANDARD_LOGICS } from '../../src/logic/registry.ts'
import { certificateFrom, directoryCertificate } from '../../src/models/directory/certificate.ts'
import { receiptVote } from '../../src/models/directory/evidence.ts'
import { directoryTerms } from '../../src/models/directory/policy.ts'
import { proposeVoteFor } from '../../src/verify/consents.ts'
import { type Credential, keysOf, type Status } from '../../src/verify/credential.ts'
import { type SignedState, type StateChecks, witnessFrom } from '../../src/verify/signed-state.ts'
import { STANDARD_MODELS } from '../../src/verify/standard.ts'
import { engine, keyOf, signAs } from './world.ts'

export const checks: StateChecks = { models: STANDARD_MODELS, verifier: engine }

export const charterOf = (name = 'school'): Charter => ({
  network: 'test',
  nonce: bytesFromUtf8(name.padEnd(32)),
  terms: {
    suite: 'classic',
    participants: [{ name, controller: soleController('ed25519', keyOf('classic', name)) }],
    turn: { is: 'owner', party: 0 },
    policy: directoryTerms({
      operators: [{ name, scheme: 'ed25519', publicKey: keyOf('classic', name) }],
      threshold: 1,
      faulty: 0,
    }),
  },
  logics: [{ name: 'record/1', params: new Uint8Array(0) }],
  state: { is: 'tree' },
})

export const begin = (of: Charter = charterOf()): Machine => {
  const opened = openMachine(of, STANDARD_LOGICS)
  if (isFault(opened)) throw opened
  return opened
}

const interactionFor = (machine: Machine, operation: Operation): Interaction => ({
  suite: 'classic',
  legs: [{ machine: machine.id, access: 'write', parent: machine.headId }],
  operations: [operation],
  premises: [],
})

const after = (machine: Machine, operation: Operation): Machine => {
  const done = execute({
    interaction: interactionFor(machine, operation),
    machines: new Map([[machine.id, machine]]),
    logics: STANDARD_LOGICS,
    consents: () => true,
    proven: [],
    verifier: engine,
  })
  if (isFault(done)) throw done
  const [next] = done.written
  if (!next) throw new Error('nothing was written')
  return next
}

const nameOf = ({ terms }: Machine): string => terms.participants[0]?.name ?? ''

/** The newest state, as its issuer signs it. */
export const signed = (
  machine: Machine,
  record: RecordId,
  shown: Credential['openings'] = [],
): SignedState => {
  const { head, charter } = machine
  const sign = (vote: Parameters<typeof statementDigest>[1]): Uint8Array =>
    signAs('classic', nameOf(machine), statementDigest('classic', vote))
  const bare = {
    transition: head,
    proposal: [{ key: 0, signature: sign(proposeVoteFor(head)) }],
    certificate: directoryCertificate.encode(
      certificateFrom([{ operator: 0, time: 1000n, signature: sign(receiptVote(head, 1000n)) }]),
    ),
    witness: new Uint8Array(0),
  }
  const keys = keysOf({ charter, step: bare }, record, shown)
  return { charter, step: { ...bare, witness: witnessFrom(charter, machine.state, keys) } }
}

export const ID: RecordId = idFromHex('42'.repeat(32))
const VALUES = new Map([
  ['born', { salt: new Uint8Array(32).fill(1), value: '1990-04-01' }],
  ['class', { salt: new Uint8Array(32).fill(2), value: 'B' }],
])

export type Issued = { readonly machine: Machine; readonly credential: Credential }

/** A licence for a holder's key. */
export const issued = (before: Machine, holder = 'bob', record: RecordId = ID): Issued => {
  const place = { suite: 'classic', machine: before.id, record } as const
  const of: RecordOperation = {
    is: 'open',
    machine: before.id,
    id: record,
    maker: nameOf(before),
    about: 'licence',
    holder: { is: 'key', scheme: 'ed25519', publicKey: keyOf('classic', holder) },
    fields: fieldsFrom(place, VALUES),
  }
  const operation = operationOnRecord({ machine: before.id, logic: 0 }, of)
  const machine = after(before, operation)
  const openings = openingsFrom(place, VALUES, interactionId(interactionFor(before, operation)))
  return { machine, credential: { state: signed(machine, record, openings), record, openings } }
}

export const ended = (before: Machine, record: RecordId = ID): Machine =>
  after(
    before,
    operationOnRecord(
      { machine: before.id, logic: 0 },
      { is: 'end', machine: before.id, id: record },
    ),
  )

/** The same terms once more: enough to leave the record of a change. */
export const amended = (before: Machine): Machine =>
  after(before, { machine: before.id, logic: AMEND, argument: termsCodec.encode(before.terms) })

export const statusAt = (machine: Machine, record: RecordId = ID): Status => ({
  state: signed(machine, record),
  record,
})
