/**
 * Whom a guardian answers, by what the headers say: the name it was called by, and the page that calls.
 *
 * - `Host` has to be one of a list, so that a web page whose name points at this machine reaches nothing (attack: DNS rebinding).
 * - A page may call from this machine, or from an origin that was named at the start; it is told so by the headers of CORS. A page
 *   from elsewhere is refused. Without tokens there is nothing that a page could misuse but the guardian's time, and what anybody may
 *   read; interactions carry their own signatures.
 */
import type { IncomingMessage } from 'node:http'

export type Origins = {
  /** Whether the host is one of ours and the page, if any, may call. */
  readonly admits: (request: IncomingMessage) => boolean
  /** Headers of CORS, for a page: names and values by turns. */
  readonly marks: (request: IncomingMessage) => readonly string[]
}

const LOOPBACK_PAGE = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?$/
/** Seconds for which a browser need not ask again. */
const PREFLIGHT_SECONDS = '600'

export const createOrigins = (options: {
  /** Values of `Host` that are answered to, in lower case, with the port. */
  readonly hosts: () => ReadonlySet<string>
  /** Further origins of pages, as browsers write them; `*` for any. */
  readonly pages: readonly string[]
}): Origins => {
  const pages = new Set(options.pages)
  const isPage = (origin: string): boolean =>
    LOOPBACK_PAGE.test(origin) || pages.has(origin) || pages.has('*')
  return {
    admits: ({ headers }) => {
      const { host, origin } = headers
      if (host === undefined || !options.hosts().has(host.toLowerCase())) return false
      return origin === undefined || isPage(origin)
    },
    marks: ({ headers: { origin } }) =>
      origin === undefined || !isPage(origin) ? VARY : [...VARY, ...ALLOWED, ORIGIN, origin],
  }
}

const VARY = ['Vary', 'Origin'] as const
const ORIGIN = 'Access-Control-Allow-Origin'
const ALLOWED = [
  'Access-Control-Allow-Methods',
  'POST',
  'Access-Control-Allow-Headers',
  'content-type',
  'Access-Control-Max-Age',
  PREFLIGHT_SECONDS,
] as const
