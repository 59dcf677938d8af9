import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { rootOf } from '../../src/state/tree.ts'
import {
  narrowed,
  readState,
  type SignedState,
  signedState,
} from '../../src/verify/signed-state.ts'
import { amended, begin, charterOf, checks, ended, ID, issued, signed } from './school.ts'

const { machine, credential } = issued(begin())
const { state } = credential

const codeOf = (of: SignedState): string => {
  const read = readState(of, checks)
  return isFault(read) ? read.code : 'done'
}
const withStep = (more: Partial<SignedState['step']>): SignedState => ({
  ...state,
  step: { ...state.step, ...more },
})
const bent = (bytes: Uint8Array): Uint8Array => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1)

describe('a signed state', () => {
  test('is read under the root that its issuer signed', () => {
    const read = readState(state, checks)
    if (isFault(read)) throw read
    expect(rootOf(read.tree)).toBe(machine.head.state)
    expect(read).toMatchObject({ machine: machine.id, sequence: 1n })
    expect(read.finality.vouchers).toEqual(['school'])
  })

  test.each<[string, string, SignedState]>([
    [
      'another header',
      'receipt/bad-signature',
      withStep({ transition: { ...state.step.transition, sequence: 7n } }),
    ],
    [
      'another machine’s charter',
      'credential/other-machine',
      { ...state, charter: charterOf('other') },
    ],
    ['no certificate', 'codec/truncated', withStep({ certificate: new Uint8Array(0) })],
    [
      'another certificate',
      'receipt/bad-signature',
      withStep({ certificate: bent(state.step.certificate) }),
    ],
    ['no signature of the issuer', 'credential/not-proposed', withStep({ proposal: [] })],
    [
      'another signature of the issuer',
      'credential/not-proposed',
      withStep({
        proposal: state.step.proposal.map((one) => ({ ...one, signature: bent(one.signature) })),
      }),
    ],
    [
      'a changed witness',
      'proof/wrong-root',
      withStep({ witness: signed(ended(machine), ID).step.witness }),
    ],
  ])('with %s is refused with %s', (_, code, of) => expect(codeOf(of)).toBe(code))

  test('is refused once the terms have changed, and where it does not show whether they have', () => {
    expect(codeOf(signed(amended(machine), ID))).toBe('credential/other-terms')
    const one = Uint8Array.of(1, ...Buffer.from(machine.head.state, 'hex'))
    expect(codeOf(withStep({ witness: one }))).toBe('state/unknown-place')
  })

  test('of a machine without records is refused', () => {
    const bare = begin({ ...charterOf(), logics: [] })
    const of = signed(bare, ID)
    expect(codeOf({ ...of, charter: bare.charter })).toBe('credential/no-records')
  })

  test('shows less when it is narrowed, under the same root', () => {
    const less = narrowed(state, [])
    expect(codeOf(less)).toBe('done')
    expect(less.step.witness.length).toBeLessThan(state.step.witness.length)
    expect(less.step.transition).toEqual(state.step.transition)
  })

  test('comes back from its bytes', () => {
    expect(signedState.decode(signedState.encode(state))).toEqual(state)
  })
})
