/**
 * The part of JSON Schema that `vectors/schema` uses: type, const, enum, pattern, required, properties,
 * additionalProperties, items, oneOf, minimum and references within one file.
 */
import type { Json, JsonObject } from './finding.ts'
import { isObject } from './read.ts'

/** Complaints about a value, with the path to each. An unknown keyword is a complaint about the schema. */
export const complaintsOf = (
  schema: Json,
  value: Json,
  root: Json = schema,
  at = '',
): readonly string[] => {
  if (!isObject(schema)) return [`${at}: the schema is no object`]
  const reference = schema['$ref']
  if (typeof reference === 'string') return complaintsOf(resolved(root, reference), value, root, at)
  return Object.entries(schema).flatMap(([keyword, says]) => {
    const rule = RULES[keyword]
    return rule ? rule({ schema, says, value, root, at }) : [`${at}: unknown keyword ${keyword}`]
  })
}

type Ruling = {
  readonly schema: JsonObject
  readonly says: Json
  readonly value: Json
  readonly root: Json
  readonly at: string
}

const silent = (): readonly string[] => []

const RULES: Readonly<Record<string, (ruling: Ruling) => readonly string[]>> = {
  $schema: silent,
  $id: silent,
  $defs: silent,
  title: silent,
  description: silent,
  type: ({ says, value, at }) =>
    typeOf(value) === says ? [] : [`${at} is no ${JSON.stringify(says)}`],
  const: ({ says, value, at }) => (value === says ? [] : [`${at} is not ${JSON.stringify(says)}`]),
  enum: ({ says, value, at }) =>
    Array.isArray(says) && says.includes(value) ? [] : [`${at} is none of those listed`],
  pattern: ({ says, value, at }) =>
    typeof value !== 'string' ||
    new RegExp(typeof says === 'string' ? says : '(?!)', 'u').test(value)
      ? []
      : [`${at} does not match`],
  minimum: ({ says, value, at }) =>
    typeof value !== 'number' || value >= Number(says) ? [] : [`${at} is too small`],
  required: ({ says, value, at }) =>
    isObject(value) && Array.isArray(says)
      ? says.flatMap((name: Json) =>
          typeof name === 'string' && name in value ? [] : [`${at} lacks ${JSON.stringify(name)}`],
        )
      : [],
  properties: ({ says, value, root, at }) =>
    isObject(value) && isObject(says)
      ? Object.entries(value).flatMap(([name, one]) =>
          name in says ? complaintsOf(says[name] ?? null, one, root, `${at}/${name}`) : [],
        )
      : [],
  additionalProperties: ({ schema, says, value, at }) => {
    const known = schema['properties']
    if (says !== false || !isObject(value) || !isObject(known)) return []
    return Object.keys(value)
      .filter((name) => !(name in known))
      .map((name) => `${at} has an unknown ${name}`)
  },
  items: ({ says, value, root, at }) =>
    Array.isArray(value)
      ? value.flatMap((one: Json, index) => complaintsOf(says, one, root, `${at}/${index}`))
      : [],
  oneOf: ({ says, value, root, at }) => {
    const choices = Array.isArray(says) ? (says as readonly Json[]) : []
    const passing = choices.filter((one) => complaintsOf(one, value, root, at).length === 0)
    return passing.length === 1 ? [] : [`${at} fits ${passing.length} of ${choices.length} choices`]
  },
}

const typeOf = (value: Json): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

const resolved = (root: Json, reference: string): Json => {
  let at: Json = root
  for (const name of reference.slice(2).split('/')) at = isObject(at) ? (at[name] ?? null) : null
  return at
}
