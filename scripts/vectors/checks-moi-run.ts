/** The check of executions of MOI interactions: admission, what becomes of accounts, and the receipt. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { Fault } from '../../packages/tallystick/src/base/fault.ts'
import { MOI } from '../../packages/tallystick/src/base/moi-suite.ts'
import {
  type NetworkMachine,
  openNetwork,
} from '../../packages/tallystick/src/dialects/moi/charters.ts'
import { hexFromMoiId, type MoiId } from '../../packages/tallystick/src/dialects/moi/identifier.ts'
import {
  interactionHash,
  readInteraction,
} from '../../packages/tallystick/src/dialects/moi/interaction.ts'
import { keyOfPath } from '../../packages/tallystick/src/dialects/moi/lattice.ts'
import { legsOf } from '../../packages/tallystick/src/dialects/moi/legs.ts'
import { validate } from '../../packages/tallystick/src/dialects/moi/run/admission.ts'
import type { ReadAccount } from '../../packages/tallystick/src/dialects/moi/run/draft.ts'
import { receipt, receiptHash } from '../../packages/tallystick/src/dialects/moi/run/receipt.ts'
import { run } from '../../packages/tallystick/src/dialects/moi/run/run.ts'
import { readSignatures } from '../../packages/tallystick/src/dialects/moi/signature.ts'
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import { charter } from '../../packages/tallystick/src/kernel/charter.ts'
import type { Path } from '../../packages/tallystick/src/kernel/logic.ts'
import { emptyTree, replace, rootOf, type Tree } from '../../packages/tallystick/src/state/tree.ts'
import { type Check, type Finding, type Json, type JsonObject, unless } from './finding.ts'
import { LOGICS } from './models.ts'
import { bigAt, bytesAt, idAt, objectsAt, plain, textAt } from './read.ts'

const verifier = createPortableEngine()

/** Parts of a path as JSON: texts, and bytes in hexadecimal. */
export const jsonOfPath = (path: Path): readonly JsonObject[] =>
  path.map((part): JsonObject =>
    typeof part === 'string' ? { text: part } : { bytes: hexFromBytes(part) },
  )

const pathIn = (value: JsonObject): Path =>
  objectsAt(value, 'path').map((part) =>
    'text' in part ? textAt(part, 'text') : bytesAt(part, 'bytes'),
  )

const nameOf = (account: MoiId, path: Path): string =>
  `${account} ${JSON.stringify(jsonOfPath(path))}`

type Accounts = {
  readonly read: ReadAccount
  readonly trees: ReadonlyMap<MoiId, Tree>
}

/** The accounts' states, which begin with nothing but what stands here. */
const accountsIn = (input: JsonObject, network: NetworkMachine): Accounts => {
  const values = new Map<string, Uint8Array>()
  const trees = new Map<MoiId, Tree>()
  for (const account of objectsAt(input, 'accounts')) {
    const id = idAt<'moi'>(account, 'id')
    const changes = objectsAt(account, 'values').map((one) => {
      const [path, value] = [pathIn(one), bytesAt(one, 'value')]
      values.set(nameOf(id, path), value)
      return { key: keyOfPath(network, path), value }
    })
    trees.set(id, replace(emptyTree(MOI), changes))
  }
  return { read: (account, path) => values.get(nameOf(account, path)), trees }
}

const rootsOf = (trees: ReadonlyMap<MoiId, Tree>): Json =>
  [...trees].map(([id, tree]) => ({ id: hexFromMoiId(id), root: rootOf(tree) }))

const execution = (input: JsonObject): Finding => {
  const network = unless(openNetwork(charter.decode(bytesAt(input, 'network')), LOGICS))
  const { read, trees } = accountsIn(input, network)
  const bytes = bytesAt(input, 'args')
  const args = unless(readInteraction(bytes))
  const signatures = unless(readSignatures(bytesAt(input, 'signatures')))
  const common = { args, read, network: network.network }
  const refusal = validate({ ...common, bytes, signatures, verifier, at: 'execution' })
  if (refusal) throw new Fault('moi/refused', refusal.message)
  const hash = interactionHash(bytes)
  const ran = run({ ...common, hash, time: bigAt(input, 'time') })
  const legs = unless(legsOf(args, ran, read))
  const after = new Map<MoiId, Tree>()
  for (const { account, access } of legs) {
    if (access !== 'write') continue
    const changes = ran.changes.flatMap((one) =>
      one.account === account ? [{ key: keyOfPath(network, one.path), value: one.value }] : [],
    )
    after.set(account, replace(trees.get(account) ?? emptyTree(MOI), changes))
  }
  return {
    expected: {
      hash: hexFromBytes(hash),
      receipt: hexFromBytes(receipt.encode(ran.receipt)),
      receiptHash: hexFromBytes(receiptHash(ran.receipt)),
      says: plain(ran.receipt),
      legs: legs.map(({ account, access }) => ({ id: hexFromMoiId(account), access })),
      before: rootsOf(trees),
      changes: ran.changes.map(({ account, path, value }) => ({
        id: hexFromMoiId(account),
        path: jsonOfPath(path),
        value: value ? hexFromBytes(value) : null,
      })),
      after: rootsOf(after),
    },
  }
}

export const moiRunChecks: Readonly<Record<string, Check>> = { 'moi-execution': execution }
