/**
 * What a caller is told when a call does not succeed: a number, a text, and the name of the reason.
 *
 * MOI's clients show the text and nothing else, and scripts compare it; where the texts of a real node are known they are these.
 * The reason in `data` is ours, from a closed list, for programs that should not compare sentences.
 */

/** Name of a reason, its number in JSON-RPC, and its text. The page about the interface lists them. */
export const RPC_REASONS = {
  'not-json': { code: -32700, text: 'parse error' },
  'not-a-request': { code: -32600, text: 'invalid request' },
  'unknown-method': { code: -32601, text: 'the method does not exist/is not available' },
  'bad-params': { code: -32602, text: 'invalid params' },
  failed: { code: -32603, text: 'internal error' },
  'too-many': { code: -32005, text: 'too many requests' },
  'too-large': { code: -32600, text: 'request too large' },
  later: { code: -32002, text: 'not now; ask again later' },
  'empty-options': { code: -32602, text: 'empty options' },
  'bad-options': { code: -32602, text: 'invalid options' },
  'bad-identifier': { code: -32602, text: 'invalid identifier' },
  'bad-hash': { code: -32602, text: 'invalid hash' },
  'unknown-account': { code: -32000, text: 'account not found' },
  'unknown-asset': { code: -32000, text: 'asset not found' },
  'unknown-logic': { code: -32000, text: 'logic not found' },
  'unknown-tesseract': { code: -32000, text: 'tesseract not found' },
  'unknown-interaction': { code: -32000, text: 'interaction not found' },
  'unknown-key': { code: -32000, text: 'storage key not found' },
  'unknown-filter': { code: -32000, text: 'filter not found' },
  'no-receipt': { code: -32000, text: 'receipt not found' },
  pending: { code: -32000, text: 'interaction pending' },
  dropped: { code: -32000, text: 'interaction dropped' },
  refused: { code: -32000, text: 'interaction refused' },
  'known-interaction': { code: -32000, text: 'already known' },
  'other-interaction': { code: -32000, text: 'an interaction with this sequence is in the pool' },
  'too-far-ahead': { code: -32000, text: 'sequence too far ahead' },
  'full-pool': { code: -32000, text: 'interaction pool is full' },
  'sender-limit': { code: -32000, text: 'too many interactions of this sender in the pool' },
  'no-socket': { code: -32000, text: 'subscriptions need a WebSocket' },
  'unknown-subscription': { code: -32000, text: 'subscription not found' },
} as const

export type RpcReason = keyof typeof RPC_REASONS

export type RpcError = Error & { readonly reason: RpcReason; readonly detail: string | undefined }

/** `text` is what the caller is told, where it says more than the reason's own. `detail` goes into `data`. */
export const rpcError = (reason: RpcReason, text?: string, detail?: string): RpcError =>
  Object.assign(new Error(text ?? RPC_REASONS[reason].text), { name: 'RpcError', reason, detail })

export const isRpcError = (error: unknown): error is RpcError =>
  error instanceof Error && error.name === 'RpcError' && 'reason' in error
