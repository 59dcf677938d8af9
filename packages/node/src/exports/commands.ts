/** Door: the commands that this package adds to `tally`, by name. */
import type { AddCommand } from 'tallystick/command'
import { addServe } from '../commands/serve.ts'

export const commands: Readonly<Record<string, AddCommand>> = { serve: addServe }

/** What `tally bench` measures of this package. */
export { GROUPS as benches } from '../bench/groups.ts'
