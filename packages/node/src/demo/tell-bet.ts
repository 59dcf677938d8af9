/**
 * Telling the bet: two players, three oracles and an arbiter over two relays, four custodians, and one of them who lies. What happens is what
 * the custodians do; the story only sends inputs, puts the clock forward, and looks at the relays.
 */
import { writeFileSync } from 'node:fs'
import { hexFromBytes } from 'tallystick/base'
import { bundleFromAgreed, type ExitCode, type Output, templateText } from 'tallystick/command'
import { createNativeEngine } from 'tallystick/engine-native'
import { evidence as evidenceCodec } from 'tallystick/kernel'
import { vaultId } from 'tallystick/logic'
import type { AgreedStep } from 'tallystick/models'
import type { NostrEvent } from 'tallystick/nostr'
import { jsonAt, effectsPath } from 'tallystick/statechart'
import {
  EMPTY_BUNDLE,
  fileFromBody,
  fileFromBundle,
  joinBundles,
  verify,
  judgeChains,
} from 'tallystick/verify'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import { rememberingVerifier } from '../custodian/known-signatures.ts'
import { lastInputOf, leavesOf } from '../custodian/due.ts'
import { agreedFrom } from '../relayed/history.ts'
import { certify, inputBy, line, refusalOf, SECOND, takenIn } from './bet-hands.ts'
import { type Money, openMoney } from './bet-money.ts'
import { tellGrab, tellLocked, tellPayout } from './tell-money.ts'
import { type OraclesAsk, tellOracles } from './tell-oracles.ts'
import { look, type Seen, stateOf, until } from './bet-eyes.ts'
import { type BetTown, CUSTODIANS, openTown, ORACLES, type Person } from './bet-town.ts'

export type BetAsk = OraclesAsk & {
  readonly liars: number
  readonly isOracleSilent: boolean
  readonly out: string
}

type Finishing = BetAsk & { readonly money: Money }

const MINUTE = 60_000
const HOUR = 3_600_000
const WEEK = 604_800_000
/** What the clock is to stay behind the present in the end: the story itself takes a while. */
const REST = 2 * MINUTE

export const tellBet = async (output: Output, ask: BetAsk): Promise<ExitCode> => {
  const startedAt = performance.now()
  const span = REST + MINUTE + (ask.isOracleSilent ? WEEK : HOUR)
  // Everybody is in this process, and meets the same signatures.
  const native = createNativeEngine()
  const engine = { ...native, ...rememberingVerifier(native) }
  const town = await openTown({ engine, text: templateText('oracle-bet'), liars: ask.liars, span })
  try {
    tellOpening(output, town)
    if (ask.liars > 1) return await tellTooMany(output, town, ask)
    const money = openMoney(town)
    await tellLocked(output, town, money)
    await tellStakes(output, town, money)
    await tellStart(output, town)
    await tellGrab(output, town, money)
    if (ask.isOracleSilent) await tellSilence(output, town)
    else await tellOracles(output, town, ask)
    output.line()
    await tellPayout(output, town, money)
    const code = await finish(output, town, { ...ask, money })
    output.result({ ms: Math.round(performance.now() - startedAt) })
    return code
  } finally {
    await town.close()
  }
}

const tellOpening = (output: Output, { urls, liars, defined }: BetTown): void => {
  output.line('A bet over relays, and custodians who make it final', 'strong')
  output.line()
  line(output, `two relays of our own (${urls.join(', ')}), trusted with nothing`)
  line(
    output,
    `four custodians, ${CUSTODIANS.join(', ')}: three of them make a step final, and one may lie`,
  )
  line(
    output,
    `three oracles, ${ORACLES.join(', ')}, each with a machine of its own; two that agree decide`,
  )
  line(output, 'all of it in this one process, over sockets; stores are in memory and end with it')
  line(
    output,
    'the definition is examples/statecharts/oracle-bet.json as it is; its minutes, hours and weeks are not',
  )
  line(
    output,
    'waited for: everybody’s clock begins in the past and is put forward where the story says so',
  )
  for (const { name } of liars) {
    output.line(`  ${name} lies: two processes with one key, one at each relay`, 'warn')
  }
  if (liars.length > 0) {
    line(
      output,
      'the others come up once both processes have signed, so that the lie is no matter of luck',
    )
  }
  output.line()
  output.result({
    machine: defined.genesis.id,
    definition: defined.definition.id,
    relays: urls,
    custodians: CUSTODIANS,
    liars: liars.map((one) => one.name),
  })
}

