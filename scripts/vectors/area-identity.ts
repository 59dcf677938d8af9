/** Identities: logs of key events, certified heads, evidence against keys. */
import { idFromHex, zeroId } from '../../packages/tallystick/src/base/brand.ts'
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { signerKey } from '../../packages/tallystick/src/base/signer.ts'
import {
  type KeyChange,
  type KeyEvent,
  type SignedKeyEvent,
} from '../../packages/tallystick/src/kernel/key-event.ts'
import { keyEvidence, keyEvidenceFrom } from '../../packages/tallystick/src/kernel/key-evidence.ts'
import {
  type CertifiedKeyHead,
  certifiedKeyHead,
  keyHead,
  type KeyHead,
  keyHeadOf,
  keyReceiptMessage,
} from '../../packages/tallystick/src/kernel/key-head.ts'
import type { KeyState } from '../../packages/tallystick/src/kernel/key-log.ts'
import { type Area, bad, type Case, good, spoiled } from './case.ts'
import {
  authority,
  deviceIdOf,
  deviceOf,
  drafted,
  inception,
  keyOf,
  keysOf,
  logHex,
  signed,
  stateOf,
} from './identities.ts'
import { OPERATORS, pairOf, sign } from './world.ts'

const FIRST = inception('ann', [deviceOf('phone'), deviceOf('desk', 'work')])
const BEGUN = stateOf([FIRST])

const rotation = (more: Partial<KeyChange> = {}): KeyChange => ({
  is: 'rotate',
  ...authority(keysOf(['ann next root']), keysOf(['ann third root']), keysOf(['ann words'])),
  ...(more as object),
})
const RECOVERY: KeyChange = {
  is: 'recover',
  by: keysOf(['ann words']),
  ...authority(keysOf(['ann new root']), keysOf(['ann newer root'])),
}

const ADDED = signed(
  drafted(BEGUN, { is: 'devices' }, { revoke: [deviceIdOf('phone')], add: [deviceOf('tablet')] }),
  ['ann root'],
  BEGUN,
)
const SECOND = stateOf([FIRST, ADDED])
const ROTATED = signed(drafted(SECOND, rotation()), ['ann next root'], SECOND)
const THIRD = stateOf([FIRST, ADDED, ROTATED])
const RECOVERED = signed(
  drafted(THIRD, RECOVERY, {
    revoke: [deviceIdOf('tablet')],
    revokeGroups: ['work'],
    add: [deviceOf('new phone')],
  }),
  ['ann words', 'ann new root'],
  THIRD,
)

export const identityArea = (): Area => ({
  area: 'identity',
  about: 'Who acts for an identity: key logs, certified heads, evidence against keys.',
  cases: [...logCases(), ...changeCases(), ...headCases(), ...evidenceCases()],
})

const WHOLE: Case = good({
  id: 'identity/whole',
  comment: 'an inception, devices changed, a rotation, a recovery',
  check: 'key-log',
  input: { log: logHex([FIRST, ADDED, ROTATED, RECOVERED]) },
})

const refused = (
  fault: string,
  id: string,
  comment: string,
  log: readonly SignedKeyEvent[],
): Case => spoiled(WHOLE, fault, { id: `identity/${id}`, comment, input: { log: logHex(log) } })

/** A second event that is the good one but for a part. */
const second = (more: Partial<KeyEvent>): readonly SignedKeyEvent[] => [
  FIRST,
  signed({ ...ADDED.event, ...more }, ['ann root'], BEGUN),
]

const logCases = (): readonly Case[] => [
  WHOLE,
  good({
    id: 'identity/first',
    comment: 'an inception, whose hash is the identity',
    check: 'key-log',
    input: { log: logHex([FIRST]) },
  }),
  refused('key-log/empty', 'none', 'no event', []),
  refused('key-log/wrong-sequence', 'gap', 'an event left out', [FIRST, ROTATED]),
  refused(
    'key-log/wrong-previous',
    'other-previous',
    'linked to another event',
    second({ previous: zeroId() }),
  ),
  refused(
    'key-log/wrong-identity',
    'other-identity',
    'an event of another identity',
    second({ identity: idFromHex('11'.repeat(32)) }),
  ),
  refused('key-log/suite-changed', 'other-suite', 'another suite', second({ suite: 'quantum' })),
  refused(
    'key-log/wrong-change',
    'twice-begun',
    'an inception in the middle',
    second({ change: FIRST.event.change }),
  ),
  refused(
    'key-log/wrong-change',
    'no-change',
    'an event that changes nothing',
    second({ devices: { revoke: [], revokeGroups: [], add: [] } }),
  ),
  refused(
    'key-log/wrong-tree',
    'other-tree',
    'another device tree',
    second({ tree: FIRST.event.tree }),
  ),
  refused('key-log/bad-signature', 'device-signs', 'signed by a device', [
    FIRST,
    signed(ADDED.event, ['desk'], BEGUN),
  ]),
  refused('key-log/not-signed', 'nobody-signs', 'signed by nobody', [
    FIRST,
    { ...ADDED, signatures: [] },
  ]),
  refused('key-log/not-signed', 'signed-twice', 'one key’s signature twice', [
    FIRST,
    { ...ADDED, signatures: [...ADDED.signatures, ...ADDED.signatures] },
  ]),
]

