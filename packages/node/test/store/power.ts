/**
 * A disk whose power fails: from the calls that a program made, what may be on the disk at any moment.
 *
 * Promise. In the image `synced` there is what a sync asked for before the cut, and nothing else. In an image `torn` there
 * is that, and of what was written and not synced a random part: each sector of 512 bytes for itself, so that a write
 * may be there in pieces, without those before it. Names: one that was made is there once the file or its folder was
 * synced; renames and removals once their folder was, and before that the first few of them, as with a journal of names.
 *
 * Not covered. Disks that acknowledge a sync and forget it, sectors that are damaged by the cut itself, and memory that
 * is mapped and written: neither engine relies on such memory after a restart.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Call } from './trace.ts'

const SECTOR = 512

type Pending = { readonly at: number; readonly data: Buffer } | { readonly size: number }

type Inode = { synced: Buffer; pending: { readonly order: number; readonly what: Pending }[] }

type Naming = {
  readonly order: number
  readonly call: Extract<Call, { is: 'create' | 'unlink' | 'rename' }>
}

export type Disk = {
  readonly apply: (call: Call, order: number) => void
  /** Files below the folder that differ from what was there at first; undefined: gone. */
  readonly image: (kind: 'synced' | 'torn') => ReadonlyMap<string, Buffer | undefined>
}

export const createDisk = (folder: string, base: string | undefined): Disk => {
  const now = new Map<string, Inode | undefined>()
  const durable = new Map<string, Inode | undefined>()
  let namings: Naming[] = []
  const inodeAt = (path: string): Inode => {
    const known = now.get(path)
    if (known !== undefined) return known
    const inode: Inode = { synced: readBase(path), pending: [] }
    now.set(path, inode)
    durable.set(path, inode)
    return inode
  }
  const readBase = (path: string): Buffer => {
    if (base === undefined) return Buffer.alloc(0)
    try {
      return readFileSync(join(base, path.slice(folder.length)))
    } catch {
      return Buffer.alloc(0)
    }
  }
  const isInBase = (path: string): boolean => {
    if (base === undefined || now.has(path)) return false
    try {
      readFileSync(join(base, path.slice(folder.length)))
      return true
    } catch {
      return false
    }
  }
  /** Names that are made durable by a sync of their folder, up to an order. */
  const settleNames = (inFolder: string, since: number): void => {
    const settled = namings.filter(
      ({ order, call }) => order < since && dirname(call.path) === inFolder,
    )
    for (const { call } of settled) applyName(durable, call, now)
    namings = namings.filter((naming) => !settled.includes(naming))
  }
  const sync = (path: string, since: number): void => {
    settleNames(path, since)
    const inode = now.get(path)
    if (inode === undefined) return
    const due = inode.pending.filter(({ order }) => order < since)
    for (const { what } of due) inode.synced = applied(inode.synced, what)
    inode.pending = inode.pending.filter(({ order }) => order >= since)
    // A new file that is synced has its name.
    const made = namings.filter(({ call }) => call.is === 'create' && call.path === path)
    for (const { call } of made) applyName(durable, call, now)
    namings = namings.filter((naming) => !made.includes(naming))
  }
  return {
    apply: (call, order) => {
      switch (call.is) {
        case 'write':
          inodeAt(call.path).pending.push({ order, what: { at: call.at, data: call.data } })
          return
        case 'cut':
          inodeAt(call.path).pending.push({ order, what: { size: call.size } })
          return
        case 'create':
          if (now.get(call.path) === undefined && !isInBase(call.path)) {
            now.set(call.path, { synced: Buffer.alloc(0), pending: [] })
            if (!durable.has(call.path)) durable.set(call.path, undefined)
            namings.push({ order, call })
          } else if (call.empty) inodeAt(call.path).pending.push({ order, what: { size: 0 } })
          return
        case 'unlink':
        case 'rename':
          inodeAt(call.path)
          if (call.is === 'rename' && !durable.has(call.to) && isInBase(call.to)) inodeAt(call.to)
          // The name may live on until its folder is synced, with what the file held.
          namings.push({ order, call: keepInode(call, now) })
          applyName(now, call, now)
          return
        case 'sync':
          sync(call.path, call.since)
          return
        case 'folder':
        case 'said':
      }
    },
    image: (kind) => {
      const names = new Map(durable)
      const count = kind === 'synced' ? 0 : Math.floor(Math.random() * (namings.length + 1))
      for (const { call } of namings.slice(0, count)) applyName(names, call, now)
      const share = Math.random()
      return new Map(
        [...names].map(([path, inode]) => [
          path,
          inode === undefined ? undefined : kind === 'synced' ? inode.synced : torn(inode, share),
        ]),
      )
    },
  }
}

/* Inodes of names that were already renamed or removed, for when that becomes durable later. */
const inodes = new WeakMap<object, Inode | undefined>()

const keepInode = <Named extends Extract<Call, { is: 'unlink' | 'rename' }>>(
  call: Named,
  now: ReadonlyMap<string, Inode | undefined>,
): Named => {
  const copy = { ...call }
  inodes.set(copy, now.get(call.path))
  return copy
}

const applyName = (
  names: Map<string, Inode | undefined>,
  call: Naming['call'],
  now: ReadonlyMap<string, Inode | undefined>,
): void => {
  switch (call.is) {
    case 'create':
      names.set(
        call.path,
        inodes.get(call) ?? now.get(call.path) ?? { synced: Buffer.alloc(0), pending: [] },
      )
      return
    case 'unlink':
      names.set(call.path, undefined)
      return
    case 'rename':
      names.set(call.to, inodes.has(call) ? inodes.get(call) : now.get(call.path))
      names.set(call.path, undefined)
  }
}

const applied = (bytes: Buffer, what: Pending): Buffer => {
  if ('size' in what) {
    const cut = Buffer.alloc(what.size)
    bytes.copy(cut, 0, 0, what.size)
    return cut
  }
  const end = what.at + what.data.length
  const whole =
    end <= bytes.length ? bytes : Buffer.concat([bytes, Buffer.alloc(end - bytes.length)])
  what.data.copy(whole, what.at)
  return whole
}

/** Each sector of each write that was not synced is there with some probability. */
const torn = (inode: Inode, share: number): Buffer => {
  let bytes: Buffer = Buffer.from(inode.synced)
  for (const { what } of inode.pending) {
    if ('size' in what) {
      if (Math.random() < share) bytes = applied(bytes, what)
      continue
    }
    let from = 0
    while (from < what.data.length) {
      const to = Math.min(what.data.length, from + SECTOR - ((what.at + from) % SECTOR))
      const part = { at: what.at + from, data: what.data.subarray(from, to) }
      if (Math.random() < share) bytes = applied(bytes, part)
      from = to
    }
  }
  return bytes
}

/** Writes an image over a copy of what was there at first. */
export const writeImage = (
  target: string,
  folder: string,
  image: ReadonlyMap<string, Buffer | undefined>,
  remove: (path: string) => void,
): void => {
  for (const [path, bytes] of image) {
    const at = join(target, path.slice(folder.length))
    if (bytes === undefined) {
      remove(at)
      continue
    }
    mkdirSync(dirname(at), { recursive: true })
    writeFileSync(at, bytes)
  }
}
