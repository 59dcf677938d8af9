/**
 * The parameters of a charter, read once: definition, agreement and what expressions see as `machine`.
 *
 * Reading a definition costs more than running it. The result is kept beside the very bytes it was read from, which never
 * change; who hands in equal bytes of its own gets an equal result.
 */
import type { MachineId } from '../../base/brand.ts'
import { Fault } from '../../base/fault.ts'
import { SKEW_MS_MAX } from '../../base/limits.ts'
import type { Terms } from '../../kernel/charter.ts'
import type { ValueMap } from '../expression/value.ts'
import { type Agreement, agreementFrom, isAgreement } from './agreement.ts'
import type { Definition } from './chart.ts'
import { DELIVERY_NAMES, type Names, NO_NAMES } from './names.ts'
import { type StatechartParams, statechartParams } from './params.ts'
import type { Problem } from './problem.ts'
import { isDefinition, readDefinition } from './read.ts'

export type Prepared = {
  readonly params: StatechartParams
  readonly definition: Definition
  readonly agreement: Agreement
}

/** Raises a decoder's fault, or `statechart/bad-definition` with the first problem and how many there are. */
export const prepared = (params: Uint8Array): Prepared => {
  const known = made.get(params)
  if (known) return known
  const of = prepare(statechartParams.decode(params))
  made.set(params, of)
  return of
}

const made = new WeakMap<Uint8Array, Prepared>()

const prepare = (params: StatechartParams): Prepared => {
  const read = readWhole(params)
  if ('definition' in read) return { params, ...read }
  const [first] = read
  const more = read.length > 1 ? `, and ${read.length - 1} more` : ''
  throw new Fault(
    'statechart/bad-definition',
    `${first?.path}: ${first?.message}; ${first?.fix}${more}`,
  )
}

/** Definition and agreement, or every problem of both. */
export const readWhole = ({
  definition: text,
  names,
}: Pick<StatechartParams, 'definition' | 'names'>):
  | Pick<Prepared, 'definition' | 'agreement'>
  | readonly Problem[] => {
  const definition = readDefinition(text, namesOf(names))
  if (!isDefinition(definition)) return definition
  const agreement = agreementFrom(definition)
  return isAgreement(agreement) ? { definition, agreement } : agreement
}

const namesOf = (names: StatechartParams['names']): Names => {
  switch (names) {
    case 'none':
      return NO_NAMES
    case 'delivery':
      return DELIVERY_NAMES
  }
}

/**
 * Whether a machine may begin so. Returns `statechart/other-custody`, `statechart/no-clock`, `statechart/wrong-clock` or
 * `statechart/name-twice`.
 */
export const checkBeginning = (of: Prepared, terms: Terms): Fault | undefined => {
  const { params, agreement } = of
  const { custody } = agreement
  if (custody !== undefined && custody !== terms.policy.kind) {
    const says = `the definition is for custody "${custody}", the charter says "${terms.policy.kind}"`
    return new Fault('statechart/other-custody', says)
  }
  return checkClock(of, terms) ?? checkNames(params)
}

const checkClock = ({ params, definition }: Prepared, { turn }: Terms): Fault | undefined => {
  const { clock, startsAt } = params
  if (clock.is === 'none') {
    if (startsAt !== 0n) {
      return new Fault('statechart/wrong-clock', 'a beginning in time, and no clock')
    }
    return definition.hasAfter
      ? new Fault('statechart/no-clock', 'the definition waits for times, and there is no clock')
      : undefined
  }
  if (startsAt > BigInt(Number.MAX_SAFE_INTEGER)) {
    return new Fault('statechart/wrong-clock', `no definition can count to ${startsAt}`)
  }
  if (clock.is === 'machine') return undefined
  if (clock.skewMs < 1 || clock.skewMs > SKEW_MS_MAX) {
    return new Fault('statechart/wrong-clock', `a skew of ${clock.skewMs} ms`)
  }
  // Whoever certifies an owned machine need not run its logic, so nobody but the owner would look at the time.
  return turn.is === 'owner'
    ? new Fault('statechart/no-clock', 'an owned machine has nobody to agree on a time with')
    : undefined
}

const checkNames = ({ roles, oracles }: StatechartParams): Fault | undefined => {
  for (const names of [roles.map((one) => one.role), oracles.map((one) => one.name)]) {
    const twice = names.find((name, at) => names.indexOf(name) !== at)
    if (twice !== undefined) return new Fault('statechart/name-twice', `"${twice}" twice`)
  }
  return undefined
}

/** What expressions see as `machine`: on Nostr its id is that of the event that defines it. */
export const machineValue = ({ params }: Prepared, machine: MachineId): ValueMap => ({
  id: params.nostr?.id ?? machine,
  creator: params.creator,
  roles: Object.fromEntries(params.roles.map(({ role, senders }) => [role, senders])),
})
