/** Custodians that fall silent, and custodians that were divided: the stand-ins of the terms decide with those who answer. */
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault } from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import { leadsOf } from 'tallystick/kernel'
import { CUSTODIAN_ROUNDS, type CustodianState } from 'tallystick/models'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ended, giveKeys, start, tally } from '../commands/spawn.ts'
import { type Defined, definedBy } from '../../src/custodian/definition.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { readRelayedFolder } from '../../src/relayed/folder.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { COUNTER, inputBy, keeperClient, KEEPERS, startKeeper } from '../custodian/scene.ts'
import { engine, type Person, person } from '../relay/people.ts'

const cwd = mkdtempSync(join(tmpdir(), 'tallystick-stand-ins-'))
const home = join(cwd, 'home')
const keyed = ['--passphrase-file', 'passphrase'] as const
const relays = [await startLocalRelay(engine), await startLocalRelay(engine)]
const urls = relays.map((one) => one.url)
const [here = '', there = ''] = urls
const client = keeperClient()
const keepers: Awaited<ReturnType<typeof startKeeper>>[] = []
const children: ChildProcess[] = []
const FIVE: readonly Person[] = [...KEEPERS, person('mid')]
const sue = person('sue')
/** Every round of silent leads is waited for. */
const QUICK = { roundMs: 1_000 }

afterAll(async () => {
  for (const one of children) one.kill('SIGKILL')
  for (const one of keepers) await one.stop()
  client.close()
  for (const one of relays) await one.close()
  rmSync(cwd, { recursive: true, force: true })
}, 120_000)

const run = (...args: readonly string[]): Promise<Ended> => tally({ cwd, home }, ...args)
const push = (dir: string, wait: number): Promise<Ended> =>
  run('propose', 'PUSH', '--data', '{"by":2}', '--dir', dir, '--wait', String(wait), ...keyed)
const named = (people: readonly Person[]): readonly string[] =>
  people.flatMap(({ key }, at) => ['--custodian', `keeper${at}=${key}`])

/** Four of five, one of whom may lie; two stand in, with three of the five, after two seconds. */
const begin = async (dir: string, standIns: readonly string[]): Promise<Defined> => {
  const made = await run(
    'new',
    '--definition',
    'counter.json',
    '--dir',
    dir,
    '--after',
    '2',
    ...urls.flatMap((one) => ['--relay', one]),
    ...named(FIVE),
    ...standIns.flatMap((key, at) => ['--stand-in', `help${at}=${key}`]),
    ...keyed,
  )
  expect(made.code, made.err).toBe(0)
  expect(made.out).toMatch(
    /after 2 seconds of silence 2 of help0 .* and help1 .* with 3 custodians/,
  )
  const { definition } = readRelayedFolder(join(cwd, dir))
  const defined = definedBy(definition, { verifier: engine, logics: STANDARD_LOGICS })
  if (isFault(defined)) throw defined
  return defined
}

const votesOf = ({ member }: CustodianState): readonly string[] =>
  member.run.rounds.own.flatMap(({ statement: of }) =>
    of.is === 'vote' ? [of.transition.interaction] : [],
  )

const until = async (isSo: () => boolean): Promise<void> => {
  const end = Date.now() + 240_000
  while (!isSo() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50))
  expect(isSo()).toBe(true)
}

beforeAll(async () => {
  writeFileSync(join(cwd, 'passphrase'), 'a long enough passphrase', { mode: 0o600 })
  writeFileSync(join(cwd, 'counter.json'), COUNTER)
  giveKeys(home, 'alice', { suite: 'nostr', passphrase: 'a long enough passphrase' })
}, 120_000)

