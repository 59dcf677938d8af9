/** The rules of `tidy.ts`: kept by this repository, and each one failing on a tree that breaks it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { rules, type Tree } from './tidy.ts'

const root = join(import.meta.dirname, '../../..')
const SKIPPED = new Set(['node_modules', 'dist', '.git', 'coverage', 'tmp', '.tally'])
const READ = /\.(?:ts|mjs|json|md|yaml)$/

const read = (folder = ''): [string, string][] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (SKIPPED.has(entry.name)) return []
    if (entry.isDirectory()) return read(path)
    // Files that no rule reads still count as targets of links.
    return [[path, READ.test(path) ? readFileSync(join(root, path), 'utf8') : '']]
  })

const src = 'packages/tallystick/src'
const readme =
  '# M\n## Promise\n## Whom you trust\n## What a lie costs\n## What it cannot do\n## Wire\n## A walk\n'
const model = (name: string): Record<string, string> => ({
  [`${src}/models/${name}/README.md`]: readme,
  [`${src}/models/${name}/policy.ts`]: '',
  [`${src}/models/${name}/certificate.ts`]: '',
  [`${src}/models/${name}/evidence.ts`]: '',
})
const raising = {
  [`${src}/base/a.ts`]: "throw new Fault('step/late', 'why')",
  'docs/faults.md': '### step/late\n',
}
const manifest = (version: string): Record<string, string> => ({
  'packages/tallystick/package.json': `{"dependencies":{"qr":"${version}"}}`,
})
const page = { 'docs/dependencies.md': '# D\n## Runtime\n| `qr` | why |\n' }
const door =
  '{"exports":{"./sim":{"types":"./dist/exports/sim.d.ts","default":"./dist/exports/sim.js"}}}'

const opened = {
  [`${src}/exports/sim.ts`]: '',
  'packages/tallystick/package.json': door,
  'packages/tallystick/README.md': '| `tallystick/sim` | parties |',
}

const eleven = Array.from(
  { length: 11 },
  (_, at) => `## ${at + 1}. It holds\n- \`a.test.ts\`: it does\n`,
)
const held = {
  'docs/invariants.md': eleven.join(''),
  'packages/tallystick/test/a.test.ts': "test('it does', () => {})",
}

type Files = Readonly<Record<string, string | undefined>>
/** A tree that keeps the rule, and a change to it that breaks the rule. `undefined` takes a file away. */
const cases: readonly [rule: string, kept: Files, change: Files][] = [
  [
    'layers',
    { '.oxlintrc.json': `"${src}/base/**"`, [`${src}/base/a.ts`]: '' },
    { [`${src}/shed/a.ts`]: '' },
  ],
  ['models', model('krama'), { [`${src}/models/krama/evidence.ts`]: undefined }],
  [
    'models',
    model('krama'),
    { [`${src}/models/krama/README.md`]: readme.replace('## Wire\n', '') },
  ],
  [
    'mirrors',
    { [`${src}/state/a.ts`]: 'export const a = 1', 'packages/tallystick/test/state/a.test.ts': '' },
    { 'packages/tallystick/test/state/a.test.ts': undefined },
  ],
  [
    'mirrors',
    { [`${src}/state/a.ts`]: 'export type A = 1' },
    { [`${src}/state/a.ts`]: 'export const a = 1' },
  ],
  ['faults', raising, { 'docs/faults.md': '# None' }],
  ['faults', raising, { 'packages/node/src/a.ts': "throw new Fault('desk/full', 'why')" }],
  ['faults', raising, { [`${src}/base/a.ts`]: '' }],
  ['faults', raising, { 'docs/faults.md': '### step/late\n### step/late\n' }],
  [
    'vectors',
    { ...raising, 'vectors/a.json': '{ "fault": "step/late" }' },
    { 'vectors/a.json': '{}' },
  ],
  [
    'vectors',
    { ...raising, 'vectors/a.json': '{ "fault": "step/late" }' },
    { [`${src}/base/a.ts`]: '' },
  ],
  [
    'vectors',
    { ...raising, 'vectors/without.json': '{ "step/late": "needs two machines" }' },
    { 'vectors/a.json': '{ "fault": "step/late" }' },
  ],
  [
    'vectors',
    { ...raising, 'vectors/without.json': '{ "step/late": "why" }' },
    { [`${src}/base/a.ts`]: '' },
  ],
  ['names', { [`${src}/base/bytes.ts`]: '' }, { [`${src}/base/byte-utils.ts`]: '' }],
  ['names', { [`${src}/base/bytes.ts`]: '' }, { [`${src}/base/Bytes.ts`]: '' }],
  [
    'attacks',
    {
      'docs/attacks.md':
        '### A1. Twice\n- `node/test/a.test.ts`: is refused\n### A2. No\n- nothing to try: no door\n',
      'packages/node/test/a.test.ts': "test('is refused')",
    },
    { 'packages/node/test/a.test.ts': '' },
  ],
  [
    'attacks',
    { 'docs/attacks.md': '### A2. No\n- nothing to try: no door\n' },
    { 'docs/attacks.md': '### A2. No\n' },
  ],
  ['dependencies', { ...manifest('0.7.0'), ...page }, manifest('^0.7.0')],
  ['dependencies', { ...manifest('0.7.0'), ...page }, { 'docs/dependencies.md': undefined }],
  ['dependencies', { ...manifest('0.7.0'), ...page }, { 'packages/tallystick/package.json': '{}' }],
  [
    'dependencies',
    {
      'packages/node/package.json': '{"dependencies":{"ws":"8.23.0"}}',
      'docs/dependencies.md': '## Node\n| `ws` | why |\n',
    },
    { 'docs/dependencies.md': '## Node\n' },
  ],
  ['dependencies', {}, { 'package-lock.json': '"resolved": "https://registry.example/a.tgz"' }],
  ['doors', opened, { 'packages/tallystick/package.json': '{}' }],
  ['doors', opened, { [`${src}/exports/sim.ts`]: undefined }],
  ['doors', opened, { 'packages/tallystick/README.md': '| `tallystick/simulator` | a |' }],
  [
    'sources',
    { [`${src}/exports/a.ts`]: "export { a } from '../a.ts'" },
    { [`${src}/base/a.ts`]: "export { a } from './b.ts'" },
  ],
  [
    'sources',
    { [`${src}/base/fault.ts`]: 'export class Fault {}' },
    { [`${src}/base/a.ts`]: 'export class A {}' },
  ],
  ['links', { 'a.md': '[b](docs/b.md)', 'docs/b.md': '' }, { 'docs/b.md': undefined }],
  ['links', { 'a.md': '[b](b.md#the-end)', 'b.md': '# The end' }, { 'b.md': '# The start' }],
  [
    'words',
    { 'a.md': 'Nobody can undo it while one signer is honest. `infinite`' },
    { 'a.md': 'It is Impossible to undo.' },
  ],
  ['invariants', held, { 'docs/invariants.md': eleven.slice(1).join('') }],
  [
    'invariants',
    held,
    { 'docs/invariants.md': eleven.join('').replace('- `a.test.ts`: it does', '') },
  ],
  ['invariants', held, { 'docs/invariants.md': eleven.join('').replace('it does', 'it might') }],
  ['sizes', { 'scripts/a.ts': '\n'.repeat(600) }, { 'scripts/a.ts': '\n'.repeat(601) }],
  ['sizes', { 'a.json': ' '.repeat(1_000_000) }, { 'a.json': ' '.repeat(1_000_001) }],
]

const treeOf = (files: Files): Tree =>
  new Map(
    Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
const complaintsOf = (name: string, tree: Tree): readonly string[] =>
  rules[name]?.(tree) ?? ['no such rule']

describe('the rules of the house', () => {
  test.each(cases)('%s complains about what breaks it and nothing else', (name, kept, change) => {
    expect(complaintsOf(name, treeOf(kept))).toEqual([])
    expect(complaintsOf(name, treeOf({ ...kept, ...change }))).toHaveLength(1)
  })

  test('are all shown to bite', () => {
    expect(Object.keys(rules).filter((name) => !cases.some(([shown]) => shown === name))).toEqual(
      [],
    )
  })

  const tree: Tree = new Map(read())
  test.each(Object.keys(rules))('%s is kept by this repository', (name) => {
    expect(tree.size).toBeGreaterThan(50)
    expect(complaintsOf(name, tree)).toEqual([])
  })
})
