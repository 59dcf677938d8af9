/** `tally demo`: stories that run, with fresh keys, on this machine alone. */
import { Option } from 'commander'
import type { SuiteId } from '../../base/suite.ts'
import type { AddCommand } from '../command.ts'
import { tellAgents } from '../demo/tell-agents.ts'
import { tellCheat } from '../demo/tell-cheat.ts'
import { tellHandover } from '../demo/tell-handover.ts'
import { tellMarket } from '../demo/tell-market.ts'
import { tellSupply } from '../demo/tell-supply.ts'

const SUITES: readonly SuiteId[] = ['quantum', 'classic', 'nostr', 'evm']

type DemoOptions = { readonly suite: SuiteId; readonly cheat?: boolean; readonly out?: string }

type SupplyDemoOptions = DemoOptions & { readonly whole?: string }

export const addDemo: AddCommand = (program, run) => {
  const demo = program
    .command('demo')
    .addHelpText(
      'after',
      '\nExamples:\n  tally demo market\n  tally demo market --cheat\n  tally demo agents --suite classic\n  tally demo supply\n  tally demo handover\n  tally demo bet',
    )
  const suite = (): Option =>
    new Option('--suite <name>', 'hash and signatures').choices(SUITES).default('quantum')
  demo
    .command('market')
    .description('payment with no signal, honest about its risk')
    .option('--cheat', 'alice copies her phone and pays the same money twice')
    .option('-o, --out <file>', 'where to write the file')
    .addOption(suite())
    .action((options: DemoOptions) =>
      run((output) =>
        options.cheat === true
          ? tellCheat(output, { suite: options.suite, out: options.out ?? 'cheat.tally' })
          : tellMarket(output, { suite: options.suite, out: options.out ?? 'market.tally' }),
      ),
    )
  demo
    .command('agents')
    .description('paid work between two agents, with escrow and a dispute')
    .option('-o, --out <file>', 'where to write the file')
    .addOption(suite())
    .action((options: DemoOptions) =>
      run((output) =>
        tellAgents(output, { suite: options.suite, out: options.out ?? 'agents.tally' }),
      ),
    )
  demo
    .command('handover')
    .description('one purse, from two people to a directory, to other operators, and back')
    .option('-o, --out <file>', 'where to write the file')
    .addOption(suite())
    .action((options: DemoOptions) =>
      run((output) =>
        tellHandover(output, { suite: options.suite, out: options.out ?? 'handover.tally' }),
      ),
    )
  demo
    .command('supply')
    .description('goods that change hands four times, and one file for an auditor, without prices')
    .option('-o, --out <file>', 'where to write the file')
    .option('--whole <file>', 'write what the parties hold as well, prices included')
    .addOption(suite())
    .action((options: SupplyDemoOptions) =>
      run((output) =>
        tellSupply(output, {
          suite: options.suite,
          out: options.out ?? 'supply.tally',
          whole: options.whole,
        }),
      ),
    )
}
