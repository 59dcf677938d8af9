/**
 * Test vectors: `scripts/vectors.ts` writes `vectors/*.json`, `scripts/vectors.ts --check` only compares.
 *
 * Keys come from labelled seeds and signatures are deterministic, so that the same files come out on every machine.
 * A case is run while it is made; one that does not do what it says stops the script.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { areas } from './vectors/areas.ts'

const folder = join(import.meta.dirname, '../vectors')

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const main = (isChecking: boolean): number => {
  mkdirSync(folder, { recursive: true })
  let stale = 0
  for (const area of areas()) {
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
