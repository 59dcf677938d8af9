/**
 * What a definition says, under `meta.nsm`, to those who run it: which model makes its steps final, and which inputs may be
 * ordered by whoever certifies.
 *
 * | key | what |
 * |---|---|
 * | `custody` | the kind of policy that the charter must have at the beginning; missing for any |
 * | `commute` | event types that need not name the last input as the one before them: any of the last `window` will do |
 * | `window` | how far back that may be, 1 to 1,024 inputs; 256 where nothing is said |
 *
 * `engine` and `gas` stand there too; the interpreter reads them.
 */
import { COMMUTE_WINDOW_MAX } from '../../base/limits.ts'
import { isJsonList, type Json } from '../../forms/strict-json.ts'
import type { Definition } from './chart.ts'
import { pathTo, type Problem } from './problem.ts'

export type Agreement = {
  readonly custody: string | undefined
  readonly commute: ReadonlySet<string>
  readonly window: number
}

export const COMMUTE_WINDOW = 256

/** The terms, or everything that is wrong with them. */
export const agreementFrom = (definition: Definition): Agreement | readonly Problem[] => {
  const { nsm, events } = definition
  const problems: Problem[] = []
  const wrong = (key: string, message: string, fix: string): void => {
    problems.push({ code: 'bad-value', path: pathTo('$.meta.nsm', key), message, fix })
  }
  const custody = nsm['custody']
  if (custody !== undefined && typeof custody !== 'string') {
    wrong('custody', 'no text', 'write "bilateral", "directory" or "custodians"')
  }
  const window = nsm['window'] ?? COMMUTE_WINDOW
  const isWindow = typeof window === 'number' && window >= 1 && window <= COMMUTE_WINDOW_MAX
  if (!isWindow) wrong('window', 'no such number', `write a number from 1 to ${COMMUTE_WINDOW_MAX}`)
  const commute = textsFrom(nsm['commute'] ?? [])
  if (!commute) wrong('commute', 'no list of event types', 'write a list such as ["VOTE"]')
  for (const type of commute ?? []) {
    if (events.includes(type)) continue
    wrong('commute', `nothing listens to "${type}"`, `name one of ${events.join(', ')}`)
  }
  if (problems.length > 0) return problems
  return {
    custody: typeof custody === 'string' ? custody : undefined,
    commute: new Set(commute),
    window: isWindow ? window : COMMUTE_WINDOW,
  }
}

const textsFrom = (json: Json): readonly string[] | undefined => {
  if (!isJsonList(json)) return undefined
  const texts = json.filter((one) => typeof one === 'string')
  return texts.length === json.length ? texts : undefined
}

export const isAgreement = (of: Agreement | readonly Problem[]): of is Agreement =>
  !Array.isArray(of)
