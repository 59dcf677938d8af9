/**
 * T3: a whole payment between two parties. Each takes part through its real desk: signs what it must, checks what the other
 * signed, stores before it hands anything out. Messages go from one to the other in this process, as bytes.
 *
 * Beside it, in the same rounds: the signatures and checks of one payment and nothing else, and as many syncs of a
 * small file as a stored payment makes. What the machinery costs is what is left.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault } from '../base/fault.ts'
import type { SchemeId, SuiteId } from '../base/suite.ts'
import type { Engine, Signer, Verifier } from '../base/verifier.ts'
import { type Desk, openDesk } from '../cli/desk/desk.ts'
import { createMemoryStore, type DeskStore, openFolderStore } from '../cli/desk/store.ts'
import { createNativeEngine } from '../engine/native.ts'
import type { Charter } from '../kernel/charter.ts'
import { soleController } from '../kernel/controller.ts'
import { type Machine, openMachine } from '../kernel/execute.ts'
import { operationOnLedger } from '../logic/ledger-operation.ts'
import { ledgerParams } from '../logic/ledger-params.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { message } from '../models/bilateral/message.ts'
import { createParty } from '../models/bilateral/party.ts'
import { BILATERAL_TERMS } from '../models/bilateral/policy.ts'
import type { PartyInput } from '../models/bilateral/state.ts'
import { atLeast, type Figure, figureFrom, knownFigure, rateFigure } from './figure.ts'
import { type Case, interleave, perRound, type Rounds, type Samples } from './harness.ts'
import { samplesOf } from './t0.ts'

const NAMES = ['alice', 'bob'] as const
const SUITES: readonly (readonly [suite: SuiteId, scheme: SchemeId])[] = [
  ['quantum', 'ml-dsa-44'],
  ['classic', 'ed25519'],
]
const COUNT = 40

export const benchT3 = (rounds: Rounds): readonly Figure[] => {
  const folder = mkdtempSync(join(tmpdir(), 'tally-bench-'))
  try {
    return SUITES.flatMap(([suite, scheme]) => benchSuite(rounds, { suite, scheme, folder }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Of = { readonly suite: SuiteId; readonly scheme: SchemeId; readonly folder: string }

/** What a payment does beside computing, counted while it runs. */
type Counts = { signs: number; checks: number; syncs: number; messages: number; bytes: number }

const benchSuite = (rounds: Rounds, of: Of): readonly Figure[] => {
  const engine = createNativeEngine()
  const memory = createRelation(engine, of, 'memory')
  const disk = createRelation(engine, of, 'disk')
  for (let warm = 0; warm < COUNT; warm++) memory.pay()
  const one = countsOf(memory)
  const stored = countsOf(disk)
  const sync = openSync(join(of.folder, `sync-${of.suite}`), 'w')
  const all = interleave(
    [
      { name: 'memory', count: COUNT, run: () => repeat(memory.pay) },
      { name: 'disk', count: COUNT, run: () => repeat(disk.pay) },
      signaturesAlone(engine, of, one),
      { name: 'syncs', count: COUNT, run: () => repeat(() => syncs(sync, stored.syncs)) },
    ],
    rounds,
    wallNanos,
  )
  closeSync(sync)
  const figures = figuresOf(of.suite, all, { one, stored, sizes: disk.sizes() })
  memory.close()
  disk.close()
  return figures
}

const repeat = (run: () => void): void => {
  for (let at = 0; at < COUNT; at++) run()
}

/** By the clock on the wall: the disk's time is no processor's. */
const wallNanos = (): number => performance.now() * 1e6

const syncs = (file: number, count: number): void => {
  for (let at = 0; at < count; at++) {
    writeSync(file, SYNCED)
    fdatasyncSync(file)
  }
}
const SYNCED = new Uint8Array(512)

const countsOf = (relation: Relation): Counts => {
  Object.assign(relation.counts, { signs: 0, checks: 0, syncs: 0, messages: 0, bytes: 0 })
  relation.pay()
  return { ...relation.counts }
}

const signaturesAlone = (engine: Engine, { scheme }: Of, counts: Counts): Case => {
  const { publicKey, secret } = keysOf(engine, scheme, 0)
  const digest = new Uint8Array(32).fill(7)
  const signature = engine.sign(scheme, secret, digest)
  return {
    name: 'signatures',
    count: COUNT,
    run: () =>
      repeat(() => {
        for (let at = 0; at < counts.signs; at++) engine.sign(scheme, secret, digest)
        for (let at = 0; at < counts.checks; at++)
          engine.verify(scheme, publicKey, digest, signature)
      }),
  }
}

const figuresOf = (
  suite: SuiteId,
  all: ReadonlyMap<string, Samples>,
  of: { readonly one: Counts; readonly stored: Counts; readonly sizes: readonly number[] },
): readonly Figure[] => {
  const [memory, disk, signatures, sync] = ['memory', 'disk', 'signatures', 'syncs'].map((name) =>
    samplesOf(all, name),
  )
  if (!memory || !disk || !signatures || !sync) return []
  const id = 'T3'
  const { signs, checks, messages, bytes } = of.one
  const share = perRound([signatures, memory], (a = 0, b = 1) => a / b)
  const durable = perRound([signatures, sync, disk], (a = 0, b = 0, c = 1) => (a + b) / c)
  const counted = `${signs} signatures, ${checks} checks`
  return [
    rateFigure({ id, name: `payments in memory, ${suite}` }, memory),
    figureFrom(
      {
        id,
        name: `of what its signatures allow, ${suite}`,
        unit: 'ratio',
        goal: atLeast(0.85),
        note: counted,
      },
      share,
    ),
    rateFigure({ id, name: `payments stored by both, ${suite}` }, disk),
    figureFrom(
      {
        id,
        name: `of what signatures and syncs allow, ${suite}`,
        unit: 'ratio',
        goal: atLeast(0.6),
        note: `${of.stored.syncs} syncs`,
      },
      durable,
    ),
    knownFigure(
      { id, name: `sent for a payment, ${suite}`, unit: 'bytes', note: `${messages} messages` },
      bytes,
    ),
    ...of.sizes.map((size, at) =>
      knownFigure(
        { id, name: `stored for it by ${NAMES[at] ?? ''}, ${suite}`, unit: 'bytes' },
        size,
      ),
    ),
  ]
}

