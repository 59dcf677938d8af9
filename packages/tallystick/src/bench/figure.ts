/** What `tally bench` finds out: one figure each, with its spread, its goal, and whether the goal is met. */
import { type Samples, type Spread, spreadOf } from './harness.ts'

export type Unit = '1/s' | 'ratio' | 's' | 'ms' | 'ns' | 'bytes'

export type Goal = { readonly is: 'at least' | 'at most'; readonly value: number }

export type Figure = Spread & {
  /** Which row of the table of goals it belongs to, for example `T0`. */
  readonly id: string
  readonly name: string
  readonly unit: Unit
  readonly goal: Goal | undefined
  /** Whether the median meets the goal; undefined where there is none. */
  readonly isMet: boolean | undefined
  readonly note: string | undefined
}

export type FigureOptions = {
  readonly id: string
  readonly name: string
  readonly unit: Unit
  readonly goal?: Goal
  readonly note?: string
}

/** A figure from its samples, one for each round. */
export const figureFrom = (options: FigureOptions, values: Samples): Figure => {
  const { id, name, unit, goal, note } = options
  const spread = spreadOf(values)
  const { median } = spread
  const isMet =
    goal === undefined
      ? undefined
      : goal.is === 'at least'
        ? median >= goal.value
        : median <= goal.value
  return { id, name, unit, ...spread, goal, isMet, note }
}

/** A rate from nanoseconds per operation. */
export const rateFigure = (options: Omit<FigureOptions, 'unit'>, nanos: Samples): Figure =>
  figureFrom(
    { ...options, unit: '1/s' },
    nanos.map((each) => 1e9 / each),
  )

/** A number that is known and not measured, such as a size. */
export const knownFigure = (options: FigureOptions, value: number): Figure =>
  figureFrom(options, [value])

export const atLeast = (value: number): Goal => ({ is: 'at least', value })
export const atMost = (value: number): Goal => ({ is: 'at most', value })

/** A number as people read it: three digits that count, and a unit. */
export const textOf = (value: number, unit: Unit): string => {
  switch (unit) {
    case '1/s':
      return `${scaled(value)}/s`
    case 'bytes':
      return `${Math.round(value)} B`
    case 'ratio':
      return value >= 10 ? value.toFixed(1) : value.toFixed(2)
    case 's':
    case 'ms':
    case 'ns':
      return `${Number(value.toPrecision(3))} ${unit}`
  }
}

const scaled = (value: number): string => {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`
  return value >= 1e3 ? `${(value / 1e3).toFixed(1)} k` : value.toFixed(1)
}
