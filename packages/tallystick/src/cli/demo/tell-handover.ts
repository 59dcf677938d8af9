/** Telling the hand-over story: who certifies the purse when, what each change takes, and one file at the end. */
import { writeFileSync } from 'node:fs'
import type { SuiteId } from '../../base/suite.ts'
import type { Machine } from '../../kernel/execute.ts'
import type { AgreedStep } from '../../models/rounds/agreed-step.ts'
import type { Candidate } from '../../models/rounds/candidate.ts'
import { fileFromBundle } from '../../verify/bundle.ts'
import { verify } from '../../verify/verify.ts'
import type { ExitCode, Output } from '../print.ts'
import { type Hall, openHall, takenOverBy } from './hall.ts'
import {
  acceptanceByBoth,
  acceptanceOf,
  acceptedBy,
  agreed,
  amendmentFrom,
  amendmentOf,
  candidateBy,
  changingTo,
  type Chapter,
  coSigned,
  fileOf,
  holds,
  openPurse,
  paying,
  type Purse,
  SYMBOL,
  underBoth,
  underOperators,
} from './handover.ts'
import { createRelation } from './relation.ts'

export type TellOptions = { readonly suite: SuiteId; readonly out: string }

export const tellHandover = (output: Output, options: TellOptions): ExitCode => {
  output.line('One purse, three ways to agree', 'strong')
  output.line()
  const purse = openPurse(options.suite)
  const [first, taken] = tellPair(output, purse)
  const [second, hall] = tellDirectory(output, purse, taken)
  const third = tellChange(output, purse, hall)
  const fourth = tellReturn(output, purse, hall)
  return finish(output, purse, { chapters: [first, second, third, fourth], out: options.out })
}

const line = (output: Output, says: string): void => output.line(`  ${says}`)

/** Two people pay by themselves, then agree that operators go on. */
const tellPair = (output: Output, purse: Purse): readonly [Chapter, Machine] => {
  const { town, relation, alice, bob, operators } = purse
  output.line('By themselves', 'strong')
  relation.wish({ by: alice, operations: [paying(relation.genesis, alice, bob, 10n)] })
  line(output, `alice pays bob 10 ${SYMBOL}: both have signed, nobody else knows`)
  const before = relation.machine(alice)
  const next = underOperators(before.terms, operators)
  const moved = relation.wish({ by: alice, operations: [changingTo(before, next)] })
  line(output, `bob will be out of reach, so both sign that four operators take over`)
  const evidence = relation.wish({ by: alice, operations: [paying(before, alice, bob, 1n)] })
  line(output, `by themselves they take no further step: ${evidence.refusal ?? 'which is wrong'}`)
  const acceptances = operators.map((person) =>
    takenOverBy(town, person, {
      charter: relation.genesis.charter,
      amendments: [amendmentOf(relation, alice)],
    }),
  )
  line(output, `${acceptances.length} operators have checked what both signed, and accept`)
  output.result({ movedToDirectory: moved.final, accepted: acceptances.length })
  output.line()
  return [acceptedBy(coSigned(relation, alice), acceptanceOf(acceptances)), relation.machine(alice)]
}

/** Both pay at once, and neither waits for the other. */
const tellDirectory = (
  output: Output,
  { town, alice, bob, operators }: Purse,
  machine: Machine,
): readonly [Chapter, Hall] => {
  output.line('Under four operators', 'strong')
  const hall = openHall(town, operators, machine)
  hall.apply([
    candidateBy(town, machine, paying(machine, alice, bob, 20n), [alice]),
    candidateBy(town, machine, paying(machine, bob, alice, 5n), [bob]),
  ])
  if (hall.steps().length === 0) hall.wait()
  const [won] = hall.steps()
  const isAlices = won?.candidate.consents[0]?.party === 0
  line(
    output,
    `both pay at the same moment: the operators agree that ${isAlices ? 'alice' : 'bob'} is first`,
  )
  const [late, to, amount] = isAlices ? ([bob, alice, 5n] as const) : ([alice, bob, 20n] as const)
  const now = hall.machine()
  certify(hall, candidateBy(town, now, paying(now, late, to, amount), [late]))
  line(
    output,
    `${late.name} signs again on top of that and is second: nobody had to wait for the other`,
  )
  output.result({ collided: true, certified: hall.steps().length })
  output.line()
  return [agreed(hall.steps()), hall]
}

