/**
 * The linter's rules, each shown to bite. For every rule a file that breaks it in one place is planted in a
 * scratch folder beside a twin that differs in that place only; the rule must report the first and must not
 * report the second. A rule of `.oxlintrc.json` that nothing here provokes fails the test, so that none can be
 * added, or quietly stop working, without a proof. Last, the repository itself must be clean.
 */
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const isSlow = process.env['TALLYSTICK_SLOW'] === '1'
const src = 'packages/tallystick/src'

type Diagnostic = { code: string; message: string; help?: string; filename: string }
type Restricted = { name?: string; object?: string; property?: string; message: string }
type Rule = string | [string, (Restricted | { patterns?: { message: string }[] })?, ...Restricted[]]
type Config = {
  rules: Record<string, Rule>
  overrides: { files: string[]; rules: Record<string, Rule> }[]
}

const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as Config

const lint = (folder: string, paths: readonly string[]): Diagnostic[] => {
  const args = ['-c', '.oxlintrc.json', '--format', 'json', ...paths]
  const program = join(root, 'node_modules/oxlint/bin/oxlint')
  const run = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (!run.stdout.startsWith('{')) throw new Error(`oxlint: ${run.stdout}${run.stderr}`)
  return (JSON.parse(run.stdout) as { diagnostics: Diagnostic[] }).diagnostics
}

/** A planted file: `bad` breaks `rule`, `good` differs in that place only. `says` is part of the report. */
type Plant = { rule: string; at: string; bad: string; good: string; says?: string }

const lines = (count: number): string => '// line\n'.repeat(count)
const body = (count: number): string =>
  `export const long = (): number => {\n${'  // line\n'.repeat(count - 3)}  return 1\n}\n`
const nested = (depth: number): string =>
  `export const deep = (n: number): number => {\n${'if (n > 0) {'.repeat(depth)} n-- ${'}'.repeat(depth)}\nreturn n\n}\n`
const union = `type Step = { is: 'open' } | { is: 'close' }\n`

