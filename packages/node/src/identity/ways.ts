/**
 * Ways to recover: from the secrets that somebody has in hand to the keys that the identity names, and to those of the next turn.
 *
 * A secret serves again and again: each recovery shows its key, and the key of the next turn takes the place. Ways that were
 * not used stay as they are, so a sheet of words still fits after guardians have recovered.
 */
import { Fault, type Engine } from 'tallystick/base'
import {
  type KeyState,
  mayRecover,
  nextKeyId,
  recoverySigner,
  type RecoverySigner,
  type RecoveryWay,
  type Reserve,
  type ReserveKey,
} from 'tallystick/kernel'

/** What somebody has in hand. */
export type WayInHand = { readonly way: RecoveryWay; readonly secret: Uint8Array }

/** A way whose key the identity names. */
export type FoundWay = WayInHand & { readonly signer: RecoverySigner }

/**
 * The keys by which these secrets recover the identity. Raises `recovery/not-named` for one that does not, and
 * `recovery/not-enough` where they are not enough together.
 */
export const findWays = (
  engine: Engine,
  state: KeyState,
  inHand: readonly WayInHand[],
): readonly FoundWay[] => {
  const found = inHand.map((one) => foundIn(engine, state, one))
  const weights = new Map(state.recovery?.keys.map((one) => [one.id, one.weight]))
  const weight = found.reduce(
    (sum, { signer }) => sum + (weights.get(nextKeyId(state.suite, signer.key)) ?? 0),
    0,
  )
  const threshold = state.recovery?.threshold ?? 0
  if (!state.recovery || weight < threshold) {
    throw new Fault('recovery/not-enough', `weight ${weight} where ${threshold} is needed`)
  }
  return found
}

/** The reserve after a recovery: the used ways at their next turn, new ones, and the others as they were, unless they are to go. */
export const reserveAfter = (
  engine: Engine,
  state: KeyState,
  of: {
    readonly used: readonly FoundWay[]
    readonly fresh?: readonly WayInHand[]
    readonly dropOthers?: boolean
  },
): Reserve => {
  const { used, fresh = [], dropOthers = false } = of
  const shown = new Set(used.map(({ signer }) => nextKeyId(state.suite, signer.key)))
  const before = state.recovery?.keys ?? []
  const turn = state.recoveries + (used.length > 0 ? 1 : 0)
  const keyOf = (one: WayInHand): ReserveKey => ({
    id: idAt(engine, state, one, turn),
    weight: 1,
  })
  return {
    keys: [
      ...before.filter((one) => !dropOthers && !shown.has(one.id)),
      ...used.map((one) => ({ ...keyOf(one), weight: weightOf(before, state, one) })),
      ...fresh.map(keyOf),
    ],
    threshold: state.recovery?.threshold ?? 1,
  }
}

const weightOf = (before: readonly ReserveKey[], state: KeyState, { signer }: FoundWay): number =>
  before.find((one) => one.id === nextKeyId(state.suite, signer.key))?.weight ?? 1

/** A way that was not used in the last recoveries has the key of an earlier turn. */
const foundIn = (engine: Engine, state: KeyState, one: WayInHand): FoundWay => {
  for (let turn = state.recoveries; turn >= 0; turn--) {
    const signer = signerAt(engine, state, one, turn)
    if (mayRecover(state, signer.key)) return { ...one, signer }
  }
  const what = one.way === 'words' ? 'these words' : 'these shares'
  throw new Fault('recovery/not-named', `${what} recover another identity, or were replaced`)
}

const signerAt = (
  engine: Engine,
  { suite, identity }: KeyState,
  { way, secret }: WayInHand,
  turn: number,
): RecoverySigner => recoverySigner(engine, suite, { way, secret, identity, turn })

const idAt = (engine: Engine, state: KeyState, one: WayInHand, turn: number): ReserveKey['id'] =>
  nextKeyId(state.suite, signerAt(engine, state, one, turn).key)
