/** A directory of four operators in this process, made of the pure rules, and people with accounts at it. */
import {
  bytesFromUtf8,
  hexFromBytes,
  isFault,
  type Engine,
  type MachineId,
  type SignerId,
} from 'tallystick/base'
import { createNativeEngine } from 'tallystick/engine-native'
import {
  charter as charterCodec,
  type Charter,
  type Env,
  type Role,
  machineId,
  openMachine,
  soleController,
  statementDigest,
  transitionId,
} from 'tallystick/kernel'
import { ledgerParams, operationOnLedger, STANDARD_LOGICS } from 'tallystick/logic'
import {
  type Answer,
  answers,
  beginOwner,
  certified,
  checkInboxCursor,
  checkSubmission,
  createOwner,
  type DirectoryPolicy,
  directoryTerms,
  inboxCursor,
  inboxItemKey,
  inboxItems,
  type KeptStep,
  keptSteps,
  machineHead,
  type OwnerEffect,
  type OwnerInput,
  type OwnerState,
  receiptVote,
  servedFrom,
  type Submission,
  submissions,
  vowKey,
} from 'tallystick/models'
import { inboxOf } from '../../src/client/inbox.ts'
import type { HttpAnswer, HttpRequest, Surroundings } from '../../src/client/surroundings.ts'

export const engine: Engine = createNativeEngine()

const seedOf = (name: string): Uint8Array => {
  const seed = new Uint8Array(32)
  seed.set(bytesFromUtf8(name))
  return seed
}

export type Person = {
  readonly name: string
  readonly publicKey: Uint8Array
  readonly secret: Uint8Array
}

export const person = (name: string): Person => ({
  name,
  ...engine.fromSeed('ed25519', seedOf(name)),
})

export const NAMES = ['north', 'east', 'south', 'west'] as const
export const operatorKeys: readonly Person[] = NAMES.map(person)

export const policy: DirectoryPolicy = {
  operators: operatorKeys.map(({ name, publicKey }) => ({ name, scheme: 'ed25519', publicKey })),
  threshold: 3,
  faulty: 1,
}

export const accountCharter = (owner: Person, logics: Charter['logics'] = []): Charter => ({
  network: 'test',
  nonce: seedOf(`nonce ${owner.name}`),
  terms: {
    suite: 'classic',
    participants: [{ name: owner.name, controller: soleController('ed25519', owner.publicKey) }],
    turn: { is: 'owner', party: 0 },
    policy: directoryTerms(policy),
  },
  logics,
  state: { is: 'tree' },
})

/** A mint whose machine holds a thousand TICK. */
export const mintCharter = (owner: Person): Charter =>
  accountCharter(owner, [
    {
      name: 'ledger/1',
      params: ledgerParams.encode({
        symbol: 'TICK',
        decimals: 2,
        cap: 1_000_000n,
        issuer: owner.name,
        initial: [{ holder: owner.name, amount: 100_000n }],
      }),
    },
  ])

export const env = (): Env => ({ now: 1000n, random: new Uint8Array(32) })

export const role: Role<OwnerState, OwnerInput, OwnerEffect> = createOwner({
  logics: STANDARD_LOGICS,
  verifier: engine,
})

export const begin = (charter: Charter): OwnerState => {
  const machine = openMachine(charter, STANDARD_LOGICS)
  if (isFault(machine)) throw machine
  return beginOwner(machine, 0)
}

/** The owner after a wish, signed. */
export const wished = (
  state: OwnerState,
  owner: Person,
  wish: Partial<Extract<OwnerInput, { is: 'wish' }>>,
): OwnerState => {
  let next = role.step(
    state,
    { is: 'wish', operations: [], premises: [], proven: [], beside: [], consents: [], ...wish },
    env(),
  )
  for (const effect of role.outstanding(next)) {
    if (effect.is !== 'sign') continue
    const signature = engine.sign('ed25519', owner.secret, effect.digest)
    next = role.step(next, { is: 'signed', digest: hexFromBytes(effect.digest), signature }, env())
  }
  const fault = next.refusals.at(-1)
  if (fault) throw fault
  return next
}

