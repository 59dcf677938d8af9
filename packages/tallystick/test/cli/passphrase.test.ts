import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  PASSPHRASE_BYTES_MAX,
  PASSPHRASE_VARIABLE,
  readPassphrase,
} from '../../src/cli/passphrase.ts'

const folder = mkdtempSync(join(tmpdir(), 'tallystick-passphrase-'))
afterAll(() => rmSync(folder, { recursive: true }))

const module = new URL('../../src/cli/passphrase.ts', import.meta.url).pathname

const fileWith = (content: string): string => {
  const path = join(folder, 'passphrase')
  writeFileSync(path, content)
  return path
}

const warnings: string[] = []
const source = { prompt: 'passphrase', env: {}, warn: (text: string) => void warnings.push(text) }

describe('a passphrase', () => {
  test('from a file is its content without the end of the line', async () => {
    for (const [content, expected] of [
      ['correct horse', 'correct horse'],
      ['correct horse\n', 'correct horse'],
      ['correct horse\r\n', 'correct horse'],
      [' spaces \n', ' spaces '],
      ['two\nlines\n', 'two\nlines'],
    ] as const) {
      expect(await readPassphrase({ ...source, file: fileWith(content) })).toBe(expected)
    }
  })

  test('from a descriptor is read to its end', async () => {
    const descriptor = openSync(fileWith('from a descriptor\n'), 'r')
    expect(await readPassphrase({ ...source, file: `fd:${descriptor}` })).toBe('from a descriptor')
  })

  test('from the environment comes with a warning and leaves the environment', async () => {
    const env: Record<string, string | undefined> = { [PASSPHRASE_VARIABLE]: 'correct horse' }
    expect(await readPassphrase({ ...source, env })).toBe('correct horse')
    expect(env).toEqual({})
    expect(warnings.join()).toContain(PASSPHRASE_VARIABLE)
    expect(warnings.join()).not.toContain('correct horse')
  })

  test('from a file goes before one from the environment', async () => {
    const env = { [PASSPHRASE_VARIABLE]: 'from the environment' }
    expect(await readPassphrase({ ...source, env, file: fileWith('from a file') })).toBe(
      'from a file',
    )
  })

  test('that is empty, too long or not UTF-8 is refused', async () => {
    for (const content of ['', '\n', 'x'.repeat(PASSPHRASE_BYTES_MAX + 1)]) {
      await expect(readPassphrase({ ...source, file: fileWith(content) })).rejects.toThrow(
        /passphrase/,
      )
    }
    const longest = 'x'.repeat(PASSPHRASE_BYTES_MAX)
    expect(await readPassphrase({ ...source, file: fileWith(longest) })).toBe(longest)
    writeFileSync(join(folder, 'passphrase'), Uint8Array.of(0xff, 0xfe))
    await expect(readPassphrase({ ...source, file: join(folder, 'passphrase') })).rejects.toThrow()
    await expect(readPassphrase({ ...source, env: { [PASSPHRASE_VARIABLE]: '' } })).rejects.toThrow(
      /empty/,
    )
  })

  test.skipIf(spawnSync('/usr/bin/script', ['--version']).status !== 0)(
    'typed on a terminal is not shown, and a backspace takes back a letter',
    async () => {
      const program = join(folder, 'ask.mjs')
      writeFileSync(
        program,
        `import { readPassphrase } from ${JSON.stringify(module)}
        const typed = await readPassphrase({ prompt: 'ask', env: {}, confirm: true, warn: () => {} })
        process.stdout.write('length ' + typed.length + ' ' + (typed === 'hunt\\u00e9r22'))`,
      )
      const child = spawn('/usr/bin/script', [
        '-qec',
        `${process.execPath} ${program}`,
        '/dev/null',
      ])
      let shown = ''
      let answers = 0
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        shown += text
        const asked = shown.split(': ').length - 1
        for (; answers < asked; answers++) child.stdin.write('hunt\u00e9rx\u007f22\r')
      })
      await new Promise((resolve) => child.on('close', resolve))
      expect(shown).toContain('length 8 true')
      expect(shown).not.toContain('hunt')
      expect(shown).not.toContain('22')
    },
  )

  test('is never asked of a process without a terminal: the way out is named', () => {
    const script = `
      import { readPassphrase } from ${JSON.stringify(module)}
      readPassphrase({ prompt: 'p', env: {}, warn: () => {} }).catch((error) => console.log(error.message, error.fix))
    `
    const child = spawnSync(
      '/usr/bin/setsid',
      [process.execPath, '--input-type=module', '-e', script],
      {
        encoding: 'utf8',
      },
    )
    if (child.error !== undefined) return
    expect(child.stdout).toContain('no terminal')
    expect(child.stdout).toContain('--passphrase-file')
  })
})
