/**
 * Samples: steps of this operator's own journal whose certificates are known, with what other operators signed for them, drawn at
 * random so that nobody can tell which receipts it will be asked to account for.
 *
 * Not promised. That a receipt left out of a log is found soon: each audit asks for some. Owners ask for all of theirs.
 */
import { randomInt } from 'node:crypto'
import { faultFrom, isFault, type SignerId, type SuiteId } from 'tallystick/base'
import { signerOf } from 'tallystick/kernel'
import {
  DIRECTORY,
  directoryCertificate,
  directoryPolicy,
  submission,
  termsAt,
} from 'tallystick/models'
import type { ReceiptedStep } from '../client/audit.ts'
import type { Store } from '../store/store.ts'
import type { Charters } from './charters.ts'
import type { Machines } from './machines.ts'
import { VOWS } from './steps.ts'

export type SamplesOptions = {
  readonly store: Store
  readonly charters: Charters
  readonly machines: Pick<Machines, 'certificateOf'>
  readonly suite: SuiteId
}

/** Newest steps from which half of a sample is drawn: what was left out lately matters most. */
const NEWEST = 1024

/** Steps with receipts of these operators, at most so many. */
export const sampleSteps = async (
  options: SamplesOptions,
  wanted: ReadonlySet<SignerId>,
  count: number,
): Promise<readonly ReceiptedStep[]> => {
  const size = Number((await options.store.head(VOWS)).size)
  if (size === 0 || wanted.size === 0) return []
  const places = new Set<number>()
  for (let at = 0; at < count; at++) {
    const from = at % 2 === 0 ? Math.max(0, size - NEWEST) : 0
    places.add(randomInt(from, size))
  }
  const found = await Promise.all([...places].map((at) => stepAt(options, wanted, at)))
  return found.flatMap((one) => (one && one.receipts.length > 0 ? [one] : []))
}

const stepAt = async (
  { store, charters, machines, suite }: SamplesOptions,
  wanted: ReadonlySet<SignerId>,
  at: number,
): Promise<ReceiptedStep | undefined> => {
  const [entry] = await store.read(VOWS, BigInt(at), 1)
  if (!entry) return undefined
  const { transition } = submission.decode(entry.value)
  const { machine, sequence } = transition
  const [served, bytes] = await Promise.all([
    charters.find(machine),
    machines.certificateOf(machine, sequence),
  ])
  const terms = served && termsAt(served.terms, sequence)
  if (!bytes || terms?.policy.kind !== DIRECTORY || terms.suite !== suite) return undefined
  const certificate = faultFrom(() => directoryCertificate.decode(bytes))
  if (isFault(certificate) || certificate.is !== 'receipts') return undefined
  const { operators } = directoryPolicy.decode(terms.policy.params)
  return {
    transition,
    receipts: certificate.receipts.flatMap(({ operator, time, signature }) => {
      const by = operators[operator]
      const signer = by && signerOf(suite, by)
      return signer && wanted.has(signer) ? [{ operator: signer, time, signature }] : []
    }),
  }
}
