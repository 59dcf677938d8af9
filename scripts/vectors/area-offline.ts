/** Files about money that was sent while offline: an account, a relationship, and the asset between them. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import type { Charter } from '../../packages/tallystick/src/kernel/charter.ts'
import { interaction } from '../../packages/tallystick/src/kernel/interaction.ts'
import { type Fact, fact } from '../../packages/tallystick/src/state/fact.ts'
import { prove } from '../../packages/tallystick/src/state/proof.ts'
import { type Bundle, type BundleStep } from '../../packages/tallystick/src/verify/bundle.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import { anchorAt, fails, hexOfFile, holds } from './files.ts'
import type { JsonObject } from './finding.ts'
import {
  A1,
  A2,
  claim,
  claiming,
  issued,
  R0,
  R1,
  referring,
  sending,
  sendOf,
  X,
  X1,
} from './story.ts'
import {
  after,
  ALICE,
  cosigned,
  type Deed,
  interactionOf,
  MINT,
  money,
  only,
  PAIR,
  proposed,
  readLeg,
  receipted,
  writtenLeg,
} from './world.ts'

// Alice's account, her relationship with Bob, and the asset that moves between them.

const OWNED: readonly Charter[] = [MINT, ALICE, PAIR]
const NONE = new Uint8Array(0)

const issueStep: BundleStep = {
  interaction: interactionOf(issued),
  consents: [],
  legs: [
    writtenLeg(X1.head, {
      proposal: [{ key: 0, signature: proposed('mint', X1.head) }],
      certificate: receipted(X1.head),
    }),
    writtenLeg(A1.head, {
      proposal: [{ key: 0, signature: proposed('alice', A1.head) }],
      certificate: receipted(A1.head),
    }),
  ],
}
const sendStep = (certificate: Uint8Array, of: Deed = sending, head = A2.head): BundleStep => ({
  interaction: interactionOf(of),
  consents: [],
  legs: [
    writtenLeg(head, { proposal: [{ key: 0, signature: proposed('alice', head) }], certificate }),
    readLeg(X.headId),
  ],
})
const claimStep: BundleStep = {
  interaction: interactionOf(claiming),
  consents: [],
  legs: [writtenLeg(R1.head, { certificate: cosigned(R1.head) }), readLeg(X.headId)],
}

const offline = (): readonly Case[] => {
  const whole = holds('certified-send', 'money certified before it went offline: final', {
    charters: OWNED,
    steps: [issueStep, sendStep(receipted(A2.head)), claimStep],
  })
  const failing = (fault: string, id: string, comment: string, more: Partial<Bundle>): Case =>
    fails(whole, fault, id, comment, { charters: OWNED, ...more })
  const twice = referring([money(X, sendOf(3n, 'alice'))], [A1])
  const second = only(after(twice))
  const lying: Deed = referring(
    [claim.operation],
    [R0],
    [{ ...claim.premise, value: Uint8Array.of(1) } as typeof claim.premise],
  )
  const told = { ...interactionOf(lying) }
  const lie = only(after(referring([], [R0], lying.premises)))
  return [
    whole,
    holds('provisional-send', 'money that only Alice has signed for: provisional, incomplete', {
      charters: OWNED,
      steps: [issueStep, sendStep(NONE), claimStep],
    }),
    failing(
      'bundle/contested',
      'double-spend',
      'Alice signed two sends off one parent: contested, and convicted',
      {
        steps: [issueStep, sendStep(NONE), sendStep(NONE, twice, second.head), claimStep],
      },
    ),
    failing(
      'bundle/missing-fact',
      'claim-alone',
      'a claim without the account it rests on: incomplete',
      {
        steps: [claimStep],
      },
    ),
    failing(
      'premise/false',
      'false-premise',
      'a premise about another value than the account has',
      {
        steps: [
          issueStep,
          sendStep(receipted(A2.head)),
          {
            ...claimStep,
            interaction: { ...told, operations: [] },
            legs: [writtenLeg(lie.head), readLeg(X.headId)],
          },
        ],
      },
    ),
    failing(
      'premise/other-machine',
      'premise-other-machine',
      'a step of the account named as a step of the asset',
      {
        steps: [
          issueStep,
          sendStep(receipted(A2.head)),
          claimResting({ ...claim.premise, machine: X.id }),
        ],
      },
    ),
    failing(
      'receipt/bad-signature',
      'premise-refused-step',
      'a claim that rests on a step that is refused',
      {
        steps: [issueStep, sendStep(receipted(A1.head)), claimStep],
      },
    ),
    ...relying(),
    failing('receipt/bad-signature', 'receipt-forged', 'a receipt for another step', {
      steps: [issueStep, sendStep(receipted(A1.head)), claimStep],
    }),
  ]
}

/** The claim's machine with nothing done and another premise. */
const claimResting = (premise: typeof claim.premise): BundleStep => {
  const deed = referring([], [R0], [premise])
  return {
    interaction: interactionOf(deed),
    consents: [],
    legs: [writtenLeg(only(after(deed)).head), readLeg(X.headId)],
  }
}

