/**
 * Times that steps claim, and whether who is asked to certify agrees.
 *
 * A logic may let a step say when it happens. Execution cannot check that: it knows no clock, and whoever verifies the step
 * years later has another one. So whoever certifies looks at its own clock once, before it vows.
 *
 * Promise. Where every honest certifier runs this check when a step is first put to it, and a certificate needs more
 * signers than are dishonest, at least one honest certifier found the claimed time within the skew of its clock at some moment
 * before it signed. So a certified time is not later than the certificate by more than the skew.
 *
 * Not promised. That it is not earlier: a step may be certified long after certifiers first saw it. Where the parties
 * themselves certify, that they did not agree on a false time: it is their word.
 */
import type { MachineId } from '../base/brand.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import type { Machine } from './execute.ts'
import type { Interaction } from './interaction.ts'
import type { Claim, LogicRegistry } from './logic.ts'
import type { Millis } from './verdict.ts'

export type Claiming = {
  readonly interaction: Interaction
  /** Those that operations name; others may be missing. */
  readonly machines: ReadonlyMap<MachineId, Machine>
  readonly logics: LogicRegistry
}

/** The times that an interaction's operations claim. Raises a decoder's fault. */
export const claimsOf = ({ interaction, machines, logics }: Claiming): readonly Claim[] =>
  interaction.operations.flatMap((one) => {
    const use = machines.get(one.machine)?.charter.logics[one.logic]
    const claim = use && logics.get(use.name)?.claims?.(one.argument, use.params)
    return claim ? [claim] : []
  })

/** Whether a certifier whose clock shows `now` agrees. Returns `claim/off-clock`, or a decoder's fault. */
export const checkClaims = (of: Claiming, now: Millis): Fault | undefined => {
  const claims = faultFrom(() => claimsOf(of))
  if (isFault(claims)) return claims
  const off = claims.find(
    ({ at, skewMs }) => at > now + BigInt(skewMs) || at < now - BigInt(skewMs),
  )
  return (
    off &&
    new Fault(
      'claim/off-clock',
      `the step says ${off.at}, the clock here says ${now}, and ${off.skewMs} ms are allowed`,
    )
  )
}
