/** Names of keys and machines as people hand them on: hexadecimal, or the letters that Nostr has for them (NIP-19, NIP-21). */
import { decode, neventEncode, npubEncode } from 'nostr-tools/nip19'
import { usageError } from 'tallystick/command'
import { isHex, KINDS } from 'tallystick/nostr'
import { relayUrl } from '../relay/outbox.ts'

export type MachineLink = { readonly id: string; readonly relays: readonly string[] }

/** What invites to a machine: its definition's id, and relays that have it. */
export const linkFrom = (of: MachineLink & { readonly author: string }): string =>
  `nostr:${neventEncode({
    id: of.id,
    relays: of.relays.slice(0, LINK_RELAYS),
    author: of.author,
    kind: KINDS.definition,
  })}`

/** Whether a text can only be the name of a machine on relays. */
export const isLink = (text: string): boolean =>
  /^(?:nostr:)?(?:nevent1|note1)/.test(text) || isHex(text, 64)

/** Raises a usage error for what is no link. */
export const machineLinkFrom = (text: string): MachineLink => {
  const isId: boolean = isHex(text, 64)
  if (isId) return { id: text, relays: [] }
  const read = decoded(text)
  if (read?.type === 'note') return { id: read.data, relays: [] }
  if (read?.type === 'nevent') {
    const relays = (read.data.relays ?? []).flatMap((one) => relayUrl(one) ?? [])
    return { id: read.data.id, relays }
  }
  throw usageError(
    `${text.slice(0, 80)} names no machine`,
    'use the whole link, nostr:nevent…, or the 64 digits of the definition',
  )
}

/** A key out of its digits, or out of npub or nprofile; undefined for another text. */
export const keyFrom = (text: string): string | undefined => {
  if (isHex(text, 64)) return text
  const read = decoded(text)
  if (read?.type === 'npub') return read.data
  return read?.type === 'nprofile' ? read.data.pubkey : undefined
}

export const npubFrom = (key: string): string => npubEncode(key)

/** More would make the link too long for a code that cameras read with ease. */
const LINK_RELAYS = 3

const decoded = (text: string): ReturnType<typeof decode> | undefined => {
  try {
    return decode(text.replace(/^nostr:/, ''))
  } catch {
    return undefined
  }
}