/** One operator goes, another comes, and one of those who follow is silent. */
const tellChange = (output: Output, { town, relation, ...purse }: Purse, hall: Hall): Chapter => {
  const { alice, bob, operators } = purse
  output.line('Other operators', 'strong')
  const centre = town.person('centre')
  const [north, , , west] = operators
  if (!north || !west) throw new Error('there are four')
  const machine = hall.machine()
  const next = underOperators(machine.terms, [...operators.slice(0, 3), centre])
  const change = certify(hall, candidateBy(town, machine, changingTo(machine, next), [alice, bob]))
  const amendments = [amendmentOf(relation, alice), amendmentFrom(machine.head, change)]
  const { charter } = relation.genesis
  const acceptances = [...hall.acceptances(), takenOverBy(town, centre, { charter, amendments })]
  line(
    output,
    `west leaves and centre comes: certified by the old ones, accepted by ${acceptances.length} of the new`,
  )
  hall.admit(centre)
  hall.silent.add(north.name)
  const signedBefore = hall.signed(west)
  const now = hall.machine()
  const payment = certify(hall, candidateBy(town, now, paying(now, alice, bob, 7n), [alice]))
  line(output, `alice pays bob 7 ${SYMBOL} while north is silent: the three others are enough`)
  const isOut = hall.signed(west) === signedBefore
  line(output, `west was asked too and has signed ${isOut ? 'nothing' : 'what it should not'}`)
  output.result({ changedOperators: true, oldOneSigned: !isOut })
  output.line()
  return [...acceptedBy(agreed([change]), acceptanceOf(acceptances)), ...agreed([payment])]
}

/** The step that operators agree on, after as many rounds as it takes. */
const certify = (hall: Hall, candidate: Candidate): AgreedStep => {
  const before = hall.steps().length
  hall.apply([candidate])
  if (hall.steps().length === before) hall.wait()
  const step = hall.steps()[before]
  if (!step) throw new Error('the operators came to no end')
  return step
}

/** The two take their purse back. */
const tellReturn = (output: Output, { town, alice, bob }: Purse, hall: Hall): Chapter => {
  output.line('By themselves again', 'strong')
  const machine = hall.machine()
  const back = changingTo(machine, underBoth(machine.terms))
  const last = certify(hall, candidateBy(town, machine, back, [alice, bob]))
  const accepted = acceptanceByBoth(town, last.transition, [alice, bob])
  line(output, 'the operators certify that they are done, and both accept')
  const start = hall.machine()
  const relation = createRelation(town, [alice, bob], { turn: start.terms.turn, start })
  const outcome = relation.wish({ by: alice, operations: [paying(start, alice, bob, 3n)] })
  line(
    output,
    `alice pays bob 3 ${SYMBOL} with no net: ${outcome.final ? 'both have signed' : (outcome.refusal ?? '')}`,
  )
  const end = relation.machine(alice)
  for (const person of [alice, bob]) {
    line(output, `${person.name} has ${holds(end, person)} ${SYMBOL}`)
  }
  output.result({
    returned: outcome.final,
    balances: { alice: `${holds(end, alice)}`, bob: `${holds(end, bob)}` },
  })
  output.line()
  return [...acceptedBy(agreed([last]), accepted), ...coSigned(relation, alice)]
}

const finish = (
  output: Output,
  { town, relation }: Purse,
  of: { readonly chapters: readonly Chapter[]; readonly out: string },
): ExitCode => {
  const file = fileFromBundle(fileOf(relation, of.chapters))
  writeFileSync(of.out, file)
  const report = verify(file, town.checks)
  const steps = report.machines[0]?.steps ?? []
  for (const step of steps) {
    const { grade = step.grade, vouchers = [] } = step.finality ?? {}
    output.line(`  step ${step.sequence}: ${step.standing}, ${grade} by ${vouchers.join(', ')}`)
  }
  output.line(
    `${of.out}: ${file.length} bytes, one machine, ${steps.length} steps: ${report.outcome}`,
    report.outcome === 'valid' ? 'good' : 'bad',
  )
  for (const fault of report.faults) output.line(`  ${fault.message} (${fault.code})`, 'bad')
  output.result({ file: of.out, bytes: file.length, outcome: report.outcome, steps: steps.length })
  output.next(`tally verify ${of.out}`)
  return report.outcome === 'valid' ? 0 : 1
}
