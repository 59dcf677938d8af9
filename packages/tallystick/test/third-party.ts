/** Third-party test vectors, read as they are. They lie outside the repository; a test that needs them says so. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

const folder: string | undefined = [
  process.env['TALLYSTICK_VECTORS'],
  new URL('../../../../shared/vectors', import.meta.url).pathname,
  new URL('../../../../../shared/vectors', import.meta.url).pathname,
].find((path) => path !== undefined && path !== '' && existsSync(path))

/** For `describe.skipIf`: the name tells whoever reads the report why nothing ran. */
export const vectorsAreMissing: boolean = folder === undefined

/** Adds the reason to the name of a skipped group. */
export const named = (name: string): string =>
  vectorsAreMissing ? `${name} (skipped: no vectors; set TALLYSTICK_VECTORS to their folder)` : name

export const vectorPath = (path: string): string => {
  if (folder === undefined) throw new Error('the third-party vectors are missing')
  return `${folder}/${path}`
}

export const readVectorBytes = (path: string): Uint8Array => {
  const bytes = readFileSync(vectorPath(path))
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes
}

export const readVectorText = (path: string): string =>
  new TextDecoder('utf-8', { fatal: true }).decode(readVectorBytes(path))

/** The caller states the shape of the file, which comes from a known project at a known commit. */
export const readVectorJson = <Shape>(path: string): Shape =>
  JSON.parse(readVectorText(path)) as Shape

/** The files of the Wycheproof project: groups of tests, each with what the group shares. */
export type Wycheproof<Group, Test> = {
  readonly numberOfTests: number
  readonly testGroups: readonly (Group & { readonly tests: readonly (WycheproofTest & Test)[] })[]
}

export type WycheproofTest = {
  readonly tcId: number
  readonly comment: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
}
