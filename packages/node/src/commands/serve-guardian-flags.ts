/** What `tally serve guardian` is told. */
import { type AddCommand, examples, PASSPHRASE_FLAG, PASSPHRASE_HELP } from 'tallystick/shell'
import { PORT } from './guardian-port.ts'
import type { FolderFlags } from './serve-folder.ts'

export type GuardianFlags = FolderFlags & {
  readonly data: string
  readonly port: string
  readonly host: string
  readonly hostName?: readonly string[]
  readonly origin?: readonly string[]
  readonly dev?: true
  /** The usual test sentence where it is missing. */
  readonly words?: string
  readonly genesis?: string
  readonly logLevel: string
}

export const addServeGuardian: AddCommand = (serve, run) => {
  serve
    .command('guardian')
    .description('run the one guardian of a MOI network; MOI’s own client talks to it')
    .option('--data <folder>', 'where everything is kept', '.tally-guardian')
    .option('--dev', 'a network to develop against: funded accounts, a faucet, keys printed')
    .option(
      '--words <sentence>',
      'with --dev: what the accounts’ keys come from (default: the usual test sentence)',
    )
    .option('--genesis <file>', 'at the first start: who has what (JSON, see docs/moi.md)')
    .option('--port <n>', 'the port; 0 takes a free one', PORT)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--host-name <name...>', 'further values of the Host header that are answered to')
    .option('--origin <origin...>', 'pages that may call, beside those of this machine; * for any')
    .option('--init', 'make the guardian if the folder holds none')
    .option('--name <name>', 'with --init: what people call it')
    .option('--unsealed', 'with --init: keep the key without a passphrase, to try things out')
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .option('--log-level <level>', 'debug, info, warning or error', 'info')
    .addHelpText(
      'after',
      examples(
        'tally serve guardian --dev                     then paste what it prints',
        'tally serve guardian --dev --data /tmp/try --port 0',
        'tally serve guardian --data north --init --name north --genesis genesis.json',
        'tally serve guardian --data north',
      ),
    )
    .action((flags: GuardianFlags) =>
      run(async (output) => {
        const { serveGuardian } = await import('./serve-guardian.ts')
        return serveGuardian(flags, output)
      }),
    )
}
