/**
 * Writes `docs/spec/moi-fuel.md` from the table that the interpreter is metered by: `scripts/moi-fuel.ts` writes,
 * `scripts/moi-fuel.ts --check` only compares. The prose stands here, what can change with the code does not.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// As `source.mjs` has it: the packages run from their sources.
await import(new URL('./source.mjs', import.meta.url).href)
const { EXTRA_FUEL_WORDS, EXTRA_FUEL, OPCODES } =
  await import('../packages/tallystick/src/dialects/moi/pisa/opcodes.ts')
const { PISA_FUEL_MAX } = await import('../packages/tallystick/src/base/limits.ts')

const path = join(import.meta.dirname, '../docs/spec/moi-fuel.md')

const HEAD = `# Instructions of PISA and their fuel

What a logic's instructions do and cost. Made by \`scripts/moi-fuel.ts\` from the table that the interpreter runs by; how they work
together stands in [pisa.md](pisa.md).

MOI publishes no fuel for instructions, so these numbers are ours: an instruction on registers costs little, one that reads state
more, one that writes state most, and what grows with a value is charged by its size. Fuel is taken before an instruction is done.
A call spends at most ${PISA_FUEL_MAX} units, whatever its limit.

Operands have one byte each: \`$\` a register, \`&\` a slot or a code, \`#\` a number; \`?\` is a register that may be left out.

`

const PUBLISHED = `## Published instructions

Their codes and operands follow from binary logics that are published beside the assembly of the same source.

`

const NAMED = `## Instructions known by name

They occur in published assembly, and no published binary of this version has them. They are run in assembly. Their codes are not
known, so binary code that has one is refused: another machine might read something else in it.

`

const EXTRA = `## Charged beside

| fuel | for |
|---|---|
`

const table = (rows: readonly (readonly string[])[], head: readonly string[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const rowsOf = (published: boolean): readonly (readonly string[])[] =>
  OPCODES.filter((opcode) => opcode.published === published).map(
    ({ name, code, operands, fuel, what }) => [
      ...(published ? [code.toString(16).padStart(2, '0')] : []),
      name,
      operands === '' ? '–' : `\`${operands.split('').join(' ')}\``,
      `${fuel}`,
      what,
    ],
  )

const COLUMNS = ['name', 'operands', 'fuel', 'what it does']
const extraRows = (Object.keys(EXTRA_FUEL) as (keyof typeof EXTRA_FUEL)[])
  .map((name) => `| ${EXTRA_FUEL[name]} | ${EXTRA_FUEL_WORDS[name]} |\n`)
  .join('')

const wanted = `${HEAD}${PUBLISHED}${table(rowsOf(true), ['code', ...COLUMNS])}

${NAMED}${table(rowsOf(false), COLUMNS)}

${EXTRA}${extraRows}`

const page = (): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

if (page() !== wanted && process.argv.includes('--check')) {
  console.log(
    'docs/spec/moi-fuel.md is not what the table says; node_modules/.bin/node scripts/moi-fuel.ts writes it',
  )
  process.exitCode = 1
} else if (page() !== wanted) {
  writeFileSync(path, wanted)
}