const plain: Plant[] = [
  { rule: 'max-lines', at: 'base', bad: lines(401), good: lines(400) },
  { rule: 'max-lines-per-function', at: 'base', bad: body(71), good: body(70) },
  {
    rule: 'max-params',
    at: 'base',
    bad: 'export const f = (a: 1, b: 1, c: 1, d: 1, e: 1): number => a + b + c + d + e',
    good: 'export const f = (a: 1, b: 1, c: 1, d: 1): number => a + b + c + d',
  },
  { rule: 'max-depth', at: 'base', bad: nested(5), good: nested(4) },
  {
    rule: 'no-explicit-any',
    at: 'kernel',
    bad: 'export type T = any',
    good: 'export type T = unknown',
  },
  {
    rule: 'no-non-null-assertion',
    at: 'kernel',
    bad: 'export const f = (a?: string): number => a!.length',
    good: 'export const f = (a?: string): number => a?.length ?? 0',
  },
  {
    rule: 'consistent-type-assertions',
    at: 'kernel',
    bad: 'export const f = (a: unknown): string => a as string',
    good: 'export const f = (): readonly string[] => ["a"] as const',
  },
  {
    rule: 'consistent-type-imports',
    at: 'kernel',
    bad: "import { Fault } from '../base/fault.ts'\nexport type T = Fault",
    good: "import type { Fault } from '../base/fault.ts'\nexport type T = Fault",
  },
  {
    rule: 'no-namespace',
    at: 'kernel',
    bad: 'export namespace A { export type T = 1 }',
    good: 'export type A = 1',
  },
  {
    rule: 'parameter-properties',
    at: 'kernel',
    bad: 'export class A { constructor(readonly a: string) {} }',
    good: 'export class A { readonly a: string\n constructor(a: string) { this.a = a } }',
  },
  {
    rule: 'ban-ts-comment',
    at: 'kernel',
    bad: '// @ts-ignore\nexport const a: number = 1',
    good: '// @ts is ignored\nexport const a: number = 1',
  },
  {
    rule: 'no-floating-promises',
    at: 'cli',
    bad: 'const later = async (): Promise<void> => undefined\nexport const f = (): void => { later() }',
    good: 'const later = async (): Promise<void> => undefined\nexport const f = async (): Promise<void> => { await later() }',
  },
  {
    rule: 'no-misused-promises',
    at: 'cli',
    bad: 'export const f = (a: Promise<boolean>): number => { if (a) return 1; return 2 }',
    good: 'export const f = (a: boolean): number => { if (a) return 1; return 2 }',
  },
  {
    rule: 'await-thenable',
    at: 'cli',
    bad: 'export const f = async (a: number): Promise<number> => await a',
    good: 'export const f = async (a: Promise<number>): Promise<number> => await a',
  },
  {
    rule: 'switch-exhaustiveness-check',
    at: 'kernel',
    bad: `${union}export const f = (s: Step): number => { switch (s.is) { case 'open': return 1 }\nreturn 0 }`,
    good: `${union}export const f = (s: Step): number => { switch (s.is) { case 'open': return 1\ncase 'close': return 2 } }`,
  },
  {
    rule: 'switch-exhaustiveness-check',
    at: 'kernel',
    bad: `${union}export const f = (s: Step): number => { switch (s.is) { case 'open': return 1\ncase 'close': return 2\ndefault: return 0 } }`,
    good: `${union}export const f = (s: Step): number => { switch (s.is) { case 'open': return 1\ncase 'close': return 2 } }`,
  },
  ...['assignment', 'argument', 'call', 'member-access', 'return'].map((what): Plant => {
    const use = {
      assignment: 'const a: number = loose; return a',
      argument: 'return Math.abs(loose)',
      call: 'loose(); return 1',
      'member-access': 'return loose.size > 1 ? 1 : 0',
      return: 'return loose',
    }[what]
    const file = (start: string): string => `${start}\nexport const f = (): number => { ${use} }`
    return {
      rule: `no-unsafe-${what}`,
      at: 'cli',
      bad: file("const loose = JSON.parse('1')"),
      good: file('declare const loose: number & { (): void; size: number }'),
    }
  }),
  {
    rule: 'eqeqeq',
    at: 'base',
    bad: 'export const f = (a: number): boolean => a == 1',
    good: 'export const f = (a: number): boolean => a === 1',
  },
  {
    rule: 'no-var',
    at: 'base',
    bad: 'export var a: number = 1',
    good: 'export const a: number = 1',
  },
  {
    rule: 'prefer-const',
    at: 'base',
    bad: 'let a = 1\nexport const b: number = a',
    good: 'const a = 1\nexport const b: number = a',
  },
  {
    rule: 'no-eval',
    at: 'cli',
    bad: "export const f = (): unknown => eval('1')",
    good: "export const f = (): unknown => Number('1')",
  },
  {
    rule: 'no-new-func',
    at: 'cli',
    bad: "export const f = (): unknown => new Function('return 1')",
    good: "export const f = (): unknown => new Array('return 1')",
  },
  {
    rule: 'no-proto',
    at: 'cli',
    bad: 'export const f = (a: { __proto__: unknown }): unknown => a.__proto__',
    good: 'export const f = (a: { __protocol: unknown }): unknown => a.__protocol',
  },
  {
    rule: 'prefer-node-protocol',
    at: 'cli',
    bad: "import { join } from 'path'\nexport const f = (): string => join('a')",
    good: "import { join } from 'node:path'\nexport const f = (): string => join('a')",
  },
  {
    rule: 'no-default-export',
    at: 'base',
    bad: 'const a = 1\nexport default a',
    good: 'export const a = 1',
  },
  {
    rule: 'no-barrel-file',
    at: 'cli',
    bad: "export * from '../base/fault.ts'",
    good: 'export type T = 1',
  },
  {
    rule: 'no-cycle',
    at: 'kernel',
    bad: "import { b } from './ring.ts'\nexport const a = (): number => b()",
    good: "import { fault } from '../base/fault.ts'\nexport const a = (): string => fault()",
  },
]

/** Files that the plants import. */
const settings: Record<string, string> = {
  'base/fault.ts': "export class Fault {}\nexport const fault = (): string => 'a'",
  'engine/native.ts':
    "import { sign } from 'node:crypto'\nexport const f = (): unknown => [sign, process, Buffer]",
  'kernel/ring.ts': "import { a } from './bad-no-cycle.ts'\nexport const b = (): number => a()",
}

