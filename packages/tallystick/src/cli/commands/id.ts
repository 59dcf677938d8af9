/** `tally id`: who you are to others. */
import type { Command } from 'commander'
import { SUITE_IDS } from '../../base/suite.ts'
import { createNativeEngine } from '../../engine/native.ts'
import { cardFromFile } from '../../verify/card.ts'
import { type AddCommand, examples, type Run } from '../command.ts'
import { writeCard } from '../card-file.ts'
import { homeFolder, nameOfUser, ringFrom } from '../home.ts'
import { addDevice, newIdentity, removeDevice, rotateIdentity } from '../identity-change.ts'
import { pathText, showCard, showOwn } from '../identity-view.ts'
import { readInputFile } from '../input-file.ts'
import { identityFolder, listIdentities } from '../keystore.ts'
import {
  PASSPHRASE_FLAG,
  PASSPHRASE_HELP,
  type PassphraseOption,
  passphraseOf,
} from '../passphrase-option.ts'
import type { ExitCode } from '../print.ts'
import { oneOf } from '../program-option.ts'

type As = { readonly as?: string }

export const addId: AddCommand = (program, run) => {
  const id = program.command('id').addHelpText('after', EXAMPLES)
  addNew(id, run)
  addShow(id, run)
  addCard(id, run)
  addRotate(id, run)
  addDevices(id, run)
}

const EXAMPLES = `
Examples:
  tally id new --name alice                  makes an identity, sealed under a passphrase
  tally id card                              writes alice.card.tally, to hand to others
  tally id show bob.card.tally               says what a card holds
  tally id devices add phone                 lets another key act for you
  tally id rotate                            makes the promised key the root`

type New = PassphraseOption & {
  readonly name?: string
  readonly suite: string
  readonly device: string
}

const addNew = (id: Command, run: Run): void => {
  id.command('new')
    .description('make an identity: a root key, and the key of this device')
    .option('--name <name>', 'what you are called (default: your name on this machine)')
    .option('--suite <suite>', 'quantum, classic, nostr or evm', 'quantum')
    .option('--device <name>', 'what this device is called', 'first')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .addHelpText('after', examples('tally id new --name alice', 'tally id new --suite classic'))
    .action((options: New) =>
      run(async (output): Promise<ExitCode> => {
        const suite = oneOf(SUITE_IDS, options.suite, '--suite')
        const home = homeFolder(process.env)
        const ring = { home, name: options.name ?? nameOfUser(), engine: createNativeEngine() }
        const passphrase = await passphraseOf(output, options, { name: ring.name, isNew: true })
        output.progress('making keys …')
        newIdentity({ ...ring, passphrase, suite, device: options.device })
        output.result(showOwn(output, ring))
        output.line()
        output.line(`The keys lie sealed in ${pathText(identityFolder(ring))}`)
        output.line(
          'Nobody else can open them or make them again. tally id backup -o FILE makes what can.',
          'warn',
        )
        output.next(
          listIdentities(home).length > 1 ? `tally id card --as ${ring.name}` : 'tally id card',
        )
        return 0
      }),
    )
}

const addShow = (id: Command, run: Run): void => {
  id.command('show')
    .description('show your identities, or what a card says')
    .argument('[card]', 'a card that somebody gave you')
    .option('--as <name>', 'one identity of yours')
    .addHelpText('after', examples('tally id show', 'tally id show bob.card.tally'))
    .action((card: string | undefined, options: As) =>
      run((output) => {
        if (card !== undefined) {
          output.result(showCard(output, cardFromFile(readInputFile(card), createNativeEngine())))
          output.next(`tally new --with ${card}`)
          return 0
        }
        const home = homeFolder(process.env)
        const names = options.as === undefined ? listIdentities(home) : [options.as]
        const identities = (names.length < 2 ? [ringFrom(options.as).name] : names).map((name) =>
          showOwn(output, { home, name, engine: createNativeEngine() }),
        )
        output.result({ identities })
        output.next('tally id card')
        return 0
      }),
    )
}

type CardOptions = As & { readonly output?: string; readonly device?: string }

const addCard = (id: Command, run: Run): void => {
  id.command('card')
    .description('write your card: public, for whoever is to begin a machine with you')
    .option('--as <name>', 'the identity, if you have several')
    .option('--device <name>', 'the device that will sign (default: the first with its key here)')
    .option('-o, --output <file>', 'where to (default: NAME.card.tally)')
    .addHelpText('after', examples('tally id card', 'tally id card --device phone'))
    .action((options: CardOptions) =>
      run((output) => {
        const written = writeCard(ringFrom(options.as), options)
        output.result(showCard(output, written.card))
        output.line()
        output.line(`Wrote ${written.path}, ${written.bytes} bytes, nothing secret in it.`)
        output.result({ file: written.path, bytes: written.bytes })
        output.next(`hand ${written.path} to the other party`)
        return 0
      }),
    )
}

const addRotate = (id: Command, run: Run): void => {
  id.command('rotate')
    .description('make the promised key the root of your identity, and promise a fresh one')
    .option('--as <name>', 'the identity, if you have several')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .addHelpText('after', examples('tally id rotate'))
    .action((options: As & PassphraseOption) =>
      run(async (output): Promise<ExitCode> => {
        const ring = ringFrom(options.as)
        const passphrase = await passphraseOf(output, options, ring)
        output.progress('making keys …')
        rotateIdentity({ ...ring, passphrase })
        output.result(showOwn(output, ring))
        output.next('tally id card, and hand the new card out')
        return 0
      }),
    )
}

type Change = As & PassphraseOption & { readonly group?: string }

const addDevices = (id: Command, run: Run): void => {
  const devices = id
    .command('devices')
    .description('list the devices that act for you; add and remove them')
    .option('--as <name>', 'the identity, if you have several')
    .addHelpText(
      'after',
      examples('tally id devices', 'tally id devices add phone', 'tally id devices remove phone'),
    )
    .action((options: As) =>
      run((output) => {
        output.result(showOwn(output, ringFrom(options.as)))
        output.next('tally id devices add NAME')
        return 0
      }),
    )
  const change = (
    name: 'add' | 'remove',
    description: string,
    apply: typeof addDevice | typeof removeDevice,
  ): void => {
    const command = devices
      .command(name)
      .description(description)
      .argument('<name>', 'what the device is called')
      .option('--as <name>', 'the identity, if you have several')
      .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    if (name === 'add') command.option('--group <name>', 'below which group it stands')
    command.action((device: string, own: Change, command: Command) =>
      run(async (output): Promise<ExitCode> => {
        const options: Change = { ...command.parent?.opts<Change>(), ...own }
        const ring = ringFrom(options.as)
        const passphrase = await passphraseOf(output, options, ring)
        output.progress('making keys …')
        const { group = '' } = options
        apply({ ...ring, passphrase, device, group })
        output.result(showOwn(output, ring))
        output.next('tally id card, and hand the new card out')
        return 0
      }),
    )
  }
  devices
    .command('list')
    .description('list them, as without a word')
    .option('--as <name>', 'the identity, if you have several')
    .action((own: As, command: Command) =>
      run((output) => {
        const options: As = { ...command.parent?.opts<As>(), ...own }
        output.result(showOwn(output, ringFrom(options.as)))
        output.next('tally id devices add NAME')
        return 0
      }),
    )
  change('add', 'make a key for another device, and list it', addDevice)
  change('remove', 'end a device; its key file is deleted if it lies here', removeDevice)
}
