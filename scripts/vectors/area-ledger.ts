/** The ledger: what moves money, and everything that is refused to. Each case is a short history. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { idFromHex } from '../../packages/tallystick/src/base/brand.ts'
import { terms } from '../../packages/tallystick/src/kernel/charter.ts'
import { type Evidence, evidence } from '../../packages/tallystick/src/kernel/evidence.ts'
import type { Abort } from '../../packages/tallystick/src/kernel/statement.ts'
import { signerOf } from '../../packages/tallystick/src/kernel/controller.ts'
import { type Machine, pathKey } from '../../packages/tallystick/src/kernel/execute.ts'
import {
  AMEND,
  interaction,
  interactionId,
  type Operation,
} from '../../packages/tallystick/src/kernel/interaction.ts'
import {
  type LedgerOperation,
  ledgerOperation,
  type Victim,
} from '../../packages/tallystick/src/logic/ledger-operation.ts'
import { type Out, recordPath } from '../../packages/tallystick/src/logic/ledger-record.ts'
import { ownerVote } from '../../packages/tallystick/src/models/directory/owner.ts'
import { prove } from '../../packages/tallystick/src/state/proof.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import type { JsonObject } from './finding.ts'
import {
  A1,
  B0,
  CHARTERS,
  claim,
  claimFor,
  claiming,
  issued,
  R0,
  R1,
  referring,
  sending,
  sendOf,
  sent,
  step,
  twoOf,
  X,
} from './story.ts'
import {
  after,
  ALICE,
  assetOf,
  type Deed,
  interactionOf,
  money,
  only,
  opened,
  pairOf,
  person,
  proposed,
  PAIR,
  PURSE,
  signStatement,
} from './world.ts'

const ISSUE = step(issued, ['mint'])
const SEND = step(sending, ['alice'])
const CLAIM = step(claiming, [])

const told = (id: string, comment: string, steps: readonly JsonObject[]): Case =>
  good({ id: `ledger/${id}`, comment, check: 'history', input: { charters: CHARTERS, steps } })

const refused = (
  from: Case,
  fault: string,
  id: string,
  comment: string,
  steps: readonly JsonObject[],
): Case => spoiled(from, fault, { id: `ledger/${id}`, comment, input: { steps } })

const issues = (): readonly Case[] => {
  const whole = told('issue', 'the issuer makes ten and Alice has them', [ISSUE])
  const other = (
    more: Partial<Extract<LedgerOperation, { is: 'issue' }>>,
    write: readonly Machine[] = issued.write,
  ): Deed =>
    referring(
      [money(X, { is: 'issue', to: { machine: A1.id, holder: 'alice' }, amount: 10n, ...more })],
      write,
    )
  const raw = (argument: Uint8Array): Deed => ({
    ...issued,
    operations: [{ machine: X.id, logic: 0, argument }],
  })
  const purse = opened(PURSE)
  const minted = money(purse, { is: 'issue', to: { machine: purse.id, holder: 'bob' }, amount: 1n })
  return [
    whole,
    told('burn', 'the issuer unmakes some of its own', [
      step(
        referring(
          [money(X, { is: 'burn', from: { machine: X.id, holder: 'mint' }, amount: 5n })],
          [X],
        ),
        ['mint'],
      ),
    ]),
    refused(whole, 'ledger/no-consent', 'issue-unasked', 'without the issuer’s consent', [
      step(issued, ['alice']),
    ]),
    refused(whole, 'ledger/above-cap', 'issue-above-cap', 'more than may exist', [
      step(other({ amount: 999_001n }), ['mint']),
    ]),
    refused(whole, 'ledger/unknown-holder', 'issue-to-nobody', 'to a name that is not there', [
      step(other({ to: { machine: A1.id, holder: 'bob' } }), ['mint']),
    ]),
    refused(whole, 'ledger/not-written', 'issue-elsewhere', 'to a machine that is not written', [
      step({ ...issued, write: [X], beside: [{ machine: opened(ALICE), access: 'refer' }] }, [
        'mint',
      ]),
    ]),
    refused(whole, 'ledger/no-issuer', 'issue-without-issuer', 'of an asset that nobody issues', [
      step({ write: [purse], operations: [minted] }, ['alice', 'bob']),
    ]),
    refused(whole, 'amount/zero', 'issue-nothing', 'an amount of zero', [
      step(
        raw(
          ledgerOperation.encode({
            is: 'issue',
            to: { machine: A1.id, holder: 'alice' },
            amount: 0n,
          }),
        ),
        ['mint'],
      ),
    ]),
    refused(
      whole,
      'codec/unknown-case',
      'unknown-operation',
      'an operation that the ledger does not have',
      [step(raw(Uint8Array.of(200)), ['mint'])],
    ),
    refused(whole, 'codec/extended', 'operation-extended', 'an operation with a byte behind it', [
      step(raw(Uint8Array.of(...(issued.operations[0]?.argument ?? []), 0)), ['mint']),
    ]),
    refused(whole, 'logic/unknown', 'no-such-logic', 'a position where the machine has no rules', [
      step({ ...issued, operations: issued.operations.map((one) => ({ ...one, logic: 3 })) }, [
        'mint',
      ]),
    ]),
    refused(whole, 'interaction/wrong-suite', 'issue-other-suite', 'the id made in another suite', [
      {
        interaction: `01${hexFromBytes(interaction.encode(interactionOf(issued))).slice(2)}`,
        by: ['mint'],
      },
    ]),
    refused(
      whole,
      'interaction/wrong-parent',
      'issue-twice',
      'one interaction applied a second time',
      [ISSUE, ISSUE],
    ),
  ]
}

const moves = (): readonly Case[] => {
  const purse = opened(PURSE)
  const at = (holder: string) => ({ machine: purse.id, holder })
  const deed = (amount: bigint, from = 'alice', to = 'bob'): Deed => ({
    write: [purse],
    operations: [money(purse, { is: 'transfer', from: at(from), to: at(to), amount })],
  })
  const whole = told('transfer', 'Alice pays Bob within a machine', [step(deed(100n), ['alice'])])
  const raw = ledgerOperation.encode({
    is: 'transfer',
    from: at('alice'),
    to: at('bob'),
    amount: 0n,
  })
  return [
    whole,
    refused(whole, 'ledger/insufficient', 'transfer-too-much', 'more than there is', [
      step(deed(101n), ['alice']),
    ]),
    refused(whole, 'ledger/insufficient', 'transfer-largest', 'the largest amount there is', [
      step(deed(2n ** 128n - 1n), ['alice']),
    ]),
    refused(whole, 'ledger/no-consent', 'transfer-unasked', 'with the payee’s consent only', [
      step(deed(1n), ['bob']),
    ]),
    refused(whole, 'ledger/same-account', 'transfer-to-self', 'to oneself', [
      step(deed(1n, 'alice', 'alice'), ['alice']),
    ]),
    refused(whole, 'ledger/unknown-holder', 'transfer-to-nobody', 'to a name that is not there', [
      step(deed(1n, 'alice', 'carol'), ['alice']),
    ]),
    refused(whole, 'amount/zero', 'transfer-nothing', 'an amount of zero', [
      step({ write: [purse], operations: [{ machine: purse.id, logic: 0, argument: raw }] }, [
        'alice',
      ]),
    ]),
  ]
}

const sends = (): readonly Case[] => {
  const whole = told('send-and-claim', 'sent from an account, claimed in a relationship', [
    ISSUE,
    SEND,
    CLAIM,
  ])
  const failing = (
    fault: string,
    id: string,
    comment: string,
    steps: readonly JsonObject[],
  ): Case => refused(whole, fault, id, comment, steps)
  const more = claimFor({ ...sent, amount: 5n })
  const inside = referring(
    [money(X, { ...sendOf(1n), to: { machine: A1.id, holder: 'alice' } } as LedgerOperation)],
    [A1],
  )
  return [
    whole,
    failing('ledger/insufficient', 'send-too-much', 'more than there is', [
      ISSUE,
      step(referring([money(X, sendOf(11n))], [A1]), ['alice']),
    ]),
    failing(
      'ledger/repeated-send',
      'send-same-nonce',
      'two sends of one number in one interaction',
      [ISSUE, step(referring([money(X, sendOf(1n)), money(X, sendOf(2n))], [A1]), ['alice'])],
    ),
    failing('ledger/send-home', 'send-home', 'a send to the machine itself', [
      ISSUE,
      step(inside, ['alice']),
    ]),
    failing('ledger/already-claimed', 'claim-twice', 'one send claimed twice', [
      ISSUE,
      SEND,
      CLAIM,
      step({ ...claiming, write: [R1] }, []),
    ]),
    failing('interaction/unproven-premise', 'claim-more', 'a claim of more than was sent', [
      ISSUE,
      SEND,
      step(referring([more.operation], [R0], [more.premise]), []),
    ]),
    failing(
      'ledger/no-premise',
      'claim-other-amount',
      'the premise shows four, the claim says five',
      [ISSUE, SEND, step(referring([more.operation], [R0], [claim.premise]), [])],
    ),
    failing('ledger/no-premise', 'claim-unshown', 'a claim that shows nothing', [
      ISSUE,
      SEND,
      step(referring([claim.operation], [R0]), []),
    ]),
    failing(
      'ledger/not-written',
      'claim-elsewhere',
      'a claim on a machine that the send does not name',
      [ISSUE, SEND, step({ ...claiming, write: [B0] }, [])],
    ),
    spoiled(whole, 'interaction/unknown-machine', {
      id: 'ledger/claim-without-asset',
      comment: 'the asset’s machine is not known',
      input: { charters: CHARTERS.slice(1), steps: [CLAIM] },
    }),
  ]
}

const LOCK = idFromHex<'lock'>('77'.repeat(32))

const locks = (): readonly Case[] => {
  const purse = opened(PURSE)
  const lock = (more: Partial<Extract<LedgerOperation, { is: 'lock' }>> = {}): Operation =>
    money(purse, {
      is: 'lock',
      machine: purse.id,
      id: LOCK,
      from: 'alice',
      to: 'bob',
      amount: 7n,
      unlocker: { machine: purse.id, logic: 9 },
      ...more,
    })
  const locking: Deed = { write: [purse], operations: [lock()] }
  const locked = only(after(locking))
  const whole = told('lock', 'seven set aside until somebody says who gets them', [
    step(locking, ['alice']),
  ])
  const failing = (
    fault: string,
    id: string,
    comment: string,
    steps: readonly JsonObject[],
  ): Case => refused(whole, fault, id, comment, steps)
  const release = (machine: Machine): Deed => ({
    write: [machine],
    operations: [money(purse, { is: 'release', machine: purse.id, id: LOCK })],
  })
  return [
    whole,
    failing('ledger/lock-exists', 'lock-twice', 'one id for two locks', [
      step(locking, ['alice']),
      step({ ...locking, write: [locked] }, ['alice']),
    ]),
    failing('ledger/same-account', 'lock-for-self', 'for oneself', [
      step({ ...locking, operations: [lock({ to: 'alice' })] }, ['alice']),
    ]),
    failing('ledger/undecided', 'release-early', 'paid out before anybody decided', [
      step(locking, ['alice']),
      step(release(locked), ['alice', 'bob']),
    ]),
    failing('ledger/unknown-lock', 'release-unknown', 'a lock that is not there', [
      step(release(purse), ['alice', 'bob']),
    ]),
  ]
}

// Alice has a bond in the relationship, and signs two sends off one parent.
const ALICES = signerOf('classic', { scheme: 'ed25519', publicKey: pairOf('alice').publicKey })
const bondOf = (more: Partial<Extract<LedgerOperation, { is: 'bond' }>> = {}): Operation =>
  money(X, {
    is: 'bond',
    from: { machine: A1.id, holder: 'alice' },
    at: R0.id,
    covers: A1.id,
    signer: ALICES,
    amount: 6n,
    ...more,
  })
const bonding = referring([bondOf()], [A1, R0])
const [A3, R2] = twoOf(after(bonding))

const forked = (): {
  readonly proof: Evidence
  readonly victims: (Victim & { readonly key: string })[]
} => {
  const deeds = [1n, 2n].map((amount) => referring([money(X, sendOf(amount))], [A3]))
  const children = deeds.map((deed) => only(after(deed)))
  const [first, second] = twoOf(children)
  const proof: Evidence = {
    suite: 'classic',
    scheme: 'ed25519',
    publicKey: pairOf('alice').publicKey,
    first: { statement: ownerVote(first.head), signature: proposed('alice', first.head) },
    second: { statement: ownerVote(second.head), signature: proposed('alice', second.head) },
  }
  const victims = deeds.map((deed, child) => {
    const out: Out = {
      ...sent,
      amount: BigInt(child + 1),
      interaction: interactionId(interactionOf(deed)),
    }
    const machine = children[child] ?? first
    const key = pathKey('classic', assetOf(X), recordPath(out))
    return { child, out, proof: prove(machine.state, key), instead: undefined, key }
  })
  victims.sort((a, b) => (a.key < b.key ? -1 : 1))
  return { proof, victims }
}

const bonds = (): readonly Case[] => {
  const { proof, victims } = forked()
  const slash = (of: Evidence, paid: typeof victims): Deed =>
    referring(
      [money(X, { is: 'slash', at: R0.id, evidence: evidence.encode(of), victims: paid })],
      [R2],
    )
  const start = [ISSUE, step(bonding, ['alice'])]
  const slashing = slash(proof, victims)
  const whole = told('slash', 'a bond pays the victims of a fork', [...start, step(slashing, [])])
  const failing = (
    fault: string,
    id: string,
    comment: string,
    steps: readonly JsonObject[],
  ): Case => refused(whole, fault, id, comment, steps)
  const [one] = victims
  if (!one) throw new Error('there are victims')
  const R3 = only(after(slashing))
  const unbond = (
    amount: bigint,
    more: Partial<Extract<LedgerOperation, { is: 'unbond' }>> = {},
  ): Deed =>
    referring(
      [
        money(X, {
          is: 'unbond',
          at: R0.id,
          covers: A1.id,
          signer: ALICES,
          amount,
          nonce: 0,
          ...more,
        }),
      ],
      [R2],
    )
  const abort = {
    is: 'abort',
    machine: A3.id,
    parent: A3.headId,
    sequence: A3.head.sequence + 1n,
    round: 0,
  } as const
  return [
    whole,
    told('unbond', 'both keepers of the bond give it back', [
      ...start,
      step(unbond(6n), ['alice', 'bob']),
    ]),
    failing('ledger/already-slashed', 'slash-twice', 'paid once for one position', [
      ...start,
      step(slashing, []),
      step({ ...slashing, write: [R3] }, []),
    ]),
    failing('ledger/no-victim', 'slash-for-nobody', 'no victims', [
      ...start,
      step(slash(proof, []), []),
    ]),
    failing('ledger/victims-unordered', 'victims-unordered', 'victims out of order', [
      ...start,
      step(slash(proof, [...victims].reverse()), []),
    ]),
    failing('ledger/victims-unordered', 'victim-twice', 'one victim twice', [
      ...start,
      step(slash(proof, [one, one]), []),
    ]),
    failing('ledger/wrong-victim', 'victim-of-third', 'a step that the evidence does not hold', [
      ...start,
      step(slash(proof, [{ ...one, child: 2 }]), []),
    ]),
    failing('proof/wrong-root', 'victim-of-more', 'a victim of more than was sent', [
      ...start,
      step(slash(proof, [{ ...one, out: { ...one.out, amount: 99n } }]), []),
    ]),
    failing('ledger/other-payee', 'victim-elsewhere', 'a victim paid where other keys own', [
      ...start,
      step(slash(proof, [{ ...one, instead: { promised: A3.charter, account: A3.charter } }]), []),
    ]),
    failing('evidence/no-conflict', 'slash-for-nothing', 'evidence that shows no fork', [
      ...start,
      step(slash({ ...proof, second: proof.first }, victims), []),
    ]),
    failing(
      'ledger/no-fork',
      'slash-for-abort',
      'evidence of a broken abort, which promised nothing twice',
      [...start, step(slash(brokenAbort(abort), victims), [])],
    ),
    failing('ledger/unknown-bond', 'slash-without-bond', 'no bond was put up', [
      ISSUE,
      step({ ...slashing, write: [R0] }, []),
    ]),
    failing('ledger/no-consent', 'unbond-alone', 'one keeper alone', [
      ...start,
      step(unbond(6n), ['alice']),
    ]),
    failing('ledger/insufficient', 'unbond-too-much', 'more than is bonded', [
      ...start,
      step(unbond(7n), ['alice', 'bob']),
    ]),
    failing(
      'ledger/bond-of-another',
      'bond-of-another',
      'a bond on a key that another account has one on',
      [
        ...start,
        step(referring([bondOf({ from: { machine: R0.id, holder: 'alice' } })], [R2]), ['alice']),
      ],
    ),
    failing(
      'ledger/foreign-signer',
      'bond-on-other-key',
      'a bond on a key that is not the payer’s',
      [
        ISSUE,
        step(
          referring(
            [
              bondOf({
                signer: signerOf('classic', {
                  scheme: 'ed25519',
                  publicKey: pairOf('bob').publicKey,
                }),
              }),
            ],
            [A1, R0],
          ),
          ['alice'],
        ),
      ],
    ),
  ]
}

const brokenAbort = (abort: Abort): Evidence => {
  const deed = referring([money(X, sendOf(1n))], [A3])
  const commit = { ...ownerVote(only(after(deed)).head), phase: 'commit' as const }
  return {
    suite: 'classic',
    scheme: 'ed25519',
    publicKey: pairOf('alice').publicKey,
    first: { statement: commit, signature: signStatement('alice', commit) },
    second: { statement: abort, signature: signStatement('alice', abort) },
  }
}

const amends = (): readonly Case[] => {
  const next = { ...PURSE.terms, turn: { is: 'leader', party: 1 } } as const
  const purse = opened(PURSE)
  const change = (argument: Uint8Array): Deed => ({
    write: [purse],
    operations: [{ machine: purse.id, logic: AMEND, argument }],
  })
  const deed = change(terms.encode(next))
  const whole = told('amend', 'a change of terms that both consent to', [
    step(deed, ['alice', 'bob']),
  ])
  const evm = terms.encode({
    ...next,
    suite: 'evm',
    participants: [person('alice', 'secp256k1-ecdsa'), person('bob', 'secp256k1-ecdsa')],
  })
  return [
    whole,
    refused(whole, 'amend/no-consent', 'amend-alone', 'with one consent only', [
      step(deed, ['alice']),
    ]),
    refused(whole, 'logic/not-written', 'amend-beside', 'a machine that is only referred to', [
      step(
        {
          write: [opened(PAIR)],
          beside: [{ machine: purse, access: 'refer' }],
          operations: deed.operations,
        },
        ['alice', 'bob'],
      ),
    ]),
    refused(whole, 'amend/other-hash', 'amend-other-hash', 'to a suite that hashes differently', [
      step(change(evm), ['alice', 'bob']),
    ]),
    refused(whole, 'charter/no-participants', 'amend-nobody', 'to terms without participants', [
      step(change(terms.encode({ ...next, participants: [] })), ['alice', 'bob']),
    ]),
    refused(whole, 'codec/truncated', 'amend-truncated', 'to terms that are cut short', [
      step(change(terms.encode(next).slice(0, -1)), ['alice', 'bob']),
    ]),
  ]
}

export const ledgerArea = (): Area => ({
  area: 'ledger',
  about:
    'Histories of an asset: issued, moved, sent, claimed, locked, bonded; and changes of terms.',
  cases: [...issues(), ...moves(), ...sends(), ...locks(), ...bonds(), ...amends()],
})
