/**
 * Keys that serve as names, as on Nostr, told by their first sixteen digits: a whole one drowns what is said about it, and fewer
 * digits could be made to fit somebody else's. For people only; nothing is ever compared by it.
 */
export const shortKeys = (text: string): string =>
  text.replace(/\b[0-9a-f]{64}\b/g, (key) => `${key.slice(0, SHOWN)}…`)

const SHOWN = 16
