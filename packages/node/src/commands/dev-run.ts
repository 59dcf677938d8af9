/**
 * What `tally dev` does: operators, people and accounts are made and looked after until Ctrl-C. Built, it is one file with all
 * that it needs of ours, of both packages, as it starts sooner so. It has copies then of what the command line has too; so
 * what fails is reported here, and only an exit code goes back.
 */
import type { ChildProcess } from 'node:child_process'
import { join, relative, resolve } from 'node:path'
import { isFault, SUITE_IDS, type SuiteId } from 'tallystick/base'
import {
  createPrivateFolder,
  type ExitCode,
  type Output,
  reportError,
  sharingDerivations,
  takeLock,
  usageError,
} from 'tallystick/shell'
import type { DirectoryFile } from '../account/directory-file.ts'
import type { AccountFolder } from '../account/folder.ts'
import type { GuardianStart, StartedGuardian } from '../dev/guardian.ts'
import {
  OPERATOR_NAMES,
  type Started,
  startOperators,
  introduceOperators,
} from '../dev/operators.ts'
import type { DevFolder } from '../dev/town.ts'
import type { DevFlags } from './dev.ts'
import { PORT } from './guardian-port.ts'
import { onStopSignal } from './stop-signals.ts'

/** Milliseconds that operators may take to start, and to stop: more than they give themselves, so that none is ended while it ends. */
const START_MS = 90_000
const STOP_MS = 15_000
const EXIT_MS = 200

export const runDev = async (flags: DevFlags, output: Output): Promise<ExitCode> => {
  try {
    return await dev(flags, output)
  } catch (error) {
    return reportError(output, error)
  }
}

const dev = async (flags: DevFlags, output: Output): Promise<ExitCode> => {
  const startedAt = performance.now()
  const path = resolve(flags.dir)
  const of: DevFolder = { path, suite: suiteFrom(flags.suite) }
  const ports = { operators: portFrom(flags.port), guardian: guardianPortFrom(flags) }
  createPrivateFolder(path)
  const release = holdFolder(path)
  // From here on Ctrl-C stops the operators too, however far they are.
  const told = untilTold()
  const starts = startOperators({ ...of, port: ports.operators, patienceMs: START_MS })
  let guardianStart: GuardianStart | undefined
  let isStopping = false
  try {
    guardianStart = await guardianStartOf(path, ports.guardian)
    output.progress('starting four operators …')
    // While they start, keys are made, which takes as long.
    const making = Promise.all([makeTown(of, starts.ready, output), guardianStart?.ready])
    const made = await Promise.race([told, making])
    output.progress()
    if (made) {
      const [town, guardian] = made
      present(output, { ...town, guardian, of, ms: performance.now() - startedAt })
      introduceOperators(town.started)
      const neighbours = neighboursOf(town.started, guardian)
      await Promise.race([told, untilAlone(output, neighbours, () => isStopping)])
    }
    isStopping = true
    output.line('Stopping …', 'quiet')
    return 0
  } finally {
    // What is still being opened waits for operators that are told to go; everything that counts is on disk.
    await Promise.all([starts.stop(STOP_MS), guardianStart?.stop(STOP_MS)])
    release()
    setTimeout(() => process.exit(), EXIT_MS).unref()
  }
}

/** Raises a usage error where `tally dev` has the folder. */
const holdFolder = (path: string): (() => void) => {
  try {
    return takeLock(join(path, 'lock'))
  } catch (error) {
    if (!isFault(error) || error.code !== 'desk/locked') throw error
    throw usageError(
      `tally dev already runs here (${path})`,
      'use a second terminal for the printed commands, or --dir FOLDER for another one',
    )
  }
}

const guardianStartOf = async (
  path: string,
  port: number | undefined,
): Promise<GuardianStart | undefined> => {
  if (port === undefined) return undefined
  const { startGuardianProcess } = await import('../dev/guardian.ts')
  return startGuardianProcess({ path, port, patienceMs: START_MS })
}

/** What it takes is loaded while the operators start, as they are on another core. */
const makeTown = async (
  of: DevFolder,
  ready: Promise<readonly Started[]>,
  output: Output,
): Promise<Pick<Town, 'started' | 'accounts'>> =>
  sharingDerivations(async () => {
    const { makeAccounts, makePeople } = await import('../dev/town.ts')
    const { writeDirectoryFile } = await import('../account/directory-file.ts')
    makePeople(of)
    const started = await ready
    const directory = directoryOf(of, started)
    writeDirectoryFile(join(of.path, 'directory.json'), directory)
    output.progress('opening accounts …')
    return { started, accounts: await makeAccounts(of, directory) }
  })

const suiteFrom = (text: string): SuiteId => {
  const suite = SUITE_IDS.find((one) => one === text && one !== 'moi')
  if (suite) return suite
  throw usageError(`there is no suite ${text}`, '--suite classic, quantum, nostr or evm')
}

const portFrom = (text: string): number => {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 65_536
  if (port <= 65_535 - OPERATOR_NAMES.length) return port
  throw usageError(`${text} is no port`, '--port 4701')
}

const guardianPortFrom = (flags: DevFlags): number | undefined => {
  if (flags.guardian === undefined) return undefined
  const text = flags.guardian === true ? (flags.port === '0' ? '0' : PORT) : flags.guardian
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 65_536
  if (port <= 65_535) return port
  throw usageError(`${text} is no port`, `--guardian ${PORT}`)
}

