/** What the commands of `tally` do in the folder of a machine that operators certify. Each ends with one next line. */
import { randomBytes } from 'node:crypto'
import { Fault, isFault } from 'tallystick/base'
import {
  askYesNoLater,
  type ChartWish,
  dirOption,
  eventFromWords,
  type ExitCode,
  isAttended,
  keepAgreed,
  operationsFromJson,
  operationsFromWords,
  type Output,
  payWords,
  readInputFile,
  type SharedAsk,
  showNewTerms,
  sizeText,
  usageError,
  writeBundle,
} from 'tallystick/command'
import { interactionId, type Operation } from 'tallystick/kernel'
import {
  type AgreedStep,
  applicationAt,
  type Candidate,
  follow,
  tryCandidate,
} from 'tallystick/models'
import { type Bundle, bundleFromFile, type BundleStep } from 'tallystick/verify'
import { waitMsOf } from '../account/wait.ts'
import { type Applied, isLastOf } from '../client/shared.ts'
import { acceptBack, goingBack, isGivenBack } from './back.ts'
import { isMoving, keepWanted, type SharedOffice, wantedIn, withSharedOffice } from './office.ts'
import {
  bundleOf,
  consentOn,
  ifBothAgree,
  stepsIn,
  wantedOf,
  writeOut,
  writeTogether,
} from './together.ts'
import { assetsOf, describeIn, sharedResult, showShared } from './view.ts'
import { work } from './work.ts'

export const proposeShared = (output: Output, ask: SharedAsk): Promise<ExitCode> =>
  withSharedOffice(output, ask, async (office) => {
    checkFree(office)
    const level = await caughtUp(office, ask)
    if (isGivenBack(level)) return giveBack(level, undefined)
    checkStaying(level)
    return propose(level, ask, wishOf(level, ask))
  })

export const backShared = (output: Output, ask: SharedAsk): Promise<ExitCode> =>
  withSharedOffice(output, ask, async (office) => {
    checkFree(office)
    const level = await caughtUp(office, ask)
    if (isGivenBack(level)) return giveBack(level, undefined)
    checkStaying(level)
    return askTogether(level, [goingBack(level.followed.machine)])
  })

export const resendShared = (output: Output, ask: SharedAsk): Promise<ExitCode> =>
  withSharedOffice(output, ask, async (office) => {
    const isOpen = wantedIn(office.era) !== undefined
    const applied = await work(office, { waitMs: waitMsOf(ask) })
    const level = { ...office, ...standing(office, applied) }
    if (isGivenBack(level)) return giveBack(level, undefined)
    if (!isOpen && applied.others.length === 0) {
      output.line('Nothing is on its way, and no step is missing here.')
    }
    return tell(level, applied)
  })

export const showSharedMachine = (output: Output, ask: SharedAsk): Promise<ExitCode> =>
  withSharedOffice(output, ask, async (office): Promise<ExitCode> => {
    showShared(output, office, ask.all === true)
    output.line()
    output.line('What others did since shows after tally resend.', 'quiet')
    output.next(nextOf(office))
    return 0
  })

export const bundleOfShared = (output: Output, ask: SharedAsk): Promise<ExitCode> =>
  withSharedOffice(output, ask, async (office): Promise<ExitCode> => {
    const { path, bytes, steps } = writeBundle(office, bundleOf(office), ask.output)
    output.line(['Wrote ', { text: path, tone: 'strong' }, `, ${sizeText(bytes)}, ${steps} steps`])
    output.result({ file: path, bytes, steps })
    output.next(`tally verify ${path}`)
    return 0
  })

/** Takes a bundle of the other: steps that operators have certified, a step that it wants, or its word that it goes on. */
export const acceptShared = (output: Output, ask: SharedAsk): Promise<ExitCode> =>
  withSharedOffice(output, ask, async (office): Promise<ExitCode> => {
    const [path, ...more] = ask.files ?? []
    if (path === undefined || more.length > 0) {
      throw usageError('one file is taken at a time', 'tally accept FILE')
    }
    const bundle = bundleFromFile(readInputFile(path))
    const told = withStepsOf(office, bundle)
    const level = await caughtUp(told, ask)
    if (isGivenBack(level)) return giveBack(level, bundle)
    const wanted = wantedOf(level, bundle)
    if (wanted) return answerTo(level, wanted, ask)
    const count = level.steps.length - office.steps.length
    output.line(count === 0 ? 'There is nothing new in it.' : `${count} steps are new here.`)
    output.result({ ...sharedResult(level), taken: count })
    output.next(nextOf(level))
    return 0
  })

export const checkFree = ({ era, folder }: SharedOffice): void => {
  if (!wantedIn(era)) return
  throw usageError('a step is on its way already', `tally resend${dirOption(folder)}`)
}