const imports = (path: string): string => `import { a } from '${path}'\nexport const b: unknown = a`
const imported = (at: string, bad: string, good: string, says: string): Plant => ({
  rule: 'no-restricted-imports',
  at,
  bad: imports(bad),
  good: imports(good),
  says,
})

const layered: Plant[] = [
  imported('base', '../kernel/x.ts', './x.ts', 'Layers: base'),
  imported('base', '@noble/curves/ed25519.js', '@noble/hashes/sha2.js', 'Packages: base'),
  imported('base', 'node:crypto', './crypto.ts', 'Packages: base'),
  imported('base/blake3', '../../state/x.ts', '../bytes.ts', 'Layers: base'),
  imported('state', '../kernel/x.ts', '../base/x.ts', 'Layers: state'),
  imported('state', '@noble/hashes/sha2.js', '../base/hash.ts', 'Packages: state'),
  imported('kernel', '../logic/x.ts', '../state/x.ts', 'Layers: kernel'),
  imported('kernel', '../engine/portable.ts', '../state/x.ts', 'Layers: kernel'),
  imported('kernel', '../models/bilateral/policy.ts', '../state/x.ts', 'Layers: kernel'),
  imported('kernel', 'node:fs', '../state/x.ts', 'Packages: kernel'),
  imported('logic', '../models/x.ts', '../forms/x.ts', 'Layers: logic'),
  imported('logic', 'qr', '../kernel/x.ts', 'Packages: logic'),
  imported('forms', '../state/x.ts', '../kernel/x.ts', 'Layers: forms'),
  imported('forms', 'qr', '../kernel/x.ts', 'Packages: forms'),
  imported('models/bilateral', '../../logic/ledger.ts', '../../forms/raw.ts', 'Layers: models'),
  imported('models/bilateral', '../../verify/x.ts', '../../kernel/x.ts', 'Layers: models'),
  imported('models/bilateral', 'qr', './policy.ts', 'Packages: models'),
  imported('models/bilateral', '../krama/policy.ts', './policy.ts', 'Models never import'),
  imported('models/ismp', '../../models/krama/policy.ts', './policy.ts', 'Models never import'),
  imported('dialects/nostr', '../../verify/x.ts', '../../logic/x.ts', 'Layers: dialects'),
  imported('dialects/nostr', '../../engine/nip44.ts', './gift-wrap.ts', 'Layers: dialects'),
  imported('dialects/nostr', 'nostr-tools', './message.ts', 'Packages: dialects'),
  imported(
    'dialects/nostr',
    '../../models/custodians/custodian.ts',
    '../../models/custodians/policy.ts',
    'dialects read',
  ),
  imported('verify', '../dialects/x.ts', '../logic/x.ts', 'Layers: verify'),
  imported('verify', '../sim/x.ts', '../logic/x.ts', 'Layers: verify'),
  imported('verify', '../engine/portable.ts', '../logic/x.ts', 'Layers: verify'),
  imported('verify', 'node:fs', '../logic/x.ts', 'Packages: verify'),
  imported(
    'verify',
    '../models/bilateral/party.ts',
    '../models/bilateral/policy.ts',
    'verify reads',
  ),
  imported('verify', '../models/ismp/relayer.ts', '../models/ismp/evidence.ts', 'verify reads'),
  imported('picture', '../models/bilateral/policy.ts', '../verify/report.ts', 'Layers: picture'),
  imported('picture', '@dagrejs/dagre', './layout.ts', 'Packages: picture'),
  imported('verify', '../picture/svg.ts', '../logic/x.ts', 'Layers: verify'),
  imported('sim', '../bench/x.ts', '../models/bilateral/party.ts', 'Layers: sim'),
  imported('sim', 'node:fs', '../verify/x.ts', 'Packages: sim'),
  imported('engine', '../verify/x.ts', '../kernel/x.ts', 'Layers: engine'),
  imported('engine', 'node:crypto', '@noble/curves/ed25519.js', 'Packages: engine may'),
  imported('engine', 'node:crypto', '../base/suite.ts', 'Packages: engine may'),
  imported('bench', '../cli/x.ts', '../engine/x.ts', 'Layers: bench'),
  imported('bench', '../cli/demo/x.ts', '../cli/desk/x.ts', 'Layers: bench'),
  imported('bench', '../exports/x.ts', '../cli/desk/x.ts', 'Layers: bench'),
  imported('cli', '../exports/index.ts', '../bench/x.ts', 'Layers: cli'),
  {
    rule: 'no-restricted-imports',
    at: 'exports',
    bad: "export { run } from '../cli/main.ts'",
    good: "export { run } from '../verify/verify.ts'",
    says: 'Layers: exports',
  },
  {
    rule: 'no-restricted-imports',
    at: 'exports',
    bad: "export { sha256 } from '@noble/hashes/sha2.js'",
    good: "export { sha256 } from '../base/hash.ts'",
    says: 'Doors re-export',
  },
  {
    rule: 'no-restricted-imports',
    at: 'logic',
    bad: "export const f = async (): Promise<unknown> => import('node:fs')",
    good: "export const f = async (): Promise<unknown> => import('./x.ts')",
    says: 'Packages: logic',
  },
]

