/** Waiting for the operators of `tally dev`: each is ready when it answers at the address that its card has. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { bytesFromHex, SCHEME_IDS } from 'tallystick/base'
import { usageError } from 'tallystick/shell'
import { jsonFrom, member } from '../account/folder.ts'
import { createOperatorClient, type OperatorAddress } from '../client/operator.ts'
import { platformSurroundings } from '../client/surroundings.ts'
import { hasEnded, lastWords, logOf } from './child.ts'
import type { Begun, Started, Starting } from './operators.ts'

const LOOK_MS = 15

/** The card is rewritten with the address on each start, so an address that answers is the present one. */
export const untilReady = async (of: Starting, begun: Begun): Promise<Started> => {
  const { name, data, command, process: child } = begun
  const until = performance.now() + of.patienceMs
  while (performance.now() < until) {
    if (hasEnded(child)) break
    const found = cardIn(data)
    if (found && (await answers(found.address))) {
      return { ...found, data, command, process: child }
    }
    await pause(LOOK_MS)
  }
  throw usageError(
    `operator ${name} did not start${lastWords(data)}`,
    `its log may say more: ${logOf(data)}; another port may help: --port 4801`,
  )
}

const cardIn = (data: string): Pick<Started, 'operator' | 'address'> | undefined => {
  const [card, token] = [join(data, 'operator.json'), join(data, 'token')]
  if (!existsSync(card) || !existsSync(token)) return undefined
  const json = jsonFrom(readFileSync(card))
  const [name, publicKey, url] = ['name', 'publicKey', 'url'].map((one) => member(json, one))
  const scheme = SCHEME_IDS.find((one) => one === member(json, 'scheme'))
  if (typeof name !== 'string' || typeof publicKey !== 'string' || scheme === undefined) {
    return undefined
  }
  if (typeof url !== 'string' || url === '') return undefined
  return {
    operator: { name, scheme, publicKey: bytesFromHex(publicKey) },
    address: { name, url, token: readFileSync(token, 'utf8').trim() },
  }
}

const answers = async (address: OperatorAddress): Promise<boolean> =>
  createOperatorClient(address, platformSurroundings()).isReady()
