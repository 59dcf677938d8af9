/**
 * Folders of machines that custodians hold and relays carry: one for each machine that a user takes part in or watches.
 *
 * | file | what |
 * |---|---|
 * | `relayed.json` | the definition as it was signed, its relays, and whose key signs |
 * | `events.jsonl` | every signed event of the machine that was taken in or made here, one a line, never taken out |
 * | `steps` | certified steps that were checked here before, in hexadecimal, one a line: a cache beside the record |
 * | `keys` | of a private machine: the keys of its members, for this user's eyes |
 * | `directory.json`, `agreed` | where operators of a directory are reached, and steps that came from them, see `operators.ts` |
 * | `handed-keys` | of a private machine that was defined here: who was handed the keys of which epoch |
 * | `readers` | of a private machine that was defined here: who else is let in |
 * | `lock` | held while an own input is made |
 *
 * Promise. What `keep` has taken is on the disk before it returns, so that an input is here before a relay has it, and relays that
 * delete or lie take nothing from here. A line that a crash tore is left alone: the next one begins on a line of its own.
 *
 * Not promised. That a folder which somebody else has written to tells the truth: steps in `steps` are run and not checked again. Without
 * that file everything is; and whoever checks a bundle trusts no folder.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import {
  bytesFromHex,
  bytesFromUtf8,
  Fault,
  faultFrom,
  hexFromBytes,
  isFault,
  utf8FromBytes,
} from 'tallystick/base'
import {
  createFile,
  createPrivateFolder,
  PRIVATE_FILE,
  readPrivateFile,
  replaceFile,
  usageError,
} from 'tallystick/command'
import {
  jsonFromBytes,
  jsonList,
  jsonObjectWith,
  jsonText,
  type NostrEvent,
  nostrEventFromJson,
  nostrEventFromText,
  type PackKeys,
  textFromNostrEvent,
} from 'tallystick/nostr'
import { type AgreedStep, agreedStep } from 'tallystick/models'
import { keysFromText, textFromKeys } from '../relay/membership.ts'
import { CARD_BYTES_MAX, LOG_BYTES_MAX } from './limits.ts'

export type RelayedCard = {
  readonly definition: NostrEvent
  readonly relays: readonly string[]
  /** Whose key signs: an identity in the user's home, its device, and the key as relays know it. */
  readonly identity: string
  readonly device: string
  readonly key: string
}

export type RelayedFolder = RelayedCard & { readonly path: string }

/** Makes a folder whose first event is the definition. Raises a usage error where something has its name. */
export const createRelayedFolder = (path: string, card: RelayedCard): RelayedFolder => {
  if (existsSync(join(path, CARD))) throw usageError(`${path} exists`, 'choose another with --dir')
  createPrivateFolder(path)
  keep({ path }, [card.definition])
  createFile(join(path, CARD), bytesFromUtf8(`${JSON.stringify({ format: FORMAT, ...card })}\n`))
  return { ...card, path }
}

/** Raises a usage error where there is none, and `machine/damaged`. */
export const readRelayedFolder = (path: string): RelayedFolder => {
  if (!existsSync(join(path, CARD))) {
    throw usageError(`there is no machine on relays in ${path}`, 'name its folder with --dir')
  }
  const read = faultFrom(() => cardFrom(readPrivateFile(join(path, CARD), CARD_BYTES_MAX)))
  if (isFault(read)) throw new Fault('machine/damaged', `no usable ${CARD}: ${read.message}`)
  return { ...read, path }
}

/** Writes events behind the others and waits until the disk has them. */
export const keep = ({ path }: Pick<RelayedFolder, 'path'>, events: readonly NostrEvent[]): void =>
  append(join(path, LOG), events.map(textFromNostrEvent))

export const keepChecked = (
  { path }: Pick<RelayedFolder, 'path'>,
  steps: readonly AgreedStep[],
): void => appendSteps(join(path, STEPS), steps)

const appendSteps = (path: string, steps: readonly AgreedStep[]): void =>
  append(
    path,
    steps.map((one) => hexFromBytes(agreedStep.encode(one))),
  )

/** As far as they can be read. */
export const checkedSteps = ({ path }: Pick<RelayedFolder, 'path'>): readonly AgreedStep[] =>
  stepsIn(join(path, STEPS))

/** Writes steps that came from operators behind the others. */
export const keepAgreedSteps = (
  { path }: Pick<RelayedFolder, 'path'>,
  steps: readonly AgreedStep[],
): void => appendSteps(join(path, AGREED), steps)

