/**
 * Templates: definitions that come with the package, to begin machines with. They are the files of `examples/statecharts`, byte for
 * byte; the build puts a copy beside the command.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { usageError } from './print.ts'

const PUBLISHED = fileURLToPath(new URL('../templates', import.meta.url))
const SOURCES = fileURLToPath(new URL('../../../../examples/statecharts', import.meta.url))
const ENDING = /(?<!\.plays)\.json$/

const folder = (): string => (existsSync(PUBLISHED) ? PUBLISHED : SOURCES)

export const templateNames = (): readonly string[] =>
  readdirSync(folder())
    .filter((name) => ENDING.test(name))
    .map((name) => name.replace(ENDING, ''))
    .sort()

/** Path of a template's file. Raises a usage error that lists them all. */
export const templatePath = (name: string): string => {
  const names = templateNames()
  if (names.includes(name)) return join(folder(), `${name}.json`)
  throw usageError(`there is no template ${name}`, `--template ${names.join(', ')}`)
}

export const templateText = (name: string): string => readFileSync(templatePath(name), 'utf8')