/** The layers of the other package; their plants lie there. */
const layeredInNode: Plant[] = [
  imported('node/store', '../server/x.ts', './x.ts', 'Layers of the node: store'),
  imported('node/client', '../store/x.ts', './x.ts', 'Layers of the node: client'),
  imported('node/client', '../server/x.ts', './x.ts', 'Layers of the node: client'),
  imported('node/identity', '../client/x.ts', './x.ts', 'Layers of the node: identity'),
  imported('node/guardian', '../client/x.ts', '../moi/x.ts', 'Layers of the node: guardian'),
  imported('node/moi', '../guardian/x.ts', './x.ts', 'Layers of the node: moi'),
  imported('node/picture', '../account/x.ts', './x.ts', 'Layers of the node: picture'),
  imported('node/relay', '../client/x.ts', '../store/x.ts', 'Layers of the node: relay'),
  imported('node/custodian', '../account/x.ts', '../relay/x.ts', 'Layers of the node: custodian'),
  imported('node/relayed', '../custodian/x.ts', '../relay/x.ts', 'Layers of the node: relayed'),
  imported('node/server', '../account/x.ts', '../client/x.ts', 'Layers of the node: server'),
  imported(
    'node/server/routes',
    '../../bench/x.ts',
    '../../store/x.ts',
    'Layers of the node: server',
  ),
  imported('node/account', '../server/x.ts', '../client/x.ts', 'Layers of the node: account'),
  imported('node/shared', '../server/x.ts', '../account/x.ts', 'Layers of the node: shared'),
  imported('node/demo', '../server/x.ts', '../custodian/x.ts', 'Layers of the node: demo'),
  imported('node/dev', '../server/x.ts', '../account/x.ts', 'Layers of the node: dev'),
  imported('node/bench', '../account/x.ts', '../server/x.ts', 'Layers of the node: bench'),
  imported('node/commands', '../bench/x.ts', '../server/x.ts', 'Layers of the node: commands'),
  imported('node/commands', '../exports/x.ts', '../dev/x.ts', 'Layers of the node: commands'),
  imported(
    'node/server',
    '../../../tallystick/src/kernel/x.ts',
    'tallystick/kernel',
    'Doors: packages/node',
  ),
]

const homeOf = (at: string): string =>
  at.startsWith('node/') ? `packages/node/src/${at.slice('node/'.length)}` : `${src}/${at}`