/** The operators of before sign nothing behind the step by which others go on. */
const checkStaying = (office: SharedOffice): void => {
  if (!isMoving(office)) return
  throw usageError('other operators are to go on, and have not accepted yet', nextOf(office))
}

type Standing = Pick<SharedOffice, 'followed' | 'steps'>

const standing = (office: SharedOffice, { state, done, others }: Applied): Standing => {
  const known = new Set(office.steps.map((one) => one.transition.sequence))
  const fresh = [...others, ...(done ? [done] : [])]
    .filter((one) => !known.has(one.transition.sequence))
    .sort((a, b) => (a.transition.sequence < b.transition.sequence ? -1 : 1))
  return { followed: state.followed, steps: [...office.steps, ...fresh] }
}

/** With everything that operators have certified meanwhile. */
export const caughtUp = async (office: SharedOffice, ask: SharedAsk): Promise<SharedOffice> => {
  const applied = await work(office, { waitMs: waitMsOf(ask) })
  return { ...office, ...standing(office, applied) }
}

/** An event of the chart that the machine keeps, with what it rests on, or operations that rest on nothing. */
const wishOf = (office: SharedOffice, ask: SharedAsk): ChartWish => {
  const { folder, followed, options } = office
  const { words, op, data, answer = [], attach = [] } = ask
  const by = { own: folder.own, now: BigInt(Date.now()), verifier: options.verifier }
  const event =
    words !== undefined && op === undefined
      ? eventFromWords(followed.machine, { words, data, answer, attach, ...by })
      : undefined
  return event ?? { operations: operationsOf(office, ask), premises: [], attachments: [] }
}

const operationsOf = (office: SharedOffice, { words, op }: SharedAsk): readonly Operation[] => {
  const { folder, followed } = office
  const { machine } = followed
  if (words === undefined && op !== undefined) {
    return operationsFromJson(readInputFile(op), machine.id)
  }
  if (words === undefined || op !== undefined) {
    throw usageError('say what is to be done, once', 'tally propose "pay bob 10", or --op FILE')
  }
  const nonce = new Uint8Array(randomBytes(32))
  return operationsFromWords(words, { machine, own: folder.own, nonce, assets: assetsOf(office) })
}

/** A step that one may take alone goes to the operators; one that needs both goes to the other first. */
const propose = async (
  office: SharedOffice,
  ask: SharedAsk,
  { operations, premises, attachments }: ChartWish,
): Promise<ExitCode> => {
  const { followed, options } = office
  const interaction = applicationAt(followed.machine, { operations, beside: [], premises })
  const alone: Candidate = {
    interaction,
    consents: [await consentOn(office, interaction)],
    beside: [],
    attachments,
  }
  const after = tryCandidate(options, followed.machine, alone)
  if (isFault(after)) {
    const isForBoth = after.code.endsWith('/no-consent') && premises.length === 0
    if (isForBoth) return askTogether(office, operations)
    throw after
  }
  const wish = { operations, beside: [], consents: [], premises, attachments }
  return tell(office, await work(office, { wish, waitMs: waitMsOf(ask) }))
}

/** Writes what the other has to sign as well. */
export const askTogether = async (
  office: SharedOffice,
  operations: readonly Operation[],
): Promise<ExitCode> => {
  const { output, folder } = office
  const path = await writeTogether(office, operations)
  output.line(`It needs ${folder.peer} as well; you have signed.`)
  output.line(['Wrote ', { text: path, tone: 'strong' }])
  output.result({ ...sharedResult(office), files: [{ path, is: 'wanted' }] })
  output.next(`hand ${path} to ${folder.peer}, who runs: tally accept FILE`)
  return 0
}

/** Shows what the other wants, asks, signs it too and takes it to the operators. */
const answerTo = async (
  office: SharedOffice,
  { interaction, consents }: BundleStep,
  ask: SharedAsk,
): Promise<ExitCode> => {
  const { output, folder, followed } = office
  if (consents.some((one) => one.party === folder.party)) {
    throw usageError('this is a file of your own', `hand it to ${folder.peer}`)
  }
  checkFree(office)
  checkStaying(office)
  const after = ifBothAgree(office, interaction)
  const described = describeIn(office, interaction)
  output.line([{ text: folder.peer, tone: 'strong' }, ` wants step ${after.head.sequence}`])
  for (const line of described) output.line(`  ${line}`, 'strong')
  if (after.terms !== followed.machine.terms) {
    showNewTerms(output, followed.machine.terms, after.terms)
  }
  output.result({ asked: { step: after.head.sequence, described } })
  const yes = await answerOf(output, ask)
  if (yes !== true) {
    output.line(yes === false ? 'Nothing was signed.' : 'It stays open.')
    output.next(nextOf(office))
    return yes === false ? 0 : 2
  }
  const wish = { operations: interaction.operations, beside: [], consents }
  const made = applicationAt(followed.machine, wish)
  if (interactionId(made) !== interactionId(interaction)) {
    throw new Fault('candidate/other-legs', 'it touches more than this machine', {
      machine: folder.id,
      step: after.head.sequence,
      party: folder.peer,
    })
  }
  const applied = await work(office, { wish, waitMs: waitMsOf(ask) })
  const level = { ...office, ...standing(office, applied) }
  return isGivenBack(level) ? giveBack(level, undefined) : tell(level, applied)
}

