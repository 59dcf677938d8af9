/** Door: the commands that this package adds to `tally`, by name. */
import type { AddCommand, Group } from 'tallystick/command'

export const commands: Readonly<Record<string, AddCommand>> = {}

/** What `tally bench` measures of this package. */
export const benches: readonly Group[] = []
