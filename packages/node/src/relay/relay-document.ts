/**
 * What a relay says about itself (NIP-11), and whether an event fits what it says.
 *
 * Not promised. That it is true: relays cut, refuse and forget as they like. It saves sending what is bound to be refused.
 */
import { bytesFromUtf8, faultFrom, isFault, utf8FromBytes } from 'tallystick/base'
import {
  isJsonList,
  isJsonObject,
  type Json,
  jsonFromText,
  type JsonObject,
  type NostrEvent,
  textFromNostrEvent,
} from 'tallystick/nostr'
import { RELAY_INFO_BYTES_MAX, RELAY_INFO_MS } from './limits.ts'

export type RelayInfo = {
  readonly name: string
  readonly software: string
  readonly version: string
  readonly nips: readonly number[]
  /** As the relay names them; missing where it does not. */
  readonly limits: { readonly [Name in LimitName]?: number }
  readonly isLoginRequired: boolean
  readonly isPaymentRequired: boolean
}

export type LimitName = (typeof LIMIT_NAMES)[number]

const LIMIT_NAMES = [
  'max_message_length',
  'max_content_length',
  'max_event_tags',
  'max_limit',
  'default_limit',
  'max_subscriptions',
  'created_at_lower_limit',
  'created_at_upper_limit',
  'min_pow_difficulty',
] as const

/** Fetches the document; undefined where the relay has none that can be read. */
export const fetchRelayInfo = async (url: string): Promise<RelayInfo | undefined> => {
  try {
    const answer = await fetch(url.replace(/^ws/, 'http'), {
      headers: { accept: 'application/nostr+json' },
      redirect: 'error',
      signal: AbortSignal.timeout(RELAY_INFO_MS),
    })
    const bytes = await answer.bytes()
    if (!answer.ok || bytes.length > RELAY_INFO_BYTES_MAX) return undefined
    return infoFrom(utf8FromBytes(bytes))
  } catch {
    return undefined
  }
}

/** Reads the document; undefined where it is none. */
export const infoFrom = (text: string): RelayInfo | undefined => {
  const json = faultFrom(() => jsonFromText(text, RELAY_INFO_BYTES_MAX))
  if (isFault(json) || !isJsonObject(json)) return undefined
  const said = json['limitation']
  const limitation = isJsonObject(said) ? said : {}
  return {
    name: textOf(json['name']),
    software: textOf(json['software']),
    version: textOf(json['version']),
    nips: isJsonList(json['supported_nips'])
      ? json['supported_nips'].filter((one) => typeof one === 'number')
      : [],
    limits: limitsIn(limitation),
    isLoginRequired: limitation['auth_required'] === true,
    isPaymentRequired: limitation['payment_required'] === true,
  }
}

/** Why a relay would refuse an event by what it says itself; undefined where nothing stands against it. */
export const refusalBy = (
  info: RelayInfo | undefined,
  event: NostrEvent,
  nowSeconds: number,
): string | undefined => {
  const limits: RelayInfo['limits'] = info?.limits ?? {}
  const size = bytesFromUtf8(textFromNostrEvent(event)).length + ENVELOPE_BYTES
  const ahead = event.created_at - nowSeconds
  const checks: readonly (readonly [LimitName, number, string])[] = [
    ['max_message_length', size, 'bytes of a message'],
    ['max_content_length', Array.from(event.content).length, 'characters of content'],
    ['max_event_tags', event.tags.length, 'tags'],
    ['created_at_upper_limit', ahead, 'seconds ahead of the present'],
    ['created_at_lower_limit', -ahead, 'seconds behind the present'],
  ]
  for (const [name, is, what] of checks) {
    const most = limits[name]
    if (most !== undefined && is > most) return `${is} ${what}, the relay takes ${most}`
  }
  return undefined
}

/** `["EVENT",…]`. */
const ENVELOPE_BYTES = 10

const limitsIn = (limitation: JsonObject): RelayInfo['limits'] => {
  const found: { [Name in LimitName]?: number } = {}
  for (const name of LIMIT_NAMES) {
    const value = limitation[name]
    if (typeof value === 'number' && value >= 0) found[name] = value
  }
  return found
}

const textOf = (json: Json | undefined): string => (typeof json === 'string' ? json : '')
