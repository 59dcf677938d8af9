/**
 * `tally serve`: an operator of a directory, a custodian of machines on relays, a guardian of MOI, or a relay for trials. What each needs is
 * loaded when it is asked for: who serves waits for nothing else.
 */
import { type AddCommand, examples, PASSPHRASE_FLAG, PASSPHRASE_HELP } from 'tallystick/shell'
import { addServeCustodian } from './serve-custodian-flags.ts'
import { addServeGuardian } from './serve-guardian-flags.ts'
import type { BackupFlags } from './serve-backup.ts'
import type { RelayFlags } from './serve-relay.ts'
import { type DirectoryFlags, POSTGRES_VARIABLE } from './serve-directory-flags.ts'

export const addServe: AddCommand = (program, run) => {
  const serve = program
    .command('serve')
    .description(
      'run an operator of a directory, a custodian of machines on relays, a guardian of MOI, or a relay for trials',
    )
    .addHelpText(
      'after',
      examples(
        'tally serve directory --data north --name north --init',
        'tally serve custodian --data north --name north --init',
        'tally serve guardian --dev',
        'tally serve relay --dev --port 4777',
        'tally serve backup --data north -o north.db',
      ),
    )
  addServeBackup(serve, run)
  addServeCustodian(serve, run)
  addServeGuardian(serve, run)
  addServeRelay(serve, run)
  serve
    .command('directory')
    .description('answer owners and their counterparties over HTTP, and keep what was vowed for')
    .requiredOption('--data <folder>', 'where the operator keeps its key, its tokens and its store')
    .option('--port <n>', 'the port; 0 takes a free one', '0')
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--host-name <name...>', 'further values of the Host header that are answered to')
    .option('--init', 'make the operator if the folder holds none')
    .option('--name <name>', 'with --init: what policies and people call it')
    .option('--suite <suite>', 'with --init: whose keys it has (default: quantum)')
    .option('--unsealed', 'with --init: keep the key without a passphrase, to try things out')
    .option(
      '--peers <file>',
      'operators to agree with in rounds and to audit: JSON, a list of name, url, token and key',
    )
    .option('--heal', 'in quarantine: ask the operators in --peers for what this one has signed')
    .option('--audit-every <seconds>', 'between two audits of them; 0 for none', '60')
    .option('--machines <count>', 'how many it opens at most (default: 1048576)')
    .option('--postgres <url>', `keep the data in a database (or ${POSTGRES_VARIABLE})`)
    .option(PASSPHRASE_FLAG, PASSPHRASE_HELP)
    .option('--log-level <level>', 'debug, info, warning or error', 'info')
    .addHelpText(
      'after',
      examples(
        'tally serve directory --data north --name north --init --port 4701',
        'tally serve directory --data north --port 4701',
        'tally serve directory --data north --postgres postgres://tally@db.example/north',
        'tally serve directory --data try --name try --init --unsealed --suite classic --json',
      ),
    )
    .action((flags: DirectoryFlags) =>
      run(async (output) => {
        const { serveDirectory } = await import('./serve-directory.ts')
        return serveDirectory(flags, output)
      }),
    )
}

const addServeRelay: AddCommand = (serve, run) => {
  serve
    .command('relay')
    .description('a Nostr relay in memory, for trials on this machine alone')
    .option('--dev', 'have a relay that forgets all when it ends; there is no other kind')
    .option('--port <n>', 'the port; 0 takes a free one', '0')
    .addHelpText(
      'after',
      examples(
        'tally serve relay --dev',
        'tally serve relay --dev --port 4777',
        'tally new --template vote --role voter=me --relay ws://127.0.0.1:4777 --custodian a=npub1… …',
      ),
    )
    .action((flags: RelayFlags) =>
      run(async (output) => {
        const { serveRelay } = await import('./serve-relay.ts')
        return serveRelay(flags, output)
      }),
    )
}

const addServeBackup: AddCommand = (serve, run) => {
  serve
    .command('backup')
    .description('copy the store of any of them to a file, while its process runs or not')
    .requiredOption('--data <folder>', 'where it keeps its store')
    .requiredOption('-o, --output <file>', 'where to, on a disk of its own')
    .addHelpText(
      'after',
      examples(
        'tally serve backup --data north -o /backup/north-monday.db',
        '',
        'docs/operations.md says what else to keep, and how it is put back.',
      ),
    )
    .action((flags: BackupFlags) =>
      run(async (output) => {
        const { backUpStore } = await import('./serve-backup.ts')
        return backUpStore(flags, output)
      }),
    )
}
