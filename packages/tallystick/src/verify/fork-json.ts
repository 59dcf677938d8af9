/** Forks for other programs, in the manner of `json.ts`. Apart from it because a page that checks files needs no ledger. */
import { evidence } from '../kernel/evidence.ts'
import { ledgerRecord } from '../logic/ledger-record.ts'
import type { Fork, Forks } from './fork.ts'
import { type JsonValue, plain, plainFault } from './json.ts'

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
