/** QR codes for people: files shown as codes in the terminal or written as pictures, and pictures read back. */
import { join, basename } from 'node:path'
import { bytesFromUtf8, hexFromBytes } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { bytesFromGathered, gather, type Gathered, readChunk } from '../forms/chunk.ts'
import { pixelsFromPng, pngFromPixels } from './carrier/png.ts'
import {
  pixelsFromText,
  QR_SHARE_BYTES,
  qrTextsFromFile,
  svgFromText,
  terminalFromText,
  textFromPixels,
} from './carrier/qr.ts'
import { createPrivateFolder, replaceFile } from './durable-file.ts'
import { readInputFile } from './input-file.ts'
import { type Output, usageError } from './print.ts'
import { isAttended, waitForEnter } from './prompt.ts'

/** `--qr` alone, or with a folder. */
export type CodesOption = { readonly qr?: string | true }

export const CODES_FLAG = '--qr [folder]'
export const CODES_HELP = 'show QR codes here, or write them as pictures into a folder'

/** Shows files as codes if the option says so. */
export const showCodes = async (
  output: Output,
  paths: readonly string[],
  { qr }: CodesOption,
): Promise<void> => {
  if (qr === undefined || paths.length === 0) return
  if (qr === true) await showInTerminal(output, paths)
  else writePictures(output, paths, qr)
}

/** Shows a text of its own as one code, if the option says so: a link, for cameras of any kind. */
export const showTextCode = (
  output: Output,
  { text, name }: { readonly text: string; readonly name: string },
  { qr }: CodesOption,
): void => {
  if (qr === undefined) return
  if (qr === true) {
    if (output.json || !process.stdout.isTTY) throw noTerminal()
    for (const line of terminalFromText(text).trimEnd().split('\n')) output.line(line)
    return
  }
  createPrivateFolder(qr)
  const path = join(qr, name)
  replaceFile(`${path}.png`, pngFromPixels(pixelsFromText(text)))
  replaceFile(`${path}.svg`, bytesFromUtf8(svgFromText(text)))
  output.line(`Wrote a QR code into ${qr}, as .png and .svg`)
  output.result({ pictures: [`${path}.png`] })
}

const noTerminal = (): Error =>
  usageError('there is no terminal to show codes in', 'name a folder: --qr FOLDER')

/**
 * What a code in a terminal may hold, by the columns that its version takes with its margin: bytes of the file in one
 * code, with medium error correction.
 */
const SHARES: readonly (readonly [columns: number, bytes: number])[] = [
  [89, QR_SHARE_BYTES],
  [77, 300],
  [65, 190],
  [53, 110],
]

const showInTerminal = async (output: Output, paths: readonly string[]): Promise<void> => {
  if (output.json || !process.stdout.isTTY) {
    throw noTerminal()
  }
  const { columns } = process.stdout
  const share = SHARES.find(([wanted]) => wanted <= columns)?.[1]
  if (share === undefined) {
    throw usageError(
      `a terminal of ${columns} columns is too narrow for codes`,
      'make it wider, or name a folder: --qr FOLDER',
    )
  }
  for (const path of paths) {
    const texts = qrTextsFromFile(readInputFile(path), share)
    for (const [at, text] of texts.entries()) {
      for (const line of terminalFromText(text).trimEnd().split('\n')) output.line(line)
      output.line(`${basename(path)}: code ${at + 1} of ${texts.length}`, 'strong')
      const isLast = at === texts.length - 1 && path === paths.at(-1)
      if (!isLast && isAttended()) await waitForEnter('photograph it, then press Enter')
    }
  }
}

const writePictures = (output: Output, paths: readonly string[], folder: string): void => {
  createPrivateFolder(folder)
  const pictures: string[] = []
  for (const path of paths) {
    const texts = qrTextsFromFile(readInputFile(path))
    for (const [at, text] of texts.entries()) {
      const name = join(folder, `${basename(path, '.tally')}-${at + 1}-of-${texts.length}`)
      replaceFile(`${name}.png`, pngFromPixels(pixelsFromText(text)))
      replaceFile(`${name}.svg`, bytesFromUtf8(svgFromText(text)))
      pictures.push(`${name}.png`)
    }
  }
  output.line(`Wrote ${pictures.length} QR codes into ${folder}, each as .png and .svg`)
  output.result({ pictures })
}

export type Picture = { readonly path: string; readonly bytes: Uint8Array }

/**
 * The files that pictures of codes make, whatever the order. Raises the faults of `pixelsFromPng`, `picture/no-code`
 * where no code is seen, and those of `chunk.ts`.
 */
export const filesFromPictures = (pictures: readonly Picture[]): readonly Uint8Array[] => {
  const wholes = new Map<string, Gathered>()
  for (const { path, bytes } of pictures) {
    const text = textFromPixels(pixelsFromPng(bytes))
    if (text === undefined) {
      throw new Fault('picture/no-code', 'no QR code is seen in the picture', { part: path })
    }
    const chunk = readChunk(text)
    const whole = hexFromBytes(chunk.digest)
    wholes.set(whole, gather(wholes.get(whole), chunk))
  }
  return [...wholes.values()].map((one) => bytesFromGathered(one))
}
