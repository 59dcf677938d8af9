/** Two people hand their machine over with the real command, by files between two folders. */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import { createNativeEngine } from '../../../src/engine/native.ts'
import { openMachine } from '../../../src/kernel/execute.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { withAmendment } from '../../../src/models/directory/amendment.ts'
import { acceptanceFrom, directoryCertificate } from '../../../src/models/directory/certificate.ts'
import { receiptVote } from '../../../src/models/directory/evidence.ts'
import { seatOfSuccessor, servedFrom } from '../../../src/models/directory/served.ts'
import { bundleFromFile, fileFromBundle } from '../../../src/verify/bundle.ts'
import { STANDARD_MODELS } from '../../../src/verify/standard.ts'
import { verify } from '../../../src/verify/verify.ts'
import { createUser, type Ended, giveKeys, type Tally } from '../spawn.ts'

const engine = createNativeEngine()
const [alice, bob] = [createUser(), createUser()]
const operators = ['north', 'east', 'south', 'west'].map((name, at) => ({
  name,
  pair: engine.fromSeed('ed25519', new Uint8Array(32).fill(100 + at)),
}))
const signed = (of: Tally): readonly string[] => ['--passphrase-file', of.passphraseFile]

const directoryFile = (threshold = 3, suite = 'classic'): string =>
  JSON.stringify({
    format: 'tallystick/1 directory',
    network: 'main',
    suite,
    threshold,
    faulty: 1,
    operators: operators.map(({ name, pair }) => ({
      name,
      scheme: 'ed25519',
      publicKey: hexFromBytes(pair.publicKey),
      url: 'http://127.0.0.1:1',
      token: '',
    })),
  })

type Result = { readonly files?: readonly { readonly path: string }[] }

const json = async (of: Tally, ...args: readonly string[]): Promise<Result & Ended> => {
  const ended = await of.run('--json', ...args)
  return { ...ended, ...(JSON.parse(ended.out) as Result) }
}

const take = (by: Tally, from: Tally, result: Result, ...more: readonly string[]) => {
  const names = (result.files ?? []).map(({ path }) => {
    copyFileSync(join(from.cwd, path), join(by.cwd, basename(path)))
    return basename(path)
  })
  return json(by, 'accept', ...names, ...more, ...signed(by))
}

afterAll(() => {
  for (const one of [alice, bob]) rmSync(join(one.home, '..'), { recursive: true })
})

beforeAll(async () => {
  for (const [name, one] of [
    ['alice', alice],
    ['bob', bob],
  ] as const) {
    giveKeys(one, name)
  }
  await bob.run('id', 'card')
  copyFileSync(join(bob.cwd, 'bob.card.tally'), join(alice.cwd, 'bob.card.tally'))
  await alice.run('new', '--with', 'bob.card.tally')
  copyFileSync(join(alice.cwd, 'alice-bob/out/invite.tally'), join(bob.cwd, 'invite.tally'))
  await bob.run('accept', 'invite.tally', '--yes', ...signed(bob))
  writeFileSync(join(alice.cwd, 'directory.json'), directoryFile())
}, 240_000)

describe('tally handover', () => {
  test('refuses operators of whom two quorums may be liars, and those of another suite', async () => {
    writeFileSync(join(alice.cwd, 'weak.json'), directoryFile(2))
    const weak = await json(alice, 'handover', '--directory', 'weak.json', ...signed(alice))
    expect(weak.out).toContain('quorum/too-weak')
    writeFileSync(join(alice.cwd, 'other.json'), directoryFile(3, 'quantum'))
    const other = await alice.run('handover', '--directory', 'other.json', ...signed(alice))
    expect(other.code).toBe(3)
    expect(other.err).toContain('the operators sign in quantum')
    const unnamed = await alice.run('handover', ...signed(alice))
    expect(unnamed.err).toContain('add --directory FILE')
    const early = await alice.run('handover', '--back', ...signed(alice))
    expect(early).toMatchObject({ code: 3 })
    expect(early.err).toContain('no operators certify this machine')
  }, 120_000)

  test('hands the machine over once both have signed, and operators can take it from the file', async () => {
    const offer = await json(alice, 'handover', '--directory', 'directory.json', ...signed(alice))
    expect(offer.code).toBe(0)
    const accepted = await take(bob, alice, offer, '--yes')
    const confirmed = await take(alice, bob, accepted)
    await take(bob, alice, confirmed)
    const late = await alice.run('propose', 'pay bob 1', ...signed(alice))
    expect(late.err).toContain('handed over')
    await alice.run('bundle', '-o', 'deal.tally')
    const file = readFileSync(join(alice.cwd, 'deal.tally'))
    const checks = { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier: engine }
    expect(verify(file, checks).outcome).toBe('incomplete')
    const bundle = bundleFromFile(file)
    const [charter] = bundle.charters
    const step = bundle.steps.at(-1)
    const [leg] = step?.legs ?? []
    if (!charter || !step || leg?.is !== 'written') throw new Error('the change is in the file')
    const genesis = verify(fileFromBundle({ ...bundle, steps: [] }), checks)
    expect(genesis.machines[0]?.head.sequence).toBe(0n)
    const opened = openMachine(charter, STANDARD_LOGICS)
    if (isFault(opened)) throw opened
    const served = withAmendment(
      { models: STANDARD_MODELS, verifier: engine },
      servedFrom(charter),
      {
        step: {
          transition: leg.transition,
          parent: opened.head,
          interaction: step.interaction,
          consents: step.consents,
          proposal: new Uint8Array(),
        },
        certificate: leg.certificate,
      },
    )
    if (isFault(served)) throw served
    const acceptances = operators.slice(0, 3).map(({ pair }) => {
      const signer = seatOfSuccessor(served, leg.transition, pair.publicKey)
      const digest = statementDigest('classic', receiptVote(leg.transition, 9n))
      const signature = engine.sign('ed25519', pair.secret, digest)
      return { signer, round: 0, cited: 0, time: 9n, signature }
    })
    const whole = { ...leg, accepted: directoryCertificate.encode(acceptanceFrom(acceptances)) }
    const steps = [...bundle.steps.slice(0, -1), { ...step, legs: [whole] }]
    expect(verify(fileFromBundle({ ...bundle, steps }), checks).outcome).toBe('valid')
  }, 240_000)
})
