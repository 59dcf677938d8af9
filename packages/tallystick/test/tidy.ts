/**
 * The rules that no linter knows, as functions from the repository's text files to complaints.
 *
 * Each rule reads a map from paths to texts and touches nothing else, so that `tidy.test.ts` can show each one
 * failing on a planted tree. A rule whose subject does not exist yet has nothing to say.
 */
import { posix } from 'node:path'

/** Path from the root, with slashes, to the text. */
export type Tree = ReadonlyMap<string, string>
export type Rule = (tree: Tree) => readonly string[]

const library = 'packages/tallystick'
const src = `${library}/src`

const pathsIn = (tree: Tree, pattern: RegExp): readonly string[] =>
  [...tree.keys()].filter((path) => pattern.test(path)).toSorted()

const linesOf = (text: string): number => text.split('\n').length - 1

/** All matches of the first group. */
const found = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? '')

const missingFrom = (present: readonly string[], wanted: readonly string[]): readonly string[] =>
  wanted.filter((item) => !present.includes(item))

/** Prose alone: without code blocks, inline code and addresses of links. */
const proseOf = (markdown: string): string =>
  markdown
    .replaceAll(/^```.*?^```/gms, '')
    .replaceAll(/`[^`\n]*`/g, '')
    .replaceAll(/\]\([^)]*\)/g, ']')

/** Every folder of `src` has its row in the linter's table of layers; a new one would be lawless. */
const layers: Rule = (tree) => {
  const config = tree.get('.oxlintrc.json') ?? ''
  const folders = new Set(
    pathsIn(tree, /^packages\/tallystick\/src\/./).map((path) => path.split('/')[3] ?? ''),
  )
  return [...folders]
    .filter((folder) => !config.includes(`"${src}/${folder}/**"`))
    .map((folder) => `${src}/${folder} has no override of its own in .oxlintrc.json`)
}

const MODEL_FILES = ['README.md', 'policy.ts', 'certificate.ts', 'evidence.ts']
const MODEL_HEADINGS = [
  'Promise',
  'Whom you trust',
  'What a lie costs',
  'What it cannot do',
  'Wire',
  'A walk',
]

/** What models that decide in rounds share; no model itself. */
const SHARED_BY_MODELS = 'rounds'

const models: Rule = (tree) => {
  const names = new Set(
    pathsIn(tree, /\/src\/models\/[^/]+\//).map((path) => path.split('/')[4] ?? ''),
  )
  names.delete(SHARED_BY_MODELS)
  return [...names].flatMap((name) => {
    const folder = `${src}/models/${name}`
    const files = MODEL_FILES.filter((file) => !tree.has(`${folder}/${file}`))
    const headings = found(tree.get(`${folder}/README.md`) ?? '', /^## (.*)$/gm)
    return [
      ...files.map((file) => `${folder}/${file} is missing`),
      ...missingFrom(headings, MODEL_HEADINGS).map(
        (heading) => `${folder}/README.md has no "## ${heading}"`,
      ),
    ]
  })
}

const PURE =
  /^packages\/tallystick\/src\/(?:base|state|kernel|logic|forms|models|verify|sim|engine)\/.*\.ts$/
/** A file of types alone leaves nothing to run, so nothing to test. */
const RUNS = /^(?:export )?(?:const|let|function|class|async function) /m

const mirrors: Rule = (tree) =>
  pathsIn(tree, PURE)
    .filter((path) => RUNS.test(tree.get(path) ?? ''))
    .map((path) => path.replace('/src/', '/test/').replace(/\.ts$/, '.test.ts'))
    .filter((path) => !tree.has(path))
    .map((path) => `${path} is missing`)

/** Every literal of the shape `noun/what-happened`; imports and domain tags have the shape too, versions have digits. */
const codesIn = (tree: Tree): readonly string[] => {
  const texts = pathsIn(tree, /^packages\/tallystick\/src\/.*\.ts$/).map(
    (path) => tree.get(path) ?? '',
  )
  const literals = texts.flatMap((text) =>
    found(text, /(?<!from )'([a-z][a-z0-9-]*\/[a-z][a-z0-9-]*)'/g),
  )
  return [...new Set(literals)].filter((code) => !code.startsWith('tallystick/')).toSorted()
}

/** What the other packages raise; there, words with a slash are mostly something else. */
const codesBeside = (tree: Tree): readonly string[] =>
  pathsIn(tree, /^packages\/(?!tallystick\/)[^/]+\/src\/.*\.ts$/).flatMap((path) =>
    found(tree.get(path) ?? '', /\bFault\(\s*'([^']+)'/g),
  )

const faults: Rule = (tree) => {
  const codes = [...new Set([...codesIn(tree), ...codesBeside(tree)])]
  const headings = found(tree.get('docs/faults.md') ?? '', /^### (.*)$/gm)
  const unsorted = headings.find((heading, at) => heading <= (headings[at - 1] ?? ''))
  return [
    ...missingFrom(headings, codes).map((code) => `docs/faults.md has no "### ${code}"`),
    ...missingFrom(codes, headings).map(
      (code) => `docs/faults.md explains ${code}, which no source raises`,
    ),
    ...(unsorted === undefined ? [] : [`docs/faults.md: ${unsorted} is out of order or twice`]),
  ]
}

/** Each fault has a negative vector, or a reason in `vectors/without.json` why it can have none. */
const vectors: Rule = (tree) => {
  const files = pathsIn(tree, /^vectors\/(?!third-party\/).*\.json$/)
  if (files.length === 0) return []
  const codes = codesIn(tree)
  const reasons = found(tree.get('vectors/without.json') ?? '', /"([a-z0-9-]+\/[a-z0-9-]+)"/g)
  const shown = files.flatMap((path) => found(tree.get(path) ?? '', /"fault": ?"([^"]*)"/g))
  return [
    ...missingFrom([...shown, ...reasons], codes).map((code) => `no vector provokes ${code}`),
    ...missingFrom(codes, [...new Set(shown)]).map(
      (code) => `a vector names ${code}, which no source raises`,
    ),
    ...reasons
      .filter((code) => shown.includes(code))
      .map((code) => `vectors/without.json: ${code} has a vector`),
    ...missingFrom(codes, reasons).map((code) => `vectors/without.json: no source raises ${code}`),
  ]
}

const BANNED_NAME =
  /(?:^|[-.])(?:utils?|helpers?|managers?|services?|common|misc|data|info)(?:[-.]|$)/

const names: Rule = (tree) =>
  pathsIn(tree, /^(?:packages\/[^/]+\/(?:src|test)|scripts|examples)\//)
    .filter((path) => {
      const name = posix.basename(path)
      return (
        BANNED_NAME.test(name) ||
        (name.endsWith('.ts') && !/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(name))
      )
    })
    .map((path) => `${path}: file names are kebab-case nouns that say what is inside`)

type Manifest = {
  [key in 'dependencies' | 'devDependencies' | 'optionalDependencies']?: Record<string, string>
}
const manifestAt = (tree: Tree, path: string): Manifest =>
  JSON.parse(tree.get(path) ?? '{}') as Manifest

const dependencies: Rule = (tree) => {
  const manifests = pathsIn(tree, /(?:^|\/)package\.json$/).map((path) => manifestAt(tree, path))
  const inexact = manifests
    .flatMap(({ dependencies: a, devDependencies: b, optionalDependencies: c }) =>
      Object.entries({ ...a, ...b, ...c }),
    )
    .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
    .map(([name, version]) => `${name} ${version}: pin one version`)
  const sections = (tree.get('docs/dependencies.md') ?? '').split(/^## /m)
  const rowsOf = ([folder, title]: readonly [string, string]): readonly string[] => {
    const wanted = Object.keys(manifestAt(tree, `${folder}/package.json`).dependencies ?? {})
    const page = sections.find((part) => part.startsWith(title)) ?? ''
    const rows = found(page, /^\| `([^`]+)`/gm)
    return [
      ...missingFrom(rows, wanted).map((name) => `docs/dependencies.md has no row for ${name}`),
      ...missingFrom(wanted, rows).map(
        (name) => `docs/dependencies.md: ${name} is no dependency of ${folder}`,
      ),
    ]
  }
  return [
    ...inexact,
    ...PUBLISHED.flatMap(rowsOf),
    ...found(tree.get('package-lock.json') ?? '', /"resolved": "(\w+:[^"]*)"/g).map(
      (at) => `the lock names ${at}`,
    ),
  ]
}

