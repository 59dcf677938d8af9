/**
 * A program that pays for ever: one side of a relationship, at a desk in a folder, over a loopback socket. The test
 * kills it at random and starts it again. Each line it prints is true of what is on disk by then.
 */
import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { isFault } from '../../../src/base/fault.ts'
import { connectOnLoopback, type Link, listenOnLoopback } from '../../../src/cli/carrier/socket.ts'
import { openDesk } from '../../../src/cli/desk/desk.ts'
import { type DeskStore, openFolderStore } from '../../../src/cli/desk/store.ts'
import { operationOnLedger } from '../../../src/logic/ledger-operation.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { proposerAt } from '../../../src/kernel/charter.ts'
import { message } from '../../../src/models/bilateral/message.ts'
import type { RecordedInput } from '../../../src/models/bilateral/input.ts'
import { createParty } from '../../../src/models/bilateral/party.ts'
import type { PartyEffect, PartyInput } from '../../../src/models/bilateral/state.ts'
import { balancesOf, charter, engine, keysOf, machineOf, NAMES } from './payment.ts'

const [folder = '', side = '', portText = '', manner = ''] = process.argv.slice(2)
const position = side === '0' ? 0 : 1
const port = Number(portText)
const RETRY_MS = 15

const party = createParty({
  charter,
  party: position,
  keys: [0],
  logics: STANDARD_LOGICS,
  verifier: engine,
})
if (isFault(party)) throw party
const { publicKey, secret } = keysOf(position)

/** A store that says it has stored before it has, for the test that shows that the test can fail. */
const careless = (store: DeskStore): DeskStore => {
  let held: RecordedInput[] = []
  return {
    ...store,
    record: (inputs, last) => {
      const earlier = held
      held = [...inputs]
      store.record(earlier, last)
    },
  }
}

const store = openFolderStore(folder, { machine: machineOf().id, durable: true })
const desk = openDesk({
  party,
  logics: STANDARD_LOGICS,
  store: manner === 'careless' ? careless(store) : store,
  signers: new Map([
    [0, { scheme: 'ed25519', publicKey, sign: (digest) => engine.sign('ed25519', secret, digest) }],
  ]),
  now: () => BigInt(Date.now()),
  random: () => new Uint8Array(randomBytes(32)),
})

let link: Link | undefined
let isPaying = true
let told = desk.state().machine.head.sequence

const say = (...words: readonly (string | bigint)[]): void => {
  writeSync(1, `${words.join(' ')}\n`)
}

const standing = (): readonly (string | bigint)[] => {
  const { machine } = desk.state()
  return [machine.head.sequence, machine.headId, ...balancesOf(machine)]
}

const perform = (effects: readonly PartyEffect[]): void => {
  for (const effect of effects) {
    if (effect.is === 'send') link?.send(message.encode(effect.message))
    if (effect.is === 'ask') {
      feed({ is: 'decide', interaction: effect.interactionId, yes: true })
    }
  }
}

const feed = (input: PartyInput): void => {
  const { effects } = desk.take(input)
  const { head } = desk.state().machine
  if (head.sequence > told) say('final', ...standing())
  told = head.sequence
  perform(effects)
}

/** Pays a small amount when it is this side's turn and nothing is on its way. */
const payOn = (): void => {
  const { machine, pending, book } = desk.state()
  const isOurs = proposerAt(machine.terms, machine.head.sequence + 1n) === position
  if (!isPaying || !isOurs || pending || book.leaving || !link) return
  const [from, to] = [NAMES[position], NAMES[1 - position]]
  if (!from || !to) return
  const amount = BigInt(1 + (randomBytes(1)[0] ?? 0))
  const asset = { machine: machine.id, logic: 0 }
  const operation = operationOnLedger(asset, {
    is: 'transfer',
    from: { machine: machine.id, holder: from },
    to: { machine: machine.id, holder: to },
    amount,
  })
  feed({
    is: 'wish',
    operations: [operation],
    premises: [],
    legs: [],
    consents: [],
    attachments: [],
  })
}

const greet = (opened: Link): void => {
  link = opened
  feed({ is: 'resend' })
  perform(desk.outstanding())
  payOn()
}

const handlers = {
  onOpen: greet,
  onMessage: (bytes: Uint8Array, from: Link) => {
    link = from
    feed({ is: 'message', bytes })
    payOn()
    const { pending, peer, machine } = desk.state()
    const isLevel = peer?.head === machine.headId
    if (!isPaying && !pending && isLevel) say('rest', ...standing())
  },
  onEnd: () => {
    link = undefined
    if (position === 1) setTimeout(meet, RETRY_MS)
  },
}

const meet = (): void => {
  const met =
    position === 0 ? listenOnLoopback(port, () => handlers) : connectOnLoopback(port, handlers)
  met.catch(() => setTimeout(meet, RETRY_MS))
}

say('open', ...standing(), desk.restored ? 'restored' : 'whole')
process.stdin.on('data', () => {
  isPaying = false
  feed({ is: 'resend' })
})
// A message may be lost with the process that sent it.
setInterval(() => {
  feed({ is: 'resend' })
  payOn()
}, 100)
meet()
