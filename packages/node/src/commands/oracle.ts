/** `tally oracle`: answers questions on a machine of one's own, and writes the file that shows the answers. */
import { resolve } from 'node:path'
import { isFault } from 'tallystick/base'
import {
  type AddCommand,
  examples,
  type ExitCode,
  type Output,
  PASSPHRASE_FLAG,
  PASSPHRASE_HELP,
  pathFromHere,
  PUBLIC_FILE,
  replaceFile,
  sizeText,
  usageError,
} from 'tallystick/command'
import { createNativeEngine } from 'tallystick/engine-native'
import { openOracle, type RunningOracle } from '../custodian/oracle.ts'
import { checkWhole, CUSTODIAN_VOWS } from '../custodian/vows.ts'
import { openOperatorSeed } from '../server/operator-folder.ts'
import { openGuardedSqlite } from '../store/open.ts'
import { type FolderFlags, folderFrom } from './serve-folder.ts'

type Flags = FolderFlags & { readonly data: string; readonly tick?: true; readonly output?: string }

export const addOracle: AddCommand = (program, run) => {
  program
    .command('oracle')
    .description('answer questions on a machine of your own, for machines of others to rely on')
    .argument('[question]', 'what was asked; each question is answered once')
    .argument('[answer]', 'what you say')
    .requiredOption('--data <folder>', 'where the oracle keeps its key and its store')
    .option('--init', 'make the oracle if the folder holds none')
    .option('--name <name>', 'with --init: what people call it')
    .option('--unsealed', 'with --init: keep the key without a passphrase, to try things out')
    .option('--tick', 'say nothing; certify what time it is')
    .option('-o, --output <file>', 'where the file is written (default: NAME.tally)')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .addHelpText(
      'after',
      examples(
        'tally oracle --data north --name north --init       makes a key, and its file',
        "tally oracle --data north 'who won?' home           answers, for good",
        'tally oracle --data north --tick                    attests the present time',
      ),
    )
    .action((question: string | undefined, answer: string | undefined, flags: Flags) =>
      run((output) => answerAs(output, flags, { question, answer })),
    )
}

type Said = { readonly question: string | undefined; readonly answer: string | undefined }

const answerAs = async (output: Output, flags: Flags, said: Said): Promise<ExitCode> => {
  if ((said.question === undefined) !== (said.answer === undefined)) {
    throw usageError('a question needs an answer', "tally oracle --data FOLDER 'QUESTION' ANSWER")
  }
  const folder = resolve(flags.data)
  const { of, passphrase } = await folderFrom({ ...flags, suite: 'nostr' }, folder, output)
  if (of.suite !== 'nostr') {
    throw usageError(`${folder} holds keys of ${of.suite}`, 'choose another --data')
  }
  const engine = createNativeEngine()
  const seed = openOperatorSeed(folder, passphrase)
  const { publicKey, secret } = engine.fromSeed('bip340', seed)
  const store = await openGuardedSqlite(folder, CUSTODIAN_VOWS)
  try {
    await checkWhole(store)
    const oracle = await openOracle({
      store,
      name: of.name,
      signer: {
        scheme: 'bip340',
        publicKey,
        sign: (message) => engine.sign('bip340', secret, message),
      },
      verifier: engine,
      clock: () => BigInt(Date.now()),
    })
    const code = await speak(output, oracle, said, flags.tick === true)
    const path = flags.output ?? `${of.name}.tally`
    const file = await oracle.file()
    replaceFile(path, file, PUBLIC_FILE)
    const { id, head } = oracle.machine()
    output.line([
      'Wrote ',
      { text: pathFromHere(path), tone: 'strong' },
      `, ${sizeText(file.length)}`,
    ])
    output.table([
      ['oracle', of.name],
      ['machine', id],
      ['step', head.sequence.toString()],
    ])
    output.result({ name: of.name, machine: id, step: head.sequence, file: path })
    output.next(
      `hand ${pathFromHere(path)} out; who begins a machine names it: tally new --oracle ${of.name}=${path} …`,
    )
    await oracle.close()
    return code
  } finally {
    await store.close()
  }
}

const speak = async (
  output: Output,
  oracle: RunningOracle,
  { question, answer }: Said,
  isTick: boolean,
): Promise<ExitCode> => {
  try {
    if (question !== undefined && answer !== undefined) {
      await oracle.say(question, answer)
      output.line(`Answered ${JSON.stringify(question)} with ${JSON.stringify(answer)}, for good.`)
    } else if (isTick) await oracle.tick()
    return 0
  } catch (error) {
    if (!isFault(error)) throw error
    output.complain(`${error.message} (${error.code})`, 'bad')
    output.result({ error: error.code })
    return 1
  }
}
