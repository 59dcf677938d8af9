/** What the command makes of files about a MOI network. */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { guardianEvidence } from '../../src/cli/moi-view.ts'
import { historyOf } from '../../src/dialects/moi/history.ts'
import { networkState, networkStateOf } from '../../src/dialects/moi/network-state.ts'
import { balancePath, PATH } from '../../src/dialects/moi/run/layout.ts'
import { kramaEvidence } from '../../src/models/krama/evidence.ts'
import { kramaCertificate } from '../../src/models/krama/seal.ts'
import { EMPTY_BUNDLE, fileFromBundle } from '../../src/verify/bundle.ts'
import { fileFromBody } from '../../src/verify/file.ts'
import { createLatticeTown } from '../dialects/moi/lattice-town.ts'
import { BALANCE, bob, KMOI, toward, transferOf } from '../dialects/moi/run/town.ts'
import { sealAll } from '../dialects/moi/sealing.ts'
import { createUser } from './spawn.ts'

const user = createUser()
afterAll(() => rmSync(join(user.home, '..'), { recursive: true }))

const write = (name: string, file: Uint8Array): string => {
  writeFileSync(join(user.cwd, name), file)
  return name
}

const pay = (amount: bigint) => ({ do: [transferOf(bob, amount)], with: toward(bob) ?? [] })

const of = createLatticeTown()
const other = createLatticeTown()
const done = of.send(pay(10n))
const fork = other.send(pay(11n))
const certificates = sealAll([...of.begun, done])
const bobs = done.tesseract.steps[1]
if (!bobs) throw new Error('bob has moved')

const state = networkStateOf({
  network: of.network,
  account: bob.id,
  machine: bobs.head.machine,
  certificate: certificates(1, 1),
  paths: [balancePath(KMOI, 0n), PATH.fuel],
})

const history = historyOf(
  of.network,
  [...of.begun, done].map(({ interaction, tesseract }, at) => ({
    interaction,
    seen: tesseract.seen,
    steps: tesseract.steps.map(({ account, transition }, leg) => ({
      account,
      transition,
      certificate: kramaCertificate.encode(certificates(at, leg)),
    })),
  })),
)

describe('a file with a Network-State', () => {
  test('is checked offline: whose balance, who vouches, and what that rests on', async () => {
    const file = write('state.tally', fileFromBody('network-state', networkState.encode(state)))
    const checked = await user.run('verify', file)
    expect(checked.err).toBe('')
    expect(checked.code).toBe(0)
    expect(checked.out).toContain('valid  guardian vouches for what stands below')
    expect(checked.out).toContain(`${BALANCE + 10n} of asset 0x${KMOI}`)
    expect(checked.out).toContain(`0x${done.tesseract.hash}`)
    expect(checked.out).toContain('has sealed no other step at this place')
    const shown = await user.run('show', file)
    expect(shown.out).toContain('not checked')
    expect(shown.out).toContain(`${BALANCE + 10n} of asset`)
  })

  test('that says another amount is refused', async () => {
    const bytes = networkState.encode(state)
    const value = state.values[1]?.value ?? new Uint8Array()
    const at = Buffer.from(bytes).indexOf(value)
    bytes[at] = (bytes[at] ?? 0) + 1
    const file = write('more.tally', fileFromBody('network-state', bytes))
    const checked = await user.run('verify', file)
    expect(checked.code).toBe(1)
    expect(checked.err).toContain('proof/wrong-root')
  })
})

describe('a bundle with the history of accounts', () => {
  test('is run again from the genesis on', async () => {
    const file = write('history.tally', fileFromBundle({ ...EMPTY_BUNDLE, ...history }))
    const checked = await user.run('verify', file, '--all')
    expect(checked.err).toBe('')
    expect(checked.code).toBe(0)
    expect(checked.out).toContain('every step in the file holds and is final')
    expect(checked.out).toContain('asset-action Transfer')
    expect(checked.out).toContain(`0x${bob.id}`)
  })
})

