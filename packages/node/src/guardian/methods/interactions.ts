/** Methods about interactions: sending them, what became of them, and what would become of one. */
import { bytesFromHex } from 'tallystick/base'
import { FUEL_PRICE } from 'tallystick/moi'
import { rpcError } from '../rpc/error.ts'
import { quantityOf } from '../rpc/hex.ts'
import { method, type Method } from '../rpc/method.ts'
import {
  hash32,
  hexBytes,
  identifier,
  maybe,
  number,
  object,
  options,
  withDefault,
} from '../rpc/param.ts'
import { interactionAnswer } from '../shapes/interaction.ts'
import { receiptAnswer } from '../shapes/receipt.ts'
import type { StoredEntry } from '../store/lattice.ts'
import { signedFrom } from '../stored.ts'
import type { GuardianContext } from './context.ts'
import { entryAt } from './tesseracts.ts'

const HASH = `0x${'c3'.repeat(32)}`
const ID = `0x00000000${'1a'.repeat(24)}00000000`

const sendInteractions = method({
  name: 'moi.SendInteractions',
  what: 'Sends a signed interaction. It is checked, and then waits in the pool until its number is the next of its key.',
  params: {
    ix_args: hexBytes('the interaction in POLO, as it was signed; up to 128 KiB'),
    signatures: hexBytes('the list of signatures in POLO'),
  },
  result: 'hash of the interaction: BLAKE2b-256 of `ix_args`',
  example: [{ ix_args: '0e…', signatures: '0e…' }],
  errors: [
    'refused',
    'known-interaction',
    'other-interaction',
    'too-far-ahead',
    'sender-limit',
    'full-pool',
    'later',
  ],
  cost: 20,
  costPerKb: 2,
  run: async ({ submissions }: GuardianContext, args) =>
    `0x${await submissions.submit(args.ix_args, args.signatures)}`,
})

const receipt = method({
  name: 'moi.InteractionReceipt',
  what: 'What became of an interaction. Of one that is in the pool the answer waits up to a second for it to be executed, so that clients who ask at once and then every few seconds need not ask twice.',
  params: { hash: hash32('the interaction') },
  result: 'receipt, see *Shapes*',
  example: [{ hash: HASH }],
  errors: ['no-receipt', 'pending', 'dropped', 'bad-hash'],
  cost: 2,
  run: async (context: GuardianContext, { hash }) => {
    const found = await executed(context, hash)
    if (found) return context.shapes.receipt(found)
    const why = context.submissions.droppedFor(hash)
    if (why !== undefined) throw rpcError('dropped', `interaction dropped: ${why}`)
    throw rpcError(context.pool.has(hash) ? 'pending' : 'no-receipt')
  },
})

/** Waits a moment for what is in the pool. What has left it with a receipt is in the lattice before. */
const executed = async (
  { lattice, pool, waits }: GuardianContext,
  hash: string,
): Promise<StoredEntry | undefined> => {
  if (pool.has(hash)) await waits.wait(hash)
  return lattice.entryByHash(bytesFromHex(hash))
}

const interactionByHash = method({
  name: 'moi.InteractionByHash',
  what: 'An interaction as it was signed. One that waits in the pool has no tesseract yet.',
  params: { hash: hash32('the interaction') },
  result: 'interaction, see *Shapes*',
  example: [{ hash: HASH }],
  errors: ['unknown-interaction', 'bad-hash'],
  cost: 2,
  run: async ({ lattice, shapes, pool }: GuardianContext, { hash }) => {
    const found = await lattice.entryByHash(bytesFromHex(hash))
    if (found?.entry.kind === 'interaction') return shapes.interaction(found)
    const waiting = pool.find(hash)
    if (!waiting) throw rpcError('unknown-interaction')
    return interactionAnswer(signedFrom(hash, waiting.args, waiting.signatures), undefined)
  },
})

const interactionByTesseract = method({
  name: 'moi.InteractionByTesseract',
  what: 'The interaction of a tesseract. A tesseract holds one here; the index 0, and 1, which is what MOI’s client asks for unless told otherwise, both name it.',
  params: {
    address: maybe(identifier('the account, where the tesseract is named by its height')),
    id: maybe(identifier('the same')),
    options: options('which tesseract'),
    ix_index: withDefault(number('position in the tesseract'), 0n),
  },
  result: 'interaction, see *Shapes*',
  example: [{ address: ID, options: { tesseract_number: 1 }, ix_index: '0x0' }],
  errors: [
    'unknown-account',
    'unknown-tesseract',
    'unknown-interaction',
    'empty-options',
    'bad-options',
  ],
  cost: 2,
  run: async (context: GuardianContext, args) => {
    const found = await entryAt(context, args.address ?? args.id, args.options)
    if (found.entry.kind !== 'interaction' || args.ix_index > 1n)
      throw rpcError('unknown-interaction')
    return context.shapes.interaction(found)
  },
})

const asked = {
  ix_args: object('the interaction, its payloads in POLO'),
  options: maybe(object('for accounts, by identifier, at which tesseract they are looked at')),
} as const

const ASKED = {
  ix_args: {
    sender: { id: ID, sequence: 0, key_id: 0 },
    fuel_price: '0x1',
    fuel_limit: '0x2710',
    ix_operations: [{ type: 5, payload: '0x0e…' }],
    participants: [{ id: ID, lock_type: 0 }],
  },
}

const callMethod = method({
  name: 'moi.Call',
  what: 'What an interaction would do now, whoever sends it, without a signature. Nothing is changed and nothing paid.',
  params: asked,
  result: 'receipt; its tesseract is 32 zeros',
  example: [ASKED],
  errors: ['bad-identifier', 'unknown-account', 'too-large'],
  cost: 50,
  costPerKb: 2,
  run: async ({ questions, limits }: GuardianContext, args, caller) => {
    const told = await questions.call(args.ix_args, args.options, caller.connection)
    caller.owe(Math.ceil(Number(told.fuelUsed) / limits.callFuelPerUnit))
    return receiptAnswer(told, undefined)
  },
})

const fuelEstimate = method({
  name: 'moi.FuelEstimate',
  what: 'Fuel that is enough for an interaction: what it would use now, and a quarter of what its logics used, because their state may have moved when its turn comes. What is not used is not paid.',
  params: asked,
  result: 'quantity',
  example: [ASKED],
  errors: ['bad-identifier', 'unknown-account', 'too-large'],
  cost: 50,
  costPerKb: 2,
  run: async ({ questions, limits }: GuardianContext, args, caller) => {
    const fuel = await questions.estimate(args.ix_args, args.options, caller.connection)
    caller.owe(Math.ceil(Number(fuel) / limits.callFuelPerUnit))
    return quantityOf(fuel)
  },
})

const fuelPrice = method({
  name: 'moi.FuelPrice',
  what: 'The one price of fuel.',
  params: {},
  result: 'quantity, in KMOI',
  example: [null],
  cost: 1,
  run: async () => quantityOf(FUEL_PRICE),
})

export const INTERACTION_METHODS: readonly Method<GuardianContext>[] = [
  sendInteractions,
  receipt,
  interactionByHash,
  interactionByTesseract,
  callMethod,
  fuelEstimate,
  fuelPrice,
]
