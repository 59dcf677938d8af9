/** Passphrases for commands: from the option, the environment or the terminal, with warnings where they belong. */
import type { Output } from './print.ts'
import { readPassphrase } from './passphrase.ts'

export type PassphraseOption = { readonly passphraseFile?: string }

export const PASSPHRASE_FLAG = '--passphrase-file <path>'
export const PASSPHRASE_HELP = 'read the passphrase from a file, or from fd:N'

/** Asks for the passphrase of an identity; twice where it is being set. */
export const passphraseOf = (
  output: Output,
  options: PassphraseOption,
  of: { readonly name: string; readonly isNew?: boolean },
): Promise<string> =>
  readPassphrase({
    prompt: of.isNew === true ? `new passphrase for ${of.name}` : `passphrase of ${of.name}`,
    ...(options.passphraseFile === undefined ? {} : { file: options.passphraseFile }),
    env: process.env,
    confirm: of.isNew === true,
    warn: (text) => output.complain(text, 'quiet'),
  })
