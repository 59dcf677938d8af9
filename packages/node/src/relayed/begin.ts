/**
 * Beginning a machine on relays: a definition is checked, signed and published, and its folder made.
 *
 * Promise. Nothing is signed that would be refused here: the definition, the custodians and how many of them it takes are put to the machine
 * first. The folder is made before anything is published, so that what is at a relay is also here.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { hexFromBytes, SKEW_MS_DEFAULT } from 'tallystick/base'
import {
  type ExitCode,
  homeFolder,
  listIdentities,
  type Output,
  pathFromHere,
  readChart,
  oracleFrom,
  type RelayedAsk,
  ringFrom,
  showTextCode,
  usageError,
} from 'tallystick/command'
import {
  type DefinitionWish,
  definitionDraft,
  type NamedParticipant,
  type NostrEvent,
  OUR_ENGINES,
  partiesOf,
} from 'tallystick/nostr'
import { fileNameFrom } from 'tallystick/shell'
import { createRelayClient, type PublishedTo, type RelayClient } from '../relay/client.ts'
import { keepersIn } from '../relay/changes.ts'
import { packsFor, privateTools } from '../relay/membership.ts'
import { newEpochKeys } from '../relay/private.ts'
import { createPrivateClient } from '../relay/private-client.ts'
import type { EventSigner } from '../relay/signer.ts'
import { relayUrl } from '../relay/outbox.ts'
import { createRelayedFolder, keepKeys, type RelayedFolder } from './folder.ts'
import { custodyFrom } from './custody.ts'
import { keyFrom, linkFrom } from './link.ts'
import { placeNameOf } from './names.ts'
import { type Defined, definedBy } from './office.ts'
import { keepBunker, type Own, ownFrom, ownKeyOf } from './own.ts'
import { refusalsOf, resultsOf, showResults } from './publish.ts'
import { showTermsOf, warningsFor } from './view.ts'

export const beginRelayed = async (output: Output, ask: RelayedAsk): Promise<ExitCode> => {
  const { definition } = ask
  if (definition === undefined) {
    throw usageError('custodians hold a process that is declared', 'add --definition FILE')
  }
  const chart = readChart(output, { definition, role: ask.role ?? [], skew: '60', clock: 'none' })
  if (!chart) return 1
  const own = await ownFrom(output, ask)
  try {
    return await beginAs(output, ask, { own, chart })
  } finally {
    await own.close()
  }
}

type Chart = NonNullable<ReturnType<typeof readChart>>

const beginAs = async (
  output: Output,
  ask: RelayedAsk,
  { own, chart }: { readonly own: Own; readonly chart: Chart },
): Promise<ExitCode> => {
  const wish = wishFrom(ask, { ...own, title: chart.definition.id, text: chart.definition.text })
  const path = ask.dir ?? fileNameFrom(chart.definition.id)
  if (existsSync(path)) throw usageError(`${path} exists`, 'choose another folder with --dir')
  const signer = await own.events()
  const now = Math.floor(Date.now() / 1000)
  const event = await signer.sign(definitionDraft(wish, { pubkey: own.key, now }))
  const defined = definedBy(event, own.engine)
  const client = createRelayClient({ verifier: own.engine, logins: [signer] })
  try {
    const refusals = await refusalsOf(client, wish.relays, event)
    if (refusals.length === wish.relays.length) {
      showResults(output, refusals)
      throw usageError('none of the relays would take this definition', 'name others with --relay')
    }
    const folder = createRelayedFolder(path, {
      definition: event,
      relays: wish.relays,
      identity: own.identity,
      device: own.device,
      key: own.key,
    })
    keepBunker(folder, own)
    const published = await publishFirst(client, { folder, own, signer, defined, ask })
    return tell(output, ask, {
      folder,
      defined,
      event,
      results: resultsOf(published),
      count: published.count,
    })
  } finally {
    client.close()
  }
}

/** The definition in the open or, of a private machine, wrapped for the members, after each of them got the keys. */
const publishFirst = async (
  client: RelayClient,
  of: {
    readonly folder: RelayedFolder
    readonly own: Own
    readonly signer: EventSigner
    readonly defined: Defined
    readonly ask: RelayedAsk
  },
): Promise<PublishedTo> => {
  const { folder, own, signer, defined, ask } = of
  const { relays, definition: event } = folder
  if (ask.private !== true) return client.publish(relays, event, { confirm: 'always' })
  const tools = privateTools(own.engine)
  const keys = newEpochKeys(tools)
  keepKeys(folder, [keys])
  const { definition, charter } = defined
  const members = [...partiesOf(definition), ...keepersIn(charter.terms)]
  const packed = { keys, members, title: definition.title, machine: event.id }
  for (const pack of await packsFor(packed, signer, tools)) {
    const { count } = await client.publish(relays, pack, { confirm: 'always' })
    if (count === 0)
      throw usageError('no relay takes the keys for the members', 'name another --relay')
  }
  const wrapped = createPrivateClient(client, { keys: [keys], machine: event.id }, tools)
  return wrapped.publish(relays, event, { confirm: 'always' })
}

