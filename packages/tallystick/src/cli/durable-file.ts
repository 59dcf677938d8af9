/**
 * Files that are either there whole or not at all, also after a crash or a power cut: the bytes go to a temporary file
 * beside the target, are synced, and take the target's name in one step; then the folder is synced too.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { bytesFromUtf8 } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'

/** Readable and writable by the owner alone. */
export const PRIVATE_FILE = 0o600
export const PRIVATE_FOLDER = 0o700
/** For what is meant for others. */
export const PUBLIC_FILE = 0o644

/** Writes a file in the place of whatever had its name. */
export const replaceFile = (path: string, bytes: Uint8Array, mode: number = PRIVATE_FILE): void => {
  writeThrough(path, bytes, { mode, place: renameSync })
}

/** Writes a file that must not exist yet. Fails with the platform's `EEXIST` if it does, and changes nothing. */
export const createFile = (path: string, bytes: Uint8Array, mode: number = PRIVATE_FILE): void => {
  // A link, unlike a rename, refuses to take the place of a file.
  writeThrough(path, bytes, { mode, place: linkSync })
}

/** Makes a folder, and those above it, that the owner alone may enter. One that exists stays as it is. */
export const createPrivateFolder = (path: string): void => {
  mkdirSync(path, { recursive: true, mode: PRIVATE_FOLDER })
}

/**
 * Reads a file that the owner alone may read. Raises `keystore/open-to-others` for another one and `keystore/damaged` for
 * one that is larger than `sizeMax` or no plain file.
 */
export const readPrivateFile = (path: string, sizeMax: number): Uint8Array => {
  const file = openSync(path, 'r')
  try {
    const stats = fstatSync(file)
    if (!stats.isFile() || stats.size > sizeMax) {
      throw new Fault('keystore/damaged', `${path} is no file of at most ${sizeMax} bytes`)
    }
    if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
      throw new Fault('keystore/open-to-others', `others may read ${path}; run: chmod 600 ${path}`)
    }
    return new Uint8Array(readFileSync(file))
  } finally {
    closeSync(file)
  }
}

/**
 * Runs `work` while no other process does under the same lock file. A lock whose process is gone is taken over.
 * Raises `identity/locked`.
 */
export const withLock = <T>(path: string, work: () => T): T => {
  takeLock(path, true)
  try {
    return work()
  } finally {
    rmSync(path, { force: true })
  }
}

type Placing = {
  readonly mode: number
  readonly place: (from: string, to: string) => void
}

const writeThrough = (path: string, bytes: Uint8Array, { mode, place }: Placing): void => {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  // Exclusive: a file or a link that somebody put under this name is not followed.
  const file = openSync(temporary, 'wx', mode)
  try {
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    place(temporary, path)
  } finally {
    rmSync(temporary, { force: true })
  }
  syncFolder(dirname(path))
}

const takeLock = (path: string, retry: boolean): void => {
  try {
    createFile(path, bytesFromUtf8(`${process.pid}\n`))
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
    if (!retry || isRunning(Number.parseInt(readFileSync(path, 'utf8'), 10))) {
      throw new Fault('identity/locked', `another process is changing this identity (${path})`)
    }
    rmSync(path, { force: true })
    takeLock(path, false)
  }
}

const isRunning = (pid: number): boolean => {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // The process exists and belongs to somebody else.
    return isCode(error, 'EPERM')
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

const syncFolder = (path: string): void => {
  // Windows cannot open a folder; there the rename itself is as durable as it gets.
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