/** Published packages, and the part of the page on dependencies about each. */
const PUBLISHED = [
  [library, 'Runtime'],
  ['packages/node', 'Node'],
] as const

/** Doors of the package: each file of `src/exports` is exported, and nothing else; and each stands in the table of its README. */
const doors: Rule = (tree) => {
  const files = pathsIn(tree, /^packages\/tallystick\/src\/exports\/.*\.ts$/)
  const { exports = {} } = JSON.parse(tree.get(`${library}/package.json`) ?? '{}') as {
    exports?: object
  }
  const expected = files.map((path) => {
    const name = posix.basename(path, '.ts')
    const target = { types: `./dist/exports/${name}.d.ts`, default: `./dist/exports/${name}.js` }
    return JSON.stringify([name === 'index' ? '.' : `./${name}`, target])
  })
  const actual = Object.entries(exports).map((entry) => JSON.stringify(entry))
  const told = new Set(
    found(tree.get(`${library}/README.md`) ?? '', /`(?:tallystick)?\/([a-z-]+)`/g),
  )
  const untold = files
    .map((path) => posix.basename(path, '.ts'))
    .filter((name) => name !== 'index' && !told.has(name))
  return [
    ...missingFrom(actual, expected).map(
      (entry) => `${library}/package.json exports lack ${entry}`,
    ),
    ...missingFrom(expected, actual).map(
      (entry) => `${library}/package.json exports ${entry}, no such door`,
    ),
    ...untold.map((name) => `${library}/README.md does not name the door tallystick/${name}`),
  ]
}

