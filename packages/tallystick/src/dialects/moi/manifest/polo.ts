/**
 * Manifests in POLO, both ways, byte for byte as MOI's client writes them.
 *
 * | what | pack of |
 * |---|---|
 * | manifest | syntax, engine, kind, elements |
 * | engine | kind, flags, version |
 * | element | ptr, deps, kind, data |
 * | literal | type, value |
 * | typedef | the text itself |
 * | state | mode, fields |
 * | callable | name, mode, kind, accepts, returns, executes, catches |
 * | method | name, class, mutable, accepts, returns, executes, catches |
 * | class | name, fields, methods |
 * | interface | name, logic, actor, endpoint |
 * | event | name, topics, fields |
 * | asset | engine |
 * | executes | bin, hex, asm |
 *
 * A list that is not there is null. The mode of an interface's endpoint has no place here and is lost.
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
import { poloArray, poloStruct } from '../polo/container.ts'
import { poloBool, poloBytes, poloText, poloWhole } from '../polo/scalar.ts'
import { encodePolo, type Polo, poloMapped, poloNullable, readPolo } from '../polo/schema.ts'
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
import {
  closeContainer,
  markElement,
  nextElement,
  openContainer,
  type PoloIn,
  WIRE,
} from '../polo/wire.ts'

export const manifestFromPolo = (bytes: Uint8Array): Manifest | Fault =>
  faultFrom(() => readPolo(manifestPolo, bytes))

export const poloFromManifest = (manifest: Manifest): Uint8Array =>
  encodePolo(manifestPolo, manifest)

const nameText = poloText(MANIFEST_NAME_BYTES_MAX)
const count = poloWhole(Number.MAX_SAFE_INTEGER)

const listOf = <T>(
  item: Polo<T>,
  countMax: number = MANIFEST_FIELDS_MAX,
): Polo<readonly T[] | undefined> => poloNullable(poloArray(item, countMax))

const fields = listOf(poloStruct<ManifestField>({ slot: count, label: nameText, type: nameText }))

const executes = poloStruct<ManifestCode>({
  bin: poloNullable(poloBytes(4 * PISA_INSTRUCTIONS_MAX)),
  hex: poloText(MANIFEST_BYTES_MAX),
  asm: listOf(nameText, PISA_INSTRUCTIONS_MAX),
})

const catches = listOf(nameText)
const state = poloStruct<ManifestState>({ mode: nameText, fields })

type PoloEndpoint = Omit<ManifestEndpoint, 'mode'>

const endpoint = poloMapped<PoloEndpoint, ManifestEndpoint>(
  poloStruct<PoloEndpoint>({ name: nameText, accepts: fields, returns: fields }),
  (read) => ({ ...read, mode: undefined }),
  ({ name, accepts, returns }) => ({ name, accepts, returns }),
)

const literalPolo = poloStruct<ManifestLiteral>({
  type: nameText,
  value: poloText(MANIFEST_LITERAL_BYTES_MAX),
})

const callablePolo = poloStruct<ManifestCallable>({
  name: nameText,
  mode: nameText,
  kind: nameText,
  accepts: fields,
  returns: fields,
  executes,
  catches,
})

const methodPolo = poloStruct<ManifestMethod>({
  name: nameText,
  class: nameText,
  mutable: poloBool,
  accepts: fields,
  returns: fields,
  executes,
  catches,
})

const classPolo = poloStruct<ManifestClass>({
  name: nameText,
  fields,
  methods: listOf(poloStruct<{ ptr: number; code: number }>({ ptr: count, code: count })),
})

const interfacePolo = poloStruct<ManifestInterface>({
  name: nameText,
  logic: poloNullable(state),
  actor: poloNullable(state),
  endpoint: listOf(endpoint),
})

const eventPolo = poloStruct<ManifestEvent>({ name: nameText, topics: count, fields })
const assetPolo = poloStruct<{ engine: string }>({ engine: nameText })

type Out = Parameters<Polo<ManifestElement>['write']>[0]

/** Writes what an element says, in the form of its kind. */
const writeData = (out: Out, element: ManifestElement): number => {
  switch (element.kind) {
    case 'literal':
      return literalPolo.write(out, element.data)
    case 'typedef':
      return nameText.write(out, element.data)
    case 'state':
      return state.write(out, element.data)
    case 'callable':
      return callablePolo.write(out, element.data)
    case 'method':
      return methodPolo.write(out, element.data)
    case 'class':
      return classPolo.write(out, element.data)
    case 'interface':
      return interfacePolo.write(out, element.data)
    case 'event':
      return eventPolo.write(out, element.data)
    case 'asset':
      return assetPolo.write(out, element.data)
  }
}

type Head = { readonly ptr: number; readonly deps: readonly number[] | undefined }

const readData = (head: Head, kind: string, read: <T>(polo: Polo<T>) => T): ManifestElement => {
  switch (kind) {
    case 'literal':
      return { ...head, kind, data: read(literalPolo) }
    case 'typedef':
      return { ...head, kind, data: read(nameText) }
    case 'state':
      return { ...head, kind, data: read(state) }
    case 'callable':
      return { ...head, kind, data: read(callablePolo) }
    case 'method':
      return { ...head, kind, data: read(methodPolo) }
    case 'class':
      return { ...head, kind, data: read(classPolo) }
    case 'interface':
      return { ...head, kind, data: read(interfacePolo) }
    case 'event':
      return { ...head, kind, data: read(eventPolo) }
    case 'asset':
      return { ...head, kind, data: read(assetPolo) }
  }
  throw malformed(`element ${head.ptr} is of the unknown kind ${kind.slice(0, 32)}`)
}

const malformed = (what: string): Fault => new Fault('manifest/malformed', what)

const deps = listOf(count, MANIFEST_ELEMENTS_MAX)

/** The form of the fourth part depends on the third. */
const element: Polo<ManifestElement> = {
  write: (out, value) => {
    const first = out.marked
    markElement(out, writeData(out, value))
    markElement(out, nameText.write(out, value.kind))
    markElement(out, deps.write(out, value.deps))
    markElement(out, count.write(out, value.ptr))
    closeContainer(out, first)
    return WIRE.pack
  },
  read: (from, wire, start, end) => {
    if (wire !== WIRE.pack) throw malformed('an element is no pack')
    return readElement(from, start, end)
  },
}

const readElement = (from: PoloIn, start: number, end: number): ManifestElement => {
  const cursor = openContainer(from, start, end)
  const next = <T>(polo: Polo<T>): T => {
    if (!nextElement(from, cursor)) throw malformed('an element has fewer than four parts')
    return polo.read(from, cursor.wire, cursor.start, cursor.end)
  }
  const head = { ptr: next(count), deps: next(deps) }
  const kind = next(nameText)
  const read = readData(head, kind, next)
  if (nextElement(from, cursor)) throw malformed('an element has more than four parts')
  return read
}

type Engine = Manifest['engine']

const manifestPolo: Polo<Manifest> = poloStruct<Manifest>({
  syntax: count,
  engine: poloStruct<Engine>({ kind: nameText, flags: listOf(nameText), version: nameText }),
  kind: nameText,
  elements: poloArray(element, MANIFEST_ELEMENTS_MAX),
})