/** Both stake at the same moment, each at a relay of their own. */
const stakesOf = (
  town: BetTown,
  [alices = 'a1', bobs = 'b1']: readonly string[] = [],
): readonly [NostrEvent, NostrEvent] => [
  inputBy(town, town.person('alice'), { type: 'LOAD', data: { on: 'home', lock: alices } }),
  inputBy(town, town.person('bob'), { type: 'LOAD', data: { on: 'away', lock: bobs } }),
]

const publishBoth = async (town: BetTown, both: readonly NostrEvent[]): Promise<void> => {
  await Promise.all(both.map((one, at) => town.client.publish(town.urls.slice(at, at + 1), one)))
}

const tellStakes = async (output: Output, town: BetTown, money: Money): Promise<void> => {
  output.line('Stakes', 'strong')
  // Whoever plays has looked at the other's vault; what it is called goes into the bet.
  const locks = money.vaults.map((one) => vaultId(one.suite, one.terms))
  const both = stakesOf(town, locks)
  await publishBoth(town, both)
  await town.arrive()
  const seen = await until(town, 'the first stake', ({ steps }) => steps.length > 0)
  const isAlices = takenIn(seen, both[0])
  const [first, second] = isAlices ? ['alice', 'bob'] : ['bob', 'alice']
  line(
    output,
    `alice and bob stake at the same moment: the custodians agree that ${first} is first`,
  )
  const late = await refusalOf(town, isAlices ? both[1] : both[0])
  const parent = lastInputOf(seen.machine)
  const odd = { type: 'LOAD', data: { on: 'home', lock: 'u1' }, parent }
  const umas = inputBy(town, town.person('uma'), odd)
  await town.client.publish(town.urls, umas)
  const refused = await refusalOf(town, umas)
  line(output, `uma, the arbiter, stakes too, and is refused: ${refused} (7507)`)
  const data = isAlices ? { on: 'away', lock: locks[1] } : { on: 'home', lock: locks[0] }
  const after = await certify(town, town.person(isAlices ? 'bob' : 'alice'), { type: 'LOAD', data })
  line(
    output,
    `${second} is told ${late}, signs again on top of that, and the bet is ${stateOf(after)}`,
  )
  output.result({ refused, first, late })
  await tellLiar(output, town)
  output.line()
}

/** What the first step has shown of the liar, if there is one. */
const tellLiar = async (output: Output, town: BetTown): Promise<void> => {
  if (town.liars.length === 0) return
  const seen = await until(town, 'evidence against the liar', ({ evidence }) => evidence.length > 0)
  for (const one of accusedIn(town, seen)) {
    output.line(
      `  caught: ${one} signed two different first steps; the evidence is on the relays (7505)`,
      'bad',
    )
  }
}

const accusedIn = (town: BetTown, { evidence }: Seen): readonly string[] =>
  evidence.map((one) => town.nameOf(hexFromBytes(one.publicKey)))

const tellStart = async (output: Output, town: BetTown): Promise<void> => {
  output.line('The event begins', 'strong')
  await town.wait(MINUTE + SECOND)
  await until(town, 'the start', (seen) => stateOf(seen) === 'started')
  line(
    output,
    'the clock is put forward by a minute: a custodian sends the tick, and the bet is started',
  )
}

const tellSilence = async (output: Output, town: BetTown): Promise<void> => {
  output.line('The oracles are silent', 'strong')
  await town.wait(WEEK + SECOND)
  await until(town, 'the end', (seen) => stateOf(seen) === 'cancelled')
  line(
    output,
    'no oracle says anything; the clock is put forward by a week, a tick comes, and the bet is cancelled',
  )
}

/** More liars than the policy bears: two histories, and whom that convicts. */
const tellTooMany = async (output: Output, town: BetTown, ask: BetAsk): Promise<ExitCode> => {
  output.line(`${town.liars.length} of four lie, and the policy bears one`, 'strong')
  line(output, 'no money is put up in this story')
  await publishBoth(town, stakesOf(town))
  await town.arrive()
  const seen = await until(
    town,
    'a fork',
    ({ rivals, evidence }) => rivals.length > 0 && evidence.length >= town.liars.length,
  )
  line(output, 'the liars tell one honest custodian of alice’s stake, and the other of bob’s')
  output.line(
    '  two first steps are certified, each by three: the bound is exceeded, and nothing here could keep that from happening',
    'bad',
  )
  const accused = accusedIn(town, seen)
  output.line(
    `  the receipts meet, and convict ${accused.join(' and ')}: each has signed both`,
    'bad',
  )
  line(
    output,
    'it proves who lied. It does not say which of the two histories is to count: people have to.',
  )
  output.line()
  const isRight = isSame(accused, town.liars)
  const code = write(output, town, seen, ask)
  output.result({ certified: 2, accused })
  output.next(`tally verify ${ask.out}   (it is refused: two histories, both certified)`)
  // The story went as told if the file with both histories is refused.
  return isRight && code === 1 ? 0 : 1
}

