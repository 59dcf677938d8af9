/**
 * Lets the workspaces run from their sources: `tallystick/kernel` is that door's file in `src`, not in a `dist` that may
 * be old or missing. Loaded in front of a program by `node --import`, which its child processes have to be given too.
 */
import { registerHooks } from 'node:module'

const folders = { tallystick: 'tallystick', '@tallystick/node': 'node' }
const DOOR = /^(tallystick|@tallystick\/node)(?:\/([a-z-]+))?$/

registerHooks({
  resolve: (specifier, context, next) => {
    const [, name, door = 'index'] = DOOR.exec(specifier) ?? []
    if (name === undefined) return next(specifier, context)
    const file = new URL(`../packages/${folders[name]}/src/exports/${door}.ts`, import.meta.url)
    return next(file.href, context)
  },
})
