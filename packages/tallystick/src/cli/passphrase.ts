/**
 * Where a passphrase comes from: a file or descriptor that the user names, the environment, or the terminal without
 * echo. Never the command line, which every process on the machine can read.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { ReadStream } from 'node:tty'
import { usageError } from './print.ts'

export type PassphraseSource = {
  /** What the terminal asks, without a colon. */
  readonly prompt: string
  /** From `--passphrase-file`: a path, or a descriptor's number as `fd:3`. */
  readonly file?: string
  readonly env: Record<string, string | undefined>
  /** Asks a second time on the terminal, for a passphrase that is being set. */
  readonly confirm?: boolean
  readonly warn: (text: string) => void
}

/** The variable is taken out of `env`, so that no child process inherits it. */
export const PASSPHRASE_VARIABLE = 'TALLY_PASSPHRASE'

/**
 * Bytes that are read of a passphrase. Raises a usage error where there is no source, the two answers differ, or there is
 * nothing in it.
 */
export const PASSPHRASE_BYTES_MAX = 4096

export const readPassphrase = async (source: PassphraseSource): Promise<string> => {
  const { file, env, warn } = source
  if (file !== undefined) return checked(fromFile(file))
  const variable = env[PASSPHRASE_VARIABLE]
  if (variable !== undefined) {
    delete env[PASSPHRASE_VARIABLE]
    warn(
      `passphrase taken from ${PASSPHRASE_VARIABLE}: other processes of yours can read it; ` +
        '--passphrase-file is safer',
    )
    return checked(variable)
  }
  const first = checked(await fromTerminal(`${source.prompt}: `))
  if (source.confirm === true && (await fromTerminal('the same once more: ')) !== first) {
    throw usageError('the two passphrases differ', 'type the same passphrase twice')
  }
  return first
}

const checked = (passphrase: string): string => {
  if (passphrase === '') throw usageError('the passphrase is empty', 'give one that is not')
  return passphrase
}

const fromFile = (name: string): string => {
  const descriptor = /^fd:([0-9]{1,4})$/.exec(name)?.[1]
  const file = descriptor === undefined ? openSync(name, 'r') : Number(descriptor)
  try {
    const buffer = new Uint8Array(PASSPHRASE_BYTES_MAX + 1)
    let size = 0
    for (;;) {
      const read = readSync(file, buffer, size, buffer.length - size, null)
      size += read
      if (read === 0 || size === buffer.length) break
    }
    if (size > PASSPHRASE_BYTES_MAX) {
      throw usageError(
        `more than ${PASSPHRASE_BYTES_MAX} bytes of passphrase`,
        'name the file that holds the passphrase alone',
      )
    }
    // An editor ends the line; the passphrase is what stands before.
    return new TextDecoder('utf-8', { fatal: true })
      .decode(buffer.subarray(0, size))
      .replace(/\r?\n$/, '')
  } finally {
    if (descriptor === undefined) closeSync(file)
  }
}

const fromTerminal = async (prompt: string): Promise<string> => {
  const terminal = openTerminal()
  // No echo from before the question on: the answer may come at once.
  terminal.setRawMode(true)
  // On standard error: standard output may be a pipe that somebody reads.
  process.stderr.write(prompt)
  try {
    return await typedLine(terminal)
  } finally {
    terminal.setRawMode(false)
    terminal.destroy()
    process.stderr.write('\n')
  }
}

/** Whether something can be asked, also where standard input is a pipe. */
export const hasTerminal = (): boolean => {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}

const openTerminal = (): ReadStream => {
  try {
    return new ReadStream(openSync('/dev/tty', 'r'))
  } catch {
    throw usageError(
      'there is no terminal to ask for the passphrase',
      'use --passphrase-file PATH, or --passphrase-file fd:3',
    )
  }
}

const typedLine = (terminal: ReadStream): Promise<string> =>
  new Promise((resolve, reject) => {
    const typed: string[] = []
    const decoder = new TextDecoder()
    terminal.on('error', reject)
    terminal.on('data', (chunk: Uint8Array) => {
      for (const character of decoder.decode(chunk, { stream: true })) {
        const key = character.codePointAt(0) ?? 0
        if (key === 3) {
          reject(usageError('stopped', 'start again when you have the passphrase'))
        } else if (key === 13 || key === 10 || key === 4) {
          resolve(typed.join(''))
        } else if (key === 8 || key === 127) {
          typed.pop()
        } else if (key >= 32) {
          typed.push(character)
        }
      }
    })
  })