describe('stand-ins over relays', { timeout: 600_000 }, () => {
  test('certify with three of five after the silence that the terms declare, and everybody sees it', async () => {
    const made = ['--data', 'tom', '--name', 'tom', '--init', '--unsealed', '--json']
    const { out } = await run('serve', 'custodian', ...made)
    const { key: tom } = JSON.parse(out) as { readonly key: string }
    const defined = await begin('silent', [sue.key, tom])
    for (const one of FIVE.slice(0, 3)) keepers.push(await startKeeper(defined, one, urls, QUICK))
    const typo = await run('propose', 'PUSH', '--data', '{by:1}', '--dir', 'silent', ...keyed)
    expect(typo.code).toBe(3)
    expect(typo.err).toMatch(/--data is no JSON: .+\nfix: write --data '\{"choice":"yes"\}'/)
    const waiting = await push('silent', 1)
    expect(waiting.code, waiting.err).toBe(2)
    expect(waiting.out).toContain('or after 2 seconds of silence 2 of help0 and help1')
    expect(waiting.out).toMatch(
      /stand-ins may decide (in about \d seconds|from now on); then: tally resend --dir silent/,
    )
    const shown = await run('show', '--dir', 'silent')
    expect(shown.out).toContain('Something waits: after 2 seconds of silence 2 of help0')
    keepers.push(await startKeeper(defined, sue, urls, QUICK))
    const { id } = defined.definition
    const serving = start(
      cwd,
      'serve',
      'custodian',
      '--data',
      'tom',
      '--definition',
      id,
      '--relay',
      here,
    )
    children.push(serving.process)
    await serving.until(/stand-in 2 of 2, after 2 seconds of silence/)
    const certified = await run('resend', '--dir', 'silent', '--wait', '90')
    expect(certified.code, certified.out + certified.err).toBe(0)
    expect(certified.out).toMatch(/certified by keeper0, .*and by the stand-ins help0 and help1/)
    const told = JSON.parse((await run('show', '--dir', 'silent', '--json')).out) as {
      readonly steps: readonly { readonly standIns: readonly string[] }[]
    }
    expect(told.steps.map((one) => one.standIns)).toEqual([['help0', 'help1']])
    const bundled = await run('bundle', '--dir', 'silent', '-o', 'silent.tally')
    expect(bundled.code, bundled.err).toBe(0)
    const verified = await run('verify', 'silent.tally')
    expect(verified.code, verified.out + verified.err).toBe(0)
    expect(verified.out).toMatch(/receipted by .*, and by the stand-ins/)
    expect(verified.out).toContain(sue.key.slice(0, 8))
    for (const one of keepers.splice(0)) await one.stop()
  })

  test('decide where a liar has divided the custodians, and the liar is named', async () => {
    const tim = person('tim')
    const defined = await begin('divided', [sue.key, tim.key])
    const { genesis, definition } = defined
    const quorum = CUSTODIAN_ROUNDS.quorumIn(genesis.terms)
    if (!quorum) throw new Error('custodians decide in rounds')
    const place = { suite: genesis.terms.suite, machine: genesis.id, parent: genesis.headId }
    const [lead = 0] = leadsOf({ ...place, sequence: 1n }, quorum)
    const liar = FIVE[lead] ?? sue
    const [ann = sue, ben = sue, cat = sue] = FIVE.filter((one) => one !== liar)
    // One process of the liar here, one there; each knows half of the others, and one input. The fifth is silent.
    const stores = new Map([ann, ben, cat].map((one) => [one, createMemoryStore()]))
    const seat = (one: Person, relaysOf: readonly string[]) =>
      startKeeper(defined, one, relaysOf, {
        ...QUICK,
        store: stores.get(one) ?? createMemoryStore(),
      })
    const ours = [await seat(ann, [here]), await seat(ben, [here]), await seat(liar, [here])]
    const theirs = [await seat(cat, [there]), await seat(liar, [there])]
    const [uma, vera] = [person('uma'), person('vera')]
    const input = (by: Person, amount: number) =>
      inputBy(by, { machine: definition.id, type: 'PUSH', data: { by: amount } })
    await client.publish([here], input(uma, 1))
    await client.publish([there], input(vera, 2))
    const voices = [...ours.slice(0, 2), ...theirs.slice(0, 1)]
    await until(() => voices.every((one) => votesOf(one.state()).length > 0))
    const voted = voices.map((one) => votesOf(one.state())[0])
    expect(voted[0]).toBe(voted[1])
    expect(voted[2]).not.toBe(voted[0])
    const watching = start(cwd, 'watch', '--dir', 'divided')
    children.push(watching.process)
    const heard = await watching.until(/with 3 custodians decide/)
    expect(heard).toMatch(/they are divided: .+; and for another step: /)
    expect(heard).toContain('after 2 seconds of silence 2 of help0 and help1 with 3 custodians')
    for (const one of [...ours, ...theirs]) await one.stop()
    expect((await run('show', '--dir', 'divided')).out).toContain('step 0')
    // The network heals; the liar is gone. Four would be needed, and three answer.
    for (const one of [ann, ben, cat]) keepers.push(await seat(one, urls))
    for (const one of [sue, tim]) keepers.push(await startKeeper(defined, one, urls, QUICK))
    const heads = (): readonly bigint[] =>
      keepers.map((one) => one.state().member.followed.machine.head.sequence)
    await until(() => heads().every((one) => one >= 1n))
    const first = keepers.map((one) => one.state().member.followed.machine.headId)
    expect(new Set(first).size).toBe(1)
    expect(await watching.until(/step 1|PUSH/)).toContain('and by the stand-ins')
    watching.process.kill('SIGINT')
    await watching.ended
    const shown = await run('show', '--dir', 'divided')
    expect(shown.out).toMatch(/PUSH .*and by the stand-ins help0 and help1/)
    expect(shown.out).toContain(`Evidence against keeper${lead}`)
    await run('bundle', '--dir', 'divided', '-o', 'divided.tally')
    const verified = await run('verify', 'divided.tally')
    expect(verified.out).toContain('and by the stand-ins')
    expect(verified.out).toContain('convicted: ')
  })
})
