/**
 * Carrier by QR codes: a file as a row of codes that one screen shows and another device's camera reads.
 *
 * Promise. The codes carry chunks (`forms/chunk.ts`), so they may be read in any order and more than once, and codes of
 * something else are noticed. Medium error correction: about 15 % of a code may be unreadable.
 */
import { encodeQR } from 'qr'
import { decodeQR } from 'qr/decode.js'
import { chunksFromBytes } from '../../forms/chunk.ts'

/**
 * Bytes of the file in one code. Together with the chunk's head that makes a code of at most 81 modules a side, which a
 * phone reads off a screen; a vote in the classic suite fits one code.
 */
export const QR_SHARE_BYTES = 400

/** Modules of blank margin that readers need. */
const MARGIN = 4

/** Pixels, four bytes each: red, green, blue, opacity. */
export type Pixels = {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** The texts to be shown as codes, one each. */
export const qrTextsFromFile = (
  file: Uint8Array,
  shareBytes: number = QR_SHARE_BYTES,
): readonly string[] => chunksFromBytes(file, shareBytes)

/** A code in block characters: dark modules stay empty, so it is meant for light text on a dark terminal. */
export const terminalFromText = (text: string): string =>
  encodeQR(text, 'ascii', { ecc: 'medium', border: MARGIN })

/** A code as an SVG picture. */
export const svgFromText = (text: string): string =>
  encodeQR(text, 'svg', { ecc: 'medium', border: MARGIN })

/** A code as pixels, so many to a module. */
export const pixelsFromText = (text: string, scale: number = 8): Pixels => {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: MARGIN })
  const side = rows.length * scale
  const data = new Uint8Array(side * side * 4).fill(255)
  for (let y = 0; y < side; y++) {
    const row = rows[Math.floor(y / scale)]
    for (let x = 0; x < side; x++) {
      if (row?.[Math.floor(x / scale)]) data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3)
    }
  }
  return { width: side, height: side, data }
}

/** The text of the code in a picture, or undefined if none is found. Takes its time: meant for pictures, not for video. */
export const textFromPixels = (pixels: Pixels): string | undefined => {
  try {
    return decodeQR(pixels, { effort: Infinity, timeLimit: Infinity })
  } catch {
    // The decoder throws for every picture without a readable code, whatever the reason.
    return undefined
  }
}