const isSame = (accused: readonly string[], liars: readonly Person[]): boolean =>
  [...accused].sort().join() ===
  liars
    .map((one) => one.name)
    .sort()
    .join()

const finish = async (output: Output, town: BetTown, ask: Finishing): Promise<ExitCode> => {
  const seen = await look(town)
  const effects = jsonAt(leavesOf(seen.machine), effectsPath(seen.steps.length))
  line(
    output,
    `what the world is to do stands in the bet’s state too: ${JSON.stringify(effects)}`.replaceAll(
      /[0-9a-f]{64}/g,
      town.nameOf,
    ),
  )
  output.line()
  const accused = accusedIn(town, seen)
  output.line('What holds', 'strong')
  line(
    output,
    'each step has receipts of three custodians, of whom at most one lies: no other child of its parent has as many',
  )
  line(output, 'a relay that drops, repeats, reorders or lies delays steps and changes none')
  output.line('What does not', 'strong')
  line(
    output,
    'with two liars among four, two histories can be certified: tally demo bet --lying-custodians 2',
  )
  line(
    output,
    'the money rests on the same custodians: who can certify two ends of the bet can certify two payouts',
  )
  line(output, 'two oracles that agree are believed; nothing here knows what happened')
  line(output, 'coins are the machine’s own, and worth what people give for them')
  output.line()
  const isRight = isSame(accused, town.liars)
  if (!isRight) output.line(`accused: ${accused.join(', ') || 'nobody'}, and that is wrong`, 'bad')
  const paid = (await ask.money.look()).steps.map(agreedFrom)
  const code = write(output, town, seen, { ...ask, paid })
  output.result({ state: stateOf(seen), steps: seen.steps.length, accused, effects })
  output.next(
    `tally verify ${ask.out} && tally show ${ask.out} --svg ${ask.out.replace(/\.tally$/, '')}`,
  )
  return isRight ? code : 1
}

/** What was certified as a file, put together from receipts alone, and each piece of evidence as one of its own. */
const write = (
  output: Output,
  town: BetTown,
  seen: Seen,
  ask: BetAsk & { readonly paid?: readonly AgreedStep[] },
): ExitCode => {
  const whole = joinBundles([
    EMPTY_BUNDLE,
    bundleFromAgreed(town.defined.charter, seen.steps),
    ...(ask.paid ? [bundleFromAgreed(town.beside.defined.charter, ask.paid)] : []),
    ...seen.rivals.map((one) => bundleFromAgreed(town.defined.charter, [one])),
  ])
  const file = fileFromBundle(whole)
  writeFileSync(ask.out, file)
  const report = verify(file, {
    models: STANDARD_MODELS,
    logics: STANDARD_LOGICS,
    chains: judgeChains,
    verifier: town.engine,
  })
  const tone = report.outcome === 'valid' ? 'good' : 'bad'
  output.line(
    `${ask.out}: ${file.length} bytes, ${seen.steps.length + seen.rivals.length + (ask.paid?.length ?? 0)} steps out of receipts: ${report.outcome}`,
    tone,
  )
  for (const fault of report.faults) output.line(`  ${fault.message} (${fault.code})`, 'bad')
  const proofs = [...seen.evidence, ...seen.twoFaced].map((one) => {
    const name = town.nameOf(hexFromBytes(one.publicKey))
    const path = ask.out.replace(/(?:\.tally)?$/, `-proof-${name}.tally`)
    writeFileSync(path, fileFromBody('evidence', evidenceCodec.encode(one)))
    output.line(`${path}: two statements and two signatures that convict ${name}`)
    return path
  })
  output.result({ file: ask.out, bytes: file.length, outcome: report.outcome, proofs })
  return report.outcome === 'valid' ? 0 : 1
}