/** As far as they can be read; they are judged again. */
export const agreedSteps = ({ path }: Pick<RelayedFolder, 'path'>): readonly AgreedStep[] =>
  stepsIn(join(path, AGREED))

const stepsIn = (path: string): readonly AgreedStep[] =>
  linesIn(path).flatMap((line) => {
    const step = faultFrom(() => agreedStep.decode(bytesFromHex(line)))
    return isFault(step) ? [] : [step]
  })

const append = (path: string, lines: readonly string[]): void => {
  if (lines.length === 0) return
  const file = openSync(path, 'a', PRIVATE_FILE)
  try {
    // Each begins with a line's end, so that a torn line before it spoils nothing; one write, so that two commands do not mix.
    const bytes = bytesFromUtf8(lines.map((one) => `\n${one}`).join(''))
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

const linesIn = (path: string): readonly string[] => {
  if (!existsSync(path)) return []
  const { size } = statSync(path)
  if (size > LOG_BYTES_MAX) throw new Fault('machine/damaged', `${path} has ${size} bytes`)
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((one) => one !== '')
}

/** Everything that was kept, each event once, its form and id checked again. Lines that are none are left out. */
export const keptEvents = ({
  path,
}: Pick<RelayedFolder, 'path'>): ReadonlyMap<string, NostrEvent> => {
  const events = new Map<string, NostrEvent>()
  for (const line of linesIn(join(path, LOG))) {
    const event = faultFrom(() => nostrEventFromText(line))
    if (!isFault(event)) events.set(event.id, event)
  }
  return events
}

/** Keeps the keys of a private machine. */
export const keepKeys = ({ path }: Pick<RelayedFolder, 'path'>, packs: readonly PackKeys[]): void =>
  replaceFile(join(path, KEYS), bytesFromUtf8(`${packs.map(textFromKeys).join('\n')}\n`))

/** The keys of a private machine, the newest first; none where it is told in the open. */
export const keptKeys = ({ path }: Pick<RelayedFolder, 'path'>): readonly PackKeys[] =>
  existsSync(join(path, KEYS))
    ? utf8FromBytes(readPrivateFile(join(path, KEYS), CARD_BYTES_MAX))
        .split('\n')
        .flatMap((line) => (line === '' ? [] : [keysFromText(line)]))
    : []

/** Keys of those whom this user lets read a private machine beside those who take part and its custodians. */
export const readersIn = ({ path }: Pick<RelayedFolder, 'path'>): readonly string[] =>
  linesIn(join(path, READERS))

export const keepReaders = (
  { path }: Pick<RelayedFolder, 'path'>,
  readers: readonly string[],
): void =>
  replaceFile(join(path, READERS), bytesFromUtf8(readers.map((one) => `${one}\n`).join('')))

export type HandedKeys = { readonly epoch: number; readonly member: string }

/** To whom this user has handed keys of a private machine, as far as a relay has taken them. */
export const handedOut = ({ path }: Pick<RelayedFolder, 'path'>): readonly HandedKeys[] =>
  linesIn(join(path, HANDED_KEYS)).flatMap((line) => {
    const [epoch, member] = line.split(' ')
    return epoch === undefined || member === undefined ? [] : [{ epoch: Number(epoch), member }]
  })

export const noteHandedOut = (
  folder: Pick<RelayedFolder, 'path'>,
  handed: readonly HandedKeys[],
): void => {
  const lines = [...handedOut(folder), ...handed].map((one) => `${one.epoch} ${one.member}\n`)
  replaceFile(join(folder.path, HANDED_KEYS), bytesFromUtf8([...new Set(lines)].join('')))
}

const HANDED_KEYS = 'handed-keys'
const READERS = 'readers'
const KEYS = 'keys'

const CARD = 'relayed.json'
const LOG = 'events.jsonl'
const STEPS = 'steps'
const AGREED = 'agreed'
const FORMAT = 'tallystick/1 relayed'
const FIELDS = ['format', 'definition', 'relays', 'identity', 'device', 'key'] as const

const cardFrom = (file: Uint8Array): RelayedCard => {
  const fields = jsonObjectWith(jsonFromBytes(file, CARD_BYTES_MAX), FIELDS, 'the file')
  if (fields.format !== FORMAT) throw new Fault('machine/damaged', 'the format is unknown')
  return {
    definition: nostrEventFromJson(fields.definition),
    relays: jsonList(fields.relays, 'the relays').map((one) => jsonText(one, 'a relay')),
    identity: jsonText(fields.identity, 'the identity'),
    device: jsonText(fields.device, 'the device'),
    key: jsonText(fields.key, 'the key'),
  }
}
