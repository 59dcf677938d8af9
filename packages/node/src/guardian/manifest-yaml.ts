/**
 * Manifests that people keep as files: JSON, POLO as bytes or as hexadecimal digits, or YAML as MOI's compiler writes it.
 *
 * Of YAML, what a manifest needs: maps with text keys, lists, and scalars. Plain scalars are whole decimal numbers, true, false, null or
 * else text; so `0x0673…`, which other readers take for a number and round, stays the text that it is. Anchors, aliases, tags
 * and keys that are there twice are refused. The reader of YAML is a library that recurses; whatever it throws is a fault here.
 */
import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import { bytesFromHex, Fault, faultFrom, isFault, utf8FromBytes } from 'tallystick/base'
import { type Json, type Manifest, readManifest } from 'tallystick/moi'
import { MANIFEST_FILE_BYTES_MAX, MANIFEST_YAML_DEPTH_MAX } from '../limits.ts'

/** Raises nothing: a manifest, or the fault that says why there is none. */
export const manifestFromFile = (bytes: Uint8Array): Manifest | Fault => {
  if (bytes.length > MANIFEST_FILE_BYTES_MAX) return malformed(`a file of ${bytes.length} bytes`)
  const known = readManifest(bytes)
  if (!isFault(known)) return known
  const text = faultFrom(() => utf8FromBytes(bytes).trim())
  // What begins as JSON or POLO was meant as that, and its own fault says more.
  if (isFault(text) || text.startsWith('{')) return known
  if (/^0x[0-9a-fA-F]+$/.test(text)) return readManifest(faultFreeHex(text.slice(2).toLowerCase()))
  const json = faultFrom(() => jsonFromYaml(text))
  return isFault(json) ? json : readManifest(json)
}

/** An odd number of digits spells no bytes, which are no manifest either. */
const faultFreeHex = (digits: string): Uint8Array => {
  const bytes = faultFrom(() => bytesFromHex(digits))
  return isFault(bytes) ? new Uint8Array() : bytes
}

/** The value that one YAML document spells. Raises `manifest/malformed`. */
export const jsonFromYaml = (text: string): Json => {
  const document = parsed(text)
  const [error] = document.errors
  if (error) throw malformed(error.message.slice(0, 200))
  return jsonFrom(document.contents, 0)
}

/**
 * Whether a text opens many more brackets than it closes, or many lists on one line. The library recurses into them, and takes
 * seconds to find out that it cannot; types such as `map[u64]bool` close what they open.
 */
const isTooDeep = (text: string): boolean => {
  let open = 0
  for (const char of text) {
    if (char === '[' || char === '{') open += 1
    else if (char === ']' || char === '}') open -= 1
    if (open > 4 * MANIFEST_YAML_DEPTH_MAX) return true
  }
  return /(?:[-?:][ \t]+){64}/.test(text)
}

const parsed = (text: string): ReturnType<typeof parseDocument> => {
  if (isTooDeep(text)) throw malformed(`more than ${MANIFEST_YAML_DEPTH_MAX} levels`)
  try {
    return parseDocument(text, {
      schema: 'failsafe',
      version: '1.2',
      // Checked below in one pass; the library compares every key with every other.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
    })
  } catch {
    throw malformed('YAML that its reader gives up on')
  }
}

const jsonFrom = (node: unknown, depth: number): Json => {
  if (depth > MANIFEST_YAML_DEPTH_MAX)
    throw malformed(`more than ${MANIFEST_YAML_DEPTH_MAX} levels`)
  if (node === null || node === undefined) return null
  if (isAlias(node)) throw malformed('an alias')
  if (isScalar(node)) {
    refuseExtras(node)
    return typeof node.value === 'string' ? scalarFrom(node.value, node.type) : null
  }
  if (isSeq(node)) {
    refuseExtras(node)
    return node.items.map((item) => jsonFrom(item, depth + 1))
  }
  if (!isMap(node)) throw malformed('something that is no scalar, list or map')
  refuseExtras(node)
  const entries = new Map<string, Json>()
  for (const { key, value } of node.items) {
    if (!isScalar(key) || typeof key.value !== 'string') throw malformed('a key that is no text')
    if (entries.has(key.value) || key.value === '__proto__')
      throw malformed(`the key ${key.value} twice, or forbidden`)
    entries.set(key.value, jsonFrom(value, depth + 1))
  }
  return Object.fromEntries(entries)
}

const refuseExtras = ({
  anchor,
  tag,
}: {
  readonly anchor?: string
  readonly tag?: string
}): void => {
  if (anchor !== undefined) throw malformed('an anchor')
  if (tag !== undefined) throw malformed('a tag')
}

const scalarFrom = (text: string, type: string | null | undefined): Json => {
  if (type !== 'PLAIN') return text
  if (/^(?:0|[1-9][0-9]{0,15})$/.test(text) && Number.isSafeInteger(Number(text)))
    return Number(text)
  if (text === 'true') return true
  if (text === 'false') return false
  return text === 'null' || text === '~' || text === '' ? null : text
}

const malformed = (what: string): Fault => new Fault('manifest/malformed', what)
