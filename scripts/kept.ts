/**
 * Runs commands in processes that are kept for the next ones, for tests that tell long stories.
 *
 * A process that starts reads and compiles the command, and then runs it cold, which costs several times what the command
 * does; a story has fifty commands. What a command leaves in memory is there for the next one, which a user never sees, so
 * with `TALLYSTICK_SLOW=1` every command has a process of its own, and so have always commands that go on until they are
 * stopped.
 */
import { type ChildProcess, execFile, fork } from 'node:child_process'
import { join } from 'node:path'

export type Asked = {
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

export type Told = { readonly code: number; readonly out: string; readonly err: string }

/** They end with their process, or set its affairs in order when they end. */
const ALONE = new Set(['bench', 'dev', 'listen', 'serve', 'watch'])

/** After so many, what they left in memory is let go. */
const COMMANDS_MAX = 300

type Kept = { readonly program: string; readonly child: ChildProcess; count: number }

const idle: Kept[] = []

/** Runs a program to its end, in a process of its own. */
export const runAlone = (program: string, { args, cwd, env }: Asked): Promise<Told> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [program, ...args],
      { cwd, env, encoding: 'utf8' },
      (error, out, err) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({ code, out, err })
      },
    )
    // Nobody is there to answer.
    child.stdin?.end()
  })

/** Runs the command `tally`, made at `program`, to its end. */
export const runCommand = (program: string, asked: Asked): Promise<Told> => {
  const word = asked.args.find((one) => !one.startsWith('-')) ?? ''
  const isAlone = ALONE.has(word) || process.env['TALLYSTICK_SLOW'] === '1'
  return isAlone ? runAlone(program, asked) : runKept(program, asked)
}

/** Runs it in a process that others have been run in, where one is free. */
export const runKept = (program: string, asked: Asked): Promise<Told> => {
  const at = idle.findIndex((one) => one.program === program)
  const [kept = startKept(program, asked.env)] = at < 0 ? [] : idle.splice(at, 1)
  kept.count += 1
  const { child } = kept
  return new Promise((resolve) => {
    let died = ''
    const onText = (part: Buffer): void => void (died += part.toString())
    const onExit = (code: number | null): void => resolve({ code: code ?? -1, out: '', err: died })
    child.stderr?.on('data', onText)
    // Not at its end, when not all of what it wrote may have come.
    child.once('close', onExit)
    child.once('message', (told: Told) => {
      child.off('close', onExit)
      child.stderr?.off('data', onText)
      if (kept.count < COMMANDS_MAX) idle.push(kept)
      else child.disconnect()
      resolve(told)
    })
    child.send(asked)
  })
}

const startKept = (program: string, env: NodeJS.ProcessEnv): Kept => {
  const child = fork(join(import.meta.dirname, 'kept-process.ts'), [program], {
    env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const kept = { program, child, count: 0 }
  // One that ended by itself while nobody asked it is asked nothing more.
  child.once('exit', () => {
    const at = idle.indexOf(kept)
    if (at >= 0) idle.splice(at, 1)
  })
  return kept
}
