/** What every command on a machine on relays works with: the folder, its history, and a client of its relays. */
import { join } from 'node:path'
import { type Engine, faultFrom, isFault, type Signer } from 'tallystick/base'
import { dirOptionFor, type Output, type RelayedAsk, takeLock } from 'tallystick/command'
import { createNativeEngine } from 'tallystick/engine-native'
import { type Charter, type Machine, openMachine, type Terms } from 'tallystick/kernel'
import { STANDARD_LOGICS } from 'tallystick/logic'
import { type AgreedStep, CUSTODIANS, policyIn } from 'tallystick/models'
import {
  charterFrom,
  checkNostrEvent,
  definitionFrom,
  evidenceFrom,
  KINDS,
  lieIn,
  type NostrDefinition,
  type NostrEvent,
  partiesOf,
  proofFrom,
  proofOf,
} from 'tallystick/nostr'
import {
  createRelayClient,
  type Fetched,
  type FetchedFrom,
  type RelayClient,
} from '../relay/client.ts'
import {
  changeFilter,
  type Changes,
  createChanges,
  interactionTagOf,
  custodiansIn,
  keepersIn,
  standInsIn,
} from '../relay/changes.ts'
import { createHanded, type Handed, handedFilter } from '../relay/handed.ts'
import { createShelf, proofFilter, type Shelf } from '../relay/shelf.ts'
import type { EventSigner } from '../relay/signer.ts'
import {
  agreedSteps,
  checkedSteps,
  keep,
  keepAgreedSteps,
  keepChecked,
  keptEvents,
  readRelayedFolder,
  type RelayedFolder,
} from './folder.ts'
import { heartbeatFilter, type Newness, newnessIn } from './freshness.ts'
import { agreedFrom, createLedger, type History } from './history.ts'
import { insideOf, type Inside } from './inside.ts'
import { CATCH_UP_SILENCE_MS, EVIDENCE_MAX } from './limits.ts'
import { type Names, namesIn } from './names.ts'
import { askOperators, type AtOperators, directoryAt, isAtDirectory } from './operators.ts'
import { ownOf } from './own.ts'

export type Defined = {
  readonly definition: NostrDefinition
  readonly charter: Charter
  readonly genesis: Machine
  /** Keys of the custodians in the order of their seats, and how many make a step final. */
  readonly custodians: readonly string[]
  readonly threshold: number
  /** Keys of those who help out when too many of them are silent. */
  readonly standIns: readonly string[]
}

export type RelayedOffice = Defined & {
  readonly folder: RelayedFolder
  readonly output: Output
  readonly engine: Engine
  readonly client: RelayClient
  /** Of a private machine: its keys, and a client that wraps nothing. */
  readonly membership: Inside | undefined
  readonly names: Names
  /** Signs an event by the folder's key, here or in a bunker. */
  readonly sign: EventSigner['sign']
  /** For what is no event; not to be had from a bunker. */
  readonly rawSigner: () => Promise<Signer>
  /** Signed events that are kept here, by id. */
  readonly events: () => ReadonlyMap<string, NostrEvent>
  readonly history: () => History
  /** What is known of the machines that this one may rely on. */
  readonly shelf: Shelf
  readonly changes: Changes
  readonly handed: Handed
  /** Keeps steps that came from operators and were judged. */
  readonly adopt: (steps: readonly AgreedStep[]) => void
  /** Custodians and stand-ins of the definition, and those of now. */
  readonly keepers: readonly string[]
  /** Keeps what is new; whether anything was. */
  readonly add: (events: readonly NostrEvent[]) => boolean
}

/** What a checked event defines. Raises faults of the definition, of the charter and of the machine's beginning. */
export const definedBy = (event: NostrEvent, engine: Engine): Defined => {
  const forged = checkNostrEvent(event, engine)
  if (forged) throw forged
  const definition = definitionFrom(event)
  const charter = charterFrom(definition)
  if (isFault(charter)) throw charter
  const genesis = openMachine(charter, STANDARD_LOGICS)
  if (isFault(genesis)) throw genesis
  const { terms } = charter
  return {
    definition,
    charter,
    genesis,
    custodians: custodiansIn(terms),
    threshold: thresholdIn(terms),
    standIns: standInsIn(terms),
  }
}

