/**
 * A manifest made ready to run, once.
 *
 * Promise. What it returns can be called without any further look at the manifest: every type resolves, slots count from 0, every
 * instruction is known, and operands that name a slot of state, an argument, a result or a primitive name one that exists. What
 * a register holds is known only when it runs. Raises the faults of the manifest: `manifest/type-malformed`,
 * `manifest/code-malformed`, `manifest/element-malformed`, `manifest/unsupported`.
 */
import { bytesFromHex } from '../../../base/bytes.ts'
import { Fault, faultFrom } from '../../../base/fault.ts'
import { MANIFEST_FIELDS_MAX, PISA_ZERO_ITEMS_MAX } from '../../../base/limits.ts'
import {
  type Manifest,
  type ManifestCode,
  type ManifestElement,
  type ManifestField,
} from '../manifest/manifest.ts'
import {
  createTypes,
  isPrimitive,
  type Type,
  type TypedField,
  type Types,
  measureOf,
} from '../manifest/type-expression.ts'
import { readPolo } from '../polo/schema.ts'
import { topicOfName } from '../topic.ts'
import { decodeCode, type Instruction } from './decode.ts'
import {
  type FieldList,
  type Mode,
  type Program,
  type ProgramElement,
  type Routine,
  type RoutineKind,
  type Step,
} from './program.ts'
import { STEP_RUNS } from './steps.ts'
import { ZERO_BY_CODE } from './value.ts'
import { createValuePolo, type ValuePolo } from './value-polo.ts'

export const compile = (manifest: Manifest): Program | Fault =>
  faultFrom(() => compileManifest(manifest))

/** What elements are made with. */
type Compiler = {
  readonly types: Types
  readonly polo: ValuePolo
  readonly logicState: readonly TypedField[] | undefined
  readonly actorState: readonly TypedField[] | undefined
}

const SYNTAX = 1

const compileManifest = (manifest: Manifest): Program => {
  const { syntax, engine, kind, elements } = manifest
  if (syntax !== SYNTAX) throw unsupported(`the syntax ${syntax}`)
  if (engine.kind !== 'PISA') throw unsupported(`the engine ${engine.kind}`)
  if (!/^0\.[5-8]\.\d{1,4}$/.test(engine.version))
    throw unsupported(`version ${engine.version} of PISA`)
  if (kind !== 'logic' && kind !== 'asset') throw unsupported(`the kind ${kind}`)
  const types = createTypes(classesOf(elements))
  const compiler: Compiler = {
    types,
    polo: createValuePolo(),
    logicState: stateOf(elements, 'logic', types),
    actorState: stateOf(elements, 'actor', types),
  }
  const made = new Map<number, ProgramElement>()
  for (const element of elements) {
    if (made.has(element.ptr)) throw malformed(element.ptr, 'is there twice')
    made.set(element.ptr, elementFrom(element, compiler))
  }
  return {
    kind,
    elements: made,
    callsites: callsitesOf(made),
    methods: methodsOf(elements, made, types),
    logicState: compiler.logicState,
    actorState: compiler.actorState,
    polo: compiler.polo,
  }
}

const classesOf = (elements: readonly ManifestElement[]): Parameters<typeof createTypes>[0] => {
  const names = new Set<string>()
  const shapes: { name: string; fields: { label: string; type: string }[] }[] = []
  for (const element of elements) {
    if (element.kind !== 'class') continue
    const { name, fields } = element.data
    if (names.has(name)) throw malformed(element.ptr, `is a second class ${name}`)
    names.add(name)
    shapes.push({ name, fields: inOrder(fields ?? [], element.ptr) })
  }
  return shapes
}

/** Fields by their slots, which count from 0 without a gap; labels are different. */
const inOrder = (fields: readonly ManifestField[], ptr: number): ManifestField[] => {
  if (fields.length > MANIFEST_FIELDS_MAX) throw malformed(ptr, `has ${fields.length} fields`)
  const sorted = fields.toSorted((a, b) => a.slot - b.slot)
  const labels = new Set<string>()
  for (const [at, { slot, label }] of sorted.entries()) {
    if (slot !== at) throw malformed(ptr, `has slots that do not count from 0`)
    if (labels.has(label)) throw malformed(ptr, `has the label ${label} twice`)
    labels.add(label)
  }
  return sorted
}

