/** Options that say who holds a machine when too many custodians are silent, for every command that names custodians. */
import type { Command } from 'commander'

export type CustodyOption = {
  readonly faulty?: string
  readonly standIn: readonly string[]
  readonly standInThreshold?: string
  readonly standInFaulty?: string
  readonly beside?: string
  readonly after?: string
}

const collect = (one: string, before: readonly string[]): readonly string[] => [...before, one]

export const withStandIns = (command: Command): Command =>
  command
    .option(
      '--faulty <f>',
      'with --custodian: how many custodians may lie without harm (default: the most that --threshold bears, with stand-ins a third)',
    )
    .option(
      '--stand-in <name=key>',
      'with --custodian: who decides with some custodians when too many are silent; repeat it',
      collect,
      [],
    )
    .option('--after <seconds>', 'with --stand-in: after how long a silence (default: 3600)')
    .option(
      '--stand-in-threshold <k>',
      'with --stand-in: how many of them it takes (default: more than half)',
    )
    .option(
      '--stand-in-faulty <f>',
      'with --stand-in: how many of them may lie without harm (default: the most that bears)',
    )
    .option(
      '--beside <j>',
      'with --stand-in: how many custodians beside them (default: the fewest that are safe)',
    )