/** The mint after sending this many times a TICK to a name on a machine. */
export const sent = (state: OwnerState, owner: Person, to: MachineId, nonce = 0): OwnerState =>
  wished(state, owner, {
    operations: [
      operationOnLedger(
        { machine: state.machine.id, logic: 0 },
        {
          is: 'send',
          from: { machine: state.machine.id, holder: owner.name },
          to: { machine: to, holder: 'alice' },
          amount: 100n,
          nonce,
        },
      ),
    ],
  })

export const submissionsOf = (state: OwnerState): readonly Submission[] => {
  const genesis = openMachine(state.machine.charter, STANDARD_LOGICS)
  if (isFault(genesis)) throw genesis
  return state.steps.map((step, at) => ({
    transition: step.transition,
    parent: state.steps[at - 1]?.transition ?? genesis.head,
    interaction: step.interaction,
    consents: step.consents,
    proposal: step.signature ?? new Uint8Array(0),
  }))
}

type Route = (path: readonly string[], query: URLSearchParams, body: Uint8Array) => HttpAnswer

/** One operator, as far as a client can tell. */
export type FakeOperator = {
  readonly name: string
  readonly charters: Map<string, Charter>
  readonly vows: Map<string, KeptStep>
  readonly items: Map<SignerId, Uint8Array[]>
  readonly acknowledged: Map<SignerId, bigint>
  isUp: boolean
  readonly handle: (request: Pick<HttpRequest, 'url' | 'method' | 'body'>) => HttpAnswer
}

const ok = (body: Uint8Array = new Uint8Array(0)): HttpAnswer => ({ status: 200, body })
const fault = (status: number, code: string, message = code): HttpAnswer => ({
  status,
  body: bytesFromUtf8(JSON.stringify({ fault: { code, message, place: {} } })),
})

export const createFakeOperator = (at: number): FakeOperator => {
  const key = operatorKeys[at]
  if (!key) throw new Error('no such operator')
  let clock = 1000n + BigInt(at)
  const self: FakeOperator = {
    name: key.name,
    charters: new Map(),
    vows: new Map(),
    items: new Map(),
    acknowledged: new Map(),
    isUp: true,
    handle: ({ url, method, body }) => {
      const { pathname, searchParams } = new URL(url)
      const path = pathname.split('/').slice(2)
      const found = ROUTES[`${method} ${path[0] ?? ''}`]
      return found
        ? found(path, searchParams, body ?? new Uint8Array(0))
        : fault(404, 'http/no-route')
    },
  }
  const keep = (of: Submission): Answer => {
    const place = self.charters.get(of.transition.machine)
    if (!place) return { is: 'refused', code: 'operator/not-served', text: 'no such machine' }
    const refused = checkSubmission(servedFrom(place), of, engine)
    if (refused) return { is: 'refused', code: refused.code, text: refused.message }
    const name = hexFromBytes(vowKey(of.transition))
    const had = self.vows.get(name)
    if (had) {
      const isSame =
        transitionId('classic', had.submission.transition) ===
        transitionId('classic', of.transition)
      return isSame
        ? { is: 'receipt', receipt: had.receipt }
        : { is: 'taken', by: had.submission, receipt: had.receipt }
    }
    clock += 10n
    const digest = statementDigest('classic', receiptVote(of.transition, clock))
    const receipt = {
      operator: at,
      time: clock,
      signature: engine.sign('ed25519', key.secret, digest),
    }
    self.vows.set(name, { submission: of, receipt, certificate: new Uint8Array(0) })
    return { is: 'receipt', receipt }
  }
  const keptOf = (machine: string): readonly KeptStep[] =>
    [...self.vows.values()]
      .filter((one) => one.submission.transition.machine === machine)
      .sort((a, b) => Number(a.submission.transition.sequence - b.submission.transition.sequence))
  const ROUTES: Readonly<Record<string, Route>> = {
    'POST charters': (_, __, body) => {
      const of = charterCodec.decode(body)
      self.charters.set(machineId(of), of)
      return ok()
    },
    'POST steps': (_, __, body) => ok(answers.encode(submissions.decode(body).map(keep))),
    'POST certificates': (_, __, body) => {
      const of = certified.decode(body)
      const name = hexFromBytes(vowKey(of))
      const had = self.vows.get(name)
      if (!had) return fault(404, 'operator/no-step')
      self.vows.set(name, { ...had, certificate: of.certificate })
      return { status: 204, body: new Uint8Array(0) }
    },
    'GET machines': ([, machine = '', what], query) => {
      const of = self.charters.get(machine)
      if (!of) return fault(404, 'operator/not-served')
      const kept = keptOf(machine)
      if (what === 'charter') return ok(charterCodec.encode(of))
      if (what === 'steps') {
        const from = BigInt(query.get('from') ?? '0')
        const limit = Number(query.get('limit') ?? '64')
        return ok(
          keptSteps.encode(
            kept.filter((one) => one.submission.transition.sequence >= from).slice(0, limit),
          ),
        )
      }
      const vowed = kept.at(-1)
      if (!vowed) return fault(404, 'operator/no-step')
      const last = kept.filter((one) => one.certificate.length > 0).at(-1)
      return ok(machineHead.encode({ vowed, certified: last }))
    },
    'POST inbox': ([, device = '', what], _, body) => {
      const of = device as SignerId
      if (what === 'ack') {
        const cursor = inboxCursor.decode(body)
        const wrong = checkInboxCursor(of, idOfOperator(at), cursor, engine)
        if (wrong) return fault(403, wrong.code)
        self.acknowledged.set(of, cursor.next)
        return ok()
      }
      const items = self.items.get(of) ?? []
      const name = hexFromBytes(inboxItemKey(body))
      if (!items.some((one) => hexFromBytes(inboxItemKey(one)) === name)) items.push(body)
      self.items.set(of, items)
      return ok()
    },
    'GET inbox': ([, device = ''], query) => {
      const after = Number(query.get('after') ?? '0')
      const limit = Number(query.get('limit') ?? '64')
      const items = (self.items.get(device as SignerId) ?? []).map((item, index) => ({
        index: BigInt(index),
        time: 0n,
        item,
      }))
      return ok(inboxItems.encode(items.slice(after, after + limit)))
    },
  }
  return self
}

