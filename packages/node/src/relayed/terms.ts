/** Who holds a machine on relays, in words and as data: custodians, and who stands in while too many are silent. */
import { operatorsText } from 'tallystick/command'
import type { Terms } from 'tallystick/kernel'
import {
  CUSTODIANS,
  type CustodianPolicy,
  DIRECTORY,
  directoryPolicy,
  policyIn,
} from 'tallystick/models'
import { custodiansIn, standInsIn } from '../relay/changes.ts'
import { listText, type Names } from './names.ts'

/** The policy of custodians; undefined where somebody else decides. */
export const custodyIn = (terms: Terms): CustodianPolicy | undefined =>
  terms.policy.kind === CUSTODIANS ? policyIn(terms) : undefined

/** "3 of ann, ben, cat and dan", and who stands in. */
export const custodyText = (terms: Terms, names: Names): string => {
  if (terms.policy.kind === DIRECTORY) {
    const { threshold, operators } = directoryPolicy.decode(terms.policy.params)
    const each = operators.map((one) => operatorsText({ operators: [one] }))
    return `${threshold} of ${listText(each)}, operators of a directory`
  }
  const policy = custodyIn(terms)
  if (!policy) return terms.policy.kind
  const of = `${policy.threshold} of ${listText(custodiansIn(terms).map(names))}`
  const help = standInText(terms, names)
  return help === undefined ? of : `${of}; ${help}`
}

/** Who stands in, with whom, and after how long; undefined where nobody does. */
export const standInText = (terms: Terms, names: Names): string | undefined => {
  const escalation = custodyIn(terms)?.escalation
  if (!escalation) return undefined
  const { threshold, custodians, after } = escalation
  const beside = `${custodians} ${custodians === 1 ? 'custodian' : 'custodians'}`
  const who = listText(standInsIn(terms).map(names))
  return `after ${secondsText(after)} of silence ${threshold} of ${who} with ${beside}`
}

/** "90 seconds", "60 minutes", "2 hours". */
export const secondsText = (ms: bigint): string => {
  const seconds = Number(ms) / 1000
  if (seconds % 3600 === 0 && seconds >= 7200) return `${seconds / 3600} hours`
  if (seconds % 60 === 0 && seconds >= 120) return `${seconds / 60} minutes`
  return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
}

export const escalationResult = (terms: Terms): object | undefined => {
  const escalation = custodyIn(terms)?.escalation
  if (!escalation) return undefined
  const { threshold, faulty, custodians, after } = escalation
  return { standIns: standInsIn(terms), threshold, faulty, custodians, afterMs: after }
}
