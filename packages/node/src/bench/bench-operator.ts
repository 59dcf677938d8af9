/** One operator in a process of its own, for measurements: `bench-operator.ts NAME FOLDER`. Says where it listens, as JSON. */
import { createHash } from 'node:crypto'
import { startOperator } from '../server/start-operator.ts'
import { VOWS } from '../server/steps.ts'
import { openGuardedSqlite } from '../store/open.ts'

const main = async ([name, folder]: readonly string[]): Promise<void> => {
  if (name === undefined || folder === undefined) throw new Error('usage: NAME FOLDER')
  const store = await openGuardedSqlite(folder, VOWS)
  const many = 1_000_000_000
  const { url, token, card, close } = await startOperator({
    name,
    store,
    seed: new Uint8Array(createHash('sha256').update(name).digest()),
    // What is measured is the work, not the brake.
    limits: { budget: many, budgetPerSecond: many },
  })
  const publicKey = Buffer.from(card.publicKey).toString('hex')
  process.stdout.write(`${JSON.stringify({ url, token, scheme: card.scheme, publicKey })}\n`)
  process.once('SIGTERM', () => {
    void close()
      .then(() => store.close())
      .then(() => process.exit(0))
  })
}

await main(process.argv.slice(2))
