/** Joining a machine on relays by its link: the definition is fetched, checked and shown, and its folder made. */
import {
  askYesNoLater,
  type ExitCode,
  isAttended,
  type Output,
  pathFromHere,
  type RelayedAsk,
  usageError,
} from 'tallystick/command'
import { faultFrom, isFault } from 'tallystick/base'
import { createNativeEngine } from 'tallystick/engine-native'
import { fileNameFrom } from 'tallystick/shell'
import { KINDS, type NostrEvent, type PackKeys, partiesOf } from 'tallystick/nostr'
import { existsSync } from 'node:fs'
import { createRelayClient } from '../relay/client.ts'
import { enter } from '../relay/membership.ts'
import { relayUrl } from '../relay/outbox.ts'
import { relaysFrom } from './begin.ts'
import { keepBunker, type Own, ownFrom } from './own.ts'
import { createRelayedFolder, keepKeys } from './folder.ts'
import { type MachineLink, machineLinkFrom } from './link.ts'
import { CATCH_UP_SILENCE_MS } from './limits.ts'
import { listText, namesIn } from './names.ts'
import { catchUp, type Defined, definedBy, withRelayed } from './office.ts'
import { showTermsOf, warningsFor } from './view.ts'

export const joinRelayed = async (output: Output, ask: RelayedAsk): Promise<ExitCode> => {
  const [text = '', ...more] = ask.files ?? []
  if (more.length > 0) throw usageError('one machine is joined at a time', 'tally accept LINK')
  const link = machineLinkFrom(text)
  const relays = [...new Set([...relaysFrom(ask.relay ?? []), ...link.relays])]
  if (relays.length === 0) {
    throw usageError('nothing says at which relay it is', 'add --relay wss://…')
  }
  const own = await ownFrom(output, ask)
  try {
    return await joinAs(output, { ...ask, text, relays, link }, own)
  } finally {
    await own.close()
  }
}

type Joining = RelayedAsk & {
  readonly text: string
  readonly link: MachineLink
  readonly relays: readonly string[]
}

const joinAs = async (output: Output, ask: Joining, own: Own): Promise<ExitCode> => {
  const { text, relays } = ask
  const found = await definitionFor(output, ask, own)
  const { event } = found
  const defined = faultFrom(() => definedBy(event, own.engine))
  if (isFault(defined)) throw defined
  const names = namesIn(defined.definition, own.key)
  output.line([
    { text: names(event.pubkey), tone: 'strong' },
    ' invites to ',
    { text: defined.definition.title, tone: 'strong' },
  ])
  output.line()
  showTermsOf(output, defined, own.key)
  output.line()
  const takesPart = partiesOf(defined.definition).includes(own.key)
  if (!takesPart) output.line('You are not among those it names, and can watch it.', 'warn')
  output.line(
    'Names of custodians are what its author calls them; their keys are what counts.',
    'quiet',
  )
  const answer = await answerOf(ask)
  const said = {
    definition: event.id,
    machine: defined.genesis.id,
    warnings: warningsFor(defined),
    takesPart,
  }
  if (answer !== true) return decline(output, text, answer, said)
  const path = ask.dir ?? folderNameOf(defined)
  if (existsSync(path)) throw usageError(`${path} exists`, 'choose another folder with --dir')
  const named = defined.definition.relays.flatMap((one) => relayUrl(one) ?? [])
  const folder = createRelayedFolder(path, {
    definition: event,
    relays: [...new Set([...relays, ...named])],
    identity: own.identity,
    device: own.device,
    key: own.key,
  })
  keepBunker(folder, own)
  if (found.keys.length > 0) keepKeys(folder, found.keys)
  output.line(`It lies in ${pathFromHere(path)}. Nothing has been signed.`)
  output.result({ ...said, accepted: true, folder: folder.path })
  await withRelayed(output, { ...ask, folder: path }, (office) => catchUp(office))
  output.next(`tally show --dir ${pathFromHere(path)}`)
  return 0
}

const decline = (
  output: Output,
  link: string,
  answer: boolean | undefined,
  said: Readonly<Record<string, unknown>>,
): ExitCode => {
  output.line('Not accepted; nothing was made.')
  output.result({ ...said, accepted: false })
  output.next(answer === false ? 'nothing' : `tally accept ${link} --yes`)
  return answer === false ? 0 : 2
}

const answerOf = async ({ yes, no }: RelayedAsk): Promise<boolean | undefined> => {
  if (yes === true) return true
  if (no === true) return false
  return isAttended() ? askYesNoLater('do you take part?') : undefined
}

const folderNameOf = ({ definition }: Defined): string => {
  const name = fileNameFrom(definition.title)
  return name === '_' ? definition.id.slice(0, 8) : name
}

type Found = { readonly event: NostrEvent; readonly keys: readonly PackKeys[] }

/** The definition in the open, or with the keys that the own pack holds. Raises a usage error where there is neither. */
const definitionFor = async (output: Output, ask: Joining, own: Own): Promise<Found> => {
  const { link, relays } = ask
  if (ask.private !== true) {
    return { event: await definitionAt(output, { ...link, relays }), keys: [] }
  }
  const { engine } = own
  const client = createRelayClient({
    verifier: engine,
    silenceMs: CATCH_UP_SILENCE_MS,
    logins: [await own.events()],
  })
  try {
    const by = { member: await own.member(), machine: link.id, engine }
    const entered = await enter(client, relays, by)
    if (entered) return { event: entered.definition, keys: entered.keys }
    throw usageError(
      'no relay has keys of this machine for you, from who defined it',
      'name another with --relay, or ask who invited you',
    )
  } finally {
    client.close()
  }
}

/** Raises a usage error where no relay has the definition. */
const definitionAt = async (output: Output, link: MachineLink): Promise<NostrEvent> => {
  const client = createRelayClient({
    verifier: createNativeEngine(),
    silenceMs: CATCH_UP_SILENCE_MS,
  })
  try {
    output.progress(`asking ${listText(link.relays)}`)
    const { events, relays } = await client.fetch(link.relays, { ids: [link.id] })
    output.progress()
    const event = events.find((one) => one.id === link.id && one.kind === KINDS.definition)
    if (event) return event
    const silent = relays.filter((one) => one.outcome.is !== 'complete').map((one) => one.relay)
    throw usageError(
      silent.length > 0
        ? `${listText(silent)} did not answer, and nobody else has the definition ${link.id.slice(0, 8)}`
        : `no relay asked has a definition ${link.id.slice(0, 8)}`,
      'if it is a private machine: --private; else name another relay with --relay, or ask who invited you to run tally resend',
    )
  } finally {
    client.close()
  }
}
