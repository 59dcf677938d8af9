import type { Grade } from '../../src/kernel/verdict.ts'
import type { Fact } from '../../src/state/fact.ts'
import { prove } from '../../src/state/proof.ts'
import type { Report } from '../../src/verify/report.ts'
import { describe, expect, test } from 'vitest'
import {
  BOTH,
  charterFor,
  codesOf,
  found,
  machineFor,
  noteIn,
  OWNED,
  PAIR,
  reportOn,
  standingsOf,
  stepFor,
} from './world.ts'

describe('premises', () => {
  const charters = [charterFor(OWNED), charterFor(PAIR)]
  const start = machineFor(OWNED)
  const pair = machineFor(PAIR)
  const sent = { machine: start, say: 'set sent ten', proposedBy: 'alice' }

  test('lower the grade of a step to that of what it rests on', () => {
    const send = stepFor(sent)
    const premises = [noteIn(send.after, 'sent')]
    const claim = stepFor({ machine: pair, say: 'take sent', premises, certifiedBy: BOTH })
    const risky = reportOn({ charters, steps: [send.step, claim.step] })
    expect(risky.outcome).toBe('incomplete')
    expect(found(risky, pair).steps[0]).toMatchObject({
      standing: 'provisional',
      grade: 'provisional',
      restsOn: { machine: start.id, sequence: 1n },
    })
    const firm = stepFor({ ...sent, certifiedBy: ['oda', 'oki'] })
    const sure = reportOn({ charters, steps: [firm.step, claim.step] })
    expect(sure.outcome).toBe('valid')
    expect(found(sure, pair).steps[0]).toMatchObject({ standing: 'final', grade: 'cosigned' })
  })

  test('on a step that is contested leave nothing final', () => {
    const send = stepFor(sent)
    const second = stepFor({ ...sent, say: 'set sent other' })
    const premises = [noteIn(send.after, 'sent')]
    const claim = stepFor({ machine: pair, say: 'take sent', premises, certifiedBy: BOTH })
    const report = reportOn({ charters, steps: [send.step, second.step, claim.step] })
    expect(standingsOf(report, pair)).toEqual(['contested'])
  })

  test('about what the file does not show leave it incomplete, and false ones make it invalid', () => {
    const send = stepFor(sent)
    const premise = noteIn(send.after, 'sent')
    const claim = stepFor({
      machine: pair,
      say: 'take sent',
      premises: [premise],
      certifiedBy: BOTH,
    })
    const bare = reportOn({ charters, steps: [claim.step] })
    expect(bare.outcome).toBe('incomplete')
    expect(codesOf(bare)).toEqual(['bundle/missing-fact'])
    const lie = { ...premise, value: Uint8Array.of(1) }
    const lying = stepFor({ machine: pair, say: 'take sent', premises: [lie], certifiedBy: BOTH })
    const report = reportOn({ charters, steps: [send.step, lying.step] })
    expect(report.outcome).toBe('invalid')
    expect(codesOf(report)).toEqual(['premise/false'])
  })

  test('about time need a certificate that attests one', () => {
    const sentAt = stepFor({ ...sent, certifiedBy: ['oda', 'oki'], time: 50n })
    const { id: machine } = start
    const { headId: transition } = sentAt.after
    const after = (atLeast: bigint): readonly string[] => {
      const premises = [{ is: 'time', machine, transition, atLeast }] as const
      const wait = stepFor({ machine: pair, say: 'wait', premises, certifiedBy: BOTH })
      return codesOf(reportOn({ charters, steps: [sentAt.step, wait.step] }))
    }
    expect(after(50n)).toEqual([])
    expect(after(51n)).toEqual(['premise/false'])
  })

  test('hold by a fact about a step that the verifier remembers, at its grade', () => {
    const send = stepFor(sent)
    const premise = noteIn(send.after, 'sent')
    const claim = stepFor({
      machine: pair,
      say: 'take sent',
      premises: [premise],
      certifiedBy: BOTH,
    })
    const { machine, transition, key, value } = premise
    const proof = prove(send.after.state, key)
    const fact: Fact = { machine, transition, root: send.after.head.state, key, value, proof }
    const asked = (more: Partial<Fact>, grade: Grade | undefined): Report =>
      reportOn(
        { charters, steps: [claim.step], facts: [{ ...fact, ...more }] },
        {
          anchors: grade
            ? [{ head: send.after.head, grade, certificate: new Uint8Array(0), asOf: undefined }]
            : [],
        },
      )
    const shown = asked({}, 'receipted')
    expect(shown.outcome).toBe('valid')
    expect(found(shown, pair).steps[0]).toMatchObject({ standing: 'final', grade: 'cosigned' })
    expect(shown.assumptions.map((one) => one.is)).toContain('anchor')
    expect(found(asked({}, 'provisional'), pair).steps[0]?.standing).toBe('provisional')
    expect(codesOf(asked({}, undefined))).toEqual(['bundle/missing-fact', 'bundle/missing-fact'])
    const other = asked({ value: Uint8Array.of(9) }, 'receipted')
    expect(codesOf(other)).toContain('proof/wrong-root')
    expect(codesOf(asked({ root: pair.head.state }, 'receipted'))).toContain('fact/other-root')
  })
})
