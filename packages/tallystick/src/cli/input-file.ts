/** Files that commands read: looked at by their size before a byte of them is. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { Fault } from '../base/fault.ts'
import { FILE_BYTES_MAX } from '../base/limits.ts'
import { usageError } from './print.ts'

/**
 * The bytes of a file. Raises `file/too-large` for more than `sizeMax` without reading any, and a usage error for what is
 * no plain file.
 */
export const readInputFile = (path: string, sizeMax: number = FILE_BYTES_MAX): Uint8Array => {
  // Without `O_NONBLOCK` a pipe that nobody writes to would hold the command up here.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) throw usageError(`${path} is no plain file`, 'name a file')
    if (stats.size > sizeMax) {
      const says = `${path} has ${stats.size} bytes where at most ${sizeMax} are read`
      throw new Fault('file/too-large', says)
    }
    return bytesOf(file, stats.size)
  } finally {
    closeSync(file)
  }
}

const bytesOf = (file: number, size: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  let done = 0
  while (done < size) {
    const read = readSync(file, bytes, done, size - done, done)
    if (read === 0) break
    done += read
  }
  return bytes.subarray(0, done)
}
