/**
 * Somebody with a public Nostr library and none of our code: reads a definition, sends an input that is refused and one that is not,
 * and counts receipts as any client can. Arguments: the relay, and the id of the definition.
 */
import { finalizeEvent, generateSecretKey, getPublicKey, verifyEvent } from 'nostr-tools/pure'
import { Relay } from 'nostr-tools/relay'

type Event = ReturnType<typeof finalizeEvent>

const [url = '', machine = ''] = process.argv.slice(2)
const secret = generateSecretKey()
const key = getPublicKey(secret)
const relay = await Relay.connect(url)

/** What the relay has and gets, until there is enough of it. */
const gather = (
  filter: Parameters<typeof relay.subscribe>[0][number],
  isEnough: (events: readonly Event[]) => boolean,
): Promise<readonly Event[]> =>
  new Promise((resolve) => {
    const events: Event[] = []
    const subscription = relay.subscribe([filter], {
      onevent: (event) => {
        if (!verifyEvent(event)) return
        events.push(event)
        if (!isEnough(events)) return
        subscription.close()
        resolve(events)
      },
    })
  })

const tag = (event: Event | undefined, name: string): string =>
  event?.tags.find((one) => one[0] === name)?.[1] ?? ''

const send = async (content: object): Promise<Event> => {
  const event = finalizeEvent(
    {
      kind: 7501,
      created_at: Math.floor(Date.now() / 1000),
      tags: [
        ['e', machine],
        ['t', 'PUSH'],
      ],
      content: JSON.stringify(content),
    },
    secret,
  )
  await relay.publish(event)
  return event
}

const [definition] = await gather({ ids: [machine] }, (all) => all.length === 1)
const custodians = (definition?.tags ?? [])
  .filter((one) => one[0] === 'state')
  .map((one) => one[1]?.split(':')[1] ?? '')
const needed = Number(
  definition?.tags.find((one) => one[0] === 'custody')?.[2] ?? custodians.length,
)

const bad = await send({ by: 7 })
const [refusal] = await gather(
  { kinds: [7507], '#p': [key], authors: custodians },
  (all) => all.length === 1,
)

const good = await send({ by: 2 })
/** The header that enough custodians have given receipts for to this input. */
const accepted = (events: readonly Event[]): string | undefined =>
  events
    .filter((one) => tag(one, 'transition') === good.id)
    .map((one) => tag(one, 'header'))
    .find((header) => {
      const by = events.filter((one) => tag(one, 'header') === header).map((one) => one.pubkey)
      return new Set(by).size >= needed
    })
const receipts = await gather(
  { kinds: [7504], '#e': [machine], authors: custodians },
  (all) => accepted(all) !== undefined,
)
console.log(
  JSON.stringify({
    refused: { input: bad.id, code: tag(refusal, 'code') },
    accepted: { input: good.id, header: accepted(receipts), receipts: receipts.length },
  }),
)
relay.close()
