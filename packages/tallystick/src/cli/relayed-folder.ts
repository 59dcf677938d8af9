/**
 * Folders of machines that custodians hold and relays carry, as far as this package knows them: commands on them hand over to
 * `@tallystick/node`, as for accounts.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadExtension, type RelayedAsk, type RelayedVerb } from './extension.ts'
import { isMachineFolder } from './machine-folder.ts'
import type { ExitCode, Output } from './print.ts'

/** The folder that a command is about, if its machine lives on relays: the one named, the one here, or the only one below. */
export const relayedFolder = (named: string | undefined): string | undefined => {
  const path = named ?? '.'
  if (isRelayedFolder(path)) return path
  if (named !== undefined) return undefined
  const below = readdirSync('.', { withFileTypes: true })
    .filter((one) => one.isDirectory() && !one.name.startsWith('.'))
    .map((one) => one.name)
  // Of several machines of whatever kind, nobody knows which is meant.
  if (isMachineFolder('.') || below.some(isMachineFolder)) return undefined
  const [only, ...others] = below.filter(isRelayedFolder)
  return others.length === 0 ? only : undefined
}

/** Whether a text can only be the name of a machine on relays. */
export const isRelayedLink = (text: string): boolean =>
  /^(?:nostr:)?(?:nevent1|note1)|^[0-9a-f]{64}$/.test(text)

/** Has the other package do it. Raises a usage error where that package is not there. */
export const askRelayed = async (
  verb: RelayedVerb,
  output: Output,
  ask: RelayedAsk,
): Promise<ExitCode> => (await loadExtension(verb)).relayed[verb](output, ask)

const isRelayedFolder = (path: string): boolean => existsSync(join(path, 'relayed.json'))
