/**
 * A data directory: ours alone, and open in one process.
 *
 * Promise. While the folder is open here, opening it again raises `store/locked` at once, in this process, in any other of
 * this machine, and in other containers that share the file system: the lock is one of the kernel, taken through SQLite
 * on an empty file beside the data, and goes with the process that held it, however that ended. A folder that others
 * can reach into, or that belongs to somebody else, is refused.
 *
 * Not promised. Anything over network file systems that do not pass locks on.
 */
import { closeSync, fsyncSync, lstatSync, mkdirSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageOf, storeError } from './errors.ts'

/** Takes the folder, which is made where there is none; what is returned gives it back. */
export const openFolder = (path: string): (() => void) => {
  if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) sync(dirname(path))
  checkFolder(path)
  return takeLock(join(path, 'lock'), path)
}

/** So that the folder itself outlives a power cut. */
const sync = (folder: string): void => {
  const opened = openSync(folder, 'r')
  fsyncSync(opened)
  closeSync(opened)
}

const checkFolder = (path: string): void => {
  const found = lstatSync(path)
  if (!found.isDirectory()) throw storeError('store/exposed', `${path} is a link or no folder`)
  const own = process.getuid?.()
  // A system without such numbers has no such rights either.
  if (own === undefined) return
  if (found.uid !== own) throw storeError('store/exposed', `${path} belongs to another user`)
  if ((found.mode & 0o077) !== 0)
    throw storeError('store/exposed', `others can reach into ${path}; run chmod 700 on it first`)
}

/** Nothing may open and close this file but SQLite: closing it would give the kernel's lock back. */
const takeLock = (file: string, folder: string): (() => void) => {
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (/locked|busy/.test(messageOf(error)))
      throw storeError('store/locked', `another process works in ${folder}`, error)
    throw error
  }
  return () => {
    if (lock.isOpen) lock.close()
  }
}
