/** `tally serve custodian`: runs one custodian of machines on Nostr relays until it is told to stop. */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  bytesFromHex,
  bytesFromUtf8,
  type Engine,
  hexFromBytes,
  isFault,
  type Signer,
  utf8FromBytes,
} from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import { type ExitCode, type Output, usageError } from 'tallystick/shell'
import { createNativeEngine } from 'tallystick/engine-native'
import { policyIn } from 'tallystick/models'
import { type NostrEvent, nostrEventFromText, type PackKeys } from 'tallystick/nostr'
import { type Defined, definedBy, fetchDefinition } from '../custodian/definition.ts'
import { type RunningCustodian, startCustodian } from '../custodian/start-custodian.ts'
import { checkWhole, CUSTODIAN_VOWS } from '../custodian/vows.ts'
import { createArchive } from '../relay/archive.ts'
import {
  createKeyRing,
  enter,
  keysFromText,
  type Member,
  privateTools,
  textFromKeys,
} from '../relay/membership.ts'
import { createPrivateClient } from '../relay/private-client.ts'
import { createRelayClient, type RelayClient } from '../relay/client.ts'
import { relayUrl } from '../relay/outbox.ts'
import { isLink, machineLinkFrom, npubFrom } from '../relayed/link.ts'
import { createOperatorLogger, type OperatorLogger } from '../server/log.ts'
import { errorFields } from '../server/start-operator.ts'
import { openOperatorSeed, type OperatorFolder } from '../server/operator-folder.ts'
import type { GuardedStore } from '../store/guard.ts'
import type { Store } from '../store/store.ts'
import { openGuardedSqlite } from '../store/open.ts'
import type { CustodianFlags } from './serve-custodian-flags.ts'
import { configureLogs, folderFrom } from './serve-folder.ts'
import { type Failure, untilStopped } from './until-stopped.ts'

const LOG_LINES_PER_SECOND = 200

export const serveCustodian = async (flags: CustodianFlags, output: Output): Promise<ExitCode> => {
  const folder = resolve(flags.data)
  const { of, passphrase } = await folderFrom({ ...flags, suite: 'nostr' }, folder, output)
  if (of.suite !== 'nostr') {
    throw usageError(
      `${folder} holds an operator with keys of ${of.suite}`,
      'choose another --data',
    )
  }
  await configureLogs(flags)
  const engine = createNativeEngine()
  const seed = openOperatorSeed(folder, passphrase)
  const signer = signerFrom(engine, seed)
  const { secret } = engine.fromSeed('bip340', seed)
  const member: Member = { pubkey: hexFromBytes(signer.publicKey), secret }
  if (flags.definition.length === 0) return presentKey(output, of, signer)
  const store = await openGuardedSqlite(folder, CUSTODIAN_VOWS)
  const client = createRelayClient({ verifier: engine })
  try {
    await checkWhole(store)
    const log = createOperatorLogger({
      operator: of.name,
      linesPerSecond: LOG_LINES_PER_SECOND,
      clockMs: () => performance.now(),
    })
    const stopped = untilStopped(log, () => failureOf(store))
    const by: Serving = { flags, engine, signer, member, store, client, log }
    const running: RunningCustodian[] = []
    for (const one of flags.definition) running.push(await serveMachine(by, one, output))
    output.resultNow()
    const code = await stopped
    await Promise.all(running.map((one) => one.close()))
    return code
  } finally {
    client.close()
    await store.close()
  }
}

type Serving = {
  readonly flags: CustodianFlags
  readonly engine: Engine
  readonly signer: Signer
  readonly member: Member
  readonly store: GuardedStore
  readonly client: RelayClient
  readonly log: OperatorLogger
}

const signerFrom = (engine: Engine, seed: Uint8Array): Signer => {
  const { publicKey, secret } = engine.fromSeed('bip340', seed)
  return {
    scheme: 'bip340',
    publicKey,
    sign: (message) => engine.sign('bip340', secret, message),
  }
}

const presentKey = (output: Output, of: OperatorFolder, signer: Signer): ExitCode => {
  const key = hexFromBytes(signer.publicKey)
  output.line([{ text: of.name, tone: 'strong' }, ' is a custodian with this key:'])
  output.table([
    ['npub', npubFrom(key)],
    ['hex', key],
  ])
  if (!of.isSealed) {
    output.line(
      'its key lies open in the folder: good for trying out, and for nothing else',
      'warn',
    )
  }
  output.result({ name: of.name, key, npub: npubFrom(key) })
  output.next('hand the npub to whoever defines a machine: tally new --custodian NAME=NPUB …')
  return 0
}

const serveMachine = async (
  by: Serving,
  text: string,
  output: Output,
): Promise<RunningCustodian> => {
  const { engine, signer, store, client, log, flags } = by
  const { event, relays: named, keys } = await eventFor(by, text)
  const defined = definedBy(event, {
    verifier: engine,
    logics: STANDARD_LOGICS,
    legacy: flags.legacy === true,
  })
  if (isFault(defined)) throw defined
  const own = hexFromBytes(signer.publicKey)
  const isNamed = defined.custodians.includes(own) || defined.standIns.includes(own)
  if (!isNamed && flags.incoming !== true) {
    throw usageError(
      `${event.id.slice(0, 8)} names other custodians`,
      `it has to name ${npubFrom(own)}; with --incoming you wait for a change that does`,
    )
  }
  const wanted = [...relaysFrom(flags.relay), ...named, ...defined.definition.relays]
  const relays = [...new Set(wanted.flatMap((one) => relayUrl(one) ?? []))]
  if (relays.length === 0) throw usageError('the definition names no relay', 'add --relay URL')
  const clock = (): bigint => BigInt(Date.now())
  const begun: { running?: RunningCustodian } = {}
  const ring = createKeyRing({
    member: by.member,
    machine: event.id,
    engine,
    keys,
    initiator: event.pubkey,
    onMore: (more) => {
      void keepKeys(store, event.id, more)
        .then(() => begun.running?.listen())
        .catch((error: unknown) => log('error', 'keys were not taken up', errorFields(error)))
    },
  })
  const isPrivate = keys.length > 0
  if (isPrivate) await ring.renew(client, relays)
  const running = await startCustodian({
    defined,
    relays,
    client: isPrivate ? createPrivateClient(client, ring, privateTools(engine)) : client,
    store,
    signer,
    verifier: engine,
    clock,
    log,
  })
  begun.running = running
  const following = isPrivate ? ring.follow(client, relays) : undefined
  const { close } = running
  present(output, defined, running, relays)
  return {
    ...running,
    close: async () => {
      following?.stop()
      await close()
    },
  }
}

