/**
 * Network-State: values of an account with the proof that guardians vouch for them, in one file that anybody checks offline.
 *
 * Promise. What `checkNetworkState` finds is in the state of that account of that network, after a transition that a quorum of the
 * terms has sealed: the account's machine follows from identifier, network and terms; the certificate is judged as any other; each
 * value is proven under the state root of the transition.
 *
 * Not promised. That the rules were kept up to there: the guardians vouch for that, and the account's history shows it
 * (`history.ts`). That no newer tesseract exists. That these are the terms in force, where an account was handed over: the file names
 * the guardians, and whoever reads it compares them with those that it knows.
 *
 * | wire, after the header of the file | |
 * |---|---|
 * | network | id of the network machine, 32 |
 * | terms | as in a charter |
 * | account | identifier, 32 |
 * | transition | 168 |
 * | certificate | u32 length, bytes |
 * | values | list of path, value or none, proof |
 */
import type { MachineId } from '../../base/brand.ts'
import { bytes, type Codec, codecFrom, id, list, optional, struct, text } from '../../base/codec.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import {
  CERTIFICATE_BYTES_MAX,
  NETWORK_STATE_VALUES_MAX,
  STATE_KEY_PART_BYTES_MAX,
  STATE_KEY_PARTS_MAX,
  STATE_VALUE_BYTES_MAX,
} from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import { checkTerms, machineId, type Terms, terms } from '../../kernel/charter.ts'
import { type Machine, pathKey } from '../../kernel/execute.ts'
import type { Path } from '../../kernel/logic.ts'
import { type Transition, transition, transitionId } from '../../kernel/transition.ts'
import type { Finality } from '../../kernel/verdict.ts'
import { krama } from '../../models/krama/certificate.ts'
import { KRAMA, kramaPolicy } from '../../models/krama/policy.ts'
import { type KramaCertificate, kramaCertificate } from '../../models/krama/seal.ts'
import { type TesseractId, tesseractOf } from '../../models/krama/tesseract.ts'
import { checkFactAt } from '../../state/fact.ts'
import type { KeyPart } from '../../state/keys.ts'
import { proof } from '../../state/proof-codec.ts'
import { type Proof, prove } from '../../state/proof.ts'
import { accountCharter, type NetworkMachine } from './charters.ts'
import { type Context, contextFrom } from './context.ts'
import type { MoiId } from './identifier.ts'
import { keyOfPath, readAccount } from './lattice.ts'
import { PATH } from './run/layout.ts'

export type ProvenValue = {
  readonly path: Path
  /** Missing where the account has none there, which is proven as well. */
  readonly value: Uint8Array | undefined
  readonly proof: Proof
}

export type NetworkState = {
  readonly network: MachineId
  readonly terms: Terms
  readonly account: MoiId
  readonly transition: Transition
  /** In the bytes of `kramaCertificate`. */
  readonly certificate: Uint8Array
  /** The context comes first. */
  readonly values: readonly ProvenValue[]
}

const partBytes = bytes(STATE_KEY_PART_BYTES_MAX)
const partText = text(STATE_KEY_PART_BYTES_MAX)

const keyPart: Codec<KeyPart> = codecFrom(
  (writer, value) => {
    writer.u8(typeof value === 'string' ? 1 : 0)
    if (typeof value === 'string') partText.write(writer, value)
    else partBytes.write(writer, value)
  },
  (reader) => {
    const kind = reader.u8()
    if (kind > 1) throw new Fault('codec/unknown-case', `no part of a path has the kind ${kind}`)
    return kind === 1 ? partText.read(reader) : partBytes.read(reader)
  },
)

export const networkState: Codec<NetworkState> = struct<NetworkState>({
  network: id<'machine'>(),
  terms,
  account: id<'moi'>(),
  transition,
  certificate: bytes(CERTIFICATE_BYTES_MAX),
  values: list(
    struct<ProvenValue>({
      path: list(keyPart, STATE_KEY_PARTS_MAX),
      value: optional(bytes(STATE_VALUE_BYTES_MAX)),
      proof,
    }),
    NETWORK_STATE_VALUES_MAX,
  ),
})

