/** Door: events of Nostr, and machines told in them. */
export * from '../forms/nostr-event.ts'
export * from '../forms/nostr-input.ts'
