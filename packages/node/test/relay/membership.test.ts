import { KINDS, type NostrEvent, type PackKeys } from 'tallystick/nostr'
import { afterEach, expect, test, vi } from 'vitest'
import { createRelayClient } from '../../src/relay/client.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { createKeyRing, enter, packsFor, privateTools } from '../../src/relay/membership.ts'
import { newEpochKeys } from '../../src/relay/private.ts'
import { createPrivateClient } from '../../src/relay/private-client.ts'
import { keySigner } from '../../src/relay/signer.ts'
import { alice, bob, engine } from './people.ts'

vi.setConfig({ testTimeout: 60_000 })

const open: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const tools = privateTools(engine)
const signer = keySigner(alice)
const define = (): Promise<NostrEvent> =>
  signer.sign({ kind: KINDS.definition, created_at: tools.now(), tags: [], content: '' })

test('of two packs for one epoch whoever enters takes the one that whoever is in already takes', async () => {
  const relay = await startLocalRelay(engine)
  open.push(() => relay.close())
  const client = createRelayClient({ verifier: engine })
  open.push(() => client.close())
  const relays = [relay.url]
  const definition = await define()
  const machine = definition.id
  const packed = { members: [bob.key], title: '', machine }
  const handOut = async (keys: PackKeys): Promise<void> => {
    for (const pack of await packsFor({ ...packed, keys }, signer, tools)) {
      await client.publish(relays, pack, { confirm: 'always' })
    }
    await createPrivateClient(client, { keys: [keys], machine }, tools).publish(relays, definition)
  }
  const twice = [newEpochKeys(tools), newEpochKeys(tools), newEpochKeys(tools)]
  for (const keys of twice) await handOut(keys)
  const member = { pubkey: bob.key, secret: bob.secret }
  const of = { member, machine, engine }
  const ring = createKeyRing({ ...of, keys: [], initiator: alice.key, onMore: () => undefined })
  expect(await ring.renew(client, relays)).toBe(true)
  const entered = await enter(client, relays, of)
  expect(entered?.definition.id).toBe(machine)
  expect(entered?.keys).toHaveLength(1)
  expect(entered?.keys).toEqual(ring.keys)
})
