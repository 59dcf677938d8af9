/** A program that commits one after the other and says what became of each: `faulty.ts FOLDER COUNT`. */
import { writeSync } from 'node:fs'
import { storeErrorCode } from '../../src/store/errors.ts'
import { openGuardedSqlite } from '../../src/store/open.ts'
import { unitFor } from './written.ts'

const main = async ([folder = '', count = '']: readonly string[]): Promise<void> => {
  const store = await openGuardedSqlite(folder, 'vows')
  const before = await store.head('vows').then(({ size }) => Number(size))
  for (let n = before; n < before + Number(count); n++) {
    const said = await store.commit(unitFor(n)).then(
      ({ is }) => is,
      (error: unknown) => storeErrorCode(error) ?? String(error),
    )
    // Reads are answered whatever the disk does.
    const { is } = store.status()
    const size = await store.get('heads', Uint8Array.of(1)).then(() => 'read', String)
    writeSync(1, `${n} ${said} ${is} ${size}\n`)
  }
  process.exit(0)
}

await main(process.argv.slice(2))
