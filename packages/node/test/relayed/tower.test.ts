/** A participant who watches, and a custodian that votes for a step which does not follow: the real command. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault } from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import { statementDigest, type Vote } from 'tallystick/kernel'
import { type Candidate, memberMessage, tryCandidate } from 'tallystick/models'
import { STANDARD_MODELS } from 'tallystick'
import {
  evidenceFrom,
  interactionForInput,
  KINDS,
  type NostrEvent,
  signNostrEvent,
  voteDrafts,
} from 'tallystick/nostr'
import { afterAll, describe, expect, test } from 'vitest'
import { giveKeys, start, tally } from '../commands/spawn.ts'
import { type Defined, definedBy } from '../../src/custodian/definition.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { readRelayedFolder } from '../../src/relayed/folder.ts'
import { COUNTER, inputBy, keeperClient, KEEPERS, untilShown } from '../custodian/scene.ts'
import { alice, engine } from '../relay/people.ts'

const cwd = mkdtempSync(join(tmpdir(), 'tallystick-tower-'))
const home = join(cwd, 'home')
const keyed = ['--passphrase-file', 'passphrase'] as const
const relay = await startLocalRelay(engine)
const client = keeperClient()

afterAll(async () => {
  client.close()
  await relay.close()
  rmSync(cwd, { recursive: true, force: true })
})

const run = (...args: readonly string[]) => tally({ cwd, home }, ...args)

/** A hold of the first custodian for a state that an input does not lead to, in events of this moment. */
const liesAbout = ({ genesis, definition }: Defined): (() => readonly NostrEvent[]) => {
  const [liar] = KEEPERS
  if (!liar) throw new Error('there are four')
  const event = inputBy(alice, { machine: definition.id, type: 'PUSH', data: { by: 1 } })
  const at = BigInt(Date.now())
  const head = { machine: genesis.id, head: genesis.headId }
  const candidate: Candidate = {
    interaction: interactionForInput({ ...head, event, at }),
    consents: [],
    beside: [],
    attachments: [],
  }
  const options = { logics: STANDARD_LOGICS, models: STANDARD_MODELS, verifier: engine }
  const after = tryCandidate(options, genesis, candidate)
  if (isFault(after)) throw after
  const transition = { ...after.head, state: genesis.head.interaction as never }
  const statement: Vote = { is: 'vote', transition, round: 0, phase: 'hold', cited: 0, time: 0n }
  const signature = liar.sign(statementDigest('nostr', statement))
  const message = memberMessage.encode({
    machine: genesis.id,
    newest: undefined,
    casts: [{ signer: 0, statement, signature }],
    candidates: [candidate],
  })
  const of = {
    machine: definition.id,
    sender: liar.key,
    to: KEEPERS.map((one) => one.key),
    message,
  }
  return () => voteDrafts(of, Math.floor(Date.now() / 1000)).map((one) => signNostrEvent(one, liar))
}

describe('tally watch', { timeout: 240_000 }, () => {
  test('sees a vote for a step that does not follow, publishes it, and it convicts in a file', async () => {
    writeFileSync(join(cwd, 'passphrase'), 'a long enough passphrase', { mode: 0o600 })
    writeFileSync(join(cwd, 'counter.json'), COUNTER)
    giveKeys(home, 'alice', { suite: 'nostr', passphrase: 'a long enough passphrase' })
    const custodians = KEEPERS.flatMap(({ key }, at) => ['--custodian', `keeper${at}=${key}`])
    const given = ['--definition', 'counter.json', '--relay', relay.url, ...custodians, ...keyed]
    const made = await run('new', ...given)
    expect(made.code, made.err).toBe(0)
    const { definition } = readRelayedFolder(join(cwd, 'counter'))
    const defined = definedBy(definition, { verifier: engine, logics: STANDARD_LOGICS })
    if (isFault(defined)) throw defined
    process.env['TALLY_HOME'] = home
    const watching = start(cwd, 'watch', '--dir', 'counter', '--publish', '--json', ...keyed)
    delete process.env['TALLY_HOME']
    // Relays keep no votes: they are sent until the watchtower is there to hear one.
    const lies = liesAbout(defined)
    const saying = setInterval(() => {
      for (const one of lies()) void client.publish([relay.url], one)
    }, 1_000)
    try {
      const out = await watching.until(/"event":"published"/)
      expect(out).toMatch(/"event":"lie","custodian":"keeper0","type":"INVALID_TRANSITION"/)
    } finally {
      clearInterval(saying)
      watching.process.kill('SIGINT')
    }
    await watching.ended
    const filter = { kinds: [KINDS.evidence], '#e': [defined.definition.id] }
    const shown = await untilShown(client, [relay.url], filter, (all) => all.length > 0)
    const [found] = shown.map((one) => evidenceFrom(one, engine))
    expect(found).toMatchObject({ accused: KEEPERS[0]?.key, type: 'INVALID_TRANSITION' })
    const looked = await run('show', '--dir', 'counter')
    expect(looked.code).toBe(1)
    expect(looked.out).toContain(
      'Evidence against keeper0: it signed for a step that does not follow',
    )
    await run('bundle', '--dir', 'counter', '-o', 'counter.tally')
    const checked = await run('verify', 'counter.tally')
    expect(checked.out).toContain('signed for a step that the rules do not lead to')
  })
})