const typedFields = (
  fields: readonly ManifestField[] | undefined,
  ptr: number,
  types: Types,
): readonly TypedField[] =>
  inOrder(fields ?? [], ptr).map(({ label, type }) => ({ label, type: types(type) }))

const stateOf = (
  elements: readonly ManifestElement[],
  mode: 'logic' | 'actor',
  types: Types,
): readonly TypedField[] | undefined => {
  let found: readonly TypedField[] | undefined
  for (const element of elements) {
    if (element.kind !== 'state') continue
    const { data, ptr } = element
    if (data.mode !== 'logic' && data.mode !== 'actor')
      throw malformed(ptr, `is a state of the mode ${data.mode}`)
    if (data.mode !== mode) continue
    if (found) throw malformed(ptr, `is a second state of the mode ${mode}`)
    found = typedFields(data.fields, ptr, types)
  }
  return found
}

const listOf = (
  fields: readonly ManifestField[] | undefined,
  ptr: number,
  { types, polo }: Compiler,
): FieldList => {
  const typed = typedFields(fields, ptr, types)
  const zeros = typed.reduce((sum, { type }) => sum + measureOf(type).zeroItems, 0)
  if (zeros > PISA_ZERO_ITEMS_MAX)
    throw malformed(ptr, `has fields of more than ${PISA_ZERO_ITEMS_MAX} values when they are zero`)
  return { fields: typed, polo: polo.fields(typed) }
}

const elementFrom = (element: ManifestElement, compiler: Compiler): ProgramElement => {
  const { ptr } = element
  switch (element.kind) {
    case 'literal': {
      const type = compiler.types(element.data.type)
      // A null stands for all zeros of an array: a few thousand such literals would fill the memory of whoever reads them.
      if (!isPrimitive(type)) throw malformed(ptr, 'is a literal of a type with parts')
      return {
        is: 'literal',
        value: readPolo(compiler.polo.of(type), literalBytes(element.data.value, ptr)),
      }
    }
    case 'typedef':
      return { is: 'type', type: compiler.types(element.data) }
    case 'class':
      return { is: 'type', type: compiler.types(`class.${element.data.name}`) }
    case 'callable':
    case 'method':
      return { is: 'routine', routine: routineFrom(element, compiler) }
    case 'event': {
      const { name, topics, fields } = element.data
      const list = listOf(fields, ptr, compiler)
      if (topics > list.fields.length)
        throw malformed(ptr, 'is an event with more topics than fields')
      return { is: 'event', event: { name, nameTopic: topicOfName(name), topics, list } }
    }
    case 'interface':
      return {
        is: 'interface',
        logicState: typedFields(element.data.logic?.fields, ptr, compiler.types),
        endpoints: (element.data.endpoint ?? []).map(({ name, mode, accepts, returns }) => ({
          name,
          mode,
          accepts: listOf(accepts, ptr, compiler),
          returns: listOf(returns, ptr, compiler),
        })),
      }
    case 'state':
    case 'asset':
      return { is: 'other' }
  }
}

const literalBytes = (value: string, ptr: number): Uint8Array => {
  const digits = (value.startsWith('0x') ? value.slice(2) : value).toLowerCase()
  if (!/^(?:[0-9a-f]{2})+$/.test(digits))
    throw malformed(ptr, 'is a literal that is not hexadecimal')
  return bytesFromHex(digits)
}

const KINDS: Readonly<Record<string, RoutineKind>> = {
  deploy: 'deploy',
  invoke: 'invoke',
  enlist: 'enlist',
  internal: 'internal',
}
const MODES: Readonly<Record<string, Mode>> = { pure: 'pure', static: 'static', dynamic: 'dynamic' }

type RoutineElement = Extract<ManifestElement, { kind: 'callable' | 'method' }>

