/**
 * Manifests in the state of accounts: the bytes as they were deployed, in parts, and the programs that they are.
 *
 * A compiled program is remembered under the hash of its manifest, the last few of them; forgetting one costs time and nothing else.
 */
import { blake2b256 } from '../../../base/blake2b.ts'
import { concatBytes, hexFromBytes } from '../../../base/bytes.ts'
import { Fault, isFault } from '../../../base/fault.ts'
import { MOI_PROGRAMS_KEPT_MAX, STATE_VALUE_BYTES_MAX } from '../../../base/limits.ts'
import type { MoiId } from '../identifier.ts'
import type { Manifest } from '../manifest/manifest.ts'
import { manifestFromPolo } from '../manifest/polo.ts'
import { compile } from '../pisa/compile.ts'
import type { Program } from '../pisa/program.ts'
import type { Draft, ReadAccount } from './draft.ts'
import { manifestPath, PATH } from './layout.ts'
import { type LogicRecord, logicRecord } from './record.ts'

export const logicOf = (read: ReadAccount, id: MoiId): LogicRecord | undefined => {
  const value = read(id, PATH.logic)
  return value && logicRecord.decode(value)
}

/** The manifest of a logic, or of an asset that brought one, in POLO as it was deployed. */
export const manifestOf = (read: ReadAccount, id: MoiId): Uint8Array | undefined => {
  const record = logicOf(read, id)
  if (!record) return undefined
  const parts = Array.from({ length: partsOf(record.size) }, (_, at) => read(id, manifestPath(at)))
  return concatBytes(...parts.filter((part) => part !== undefined))
}

const partsOf = (size: number): number => Math.ceil(size / STATE_VALUE_BYTES_MAX)

/** Which states a logic keeps; its identifier says so. */
export const statesOf = (
  manifest: Manifest,
): { readonly hasLogicState: boolean; readonly hasActorState: boolean } => {
  const modes = manifest.elements.flatMap((one) => (one.kind === 'state' ? [one.data.mode] : []))
  return { hasLogicState: modes.includes('logic'), hasActorState: modes.includes('actor') }
}

/** Raises `moi/defect` for bytes that are no manifest of this kind, or none that can run. */
export const readManifestOf = (bytes: Uint8Array, kind: 'logic' | 'asset'): Manifest => {
  const manifest = manifestFromPolo(bytes)
  if (isFault(manifest)) throw invalid(manifest.message)
  if (manifest.kind !== kind) throw invalid(`its kind is ${manifest.kind}`)
  return manifest
}

const invalid = (why: string): Fault => new Fault('moi/defect', `invalid manifest: ${why}`)

/** Puts a manifest into the account that was created for it. Raises `moi/defect` where it cannot be compiled. */
export const putManifest = (
  draft: Draft,
  id: MoiId,
  bytes: Uint8Array,
  manifest: Manifest,
): Program => {
  const hash = blake2b256(bytes)
  const program = programFrom(hash, () => manifest)
  const record = { hash, size: bytes.length, isAsset: manifest.kind === 'asset' }
  draft.write(id, PATH.logic, logicRecord.encode({ ...record, ...statesOf(manifest) }))
  for (let at = 0; at < partsOf(bytes.length); at++) {
    const start = at * STATE_VALUE_BYTES_MAX
    draft.write(id, manifestPath(at), bytes.slice(start, start + STATE_VALUE_BYTES_MAX))
  }
  return program
}

/** Raises `moi/defect` where the account has none. */
export const programOf = (read: ReadAccount, id: MoiId): Program => {
  const record = logicOf(read, id)
  if (!record) throw new Fault('moi/defect', 'no logic is deployed there', { party: id })
  return programFrom(record.hash, () =>
    readManifestOf(manifestOf(read, id) ?? new Uint8Array(), record.isAsset ? 'asset' : 'logic'),
  )
}

let young = new Map<string, Program>()
let old = new Map<string, Program>()

const programFrom = (hash: Uint8Array, manifest: () => Manifest): Program => {
  const name = hexFromBytes(hash)
  const known = young.get(name)
  if (known) return known
  const program = old.get(name) ?? compile(manifest())
  if (isFault(program)) throw invalid(program.message)
  if (young.size >= MOI_PROGRAMS_KEPT_MAX) {
    old = young
    young = new Map()
  }
  young.set(name, program)
  return program
}
