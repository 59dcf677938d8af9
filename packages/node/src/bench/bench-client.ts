/**
 * A client in a process of its own, for measurements: `bench-client.ts PAYERS NAME URL TOKEN KEY …`, four words for each
 * operator. It opens the accounts of its payers and says so in a first message. From then on each message is a number of
 * seconds to send steps for; the answer is what came of that, and the processor time that it took.
 */
import { bytesFromHex } from 'tallystick/base'
import type { ClientResult } from './clients.ts'
import { policyOf } from './fleet.ts'
import { openPayers, runLoad } from './load.ts'
import { createPayer } from './payer.ts'
import { spentBetween, spentHere } from './processor.ts'

const main = async ([count = '0', ...words]: readonly string[]): Promise<void> => {
  const members = Array.from({ length: words.length / 4 }, (_, at) => {
    const [name = '', url = '', token = '', key = ''] = words.slice(4 * at, 4 * at + 4)
    return { name, url, token, publicKey: bytesFromHex(key) }
  })
  const policy = policyOf(members)
  const payers = Array.from({ length: Number(count) }, () => createPayer(policy))
  await openPayers(members, payers)
  const run = async (seconds: number): Promise<ClientResult> => {
    const before = spentHere()
    const { latenciesMs, refused } = await runLoad({ members, payers, seconds })
    return { latenciesMs, refused, ...spentBetween([before], [spentHere()]) }
  }
  process.on('message', (seconds) => {
    void run(Number(seconds)).then((result) => process.send?.(result))
  })
  process.once('disconnect', () => process.exit(0))
  process.send?.('open')
}

await main(process.argv.slice(2))
