/** Door: the commands that this package adds to `tally`, by name. */
import type { AddCommand } from 'tallystick/command'

export const commands: Readonly<Record<string, AddCommand>> = {}
