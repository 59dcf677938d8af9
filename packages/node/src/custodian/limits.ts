/** Limits of a custodian's process, with the reason for each size. */

/** Milliseconds that a first round may take before the next lead's turn: several ways over relays that are far apart. */
export const ROUND_MS = 2_000
/** Milliseconds between two heartbeats of an idle machine. */
export const HEARTBEAT_MS = 60_000
/** Milliseconds by which each custodian in turn waits longer before it sends a tick that is due: one of them is enough. */
export const TICK_TURN_MS = 1_000
/** The longest wait of one timer; a later one follows it. */
export const TIMER_MS_MAX = 3_600_000
/** Seconds that an input may claim to be ahead of the custodian's clock. */
export const AHEAD_SECONDS_MAX = 60
/** Rejections that are published in a second; who floods a custodian gets no flood back. */
export const REJECTIONS_PER_SECOND = 16
/** Milliseconds between two snapshots: each takes a later second than the one before, and relays refuse times far ahead. */
export const SNAPSHOT_MS = 1_000
/** Attempts to hand an event to relays that none of them has taken, and the pause before the second; it doubles. */
export const PUBLISH_ATTEMPTS_MAX = 6
export const PUBLISH_AGAIN_MS = 500
/** Inputs that wait for a file which shows what they quote. */
export const UNPROVEN_MAX = 1_024
/** Milliseconds between two requests for steps that are missing here. */
export const ASK_MS = 1_000
/** Steps that are read from the store at once. */
export const PAGE_STEPS = 256
/** Signatures that are known to hold; at most twice as many, some 300 bytes each. */
export const KNOWN_SIGNATURES_MAX = 4_096
/** Milliseconds that relays have, once a custodian is told to stop, to take what is on its way to them. */
export const STOP_MS = 3_000
/** Inputs of those whom the definition does not name, that wait over a restart, and as many refused ones; and ids of refused inputs that are remembered here. */
export const STRANGER_INPUTS_MAX = 65_536
export const REFUSED_TOLD_MAX = 16_384
