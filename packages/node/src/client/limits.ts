/** Limits of a client, with the reason for each size. */

/** Bytes of one answer: sixty-four steps with post-quantum receipts, or as many items as an operator puts in one. */
export const ANSWER_BYTES_MAX = 67_108_864
/** Milliseconds that an operator has for one answer. */
export const ASK_MS = 5_000
/** Milliseconds before a reader asks again; doubled each time. */
export const READ_PATIENCE_MS = 100
/** How often a reader asks an operator that does not answer. */
export const READ_ATTEMPTS_MAX = 3
/** Steps of one machine that are fetched: what fits a bundle. */
export const FETCHED_STEPS_MAX = 16_384
/** Machines that a bundle is gathered from: each rests on others, and a loop of lies must end. */
export const FETCHED_MACHINES_MAX = 256
/** Steps in one answer of an operator. */
export const STEPS_EACH_MAX = 64
/** Items of an inbox that are fetched in one answer. */
export const ITEMS_EACH_MAX = 64
/** Items of an inbox that are looked at in one go. */
export const ITEMS_MAX = 4_096
/** Milliseconds before a socket that broke is opened again; doubled each time up to the second number. */
export const RECONNECT_MS = 200
export const RECONNECT_MS_MAX = 15_000
/** Bytes of a refusal that are looked at. */
export const REFUSAL_BYTES_MAX = 16_384
/** Milliseconds that operators have for the rest after a step is certified: it is for others that they are asked. */
export const GRACE_MS = 400
/** Milliseconds that operators have for an audit that is asked for. */
export const AUDIT_MS = 10_000
/** The same for one that comes along with a payment, which must not feel it. */
export const AUDIT_BESIDE_MS = 1_500
/** Milliseconds that an operator may owe an account of what it signed before it is named. */
export const AUDIT_PATIENCE_MS = 10_000n
/** Milliseconds before an answer that settled nothing is asked for again: more than lies between two checkpoints. */
export const AUDIT_AGAIN_MS = 1_200
/** Questions to one operator in one audit; what is left is asked in the next. */
export const AUDIT_QUESTIONS_MAX = 64
/** Own steps whose receipts an audit takes up: each is two questions to every operator. */
export const AUDIT_STEPS_MAX = 16
