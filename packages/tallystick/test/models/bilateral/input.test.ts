import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import { partyInput, recordedInput } from '../../../src/models/bilateral/input.ts'
import type { PartyInput } from '../../../src/models/bilateral/state.ts'
import { anId, opened } from '../../kernel/sample.ts'
import { createPair, env, relationship, settle, wish, wishOf } from './pair.ts'

const samples: readonly PartyInput[] = [
  { is: 'learn', charter: relationship() },
  wishOf(3n),
  { is: 'message', bytes: Uint8Array.of(1, 2, 3) },
  { is: 'decide', interaction: anId('a'), yes: true },
  { is: 'signed', digest: new Uint8Array(32), key: 0, signature: new Uint8Array(64) },
  {
    is: 'proven',
    interaction: anId('a'),
    proven: [{ is: 'time', machine: anId('m'), transition: anId('t'), atLeast: 5n }],
    grade: 'provisional',
  },
  { is: 'unproven', interaction: anId('a'), fault: new Fault('fact/other-root', 'no') },
  { is: 'withdraw' },
  { is: 'restored', last: undefined },
  {
    is: 'restored',
    last: {
      parent: opened().headId,
      sequence: 0n,
      vow: { round: 1, phase: 'abort', child: undefined, cited: 0 },
    },
  },
  { is: 'resend' },
]

describe('recorded inputs', () => {
  test.each(samples)('of kind $is read back as they were written', (input) => {
    const read = recordedInput.decode(recordedInput.encode({ env, input }))
    expect(read).toEqual({ env, input })
  })

  test('folded again give the state that they gave the first time', () => {
    const pair = createPair()
    for (let step = 0; step < 4; step++) {
      wish(step % 2 === 0 ? pair.alice : pair.bob)
      settle(pair)
    }
    for (const { party, inputs, state } of [pair.alice, pair.bob]) {
      const folded = inputs
        .map((one) => partyInput.decode(partyInput.encode(one)))
        .reduce((before, one) => party.step(before, one, env), party.begin())
      expect(folded).toEqual(state)
    }
  })

  test('with a code that no fault can have are refused', () => {
    const input: PartyInput = {
      is: 'unproven',
      interaction: anId('a'),
      fault: new Fault('a/b', 'c'),
    }
    const written = partyInput.encode(input)
    expect(partyInput.decode(written)).toEqual(input)
    const at = written.indexOf('/'.charCodeAt(0))
    expect(() => partyInput.decode(written.with(at, 0x20))).toThrow(
      expect.objectContaining({ code: 'codec/not-canonical' }) as Error,
    )
  })
})
