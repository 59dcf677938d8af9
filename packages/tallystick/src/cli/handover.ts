/**
 * Handing a machine of two over to a directory: which terms the two are asked to agree on.
 *
 * The directory is named by the file that `tally dev` and whoever runs operators hand out. Where they are reached stands there
 * too and is not looked at: a charter names keys, not addresses.
 */
import { bytesFromHex } from '../base/bytes.ts'
import { SCHEME_IDS } from '../base/suite.ts'
import type { Verifier } from '../base/verifier.ts'
import {
  jsonCount,
  jsonFromBytes,
  jsonList,
  jsonObjectWith,
  jsonText,
} from '../forms/strict-json.ts'
import { type Terms, terms } from '../kernel/charter.ts'
import type { Machine } from '../kernel/execute.ts'
import { AMEND, type Operation } from '../kernel/interaction.ts'
import {
  admitDirectory,
  type DirectoryPolicy,
  directoryTerms,
  type Operator,
} from '../models/directory/policy.ts'
import { usageError } from './print.ts'

export type Directory = { readonly suite: string; readonly policy: DirectoryPolicy }

const FORMAT = 'tallystick/1 directory'

/** Raises a usage error for a file that is none, and the faults of `strict-json.ts`. */
export const directoryFromFile = (file: Uint8Array): Directory => {
  const fields = ['format', 'network', 'suite', 'threshold', 'faulty', 'operators'] as const
  const said = jsonObjectWith(jsonFromBytes(file), fields, 'the directory file')
  if (said.format !== FORMAT) {
    throw usageError('this is no directory file', 'tally dev writes one: directory.json')
  }
  return {
    suite: jsonText(said.suite, 'the suite'),
    policy: {
      operators: jsonList(said.operators, 'the operators').map((one, at): Operator => {
        const what = `operator ${at + 1}`
        const names = ['name', 'scheme', 'publicKey', 'url', 'token'] as const
        const fields = jsonObjectWith(one, names, what)
        const scheme = SCHEME_IDS.find((known) => known === fields.scheme)
        if (scheme === undefined) {
          throw usageError(
            `${what} signs with nothing that is known`,
            'take a fresh directory file',
          )
        }
        return {
          name: jsonText(fields.name, `the name of ${what}`),
          scheme,
          publicKey: bytesFromHex(jsonText(fields.publicKey, `the key of ${what}`)),
        }
      }),
      threshold: jsonCount(said.threshold, 'the threshold'),
      faulty: jsonCount(said.faulty, 'the faulty'),
    },
  }
}

/** The step that hands a machine over: from then on either party may take a step, and operators agree which is next. */
export const handingOver = (
  machine: Machine,
  { suite, policy }: Directory,
  verifier: Verifier,
): Operation => {
  if (suite !== machine.terms.suite) {
    throw usageError(
      `the operators sign in ${suite}, the machine in ${machine.terms.suite}`,
      'choose a directory of the same suite',
    )
  }
  const next: Terms = {
    ...machine.terms,
    turn: { is: 'anyone' },
    policy: directoryTerms(policy),
  }
  const fault = admitDirectory(next, policy, verifier)
  if (fault) throw fault
  return { machine: machine.id, logic: AMEND, argument: terms.encode(next) }
}
