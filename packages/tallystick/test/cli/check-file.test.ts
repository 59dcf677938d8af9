import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../src/base/bytes.ts'
import { checkFile } from '../../src/cli/check-file.ts'
import { createOutput, type Output, type Span } from '../../src/cli/print.ts'
import { createNativeEngine } from '../../src/engine/native.ts'
import { type Evidence, evidence } from '../../src/kernel/evidence.ts'
import { type Statement, statementDigest } from '../../src/kernel/statement.ts'
import { fileFromBody } from '../../src/verify/file.ts'
import { anId, aTransition, aVote } from '../kernel/sample.ts'

const folder = mkdtempSync(join(tmpdir(), 'tallystick-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

const engine = createNativeEngine()

/** Two votes of one key for two steps at one place. */
const forkBy = (suite: 'classic' | 'nostr', scheme: 'ed25519' | 'bip340'): Evidence => {
  const { publicKey, secret } = engine.fromSeed(scheme, new Uint8Array(32).fill(7))
  const signed = (statement: Statement) => ({
    statement,
    signature: engine.sign(scheme, secret, statementDigest(suite, statement)),
  })
  const vote = (name: string) =>
    signed(aVote({ transition: aTransition({ interaction: anId(name) }) }))
  return { suite, scheme, publicKey, first: vote('first'), second: vote('second') }
}

const saidOf = async (of: Evidence): Promise<string> => {
  const path = join(folder, 'proof.tally')
  writeFileSync(path, fileFromBody('evidence', evidence.encode(of)))
  const said: string[] = []
  const textOf = (span: Span): string => (typeof span === 'string' ? span : span.text)
  const output: Output = {
    ...createOutput({ json: true }),
    line: (text) => void said.push([text ?? ''].flat().map(textOf).join('')),
    next: (text) => void said.push(text),
  }
  expect(await checkFile(output, path, {})).toBe(0)
  return said.join('\n')
}

describe('a proof against one key', () => {
  test('names the public key where people and custodians are known by it', async () => {
    const proof = forkBy('nostr', 'bip340')
    const said = await saidOf(proof)
    expect(said).toContain(`public key ${hexFromBytes(proof.publicKey)}`)
    expect(said).toContain('definition names')
    expect(said).not.toContain('tally id show')
  })

  test('is compared with cards in other suites', async () => {
    const said = await saidOf(forkBy('classic', 'ed25519'))
    expect(said).toContain('tally id show CARD')
    expect(said).not.toContain('public key')
  })
})
