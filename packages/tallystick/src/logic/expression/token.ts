/**
 * The words of an expression.
 *
 * Promise. Every text is split in one way or refused with the place; what CEL knows and this subset does not (fractions,
 * unsigned numbers, bytes) is refused here by name. The work is linear in the length, which the caller bounds.
 */
import { problem } from './problem.ts'
import { readTextToken } from './token-text.ts'

export type Token =
  | { readonly is: 'name' | 'symbol'; readonly at: number; readonly text: string }
  | { readonly is: 'int'; readonly at: number; readonly value: number }
  | { readonly is: 'text'; readonly at: number; readonly value: string }
  | { readonly is: 'end'; readonly at: number }

/** Two signs before one. A single `=`, `&`, `|` is in neither list, and `?.` and `[?` are no signs of the subset. */
const SYMBOLS_OF_TWO: ReadonlySet<string> = new Set(['||', '&&', '==', '!=', '<=', '>='])
const SYMBOLS_OF_ONE: ReadonlySet<string> = new Set('?:<>+-*/%!.,()[]{}')

/** Raises `expression/malformed`, `expression/outside-subset` and `expression/out-of-range`. */
export const tokensFrom = (source: string): readonly Token[] => {
  const tokens: Token[] = []
  let at = skipBlank(source, 0)
  while (at < source.length) {
    const { token, end } = readToken(source, at)
    tokens.push(token)
    at = skipBlank(source, end)
  }
  tokens.push({ is: 'end', at })
  return tokens
}

type Taken = { readonly token: Token; readonly end: number }

const readToken = (source: string, at: number): Taken => {
  const first = source.charAt(at)
  if (first === '"' || first === "'") return readTextToken(source, at, at)
  if (isDigit(first) || (first === '.' && isDigit(source.charAt(at + 1)))) {
    return readNumber(source, at)
  }
  if (isNameStart(first)) return readName(source, at)
  const two = source.slice(at, at + 2)
  if (SYMBOLS_OF_TWO.has(two)) return { token: { is: 'symbol', at, text: two }, end: at + 2 }
  if (SYMBOLS_OF_ONE.has(first)) return { token: { is: 'symbol', at, text: first }, end: at + 1 }
  if (first === '`') {
    const why = 'fields in quotes are left out; write ["the-name"] instead of the point'
    throw problem('expression/outside-subset', at, why)
  }
  throw problem('expression/malformed', at, strangeSign(first))
}

const strangeSign = (sign: string): string => {
  const named = `the sign ${JSON.stringify(sign)} begins nothing`
  if (sign === '=') return `${named}; write == to compare`
  if (sign === '&' || sign === '|') return `${named}; write ${sign}${sign}`
  return named
}

const readName = (source: string, at: number): Taken => {
  let end = at + 1
  while (isNamePart(source.charAt(end))) end++
  const text = source.slice(at, end)
  const quote = source.charAt(end)
  if (quote === '"' || quote === "'") {
    const prefix = text.toLowerCase()
    if (prefix === 'r') return readTextToken(source, at, end)
    if (prefix === 'b' || prefix === 'br' || prefix === 'rb') {
      throw problem(
        'expression/outside-subset',
        at,
        'bytes are left out; write them in hexadecimal',
      )
    }
  }
  return { token: { is: 'name', at, text }, end }
}

/** A whole number in decimal or hexadecimal digits. */
const readNumber = (source: string, at: number): Taken => {
  const hexadecimal = source.startsWith('0x', at)
  let end = hexadecimal ? at + 2 : at
  while (hexadecimal ? isHexDigit(source.charAt(end)) : isDigit(source.charAt(end))) end++
  const next = source.charAt(end)
  if (!hexadecimal && (isFraction(source, end) || isExponent(source, end))) {
    throw problem(
      'expression/outside-subset',
      at,
      'fractions are left out, since runtimes round them differently; count in a smaller unit',
    )
  }
  if (next === 'u' || next === 'U') {
    throw problem('expression/outside-subset', at, 'unsigned numbers are left out; drop the u')
  }
  if (isNamePart(next)) throw problem('expression/malformed', end, 'a letter right after a number')
  const spelling = source.slice(at, end)
  if (hexadecimal && spelling.length === 2) {
    throw problem('expression/malformed', at, 'no digits after 0x')
  }
  const value = Number(spelling)
  if (!Number.isSafeInteger(value)) {
    throw problem('expression/out-of-range', at, 'a number beyond 2^53 − 1')
  }
  return { token: { is: 'int', at, value }, end }
}

const isFraction = (source: string, at: number): boolean =>
  source.charAt(at) === '.' && isDigit(source.charAt(at + 1))

const isExponent = (source: string, at: number): boolean =>
  /^[eE][+-]?[0-9]/.test(source.slice(at, at + 3))

const skipBlank = (source: string, from: number): number => {
  let at = from
  for (;;) {
    const letter = source.charAt(at)
    if (letter === '/' && source.charAt(at + 1) === '/') {
      const end = source.indexOf('\n', at)
      at = end < 0 ? source.length : end
    } else if (letter !== '' && ' \t\n\f\r'.includes(letter)) at++
    else return at
  }
}

const isDigit = (letter: string): boolean => letter >= '0' && letter <= '9'

const isHexDigit = (letter: string): boolean =>
  isDigit(letter) || (letter >= 'a' && letter <= 'f') || (letter >= 'A' && letter <= 'F')

// The end of the source is the empty string, which comes before every letter.
const isNameStart = (letter: string): boolean =>
  (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter === '_'

const isNamePart = (letter: string): boolean => isNameStart(letter) || isDigit(letter)
