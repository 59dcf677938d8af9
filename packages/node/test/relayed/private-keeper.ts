/** A custodian of a private machine in this process: let in by its key pack, it wraps what it says and opens what it hears. */
import { isFault } from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import { definedBy } from '../../src/custodian/definition.ts'
import type { RunningCustodian } from '../../src/custodian/start-custodian.ts'
import type { RelayClient } from '../../src/relay/client.ts'
import { createKeyRing, enter, privateTools } from '../../src/relay/membership.ts'
import { createPrivateClient } from '../../src/relay/private-client.ts'
import { keeperClient, startKeeper } from '../custodian/scene.ts'
import { engine, type Person } from '../relay/people.ts'

export type PrivateKeeper = Awaited<ReturnType<typeof startKeeper>> & {
  /** Epochs of which it got keys. */
  readonly epochs: number
}

/** What somebody gets to see who has a key pack for a machine; undefined for everybody else. */
export const enteredBy = (
  client: RelayClient,
  relays: readonly string[],
  who: Person,
  machine: string,
): ReturnType<typeof enter> =>
  enter(client, relays, { member: { pubkey: who.key, secret: who.secret }, machine, engine })

export const startPrivateKeeper = async (
  client: RelayClient,
  relays: readonly string[],
  who: Person,
  machine: string,
): Promise<PrivateKeeper> => {
  const found = await enteredBy(client, relays, who, machine)
  if (!found) throw new Error('it was let in')
  const defined = definedBy(found.definition, { verifier: engine, logics: STANDARD_LOGICS })
  if (isFault(defined)) throw defined
  const outside = keeperClient()
  const begun: { running?: RunningCustodian } = {}
  const ring = createKeyRing({
    member: { pubkey: who.key, secret: who.secret },
    machine,
    engine,
    keys: found.keys,
    initiator: found.definition.pubkey,
    onMore: () => void begun.running?.listen(),
  })
  const kept = await startKeeper(defined, who, relays, {
    client: createPrivateClient(outside, ring, privateTools(engine)),
  })
  begun.running = kept
  ring.follow(outside, relays)
  return { ...kept, epochs: found.keys.length }
}
