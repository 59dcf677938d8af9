/**
 * Manifests as JSON values, both ways.
 *
 * Promise. Total and bounded: a manifest with all the members that its kind of element has, or the fault
 * `manifest/malformed` that names the member. Members that may be left out are those that published manifests leave out. What is
 * unknown is refused, because the POLO form has no place for it and would lose it silently. `jsonFromManifest` writes members
 * in the order of MOI's own files.
 */
import { Fault, faultFrom } from '../../../base/fault.ts'
import {
  MANIFEST_BYTES_MAX,
  MANIFEST_ELEMENTS_MAX,
  MANIFEST_FIELDS_MAX,
  MANIFEST_LITERAL_BYTES_MAX,
  MANIFEST_NAME_BYTES_MAX,
  PISA_INSTRUCTIONS_MAX,
} from '../../../base/limits.ts'
import {
  isJsonList,
  isJsonObject,
  type Json,
  jsonFromText,
  type JsonObject,
} from '../../../forms/strict-json.ts'
import {
  type Manifest,
  type ManifestCallable,
  type ManifestClass,
  type ManifestCode,
  type ManifestElement,
  type ManifestEndpoint,
  type ManifestEvent,
  type ManifestField,
  type ManifestInterface,
  type ManifestLiteral,
  type ManifestMethod,
  type ManifestState,
} from './manifest.ts'

export const manifestFromJsonText = (text: string): Manifest | Fault =>
  faultFrom(() => manifestFromJson(jsonFromText(text, MANIFEST_BYTES_MAX)))

/** Raises `manifest/malformed`. */
export const manifestFromJson = (json: Json | undefined): Manifest => {
  const of = members(json, 'the manifest', ['syntax', 'engine', 'kind', 'elements'])
  const engine = members(of['engine'], 'engine', ['kind', 'flags', 'version'])
  return {
    syntax: count(of['syntax'], 'syntax'),
    engine: {
      kind: text(engine['kind'], 'engine.kind'),
      flags: list(engine['flags'], 'engine.flags', (flag) => text(flag, 'a flag')),
      version: text(engine['version'], 'engine.version'),
    },
    kind: text(of['kind'], 'kind'),
    elements: list(of['elements'], 'elements', elementFrom, MANIFEST_ELEMENTS_MAX) ?? [],
  }
}

const elementFrom = (json: Json): ManifestElement => {
  const of = members(json, 'an element', ['ptr', 'deps', 'kind', 'data'])
  const ptr = count(of['ptr'], 'ptr')
  const deps = list(
    of['deps'],
    `deps of ${ptr}`,
    (dep) => count(dep, 'a dep'),
    MANIFEST_ELEMENTS_MAX,
  )
  const kind = text(of['kind'], `kind of ${ptr}`)
  const { data } = of
  switch (kind) {
    case 'literal':
      return { ptr, deps, kind, data: literalFrom(data) }
    case 'typedef':
      return { ptr, deps, kind, data: text(data, 'a typedef') }
    case 'state':
      return { ptr, deps, kind, data: stateFrom(data) }
    case 'callable':
      return { ptr, deps, kind, data: callableFrom(data) }
    case 'method':
      return { ptr, deps, kind, data: methodFrom(data) }
    case 'class':
      return { ptr, deps, kind, data: classFrom(data) }
    case 'interface':
      return { ptr, deps, kind, data: interfaceFrom(data) }
    case 'event':
      return { ptr, deps, kind, data: eventFrom(data) }
    case 'asset':
      return {
        ptr,
        deps,
        kind,
        data: { engine: text(members(data, 'asset', ['engine'])['engine'], 'engine') },
      }
  }
  throw malformed(`element ${ptr} is of the unknown kind ${kind.slice(0, 32)}`)
}

const literalFrom = (json: Json | undefined): ManifestLiteral => {
  const of = members(json, 'a literal', ['type', 'value'])
  return {
    type: text(of['type'], 'type'),
    value: text(of['value'], 'value', MANIFEST_LITERAL_BYTES_MAX),
  }
}

const stateFrom = (json: Json | undefined): ManifestState => {
  const of = members(json, 'a state', ['mode', 'fields'])
  return { mode: text(of['mode'], 'mode'), fields: fieldsFrom(of['fields'], 'fields') }
}

const CALL = ['accepts', 'returns', 'executes', 'catches'] as const

const callableFrom = (json: Json | undefined): ManifestCallable => {
  const of = members(json, 'a callable', ['name', 'mode', 'kind', ...CALL])
  const name = text(of['name'], 'name')
  return {
    name,
    mode: text(of['mode'], 'mode'),
    kind: text(of['kind'], 'kind'),
    ...callFrom(of, name),
  }
}

const methodFrom = (json: Json | undefined): ManifestMethod => {
  const of = members(json, 'a method', ['name', 'class', 'mutable', ...CALL])
  const name = text(of['name'], 'name')
  const { mutable = false } = of
  if (typeof mutable !== 'boolean') throw malformed(`mutable of ${name} is neither true nor false`)
  return { name, class: text(of['class'], 'class'), mutable, ...callFrom(of, name) }
}

type Call = Pick<ManifestCallable, (typeof CALL)[number]>

const callFrom = (of: JsonObject, name: string): Call => ({
  accepts: fieldsFrom(of['accepts'], `accepts of ${name}`),
  returns: fieldsFrom(of['returns'], `returns of ${name}`),
  executes: codeFrom(of['executes'], `executes of ${name}`),
  catches: list(of['catches'], `catches of ${name}`, (one) => text(one, 'a catch')),
})