const idOfOperator = (at: number): SignerId => {
  const key = operatorKeys[at]
  if (!key) throw new Error('no such operator')
  return signerOfKey(key)
}

export const signerOfKey = (of: Person): SignerId =>
  inboxOf({ suite: 'classic', key: { scheme: 'ed25519', publicKey: of.publicKey } })

export type Fate = 'whole' | 'lost-before' | 'lost-after' | 'cut' | 'twice' | 'late'

export type FakeNet = {
  readonly operators: readonly FakeOperator[]
  readonly surroundings: Surroundings
  readonly addresses: readonly {
    readonly name: string
    readonly url: string
    readonly token: string
  }[]
  /** What was asked, oldest first. */
  readonly asked: {
    readonly name: string
    readonly path: string
    readonly body: Uint8Array | undefined
  }[]
}

/** A network in which each exchange has a fate. Timers run at a hundredth of their time. */
export const createNet = (fateOf: () => Fate = () => 'whole'): FakeNet => {
  const operators = NAMES.map((_, at) => createFakeOperator(at))
  const asked: FakeNet['asked'] = []
  const http = async (request: HttpRequest): Promise<HttpAnswer> => {
    const { hostname, pathname } = new URL(request.url)
    const operator = operators.find((one) => one.name === hostname)
    if (!operator?.isUp) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    asked.push({ name: operator.name, path: pathname, body: request.body })
    const fate = fateOf()
    if (fate === 'lost-before') throw new Error('connection reset')
    const answer = operator.handle(request)
    if (fate === 'twice') operator.handle(request)
    if (fate === 'lost-after') throw new Error('connection reset')
    if (fate === 'late') await new Promise((resolve) => setTimeout(resolve, 3))
    return fate === 'cut' && answer.body.length > 3
      ? { ...answer, body: answer.body.subarray(0, answer.body.length - 3) }
      : answer
  }
  return {
    operators,
    asked,
    addresses: NAMES.map((name) => ({ name, url: `http://${name}`, token: `token of ${name}` })),
    surroundings: {
      http,
      openSocket: () => {
        throw new Error('no sockets here')
      },
      after: (ms, run) => {
        const timer = setTimeout(run, ms / 100)
        return () => clearTimeout(timer)
      },
      now: () => 1000n,
      random: () => new Uint8Array(32),
    },
  }
}
