import { describe, expect, test } from 'vitest'
import { convict } from '../../../src/kernel/evidence.ts'
import { acceptances, acceptanceVote, firstOfEach } from '../../../src/models/rounds/acceptance.ts'
import { PEOPLE } from '../../kernel/round-net.ts'
import { A, B } from '../../kernel/round-votes.ts'
import { alice, engine, sign, signerFrom } from '../../kernel/sample.ts'

const place = { round: 1, cited: 1, time: 7n }
const of = (signer: number) => ({ ...place, signer, signature: Uint8Array.of(signer) })

describe('acceptances of a step', () => {
  test('stand in order, each signer once, and read back', () => {
    const made = firstOfEach([of(2), of(0), of(2)])
    expect(made.map((one) => one.signer)).toEqual([0, 2])
    expect(acceptances.decode(acceptances.encode(made))).toEqual(made)
  })

  test('of two children in one round convict whoever signed both', () => {
    const by = PEOPLE[0] ?? alice
    const [first, second] = [A, B].map((one) => {
      const statement = acceptanceVote(one, place)
      return { statement, signature: sign('classic', by, statement) }
    })
    if (!first || !second) throw new Error('there are two')
    const { scheme, publicKey } = signerFrom(by)
    const found = convict({ suite: 'classic', scheme, publicKey, first, second }, engine)
    expect(found).toMatchObject({ kind: 'fork' })
  })
})
