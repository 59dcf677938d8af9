/** `tally relay-check`: tries a relay with events of the sizes and kinds that machines need. */
import { randomBytes } from 'node:crypto'
import { hexFromBytes, type Signer } from 'tallystick/base'
import {
  type AddCommand,
  examples,
  type ExitCode,
  type Output,
  usageError,
} from 'tallystick/command'
import { createNativeEngine } from 'tallystick/engine-native'
import { checkRelay, type Need, type RelayCheck } from '../relay/check.ts'
import { relayUrl } from '../relay/outbox.ts'

export const addRelayCheck: AddCommand = (program, run) => {
  program
    .command('relay-check')
    .description('try whether machines can live at a Nostr relay')
    .argument('<url>', 'the relay: wss://… or ws://…')
    .addHelpText(
      'after',
      examples(
        'tally relay-check wss://relay.example',
        'tally relay-check ws://127.0.0.1:7777 --json',
      ),
    )
    .action((url: string) => run((output) => checkAt(output, url)))
}

export const checkAt = async (output: Output, text: string): Promise<ExitCode> => {
  const relay = relayUrl(text)
  if (relay === undefined) {
    throw usageError(`${text} is no relay`, 'write its address with ws:// or wss:// in front')
  }
  const engine = createNativeEngine()
  const { publicKey, secret } = engine.fromSeed('bip340', randomBytes(32))
  const signer: Signer = {
    scheme: 'bip340',
    publicKey,
    sign: (message) => engine.sign('bip340', secret, message),
  }
  output.progress(`trying ${relay}`)
  const machine = hexFromBytes(randomBytes(32))
  const found = await checkRelay(relay, { verifier: engine, signer, machine, now: Date.now }).catch(
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  output.progress()
  if (typeof found === 'string') return tellUnreachable(output, relay, found)
  return tell(output, found)
}

const tellUnreachable = (output: Output, relay: string, why: string): ExitCode => {
  output.complain(`${relay} cannot be reached: ${why}`, 'bad')
  output.result({ relay, reachable: false, why })
  return 2
}

const tell = (output: Output, found: RelayCheck): ExitCode => {
  const { document, needs, isFit } = found
  output.line(found.relay, 'strong')
  output.line(document ? aboutIt(document) : 'It says nothing about itself.', 'quiet')
  output.table(
    needs.map((one) => [
      { text: one.outcome === 'serves' ? 'yes' : 'no', tone: toneOf(one) },
      one.name,
      one.what,
      { text: one.detail, tone: 'quiet' },
    ]),
  )
  const verdict = isFit ? 'Machines can live here.' : 'Machines cannot live here.'
  output.line(verdict, isFit ? 'good' : 'bad')
  output.result({ ...found, reachable: true })
  return isFit ? 0 : 1
}

const toneOf = (of: Need): 'good' | 'warn' | 'bad' => {
  if (of.outcome === 'serves') return 'good'
  return of.isNeeded ? 'bad' : 'warn'
}

const aboutIt = (of: NonNullable<RelayCheck['document']>): string => {
  const limits = Object.entries(of.limits).map(([name, most]) => `${name} ${most}`)
  const named = [of.name, of.software, of.version].filter((one) => one !== '').join(', ')
  const nips = of.nips.length === 0 ? '' : `; NIPs ${of.nips.join(' ')}`
  return `It says: ${named || 'no name'}${nips}${limits.length > 0 ? `; ${limits.join(', ')}` : ''}`
}
