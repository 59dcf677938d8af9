import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import {
  checkNetworkState,
  type NetworkState,
  networkState,
  networkStateOf,
} from '../../../src/dialects/moi/network-state.ts'
import { balancePath, PATH } from '../../../src/dialects/moi/run/layout.ts'
import { amountRecord } from '../../../src/dialects/moi/run/record.ts'
import { kramaTerms, loneGuardian } from '../../../src/models/krama/policy.ts'
import { createLatticeTown, networkFrom, verifier } from './lattice-town.ts'
import { ada, BALANCE, bob, cyd, dan, KMOI, personOf, toward, transferOf } from './run/town.ts'
import { sealAll } from './sealing.ts'

const of = createLatticeTown()
const done = of.send({ do: [transferOf(bob, 10n)], with: toward(bob) ?? [] })
const certificates = sealAll([...of.begun, done])
const bobs = done.tesseract.steps[1]
if (!bobs) throw new Error('bob has moved')

const balance = balancePath(KMOI, 0n)

const shown: NetworkState = networkStateOf({
  network: of.network,
  account: bob.id,
  machine: bobs.head.machine,
  certificate: certificates(1, 1),
  paths: [balance, balancePath(bob.id, 0n)],
})

const codeOf = (changes: Partial<NetworkState>): string => {
  const found = checkNetworkState({ ...shown, ...changes }, verifier)
  return isFault(found) ? found.code : 'good'
}

describe('a Network-State', () => {
  test('shows a balance with the context that vouches for it, at a height, in a tesseract', () => {
    const found = checkNetworkState(shown, verifier)
    if (isFault(found)) throw found
    const [first, second] = found.values
    expect(first?.value && amountRecord.decode(first.value)).toBe(BALANCE + 10n)
    expect(second).toEqual({ path: balancePath(bob.id, 0n), value: undefined })
    expect(found.tesseract).toBe(done.tesseract.hash)
    expect(found.height).toBe(1n)
    expect(found.finality).toMatchObject({ vouchers: ['guardian'], undo: { atLeast: 1 } })
    expect(found.context.behaviour).toEqual([])
  })

  test('reads back as it was written', () => {
    const bytes = networkState.encode(shown)
    expect(networkState.decode(bytes)).toEqual(shown)
    expect(bytes.length).toBeLessThan(2500)
  })

  test('of another value, another key or another proof is refused', () => {
    const [context, one, other] = shown.values
    if (!context || !one || !other) throw new Error('three')
    const more = { ...one, value: amountRecord.encode(BALANCE + 11n) }
    expect(codeOf({ values: [context, more] })).toBe('proof/wrong-root')
    const absent = { ...one, value: undefined }
    expect(codeOf({ values: [context, absent] })).not.toBe('good')
    expect(codeOf({ values: [context, { ...one, path: PATH.fuel }] })).not.toBe('good')
    expect(codeOf({ values: [context, { ...one, proof: other.proof }] })).not.toBe('good')
    expect(codeOf({ values: [context, one] })).toBe('good')
  })

  test('has the context first, or is none', () => {
    expect(codeOf({ values: shown.values.slice(1) })).toBe('moi/no-context')
    expect(codeOf({ values: [] })).toBe('moi/no-context')
  })

  test('of another account, network or step is refused', () => {
    expect(codeOf({ account: cyd.id })).toBe('moi/other-account')
    expect(codeOf({ network: networkFrom(undefined, 'elsewhere').machine.id })).toBe(
      'moi/other-account',
    )
    const { transition } = done.tesseract.steps[0] ?? bobs
    expect(codeOf({ transition })).toBe('moi/other-account')
    expect(codeOf({ transition: of.network.open(bob.id).head })).toBe('moi/other-account')
  })

  test('with a certificate of another leg, or of a stranger, is refused', () => {
    const other = networkStateOf({
      network: of.network,
      account: bob.id,
      machine: bobs.head.machine,
      certificate: certificates(1, 0),
      paths: [balance],
    })
    expect(codeOf({ certificate: other.certificate })).toBe('krama/bad-signature')
    const forged = sealAll([done], 5n, dan)
    const { certificate } = networkStateOf({
      network: of.network,
      account: bob.id,
      machine: bobs.head.machine,
      certificate: forged(0, 1),
      paths: [],
    })
    expect(codeOf({ certificate })).toBe('krama/bad-signature')
    const unsigned = networkStateOf({
      network: of.network,
      account: bob.id,
      machine: bobs.head.machine,
      certificate: { ...certificates(1, 1), signatures: [] },
      paths: [],
    })
    expect(codeOf({ certificate: unsigned.certificate })).toBe('moi/not-sealed')
  })

  test('under terms of somebody’s own making is of another machine', () => {
    const { publicKey } = personOf('liar')
    const liar = loneGuardian({ name: 'guardian', scheme: 'secp256k1-ecdsa', publicKey })
    expect(codeOf({ terms: { ...shown.terms, policy: kramaTerms(liar) } })).toBe(
      'moi/other-account',
    )
    expect(
      codeOf({ terms: { ...shown.terms, policy: { kind: 'closed', params: new Uint8Array() } } }),
    ).toBe('moi/other-account')
    expect(ada.id).not.toBe(bob.id)
  })
})