/** Raises a usage error for what is no relay. */
const relaysFrom = (typed: readonly string[]): readonly string[] =>
  typed.map((one) => {
    const url = relayUrl(one)
    if (url !== undefined) return url
    throw usageError(`${one} is no relay`, 'write its address with ws:// or wss:// in front')
  })

/** The definition, and relays that the link names. What was served before is in the archive, whatever relays have forgotten. */
const eventFor = async (
  { flags, store, engine, client, member }: Serving,
  text: string,
): Promise<{
  readonly event: NostrEvent
  readonly relays: readonly string[]
  /** Of a private machine. */
  readonly keys: readonly PackKeys[]
}> => {
  if (!isLink(text)) return { event: eventFromFile(text), relays: [], keys: [] }
  const link = machineLinkFrom(text)
  const relays = [...relaysFrom(flags.relay), ...link.relays]
  if (flags.private === true) {
    const kept = await keptKeys(store, engine, link.id)
    if (kept) return { ...kept, relays: link.relays }
    const entered = await enter(client, relays, { member, machine: link.id, engine })
    if (entered) await keepKeys(store, link.id, entered.keys)
    if (entered) return { event: entered.definition, relays: link.relays, keys: entered.keys }
    throw usageError('no relay has keys of this machine for this custodian', 'name another --relay')
  }
  const kept = await createArchive(store, engine, Date.now).find(link.id, link.id)
  const event = kept ?? (await fetchDefinition(client, relays, link.id))
  if (event) return { event, relays: link.relays, keys: [] }
  throw usageError(
    `no relay shows the definition ${link.id.slice(0, 8)}…`,
    relays.length === 0
      ? 'add --relay URL'
      : 'if it is a private machine: --private; else name another with --relay, or hand over the file',
  )
}

const KEYS_SPACE = 'custodian/keys'

/** Keys of a private machine beside its archive: relays may lose the pack. */
const keepKeys = async (store: Store, id: string, keys: readonly PackKeys[]): Promise<void> => {
  const text = keys.map(textFromKeys).join('\n')
  const put = { space: KEYS_SPACE, key: bytesFromHex(id), value: bytesFromUtf8(text) }
  await store.commit({ appends: [], puts: [put] })
}

const keptKeys = async (
  store: Store,
  engine: Engine,
  id: string,
): Promise<{ readonly event: NostrEvent; readonly keys: readonly PackKeys[] } | undefined> => {
  const record = await store.get(KEYS_SPACE, bytesFromHex(id))
  const event = await createArchive(store, engine, Date.now).find(id, id)
  if (!record || !event) return undefined
  const lines = utf8FromBytes(record.value).split('\n')
  return { event, keys: lines.map(keysFromText) }
}

/** A definition and its envelope. */
const FILE_BYTES_MAX = 262_144

const eventFromFile = (path: string): NostrEvent => {
  const size = statSync(path, { throwIfNoEntry: false })?.size
  if (size === undefined) {
    throw usageError(`${path} is no file and no link`, '--definition nostr:nevent… or FILE')
  }
  if (size > FILE_BYTES_MAX)
    throw usageError(`${path} is too large for a definition`, 'see the file')
  return nostrEventFromText(readFileSync(path, 'utf8'))
}

const present = (
  output: Output,
  defined: Defined,
  running: RunningCustodian,
  relays: readonly string[],
): void => {
  const { definition, genesis } = defined
  const head = running.state().member.followed.machine.head.sequence
  const place = placeOf(defined, running.own)
  output.line([
    { text: definition.title || definition.id.slice(0, 8), tone: 'strong' },
    `: ${place}, at step ${head}`,
  ])
  output.table([
    ['definition', definition.id],
    ['machine', genesis.id],
    ...relays.map((one) => ['relay', one]),
  ])
  output.result({
    definition: definition.id,
    machine: genesis.id,
    key: running.own,
    relays,
    step: head.toString(),
    pid: process.pid,
  })
}

const placeOf = ({ custodians, standIns, charter }: Defined, own: string): string => {
  const seat = custodians.indexOf(own) + 1
  if (seat > 0) return `custodian ${seat} of ${custodians.length}`
  const { escalation } = policyIn(charter.terms)
  if (!escalation || !standIns.includes(own)) return 'follows it'
  const after = Number(escalation.after) / 1000
  return `stand-in ${standIns.indexOf(own) + 1} of ${standIns.length}, after ${after} seconds of silence`
}

const failureOf = (store: GuardedStore): Failure | undefined => {
  const status = store.status()
  return status.is === 'stopped' || status.is === 'quarantined'
    ? { says: 'the custodian has stopped', why: status.why }
    : undefined
}
