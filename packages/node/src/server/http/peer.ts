/** Who is at the other end of a connection: what it showed, and what is counted against it. */
import type { Submitter } from '../steps.ts'
import type { Tier } from '../route.ts'

export type Token = {
  /** What logs and metrics call it; never the token itself. */
  readonly name: string
  readonly tier: Exclude<Tier, 'open' | 'admin'>
  readonly token: string
}

export type Peer = Submitter & {
  /** The purses that pay for what it asks. */
  readonly purses: readonly string[]
  /** What its token allows; `open` without one. */
  readonly tier: Tier
  readonly name: string
}

const RANKS: Readonly<Record<Tier, number>> = { open: 0, read: 1, submit: 2, admin: 3 }

/** Whether a token of one tier may ask for a route of another. Nothing over TCP has the tier `admin`. */
export const allows = (has: Tier, wanted: Tier): boolean => RANKS[has] >= RANKS[wanted]
