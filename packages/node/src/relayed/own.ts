/**
 * Whose key signs in a participant's folder: that of an identity here, or one in a bunker elsewhere (NIP-46), which gives nothing away but
 * signatures on events.
 *
 * | file in the folder | what |
 * |---|---|
 * | `bunker.json` | where the bunker is, and the secret of the session with it; missing where the key is here |
 *
 * Promise. What a bunker signed is the very event that it was asked for, by the key that the folder names, or it is not used (`relay/signer.ts`).
 *
 * Not promised. That the holder of the session's secret cannot ask the bunker for more: what a session may sign is for the bunker to say.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BunkerSigner, parseBunkerInput } from 'nostr-tools/nip46'
import { SimplePool, useWebSocketImplementation } from 'nostr-tools/pool'
import { WebSocket } from 'ws'
import {
  bytesFromHex,
  bytesFromUtf8,
  type Engine,
  hexFromBytes,
  type Signer,
} from 'tallystick/base'
import {
  createFile,
  deviceFrom,
  devicePath,
  homeFolder,
  type Keyring,
  openOwnKey,
  openSigner,
  type Output,
  passphraseOf,
  readPrivateFile,
  type RelayedAsk,
  ringFrom,
  usageError,
} from 'tallystick/command'
import { createNativeEngine } from 'tallystick/engine-native'
import { jsonFromBytes, jsonObjectWith, jsonText } from 'tallystick/nostr'
import type { Member } from '../relay/membership.ts'
import { type EventSigner, keySigner, walletSigner } from '../relay/signer.ts'
import { CARD_BYTES_MAX } from './limits.ts'
import type { RelayedFolder } from './folder.ts'

export type BunkerCard = { readonly url: string; readonly session: string }

export type Own = {
  /** As the folder's card has them; both say so where the key is in a bunker. */
  readonly identity: string
  readonly device: string
  readonly key: string
  readonly bunker: BunkerCard | undefined
  readonly engine: Engine
  /** Opens the key, or the session with the bunker, when it is first wanted. */
  readonly events: () => Promise<EventSigner>
  /** For what is no event. Raises a usage error where the key is in a bunker. */
  readonly raw: () => Promise<Signer>
  /** To open what is encrypted for the key. Raises a usage error where the key is in a bunker. */
  readonly member: () => Promise<Member>
  readonly close: () => Promise<void>
}

/** Whoever is named to begin or to join a machine. */
export const ownFrom = async (output: Output, ask: RelayedAsk): Promise<Own> => {
  if (ask.bunker === undefined) {
    const ring = ringFrom(ask.as)
    const { device, key } = ownKeyOf(ring, ask.device)
    return ownKey(output, ask, { identity: ring.name, device, key, engine: ring.engine })
  }
  if (ask.as !== undefined) {
    throw usageError('one key signs', 'leave out --as or --bunker')
  }
  const engine = createNativeEngine()
  const bunker = { url: ask.bunker, session: hexFromBytes(new Uint8Array(randomBytes(32))) }
  const session = await openBunker(output, bunker, engine)
  output.progress('waiting for the bunker')
  await session.connect()
  const signer = await session.signer()
  output.progress()
  return {
    ...ofBunker(signer.pubkey, bunker, engine),
    events: session.signer,
    close: session.close,
  }
}

/** Whose key signs in a folder. */
export const ownOf = (output: Output, ask: RelayedAsk, folder: RelayedFolder): Own => {
  const { identity, device, key, path } = folder
  const engine = createNativeEngine()
  const bunker = bunkerIn(path)
  if (!bunker) return ownKey(output, ask, { identity, device, key, engine })
  let opened: Promise<BunkerSession> | undefined
  const events = async (): Promise<EventSigner> => {
    opened ??= openBunker(output, bunker, engine)
    const signer = await (await opened).signer()
    if (signer.pubkey === key) return signer
    throw usageError(
      'the bunker has another key than this folder',
      'see which account it is set to',
    )
  }
  return {
    ...ofBunker(key, bunker, engine),
    events,
    close: async () => {
      await (await opened)?.close()
    },
  }
}

