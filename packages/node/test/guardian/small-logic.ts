/** Logics of one routine, in assembly. */
import { isFault } from 'tallystick/base'
import { manifestFromJsonText, type MoiOperation, poloFromManifest } from 'tallystick/moi'
import { idFrom } from './town.ts'

/** A logic with one routine. */
export const logicOf = (
  accepts: readonly string[],
  asm: readonly string[],
  more: readonly unknown[] = [],
): MoiOperation => {
  const fields = accepts.map((line, slot) => {
    const [label = '', type = ''] = line.split(' ')
    return { slot, label, type }
  })
  const data = {
    name: 'Run',
    mode: 'dynamic',
    kind: 'invoke',
    accepts: fields,
    returns: [],
    executes: { asm },
    catches: [],
  }
  const elements = [{ ptr: 1, kind: 'callable', data }, ...more]
  const manifest = manifestFromJsonText(
    JSON.stringify({
      syntax: 1,
      engine: { kind: 'PISA', flags: [], version: '0.5.0' },
      kind: 'logic',
      elements,
    }),
  )
  if (isFault(manifest)) throw manifest
  return {
    is: 'logic-deploy',
    manifest: poloFromManifest(manifest),
    callsite: '',
    calldata: new Uint8Array(0),
    interfaces: new Map(),
  }
}

export const invokeOf = (logicId: string, calldata: Uint8Array): MoiOperation => ({
  is: 'logic-invoke',
  logicId: idFrom(logicId),
  callsite: 'Run',
  calldata,
  interfaces: new Map(),
})