type Begun = {
  readonly folder: RelayedFolder
  readonly defined: Defined
  readonly event: NostrEvent
  readonly results: ReturnType<typeof resultsOf>
  readonly count: number
}

const tell = (output: Output, ask: RelayedAsk, begun: Begun): ExitCode => {
  const { folder, defined, event, results, count } = begun
  const link = linkFrom({ id: event.id, relays: folder.relays, author: event.pubkey })
  output.line([
    { text: defined.definition.title, tone: 'strong' },
    ` lies in ${pathFromHere(folder.path)}`,
  ])
  output.line()
  showTermsOf(output, defined, folder.key)
  output.line()
  showResults(output, results)
  output.line()
  output.line(['definition  ', { text: event.id, tone: 'strong' }])
  output.line(['machine     ', { text: defined.genesis.id, tone: 'strong' }])
  output.line(['invitation  ', { text: link, tone: 'strong' }])
  showTextCode(output, { text: link, name: `invite-${event.id.slice(0, 8)}` }, ask)
  output.result({
    machine: defined.genesis.id,
    definition: event.id,
    link,
    folder: folder.path,
    relays: results,
    warnings: warningsFor(defined),
  })
  const dir = ` --dir ${pathFromHere(folder.path)}`
  if (count === 0) {
    output.complain('No relay has the definition yet.', 'bad')
    output.next(`tally resend${dir}`)
    return 2
  }
  output.line()
  const isPrivate = ask.private === true
  const how = isPrivate ? ' --private' : ''
  if (isPrivate) {
    output.line('This machine is private: whoever joins it or holds it says --private.', 'warn')
  }
  output.line(['the others run      ', `tally accept LINK${how}`], 'quiet')
  output.line(
    ['each custodian runs ', `tally serve custodian --data FOLDER --definition LINK${how}`],
    'quiet',
  )
  output.next(`hand the invitation to them; then: tally show${dir}`)
  return 0
}

const wishFrom = (
  ask: RelayedAsk,
  of: Pick<Own, 'device' | 'key'> & { readonly title: string; readonly text: string },
): DefinitionWish => {
  const { custodians, threshold, faulty, escalation } = custodyFrom(ask)
  const relays = relaysFrom(ask.relay ?? [])
  if (relays.length === 0) throw usageError('no relay is named', 'add --relay wss://…, best twice')
  const machine = hexFromBytes(new Uint8Array(randomBytes(8)))
  return {
    text: of.text,
    title: ask.title ?? of.title,
    description: '',
    states: custodians.map(({ key, name }) => ({
      custodian: key,
      name: placeNameOf(machine, name),
    })),
    engines: OUR_ENGINES,
    custody: { is: 'quorum', threshold, ...(faulty !== undefined && { faulty }) },
    ...(escalation && { escalation }),
    participants: [
      ...(ask.role ?? []).flatMap((one) => roleFrom(one, of.key)),
      ...custodians.map(({ key }) => ({ key, relay: '', role: 'custodian' })),
    ],
    relays,
    topics: ['nsm'],
    clock: clockFrom(ask),
    oracles: (ask.oracle ?? []).map(oracleFrom),
    senders: 'anyone',
  }
}

const clockFrom = ({ clock, skew }: RelayedAsk): DefinitionWish['clock'] => {
  if (clock === 'none') return { is: 'none' }
  if (clock !== undefined && clock !== 'agreed') {
    throw usageError(`--clock cannot be "${clock}"`, 'use agreed or none')
  }
  if (skew === undefined) return { is: 'agreed', skewMs: SKEW_MS_DEFAULT }
  if (/^[1-9][0-9]{0,4}$/.test(skew)) return { is: 'agreed', skewMs: Number(skew) * 1000 }
  throw usageError(`--skew cannot be "${skew}"`, 'use a number of seconds')
}

/** Relays in one spelling, each once. Raises a usage error. */
export const relaysFrom = (typed: readonly string[]): readonly string[] => [
  ...new Set(
    typed.map((one) => {
      const relay = relayUrl(one)
      if (relay !== undefined) return relay
      throw usageError(`${one} is no relay`, 'write its address with ws:// or wss:// in front')
    }),
  ),
]

/** ROLE=WHO,WHO where each is a key, or an identity of this user. */
const roleFrom = (typed: string, own: string): readonly NamedParticipant[] => {
  const [, role = '', given = ''] = /^([^=]+)=(.+)$/.exec(typed) ?? []
  if (role === '') throw usageError(`--role ${typed} has no role`, 'use ROLE=npub1…,NAME')
  return given.split(',').map((who) => ({ key: personFrom(who, own), relay: '', role }))
}

const personFrom = (who: string, own: string): string => {
  if (who === 'me') return own
  const key = keyFrom(who)
  if (key !== undefined) return key
  const home = homeFolder(process.env)
  if (listIdentities(home).includes(who)) return ownKeyOf(ringFrom(who), undefined).key
  throw usageError(
    `${who} is no key and no identity of yours`,
    'use npub1…, 64 digits, me, or the name of an identity here',
  )
}
