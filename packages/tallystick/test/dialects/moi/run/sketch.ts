/** Manifests for tests, from assembly. */
import { isFault } from '../../../../src/base/fault.ts'
import type { MoiId } from '../../../../src/dialects/moi/identifier.ts'
import { manifestFromJson } from '../../../../src/dialects/moi/manifest/json.ts'
import { poloFromManifest } from '../../../../src/dialects/moi/manifest/polo.ts'
import type { MoiOperation } from '../../../../src/dialects/moi/operation.ts'
import type { Json } from '../../../../src/forms/strict-json.ts'
import { calldata, messageOf, type Town } from './town.ts'

type Args = Parameters<typeof calldata>[0]

export const manifest = (elements: readonly Json[], kind: 'asset' | 'logic'): Uint8Array =>
  poloFromManifest(
    manifestFromJson({
      syntax: 1,
      engine: { kind: 'PISA', flags: [], version: '0.5.0' },
      kind,
      elements,
    }),
  )

/** Fields from lines such as `amount u256`. */
export const fields = (...lines: readonly string[]): Json =>
  lines.map((line, slot) => {
    const [label = '', type = ''] = line.split(' ')
    return { slot, label, type }
  })

export type Sketch = {
  readonly kind?: string
  readonly mode?: string
  readonly accepts?: Json
  readonly returns?: Json
}

export const routine = (
  ptr: number,
  name: string,
  asm: readonly string[],
  of: Sketch = {},
): Json => ({
  ptr,
  kind: 'callable',
  data: {
    name,
    mode: of.mode ?? 'dynamic',
    kind: of.kind ?? 'invoke',
    accepts: of.accepts ?? [],
    returns: of.returns ?? [],
    executes: { asm },
    catches: [],
  },
})

export const literal = (ptr: number, type: string, value: string): Json => ({
  ptr,
  kind: 'literal',
  data: { type, value },
})

export const state = (ptr: number, mode: 'logic' | 'actor', of: Json): Json => ({
  ptr,
  kind: 'state',
  data: { mode, fields: of },
})

export type EndpointSketch = {
  readonly name: string
  readonly mode?: string
  readonly accepts?: Json
  readonly returns?: Json
}

export const interfaceOf = (ptr: number, ...endpoint: readonly EndpointSketch[]): Json => ({
  ptr,
  kind: 'interface',
  data: {
    name: 'Other',
    endpoint: endpoint.map((one) => ({
      name: one.name,
      ...(one.mode === undefined ? {} : { mode: one.mode }),
      accepts: one.accepts ?? [],
      returns: one.returns ?? [],
    })),
  },
})

export const deploy = (bytes: Uint8Array, callsite = '', args: Args = {}): MoiOperation => ({
  is: 'logic-deploy',
  manifest: bytes,
  callsite,
  calldata: calldata(args),
  interfaces: new Map(),
})

export const invoke = (
  logicId: MoiId,
  callsite: string,
  args: Args = {},
  is: 'logic-invoke' | 'logic-enlist' = 'logic-invoke',
): MoiOperation => ({ is, logicId, callsite, calldata: calldata(args), interfaces: new Map() })

/** Deploys as ada, and returns the logic. */
export const deployIn = (town: Town, operation: MoiOperation): MoiId => {
  const { receipt } = town.send({ do: [operation] })
  const id = receipt.operations[0]?.created
  if (receipt.status !== 'ok' || !id) throw new Error(messageOf(receipt))
  return id
}

export const sound = <T>(of: T): Exclude<T, Error> => {
  if (isFault(of)) throw of
  return of as Exclude<T, Error>
}
