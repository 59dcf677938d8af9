/** Small disks of their own, for what happens when one is full. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, withFolder } from './temporary.ts'

const mount = (folder: string, options: string): boolean =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status === 0
const unmount = (folder: string): void => {
  spawnSync('umount', [folder])
}

/** Runs on a small disk of its own. */
export const withDisk = (
  size: string,
  run: (folder: string, disk: string) => Promise<void>,
): Promise<void> =>
  withFolder(async (folder) => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    if (!mount(disk, `size=${size}`)) throw new Error('no disk')
    try {
      await run(join(disk, 'data'), disk)
    } finally {
      unmount(disk)
    }
  })

const canMount = (): boolean => {
  let able = false
  // One of its own: several files look at the same time.
  const folder = temporaryFolder()
  if (mount(folder, 'size=64k')) {
    able = true
    unmount(folder)
  }
  rmSync(folder, { recursive: true, force: true })
  return able
}
/** Why there can be none; empty where there can. */
export const noDisk: string = canMount()
  ? ''
  : ': only root may make a small disk, so that this is skipped'