const afterSecond = (change: KeyChange, by: readonly string[]): readonly SignedKeyEvent[] => [
  FIRST,
  ADDED,
  signed(drafted(SECOND, change), by, SECOND),
]
const devices = (
  change: Partial<KeyEvent['devices']>,
  before: KeyState = BEGUN,
): SignedKeyEvent => {
  const tree = before === BEGUN ? ADDED.event.tree : ROTATED.event.tree
  const event: KeyEvent = {
    ...drafted(before, { is: 'devices' }, { add: [deviceOf('placeholder')] }),
    devices: { revoke: [], revokeGroups: [], add: [], ...change },
    tree,
  }
  return signed(event, ['ann root'], before)
}

const changeCases = (): readonly Case[] => [
  refused('key-log/bad-signature', 'old-root-rotates', 'a rotation signed by the root in use', [
    FIRST,
    ADDED,
    signed(ROTATED.event, ['ann root'], SECOND),
  ]),
  refused(
    'reserve/not-committed',
    'thief-rotates',
    'a rotation to a key that was not promised',
    afterSecond(rotation({ keys: keysOf(['thief']) }), ['thief']),
  ),
  refused('reserve/not-committed', 'thief-recovers', 'a recovery by the key in use', [
    ...afterSecond({ ...RECOVERY, by: keysOf(['ann root']) } as KeyChange, [
      'ann root',
      'ann new root',
    ]),
  ]),
  refused('key-log/bad-signature', 'after-rotation', 'the root before, after a rotation', [
    FIRST,
    ADDED,
    ROTATED,
    signed(drafted(THIRD, { is: 'devices' }, { add: [deviceOf('thief')] }), ['ann root'], THIRD),
  ]),
  refused(
    'controller/no-quorum',
    'no-quorum',
    'a rotation that reveals nothing',
    afterSecond(rotation({ keys: keysOf([]) }), []),
  ),
  refused(
    'reserve/no-quorum',
    'reserve-out-of-reach',
    'a reserve of weight 1 with a threshold of 2',
    afterSecond(rotation({ next: { ...ROTATED_NEXT, threshold: 2 } }), ['ann next root']),
  ),
  refused(
    'reserve/key-twice',
    'reserve-twice',
    'one key twice in a reserve',
    afterSecond(
      rotation({ next: { ...ROTATED_NEXT, keys: [...ROTATED_NEXT.keys, ...ROTATED_NEXT.keys] } }),
      ['ann next root'],
    ),
  ),
  refused(
    'key-log/key-reused',
    'next-is-in-use',
    'the key in use promised as the next one',
    afterSecond(
      rotation(
        authority(keysOf(['ann next root']), keysOf(['ann next root']), keysOf(['ann words'])),
      ),
      ['ann next root'],
    ),
  ),
  refused(
    'key-log/recovery-changed',
    'recovery-changed',
    'a rotation that changes who may recover',
    afterSecond(rotation({ recovery: ROTATED_NEXT }), ['ann next root']),
  ),
  refused('device/not-listed', 'unknown-device', 'a device revoked that is none', [
    FIRST,
    devices({ revoke: [deviceIdOf('stranger')] }),
  ]),
  refused('device/no-group', 'unknown-group', 'a group revoked that is none', [
    FIRST,
    devices({ revokeGroups: ['home'] }),
  ]),
  refused('device/revoked', 'returns', 'a revoked device that returns', [
    FIRST,
    ADDED,
    devices({ add: [deviceOf('phone')] }, SECOND),
  ]),
  refused('device/revoked', 'revoke-and-add', 'revoked and added in one event', [
    FIRST,
    devices({ revoke: [deviceIdOf('phone')], add: [deviceOf('phone')] }),
  ]),
  refused(
    'device/group-revoked',
    'group-returns',
    'a device below a group that ends in the same event',
    [FIRST, devices({ revokeGroups: ['work'], add: [deviceOf('van', 'work')] })],
  ),
  refused('device/key-twice', 'key-twice', 'one key for two devices', [
    FIRST,
    devices({ add: [deviceOf('tablet', '', 'phone')] }),
  ]),
  refused('device/name-twice', 'name-twice', 'two devices of one name', [
    FIRST,
    devices({ add: [deviceOf('phone', '', 'tablet')] }),
  ]),
  refused('device/wrong-scheme', 'wrong-scheme', 'a scheme that the suite does not take', [
    FIRST,
    devices({
      add: [
        {
          ...deviceOf('tablet'),
          key: { scheme: 'bip340', publicKey: pairOf('tablet', 'bip340').publicKey },
        },
      ],
    }),
  ]),
  refused('device/bad-key', 'bad-key', 'a key of small order', [
    FIRST,
    devices({
      add: [{ ...deviceOf('tablet'), key: { scheme: 'ed25519', publicKey: new Uint8Array(32) } }],
    }),
  ]),
]