describe('evidence against a guardian', () => {
  test('of two steps at one place convicts its key', async () => {
    const forked = sealAll([fork])
    const second = fork.tesseract.steps[1]
    if (!second) throw new Error('bob has moved there as well')
    const proof = kramaEvidence.encode({
      first: {
        transition: bobs.transition,
        certificate: kramaCertificate.encode(certificates(1, 1)),
      },
      second: { transition: second.transition, certificate: kramaCertificate.encode(forked(0, 1)) },
    })
    const body = guardianEvidence.encode({ terms: of.network.machine.terms, proof })
    const file = write('fork.tally', fileFromBody('guardian-evidence', body))
    const checked = await user.run('verify', file)
    expect(checked.code).toBe(0)
    expect(checked.out).toContain('sealed two different steps at one place')
    expect((await user.run('show', file)).out).toContain('not checked')
  })
})

describe('files of guardians held against each other', () => {
  const stateFile = (
    lattice: typeof of,
    steps: typeof done,
    sealed: ReturnType<typeof sealAll>,
    at: number,
  ): Uint8Array => {
    const step = steps.tesseract.steps[1]
    if (!step) throw new Error('bob has moved')
    const { machine } = step.head
    const certificate = sealed(at, 1)
    const paths = [balancePath(KMOI, 0n)]
    const body = { network: lattice.network, account: bob.id, machine, certificate, paths }
    return fileFromBody('network-state', networkState.encode(networkStateOf(body)))
  }
  const bundle = fileFromBundle({ ...EMPTY_BUNDLE, ...history })

  test('convict a guardian that sealed two balances of one height, by evidence that others check', async () => {
    const mine = write('mine.tally', stateFile(of, done, certificates, 1))
    const theirs = write('theirs.tally', stateFile(other, fork, sealAll([fork]), 0))
    for (const [first, second] of [
      [mine, theirs],
      [theirs, write('whole.tally', bundle)],
    ] as const) {
      const shown = await user.run('fork', 'show', first, second, '-o', 'proof.tally')
      expect(shown.code).toBe(1)
      expect(shown.out).toContain('convicted: guardian, key ')
      expect(shown.out).toContain(`at account 0x${bob.id}`)
      expect(shown.out).toContain(`in ${second}`)
      const checked = await user.run('verify', 'proof.tally')
      expect(checked.code).toBe(0)
      expect(checked.out).toContain('sealed two different steps at one place')
      expect((await user.run('fork', 'show', 'proof.tally')).code).toBe(1)
    }
  })

  test('convict one that sealed a later step at an earlier time', async () => {
    const then = of.send(pay(1n))
    const early = sealAll([then], 1_800_000_000_499n)
    const mine = write('mine.tally', stateFile(of, done, certificates, 1))
    const newer = write('newer.tally', stateFile(of, then, early, 0))
    const shown = await user.run('fork', 'show', newer, mine)
    expect(shown.code).toBe(1)
    const late = write('newer.tally', stateFile(of, then, sealAll([then], 1_800_000_000_500n), 0))
    expect((await user.run('fork', 'show', late, mine)).code).toBe(0)
  })

  test('convict nobody where one child was sealed twice, or a step by somebody else', async () => {
    const mine = write('mine.tally', stateFile(of, done, certificates, 1))
    const again = sealAll([done], 1_800_000_009_999n)
    const twice = write('twice.tally', stateFile(of, done, again, 0))
    const none = await user.run('fork', 'show', mine, twice, write('whole.tally', bundle))
    expect(none.code).toBe(0)
    expect(none.out).toContain('no guardian is shown')
    const stranger = sealAll([fork], undefined, { secret: new Uint8Array(32).fill(7) })
    const forged = write('forged.tally', stateFile(other, fork, stranger, 0))
    const badly = await user.run('fork', 'show', mine, forged, '-o', 'none.tally')
    expect(badly.code).toBe(2)
    expect(badly.out).toContain('krama/bad-signature')
    expect(existsSync(join(user.cwd, 'none.tally'))).toBe(false)
  })

  test('are not compared with files of other systems', async () => {
    const mine = write('mine.tally', stateFile(of, done, certificates, 1))
    const alien = write('alien.tally', fileFromBody('message', new Uint8Array(3)))
    const mixed = await user.run('fork', 'show', mine, alien)
    expect(mixed.code).toBe(3)
    expect(mixed.err).toContain('alien.tally is of no MOI network')
  })
})
