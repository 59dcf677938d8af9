/**
 * The flood: `flood-attacker.ts URL TOKEN KEY`. Opens an account of its own, makes one step, and from then on sends it with one bad
 * signature after the other, as fast as its connections let it. What it sends is right in everything but the signature, so
 * that nothing cheaper than the check of the signature tells. Never ends by itself.
 */
import { randomFillSync } from 'node:crypto'
import { bytesFromHex } from 'tallystick/base'
import { charter } from 'tallystick/kernel'
import { submissions } from 'tallystick/models'
import { createPayer } from './payer.ts'

const CONNECTIONS = 48

const main = async ([url, token, key]: readonly string[]): Promise<void> => {
  if (url === undefined || token === undefined || key === undefined) {
    throw new Error('usage: URL TOKEN KEY')
  }
  const publicKey = bytesFromHex(key)
  const operators = [{ name: 'north', scheme: 'ml-dsa-44' as const, publicKey }]
  const payer = createPayer({ operators, threshold: 1, faulty: 0 }, 'quantum')
  const post = async (path: string, body: Uint8Array): Promise<number> => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/vnd.tallystick',
    }
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: body.slice() })
    await answer.arrayBuffer()
    return answer.status
  }
  await post('/v1/charters', charter.encode(payer.charter))
  const step = payer.next()
  process.stdout.write('ready\n')
  let sent = 0
  const flood = async (): Promise<void> => {
    for (;;) {
      const proposal = randomFillSync(new Uint8Array(step.proposal.length))
      const status = await post('/v1/steps', submissions.encode([{ ...step, proposal }])).catch(
        () => 0,
      )
      if (status === 200) sent += 1
    }
  }
  process.once('SIGTERM', () => {
    process.stdout.write(`${sent}\n`, () => process.exit(0))
  })
  await Promise.all(Array.from({ length: CONNECTIONS }, flood))
}

await main(process.argv.slice(2))
