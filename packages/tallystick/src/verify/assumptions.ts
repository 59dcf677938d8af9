/**
 * Assumptions: what a report rests on, said for each machine, so that a reader can decide which of it he accepts.
 */
import type { MachineId } from '../base/brand.ts'
import type { Terms } from '../kernel/charter.ts'
import type { Finality } from '../kernel/verdict.ts'
import { textFromMillis } from '../logic/calendar.ts'
import { suiteRules } from '../base/suite.ts'
import { nameOf } from './describe.ts'
import type { Assumption, Freshness } from './report.ts'
import { fieldKey } from './openings.ts'
import type { Node, Remembered, Run } from './run.ts'

/** What is known of a machine when its assumptions are written down. */
export type Supposed = {
  readonly machine: MachineId
  readonly terms: Terms
  /** What the last final step of the main line says, if there is one. */
  readonly last: Finality | undefined
  /** Steps of other machines that were remembered and not shown. */
  readonly remembered: readonly Remembered[]
  readonly freshness: Freshness
}

/** What the standing of a machine's head rests on. */
export const assumptionsOf = (of: Supposed): readonly Assumption[] => {
  const { machine, terms, last } = of
  const name = nameOf({ terms })
  const add = (is: Assumption['is'], text: string): Assumption => ({
    is,
    machine,
    text: `${name}: ${text}`,
  })
  const found = [add('keys', keysText(terms)), add('cryptography', cryptographyText(terms))]
  if (last) {
    found.push(add('reach', reachText(last)))
    found.push(add('undo', undoText(last)))
    found.push(add('clock', clockText(last)))
  }
  for (const { head, grade } of of.remembered) {
    const text = `step ${head.sequence} of another machine is taken as remembered (${grade}), not shown`
    found.push(add('anchor', text))
  }
  const fresh = freshnessText(of.freshness)
  if (fresh !== undefined) found.push(add('freshness', fresh))
  return found
}

/** The same for a machine whose steps were walked. */
export const assumptionsOfLine = (
  head: Node,
  line: readonly Node[],
  freshness: Freshness,
): readonly Assumption[] => {
  const last = line.findLast((one) => one.own.is === 'final' && one.parent !== undefined)
  return assumptionsOf({
    machine: head.machine.id,
    terms: head.machine.terms,
    last: last?.own.is === 'final' ? last.own.finality : undefined,
    remembered: line.flatMap((one) =>
      one.rests.flatMap((rest) => (rest.is === 'remembered' ? [rest.head] : [])),
    ),
    freshness,
  })
}

/** What of a machine is not shown: steps of which only headers stand in the file, and fields that nobody opened. */
export const disclosureOf = (
  run: Run,
  { id, terms }: Pick<Node['machine'], 'id' | 'terms'>,
): readonly Assumption[] => {
  const nodes = run.byMachine.get(id) ?? []
  const hidden = nodes.filter((one) => one.withheld).length
  const counts = new Map<string, number>()
  for (const { machine, told } of nodes) {
    for (const { record, fields } of told) {
      for (const { name } of fields) {
        const of = { machine: id, interaction: machine.head.interaction, record, name }
        if (!run.opened.has(fieldKey(of))) counts.set(name, (counts.get(name) ?? 0) + 1)
      }
    }
  }
  const texts: string[] = []
  if (nodes.some(({ told }) => told.length > 0)) {
    texts.push('what records and fields say is the word of who signed it, and not shown to be true')
  }
  if (hidden > 0) {
    const said = hidden === 1 ? '1 step is' : `${hidden} steps are`
    texts.push(`${said} withheld: certifiers vouch for the header, and nobody ran the rules here`)
  }
  if (counts.size > 0) {
    const said = [...counts].map(([name, count]) => `${name} (${count})`)
    texts.push(`withheld are the values of ${list(said)}; only their salted hashes are in the file`)
  }
  const name = nameOf({ terms })
  return texts.map((text) => ({ is: 'disclosure', machine: id, text: `${name}: ${text}` }))
}

const namesIn = (terms: Terms): readonly string[] => terms.participants.map((one) => one.name)

const keysText = (terms: Terms): string => {
  const names = namesIn(terms)
  const said = names.length === 1 ? `the name ${list(names)} is` : `the names ${list(names)} are`
  return `${said} what the charter calls its keys; the file does not show who holds them`
}

const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`

const cryptographyText = (terms: Terms): string => {
  const schemes = new Set(
    terms.participants.flatMap((one) => one.controller.keys.map((key) => key.scheme)),
  )
  return `nobody forges ${list([...schemes])} signatures or finds ${suiteRules(terms.suite).hash} collisions`
}

const reachText = (of: Finality): string =>
  of.reach === 'parties'
    ? 'nobody but the parties is protected from a second branch, which they could make together'
    : 'anyone is protected from a second branch, as far as the vouchers keep to one'

const undoText = (of: Finality): string =>
  of.undo.of.length === 0
    ? 'nobody is named who could undo the last final step'
    : `another step could become final in place of the last one only if at least ${of.undo.atLeast} of ${list(of.undo.of)} signed for both`

const clockText = (of: Finality): string => {
  if (of.clock === 'none') return 'no step attests a time'
  const since = of.since === undefined ? '' : `, the last one ${textFromMillis(of.since)}`
  return `times are the word of ${list(of.vouchers)}${since}`
}

const freshnessText = (of: Freshness): string | undefined => {
  switch (of.is) {
    case 'closed':
      return undefined
    case 'latest':
      return `the file reaches the newest step known at ${textFromMillis(of.asOf)}; later ones may exist`
    case 'unknown':
      return 'not shown to be the newest head: a file alone never proves that'
  }
}
