/** How many seeds a situation is looked for in: few that come to it, and many when there is time (`TALLYSTICK_SLOW=1`). */
const isSlow = process.env['TALLYSTICK_SLOW'] === '1'

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1)

/** The seeds from 1 to `few` and `more`; those from 1 to `many` when there is time. */
export const seedsOf = (of: {
  readonly few: number
  readonly more?: readonly number[]
  readonly many: number
}): readonly number[] => (isSlow ? upTo(of.many) : [...upTo(of.few), ...(of.more ?? [])])