const directoryOf = (of: DevFolder, started: readonly Started[]): DirectoryFile => ({
  network: 'dev',
  suite: of.suite,
  policy: { operators: started.map((one) => one.operator), threshold: 3, faulty: 1 },
  addresses: started.map((one) => one.address),
})

type Town = {
  readonly of: DevFolder
  readonly started: readonly Started[]
  readonly accounts: readonly AccountFolder[]
  readonly guardian: StartedGuardian | undefined
  readonly ms: number
}

const present = (output: Output, { of, started, accounts, guardian, ms }: Town): void => {
  const here = (path: string): string => {
    const near = relative('.', path)
    return near === '' || near.startsWith('..') ? path : near
  }
  const folder = (name: string): string => here(join(of.path, name))
  output.line(
    [
      { text: 'A directory of four operators', tone: 'strong' },
      `, any three of whom certify; up in ${(ms / 1000).toFixed(1)} s`,
    ],
    'plain',
  )
  output.table(
    started.map(({ address, process: child }) => [
      address.name,
      address.url,
      `process ${child.pid ?? '?'}`,
    ]),
  )
  output.line(`Accounts of ${accounts.map((one) => one.own).join(', ')} lie in ${here(of.path)}.`)
  output.line('Their keys are open to whoever reads that folder: for development only.', 'warn')
  output.line()
  output.line('In a second terminal:')
  const commands = [
    `tally propose "pay bob 10" --dir ${folder('alice')}`,
    `tally accept --dir ${folder('bob')}`,
    `tally show --dir ${folder('bob')}`,
    `tally bundle --dir ${folder('bob')} -o bob.tally && tally verify bob.tally`,
    `tally watch --dir ${folder('carol')}`,
  ]
  for (const one of commands) output.line(`  ${one}`, 'strong')
  const [, , south, west] = started
  output.line()
  output.line('To see what happens without one operator, and without two:')
  for (const one of [west, south]) output.line(`  kill ${one?.process.pid ?? ''}`, 'strong')
  output.line('and to bring one back:')
  output.line(`  ${west ? restartOf(west) : ''}`, 'strong')
  if (guardian) presentGuardian(output, guardian)
  output.result({
    folder: of.path,
    ms: Math.round(ms),
    operators: started.map((one) => ({
      name: one.address.name,
      url: one.address.url,
      pid: one.process.pid,
      restart: restartOf(one),
    })),
    accounts: accounts.map((one) => ({ name: one.own, account: one.id, folder: one.path })),
    directory: join(of.path, 'directory.json'),
    commands,
    ...(guardian && {
      guardian: {
        url: guardian.url,
        pid: guardian.process.pid,
        restart: commandOf(guardian.command),
        accounts: guardian.accounts,
        commands: commandsFor(guardian),
      },
    }),
  })
  output.next(commands[0] ?? '')
  output.resultNow()
}

const presentGuardian = (output: Output, guardian: StartedGuardian): void => {
  output.line()
  output.line([
    { text: 'A guardian of a MOI network', tone: 'strong' },
    ' answers at ',
    { text: guardian.url, tone: 'strong' },
    ` (process ${guardian.process.pid ?? '?'}), for MOI’s own client too; it gives KMOI away:`,
  ])
  for (const one of commandsFor(guardian)) output.line(`  ${one}`, 'strong')
}

/** To list accounts, and to ask the faucet in two ways: for an account, over and over. */
const commandsFor = ({ url, accounts }: StartedGuardian): readonly string[] => {
  const at = new URL(url).port === PORT ? '' : ` --url ${url}`
  const [id = ''] = accounts
  const call = { jsonrpc: '2.0', id: 1, method: 'dev.Faucet', params: [{ id, amount: '0xc350' }] }
  return [
    `tally moi accounts --dev${at}`,
    `tally moi faucet ${id} 50000${at}`,
    `curl -s ${url} -H 'content-type: application/json' -d '${JSON.stringify(call)}'`,
  ]
}

const restartOf = ({ command, address }: Started): string =>
  commandOf([...command.slice(0, -1), new URL(address.url).port])

const commandOf = (words: readonly string[]): string => `tally ${words.join(' ')}`

type Neighbour = {
  readonly name: string
  readonly process: ChildProcess
  readonly restart: string
}

const neighboursOf = (
  started: readonly Started[],
  guardian: StartedGuardian | undefined,
): readonly Neighbour[] => [
  ...started.map((one) => ({
    name: one.address.name,
    process: one.process,
    restart: restartOf(one),
  })),
  ...(guardian
    ? [
        {
          name: 'the guardian',
          process: guardian.process,
          restart: commandOf(guardian.command),
        },
      ]
    : []),
]

/** Until Ctrl-C. */
const untilTold = (): Promise<undefined> =>
  new Promise((resolve) => {
    onStopSignal(() => resolve(undefined))
  })

/** Until the last of them has ended. Says when one ends that was not told to. */
const untilAlone = (
  output: Output,
  neighbours: readonly Neighbour[],
  isStopping: () => boolean,
): Promise<void> =>
  new Promise((resolve) => {
    let left = neighbours.length
    for (const { name, process: child, restart } of neighbours) {
      child.once('exit', (code, signal) => {
        left -= 1
        if (left === 0) resolve()
        // They are told to stop, all of them or this one.
        if (isStopping() || (signal === null && code === 0)) return
        const how = signal === null ? `with ${code ?? 0}` : `by ${signal}`
        output.line(`${name} has ended ${how}; to bring it back:`, 'warn')
        output.line(`  ${restart}`)
      })
    }
  })
