/** A directory of four, and the file by which participants find it. */
import { writeDirectoryFile } from '../../src/account/directory-file.ts'
import { type RunningOperator, startOperator } from '../../src/server/start-operator.ts'
import { createMemoryStore } from '../../src/store/memory.ts'

/** Operators of suite `nostr`, three of whom are enough; each is added to `started` as soon as it runs. */
export const startDirectoryFor = async (
  path: string,
  names: readonly string[],
  started: RunningOperator[],
): Promise<void> => {
  const operators: RunningOperator[] = []
  for (const name of names) {
    const one = await startOperator({ name, store: createMemoryStore(), suite: 'nostr' })
    operators.push(one)
    started.push(one)
  }
  writeDirectoryFile(path, {
    network: 'nostr',
    suite: 'nostr',
    policy: { operators: operators.map((one) => one.card), threshold: 3, faulty: 1 },
    addresses: operators.map(({ card, url, token }) => ({ name: card.name, url, token })),
  })
}
