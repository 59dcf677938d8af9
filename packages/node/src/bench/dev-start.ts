/**
 * How long `tally dev` takes from the command to accounts that can pay: the first time, when it makes four operators, four
 * people and their accounts, and again over the same folder.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atMost, type Figure, figureFrom, type Rounds } from 'tallystick/command'

const STARTS_MAX = 5
const SECONDS_MAX = 2

export const benchDev = async ({ rounds }: Rounds): Promise<readonly Figure[]> => {
  const [, command = ''] = process.argv
  const made: number[] = []
  const again: number[] = []
  for (let at = 0; at < Math.min(rounds, STARTS_MAX); at++) {
    const folder = mkdtempSync(join(tmpdir(), 'tally-town-'))
    try {
      made.push(await secondsUntilUp(command, join(folder, 'dev')))
      again.push(await secondsUntilUp(command, join(folder, 'dev')))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const id = 'D8'
  const note = command.endsWith('.ts') ? 'from its sources' : 'as installed'
  const goal = atMost(SECONDS_MAX)
  return [
    figureFrom({ id, name: 'tally dev, from command to ready', unit: 's', goal, note }, made),
    figureFrom({ id, name: 'the same again', unit: 's', note }, again),
  ]
}

const secondsUntilUp = async (command: string, folder: string): Promise<number> => {
  const before = performance.now()
  const words = ['dev', '--dir', folder, '--port', '0', '--json']
  const child = spawn(process.execPath, [...process.execArgv, command, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const said = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]()
  // One object, written at once when it is up.
  const first = await said.next()
  const seconds = (performance.now() - before) / 1000
  child.kill('SIGTERM')
  await ended
  if (first.done === true) throw new Error('tally dev ended before it was up')
  return seconds
}