const restricted = (rule: string): { folders: string[]; item: Restricted }[] =>
  config.overrides.flatMap(({ files, rules }) => {
    const entry = rules[rule]
    const folders = [...files.join(' ').matchAll(/src\/\{?([\w,]+)/g)].flatMap(([, names]) =>
      (names ?? '').split(','),
    )
    if (!Array.isArray(entry)) return []
    return entry.slice(1).map((item) => ({ folders, item: item as Restricted }))
  })

const pure: Plant[] = [
  ...restricted('no-restricted-globals').flatMap(({ folders, item: { name = '', message } }) =>
    folders.map((folder): Plant => ({
      rule: 'no-restricted-globals',
      at:
        folder === 'models'
          ? 'models/bilateral'
          : folder === 'dialects'
            ? 'dialects/nostr'
            : folder,
      bad: `export const f = (): unknown => ${name}`,
      good: `export const f = (${name}: number): unknown => ${name}`,
      says: message,
    })),
  ),
  ...restricted('no-restricted-properties').map(({ item }): Plant => ({
    rule: 'no-restricted-properties',
    at: 'kernel',
    bad: `export const f = (): unknown => ${item.object}.${item.property}`,
    good: `export const f = (): unknown => ${item.object}.abs`,
    says: item.message,
  })),
]

const plants = [...plain, ...layered, ...layeredInNode, ...pure]

describe('the linter', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-lint-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const pathOf = (kind: 'bad' | 'good', plant: Plant, at: number): string =>
    `${homeOf(plant.at)}/${kind}-${plant.rule === 'no-cycle' ? plant.rule : at}.ts`

  copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  copyFileSync(join(root, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'))
  put('tsconfig.json', '{ "extends": "./tsconfig.base.json", "include": ["packages"] }')
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  for (const [path, text] of Object.entries(settings)) put(`${src}/${path}`, text)
  for (const [at, plant] of plants.entries()) {
    put(pathOf('bad', plant, at), plant.bad)
    put(pathOf('good', plant, at), plant.good)
  }

  const found = lint(folder, ['packages'])
  const reportsOn = (path: string, rule: string): string[] =>
    found
      .filter(({ filename, code }) => filename === path && code.endsWith(`(${rule})`))
      .map(({ message, help }) => `${message} ${help ?? ''}`)

  test.each(plants.map((plant, at) => ({ ...plant, index: at })))(
    'plant $index: $rule bites in $at',
    ({ index, ...plant }) => {
      const reports = reportsOn(pathOf('bad', plant, index), plant.rule)
      expect(reports.join('\n')).toContain(plant.says ?? '')
      expect(reports.length).toBeGreaterThan(0)
      expect(reportsOn(pathOf('good', plant, index), plant.rule)).toEqual([])
    },
  )

  test('lets one file of the engines use the platform', () => {
    expect(found.filter(({ filename }) => filename === `${src}/engine/native.ts`)).toEqual([])
  })

  test('has no rule that nothing here provokes', () => {
    const named = Object.entries(config.rules)
      .filter(([, rule]) => rule !== 'off')
      .map(([name]) => name.split('/').at(-1))
    expect(named.filter((name) => !plants.some(({ rule }) => rule === name))).toEqual([])
  })

  test('has no message that nothing here provokes', () => {
    const said = found.map(({ message, help }) => `${message} ${help ?? ''}`).join('\n')
    const messages = config.overrides.flatMap(({ rules }) =>
      [...JSON.stringify(rules).matchAll(/"message":"([^"]*)"/g)].map(
        ([, message]) => message ?? '',
      ),
    )
    expect(messages.length).toBeGreaterThan(20)
    expect(messages.filter((message) => !said.includes(message))).toEqual([])
  })

  // Types of every file there are take half a minute; `npm run check` asks for them too.
  test.runIf(isSlow)('finds nothing in this repository', { timeout: 120_000 }, () => {
    expect(saidOf(lint(root, ['.']))).toEqual([])
  })

  test('finds nothing in this repository that it can find without types', () => {
    const copy = join(folder, 'copy')
    const isLinted = (path: string): boolean => !LEFT_OUT.has(basename(path))
    cpSync(root, copy, { recursive: true, filter: isLinted, verbatimSymlinks: true })
    const quick = { ...config, options: { typeAware: false } }
    writeFileSync(join(copy, '.oxlintrc.json'), JSON.stringify(quick))
    writeFileSync(join(copy, 'packages/planted.ts'), 'export var a: number = 1')
    const said = saidOf(lint(copy, ['.']))
    const isPlanted = (one: string): boolean => one.startsWith('packages/planted.ts: ')
    expect(said.find(isPlanted)).toContain('no-var')
    expect(said.filter((one) => !isPlanted(one))).toEqual([])
  })
})

/** What is nobody's source. */
const LEFT_OUT = new Set(['.git', 'node_modules', 'dist', 'tmp', 'coverage'])

const saidOf = (reports: readonly Diagnostic[]): readonly string[] =>
  reports.map(({ filename, code, message }) => `${filename}: ${code} ${message}`)