const routineFrom = (element: RoutineElement, compiler: Compiler): Routine => {
  const { ptr, data } = element
  const isMethod = element.kind === 'method'
  const kind = isMethod ? 'method' : ownValue(KINDS, element.data.kind)
  const mode = isMethod ? undefined : ownValue(MODES, element.data.mode)
  if (kind === undefined || (mode === undefined && !isMethod))
    throw malformed(ptr, 'is a callable of an unknown mode or kind')
  if ((data.catches ?? []).length > 0) throw unsupported(`that ${data.name} catches exceptions`)
  const accepts = listOf(data.accepts, ptr, compiler)
  const returns = listOf(data.returns, ptr, compiler)
  const limits = {
    accepts,
    returns,
    logicState: compiler.logicState,
    actorState: compiler.actorState,
  }
  const steps = stepsFrom(data.executes, data.name, limits)
  const registers = registersOf(steps)
  const mutable = isMethod && element.data.mutable
  return { ptr, name: data.name, mode, kind, accepts, returns, steps, registers, mutable }
}

const ownValue = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

type Slots = Pick<Compiler, 'logicState' | 'actorState'> & Pick<Routine, 'accepts' | 'returns'>

const stepsFrom = (code: ManifestCode, name: string, slots: Slots): readonly Step[] =>
  decodeCode(code, name).map((instruction, at) => {
    const { opcode, operands } = instruction
    if (!operandsExist(instruction, slots))
      throw new Fault(
        'manifest/code-malformed',
        `what stands at ${at} of ${name} is ${opcode.name} for something that does not exist`,
      )
    const [a, b, c, d] = operands
    return { run: STEP_RUNS[opcode.name], fuel: opcode.fuel, a, b, c, d, opcode }
  })

/** One more than the highest register that is named. */
const registersOf = (steps: readonly Step[]): number => {
  let highest = -1
  for (const { opcode, a, b, c, d } of steps) {
    for (const [at, operand] of [a, b, c, d].entries()) {
      const kind = opcode.operands[at]
      if (kind === '$' || kind === '?') highest = Math.max(highest, operand)
    }
  }
  return highest + 1
}

/** Whether slots and codes that can be known beforehand are there. */
const operandsExist = ({ opcode, operands: [, b, c] }: Instruction, slots: Slots): boolean => {
  const name: string = opcode.name
  if (name === 'OBTAIN') return b < slots.accepts.fields.length
  if (name === 'YIELD') return b < slots.returns.fields.length
  if (name === 'LLOAD') return b < (slots.logicState?.length ?? 0)
  if (name === 'ALOAD') return c < (slots.actorState?.length ?? 0)
  if (name === 'PMAKE') return b < ZERO_BY_CODE.length
  return true
}

const callsitesOf = (elements: ReadonlyMap<number, ProgramElement>): Map<string, Routine> => {
  const callsites = new Map<string, Routine>()
  for (const [ptr, element] of elements) {
    if (element.is !== 'routine' || element.routine.kind === 'method') continue
    const { routine } = element
    if (callsites.has(routine.name)) throw malformed(ptr, `is a second callable ${routine.name}`)
    callsites.set(routine.name, routine)
  }
  return callsites
}

const methodsOf = (
  elements: readonly ManifestElement[],
  made: ReadonlyMap<number, ProgramElement>,
  types: Types,
): ReadonlyMap<Type, ReadonlyMap<number, Routine>> => {
  const methods = new Map<Type, ReadonlyMap<number, Routine>>()
  for (const element of elements) {
    if (element.kind !== 'class') continue
    const byCode = new Map<number, Routine>()
    for (const { ptr, code } of element.data.methods ?? []) {
      const found = made.get(ptr)
      if (found?.is !== 'routine' || found.routine.kind !== 'method' || byCode.has(code))
        throw malformed(element.ptr, `is a class whose method ${code} is not there, or there twice`)
      byCode.set(code, found.routine)
    }
    methods.set(types(`class.${element.data.name}`), byCode)
  }
  return methods
}

const malformed = (ptr: number, what: string): Fault =>
  new Fault('manifest/element-malformed', `element ${ptr} ${what}`)

const unsupported = (what: string): Fault =>
  new Fault('manifest/unsupported', `${what} is not supported`)
