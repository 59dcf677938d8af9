/** Runs a program under a tracer of system calls, and reads the calls that matter to a disk, with their data. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'

export type Call =
  | { readonly is: 'write'; readonly path: string; readonly at: number; readonly data: Buffer }
  /** What was written before `since` is on the disk from here on. */
  | { readonly is: 'sync'; readonly path: string; readonly since: number }
  | { readonly is: 'create'; readonly path: string; readonly empty: boolean }
  | { readonly is: 'folder'; readonly path: string }
  | { readonly is: 'cut'; readonly path: string; readonly size: number }
  | { readonly is: 'unlink'; readonly path: string }
  | { readonly is: 'rename'; readonly path: string; readonly to: string }
  /** A number on a line of standard output: what was acknowledged. */
  | { readonly is: 'said'; readonly numbers: readonly number[] }

export const withoutStrace = (): string | undefined =>
  spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0
    ? undefined
    : 'no strace here, or it may not trace: install the package strace to run this'

const CALLS =
  'openat,pwrite64,pwritev,write,fsync,fdatasync,ftruncate,fallocate,unlink,unlinkat,rename,renameat,renameat2,mkdir'

/** The command that traces another into a file. */
export const traced = (log: string, extra: readonly string[] = []): readonly string[] => [
  'strace',
  '-f',
  '-y',
  '-xx',
  '-s',
  '20000000',
  '-e',
  `trace=${CALLS}`,
  ...extra,
  '-o',
  log,
]

/** Runs until it has said so many numbers, and kills it then. */
export const traceUntil = async (
  command: readonly string[],
  count: number,
  options: { readonly uid?: number; readonly gid?: number } = {},
): Promise<void> => {
  const [name = '', ...words] = command
  const child = spawn(name, words, {
    ...options,
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  })
  const gone = once(child, 'close')
  let lines = 0
  child.stdout.on('data', (chunk: Buffer) => {
    lines += chunk.toString('latin1').split('\n').length - 1
    if (lines >= count && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  })
  await gone
}

/** The calls of a log that concern paths below `folder`, in their order. */
export const readTrace = (log: string, folder: string, cwd: string = folder): readonly Call[] => {
  const calls: Call[] = []
  const unfinished = new Map<string, { line: string; since: number }>()
  const offsets = new Map<string, number>()
  for (const line of linesOf(log)) {
    const pid = line.slice(0, line.indexOf(' '))
    const text = line.slice(pid.length).trimStart()
    const resumed = /^<\.\.\. \w+ resumed>/.exec(text)
    const before = unfinished.get(pid)
    if (text.endsWith('<unfinished ...>')) {
      const started = text.slice(0, -'<unfinished ...>'.length)
      unfinished.set(pid, { line: started, since: calls.length })
      // Data may reach the disk as soon as the call was made.
      calls.push(
        ...callsOf(started, { pid, folder, cwd, offsets, since: calls.length, half: 'start' }),
      )
    } else if (resumed !== null && before !== undefined) {
      const whole = before.line + text.slice(resumed[0].length)
      unfinished.delete(pid)
      calls.push(...callsOf(whole, { pid, folder, cwd, offsets, since: before.since, half: 'end' }))
    } else
      calls.push(
        ...callsOf(text, { pid, folder, cwd, offsets, since: calls.length, half: 'whole' }),
      )
  }
  return calls
}

type Context = {
  readonly pid: string
  readonly folder: string
  /** What relative names are relative to. */
  readonly cwd: string
  /** Where the next plain write of a descriptor goes. */
  readonly offsets: Map<string, number>
  readonly since: number
  readonly half: 'start' | 'end' | 'whole'
}

/** Calls take effect when they start; only a sync, and the number of a descriptor, are known when they end. */
const callsOf = (text: string, of: Context): readonly Call[] => {
  const name = text.slice(0, text.indexOf('('))
  const words = text.slice(name.length + 1)
  if (of.half !== 'start' && / = -1 /.test(text.slice(-80))) return []
  const isStart = of.half !== 'end'
  const isEnd = of.half !== 'start'
  const paths = [...text.matchAll(/[<"]((?:\\x[0-9a-f]{2})+)[>"]/g)].map(([, hex = '']) => hex)
  const path = bytesOf(paths[0] ?? '')
    .toString('utf8')
    .replace(/ \(deleted\)$/, '')
  const inside = (one: string): boolean => one.startsWith(`${of.folder}/`) || one === of.folder
  if (name === 'write' && isStart && words.startsWith('1<')) return [saidOf(paths[1] ?? '')]
  const texts = paths.map((hex) => bytesOf(hex).toString('utf8'))
  if (NAMING.has(name)) {
    const found = (
      name.includes('at') ? pairsOf(texts) : texts.map((one) => resolve(of.cwd, one))
    ).filter(inside)
    return namingOf(name, text, found, of)
  }
  if (!inside(path)) return []
  if ((name === 'fsync' || name === 'fdatasync') && isEnd)
    // A sync that the tracer was told to swallow did nothing.
    return text.includes('(INJECTED)') ? [] : [{ is: 'sync', path, since: of.since }]
  if (!isStart) return []
  if (name === 'ftruncate') return [{ is: 'cut', path, size: Number(/, (\d+)/.exec(words)?.[1]) }]
  if (name === 'pwrite64') {
    const data = bytesOf(paths[1] ?? '')
    const at = Number(/, (\d+)\)?[^,]*$/.exec(words)?.[1])
    return [{ is: 'write', path, at, data }]
  }
  if (name === 'pwritev') {
    const data = Buffer.concat(paths.slice(1).map(bytesOf))
    const at = Number(/\], \d+, (\d+)/.exec(words)?.[1])
    return [{ is: 'write', path, at, data }]
  }
  if (name === 'write') {
    const place = `${of.pid} ${/^\d+/.exec(words)?.[0]}`
    const data = bytesOf(paths[1] ?? '')
    const at = of.offsets.get(place) ?? 0
    of.offsets.set(place, at + data.length)
    return [{ is: 'write', path, at, data }]
  }
  return []
}

