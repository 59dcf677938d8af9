/** The example for people who know MOI's client: run as it stands, against the command that it tells them to start. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { start } from '../commands/spawn.ts'
import { withFolder } from '../store/temporary.ts'

const example = join(import.meta.dirname, '../../../../examples/moi-sdk')
/** Gives the client the hash library that npm gives it in a folder of its own; see there. */
const layout = join(import.meta.dirname, 'sdk.ts')

type Ended = { readonly code: unknown; readonly out: string; readonly err: string }

const run = (script: string, url: string): Promise<Ended> =>
  new Promise((resolve) => {
    const argv = ['--import', layout, join(example, script)]
    const env = { ...process.env, MOI_URL: url }
    execFile(process.execPath, argv, { env, encoding: 'utf8' }, (error, out, err) => {
      resolve({ code: error === null ? 0 : error.code, out, err })
    })
  })

describe('examples/moi-sdk', () => {
  test('tells its story, and of each mistake, at tally serve guardian --dev', () =>
    withFolder(async (folder) => {
      const argv = ['serve', 'guardian', '--dev', '--port', '0', '--data', 'data', '--json']
      const guardian = start(folder, ...argv)
      try {
        const said = await guardian.until(/\}\n$/)
        const { url } = JSON.parse(said) as { url: string }
        const story = await run('story.mjs', url)
        expect(story, story.err).toMatchObject({ code: 0 })
        expect(story.out).toContain('tesseracts were told')
        const mistakes = await run('mistakes.mjs', url)
        expect(mistakes, mistakes.err).toMatchObject({ code: 0 })
        expect(mistakes.out).toContain('each told by its name')
      } finally {
        guardian.process.kill('SIGTERM')
        expect(await guardian.ended).toBe(0)
      }
    }))
})
