/**
 * Locks: one process at a time on a folder.
 *
 * Promise. While a lock is held, taking it again raises `desk/locked`, in this process and in any other of this machine.
 * The lock of a process that is gone is taken over.
 *
 * Not promised. Anything between machines that share a folder over a network: process numbers mean nothing there.
 */
import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Fault } from '../../base/fault.ts'

/** Takes the lock at `path`; what is returned gives it back. */
export const takeLock = (path: string): (() => void) => {
  const mark = `${process.pid} ${randomBytes(16).toString('hex')}\n`
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  writeFileSync(temporary, mark, { mode: 0o600 })
  try {
    if (!tryLink(temporary, path)) takeOver(temporary, path)
  } finally {
    rmSync(temporary, { force: true })
  }
  return () => {
    if (readMark(path) === mark) rmSync(path, { force: true })
  }
}

/** Replaces a lock whose holder is gone. A second lock sees to it that only one process does so at a time. */
const takeOver = (temporary: string, path: string): void => {
  const turn = `${path}.turn`
  if (isHeld(path) || !(tryLink(temporary, turn) || removeIfGone(turn, temporary)))
    throw locked(path)
  try {
    if (isHeld(path)) throw locked(path)
    rmSync(path, { force: true })
    if (!tryLink(temporary, path)) throw locked(path)
  } finally {
    rmSync(turn, { force: true })
  }
}

const removeIfGone = (turn: string, temporary: string): boolean => {
  if (isHeld(turn)) return false
  rmSync(turn, { force: true })
  return tryLink(temporary, turn)
}

/** A link, unlike a rename, refuses to take the place of a file. */
const tryLink = (from: string, to: string): boolean => {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

const isHeld = (path: string): boolean => {
  const pid = Number.parseInt(readMark(path) ?? '', 10)
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // The process exists and belongs to somebody else.
    return isCode(error, 'EPERM')
  }
}

const readMark = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

const locked = (path: string): Fault =>
  new Fault('desk/locked', `another process works in this folder (${path})`)
