/** Methods about logics: their manifests and what they keep. */
import { concatBytes, isFault } from 'tallystick/base'
import {
  actorPath,
  countRecord,
  hexFromMoiId,
  jsonTextFromManifest,
  logicPlacePath,
  logicRecord,
  manifestPath,
  moiIdRecord,
  PATH,
  readManifest,
  statePath,
  valueOr,
} from 'tallystick/moi'
import { rpcError } from '../rpc/error.ts'
import { hexOf } from '../rpc/hex.ts'
import { method, type Method } from '../rpc/method.ts'
import { hexBytes, identifier, maybe, options, text } from '../rpc/param.ts'
import type { MoiId } from '../store/entry.ts'
import type { ReadAccount } from '../views.ts'
import { accountQuestion, LATEST, PAST } from './account-question.ts'
import { type GuardianContext, viewAt } from './context.ts'

const ID = `0x20010000${'3c'.repeat(24)}00000000`
const KEY = `0x${'00'.repeat(32)}`

const logicIds = accountQuestion({
  name: 'moi.LogicIDs',
  what: 'The logics that an account deployed.',
  result: 'list of identifiers',
  cost: 5,
  answer: (read, account) =>
    Array.from({ length: valueOr(countRecord, read(account, PATH.logicCount), 0) }, (_, at) =>
      read(account, logicPlacePath(at)),
    ).flatMap((value) => (value === undefined ? [] : [hexFromMoiId(moiIdRecord.decode(value))])),
})

const logicStorage = method({
  name: 'moi.LogicStorage',
  what: 'A value that a logic keeps: in its own account, or, where `id` is given, in that participant’s.',
  params: {
    logic_id: identifier('the logic'),
    storage_key: hexBytes('where: 32 bytes'),
    id: maybe(identifier('the participant')),
    options: options('which tesseract of the account in which the value lies'),
  },
  result: 'the value in POLO',
  example: [{ logic_id: ID, storage_key: KEY, options: LATEST }],
  errors: ['unknown-key', ...PAST],
  cost: 2,
  run: async (context: GuardianContext, args) => {
    const { logic_id: logic, id: actor, storage_key: key } = args
    const account = actor ?? logic
    const view = await viewAt(context, { id: account, options: args.options })
    const path = actor === undefined ? statePath(key) : actorPath(logic, key)
    const value = await context.views.ask([view], (read) => read(account, path))
    if (value === undefined) throw rpcError('unknown-key')
    return hexOf(value)
  },
})

/** The manifest in POLO; undefined for what has no logic. */
const manifestOf = (read: ReadAccount, logic: MoiId): Uint8Array | undefined => {
  const value = read(logic, PATH.logic)
  if (value === undefined) return undefined
  const { size } = logicRecord.decode(value)
  const parts: Uint8Array[] = []
  for (let at = 0, left = size; left > 0; at++) {
    const part = read(logic, manifestPath(at))
    if (part === undefined) throw new Error('every part of a manifest is there')
    parts.push(part)
    left -= part.length
  }
  return concatBytes(...parts)
}

const logicManifest = method({
  name: 'moi.LogicManifest',
  what: 'The manifest of a logic, or of the logic of an asset.',
  params: {
    logic_id: identifier('the logic or asset'),
    encoding: text('`JSON` or `POLO`'),
    options: options('which tesseract of its account'),
  },
  result: 'hexadecimal: of the text in JSON, or of the manifest in POLO',
  example: [{ logic_id: ID, encoding: 'JSON', options: LATEST }],
  errors: ['unknown-logic', ...PAST],
  cost: 20,
  run: async (context: GuardianContext, { logic_id: id, encoding, options: at }) => {
    if (encoding !== 'JSON' && encoding !== 'POLO') {
      throw rpcError('bad-params', 'invalid params: encoding is JSON or POLO')
    }
    const view = await viewAt(context, { id, options: at })
    const manifest = await context.views.ask([view], (read) => manifestOf(read, id))
    if (manifest === undefined) throw rpcError('unknown-logic')
    if (encoding === 'POLO') return hexOf(manifest)
    const read = readManifest(manifest)
    if (isFault(read)) throw read
    return hexOf(Buffer.from(jsonTextFromManifest(read), 'utf8'))
  },
})

export const LOGIC_METHODS: readonly Method<GuardianContext>[] = [
  logicIds,
  logicStorage,
  logicManifest,
]
