/**
 * Guardians: a recovery secret split so that any k of n parts give it back and fewer say nothing about it.
 *
 * The arithmetic is the library's (`shamir-secret-sharing`); what a part says about itself, and who is named when one is wrong,
 * is `forms/guardian-share.ts`. The library puts any k bytes together and cannot tell whether they fit: that is told from the
 * key that comes out, which the identity must name.
 */
import { combine, split } from 'shamir-secret-sharing'
import {
  gatherShares,
  type GuardianShare,
  type IdentityId,
  RECOVERY_SECRET_BYTES,
  sharesFrom,
} from 'tallystick/kernel'

/** Raises `share/bad-set` for counts that no set has. */
export const splitSecret = async (
  secret: Uint8Array,
  of: {
    readonly identity: IdentityId
    readonly shares: number
    readonly threshold: number
  },
): Promise<readonly GuardianShare[]> => {
  const { identity, shares, threshold } = of
  if (secret.length !== RECOVERY_SECRET_BYTES) {
    throw new Error(`${secret.length} bytes of secret where ${RECOVERY_SECRET_BYTES} belong`)
  }
  // Asked before the library, which has bounds of its own.
  sharesFrom(
    identity,
    threshold,
    Array.from({ length: shares }, () => new Uint8Array(33)),
  )
  const parts = await split(Uint8Array.from(secret), shares, threshold)
  return sharesFrom(identity, threshold, parts)
}

/** Raises what `gatherShares` raises. */
export const combineShares = async (
  identity: IdentityId,
  shares: readonly GuardianShare[],
): Promise<Uint8Array> => {
  const gathered = gatherShares(identity, shares)
  return Uint8Array.from(await combine(gathered.map((one) => Uint8Array.from(one.value))))
}
