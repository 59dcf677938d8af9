/** Reports for other programs: plain values that JSON can carry. Large numbers are strings, bytes are hexadecimal. */
import { hexFromBytes } from '../base/bytes.ts'
import type { Fault } from '../base/fault.ts'
import { evidence } from '../kernel/evidence.ts'
import { ledgerRecord } from '../logic/ledger-record.ts'
import type { Fork, Forks } from './fork.ts'
import type { Report } from './report.ts'

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** The whole report. Evidence is given as the bytes of its codec. */
export const jsonFromReport = (report: Report): JsonValue =>
  plain({
    ...report,
    faults: report.faults.map(plainFault),
    convictions: report.convictions.map((one) => ({
      ...one,
      evidence: evidence.encode(one.evidence),
    })),
  })

/** What contradicts what. The sends of a step are given as plain values and, with it, as the bytes of the record. */
export const jsonFromForks = ({
  forks,
  faults,
}: Pick<Forks, 'forks' | 'faults'>): { readonly [part in 'forks' | 'faults']: JsonValue } => ({
  forks: plain(forks.map(plainFork)),
  faults: plain(faults.map(plainFault)),
})

const plainFork = ({ branches, evidence: held, ...rest }: Fork): object => ({
  ...rest,
  evidence: evidence.encode(held),
  branches: branches.map(({ id, standing, described, harms }) => ({
    step: id,
    standing: standing ?? 'unseen',
    described,
    promised: harms.map(({ asset, out }) => ({
      to: out.to,
      amount: out.amount,
      symbol: asset.params.symbol,
      asset: asset.prefix,
      record: ledgerRecord.encode(out),
    })),
  })),
})

const plainFault = (fault: Fault): object => ({
  code: fault.code,
  message: fault.message,
  place: fault.place,
  docs: fault.docs,
})

const plain = (value: unknown): JsonValue => {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value
    case 'bigint':
      return value.toString()
    case 'object':
      if (value === null) return null
      if (value instanceof Uint8Array) return hexFromBytes(value)
      if (Array.isArray(value)) return value.map(plain)
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, one]): [string, JsonValue][] =>
          one === undefined ? [] : [[key, plain(one)]],
        ),
      )
    case 'undefined':
    case 'symbol':
    case 'function':
      return null
  }
}
