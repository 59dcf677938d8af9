/**
 * Arguments of a logic's routine from words on a command line, by the types that its manifest gives them; and its results back.
 *
 * A word is `label=value`, or the value alone in its place. Texts, numbers and identifiers are written as they are; lists, maps
 * and objects as JSON. An argument that is left out would be zero for a logic, and is asked for here.
 */
import { bytesFromUtf8, isFault } from 'tallystick/base'
import { usageError } from 'tallystick/command'
import {
  compile,
  decodeOutputs,
  encodeArguments,
  type Json,
  type Manifest,
  type ManifestCallable,
  type Program,
} from 'tallystick/moi'
import { jsonFromBytes } from 'tallystick/nostr'

const ARGUMENT_BYTES_MAX = 131_072

/** Raises a usage error where the manifest has no such routine. */
export const routineIn = (manifest: Manifest, callsite: string): ManifestCallable => {
  const routines = manifest.elements.flatMap((one) => (one.kind === 'callable' ? [one.data] : []))
  const found = routines.find(({ name }) => name === callsite)
  if (found) return found
  const names = routines.filter(({ kind }) => kind !== 'internal').map(({ name }) => name)
  throw usageError(`there is no routine ${callsite}`, `one of ${names.join(', ')}`)
}

/** Calldata from words. Raises usage errors, and faults of manifests. */
export const calldataFrom = (
  manifest: Manifest,
  callsite: string,
  words: readonly string[],
): Uint8Array => {
  const accepts = routineIn(manifest, callsite).accepts ?? []
  const labels = accepts.map(({ label }) => label)
  const given = new Map(words.map((word, at) => pairOf(word, labels, at)))
  const missing = labels.filter((label) => !given.has(label))
  if (missing.length > 0 || given.size > labels.length) {
    throw usageError(
      `${words.length} arguments where ${callsite} takes ${labels.length}`,
      accepts.map(({ label, type }) => `${label}=<${type}>`).join(' ') || 'leave them out',
    )
  }
  const json = Object.fromEntries(
    accepts.map(({ label, type }) => [label, jsonOf(type, given.get(label) ?? '')]),
  )
  const calldata = encodeArguments(programOf(manifest), callsite, json)
  if (isFault(calldata)) throw usageError(calldata.message, `check what ${callsite} takes`)
  return calldata
}

const pairOf = (
  word: string,
  labels: readonly string[],
  at: number,
): readonly [label: string, text: string] => {
  const label = labels.find((one) => word.startsWith(`${one}=`))
  return label === undefined ? [labels[at] ?? word, word] : [label, word.slice(label.length + 1)]
}

/** As `calldata.ts` wants it: a text is no JSON on a command line, everything that has parts is. */
const jsonOf = (type: string, text: string): Json => {
  if (type === 'bool' && (text === 'true' || text === 'false')) return text === 'true'
  if (!/^(?:null$|\[|map\[|class\.)/.test(type)) return text
  try {
    return jsonFromBytes(bytesFromUtf8(text), ARGUMENT_BYTES_MAX)
  } catch {
    throw usageError(`${text} is no JSON for a ${type}`, 'a list as [1,2], an object as {"a":1}')
  }
}

/** Results by their labels, as people read them. */
export const outputsFrom = (
  manifest: Manifest,
  callsite: string,
  outputs: Uint8Array,
): readonly (readonly [label: string, text: string])[] => {
  const read = decodeOutputs(programOf(manifest), callsite, outputs)
  if (isFault(read)) throw read
  return Object.entries(read).map(([label, json]) => [
    label,
    typeof json === 'string' ? json : JSON.stringify(json),
  ])
}

const programOf = (manifest: Manifest): Program => {
  const program = compile(manifest)
  if (isFault(program)) throw program
  return program
}
