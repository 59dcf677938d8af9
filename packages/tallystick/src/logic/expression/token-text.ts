/**
 * Texts as expressions spell them: in single or double quotes, once or three times, with CEL's escapes, or raw after
 * an `r`.
 *
 * Promise. What is read is well-formed: an escape that names half a surrogate pair is refused.
 */
import { problem } from './problem.ts'

type TextToken = { readonly is: 'text'; readonly at: number; readonly value: string }

/**
 * Reads the text whose first quote stands at `quoteAt`; `at` is where the token begins, before it if there is an `r`.
 * Raises `expression/malformed`.
 */
export const readTextToken = (
  source: string,
  at: number,
  quoteAt: number,
): { readonly token: TextToken; readonly end: number } => {
  const isRaw = at < quoteAt
  const quote = source.charAt(quoteAt)
  const isLong = source.startsWith(quote.repeat(3), quoteAt)
  const fence = isLong ? quote.repeat(3) : quote
  let value = ''
  let next = quoteAt + fence.length
  while (!source.startsWith(fence, next)) {
    const letter = source.charAt(next)
    if (letter === '') throw problem('expression/malformed', at, `no ${fence} ends this text`)
    if (!isLong && (letter === '\n' || letter === '\r')) {
      throw problem('expression/malformed', next, 'a line break in a text; write \\n')
    }
    if (letter === '\\' && !isRaw) {
      const escape = readEscape(source, next)
      value += escape.letter
      next = escape.end
    } else {
      value += letter
      next++
    }
  }
  if (!value.isWellFormed()) throw problem('expression/malformed', at, 'an unpaired surrogate')
  return { token: { is: 'text', at, value }, end: next + fence.length }
}

type Escape = { readonly letter: string; readonly end: number }

const LETTERS: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ['?', '?'],
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
])

/** How many hexadecimal digits follow the letter. */
const DIGITS: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['X', 2],
  ['u', 4],
  ['U', 8],
])

const readEscape = (source: string, at: number): Escape => {
  const kind = source.charAt(at + 1)
  const letter = LETTERS.get(kind)
  if (letter !== undefined) return { letter, end: at + 2 }
  const count = DIGITS.get(kind)
  if (count !== undefined) return readCode(source, at, { from: at + 2, count, base: 16 })
  if (/^[0-3]$/.test(kind)) return readCode(source, at, { from: at + 1, count: 3, base: 8 })
  throw problem('expression/malformed', at, 'an unknown escape; a backslash itself is \\\\')
}

type Digits = { readonly from: number; readonly count: number; readonly base: 8 | 16 }

const readCode = (source: string, at: number, { from, count, base }: Digits): Escape => {
  const digits = source.slice(from, from + count)
  const isWhole =
    digits.length === count && (base === 8 ? /^[0-7]+$/ : /^[0-9a-fA-F]+$/).test(digits)
  if (!isWhole) throw problem('expression/malformed', at, `an escape without its ${count} digits`)
  const code = Number.parseInt(digits, base)
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
    throw problem('expression/malformed', at, `no character has the number ${digits}`)
  }
  return { letter: String.fromCodePoint(code), end: from + count }
}
