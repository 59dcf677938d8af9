import { appendFileSync, mkdtempSync, rmSync, truncateSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault } from 'tallystick/base'
import { afterAll, describe, expect, test } from 'vitest'
import {
  createRelayedFolder,
  keep,
  keptEvents,
  readRelayedFolder,
} from '../../src/relayed/folder.ts'
import { add, alice, definition } from './sample.ts'

const root = mkdtempSync(join(tmpdir(), 'tallystick-folder-'))
const card = {
  definition,
  relays: ['wss://relay.example'],
  identity: 'alice',
  device: 'first',
  key: alice.key,
}
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('a folder of a machine on relays', () => {
  const folder = createRelayedFolder(join(root, 'deal'), card)
  const log = join(folder.path, 'events.jsonl')
  const [one, two] = [add(undefined), add('ab'.repeat(32))]

  test('reads back as it was made, and is not made twice', () => {
    expect(readRelayedFolder(folder.path)).toEqual({ ...card, path: folder.path })
    expect(() => createRelayedFolder(folder.path, card)).toThrow('exists')
  })

  test('keeps each event once, from its definition on', () => {
    keep(folder, [one])
    keep(folder, [one])
    expect([...keptEvents(folder).keys()]).toEqual([definition.id, one.id])
  })

  test('loses a line that a crash tore and nothing after it, and takes no line that was changed', () => {
    keep(folder, [two])
    truncateSync(log, readFileSync(log).length - 9)
    expect(keptEvents(folder).has(two.id)).toBe(false)
    keep(folder, [two])
    expect(keptEvents(folder).get(two.id)).toEqual(two)
    const changed = { ...one, created_at: one.created_at + 1 }
    appendFileSync(log, `\n${JSON.stringify(changed)}`)
    expect(keptEvents(folder).get(one.id)).toEqual(one)
  })

  test('is damaged where its definition is not the one that was signed', () => {
    const path = join(root, 'other')
    createRelayedFolder(path, { ...card, definition: { ...definition, content: '{}' } })
    let code = ''
    try {
      readRelayedFolder(path)
    } catch (error) {
      code = isFault(error) ? error.code : ''
    }
    expect(code).toBe('machine/damaged')
  })
})
