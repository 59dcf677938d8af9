/**
 * Test vectors: `scripts/vectors.ts` writes `vectors/*.json`, `scripts/vectors.ts --check` only compares.
 *
 * Keys come from labelled seeds and signatures are deterministic, so that the same files come out on every machine.
 * A case is run while it is made; one that does not do what it says stops the script.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { areas } from './vectors/areas.ts'
import type { Area } from './vectors/case.ts'
import type { Json } from './vectors/finding.ts'
import { isObject } from './vectors/read.ts'
import { complaintsOf } from './vectors/schema.ts'

const folder = join(import.meta.dirname, '../vectors')

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const schemaAt = (name: string): Json => JSON.parse(readText(join(folder, 'schema', name))) as Json

/** Throws where an area or the input of one of its cases does not fit the schema that is published beside it. */
const checkSchema = (area: Area): void => {
  const inputs = schemaAt('inputs.json')
  const definitions = isObject(inputs) ? inputs['$defs'] : undefined
  const known = isObject(definitions) ? definitions['checks'] : undefined
  const complaints = [
    ...complaintsOf(schemaAt('area.json'), area as unknown as Json),
    ...area.cases.flatMap(({ id, check, input }) => {
      const schema = isObject(known) ? (known[check] ?? null) : null
      return complaintsOf(schema, input, inputs).map((one) => `${id}: ${one}`)
    }),
  ]
  if (complaints.length > 0) throw new Error(complaints.join('\n'))
}

const main = (isChecking: boolean): number => {
  mkdirSync(folder, { recursive: true })
  let stale = 0
  for (const area of areas()) {
    checkSchema(area)
    const path = join(folder, `${area.area}.json`)
    const ids = new Set(area.cases.map((one) => one.id))
    if (ids.size !== area.cases.length) throw new Error(`${area.area} has two cases of one id`)
    const text = `${JSON.stringify(area, undefined, 1)}\n`
    if (readText(path) === text) continue
    if (isChecking) {
      console.log(`vectors/${area.area}.json is not what scripts/vectors.ts makes`)
      stale += 1
    } else {
      writeFileSync(path, text)
      console.log(`vectors/${area.area}.json: ${area.cases.length} cases`)
    }
  }
  return stale === 0 ? 0 : 1
}

process.exitCode = main(process.argv.includes('--check'))