const codeFrom = (json: Json | undefined, what: string): ManifestCode => {
  if (json === undefined || json === null) return { bin: undefined, hex: '', asm: undefined }
  const of = members(json, what, ['bin', 'hex', 'asm'])
  const bin = list(of['bin'], `${what}, bin`, byte, 4 * PISA_INSTRUCTIONS_MAX)
  return {
    bin: bin && Uint8Array.from(bin),
    hex: text(of['hex'] ?? '', `${what}, hex`, MANIFEST_BYTES_MAX),
    asm: list(of['asm'], `${what}, asm`, (line) => text(line, 'a line'), PISA_INSTRUCTIONS_MAX),
  }
}

const byte = (json: Json): number => {
  const of = count(json, 'a byte')
  if (of > 255) throw malformed(`a byte of ${of}`)
  return of
}

const classFrom = (json: Json | undefined): ManifestClass => {
  const of = members(json, 'a class', ['name', 'fields', 'methods'])
  const name = text(of['name'], 'name')
  return {
    name,
    fields: fieldsFrom(of['fields'], `fields of ${name}`),
    methods: list(of['methods'], `methods of ${name}`, (method) => {
      const { ptr, code } = members(method, 'a method', ['ptr', 'code'])
      return { ptr: count(ptr, 'ptr'), code: count(code, 'code') }
    }),
  }
}

const interfaceFrom = (json: Json | undefined): ManifestInterface => {
  const of = members(json, 'an interface', ['name', 'logic', 'actor', 'endpoint'])
  return {
    name: text(of['name'], 'name'),
    logic: isAbsent(of['logic']) ? undefined : stateFrom(of['logic']),
    actor: isAbsent(of['actor']) ? undefined : stateFrom(of['actor']),
    endpoint: list(of['endpoint'], 'endpoint', endpointFrom),
  }
}

const endpointFrom = (json: Json): ManifestEndpoint => {
  const of = members(json, 'an endpoint', ['name', 'mode', 'accepts', 'returns'])
  const name = text(of['name'], 'name')
  return {
    name,
    mode: isAbsent(of['mode']) ? undefined : text(of['mode'], 'mode'),
    accepts: fieldsFrom(of['accepts'], `accepts of ${name}`),
    returns: fieldsFrom(of['returns'], `returns of ${name}`),
  }
}

const eventFrom = (json: Json | undefined): ManifestEvent => {
  const of = members(json, 'an event', ['name', 'topics', 'fields'])
  const name = text(of['name'], 'name')
  return {
    name,
    topics: count(of['topics'], 'topics'),
    fields: fieldsFrom(of['fields'], `fields of ${name}`),
  }
}

const fieldsFrom = (json: Json | undefined, what: string): readonly ManifestField[] | undefined =>
  list(json, what, (field) => {
    const of = members(field, `a field in ${what}`, ['slot', 'label', 'type'])
    return {
      slot: count(of['slot'], 'slot'),
      label: text(of['label'], 'label'),
      type: text(of['type'], 'type'),
    }
  })

const isAbsent = (json: Json | undefined): json is null | undefined =>
  json === null || json === undefined

const members = (json: Json | undefined, what: string, names: readonly string[]): JsonObject => {
  if (!isJsonObject(json)) throw malformed(`${what} is no object`)
  for (const name of Object.keys(json))
    if (!names.includes(name))
      throw malformed(`${what} has the unknown member ${name.slice(0, 32)}`)
  return json
}

const count = (json: Json | undefined, what: string): number => {
  if (typeof json !== 'number' || !Number.isSafeInteger(json) || json < 0)
    throw malformed(`${what} is no number from 0 on`)
  return json
}

const text = (
  json: Json | undefined,
  what: string,
  bytesMax: number = MANIFEST_NAME_BYTES_MAX,
): string => {
  if (typeof json !== 'string') throw malformed(`${what} is no text`)
  // A character has at most three bytes for each unit; only long texts are worth counting.
  if (json.length * 3 > bytesMax && utf8Length(json) > bytesMax)
    throw malformed(`${what} has more than ${bytesMax} bytes`)
  return json
}

const utf8Length = (of: string): number => new TextEncoder().encode(of).length

const list = <T>(
  json: Json | undefined,
  what: string,
  item: (json: Json) => T,
  countMax: number = MANIFEST_FIELDS_MAX,
): readonly T[] | undefined => {
  if (json === undefined || json === null) return undefined
  if (!isJsonList(json)) throw malformed(`${what} is no list`)
  if (json.length > countMax) throw malformed(`${what} has more than ${countMax} items`)
  return json.map(item)
}

const malformed = (what: string): Fault => new Fault('manifest/malformed', what)

/** The manifest as a JSON value whose members are in the order of MOI's files. */
export const jsonFromManifest = (manifest: Manifest): JsonObject => ({
  syntax: manifest.syntax,
  engine: compact(manifest.engine),
  kind: manifest.kind,
  elements: manifest.elements.map(({ ptr, deps, kind, data }) =>
    compact({ ptr, deps, kind, data: typeof data === 'string' ? data : compact(data) }),
  ),
})

/** Members that are there; bytes as lists of numbers. */
const compact = (of: object): JsonObject => {
  const kept: Record<string, Json> = {}
  for (const [name, value] of Object.entries(of)) {
    const json = plainJson(value)
    if (json !== undefined) kept[name] = json
  }
  return kept
}

const plainJson = (value: unknown): Json | undefined => {
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map((item) => plainJson(item) ?? null)
  if (typeof value === 'object' && value !== null) return compact(value)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined
}

/** The bytes of MOI's own files: two spaces for each level, nothing after the end. */
export const jsonTextFromManifest = (manifest: Manifest): string =>
  JSON.stringify(jsonFromManifest(manifest), undefined, 2)
