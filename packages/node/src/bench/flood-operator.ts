/** The operator that is flooded: with the limits that it is served with, and a token for each side. Says where it listens. */
import { createToken, startOperator } from '../server/start-operator.ts'
import { openGuardedSqlite } from '../store/open.ts'
import { VOWS } from '../server/steps.ts'

const main = async ([folder]: readonly string[]): Promise<void> => {
  if (folder === undefined) throw new Error('usage: FOLDER')
  const store = await openGuardedSqlite(folder, VOWS)
  const [honest, hostile] = [createToken('honest'), createToken('hostile')]
  const { url, card, close } = await startOperator({
    name: 'north',
    suite: 'quantum',
    store,
    tokens: [honest, hostile],
  })
  const publicKey = Buffer.from(card.publicKey).toString('hex')
  const said = { url, honest: honest.token, hostile: hostile.token, publicKey }
  process.stdout.write(`${JSON.stringify(said)}\n`)
  process.once('SIGTERM', () => {
    void close()
      .then(() => store.close())
      .then(() => process.exit(0))
  })
}

await main(process.argv.slice(2))
