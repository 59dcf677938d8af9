/**
 * An operator's folder: its key, its tokens and its card, beside the store's own files.
 *
 *     operator.json       name, suite, scheme, public key; the address while it runs. For others
 *     operator.key.json   the key, sealed under a passphrase like every key of `tally`
 *     operator.open-key   or the key as it is, for trying out; readable by its owner alone
 *     token               allows to submit; `Authorization: Bearer …`
 *     tokens/NAME         further ones: `read` or `submit`, a blank, and the token
 *
 * Promise. A key or token that others may read is not used. The key is never replaced by a new one.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  bytesFromHex,
  bytesFromUtf8,
  type Engine,
  Fault,
  hexFromBytes,
  PARTICIPANTS_MAX,
  SCHEME_IDS,
  SUITE_IDS,
  type SuiteId,
  suiteRules,
} from 'tallystick/base'
import {
  createFile,
  createPrivateFolder,
  KEY_FILE_BYTES_MAX,
  openKey,
  readPrivateFile,
  replaceFile,
  sealKey,
} from 'tallystick/shell'
import { nextKeyId } from 'tallystick/kernel'
import type { Token } from './http/peer.ts'
import type { OperatorCard } from './operator-key.ts'
import type { PeerAddress } from './peers.ts'
import { createToken } from './start-operator.ts'

export type OperatorFolder = {
  readonly name: string
  readonly suite: SuiteId
  readonly isSealed: boolean
}

const CARD = 'operator.json'
const SEALED = 'operator.key.json'
const OPEN = 'operator.open-key'
const TOKEN = 'token'
const TOKENS = 'tokens'
const TOKEN_FILE_BYTES_MAX = 512
const TOKENS_MAX = 64
const PEERS_FILE_BYTES_MAX = 65_536
const PUBLIC_FILE = 0o644

/** What is there; undefined where the folder holds no operator yet. Raises `operator/damaged-folder`. */
export const readOperatorFolder = (folder: string): OperatorFolder | undefined => {
  const isSealed = existsSync(join(folder, SEALED))
  if (!isSealed && !existsSync(join(folder, OPEN))) return undefined
  const card: unknown = JSON.parse(readFileSync(join(folder, CARD), 'utf8'))
  const isCard = typeof card === 'object' && card !== null && 'name' in card && 'suite' in card
  const name = isCard && typeof card.name === 'string' ? card.name : undefined
  const suite = isCard ? SUITE_IDS.find((one) => one === card.suite) : undefined
  if (name === undefined || suite === undefined) {
    throw new Fault('operator/damaged-folder', `${join(folder, CARD)} is no card of an operator`)
  }
  return { name, suite, isSealed }
}

/** Makes an operator: a key, sealed if there is a passphrase, and a token. Fails if there is one already. */
export const createOperatorFolder = (
  folder: string,
  of: { readonly name: string; readonly suite: SuiteId; readonly passphrase: string | undefined },
  engine: Engine,
): void => {
  createPrivateFolder(folder)
  const [scheme] = suiteRules(of.suite).schemes.step
  if (!scheme) throw new Error('a suite has a scheme for steps')
  const [seed, nextSeed] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))]
  const { publicKey } = engine.fromSeed(scheme, seed)
  const next = { scheme, publicKey: engine.fromSeed(scheme, nextSeed).publicKey }
  writeCard(folder, { ...of, scheme, publicKey, url: '' })
  if (of.passphrase === undefined) {
    createFile(join(folder, OPEN), bytesFromUtf8(`${hexFromBytes(seed)}\n`))
  } else {
    const card = {
      name: of.name,
      suite: of.suite,
      role: 'device' as const,
      key: { scheme, publicKey },
      nextKey: nextKeyId(of.suite, next),
    }
    createFile(join(folder, SEALED), sealKey(card, { seed, nextSeed }, of.passphrase))
  }
  createFile(join(folder, TOKEN), bytesFromUtf8(`${createToken('local').token}\n`))
}