/** A party that is asked to accept a claim first proves what it rests on. */
const relying = (): readonly Case[] => {
  const asked = hexFromBytes(interaction.encode(interactionOf(claiming)))
  const file = (...sends: readonly BundleStep[]): JsonObject => ({
    file: hexOfFile({ charters: OWNED, steps: [issueStep, ...sends] }),
  })
  const twice = referring([money(X, sendOf(3n, 'alice'))], [A1])
  const second = only(after(twice))
  const whole = good({
    id: 'premises/certified',
    comment: 'the send was certified',
    check: 'premises',
    input: { interaction: asked, ...file(sendStep(receipted(A2.head))) },
  })
  return [
    whole,
    good({
      id: 'premises/provisional',
      comment: 'only Alice has signed the send',
      check: 'premises',
      input: { interaction: asked, ...file(sendStep(NONE)) },
    }),
    spoiled(whole, 'premise/contested', {
      id: 'premises/contested',
      comment: 'Alice has signed two sends off one parent',
      input: file(sendStep(NONE), sendStep(NONE, twice, second.head)),
    }),
    spoiled(whole, 'bundle/missing-fact', {
      id: 'premises/missing',
      comment: 'the file does not hold the send',
      input: file(),
    }),
  ]
}

const claimByFact = (): readonly Case[] => {
  const { premise } = claim
  if (premise.is !== 'fact') throw new Error('a claim rests on a fact')
  const { machine, key, value } = premise
  const shown: Fact = {
    machine,
    transition: A2.headId,
    root: A2.head.state,
    key,
    value,
    proof: prove(A2.state, key),
  }
  const input = (of: Fact): JsonObject => ({
    file: hexOfFile({ charters: OWNED, steps: [claimStep], facts: [of] }),
  })
  const whole = good({
    id: 'bundle/claim-by-fact',
    comment: 'a claim that rests on a fact about a remembered step',
    check: 'bundle',
    input: { ...input(shown), anchors: [anchorAt(A2, { grade: 'receipted' })] },
  })
  const failing = (fault: string, id: string, comment: string, more: JsonObject): Case =>
    spoiled(whole, fault, { id: `bundle/${id}`, comment, input: more })
  const bytes = fact.encode(shown).length
  if (bytes === 0) throw new Error('a fact has bytes')
  return [
    whole,
    failing('bundle/missing-fact', 'fact-unanchored', 'the step is not remembered: incomplete', {
      anchors: [],
    }),
    failing(
      'proof/wrong-root',
      'fact-false',
      'a value that the proof does not show',
      input({ ...shown, value: Uint8Array.of(1) }),
    ),
    failing(
      'fact/other-root',
      'fact-other-root',
      'a proof under another root than the step has',
      input({ ...shown, root: A1.head.state }),
    ),
  ]
}

export const offlineArea = (): Area => ({
  area: 'offline',
  about: 'Files in which one machine relies on another.',
  cases: [...offline(), ...claimByFact()],
})
