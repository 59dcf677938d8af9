/** A host in memory, for tests: slots by account, an asset engine that keeps balances, and other logics to call. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesFromHex, hexFromBytes } from '../../../../src/base/bytes.ts'
import { type MoiId } from '../../../../src/dialects/moi/identifier.ts'
import { type Manifest } from '../../../../src/dialects/moi/manifest/manifest.ts'
import { readManifest } from '../../../../src/dialects/moi/manifest/read.ts'
import { callLogic, type LogicRun } from '../../../../src/dialects/moi/pisa/call-logic.ts'
import { compile } from '../../../../src/dialects/moi/pisa/compile.ts'
import { type CallOutcome, type PisaHost } from '../../../../src/dialects/moi/pisa/host.ts'
import { type Program } from '../../../../src/dialects/moi/pisa/program.ts'
import { type SlotStore, type Value } from '../../../../src/dialects/moi/pisa/value.ts'
import {
  type PoloEntries,
  readDocument,
  writeDocument,
} from '../../../../src/dialects/moi/polo/document.ts'
import {
  poloBool,
  poloBytes,
  poloNatural,
  poloText,
} from '../../../../src/dialects/moi/polo/scalar.ts'
import { encodePolo, readPolo } from '../../../../src/dialects/moi/polo/schema.ts'

export const sound = <T>(of: T): Exclude<T, Error> => {
  if (of instanceof Error) throw of
  return of as Exclude<T, Error>
}

export const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../third-party', name)))

export const manifestOf = (name: string): Manifest => sound(readManifest(fixture(name)))

type Elements = Manifest['elements']
type Field = { readonly slot: number; readonly label: string; readonly type: string }

/** Fields from lines such as `amount u256`. */
export const fieldsOf = (...lines: readonly string[]): readonly Field[] =>
  lines.map((line, slot) => {
    const [label = '', type = ''] = line.split(' ')
    return { slot, label, type }
  })

export type Sketch = {
  readonly asm?: readonly string[]
  readonly bin?: readonly number[]
  readonly accepts?: readonly string[]
  readonly returns?: readonly string[]
  readonly mode?: string
  readonly kind?: string
}

export const callableAt = (ptr: number, name: string, of: Sketch): Elements[number] => ({
  ptr,
  deps: undefined,
  kind: 'callable',
  data: {
    name,
    mode: of.mode ?? 'dynamic',
    kind: of.kind ?? 'invoke',
    accepts: fieldsOf(...(of.accepts ?? [])),
    returns: fieldsOf(...(of.returns ?? [])),
    executes: { bin: of.bin && Uint8Array.from(of.bin), hex: '', asm: of.asm },
    catches: [],
  },
})

/** A manifest with one callable `Run` at pointer 0, and elements beside it. */
export const sketch = (of: Sketch, ...beside: Elements): Manifest => ({
  syntax: 1,
  engine: { kind: 'PISA', flags: [], version: '0.5.0' },
  kind: 'logic',
  elements: [callableAt(0, 'Run', of), ...beside],
})

export const stateAt = (
  ptr: number,
  mode: string,
  ...lines: readonly string[]
): Elements[number] => ({
  ptr,
  deps: undefined,
  kind: 'state',
  data: { mode, fields: fieldsOf(...lines) },
})

export const typeAt = (ptr: number, data: string): Elements[number] => ({
  ptr,
  deps: undefined,
  kind: 'typedef',
  data,
})

export const literalAt = (ptr: number, type: string, message: Uint8Array): Elements[number] => ({
  ptr,
  deps: undefined,
  kind: 'literal',
  data: { type, value: `0x${hexFromBytes(message)}` },
})

export const classAt = (
  ptr: number,
  name: string,
  ...lines: readonly string[]
): Elements[number] => ({
  ptr,
  deps: undefined,
  kind: 'class',
  data: { name, fields: fieldsOf(...lines), methods: [] },
})