/** The seed of the key. Raises what opening a sealed key raises. */
export const openOperatorSeed = (folder: string, passphrase: string | undefined): Uint8Array => {
  if (passphrase === undefined) return bytesFromHex(lineAt(join(folder, OPEN)))
  return openKey(readPrivateFile(join(folder, SEALED), KEY_FILE_BYTES_MAX), passphrase).seed
}

/** The tokens that the folder names, the main one first. Raises `operator/damaged-folder`. */
export const readTokens = (folder: string): readonly Token[] => {
  const main: Token = { name: 'local', tier: 'submit', token: tokenAt(join(folder, TOKEN)) }
  const names = existsSync(join(folder, TOKENS)) ? readdirSync(join(folder, TOKENS)).sort() : []
  if (names.length > TOKENS_MAX) {
    throw new Fault('operator/damaged-folder', `more than ${TOKENS_MAX} tokens`)
  }
  const others = names.map((name): Token => {
    const path = join(folder, TOKENS, name)
    const [, tier, token] = /^(read|submit) ([!-~]{32,256})$/.exec(lineAt(path)) ?? []
    if (token === undefined || !/^[a-z0-9-]{1,32}$/.test(name)) {
      throw new Fault('operator/damaged-folder', `${path} holds no token`)
    }
    return { name, tier: tier === 'read' ? 'read' : 'submit', token }
  })
  return [main, ...others]
}

/** Other operators, out of a file that only its owner may read: it holds tokens. Raises `operator/damaged-folder`. */
export const readPeers = (path: string): readonly PeerAddress[] => {
  const file = Buffer.from(readPrivateFile(path, PEERS_FILE_BYTES_MAX)).toString('utf8')
  const listed: unknown = JSON.parse(file)
  if (!Array.isArray(listed) || listed.length > PARTICIPANTS_MAX) {
    throw new Fault('operator/damaged-folder', `${path} is no list of operators`)
  }
  return listed.map((one: unknown) => peerFrom(path, one))
}

const peerFrom = (path: string, one: unknown): PeerAddress => {
  const members = typeof one === 'object' && one !== null ? Object.entries(one) : []
  const member = (name: string): string => {
    const found: unknown = members.find(([key]) => key === name)?.[1]
    if (typeof found === 'string' && found !== '') return found
    throw new Fault('operator/damaged-folder', `${path} has an operator without ${name}`)
  }
  const address = {
    name: member('name'),
    url: member('url').replace(/\/$/, ''),
    token: member('token'),
  }
  const hasKey = members.some(([name]) => name === 'publicKey' || name === 'scheme')
  if (!hasKey) return address
  const scheme = SCHEME_IDS.find((id) => id === member('scheme'))
  if (scheme) return { ...address, key: { scheme, publicKey: bytesFromHex(member('publicKey')) } }
  throw new Fault('operator/damaged-folder', `${path} has an operator with an unknown scheme`)
}

/** Writes down where the operator is reached now, for programs on this machine. */
export const writeCard = (
  folder: string,
  { name, suite, scheme, publicKey, url }: OperatorCard & { readonly suite: SuiteId },
): void => {
  const card = { name, suite, scheme, publicKey: hexFromBytes(publicKey), url }
  const bytes = bytesFromUtf8(`${JSON.stringify(card, null, 2)}\n`)
  replaceFile(join(folder, CARD), bytes, PUBLIC_FILE)
}

const tokenAt = (path: string): string => {
  const token = lineAt(path)
  if (!/^[!-~]{32,256}$/.test(token)) {
    throw new Fault('operator/damaged-folder', `${path} holds no token`)
  }
  return token
}

const lineAt = (path: string): string =>
  Buffer.from(readPrivateFile(path, TOKEN_FILE_BYTES_MAX)).toString('utf8').trim()
