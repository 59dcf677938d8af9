/**
 * Recovery seeds: from 32 secret bytes, on paper or split among guardians, to the seed of the key that recovers an identity.
 *
 * | field | bytes |
 * |---|---|
 * | way | u8: 0 words, 1 guardians |
 * | secret | 32 |
 * | identity | 32 |
 * | turn | u32: how often the identity had been recovered before |
 *
 * The seed is H('tallystick/1 recovery seed', those) in BLAKE3, whatever the suite. One secret serves for one recovery after the
 * other: a key that has been shown never comes again, and the seed of the next turn does not follow from it. Bound to the
 * identity, one sheet of words for two identities gives nobody who sees both a key in common.
 *
 * There is no slow derivation in front: that makes each guess at a weak passphrase dear, and 256 random bits are not
 * guessed at all. The words of a phrase that somebody thought up are no such bits; they are not taken.
 */
import { assert } from '../base/assert.ts'
import { choice, fixedBytes, id, struct, u32 } from '../base/codec.ts'
import { hash } from '../base/hash.ts'
import type { SignerKey } from '../base/signer.ts'
import { type SchemeId, suiteRules, type SuiteId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import type { Engine } from '../base/verifier.ts'
import type { IdentityId } from './key-event.ts'
import type { KeyState } from './key-log.ts'
import { nextKeyId } from './reserve.ts'

/** How a secret is kept. The same bytes kept in two ways give two keys. */
export type RecoveryWay = 'words' | 'guardians'

export type RecoveryTurn = {
  readonly way: RecoveryWay
  /** 32 bytes. */
  readonly secret: Uint8Array
  readonly identity: IdentityId
  readonly turn: number
}

export const RECOVERY_SECRET_BYTES = 32

const turnFields = struct<RecoveryTurn>({
  way: choice<RecoveryWay>(['words', 'guardians']),
  secret: fixedBytes(RECOVERY_SECRET_BYTES),
  identity: id<'key-event'>(),
  turn: u32,
})

export const recoverySeed = (of: RecoveryTurn): Uint8Array =>
  hash('blake3', TAGS.recoverySeed, turnFields.encode(of))

const sealFields = struct<Pick<RecoveryTurn, 'secret' | 'identity'>>({
  secret: fixedBytes(RECOVERY_SECRET_BYTES),
  identity: id<'key-event'>(),
})

/** What a backup of an identity's device keys is sealed under: 32 bytes that nobody has who has not the secret. */
export const backupSeal = (of: Pick<RecoveryTurn, 'secret' | 'identity'>): Uint8Array =>
  hash('blake3', TAGS.backupSeal, sealFields.encode(of))

export type RecoverySigner = { readonly key: SignerKey; readonly seed: Uint8Array }

/** The key that a secret recovers with, in the scheme that the suite takes for roots. */
export const recoverySigner = (
  engine: Pick<Engine, 'fromSeed'>,
  suite: SuiteId,
  of: RecoveryTurn,
): RecoverySigner => {
  const seed = recoverySeed(of)
  const scheme = rootSchemeOf(suite)
  return { key: { scheme, publicKey: engine.fromSeed(scheme, seed).publicKey }, seed }
}

/** Whether the identity names this key among those that may recover it. */
export const mayRecover = (state: KeyState, key: SignerKey): boolean =>
  state.recovery?.keys.some((one) => one.id === nextKeyId(state.suite, key)) ?? false

const rootSchemeOf = (suite: SuiteId): SchemeId => {
  const [scheme] = suiteRules(suite).schemes.root
  assert(scheme !== undefined, 'every suite has a scheme for roots')
  return scheme
}
