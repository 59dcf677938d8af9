/**
 * What `tally verify` knows about MOI: the files of its guardians, and the registries for histories of its accounts. Loaded when a
 * file asks for it, so that whoever checks another file waits for none of it.
 */
import { bytes, type Codec, struct } from '../base/codec.ts'
import { faultFrom, isFault } from '../base/fault.ts'
import { hexFromBytes } from '../base/bytes.ts'
import { CERTIFICATE_BYTES_MAX } from '../base/limits.ts'
import type { Verifier } from '../base/verifier.ts'
import { accountIn } from '../dialects/moi/charters.ts'
import { moiLogic } from '../dialects/moi/logic.ts'
import {
  checkNetworkState,
  type CheckedState,
  type NetworkState,
  networkState,
} from '../dialects/moi/network-state.ts'
import { amountRecord } from '../dialects/moi/run/record.ts'
import { charter, machineId, type Terms, terms } from '../kernel/charter.ts'
import type { LogicRegistry, Path } from '../kernel/logic.ts'
import { eraseModel, type ModelRegistry } from '../kernel/model.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { krama } from '../models/krama/certificate.ts'
import { convictGuardian } from '../models/krama/evidence.ts'
import { kramaPolicy } from '../models/krama/policy.ts'
import { openBundle } from '../verify/bundle.ts'
import { bodyFromFile } from '../verify/file.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'
import { idText, type Output } from './print.ts'
import { KINDS, sizeText, timeText } from './report-view.ts'

/** Those of this version and the guardians'. */
export const MODELS_WITH_MOI: ModelRegistry = new Map([
  ...STANDARD_MODELS,
  [krama.kind, eraseModel(krama)],
])

export const LOGICS_WITH_MOI: LogicRegistry = new Map([
  ...STANDARD_LOGICS,
  [moiLogic.name, moiLogic],
])

/** Which machine of a bundle is whose account: their charters are named after the guardians, who are alike in all of them. */
export const showAccounts = (output: Output, file: Uint8Array): void => {
  const rows = openBundle(file).parts.charters.flatMap((one) => {
    const read = faultFrom(() => charter.decode(one))
    const account = isFault(read) ? undefined : accountIn(read)
    return isFault(read) || account === undefined ? [] : [[machineId(read), account] as const]
  })
  if (rows.length === 0) return
  output.line()
  output.line('Accounts', 'quiet')
  output.table(rows.map(([machine, account]) => [idText(machine), `0x${account}`]))
  output.result({ accounts: Object.fromEntries(rows.map(([machine, of]) => [machine, `0x${of}`])) })
}

/** Evidence against a guardian as a file: the terms that name it, and the proof in the bytes of its model. */
export type GuardianEvidence = { readonly terms: Terms; readonly proof: Uint8Array }

export const guardianEvidence: Codec<GuardianEvidence> = struct<GuardianEvidence>({
  terms,
  proof: bytes(2 * CERTIFICATE_BYTES_MAX),
})

/** Raises what is wrong with the file. */
export const checkNetworkStateFile = (
  output: Output,
  file: Uint8Array,
  verifier: Verifier,
): void => {
  const of = networkState.decode(bodyFromFile('network-state', file))
  const found = checkNetworkState(of, verifier)
  if (isFault(found)) throw found
  output.line([
    { text: 'valid', tone: 'good' },
    `  ${found.finality.vouchers.join(', ')} vouches for what stands below`,
    { text: `  ${sizeText(file.length)}`, tone: 'quiet' },
  ])
  output.line()
  output.table(rowsOf(of, found))
  output.line()
  output.line('This rests on', 'quiet')
  for (const text of assumptionsOf(of)) output.paragraph(text, 2, 'quiet')
  output.result(resultOf(of, found))
  output.next('compare the network and the guardian’s key with those that you know')
}

/** Nothing of it is believed. */
export const showNetworkStateFile = (output: Output, file: Uint8Array): void => {
  const of = networkState.decode(bodyFromFile('network-state', file))
  output.line(`a Network-State of account 0x${of.account}, ${sizeText(file.length)}; not checked`)
  output.table(of.values.map((one) => valueRow(one)))
}

type Value = { readonly path: Path; readonly value: Uint8Array | undefined }

const rowsOf = (of: NetworkState, found: CheckedState): readonly (readonly string[])[] => [
  ['network', of.network],
  ['account', `0x${of.account}`],
  ['height', `${found.height}`],
  ['tesseract', `0x${found.tesseract}`],
  ['sealed', found.finality.since === undefined ? 'at no time' : timeText(found.finality.since)],
  ['behaviour set', found.context.behaviour.join(', ') || 'nobody'],
  ['random set', found.context.random.join(', ') || 'nobody'],
  ['context', `0x${hexFromBytes(found.context.hash)}`],
  ...found.values.map(valueRow),
]

const valueRow = ({ path, value }: Value): readonly string[] => {
  const [first, asset, token] = path
  const isBalance = first === 'balance' && typeof asset === 'string' && typeof token === 'string'
  if (isBalance && /^[0-9a-f]{64}$/.test(asset)) {
    const what = token === '0' ? '' : `, token ${token}`
    const amount = value === undefined ? 0n : amountRecord.decode(value)
    return ['balance', `${amount} of asset 0x${asset}${what}`]
  }
  const name = path
    .map((part) => (typeof part === 'string' ? part : hexFromBytes(part)))
    .join(' / ')
  return [name, value === undefined ? 'none' : `0x${hexFromBytes(value)}`]
}

const assumptionsOf = ({ terms: of }: NetworkState): readonly string[] => [
  ...kramaPolicy
    .decode(of.policy.params)
    .guardians.map(
      (one) =>
        `${one.name}, ${one.scheme} key ${hexFromBytes(one.publicKey)}, is the guardian of the network that you mean, and has sealed no other step at this place`,
    ),
  'the rules were kept up to this step: the guardians say so, and the account’s history would show it',
  'whether it is the newest step, no file can show',
]

const resultOf = (of: NetworkState, found: CheckedState): Record<string, unknown> => ({
  network: of.network,
  account: `0x${of.account}`,
  height: Number(found.height),
  tesseract: `0x${found.tesseract}`,
  sealed: found.finality.since === undefined ? undefined : timeText(found.finality.since),
  context: `0x${hexFromBytes(found.context.hash)}`,
  values: found.values.map(({ path, value }) => ({
    path: path.map((part) => (typeof part === 'string' ? part : `0x${hexFromBytes(part)}`)),
    value: value && `0x${hexFromBytes(value)}`,
  })),
})

/** Raises what makes the evidence worthless. */
export const checkGuardianEvidence = (
  output: Output,
  file: Uint8Array,
  verifier: Verifier,
): void => {
  const of = guardianEvidence.decode(bodyFromFile('guardian-evidence', file))
  const policy = kramaPolicy.decode(of.terms.policy.params)
  const found = convictGuardian(of.proof, { terms: of.terms, policy, verifier })
  if (isFault(found)) throw found
  for (const { kind, signer, machine, sequence } of found) {
    output.line([
      { text: `convicted: key ${idText(signer)}`, tone: 'bad' },
      ` ${KINDS[kind] ?? kind}`,
    ])
    output.line(`  step ${sequence} of machine ${idText(machine)}`)
  }
  output.result({ convictions: found })
  output.next('compare the key with that of the guardian that you rely on')
}
