/**
 * One operator in a process of its own, for measurements: `bench-operator.ts NAME FOLDER [POSTGRES]`. It is what
 * `tally serve directory` runs, without a brake on its only client. Says where it listens, as a line of JSON, and to each
 * message what processor time it has taken.
 */
import { createHash } from 'node:crypto'
import { startOperator } from '../server/start-operator.ts'
import { VOWS } from '../server/steps.ts'
import { openGuardedPostgres, openGuardedSqlite } from '../store/open.ts'
import { spentHere } from './processor.ts'

const UNITS = 1_000_000_000

const main = async ([name, folder, url]: readonly string[]): Promise<void> => {
  if (name === undefined || folder === undefined) throw new Error('usage: NAME FOLDER [POSTGRES]')
  const store = await (url === undefined
    ? openGuardedSqlite(folder, VOWS)
    : openGuardedPostgres({ url }, folder, VOWS))
  const running = await startOperator({
    name,
    store,
    seed: new Uint8Array(createHash('sha256').update(name).digest()),
    limits: { budget: UNITS, budgetPerSecond: UNITS },
  })
  const { token, card } = running
  const publicKey = Buffer.from(card.publicKey).toString('hex')
  process.stdout.write(`${JSON.stringify({ url: running.url, token, publicKey })}\n`)
  process.on('message', () => process.send?.(spentHere()))
  process.once('SIGTERM', () => {
    void running
      .close()
      .then(() => store.close())
      .then(() => process.exit(0))
  })
}

await main(process.argv.slice(2))
