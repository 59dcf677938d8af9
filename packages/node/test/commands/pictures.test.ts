/** Drawing what is in a file, with the real command. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withFolder } from '../store/temporary.ts'
import { tally } from './spawn.ts'

test(
  'each machine of a file is drawn with its steps and who signed them',
  () =>
    withFolder(async (folder) => {
      await tally(folder, 'demo', 'supply')
      const drawn = await tally(folder, 'show', 'supply.tally', '--svg', 'supply', '--json')
      const { pictures } = JSON.parse(drawn.out) as { pictures: readonly string[] }
      expect({ code: drawn.code, err: drawn.err }).toEqual({ code: 0, err: '' })
      expect(pictures).toHaveLength(2)
      expect(readdirSync(folder)).toEqual(expect.arrayContaining([...pictures]))
      const svg = pictures.map((name) => readFileSync(join(folder, name), 'utf8')).join('')
      expect(svg).toContain('final · signed by carrier, port')
      // Prices are withheld from the file, and so from its picture.
      expect(svg).not.toMatch(/<text[^>]*>[^<]*price[^<]*\d/)
    }),
  120_000,
)

test(
  'what is no bundle is not drawn, and the fix is named',
  () =>
    withFolder(async (folder) => {
      await tally({ cwd: folder, home: join(folder, 'home') }, 'demo', 'supply')
      const drawn = await tally(folder, 'show', '--svg', 'nothing')
      expect(drawn.code).not.toBe(0)
      expect(drawn.err).toContain('fix')
    }),
  120_000,
)
