/**
 * The process behind `kept.ts`: it runs the command `tally` as often as it is asked to, each time as its own process would. For each
 * command it has the folder, the environment and the arguments of that one, and what is printed goes to who asked. A command is
 * over when nothing that it opened is left, as a process ends by itself then: one that leaves a timer or a socket behind
 * hangs here too.
 *
 * What differs from a process of its own: what a module keeps in memory is there for the next command.
 */
import { pathToFileURL } from 'node:url'
import type { Asked, Told } from './kept.ts'

const LOOK_MS = 5

const [, , program = ''] = process.argv
const address = pathToFileURL(program)
let count = 0

const caught = { out: '', err: '' }
const catchOutput = (stream: NodeJS.WriteStream, name: 'out' | 'err'): void => {
  const write = (part: Uint8Array | string, ...rest: readonly unknown[]): boolean => {
    caught[name] += typeof part === 'string' ? part : Buffer.from(part).toString()
    const done = rest.find((one) => typeof one === 'function')
    if (done) process.nextTick(done)
    return true
  }
  stream.write = write as typeof stream.write
}

const setEnvironment = (env: NodeJS.ProcessEnv): void => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  Object.assign(process.env, env)
}

/** What keeps this process running while it does nothing. */
const idle = new Map<string, number>()
const countOf = (names: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
const isOver = (): boolean =>
  [...countOf(process.getActiveResourcesInfo())].every(
    ([name, now]) => now <= (idle.get(name) ?? 0),
  )

const over = async (): Promise<void> => {
  while (!isOver()) await new Promise((resolve) => setTimeout(resolve, LOOK_MS).unref())
}

type Program = { readonly ran: Promise<void>; readonly run: () => Promise<void> }

let again: (() => Promise<void>) | undefined

/** Programs of `programs.ts` can be run again; other files are loaded again, and what they import is not. */
const start = async (): Promise<void> => {
  if (again) return again()
  address.search = `run=${count}`
  const { default: loaded } = (await import(address.href)) as { readonly default?: Program }
  again = loaded?.run
  await loaded?.ran
}

const run = async ({ args, cwd, env }: Asked): Promise<Told> => {
  process.chdir(cwd)
  setEnvironment(env)
  process.argv = [process.execPath, program, ...args]
  process.exitCode = undefined
  Object.assign(caught, { out: '', err: '' })
  count += 1
  await start()
  await over()
  return { code: Number(process.exitCode ?? 0), ...caught }
}

catchOutput(process.stdout, 'out')
catchOutput(process.stderr, 'err')
// Each command listens for whoever stops reading.
process.stdout.setMaxListeners(0)
process.on('disconnect', () => process.exit())
process.on('message', (asked: Asked) => {
  if (count === 0)
    for (const [name, now] of countOf(process.getActiveResourcesInfo())) idle.set(name, now)
  void run(asked).then((told) => process.send?.(told))
})
