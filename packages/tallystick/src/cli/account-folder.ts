/**
 * Account folders, as far as this package knows them: where one is, commands hand over to `@tallystick/node`, which is loaded
 * for no other folder.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type AccountAsk, type AccountVerb, loadExtension } from './extension.ts'
import { pathFromHere } from './machine-folder.ts'
import type { ExitCode, Output } from './print.ts'

/** The account that a command is about: the folder that is named, or the one that the user stands in. */
export const accountFolder = (named: string | undefined): string | undefined => {
  const path = named ?? '.'
  return existsSync(join(path, 'account.json')) ? path : undefined
}

/** Has the other package do it. Raises a usage error where that package is not there. */
export const askAccount = async (
  verb: AccountVerb,
  output: Output,
  ask: AccountAsk,
): Promise<ExitCode> => (await loadExtension(verb)).account[verb](output, ask)

/** How the user's commands name an account: not at all where the user stands in it. */
export const dirOptionFor = (path: string): string => {
  const near = pathFromHere(path)
  return near === '.' ? '' : ` --dir ${near}`
}
