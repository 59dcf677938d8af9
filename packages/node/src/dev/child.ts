/**
 * Processes that `tally dev` starts beside itself: each with a folder and a log of its own, told what to do as JSON, and stopped in
 * order. Each is in a group of its own: Ctrl-C reaches `tally dev` alone, which then stops them. Its input is a pipe that
 * `tally dev` holds and never writes to: where that ends, `tally dev` is gone, whichever way it went (`stopWithParent`).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createPrivateFolder } from 'tallystick/shell'

export type ChildOptions = {
  /** The file that it runs. */
  readonly program: string
  readonly told: Readonly<Record<string, string>>
  /** Where it works, and where its log lies. */
  readonly data: string
  /** The folder of `tally dev`. */
  readonly path: string
  /** Its standard output is read here, and does not go to the log. */
  readonly isHeard: boolean
}

export const startChild = ({ program, told, data, path, isHeard }: ChildOptions): ChildProcess => {
  createPrivateFolder(data)
  const log = openSync(logOf(data), 'a', 0o600)
  const child = spawn(process.execPath, [...process.execArgv, program, JSON.stringify(told)], {
    stdio: ['pipe', isHeard ? 'pipe' : log, log],
    detached: true,
    // Several processes read the same programs: what one has compiled the others need not, nor the next start.
    env: { NODE_COMPILE_CACHE: join(path, 'compiled'), ...process.env },
  })
  closeSync(log)
  return child
}

export const logOf = (data: string): string => join(data, 'log')

export const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null

/** The last line of a log that is for people: no advice, and none of the lines of JSON. */
export const lastWords = (data: string): string => {
  const lines = readFileSync(logOf(data), 'utf8').split('\n')
  const said = lines.findLast((line) => /^[^{\s]/.test(line) && !line.startsWith('fix:'))
  return said === undefined ? '' : `: ${said}`
}

/**
 * For the child: stops this process as a signal would when the one that started it is gone. Who was killed cannot tell its
 * children to stop, and they would hold their folders and ports for good.
 */
export const stopWithParent = (): void => {
  const told = (): void => void process.kill(process.pid, 'SIGTERM')
  // Nobody reads its last words then.
  process.stdout.on('error', () => undefined)
  process.stdin.once('end', told).once('error', told).resume()
  // It is no reason to go on.
  if (process.stdin instanceof Socket) process.stdin.unref()
}

/** Tells it to stop and waits until it is gone; what does not go within the time is ended. */
export const stopChild = async (child: ChildProcess, patienceMs: number): Promise<void> => {
  if (hasEnded(child)) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const late = new AbortController()
  await Promise.race([
    ended,
    pause(patienceMs, undefined, { signal: late.signal }).then(
      () => void child.kill('SIGKILL'),
      () => undefined,
    ),
  ])
  late.abort()
  await ended
}