const answerOf = async (output: Output, ask: SharedAsk): Promise<boolean | undefined> => {
  if (ask.yes === true && ask.no === true) throw usageError('--yes and --no at once', 'say one')
  if (ask.yes === true || ask.no === true) return ask.yes === true
  if (output.json || !isAttended()) {
    throw usageError('nobody is at the terminal to answer', 'add --yes or --no')
  }
  return askYesNoLater('Sign it?')
}

/** The operators are done: says so with a signature, and goes on once both have. */
const giveBack = async (office: SharedOffice, bundle: Bundle | undefined): Promise<ExitCode> => {
  const { output, folder, followed } = office
  const { sequence } = followed.machine.head
  const { accepted, next } = await acceptBack(office, bundle)
  const last = office.steps.at(-1)
  const steps = office.steps.map((one) => (one === last ? { ...one, accepted } : one))
  const path = writeOut(office, bundleOf({ ...office, steps }), `back${sequence}-${folder.own}`)
  output.line(`The operators have given the machine back with step ${sequence}.`, 'good')
  output.line(
    next
      ? 'Both have signed that they go on by themselves.'
      : `You have signed that you go on; ${folder.peer} has not yet.`,
  )
  output.line(['Wrote ', { text: path, tone: 'strong' }])
  output.result({
    ...sharedResult({ ...office, steps }),
    returned: next !== undefined,
    files: [{ path, is: 'back' }],
  })
  output.next(`hand ${path} to ${folder.peer}, who runs: tally accept FILE`)
  return next ? 0 : 2
}

/** Certified steps in a bundle that follow on the head; kept once they were judged. */
const withStepsOf = (office: SharedOffice, bundle: Bundle): SharedOffice => {
  let { followed } = office
  const fresh: AgreedStep[] = []
  for (const { legs, interaction, consents } of stepsIn(office, bundle)) {
    const leg = legs.find((one) => one.is === 'written')
    if (leg?.is !== 'written' || leg.certificate.length === 0) continue
    if (leg.transition.parent !== followed.machine.headId || isLastOf(followed)) continue
    const step = {
      transition: leg.transition,
      candidate: { interaction, consents, beside: [], attachments: [] },
      certificate: leg.certificate,
      accepted: new Uint8Array(0),
    }
    const next = follow(office.options, followed, step)
    if (isFault(next)) throw next.at({ party: office.folder.peer })
    followed = next
    fresh.push(step)
  }
  if (fresh.length > 0) keepAgreed(office.era, fresh)
  return { ...office, followed, steps: [...office.steps, ...fresh] }
}

/** What has become of an attempt, and how the command ends. */
const tell = (office: SharedOffice, applied: Applied): ExitCode => {
  const { output, era, folder } = office
  const { done, others, why, state } = applied
  const level = { ...office, ...standing(office, applied) }
  for (const one of others) {
    output.line(`Step ${one.transition.sequence} was taken by others meanwhile.`, 'quiet')
  }
  if (done) {
    keepWanted(era, undefined)
    output.line(`Step ${done.transition.sequence} is certified.`, 'good')
  }
  const waiting = state.pending ? [...why].map(([name, text]) => ({ name, why: text })) : []
  output.result({
    ...sharedResult(level),
    certified: done ? [done.transition.sequence] : [],
    waiting,
    files: [],
  })
  if (!state.pending) {
    output.next(nextOf(level))
    return 0
  }
  const { sequence } = state.followed.machine.head
  const names = waiting.map((one) => one.name).join(' and ')
  output.line(
    `Step ${sequence + 1n} is not certified yet: it waits for ${names === '' ? 'the operators to agree' : names}.`,
    'warn',
  )
  output.table(waiting.map((one) => [one.name, one.why]))
  output.line('What is signed is kept, and goes on when enough of them are there again.', 'quiet')
  output.next(`tally resend${dirOption(folder)}`)
  return 2
}

const nextOf = (office: SharedOffice): string => {
  const { era, folder } = office
  const dir = dirOption(folder)
  if (isMoving(office)) return `tally operators change --directory FILE${dir}`
  return wantedIn(era) ? `tally resend${dir}` : `tally propose ${payWords(folder)}${dir}`
}
