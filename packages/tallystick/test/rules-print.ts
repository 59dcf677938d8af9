/**
 * D8: runs the vectors about rules on the runtime that it is started with, where nothing says what time it is, draws a number or knows a
 * place; and so many times again with maps, sets and objects that have another order each time. Prints how many there are and which of them say something else than what is recorded. Bundled by `rules.test.ts`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Area, runCheck } from '../../../scripts/vectors/case.ts'
import { unordered, withShuffledOrder } from './shuffled.ts'

/** Checks that run what operations do; of those with many signatures a few are enough elsewhere. */
const RULES = ['history', 'expression', 'moi-execution', 'interaction', 'witness', 'replacement']

const [, , folder = '', rounds = '0'] = process.argv
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && name !== 'without.json')
  .flatMap((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as Area).cases)
  .filter((one) => RULES.includes(one.check))

const refused = (what: string) => (): never => {
  throw new Error(`rules asked for ${what}`)
}
Math.random = refused('a number')
Date.now = refused('the time')
performance.now = refused('the time')
String.prototype.localeCompare = refused('an order of some language')
Number.prototype.toLocaleString = refused('digits of some language')
String.prototype.toLocaleLowerCase = refused('letters of some language')

const wrong = cases.filter((one) => {
  const found = runCheck(one.check, one.input)
  const isOther = JSON.stringify(found.expected) !== JSON.stringify(one.expected)
  return found.fault !== one.fault || (one.expected !== undefined && isOther)
})
const shuffled = Array.from({ length: Number(rounds) }, (_, seed) =>
  cases.filter((one) => {
    const found = withShuffledOrder(seed + 1, () => runCheck(one.check, one.input))
    const isOther = unordered(found.expected) !== unordered(one.expected)
    return found.fault !== one.fault || (one.expected !== undefined && isOther)
  }),
).flat()
process.stdout.write(
  JSON.stringify({
    version: process.version,
    zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    count: cases.length,
    wrong: wrong.map((one) => one.id),
    shuffled: shuffled.map((one) => one.id),
  }),
)
