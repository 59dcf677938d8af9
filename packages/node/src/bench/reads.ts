/** Reads of an operator: the newest step of a machine, over a hundred connections that are kept open. */
import { createConnection, type Socket } from 'node:net'
import { atLeast, atMost, type Figure, figureFrom, type Rounds } from 'tallystick/command'
import { machineId } from 'tallystick/kernel'
import { type FleetMember, startFleet } from './fleet.ts'
import { openPayers, quantileOf, runLoad } from './load.ts'
import { createPayer } from './payer.ts'

const CONNECTIONS = 100
const RATE_MIN = 8000
const P99_MS_MAX = 50

export const benchReads = async ({ rounds }: Rounds): Promise<readonly Figure[]> => {
  const fleet = await startFleet()
  try {
    const payers = Array.from({ length: 16 }, () => createPayer(fleet.policy))
    await openPayers(fleet.members, payers)
    await runLoad({ members: fleet.members, payers, seconds: 1 })
    const [member] = fleet.members
    if (!member) throw new Error('a fleet has members')
    const paths = payers.map((one) => `/v1/machines/${machineId(one.charter)}`)
    await readFor(member, paths, 1)
    const seconds = Math.max(2, Math.min(10, rounds))
    const latenciesMs = await readFor(member, paths, seconds)
    return [
      figureFrom(
        {
          id: 'D4',
          name: 'reads of a newest step',
          unit: '1/s',
          goal: atLeast(RATE_MIN),
          note: `one operator, ${CONNECTIONS} connections`,
        },
        [latenciesMs.length / seconds],
      ),
      figureFrom({ id: 'D4', name: 'a read, p99', unit: 'ms', goal: atMost(P99_MS_MAX) }, [
        quantileOf(latenciesMs, 0.99),
      ]),
    ]
  } finally {
    await fleet.close()
  }
}

const readFor = async (
  member: FleetMember,
  paths: readonly string[],
  seconds: number,
): Promise<readonly number[]> => {
  const until = performance.now() + seconds * 1000
  const latenciesMs: number[] = []
  const readers = Array.from({ length: CONNECTIONS }, (_, at) =>
    readOver(member, paths[at % paths.length] ?? '/', until, latenciesMs),
  )
  await Promise.all(readers)
  return latenciesMs
}

/** A reader that costs little itself: it counts the bytes of an answer and asks again. */
const readOver = (
  member: FleetMember,
  path: string,
  until: number,
  latenciesMs: number[],
): Promise<void> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(member.url)
    const asked = Buffer.from(
      `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${member.token}\r\n\r\n`,
    )
    const socket: Socket = createConnection(Number(port), hostname)
    socket.setNoDelay(true)
    let begun = 0
    let missing = 0
    const ask = (): void => {
      begun = performance.now()
      socket.write(asked)
    }
    socket.on('connect', ask)
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      if (missing === 0) missing = answerBytes(chunk)
      if (missing < 0) reject(new Error(`a read was refused: ${chunk.subarray(0, 40).toString()}`))
      missing -= chunk.length
      if (missing > 0) return
      missing = 0
      const now = performance.now()
      if (now > until) {
        socket.destroy()
        resolve()
        return
      }
      latenciesMs.push(now - begun)
      ask()
    })
  })

/** Bytes of head and body of an answer whose head is whole; negative where it is no good one. */
const answerBytes = (chunk: Buffer): number => {
  const end = chunk.indexOf('\r\n\r\n')
  const head = chunk.subarray(0, end).toString('latin1')
  const [, length] = /content-length: (\d+)/i.exec(head) ?? []
  if (!head.startsWith('HTTP/1.1 200') || end < 0 || length === undefined) return -1
  return end + 4 + Number(length)
}