const ROTATED_NEXT = authority(keysOf([]), keysOf(['ann third root'])).next

const HEAD = keyHeadOf(THIRD)
const receiptBy = (operator: number, time: bigint, of: KeyHead = HEAD) => ({
  operator,
  time,
  signature: sign(OPERATORS[operator] ?? '', keyReceiptMessage('classic', of, time)),
})
const CERTIFIED: CertifiedKeyHead = {
  suite: 'classic',
  head: HEAD,
  receipts: [receiptBy(0, 1000n), receiptBy(1, 1010n), receiptBy(3, 900_000n)],
}

const headCases = (): readonly Case[] => {
  const input = (of: Partial<CertifiedKeyHead>) => ({
    head: hexFromBytes(certifiedKeyHead.encode({ ...CERTIFIED, ...of })),
    operators: OPERATORS.map((name) => hexFromBytes(signerKey.encode(keyOf(name)))),
    threshold: 3,
    faulty: 1,
  })
  const certified = good({
    id: 'identity/head',
    comment: 'three of four operators; one has a clock that runs ahead',
    check: 'key-head',
    input: input({}),
  })
  const [a, b, c] = CERTIFIED.receipts
  if (!a || !b || !c) throw new Error('there are three receipts')
  const beside = good({
    id: 'identity/log-beside-head',
    comment: 'a log that goes further than the head that is known',
    check: 'log-beside-head',
    input: {
      log: logHex([FIRST, ADDED, ROTATED, RECOVERED]),
      head: hexFromBytes(keyHead.encode(HEAD)),
    },
  })
  const thief = signed(
    drafted(SECOND, { is: 'devices' }, { add: [deviceOf('thief')] }),
    ['ann root'],
    SECOND,
  )
  const spoil = (fault: string, id: string, comment: string, of: Partial<CertifiedKeyHead>): Case =>
    spoiled(certified, fault, { id: `identity/${id}`, comment, input: input(of) })
  const other = (
    fault: string,
    id: string,
    comment: string,
    log: readonly SignedKeyEvent[],
  ): Case => spoiled(beside, fault, { id: `identity/${id}`, comment, input: { log: logHex(log) } })
  return [
    certified,
    spoil('key-head/too-few', 'head-too-few', 'two receipts', { receipts: [a, b] }),
    spoil('key-head/counted-twice', 'head-twice', 'one operator twice', { receipts: [a, a, b] }),
    spoil('key-head/unknown-operator', 'head-stranger', 'an operator that is none', {
      receipts: [a, b, { ...c, operator: 4 }],
    }),
    spoil('key-head/bad-signature', 'head-other', 'receipts for another head', {
      head: keyHeadOf(SECOND),
    }),
    beside,
    other('key-head/behind', 'log-cut', 'a log whose last event was cut off', [FIRST, ADDED]),
    other('key-head/other-branch', 'log-thief', 'a thief’s event in the place of the rotation', [
      FIRST,
      ADDED,
      thief,
    ]),
    other('key-head/other-identity', 'log-of-another', 'the log of another identity', [
      inception('ben', []),
    ]),
  ]
}

const evidenceCases = (): readonly Case[] => {
  const other = signed(
    drafted(BEGUN, { is: 'devices' }, { add: [deviceOf('thief')] }),
    ['ann root'],
    BEGUN,
  )
  const [found] = keyEvidenceFrom(ADDED, other, BEGUN.keys)
  if (!found) throw new Error('there is evidence')
  const input = (of: Partial<typeof found>) => ({
    evidence: hexFromBytes(keyEvidence.encode({ ...found, ...of })),
  })
  const convicted = good({
    id: 'identity/duplicity',
    comment: 'two events with one number, signed by one key',
    check: 'key-evidence',
    input: input({}),
  })
  const spoil = (fault: string, id: string, comment: string, of: Partial<typeof found>): Case =>
    spoiled(convicted, fault, { id: `identity/${id}`, comment, input: input(of) })
  const elsewhere = inception('ben', [])
  return [
    convicted,
    spoil('key-evidence/no-conflict', 'evidence-same', 'one event twice', { second: found.first }),
    spoil('key-evidence/two-identities', 'evidence-other', 'events of two identities', {
      second: { event: elsewhere.event, signature: found.first.signature },
    }),
    spoil('key-evidence/bad-key', 'evidence-bad-key', 'a key of small order', {
      publicKey: new Uint8Array(32),
    }),
    spoil('key-evidence/bad-signature', 'evidence-other-key', 'a key that signed neither', {
      publicKey: pairOf('bob').publicKey,
    }),
    bad('codec/truncated', {
      id: 'identity/evidence-empty',
      comment: 'no bytes',
      check: 'key-evidence',
      input: { evidence: '' },
    }),
  ]
}
