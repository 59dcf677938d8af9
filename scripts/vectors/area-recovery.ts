/** Recovery: seeds that follow from a secret, and the shares that guardians keep. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import {
  type GuardianShare,
  sharesFrom,
  textFromShare,
} from '../../packages/tallystick/src/forms/guardian-share.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import { inception, stateOf } from './identities.ts'
import { seedOf } from './world.ts'

const ANN = stateOf([inception('ann', [])]).identity
const BEN = stateOf([inception('ben', [])]).identity

/** Parts as a library would make them: as random as keys, the last byte is the place on the curve. */
const valueOf = (name: string): Uint8Array => Uint8Array.of(...seedOf(name), 7)
const setOf = (name: string, identity = ANN): readonly GuardianShare[] =>
  sharesFrom(
    identity,
    3,
    [1, 2, 3, 4, 5].map((at) => valueOf(`${name} ${at}`)),
  )

const SET = setOf('part')
const at = (position: number, of: readonly GuardianShare[] = SET): GuardianShare => {
  const share = of[position]
  if (!share) throw new Error('there are five shares')
  return share
}
const texts = (...shares: readonly GuardianShare[]): readonly string[] => shares.map(textFromShare)

const shareCases = (): readonly Case[] => {
  const whole = good({
    id: 'recovery/shares',
    comment: 'three of five shares, in another order',
    check: 'shares',
    input: { identity: ANN, shares: texts(at(4), at(0), at(2)) },
  })
  const spoil = (fault: string, id: string, comment: string, shares: readonly string[]): Case =>
    spoiled(whole, fault, { id: `recovery/${id}`, comment, input: { shares } })
  const [first = '', second = ''] = texts(at(4), at(0))
  return [
    whole,
    spoil('share/too-few', 'too-few', 'two of three', [first, second]),
    spoil('share/twice', 'twice', 'one share twice', texts(at(4), at(0), at(0))),
    spoil(
      'share/other-identity',
      'other-identity',
      'a share of another identity',
      texts(at(4), at(0), at(2, setOf('part', BEN))),
    ),
    spoil(
      'share/other-set',
      'other-set',
      'a share of an older set',
      texts(at(4), at(0), at(2, setOf('older part'))),
    ),
    spoil(
      'share/altered',
      'altered',
      'a guardian changed its share and made the check fit',
      texts(at(4), at(0), { ...at(2), value: valueOf('another') }),
    ),
    spoil(
      'share/bad-set',
      'bad-set',
      'one share is to be enough',
      texts(at(4), at(0), { ...at(2), threshold: 1 }),
    ),
    spoil('share/damaged', 'damaged', 'the last character is another', [
      first,
      second,
      textFromShare(at(2)).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    ]),
    spoil('share/not-a-share', 'not-a-share', 'another text', [first, second, 'abandon ability']),
  ]
}

export const recoveryArea = (): Area => {
  const seed = (id: string, comment: string, way: string, turn: number): Case =>
    good({
      id: `recovery/seed-${id}`,
      comment,
      check: 'recovery-seed',
      input: { way, secret: hexFromBytes(seedOf('secret')), identity: ANN, turn },
    })
  return {
    area: 'recovery',
    about: 'Recovery of an identity: seeds from a secret, and shares of a secret.',
    cases: [
      seed('words', 'a secret on paper', 'words', 0),
      seed('guardians', 'the same bytes split among guardians', 'guardians', 0),
      seed('second', 'after one recovery', 'words', 1),
      ...shareCases(),
    ],
  }
}
