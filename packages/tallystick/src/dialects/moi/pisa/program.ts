/** A manifest made ready to run: what `compile.ts` makes and the instructions read. */
import { type Type, type TypedField } from '../manifest/type-expression.ts'
import { type Polo } from '../polo/schema.ts'
import { type Frame } from './frame.ts'
import { type Opcode } from './opcodes.ts'
import { type Value } from './value.ts'
import { type ValuePolo } from './value-polo.ts'

/** One instruction: what it does, what it costs and its operands, in one object that the loop goes through. */
export type Step = {
  readonly run: (frame: Frame, step: Step) => void
  readonly fuel: number
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
  readonly opcode: Opcode
}

/** What a routine may do with state, in ascending order. */
export type Mode = 'pure' | 'static' | 'dynamic'
export type RoutineKind = 'deploy' | 'invoke' | 'enlist' | 'internal' | 'method'

/** Fields of a call or an event, and how they are written together. */
export type FieldList = {
  readonly fields: readonly TypedField[]
  readonly polo: Polo<readonly Value[]>
}

export type Routine = {
  readonly ptr: number
  readonly name: string
  /** Undefined for a method, which may do what its caller may. */
  readonly mode: Mode | undefined
  readonly kind: RoutineKind
  readonly accepts: FieldList
  readonly returns: FieldList
  readonly steps: readonly Step[]
  readonly registers: number
  /** Whether a method may change the value that it is of. */
  readonly mutable: boolean
}

export type EventShape = {
  readonly name: string
  readonly nameTopic: Uint8Array
  readonly topics: number
  readonly list: FieldList
}

export type Endpoint = {
  readonly name: string
  readonly mode: string | undefined
  readonly accepts: FieldList
  readonly returns: FieldList
}

export type ProgramElement =
  | { readonly is: 'literal'; readonly value: Value }
  | { readonly is: 'type'; readonly type: Type }
  | { readonly is: 'routine'; readonly routine: Routine }
  | { readonly is: 'event'; readonly event: EventShape }
  | {
      readonly is: 'interface'
      readonly endpoints: readonly Endpoint[]
      readonly logicState: readonly TypedField[]
    }
  | { readonly is: 'other' }

export type Program = {
  /** `logic` or `asset`. */
  readonly kind: string
  readonly elements: ReadonlyMap<number, ProgramElement>
  /** Routines that can be called from outside, and internal ones, by name. */
  readonly callsites: ReadonlyMap<string, Routine>
  /** Methods of a class by their codes; by the class's type. */
  readonly methods: ReadonlyMap<Type, ReadonlyMap<number, Routine>>
  readonly logicState: readonly TypedField[] | undefined
  readonly actorState: readonly TypedField[] | undefined
  readonly polo: ValuePolo
}
