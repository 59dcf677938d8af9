/** Limits of a participant's folder for a machine on relays, with the reason for each size. */

/** Bytes of `relayed.json`: a definition event, which is the largest part, written as JSON in JSON. */
export const CARD_BYTES_MAX = 524_288
/** Bytes of `events.jsonl`: some hundred thousand receipts. It is read whole. */
export const LOG_BYTES_MAX = 1_073_741_824
/** Milliseconds that a command waits for custodians where nobody says otherwise. */
export const WAIT_MS = 15_000
/** Milliseconds of silence before stand-ins help out that a command waits through where nobody says otherwise. */
export const STAND_IN_WAIT_MS_MAX = 60_000n
/** Milliseconds that a relay may be silent while a folder catches up. */
export const CATCH_UP_SILENCE_MS = 3_000
/** Evidence that is kept of what relays show: anybody can publish some, and each is checked. */
export const EVIDENCE_MAX = 256
/** Milliseconds that inputs may wait before custodians count as silent: some rounds. */
export const SILENCE_MS = 60_000n
/** Milliseconds between looks at how long custodians have been silent. */
export const STALE_LOOK_MS = 5_000
/** Milliseconds without a word of a custodian after which it counts as silent: three heartbeats of an idle machine. */
export const STALE_MS = 180_000
/** Characters of a custodian's name in a definition. */
export const NAME_CHARACTERS_MAX = 32
/** Signatures that are known to hold while a history is walked: those of one step come together. */
export const SIGNATURES_KEPT_MAX = 4_096
/** Milliseconds that heartbeats may be old for a head to count as the newest: some of an idle machine. */
export const FRESH_MS = 180_000n
/** Seconds of silence after which stand-ins help out where nobody says otherwise: longer than a restart, shorter than a night. */
export const AFTER_SECONDS = 3_600
