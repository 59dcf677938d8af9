/**
 * Puts `docs/faults.md` in order: `scripts/docs.ts` writes, `scripts/docs.ts --check` only compares.
 *
 * Many hands add paragraphs there, and git joins what they add without a conflict. Sorting is left to this script;
 * two different paragraphs about one code are left to a person.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const path = join(import.meta.dirname, '../docs/faults.md')

/** Throws when a code is explained twice in different words. */
const sorted = (page: string): string => {
  const [head = '', ...parts] = page.split(/^(?=### )/m)
  const byCode = new Map<string, string>()
  for (const part of parts) {
    const text = part.trim()
    const code = text.split('\n')[0]?.slice(4).trim() ?? ''
    if ((byCode.get(code) ?? text) !== text)
      throw new Error(`docs/faults.md explains ${code} twice`)
    byCode.set(code, text)
  }
  const paragraphs = [...byCode.keys()].toSorted().map((code) => byCode.get(code) ?? '')
  return `${[head.trim(), ...paragraphs].join('\n\n')}\n`
}

const page = readFileSync(path, 'utf8')
const wanted = sorted(page)
if (page !== wanted && process.argv.includes('--check')) {
  console.log(
    'docs/faults.md is out of order; node_modules/.bin/node scripts/docs.ts puts it in order',
  )
  process.exitCode = 1
} else if (page !== wanted) {
  writeFileSync(path, wanted)
}