const NAMING = new Set(['openat', 'unlink', 'unlinkat', 'rename', 'renameat', 'renameat2', 'mkdir'])

/** `AT_FDCWD</folder>, "name"`, once or twice; what an openat returned comes after. */
const pairsOf = (texts: readonly string[]): readonly string[] => {
  const pairs: string[] = []
  for (let at = 0; at + 1 < texts.length; at += 2)
    pairs.push(resolve(texts[at] ?? '', texts[at + 1] ?? ''))
  return pairs
}

const namingOf = (
  name: string,
  text: string,
  [path, to]: readonly string[],
  of: Context,
): readonly Call[] => {
  if (name === 'openat' && of.half !== 'start') {
    const fd = / = (\d+)/.exec(text)?.[1]
    if (fd !== undefined) of.offsets.set(`${of.pid} ${fd}`, 0)
  }
  if (path === undefined || of.half === 'end') return []
  if (name === 'openat')
    return text.includes('O_CREAT') || text.includes('O_TRUNC')
      ? [{ is: 'create', path, empty: text.includes('O_TRUNC') }]
      : []
  if (name === 'mkdir') return [{ is: 'folder', path }]
  if (name.startsWith('unlink')) return [{ is: 'unlink', path }]
  return to === undefined ? [] : [{ is: 'rename', path, to }]
}

const saidOf = (hex: string): Call => ({
  is: 'said',
  numbers: bytesOf(hex)
    .toString('latin1')
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .map(Number),
})

const bytesOf = (escaped: string): Buffer => Buffer.from(escaped.replaceAll('\\x', ''), 'hex')

/** Lines of a file that may be larger than a string. */
function* linesOf(path: string): Generator<string> {
  const file = openSync(path, 'r')
  const chunk = Buffer.alloc(1 << 22)
  let rest = ''
  for (;;) {
    const size = readSync(file, chunk)
    if (size === 0) break
    const lines = (rest + chunk.toString('latin1', 0, size)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  closeSync(file)
}