export type ProveAsk = {
  readonly network: NetworkMachine
  readonly account: MoiId
  /** The account as the certificate vouches for it. */
  readonly machine: Machine
  readonly certificate: KramaCertificate
  readonly paths: readonly Path[]
}

/** Proves values of an account, and the context that they stand in. */
export const networkStateOf = ({
  network,
  account,
  machine,
  certificate,
  paths,
}: ProveAsk): NetworkState => ({
  network: network.machine.id,
  terms: machine.terms,
  account,
  transition: machine.head,
  certificate: kramaCertificate.encode(certificate),
  values: [PATH.context, ...paths].map((path) => ({
    path,
    value: readAccount(network, machine, path),
    proof: prove(machine.state, keyOfPath(network, path)),
  })),
})

export type CheckedState = {
  readonly tesseract: TesseractId
  readonly height: bigint
  readonly finality: Finality
  readonly context: Context
  /** Without the context. */
  readonly values: readonly Omit<ProvenValue, 'proof'>[]
}

/**
 * What a Network-State shows. Returns `moi/other-account`, `moi/no-context`, `moi/not-sealed`, or a fault of terms, policy,
 * certificate or proof.
 */
export const checkNetworkState = (of: NetworkState, verifier: Verifier): CheckedState | Fault => {
  const place = { machine: of.transition.machine, step: of.transition.sequence }
  const judged = judge(of, verifier)
  if (isFault(judged)) return judged.at(place)
  const { suite } = of.terms
  const at = {
    machine: of.transition.machine,
    transition: transitionId(suite, of.transition),
    root: of.transition.state,
  }
  for (const { path, value, proof: shown } of of.values) {
    // A path may be none: too long, or of too many parts.
    const found = faultFrom(() => {
      const key = pathKey(suite, { machine: of.network, logic: 0 }, path)
      return checkFactAt(suite, { ...at, key, value, proof: shown }, at)
    })
    if (isFault(found)) return found.at(place)
  }
  const [first, ...rest] = of.values
  const isContext = first?.path.length === 1 && first.path[0] === PATH.context[0]
  const context = isContext ? faultFrom(() => contextFrom(first.value)) : undefined
  if (isFault(context)) return context.at(place)
  if (!context) return new Fault('moi/no-context', 'the first value is no context', place)
  return {
    ...judged,
    height: of.transition.sequence - 1n,
    context,
    values: rest.map(({ path, value }) => ({ path, value })),
  }
}

/** Whose machine it is, whether its terms can be used, and what the certificate says. Cheap before dear. */
const judge = (
  of: NetworkState,
  verifier: Verifier,
): Pick<CheckedState, 'tesseract' | 'finality'> | Fault =>
  faultFrom(() => {
    const machine = machineId(accountCharter(of.network, of.terms, of.account))
    if (machine !== of.transition.machine || of.transition.sequence === 0n) {
      return new Fault(
        'moi/other-account',
        'the transition is not of that account under these terms',
      )
    }
    const unfit = checkTerms(of.terms, verifier)
    if (unfit) return unfit
    if (of.terms.policy.kind !== KRAMA) {
      return new Fault('moi/other-account', `"${of.terms.policy.kind}" is no policy of guardians`)
    }
    const policy = kramaPolicy.decode(of.terms.policy.params)
    const refused = krama.admit(of.terms, policy, verifier)
    if (refused) return refused
    const certificate = kramaCertificate.decode(of.certificate)
    const verdict = krama.judge({
      terms: of.terms,
      policy,
      anchor: {},
      transition: of.transition,
      certificate,
      known: { verifier, now: undefined, read: () => ({ is: 'unknown' }) },
    })
    if (verdict.is === 'refused') return verdict.fault
    if (verdict.is !== 'final')
      return new Fault('moi/not-sealed', 'not enough guardians have signed')
    const { before, after } = certificate
    const { suite } = of.terms
    const ids = [...before, transitionId(suite, of.transition), ...after]
    return { tesseract: tesseractOf(suite, ids), finality: verdict.finality }
  })
