import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isFault } from 'tallystick/base'
import { createOutput } from 'tallystick/command'
import { type Charter, signerOf } from 'tallystick/kernel'
import { STANDARD_LOGICS } from 'tallystick/logic'
import { convictOperator, directoryTerms, operatorEvidence } from 'tallystick/models'
import { bodyFromFile } from 'tallystick/verify'
import { STANDARD_MODELS } from 'tallystick'
import { auditAccount, auditBeside, tellAudit } from '../../src/account/audit.ts'
import { addContact } from '../../src/account/contacts.ts'
import { readAddresses, writeAddresses } from '../../src/account/folder.ts'
import type { Office } from '../../src/account/office.ts'
import { settle } from '../../src/account/settle.ts'
import { watchAccount } from '../../src/account/watch.ts'
import { createDirectoryClient } from '../../src/client/directory.ts'
import { platformSurroundings } from '../../src/client/surroundings.ts'
import { auditFolder } from '../../src/commands/audit.ts'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { accountCharter, engine, mintCharter, NAMES, person } from '../client/town.ts'
import { charterFor, openAt, startTest, stepsOf, submitAt } from '../server/town.ts'
import {
  createHolder,
  createPlace,
  deskOf,
  type Holder,
  pay,
  type Place,
  signerOf as keyOf,
} from './places.ts'

const running: RunningOperator[] = []
const start = async (name: string): Promise<RunningOperator> => {
  const seed = new Uint8Array(32).fill(name.length + name.charCodeAt(0))
  const one = await startTest({
    name,
    seed,
    store: createMemoryStore(),
    limits: { checkpointMs: 0 },
  })
  running.push(one)
  return one
}

let place: Place
let operators: readonly RunningOperator[]
let mint: Holder
let alice: Holder

const underReal = (of: Charter): Charter => ({
  ...of,
  terms: { ...of.terms, policy: directoryTerms(policyOfAll()) },
})
const policyOfAll = () => ({
  operators: operators.map(({ card: { name, scheme, publicKey } }) => ({
    name,
    scheme,
    publicKey,
  })),
  threshold: 3,
  faulty: 1,
})

const pointAt = (holder: Holder, all: readonly RunningOperator[]): void =>
  writeAddresses(
    holder.folder.path,
    all.map(({ card, url, token }) => ({ name: card.name, url, token })),
  )

beforeEach(async () => {
  place = createPlace()
  vi.stubEnv('TALLY_HOME', place.path)
  operators = await Promise.all(NAMES.map(start))
  mint = createHolder(place, 'mint', underReal(mintCharter(person('mint'))))
  alice = createHolder(place, 'alice', underReal(accountCharter(person('alice'))))
  addContact(mint.folder, alice.folder.charter)
  for (const one of [mint, alice]) pointAt(one, operators)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(running.splice(0).map((one) => one.close()))
  place.remove()
})

const within = async <T>(holder: Holder, work: (office: Office) => Promise<T>): Promise<T> => {
  const desk = deskOf(holder)
  try {
    return await work({
      folder: holder.folder,
      desk,
      directory: createDirectoryClient(readAddresses(holder.folder.path), {
        surroundings: platformSurroundings(),
        verifier: engine,
      }),
      engine,
      checks: { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier: engine },
      signer: () => Promise.resolve(keyOf(holder.person)),
      output: output(),
    })
  } finally {
    desk.close()
  }
}

const output = () => createOutput({ json: true })

const paid = (): Promise<void> =>
  within(mint, async (office) => {
    pay(office.desk, mint, alice)
    expect((await settle(office, 20_000)).certified).toHaveLength(1)
    await auditBeside(office)
  })

const audited = (holder: Holder) =>
  within(holder, (office) => auditAccount(office, { waitMs: 5_000 }))

const states = (of: Awaited<ReturnType<typeof audited>>): readonly string[] =>
  of.operators.map((one) => one.is)

/** Another life of the first operator's key, with another story in its log. */
const liar = async (): Promise<RunningOperator> => {
  const one = await start('north')
  const charter = charterFor([one.card])
  await openAt(one, charter)
  await submitAt(one, stepsOf(charter, 3, 'another story'))
  return one
}

const evidenceAt = (holder: Holder): string => {
  const [north] = operators
  if (!north) throw new Error('there is one')
  const signer = signerOf('classic', north.card)
  return join(holder.folder.path, `evidence-${signer.slice(0, 16)}.tally`)
}

const expectProof = (holder: Holder): void => {
  const file = new Uint8Array(readFileSync(evidenceAt(holder)))
  const evidence = operatorEvidence.decode(bodyFromFile('operator-evidence', file))
  const conviction = convictOperator(evidence, engine)
  expect(isFault(conviction)).toBe(false)
  expect(evidence.name).toBe('north')
}

describe('an account', () => {
  test('looks at its operators after a step, and demands consistency in the next command', async () => {
    await paid()
    expect(existsSync(join(mint.folder.path, 'audit'))).toBe(true)
    await paid()
    const found = await audited(mint)
    expect(states(found)).toEqual(['consistent', 'consistent', 'consistent', 'consistent'])
    expect(found.memory.upTo).toBe(2n)
    expect(tellAudit(output(), found)).toBe(0)
  })

  test('writes proof against an operator that tells another story later, and says so with 1', async () => {
    await paid()
    pointAt(mint, [await liar(), ...operators.slice(1)])
    expect(await watchAccount(output(), mint.folder.path, { isOnce: true })).toBe(1)
    expectProof(mint)
    expect(existsSync(evidenceAt(alice))).toBe(false)
  })

  test('finds with what another account saw that both are told different stories', async () => {
    await paid()
    const other = await liar()
    pointAt(alice, [other, ...operators.slice(1)])
    expect(tellAudit(output(), await audited(alice))).toBe(0)
    const seen = join(place.path, 'seen.json')
    const dir = mint.folder.path
    expect(await auditFolder(output(), { dir, output: seen })).toBe(0)
    expect(await auditFolder(output(), { dir: alice.folder.path, with: seen })).toBe(1)
    expectProof(alice)
  })

  test('is not misled by a file that others made up', async () => {
    await paid()
    const seen = join(place.path, 'seen.json')
    const dir = mint.folder.path
    await auditFolder(output(), { dir, output: seen })
    const text = readFileSync(seen, 'utf8')
    const forged = text.replaceAll(/("checkpoint": "[0-9a-f]{20})../g, (_, head) => `${head}ff`)
    expect(forged).not.toBe(text)
    writeFileSync(seen, forged)
    expect(await auditFolder(output(), { dir, with: seen })).toBe(0)
    writeFileSync(seen, '{"format": "tallystick/1 checkpoints", "checkpoints": [{}]}')
    await expect(auditFolder(output(), { dir, with: seen })).rejects.toThrow('holds no checkpoints')
  })

  test('says that its memory is damaged, and pays all the same', async () => {
    await paid()
    writeFileSync(join(mint.folder.path, 'audit'), Uint8Array.of(9, 9, 9))
    await expect(audited(mint)).rejects.toMatchObject({ code: 'account/damaged' })
    await paid()
  })

  test('pays while an operator is silent, and goes on without it', async () => {
    await paid()
    const [north] = operators
    if (!north) throw new Error('there is one')
    running.splice(running.indexOf(north), 1)
    await north.close()
    await paid()
    expect(states(await audited(mint))).toEqual([
      'silent',
      'consistent',
      'consistent',
      'consistent',
    ])
  })
})