/** What the linter lets pass: named re-exports outside the doors, and classes other than `Fault`. */
const sources: Rule = (tree) =>
  pathsIn(tree, /^packages\/tallystick\/src\/.*\.ts$/).flatMap((path) => {
    const text = tree.get(path) ?? ''
    const reexports =
      /^export (?:type )?(?:\*|\{[^}]*\}) from/m.test(text) && !path.startsWith(`${src}/exports/`)
    const classes =
      /^(?:export )?(?:abstract )?class /m.test(text) && path !== `${src}/base/fault.ts`
    return [
      ...(reexports ? [`${path}: re-exports belong in ${src}/exports`] : []),
      ...(classes ? [`${path}: plain objects and functions; the only class is Fault`] : []),
    ]
  })

/** The anchor of a heading, as the sites that show Markdown make it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = (markdown: string): readonly string[] =>
  // `### a/b` in the list of faults is quoted by code as `a-b`; the sites themselves drop the slash.
  found(markdown, /^#+ (.*)$/gm).flatMap((heading) => [
    anchorOf(heading),
    anchorOf(heading.replace('/', ' ')),
  ])

const links: Rule = (tree) =>
  pathsIn(tree, /\.md$/).flatMap((path) => {
    const text = (tree.get(path) ?? '').replaceAll(/^```.*?^```/gms, '')
    return found(text, /\]\(([^)\s]+)\)/g)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [file = '', anchor] = link.split('#')
        const target = file === '' ? path : posix.join(posix.dirname(path), file).replace(/\/$/, '')
        const isFolder = [...tree.keys()].some((other) => other.startsWith(`${target}/`))
        const isThere = tree.has(target) || isFolder
        return (
          !isThere || (anchor !== undefined && !anchorsOf(tree.get(target) ?? '').includes(anchor))
        )
      })
      .map((link) => `${path}: ${link} leads nowhere`)
  })

const BANNED_WORD =
  /\b(?:impossible|trustless|infinite|guaranteed|unhackable|instant(?:ly)?[- ]final(?:ity)?)\b/gi

const words: Rule = (tree) =>
  pathsIn(tree, /\.md$/).flatMap((path) =>
    [...proseOf(tree.get(path) ?? '').matchAll(BANNED_WORD)].map(
      ([word]) => `${path} says "${word}"; say what is promised, and on which assumption`,
    ),
  )

/** Each invariant is numbered and names tests that exist, by file and title. */
const INVARIANTS = 11

const invariants: Rule = (tree) => {
  const page = tree.get('docs/invariants.md')
  if (page === undefined) return []
  const parts = page.split(/^## /m).slice(1)
  const numbers = parts.map((part, at) => part.startsWith(`${at + 1}. `))
  const tests = [...page.matchAll(/^- `([^`]+)`: (.+)$/gm)].map(([, file = '', title = '']) => ({
    file: `${library}/test/${file}`,
    title,
  }))
  return [
    ...(parts.length === INVARIANTS && numbers.every(Boolean)
      ? []
      : [`docs/invariants.md numbers its parts from 1 to ${INVARIANTS}`]),
    ...parts
      .filter((part) => !/^- `[^`]+`: .+$/m.test(part))
      .map((part) => `docs/invariants.md: nothing holds "${part.split('\n')[0]}"`),
    ...tests
      .filter(({ file, title }) => !(tree.get(file) ?? '').includes(title))
      .map(({ file, title }) => `docs/invariants.md: ${file} has no test "${title}"`),
  ]
}

/** The catalogue of attacks: each row has tests that exist, or says why there is nothing to try. */
const attacks: Rule = (tree) => {
  const page = tree.get('docs/attacks.md')
  if (page === undefined) return []
  const rows = page.split(/^### /m).slice(1)
  return rows.flatMap((row) => {
    const name = row.split('.')[0] ?? ''
    const tests = [...row.matchAll(/^- `([^`]+)`: (.+)$/gm)]
    const isExcused = /^- nothing to try: \S/m.test(row)
    return [
      ...(tests.length > 0 || isExcused ? [] : [`docs/attacks.md: nothing tries ${name}`]),
      ...tests
        .filter(([, file, title = '']) => !(tree.get(`packages/${file}`) ?? '').includes(title))
        .map(([, file, title]) => `docs/attacks.md: ${file} has no test "${title}"`),
    ]
  })
}

const TEST_LINES_MAX = 600
const FILE_BYTES_MAX = 1_000_000

const sizes: Rule = (tree) => [
  ...pathsIn(tree, /^(?:packages\/[^/]+\/test|scripts)\/.*\.(?:ts|mjs)$/)
    .filter((path) => linesOf(tree.get(path) ?? '') > TEST_LINES_MAX)
    .map((path) => `${path} has more than ${TEST_LINES_MAX} lines`),
  ...pathsIn(tree, /./)
    .filter((path) => (tree.get(path) ?? '').length > FILE_BYTES_MAX)
    .map((path) => `${path} has more than ${FILE_BYTES_MAX} bytes`),
]

export const rules: Readonly<Record<string, Rule>> = {
  layers,
  models,
  mirrors,
  faults,
  vectors,
  names,
  dependencies,
  doors,
  sources,
  links,
  words,
  invariants,
  attacks,
  sizes,
}
