/** Limits of a client of relays, with the reason for each size. */

/** Bytes of one frame from a relay: the largest event that is read, as JSON in JSON, and its envelope. A longer one ends the connection. */
export const FRAME_BYTES_MAX = 524_288
/** Milliseconds that a relay has to take a connection. */
export const CONNECT_MS = 5_000
/** Milliseconds without an event or an answer after which a relay counts as silent. */
export const SILENCE_MS = 5_000
/** Events that are asked for in one page. Relays clamp it, most of them to 500. */
export const PAGE_EVENTS = 500
/** The fewest events that a relay gives at once where it has more. */
export const CLAMP_MIN = 20
/** Pages of one fetch from one relay: half a million events. */
export const PAGES_MAX = 1_024
/** Events of one fetch from all relays together. */
export const FETCHED_EVENTS_MAX = 262_144
/** Authors by whom a second with more than a page is split. */
export const SPLIT_AUTHORS_MAX = 256
/** Events whose signatures are known to hold, by id: a second relay's copy costs no second check. */
export const KNOWN_EVENTS_MAX = 65_536
/** Requests that wait for answers on one connection. Relays commonly allow 20 or more. */
export const REQUESTS_MAX = 16
/** Milliseconds before a connection that broke is opened again; doubled each time up to the second number. */
export const RECONNECT_MS = 250
export const RECONNECT_MS_MAX = 60_000
/** Seconds before the newest known event from which a follower asks again: authors' clocks differ. */
export const RESUME_OVERLAP_SECONDS = 900
/** Bytes of a relay's document about itself. */
export const RELAY_INFO_BYTES_MAX = 65_536
/** Milliseconds that a relay has to show that document. */
export const RELAY_INFO_MS = 3_000
/** Relays that one event is published to, and that one machine is read from. */
export const RELAYS_MAX = 32
/** Relays that are taken from one author's list. */
export const RELAYS_EACH_MAX = 4
/** Keys by which a client logs in to one relay. */
export const LOGINS_MAX = 8
/** Milliseconds that a remote signer has: somebody may have to press a button. */
export const REMOTE_SIGNER_MS = 120_000
/** Events of an archive that are handed to relays again in one go. */
export const REPUBLISH_MAX = 4_096
/** Files of one author about other machines that are looked at: each costs the signatures that are new in it. */
export const PROOFS_PER_AUTHOR_MAX = 32
/** Authors whose files about other machines are kept side by side for one machine. */
export const FILE_AUTHORS_MAX = 64
/** Steps pinned at one head that one participant has signed and that are kept: one of them can be taken. */
export const CHANGES_PER_HEAD_MAX = 16
/** Such steps of one participant at all heads: heads that were passed, and heads that are not known here yet. */
export const CHANGES_PER_PARTY_MAX = 256
/** Steps that one custodian says to have accepted: each brings new terms. */
export const ACCEPTANCES_PER_AUTHOR_MAX = 256
/** Steps that others than custodians certified, for one head, as one participant shows them: one belongs, some are other words for it. */
export const HANDED_PER_AUTHOR_MAX = 16
/** Bytes of such steps of one participant for all heads, known or not: some ten thousand usual steps. */
export const HANDED_BYTES_PER_AUTHOR_MAX = 33_554_432
/** Parts of another machine's history that wait for the part before them. */
export const PROOFS_WAITING_MAX = 16
/** Events that a relay for trials holds. */
export const LOCAL_EVENTS_MAX = 65_536
/** Events that it gives at once. */
export const LOCAL_PAGE_EVENTS = 500
/** Open requests of one of its clients. */
export const LOCAL_REQUESTS_MAX = 64
/** Filters of one request. */
export const LOCAL_FILTERS_MAX = 8
