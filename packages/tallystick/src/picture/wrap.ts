/** Text in boxes without a font: widths are estimates, wide enough for the usual ones. */
import type { Size } from './layout.ts'

const CHARACTER_PX = 6.9
const WIDE_PX = 13
const ROW_PX = 16

/** Rows of at most `most` characters, broken at spaces where there are any; what does not fit into `rows` ends in "…". */
export const wrap = (text: string, most: number, rows: number): readonly string[] => {
  const found: string[] = []
  let row = ''
  for (const word of text.split(' ').flatMap((one) => piecesOf(one, most))) {
    if (row !== '' && row.length + 1 + word.length > most) {
      found.push(row)
      row = word
    } else row = row === '' ? word : `${row} ${word}`
  }
  if (row !== '') found.push(row)
  if (found.length <= rows) return found
  const kept = found.slice(0, rows)
  const last = kept[rows - 1] ?? ''
  return [...kept.slice(0, -1), `${last.slice(0, most - 1)}…`]
}

const piecesOf = (word: string, most: number): readonly string[] => {
  const pieces: string[] = []
  const characters = Array.from(word)
  for (let at = 0; at < characters.length; at += most) {
    pieces.push(characters.slice(at, at + most).join(''))
  }
  return pieces
}

/** Room that rows of text take. */
export const roomOf = (rows: readonly string[]): Size => ({
  width: Math.max(0, ...rows.map(widthOf)),
  height: rows.length * ROW_PX,
})

export const widthOf = (row: string): number => {
  let width = 0
  for (const one of row) width += (one.codePointAt(0) ?? 0) > LAST_NARROW ? WIDE_PX : CHARACTER_PX
  return width
}

/** Latin, Greek and Cyrillic letters are narrow; what comes after is counted as wide. */
const LAST_NARROW = 0x52f

export const ROW_HEIGHT: number = ROW_PX