/** Runs the one callable of a sketch. */
export const runSketch = (
  of: Sketch,
  args: Record<string, Uint8Array> = {},
  ...beside: Elements
): CallOutcome => createWorld(sound(compile(sketch(of, ...beside)))).call('Run', args)

export const programOf = (name: string): Program => sound(compile(manifestOf(name)))

export const participant = (digit: string): MoiId => `00000000${digit.repeat(48)}00000000` as MoiId
export const LOGIC = `20000000${'e'.repeat(48)}00000000` as MoiId
export const ALICE: MoiId = participant('a')
export const BOB: MoiId = participant('b')

export const uint = (of: bigint | number): Uint8Array => encodePolo(poloNatural(256), BigInt(of))
export const text = (of: string): Uint8Array => encodePolo(poloText(65536), of)
export const bool = (of: boolean): Uint8Array => encodePolo(poloBool, of)
export const id = (of: MoiId): Uint8Array => encodePolo(poloBytes(32), bytesFromHex(of))

export const readUint = (of: Uint8Array | undefined): bigint =>
  readPolo(poloNatural(256), of ?? new Uint8Array([0]))
export const readText = (of: Uint8Array | undefined): string =>
  readPolo(poloText(65536), of ?? new Uint8Array([0]))
export const readBool = (of: Uint8Array | undefined): boolean =>
  readPolo(poloBool, of ?? new Uint8Array([0]))
export const readId = (of: Uint8Array | undefined): string =>
  hexFromBytes(readPolo(poloBytes(32), of ?? new Uint8Array([0])))

export type World = {
  readonly slots: Map<string, Map<string, Uint8Array>>
  /** Accounts that may not be reached. */
  readonly unreachable: Set<string>
  readonly host: PisaHost
  readonly call: (
    callsite: string,
    args?: Record<string, Uint8Array>,
    more?: Partial<LogicRun>,
  ) => CallOutcome
}

const store = (slots: Map<string, Uint8Array>): SlotStore => ({
  read: (key) => slots.get(hexFromBytes(key)),
  write: (key, value) => {
    slots.set(hexFromBytes(key), value)
  },
})

/** One logic in a world of its own. What a call writes is kept only when it ends well. */
export const createWorld = (program: Program, more: Partial<PisaHost> = {}): World => {
  const slots = new Map<string, Map<string, Uint8Array>>()
  const unreachable = new Set<string>()
  const slotsOf = (account: string): Map<string, Uint8Array> => {
    const held = slots.get(account) ?? new Map<string, Uint8Array>()
    slots.set(account, held)
    return held
  }
  const host: PisaHost = {
    logic: LOGIC,
    logicState: {
      read: (key) => store(slotsOf('logic')).read(key),
      write: (key, value) => store(slotsOf('logic')).write(key, value),
    },
    actorState: (account) => (unreachable.has(account) ? undefined : store(slotsOf(account))),
    time: 0n,
    ...more,
  }
  const call: World['call'] = (callsite, args = {}, other = {}) => {
    const before = new Map([...slots].map(([account, held]) => [account, new Map(held)]))
    const entries = Object.entries(args)
    const outcome = callLogic({
      program,
      callsite,
      kind: 'invoke',
      calldata: entries.length === 0 ? new Uint8Array() : writeDocument(new Map(entries)),
      sender: ALICE,
      host,
      meter: { used: 0, limit: 100_000 },
      ...other,
    })
    if (outcome.is !== 'ok') {
      slots.clear()
      for (const [account, held] of before) slots.set(account, held)
    }
    return outcome
  }
  return { slots, unreachable, host, call }
}

/** The results of a call that has to end well, by their labels. */
export const outputsOf = (outcome: CallOutcome): PoloEntries => {
  if (outcome.is !== 'ok') throw new Error(JSON.stringify({ ...outcome, error: undefined }))
  return sound(readDocument(outcome.outputs))
}

export type { Value }
