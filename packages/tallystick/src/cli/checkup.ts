/** What `tally doctor` looks at: each finding with what it means and, where something is missing, what to do. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Blake3Path, createBlake3, defaultBlake3 } from '../base/blake3.ts'
import { type SchemeId, SCHEME_IDS } from '../base/suite.ts'
import type { Engine } from '../base/verifier.ts'
import { createNativeEngine, nativeSchemes } from '../engine/native.ts'
import { createFile, createPrivateFolder } from './durable-file.ts'
import { argon2idBytes, COST_DEFAULT, hasNativeArgon2 } from './key-file.ts'

export type Finding = {
  readonly what: string
  readonly says: string
  /** `slow`: works, and could be better. `broken`: something will fail. */
  readonly standing: 'good' | 'slow' | 'broken'
  readonly fix?: string
}

/** The oldest release of each major version that is supported. */
const NODE_MIN = { major: 24, minor: 11 }

/** Looks at one thing after the other; `before` is told what comes next. */
export const checkup = (home: string, before: (what: string) => void): readonly Finding[] => {
  const engine = createNativeEngine()
  const looks: readonly (readonly [string, () => Found])[] = [
    ['runtime', () => runtime(process.versions.node)],
    ...SCHEME_IDS.map((scheme) => [scheme, () => signatures(engine, scheme)] as const),
    ['hashes', () => hashes(defaultBlake3().path)],
    ['passphrases', passphrases],
    ['disk', () => disk(home)],
    ['terminal', terminal],
  ]
  return looks.map(([what, look]) => {
    before(what)
    return { ...attempt(look), what }
  })
}

export type Found = Omit<Finding, 'what'>

const attempt = (look: () => Found): Found => {
  try {
    return look()
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error)
    return { says, standing: 'broken', fix: 'read what went wrong above' }
  }
}

/** Whether this release of Node is one that is supported. */
export const runtime = (version: string): Found => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isEnough = major > NODE_MIN.major || (major === NODE_MIN.major && minor >= NODE_MIN.minor)
  const says = `Node.js ${version}, ${process.platform} on ${process.arch}`
  if (isEnough) return { says, standing: 'good' }
  const fix = `install Node ${NODE_MIN.major}.${NODE_MIN.minor} or later from https://nodejs.org`
  return { says, standing: 'broken', fix }
}

const signatures = (engine: Engine, scheme: SchemeId): Found => {
  const isNative = nativeSchemes().includes(scheme)
  const { publicKey, secret } = engine.fromSeed(scheme, new Uint8Array(32).fill(7))
  const message = new Uint8Array(32).fill(1)
  const signing = timed(() => engine.sign(scheme, secret, message))
  const checking = medianMs(9, () => engine.verify(scheme, publicKey, message, signing.value))
  const isRight =
    engine.verify(scheme, publicKey, message, signing.value) &&
    !engine.verify(scheme, publicKey, new Uint8Array(32), signing.value)
  if (!isRight) {
    return { says: 'signs what it does not accept', standing: 'broken', fix: 'report this runtime' }
  }
  const where = isNative ? 'by the runtime' : 'in JavaScript'
  const says = `${where}, ${ms(checking)} to check, ${ms(signing.ms)} to sign`
  return { says, standing: isNative || !COULD_BE_NATIVE.has(scheme) ? 'good' : 'slow' }
}

const COULD_BE_NATIVE: ReadonlySet<SchemeId> = new Set([
  'ed25519',
  'ml-dsa-44',
  'slh-dsa-sha2-128s',
])

const hashes = (path: Blake3Path): Found => {
  const { hash } = createBlake3(path)
  const header = new Uint8Array(168)
  const each = medianMs(9, () => {
    for (let at = 0; at < 1000; at++) hash(header)
  })
  const says = `BLAKE3 in ${path === 'wasm' ? 'WebAssembly' : 'JavaScript'}, ${Math.round(each * 1000)} ns for a step's header`
  if (path === 'wasm') return { says, standing: 'good' }
  return { says, standing: 'slow', fix: 'run where WebAssembly with 128-bit vectors is allowed' }
}

const passphrases = (): Found => {
  const salt = new Uint8Array(16)
  const guess = timed(() => argon2idBytes(Uint8Array.of(1), salt, COST_DEFAULT))
  const isNative = hasNativeArgon2()
  const says = `Argon2id ${isNative ? 'by the runtime' : 'in JavaScript'}, ${ms(guess.ms)} for each guess`
  return { says, standing: isNative ? 'good' : 'slow' }
}

const disk = (home: string): Found => {
  // Beside the real files if they are there: another disk may behave otherwise.
  const below = statSync(home, { throwIfNoEntry: false })?.isDirectory() ? home : tmpdir()
  const folder = mkdtempSync(join(below, '.tally-doctor-'))
  try {
    createPrivateFolder(join(folder, 'private'))
    let at = 0
    const each = medianMs(5, () =>
      createFile(join(folder, 'private', `${at++}`), randomBytes(4096)),
    )
    const says = `a file is written, synced and named in ${ms(each)}, in ${below}`
    const mode = statSync(join(folder, 'private', '0')).mode & 0o077
    if (process.platform === 'win32' || mode === 0) return { says, standing: 'good' }
    const fix = 'set TALLY_HOME to a folder on a disk that keeps file modes'
    return { says: `${below} does not keep files to their owner`, standing: 'broken', fix }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const terminal = (): Found => {
  const { isTTY, columns } = process.stdout
  if (!isTTY) return { says: 'none, plain text', standing: 'good' }
  const colours = process.stdout.hasColors() ? 'colours' : 'no colours'
  const says = `${columns} columns, ${colours}`
  if (columns >= QR_COLUMNS) return { says, standing: 'good' }
  return {
    says,
    standing: 'slow',
    fix: `make it ${QR_COLUMNS} columns wide to show larger QR codes`,
  }
}

/** What the largest code that is shown takes with its margin; smaller ones go where there is less. */
const QR_COLUMNS = 89

const timed = <T>(work: () => T): { readonly value: T; readonly ms: number } => {
  const start = performance.now()
  const value = work()
  return { value, ms: performance.now() - start }
}

const medianMs = (times: number, work: () => void): number => {
  const measured = Array.from({ length: times }, () => timed(work).ms).sort((a, b) => a - b)
  return measured[times >> 1] ?? 0
}

const ms = (value: number): string => `${value < 10 ? value.toPrecision(2) : Math.round(value)} ms`
