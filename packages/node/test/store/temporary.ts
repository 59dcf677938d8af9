/** Folders for tests, each gone at the end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'tallystick-store-'))

export const withFolder = async (run: (folder: string) => Promise<void>): Promise<void> => {
  const folder = temporaryFolder()
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  await run(folder).catch((error: unknown) => {
    // What is still open there must not hide why it failed.
    try {
      remove()
    } catch {}
    throw error
  })
  remove()
}
