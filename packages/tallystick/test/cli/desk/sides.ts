/** Alice and Bob at desks of their own, in folders, with a carrier that the test controls. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault } from '../../../src/base/fault.ts'
import type { Signer } from '../../../src/base/verifier.ts'
import { type Desk, openDesk } from '../../../src/cli/desk/desk.ts'
import { type DeskStore, openFolderStore } from '../../../src/cli/desk/store.ts'
import { message } from '../../../src/models/bilateral/message.ts'
import { createParty } from '../../../src/models/bilateral/party.ts'
import type { PartyEffect, PartyInput } from '../../../src/models/bilateral/state.ts'
import { adding, alice, bob, engine, logics, opened, type Person } from '../../kernel/sample.ts'
import { relationship } from '../../models/bilateral/pair.ts'

export const charter: ReturnType<typeof relationship> = relationship()
export const machine: ReturnType<typeof opened>['id'] = opened(charter).id

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'tally-desk-'))

const signerOf = ({ keys }: Person): Signer => ({
  scheme: 'ed25519',
  publicKey: keys.publicKey,
  sign: (digest) => engine.sign('ed25519', keys.secret, digest),
})

let drawn = 0
/** 32 bytes that are different each time. */
export const random = (): Uint8Array => {
  drawn += 1
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(0, drawn)
  return bytes
}

export const deskOver = (position: 0 | 1, store: DeskStore): Desk => {
  const party = createParty({ charter, party: position, keys: [0], logics, verifier: engine })
  if (isFault(party)) throw party
  const signers = new Map([[0, signerOf(position === 0 ? alice : bob)]])
  return openDesk({ party, logics, store, signers, now: () => 0n, random })
}

export const openSide = (position: 0 | 1, folder: string, guard?: string): Desk => {
  const where = guard === undefined ? {} : { guard }
  return deskOver(position, openFolderStore(folder, { machine, durable: false, ...where }))
}

export const wishAt = (desk: Desk, amount = 1n): PartyInput => ({
  is: 'wish',
  operations: [adding(desk.state().machine, amount)],
  premises: [],
  legs: [],
  consents: [],
  attachments: [],
})

/** The desks by their party. */
export type Sides = readonly [Desk, Desk]

/** Carries messages and answers questions with yes until nothing is left. */
export const run = (sides: Sides, of: 0 | 1, effects: readonly PartyEffect[]): void => {
  const waiting = effects.map((effect) => ({ effect, of }))
  for (let turn = 0; turn < 500; turn++) {
    const next = waiting.shift()
    if (!next) return
    const { effect } = next
    const feed = (at: 0 | 1, input: PartyInput): void => {
      for (const one of sides[at].take(input).effects) waiting.push({ effect: one, of: at })
    }
    if (effect.is === 'ask') {
      feed(next.of, { is: 'decide', interaction: effect.interactionId, yes: true })
    }
    if (effect.is === 'send') {
      feed(next.of === 0 ? 1 : 0, { is: 'message', bytes: message.encode(effect.message) })
    }
  }
  throw new Error('the desks do not come to rest')
}

/** One step from wish to rest, by the side whose turn it is. */
export const pay = (sides: Sides, amount = 1n): void => {
  const at = sides[0].state().machine.head.sequence % 2n === 0n ? 0 : 1
  run(sides, at, sides[at].take(wishAt(sides[at], amount)).effects)
}

/** Everything that both have outstanding, until nothing is left. */
export const settle = (sides: Sides): void => {
  for (const at of [0, 1] as const) {
    sides[at].take({ is: 'resend' })
    run(sides, at, sides[at].outstanding())
  }
}
