/** `tally id backup`: 24 words that recover an identity, and a file with the keys of its devices. */
import { randomBytes } from 'node:crypto'
import {
  type AddCommand,
  createFile,
  examples,
  type ExitCode,
  hasTerminal,
  openIdentity,
  type Output,
  passphraseOf,
  type PassphraseOption,
  replaceFile,
  ringFrom,
  showOwn,
  type Unlocking,
  usageError,
} from 'tallystick/command'
import { bytesFromUtf8 } from 'tallystick/base'
import { fileFromBackup, makeBackup } from '../identity/backup-file.ts'
import { firstDifference, secretFromWords, wordsFrom } from '../identity/words.ts'
import {
  checkInHand,
  checkWays,
  handInAt,
  nameWay,
  readWords,
  waysInHand,
  type WaysFlags,
  withWaysOptions,
} from './id-ways.ts'

type Flags = WaysFlags &
  PassphraseOption & {
    readonly as?: string
    readonly renew?: boolean
    readonly wordsOut?: string
    readonly output?: string
    readonly directory?: string
  }

export const addIdBackup: AddCommand = (id, run) => {
  withWaysOptions(id.command('backup'))
    .description('make 24 words that recover your identity, and a file with your keys')
    .option('--as <name>', 'the identity, if you have several')
    .option('-o, --output <file>', 'write the keys of the devices here too, sealed under the words')
    .option('--words-out <file>', 'write the words to a file instead of showing them')
    .option('--renew', 'make new words; ways to recover that you do not name end')
    .addHelpText(
      'after',
      examples(
        'tally id backup -o keys.backup                     the first words, and a file sealed under them',
        'tally id backup --directory directory.json         the first words, and the log at a directory',
        'tally id backup -o keys.backup --words-file fd:3   a newer file under the words you have',
        'tally id backup --renew --share a.txt --share b.txt',
      ),
    )
    .action((flags: Flags) => run((output) => backup(output, flags)))
}

const backup = async (output: Output, flags: Flags): Promise<ExitCode> => {
  const found = ringFrom(flags.as)
  const before = openIdentity(found)
  const hasWays = checkInHand(before, flags)
  if (hasWays && flags.renew !== true && flags.output === undefined) {
    throw usageError(
      `${before.name} can be recovered already`,
      'add -o FILE for a file with your keys, or --renew for new words',
    )
  }
  const ring = { ...found, passphrase: await passphraseOf(output, flags, found) }
  const inHand = hasWays ? await waysInHand(output, flags, before.id) : []
  const secret =
    hasWays && flags.renew !== true
      ? wordsInHand(inHand, checkWays(ring.engine, before, inHand).length)
      : await freshWords(output, flags, { ring, inHand })
  const after = openIdentity(ring)
  if (flags.output !== undefined) {
    replaceFile(flags.output, fileFromBackup(makeBackup(ring, secret)))
    output.line(`Wrote ${flags.output}: the keys of the devices here, sealed under the words.`)
    output.result({ file: flags.output })
  }
  output.line('Who has the words has the identity. They open no machine by themselves.', 'warn')
  if (flags.directory === undefined) {
    output.result(showOwn(output, ring))
    // Recovering takes the log, which is in the file, or at a directory.
    if (flags.output === undefined) {
      output.line(
        'They need the key log beside them: publish it, or keep a file made with -o.',
        'warn',
      )
      output.next('tally id publish --directory FILE')
    } else output.next(`tally id card${flags.as === undefined ? '' : ` --as ${flags.as}`}`)
    return 0
  }
  return handInAt(output, {
    engine: ring.engine,
    path: flags.directory,
    log: after.log,
    next: 'keep the words where no computer is',
  })
}

type Hand = Parameters<typeof nameWay>[2]['inHand']

const wordsInHand = (inHand: Hand, known: number): Uint8Array => {
  const words = inHand.find((one) => one.way === 'words')
  if (words && known > 0) return words.secret
  throw usageError('a file with keys is sealed under words', 'add --words-file FILE')
}

/** New words, shown and typed again before anything is changed. */
const freshWords = async (
  output: Output,
  flags: Flags,
  { ring, inHand }: { readonly ring: Unlocking; readonly inHand: Hand },
): Promise<Uint8Array> => {
  const secret = new Uint8Array(randomBytes(32))
  const words = wordsFrom(secret)
  if (flags.wordsOut === undefined) await typeAgain(output, words)
  else {
    createFile(flags.wordsOut, bytesFromUtf8(`${words.join(' ')}\n`))
    secretFromWords(await readWords(output, { wordsFile: flags.wordsOut }))
    output.line(`Wrote the words to ${flags.wordsOut}: for you alone, until they are on paper.`)
    output.result({ words: flags.wordsOut })
  }
  output.progress('making keys …')
  const naming = { inHand, fresh: { way: 'words', secret } as const, renew: flags.renew === true }
  nameWay(ring, openIdentity(ring), naming)
  output.progress()
  return secret
}

const ATTEMPTS = 3

/** Raises a usage error where the words do not come back as they were shown; then nothing has been changed. */
const typeAgain = async (output: Output, words: readonly string[]): Promise<void> => {
  if (output.json) {
    throw usageError('words are not shown in JSON', 'add --words-out FILE')
  }
  // Words that were shown and then not taken would be kept, and recover nothing.
  if (!hasTerminal()) {
    throw usageError('there is no terminal to type the words again at', 'add --words-out FILE')
  }
  const rows = [0, 6, 12, 18].map((from) =>
    words.slice(from, from + 6).map((word, at) => `${from + at + 1}. ${word}`),
  )
  output.line('Write these words on paper, in this order:')
  output.table(rows)
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const wrong = firstDifference(words, await readWords(output, {}, 'the words once more'))
    if (wrong === undefined) return
    output.complain(`word ${wrong} is another`, 'bad')
  }
  throw usageError('the words were not typed as they were shown', 'start again: tally id backup')
}
