/**
 * The domain tags of every tagged hash, in one place so that two meanings can never share one.
 *
 * Promise. A digest made under one tag is never read as a digest made under another:
 * each tag starts with the format's version and names one thing that is hashed. Add a tag here, never a literal
 * elsewhere; the test beside this file refuses two tags that are equal or of which one starts another.
 */

export const TAGS = {
  charter: 'tallystick/1 charter',
  signer: 'tallystick/1 signer',
  interaction: 'tallystick/1 interaction',
  transition: 'tallystick/1 transition',
  entropy: 'tallystick/1 entropy',
  entry: 'tallystick/1 entry',
  consent: 'tallystick/1 consent',
  vote: 'tallystick/1 vote',
  abort: 'tallystick/1 abort',
  message: 'tallystick/1 message',
  stateKey: 'tallystick/1 state key',
  stateValue: 'tallystick/1 state value',
  stateLeaf: 'tallystick/1 state leaf',
  stateNode: 'tallystick/1 state node',
  batchLeaf: 'tallystick/1 batch leaf',
  batchNode: 'tallystick/1 batch node',
  batchRoot: 'tallystick/1 batch root',
  nextKey: 'tallystick/1 next key',
  keyEvent: 'tallystick/1 key event',
  keyHead: 'tallystick/1 key head',
  deviceTree: 'tallystick/1 device tree',
  recoverySeed: 'tallystick/1 recovery seed',
  backupSeal: 'tallystick/1 backup seal',
  shareValue: 'tallystick/1 share value',
  shareSet: 'tallystick/1 share set',
  shareCheck: 'tallystick/1 share check',
  seed: 'tallystick/1 seed',
  slhSeed: 'tallystick/1 slh seed',
  terms: 'tallystick/1 terms',
  vault: 'tallystick/1 vault',
  stake: 'tallystick/1 stake',
  secret: 'tallystick/1 secret',
  chunk: 'tallystick/1 chunk',
  lead: 'tallystick/1 lead',
  inboxItem: 'tallystick/1 inbox item',
  inboxCursor: 'tallystick/1 inbox cursor',
  checkpoint: 'tallystick/1 checkpoint',
  heartbeat: 'tallystick/1 heartbeat',
  mapRoot: 'tallystick/1 map root',
  field: 'tallystick/1 field',
  presentation: 'tallystick/1 presentation',
  nostrRoute: 'tallystick/1 nostr route',
  tesseract: 'tallystick/1 tesseract',
  seal: 'tallystick/1 seal',
} as const

/** A tag of the closed list above. */
export type Tag = (typeof TAGS)[keyof typeof TAGS]