type Relation = {
  readonly pay: () => void
  readonly counts: Counts
  /** Bytes stored for each payment so far, by side. */
  readonly sizes: () => readonly number[]
  readonly close: () => void
}

const keysOf = (engine: Engine, scheme: SchemeId, at: number) =>
  engine.fromSeed(scheme, new Uint8Array(32).fill(at + 1))

const charterOf = (engine: Engine, { suite, scheme }: Of): Charter => ({
  network: 'bench',
  nonce: new Uint8Array(32),
  terms: {
    suite,
    participants: NAMES.map((name, at) => ({
      name,
      controller: soleController(scheme, keysOf(engine, scheme, at).publicKey),
    })),
    turn: { is: 'leader', party: 0 },
    policy: BILATERAL_TERMS,
  },
  logics: [
    {
      name: 'ledger/1',
      params: ledgerParams.encode({
        symbol: 'TICK',
        decimals: 0,
        cap: 1_000_000_000n,
        issuer: undefined,
        initial: [{ holder: NAMES[0], amount: 1_000_000_000n }],
      }),
    },
  ],
  state: { is: 'tree' },
})

const createRelation = (engine: Engine, of: Of, where: 'memory' | 'disk'): Relation => {
  const counts: Counts = { signs: 0, checks: 0, syncs: 0, messages: 0, bytes: 0 }
  const charter = charterOf(engine, of)
  const machine = openMachine(charter, STANDARD_LOGICS)
  if (isFault(machine)) throw machine
  const stores = NAMES.map((name) => storeOf(counts, machine, { ...of, where, name }))
  const desks = stores.map((store, at) =>
    deskOf(engine, { charter, store, at, counts, scheme: of.scheme }),
  )
  let payments = 0
  return {
    counts,
    pay: () => {
      payments += 1
      carry(desks, paymentIn(machine), counts)
    },
    sizes: () => stores.map((store) => store.size().total / payments),
    close: () => {
      for (const desk of desks) desk.close()
    },
  }
}

const storeOf = (
  counts: Counts,
  machine: Machine,
  of: Of & { readonly where: 'memory' | 'disk'; readonly name: string },
): DeskStore => {
  if (of.where === 'memory') return createMemoryStore()
  const folder = join(of.folder, `${of.suite}-${of.name}`)
  const store = openFolderStore(folder, { machine: machine.id, durable: true })
  let last: unknown
  return {
    ...store,
    // One sync for the journal if anything is added, and one for the guard if the last vow is another.
    record: (inputs, vow) => {
      counts.syncs += (inputs.length > 0 ? 1 : 0) + (vow && vow !== last ? 1 : 0)
      if (vow) last = vow
      store.record(inputs, vow)
    },
  }
}

const deskOf = (
  engine: Engine,
  of: {
    readonly charter: Charter
    readonly store: DeskStore
    readonly at: number
    readonly counts: Counts
    readonly scheme: SchemeId
  },
): Desk => {
  const { publicKey, secret } = keysOf(engine, of.scheme, of.at)
  const verifier: Verifier = {
    ...engine,
    verify: (...given) => {
      of.counts.checks += 1
      return engine.verify(...given)
    },
  }
  const signer: Signer = {
    scheme: of.scheme,
    publicKey,
    sign: (digest) => {
      of.counts.signs += 1
      return engine.sign(of.scheme, secret, digest)
    },
  }
  const { charter, at: party, store } = of
  const role = createParty({ charter, party, keys: [0], logics: STANDARD_LOGICS, verifier })
  if (isFault(role)) throw role
  return openDesk({
    party: role,
    logics: STANDARD_LOGICS,
    store,
    signers: new Map([[0, signer]]),
    now: () => 1n,
    random: () => new Uint8Array(32),
  })
}

const paymentIn = (machine: Machine): PartyInput => ({
  is: 'wish',
  operations: [
    operationOnLedger(
      { machine: machine.id, logic: 0 },
      {
        is: 'transfer',
        from: { machine: machine.id, holder: NAMES[0] },
        to: { machine: machine.id, holder: NAMES[1] },
        amount: 1n,
      },
    ),
  ],
  premises: [],
  legs: [],
  consents: [],
  attachments: [],
})

/** Hands messages from desk to desk until nobody has anything to say. */
const carry = (desks: readonly Desk[], wish: PartyInput, counts: Counts): void => {
  const post: { readonly to: number; readonly input: PartyInput }[] = [{ to: 0, input: wish }]
  for (let next = post.shift(); next; next = post.shift()) {
    const { effects = [], refused = [] } = desks[next.to]?.take(next.input) ?? {}
    if (refused[0]) throw refused[0]
    for (const effect of effects) {
      if (effect.is === 'send') {
        const bytes = message.encode(effect.message)
        counts.messages += 1
        counts.bytes += bytes.length
        post.push({ to: effect.to, input: { is: 'message', bytes } })
      } else if (effect.is === 'ask') {
        const { interactionId: interaction } = effect
        post.push({ to: next.to, input: { is: 'decide', interaction, yes: true } })
      }
    }
  }
}
