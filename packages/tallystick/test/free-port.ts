/** Ports for servers whose address has to be known before they run, or that come back to the one they had. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * A port of this machine's own address that nobody listens at. It lies below those that systems give out by themselves: what another
 * test opens meanwhile is given none of these.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(FIRST, LAST)
    if (await isFree(port)) return port
  }
}

const FIRST = 12_000
/** Linux gives out ports from 32768 on, others from 49152. */
const LAST = 32_000

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
