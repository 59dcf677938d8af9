/** Telling what happened: three oracles answer on machines of their own, people quote them, and somebody may object. */
import type { Output } from 'tallystick/command'
import { proofDraft, signNostrEvent } from 'tallystick/nostr'
import { lastInputOf } from '../custodian/due.ts'
import type { RunningOracle } from '../custodian/oracle.ts'
import { partsOfFile } from '../relay/shelf.ts'
import { look, type Seen, stateOf, until } from './bet-eyes.ts'
import { certify, inputBy, line, refusalOf, SECOND } from './bet-hands.ts'
import { type BetTown, type ORACLES } from './bet-town.ts'

export type OraclesAsk = {
  /** One oracle answers twice. */
  readonly isOracleLying: boolean
  /** The loser objects, and the arbiter rules. */
  readonly isDisputed: boolean
}

const HOUR = 3_600_000
const QUESTION = 'outcome'

type Name = (typeof ORACLES)[number]
type Answer = 'home' | 'away'

export const tellOracles = async (
  output: Output,
  town: BetTown,
  ask: OraclesAsk,
): Promise<void> => {
  output.line('The result', 'strong')
  const seen = await (ask.isOracleLying ? tellLie(output, town) : tellThree(output, town))
  const objection = ask.isDisputed ? 'bob, who would lose, has' : 'players have'
  line(output, `the bet is ${stateOf(seen)}: ${objection} an hour to object`)
  if (ask.isDisputed) return tellDispute(output, town)
  await town.wait(HOUR + SECOND)
  await until(town, 'the end', (one) => stateOf(one) === 'finished')
  line(output, 'nobody does; the clock is put forward by an hour, and the bet is finished')
}

/** Two of three agree. */
const tellThree = async (output: Output, town: BetTown): Promise<Seen> => {
  await answer(town, 'oscar', 'home')
  await quote(town, 'alice', 'oscar', 'home')
  line(output, 'oscar answers home on his own machine; alice quotes him, with a file that shows it')
  await answer(town, 'olga', 'away')
  const refused = await tryQuote(town, 'alice', 'olga', 'home')
  await quote(town, 'bob', 'olga', 'away')
  line(
    output,
    `olga answers away; alice quotes her as home, and is refused: ${refused}; bob quotes her as she said`,
  )
  await answer(town, 'otto', 'home')
  const seen = await quote(town, 'alice', 'otto', 'home')
  line(output, 'otto answers home: two of three agree')
  output.result({ misquoted: refused })
  return seen
}

/** One answers twice, for whoever likes to hear it, and counts for nothing from then on. */
const tellLie = async (output: Output, town: BetTown): Promise<Seen> => {
  const twin = await town.twinOf('olga')
  await answer(town, 'olga', 'away')
  await twin.say(QUESTION, 'home')
  await show(town, 'olga', twin)
  await twin.close()
  const found = await until(town, 'evidence', ({ twoFaced }) => twoFaced.length > 0)
  const refused = await tryQuote(town, 'bob', 'olga', 'away')
  output.line(
    `  caught: olga has signed two answers; both are on the relays, and convict her (${found.twoFaced.length} piece of evidence)`,
    'bad',
  )
  line(output, `whoever quotes her is refused: ${refused}`)
  await answer(town, 'oscar', 'home')
  await quote(town, 'alice', 'oscar', 'home')
  await answer(town, 'otto', 'home')
  const seen = await quote(town, 'alice', 'otto', 'home')
  line(output, 'oscar and otto answer home, and that is enough')
  output.result({ twoFaced: ['olga'], misquoted: refused })
  return seen
}

const tellDispute = async (output: Output, town: BetTown): Promise<void> => {
  const disputed = await certify(town, town.person('bob'), { type: 'DISPUTE', data: {} })
  line(output, `bob does not agree: the bet is in ${stateOf(disputed)}`)
  const early = inputBy(town, town.person('alice'), {
    type: 'RULE',
    data: { outcome: 'home' },
    parent: lastInputOf(disputed.machine),
  })
  await town.client.publish(town.urls, early)
  const refused = await refusalOf(town, early)
  const ruled = await certify(town, town.person('uma'), { type: 'RULE', data: { outcome: 'away' } })
  line(
    output,
    `alice rules for herself, and is refused: ${refused}; uma, the arbiter, rules away, and the bet is ${stateOf(ruled)}`,
  )
}

const answer = async (town: BetTown, name: Name, said: Answer): Promise<void> => {
  await town.oracle(name).say(QUESTION, said)
  await show(town, name, town.oracle(name))
}

/** An oracle hands its file out, for custodians and everybody else. */
const show = async (town: BetTown, name: Name, oracle: RunningOracle): Promise<void> => {
  const by = town.person(name)
  for (const file of partsOfFile(await oracle.file())) {
    const of = {
      machine: town.defined.definition.id,
      author: by.key,
      about: oracle.machine().id,
      file,
    }
    const draft = proofDraft(of, Number(town.clock.now() / 1000n))
    await town.client.publish(town.urls, signNostrEvent(draft, by))
  }
}

const quoting = (oracle: Name, said: Answer) => ({
  type: 'QUOTE',
  data: { oracle },
  answers: [{ oracle, question: QUESTION, answer: said }],
})

type Player = 'alice' | 'bob'

const quote = (town: BetTown, by: Player, oracle: Name, said: Answer): Promise<Seen> =>
  certify(town, town.person(by), quoting(oracle, said))

/** Quotes what custodians refuse; tells why. */
const tryQuote = async (town: BetTown, by: Player, oracle: Name, said: Answer): Promise<string> => {
  const { machine } = await look(town)
  const of = { ...quoting(oracle, said), parent: lastInputOf(machine) }
  const input = inputBy(town, town.person(by), of)
  await town.client.publish(town.urls, input)
  return refusalOf(town, input)
}
