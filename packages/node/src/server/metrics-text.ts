/**
 * Counters, gauges and histograms, and how they are told in the text form of Prometheus (version 0.0.4).
 *
 * A series is looked up by its labels once and counted by a plain addition from then on: an operator counts at each step. Of
 * labels there are as many as the code names (attack: a label that a stranger chooses makes a new series each time).
 *
 * | line | |
 * |---|---|
 * | `# HELP name text` | once for a metric, with `\` and line ends escaped |
 * | `# TYPE name counter` | or `gauge`, `histogram` |
 * | `name{label="value",…} 1` | one for each series; of a histogram `name_bucket` with the label `le`, `name_sum` and `name_count` |
 */

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

type Labels = Readonly<Record<string, string>>

type Family = { readonly name: string; readonly help: string }

export type Registry = {
  /** The series with these labels. */
  readonly counter: (of: Family) => (labels?: Labels) => { readonly inc: (count?: number) => void }
  /** `look` is asked when somebody reads; each entry is a series. */
  readonly gauge: (of: Family, look: () => Looked | Promise<Looked>) => void
  /** With the upper bounds of its buckets, ascending. */
  readonly histogram: (
    of: Family,
    bounds: readonly number[],
  ) => (labels?: Labels) => { readonly observe: (value: number) => void }
  readonly text: () => Promise<string>
}

type Looked = readonly (readonly [Labels, number])[]

/** With labels that stand at every series. */
export const createRegistry = (everywhere: Labels): Registry => {
  const families: (() => Promise<readonly string[]>)[] = []
  const textOf = (labels: Labels): string => {
    const pairs = Object.entries({ ...labels, ...everywhere })
    const text = pairs.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')
    return text === '' ? '' : `{${text}}`
  }
  const add = (
    type: string,
    { name, help }: Family,
    lines: () => Promise<readonly string[]> | readonly string[],
  ): void => {
    const plain = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
    const head = [`# HELP ${name} ${plain}`, `# TYPE ${name} ${type}`]
    families.push(async () => [...head, ...(await lines())])
  }
  return {
    counter: (of) => {
      const series = seriesBy(textOf, () => ({ count: 0 }))
      add('counter', of, () =>
        series.all().map(([text, { count }]) => `${of.name}${text} ${count}`),
      )
      return (labels = {}) => {
        const held = series.of(labels)
        return {
          inc: (count = 1) => {
            held.count += count
          },
        }
      }
    },
    gauge: (of, look) =>
      add('gauge', of, async () =>
        (await look()).map(([labels, value]) => `${of.name}${textOf(labels)} ${value}`),
      ),
    histogram: (of, bounds) => {
      const series = seriesBy(textOf, (labels) => ({
        labels,
        counts: bounds.map(() => 0),
        count: 0,
        sum: 0,
      }))
      add('histogram', of, () =>
        series.all().flatMap(([text, held]) => {
          const buckets = cumulative(bounds, held).map(
            ([le, count]) => `${of.name}_bucket${textOf({ le, ...held.labels })} ${count}`,
          )
          return [
            ...buckets,
            `${of.name}_sum${text} ${held.sum}`,
            `${of.name}_count${text} ${held.count}`,
          ]
        }),
      )
      return (labels = {}) => {
        const held = series.of(labels)
        return { observe: (value) => observe(bounds, held, value) }
      }
    },
    text: async () => {
      const lines = await Promise.all(families.map((family) => family()))
      return `${lines.flat().join('\n')}\n`
    },
  }
}

type Spread = { readonly counts: number[]; count: number; sum: number }

const observe = (bounds: readonly number[], held: Spread, value: number): void => {
  const at = bounds.findIndex((bound) => value <= bound)
  if (at >= 0) held.counts[at] = (held.counts[at] ?? 0) + 1
  held.count += 1
  held.sum += value
}

/** Each bucket has what those below it have, and the last has all. */
const cumulative = (
  bounds: readonly number[],
  { counts, count }: Spread,
): readonly (readonly [string, number])[] => {
  let below = 0
  const buckets = bounds.map((bound, at): [string, number] => {
    below += counts[at] ?? 0
    return [`${bound}`, below]
  })
  return [...buckets, ['+Inf', count]]
}

/** Series of one metric, by the text of their labels. */
const seriesBy = <Held>(
  textOf: (labels: Labels) => string,
  make: (labels: Labels) => Held,
): { readonly of: (labels: Labels) => Held; readonly all: () => readonly [string, Held][] } => {
  const known = new Map<string, Held>()
  return {
    of: (labels) => {
      const text = textOf(labels)
      const held = known.get(text) ?? make(labels)
      known.set(text, held)
      return held
    },
    all: () => [...known],
  }
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