/** Keeps where the bunker is beside a folder's card. */
export const keepBunker = ({ path }: Pick<RelayedFolder, 'path'>, { bunker }: Own): void => {
  if (bunker) createFile(join(path, BUNKER), bytesFromUtf8(`${JSON.stringify(bunker)}\n`))
}

/** The key of an identity as Nostr knows it. Raises a usage error for an identity of another suite. */
export const ownKeyOf = (
  ring: Keyring,
  named: string | undefined,
): { readonly device: string; readonly key: string } => {
  const { name, key } = deviceFrom(ring, named)
  if (key.scheme === 'bip340') return { device: name, key: hexFromBytes(key.publicKey) }
  throw usageError(
    `${ring.name} signs with ${key.scheme}, and Nostr with bip340`,
    'tally id new --name NAME --suite nostr, and then --as NAME',
  )
}

const BUNKER = 'bunker.json'

const bunkerIn = (path: string): BunkerCard | undefined => {
  const file = join(path, BUNKER)
  if (!existsSync(file)) return undefined
  const json = jsonFromBytes(readPrivateFile(file, CARD_BYTES_MAX), CARD_BYTES_MAX)
  const { url, session } = jsonObjectWith(json, ['url', 'session'], BUNKER)
  return { url: jsonText(url, 'the bunker'), session: jsonText(session, 'the session') }
}

const ofBunker = (
  key: string,
  bunker: BunkerCard,
  engine: Engine,
): Pick<Own, 'identity' | 'device' | 'key' | 'bunker' | 'engine' | 'raw' | 'member'> => ({
  identity: 'bunker',
  device: 'bunker',
  key,
  bunker,
  engine,
  raw: () => {
    throw usageError('a bunker signs events, and this is none', 'use an identity whose key is here')
  },
  member: () => {
    throw usageError('a bunker opens nothing here', 'use an identity whose key is here')
  },
})

const ownKey = (
  output: Output,
  ask: RelayedAsk,
  of: Pick<Own, 'identity' | 'device' | 'key' | 'engine'>,
): Own => {
  const { identity: name, device, engine } = of
  const ring = { home: homeFolder(process.env), name, engine }
  let asked: Promise<string> | undefined
  const passphrase = (): Promise<string> => {
    asked ??= passphraseOf(output, ask, { name })
    return asked
  }
  let opened: Promise<Signer> | undefined
  const open = async (): Promise<Signer> =>
    openSigner({ ...ring, device, passphrase: await passphrase() })
  const raw = (): Promise<Signer> => {
    opened ??= open()
    return opened
  }
  const member = async (): Promise<Member> => {
    const given = { engine, passphrase: await passphrase() }
    const { seed } = openOwnKey(given, devicePath(ring, device))
    return { pubkey: of.key, secret: engine.fromSeed('bip340', seed).secret }
  }
  return {
    ...of,
    bunker: undefined,
    raw,
    member,
    events: async () => keySigner(await raw()),
    close: () => Promise.resolve(),
  }
}

type BunkerSession = {
  readonly connect: () => Promise<void>
  readonly signer: () => Promise<EventSigner>
  readonly close: () => Promise<void>
}

const openBunker = async (
  output: Output,
  { url, session }: BunkerCard,
  engine: Engine,
): Promise<BunkerSession> => {
  const pointer = await parseBunkerInput(url)
  if (!pointer)
    throw usageError(`${url.slice(0, 80)} is no bunker`, 'use bunker://KEY?relay=wss://…')
  useWebSocketImplementation(WebSocket)
  const pool = new SimplePool()
  const bunker = BunkerSigner.fromBunker(bytesFromHex(session), pointer, {
    pool,
    onauth: (page) => output.line(['the bunker asks you to open ', { text: page, tone: 'strong' }]),
  })
  let signer: Promise<EventSigner> | undefined
  return {
    connect: () => bunker.connect(),
    signer: () => {
      signer ??= walletSigner(bunker, engine)
      return signer
    },
    close: async () => {
      await bunker.close()
      pool.destroy()
    },
  }
}