/** Opens the folder for as long as `work` takes. */
export const withRelayed = async <T>(
  output: Output,
  ask: RelayedAsk,
  work: (office: RelayedOffice) => Promise<T>,
): Promise<T> => {
  const folder = readRelayedFolder(ask.folder ?? '.')
  const engine = createNativeEngine()
  const defined = definedBy(folder.definition, engine)
  const own = ownOf(output, ask, folder)
  // The key is opened for a relay only where that relay asks who is there.
  const login: EventSigner = {
    pubkey: folder.key,
    sign: async (draft) => (await own.events()).sign(draft),
  }
  const bare = createRelayClient({
    verifier: engine,
    silenceMs: CATCH_UP_SILENCE_MS,
    logins: [login],
  })
  const inside = insideOf(bare, { folder, initiator: defined.definition.creator, own, engine })
  const client = inside?.client ?? bare
  try {
    const ledger = ledgerOf(folder, defined, engine)
    const termsNow = (): Terms => ledger.history().machine.terms
    return await work({
      ...defined,
      ...ledger,
      // Whoever the terms name by now; a change of custodians may come while somebody watches.
      get custodians() {
        return custodiansIn(termsNow())
      },
      get standIns() {
        return standInsIn(termsNow())
      },
      get keepers() {
        return [...new Set([...keepersIn(defined.charter.terms), ...keepersIn(termsNow())])]
      },
      get threshold() {
        return thresholdIn(termsNow())
      },
      folder,
      output,
      engine,
      client,
      membership: inside?.membership,
      names: namesIn(defined.definition, folder.key),
      sign: async (draft) => (await own.events()).sign(draft),
      rawSigner: own.raw,
    })
  } finally {
    await own.close()
    client.close()
  }
}

const thresholdIn = (terms: Terms): number =>
  terms.policy.kind === CUSTODIANS ? policyIn(terms).threshold : 0

/** How the user's commands name this folder: not at all where the user stands in it. */
export const dirOf = ({ folder }: Pick<RelayedOffice, 'folder'>): string =>
  dirOptionFor(folder.path)

/** While it is held, no other command makes an input in this folder. Raises `desk/locked`. */
export const holdFolder = ({ folder }: Pick<RelayedOffice, 'folder'>): (() => void) =>
  takeLock(join(folder.path, 'lock'))

const ledgerOf = (
  folder: RelayedFolder,
  { definition, charter, genesis }: Defined,
  verifier: Engine,
): Pick<RelayedOffice, 'events' | 'history' | 'add' | 'shelf' | 'changes' | 'handed' | 'adopt'> => {
  const events = new Map(keptEvents(folder))
  const shelf = createShelf(charter, verifier)
  const said = new Map<string, NostrEvent[]>()
  const note = (event: NostrEvent): void => {
    const id = interactionTagOf(event)
    if (id !== undefined) said.set(id, [...(said.get(id) ?? []), event])
  }
  for (const one of events.values()) note(one)
  const changes = createChanges(charter, definition.id, verifier, (id) => said.get(id) ?? [])
  const handed = createHanded({ definition: definition.id, machine: genesis.id, verifier })
  for (const step of agreedSteps(folder)) handed.add(step)
  const ledger = createLedger({
    definition: definition.id,
    genesis,
    verifier,
    shelf,
    changes,
    handed,
    checked: checkedSteps(folder),
    onChecked: (steps) => keepChecked(folder, steps),
  })
  ledger.take(events.values())
  return {
    shelf,
    changes,
    handed,
    adopt: (steps) => {
      const fresh = steps.filter((one) => handed.add(one))
      keepAgreedSteps(folder, fresh)
      if (fresh.length > 0) ledger.renew()
    },
    events: () => events,
    history: ledger.now,
    add: (arrived) => {
      const fresh = arrived.filter((one) => !events.has(one.id))
      if (fresh.length === 0) return false
      keep(folder, fresh)
      for (const one of fresh) {
        events.set(one.id, one)
        note(one)
      }
      ledger.take(fresh)
      return true
    },
  }
}

/** What relays are asked for. Receipts and rejections count from custodians alone, inputs from participants alone. */
export const filtersOf = ({
  definition,
  keepers,
}: Pick<RelayedOffice, 'definition' | 'keepers'>): readonly Parameters<
  RelayClient['fetch']
>[1][] => {
  const machine = { '#e': [definition.id] }
  return [
    {
      ...machine,
      kinds: [KINDS.receipt, KINDS.rejection, KINDS.acceptance],
      authors: [...keepers],
    },
    { ...machine, kinds: [KINDS.input], authors: [...partiesOf(definition)] },
    { ...machine, kinds: [KINDS.evidence] },
    proofFilter(definition, keepers),
    changeFilter(definition),
    handedFilter(definition),
  ]
}

