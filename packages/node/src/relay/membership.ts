/** Who is let into a private machine: key packs handed out, and the own one found among those at relays. */
import {
  bytesFromHex,
  bytesFromUtf8,
  type Engine,
  faultFrom,
  hexFromBytes,
  isFault,
} from 'tallystick/base'
import {
  isJsonObject,
  jsonFromBytes,
  jsonObjectWith,
  jsonText,
  type KeyPack,
  KINDS,
  type NostrEvent,
  type PackKeys,
} from 'tallystick/nostr'
import type { RelayClient } from './client.ts'
import { openPack, type PrivateTools, sealPack } from './private.ts'
import { createPrivateClient } from './private-client.ts'
import type { EventSigner } from './signer.ts'

/** The system's random bytes and clock. */
export const privateTools = (engine: Engine): PrivateTools => ({
  engine,
  random: () => crypto.getRandomValues(new Uint8Array(32)),
  now: () => Math.floor(Date.now() / 1000),
})

/** A pack for each member. The one who lets them in vouches for every one. */
export const packsFor = async (
  of: {
    readonly keys: PackKeys
    readonly members: readonly string[]
    readonly title: string
    readonly machine: string
  },
  initiator: EventSigner,
  tools: PrivateTools,
): Promise<readonly NostrEvent[]> => {
  const { keys, machine } = of
  const metadata = { id: machine, name: of.title, description: '' }
  const packs: NostrEvent[] = []
  for (const member of new Set(of.members)) {
    packs.push(await sealPack({ keys, metadata, member, machine }, initiator, tools))
  }
  return packs
}

export type Member = { readonly pubkey: string; readonly secret: Uint8Array }

export type Entered = {
  readonly definition: NostrEvent
  /** Of all epochs that the own packs have, the newest first. */
  readonly keys: readonly PackKeys[]
}

/**
 * A private machine, by the packs that relays have for a member. Undefined where there is none, or none whose definition is there.
 *
 * Attack: a stranger's pack for the same machine, of a later epoch, so that members wrap for him from then on. Packs count only from who
 * signed the definition that is found inside.
 */
export const enter = async (
  client: RelayClient,
  relays: readonly string[],
  of: { readonly member: Member; readonly machine: string; readonly engine: Engine },
): Promise<Entered | undefined> => {
  const { machine, engine } = of
  const packs = await packsAt(client, relays, of)
  for (const initiator of new Set(packs.map((one) => one.initiator))) {
    const own = packs.filter((one) => one.initiator === initiator)
    const keys = withPacks([], own)
    const inside = createPrivateClient(client, { keys, machine }, privateTools(engine))
    const found = await inside.fetch(relays, { ids: [machine], kinds: [KINDS.definition] })
    const definition = found.events.find((one) => one.id === machine && one.pubkey === initiator)
    if (definition) return { definition, keys }
  }
  return undefined
}

type Membering = { readonly member: Member; readonly machine: string; readonly engine: Engine }

/** Packs for a member that somebody vouches for. */
const packsAt = async (
  client: RelayClient,
  relays: readonly string[],
  of: Membering,
): Promise<readonly KeyPack[]> => {
  const filter = { kinds: [KINDS.keyPack], '#p': [of.member.pubkey] }
  const { events } = await client.fetch(relays, filter)
  return events.flatMap((event) => packIn(event, of) ?? [])
}

const packIn = (event: NostrEvent, { member, machine, engine }: Membering): KeyPack | undefined => {
  const pack = faultFrom(() => openPack(event, member, engine))
  return isFault(pack) || pack.initiator === undefined || pack.machine !== machine
    ? undefined
    : pack
}

/** The keys of a member who is in already, with later epochs as they come from who defined the machine. */
export type KeyRing = {
  /** All epochs that are known, the newest first; another list when one was added. */
  readonly keys: readonly PackKeys[]
  readonly machine: string
  /** Looks for packs at relays; whether there was a later epoch, or an earlier one that was missing. */
  readonly renew: (client: RelayClient, relays: readonly string[]) => Promise<boolean>
  /** Takes packs in as they come. */
  readonly follow: (client: RelayClient, relays: readonly string[]) => { readonly stop: () => void }
}

export const createKeyRing = (
  of: Membering & {
    readonly keys: readonly PackKeys[]
    /** Who defined the machine; packs of others count for nothing. */
    readonly initiator: string
    /** Told of all keys when there are more, before anything is wrapped with them. */
    readonly onMore: (keys: readonly PackKeys[]) => void
  },
): KeyRing => {
  let { keys } = of
  const take = (packs: readonly KeyPack[]): boolean => {
    const more = withPacks(
      keys,
      packs.filter((pack) => pack.initiator === of.initiator),
    )
    if (more.length === keys.length) return false
    keys = more
    of.onMore(keys)
    return true
  }
  return {
    machine: of.machine,
    get keys() {
      return keys
    },
    renew: async (client, relays) => take(await packsAt(client, relays, of)),
    follow: (client, relays) =>
      client.follow(
        relays,
        { kinds: [KINDS.keyPack], '#p': [of.member.pubkey] },
        {
          onEvent: (event) => {
            const pack = packIn(event, of)
            if (pack) take([pack])
          },
        },
      ),
  }
}

/** Of two packs for one epoch the first stays: who defined the machine makes one key for each. */
const withPacks = (keys: readonly PackKeys[], packs: readonly KeyPack[]): readonly PackKeys[] => {
  const more = new Map(keys.map((one) => [epochOf(one), one]))
  for (const pack of packs) {
    const epoch = epochOf(pack.keys)
    if (!more.has(epoch)) more.set(epoch, pack.keys)
  }
  return newestFirst([...more.values()])
}

const newestFirst = (keys: readonly PackKeys[]): readonly PackKeys[] =>
  [...keys].sort((a, b) => epochOf(b) - epochOf(a))

const epochOf = (keys: PackKeys): number => (keys.is === 'epoch' ? keys.epoch : -1)

/** Keys as a line of text, for whoever keeps them: a folder, or a custodian's store. */
export const textFromKeys = (of: PackKeys): string =>
  JSON.stringify(
    of.is === 'shared'
      ? { secret: hexFromBytes(of.secret), route: of.route }
      : {
          epoch: of.epoch,
          key: hexFromBytes(of.key),
          route: of.route,
          seed: hexFromBytes(of.seed),
        },
  )

/** Raises faults of JSON that is not of that form. */
export const keysFromText = (text: string): PackKeys => {
  const json = jsonFromBytes(bytesFromUtf8(text), KEYS_BYTES_MAX)
  if (isJsonObject(json) && json['secret'] !== undefined) {
    const { secret, route } = jsonObjectWith(json, ['secret', 'route'], 'the keys')
    return {
      is: 'shared',
      secret: bytesFromHex(jsonText(secret, 'the secret')),
      route: jsonText(route, 'the address'),
    }
  }
  const { epoch, key, route, seed } = jsonObjectWith(
    json,
    ['epoch', 'key', 'route', 'seed'],
    'the keys',
  )
  return {
    is: 'epoch',
    epoch: Number(epoch),
    key: bytesFromHex(jsonText(key, 'the key')),
    route: jsonText(route, 'the address'),
    seed: bytesFromHex(jsonText(seed, 'the seed')),
  }
}

const KEYS_BYTES_MAX = 1_024
