/**
 * Handing evidence to operators of a directory, who then serve the convicted key no more.
 *
 * Each operator judges by itself and freezes by itself, so each is asked; one that does not answer is named, and the others
 * are asked all the same.
 */
import type { Evidence } from '../kernel/evidence.ts'
import { accusation } from '../models/directory/accusation.ts'
import { readInputFile } from './input-file.ts'
import { usageError } from './print.ts'

/** What one operator made of it; `frozen` where it took the evidence. */
export type Handed =
  | { readonly url: string; readonly is: 'frozen' }
  | { readonly url: string; readonly is: 'failed'; readonly why: string }

const CONTENT_TYPE = 'application/vnd.tallystick'
const PATIENCE_MS = 10_000
const TOKEN_BYTES_MAX = 1024

export const handEvidence = async (
  of: Evidence,
  urls: readonly string[],
  token: string | undefined,
): Promise<readonly Handed[]> =>
  Promise.all(
    urls.map(async (url) =>
      handTo(url, accusation.encode({ is: 'statements', evidence: of }), token),
    ),
  )

const handTo = async (
  url: string,
  body: Uint8Array,
  token: string | undefined,
): Promise<Handed> => {
  try {
    const response = await fetch(new URL('/v1/evidence', url), {
      method: 'POST',
      // Whoever answers with another address would be handed the token.
      redirect: 'error',
      headers: {
        'content-type': CONTENT_TYPE,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    if (response.ok) return { url, is: 'frozen' }
    return { url, is: 'failed', why: `it answered with ${response.status}` }
  } catch (error) {
    return { url, is: 'failed', why: reasonOf(error) }
  }
}

/** What went wrong on the way down, which the outer error only wraps. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

/** The addresses as typed. Raises a usage error for one that is none. */
export const operatorUrls = (typed: readonly string[]): readonly string[] =>
  typed.map((one) => {
    if (!URL.canParse(one) || !/^https?:/.test(one)) {
      throw usageError(`${one} is no address of an operator`, 'for example http://127.0.0.1:4701')
    }
    return one
  })

/** A token from a file, else from the environment; never from the command line, which others may read. */
export const operatorToken = (path: string | undefined): string | undefined => {
  if (path === undefined) return process.env['TALLY_TOKEN']
  const text = new TextDecoder().decode(readInputFile(path, TOKEN_BYTES_MAX)).trim()
  if (/^[\x21-\x7e]+$/.test(text)) return text
  throw usageError(`${path} holds no token`, 'one line of plain characters')
}
