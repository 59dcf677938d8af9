/**
 * The guard: what is looked at before anything of a request is routed, parsed or counted as somebody's.
 *
 * - `Host` has to be one of a list, so that a web page whose name points at this machine reaches nothing (attack: DNS
 *   rebinding).
 * - A request with an `Origin` comes from a web page and is refused; there is no list of pages.
 * - The token is compared with each that is known by hashes of equal length, all of them each time, so that time tells nothing
 *   about it. It is needed on this machine too: other users and web pages are on it.
 */
import { hash as nodeHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Fault } from 'tallystick/base'
import type { Token } from './peer.ts'

export type Guard = {
  /** Raises `request/wrong-host` and `request/foreign-origin`. */
  readonly checkOrigin: (request: IncomingMessage) => void
  /** Raises `request/no-token`. */
  readonly tokenOf: (request: IncomingMessage) => Token
}

export const createGuard = (options: {
  readonly tokens: readonly Token[]
  /** Values of `Host` that are answered to, in lower case, with the port. */
  readonly hosts: () => ReadonlySet<string>
}): Guard => {
  const known = options.tokens.map((token) => ({ token, digest: digestOf(token.token) }))
  return {
    checkOrigin: ({ headers }) => {
      const host = headers.host?.toLowerCase()
      if (host === undefined || !options.hosts().has(host)) {
        throw new Fault('request/wrong-host', 'this operator does not answer to that name')
      }
      if (headers.origin !== undefined) {
        throw new Fault('request/foreign-origin', 'web pages are not answered')
      }
    },
    tokenOf: ({ headers }) => {
      const offered = digestOf(
        /^Bearer ([!-~]{1,256})$/.exec(headers.authorization ?? '')?.[1] ?? '',
      )
      let found: Token | undefined
      for (const { token, digest } of known) if (timingSafeEqual(digest, offered)) found = token
      if (!found) throw new Fault('request/no-token', 'a token is needed: Authorization: Bearer …')
      return found
    },
  }
}

const digestOf = (token: string): Uint8Array => nodeHash('sha256', token, 'buffer')