export type CaughtUp = {
  /** Relays that did not show all they have, with the reason. */
  readonly unsure: readonly { readonly relay: string; readonly why: string }[]
  readonly isComplete: boolean
  readonly newness: Newness
}

/** Fetches what relays have and keeps what belongs to the machine. */
export const catchUp = async (office: RelayedOffice): Promise<CaughtUp> => {
  const { client, folder, output } = office
  output.progress(`asking ${folder.relays.length} relays`)
  const [beats, ...fetched] = await Promise.all(
    [heartbeatFilter(office), ...filtersOf(office)].map((filter): Promise<Fetched> =>
      client.fetch(folder.relays, filter, { authors: filter.authors ?? [] }),
    ),
  )
  output.progress()
  const before = office.keepers.length
  take(
    office,
    fetched.flatMap((one) => one.events),
  )
  // Custodians who came in with a step that was just read have said more.
  if (office.keepers.length > before) return catchUp(office)
  const silent = await catchUpAtOperators(office)
  const unsure = new Map(
    fetched
      .flatMap((one) => one.relays)
      .flatMap((one) => {
        const why = wordsFor(one)
        return why === undefined ? [] : [[one.relay, why]]
      }),
  )
  return {
    unsure: [...unsure, ...silent].map(([relay, why]) => ({ relay, why })),
    isComplete: fetched.every((one) => one.isComplete),
    newness: newnessIn(office, beats?.events ?? [], BigInt(Date.now())),
  }
}

/** What operators have certified, where a directory certifies it and its address is known here. */
const catchUpAtOperators = async (office: RelayedOffice): Promise<ReadonlyMap<string, string>> => {
  const { history, folder, engine } = office
  const directory = isAtDirectory(history().machine) && directoryAt(folder.path, engine)
  return directory ? askOperators(directory, atOperators(office)) : new Map()
}

/** Where the machine stands with the operators of a directory. */
export const atOperators = ({ history, engine, adopt }: RelayedOffice): AtOperators => {
  const { machine, start, steps } = history()
  const since = steps.filter((one) => one.transition.sequence > start.head.sequence)
  return { machine, start, steps: since.map(agreedFrom), verifier: engine, adopt }
}

/** Keeps those of the events that say something about the machine; whether anything was new. */
export const take = (office: RelayedOffice, events: readonly NostrEvent[]): boolean => {
  const known = [...office.events().values()].filter((one) => one.kind === KINDS.evidence).length
  let room = EVIDENCE_MAX - known
  return office.add(
    events.filter((one) => {
      if (office.events().has(one.id)) return false
      if (one.kind === KINDS.proof) return isProofFor(office, one)
      if (one.kind === KINDS.change || one.kind === KINDS.certifiedStep)
        return partiesOf(office.definition).includes(one.pubkey)
      if (one.kind !== KINDS.evidence) return true
      room -= 1
      return room >= 0 && isProven(office, one)
    }),
  )
}

/** Whether it may show something of a machine that this one relies on. What it shows is looked at with the history. */
const isProofFor = ({ definition, keepers, shelf }: RelayedOffice, event: NostrEvent): boolean => {
  const proof = faultFrom(() => proofFrom(event))
  if (isFault(proof) || proof.machine !== definition.id || !shelf.wanted.has(proof.about))
    return false
  return proofFilter(definition, keepers).authors.includes(event.pubkey)
}

/** Whether signatures show what it says, or running the rules. Anything else is somebody's opinion, and is not kept. */
export const isProven = (
  {
    engine,
    keepers,
    definition,
    charter,
    history,
  }: Pick<RelayedOffice, 'engine' | 'keepers' | 'definition' | 'charter' | 'history'>,
  event: NostrEvent,
): boolean => {
  try {
    const of = evidenceFrom(event, engine)
    // Anybody can prove anything against keys of his own making.
    const isOurs = [...keepers, ...partiesOf(definition)].includes(of.accused)
    if (!isOurs || of.machine !== definition.id) return false
    if (of.proof) {
      const terms = [charter.terms, history().machine.terms]
      return !isFault(lieIn(of, { terms, logics: STANDARD_LOGICS, verifier: engine }))
    }
    return proofOf(of, engine) === 'proven'
  } catch (error) {
    if (isFault(error)) return false
    throw error
  }
}

const wordsFor = ({ outcome }: FetchedFrom): string | undefined => {
  switch (outcome.is) {
    case 'complete':
      return undefined
    case 'unreachable':
    case 'incomplete':
      return outcome.why
  }
}
