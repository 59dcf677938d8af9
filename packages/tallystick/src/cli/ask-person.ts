/** Asking the person at the terminal what to do about a step that the other party wants. */
import type { Signer } from '../base/verifier.ts'
import { inFull } from './in-full.ts'
import { holdingsIn } from './holdings.ts'
import { openSigner } from './keystore.ts'
import type { Asked, Clerk, MachineDesk } from './machine-desk.ts'
import { assetsOf, chartersOf, describeIn, exposureIn } from './machine-view.ts'
import { passphraseOf, type PassphraseOption } from './passphrase-option.ts'
import { type Output, type Span, usageError } from './print.ts'
import { openedLines, openingsOf } from './record-view.ts'
import { showNewTerms } from './terms-view.ts'
import { askYesNoLater, isAttended } from './prompt.ts'

export type Answering = PassphraseOption & {
  readonly yes?: boolean
  readonly no?: boolean
}

/** The clerk who shows each question, asks the person or takes the options' word, and opens the key when it is needed. */
export const createClerk = (output: Output, desk: MachineDesk, options: Answering): Clerk => {
  const signer = once(() => openKey(output, desk, options))
  return {
    signer,
    decide: async (asked) => {
      showQuestion(output, desk, asked)
      const yes = await answerOf(output, options)
      output.line()
      // A passphrase that fails must fail before the answer is on record, not after. An offer is declined by a signature.
      const isSigned =
        yes === true || (yes === false && desk.state().pending?.claimed !== undefined)
      if (isSigned) await signer()
      return yes
    },
  }
}

const answerOf = async (output: Output, options: Answering): Promise<boolean | undefined> => {
  if (options.yes === true && options.no === true) {
    throw usageError('--yes and --no at once', 'say one of them')
  }
  if (options.yes === true || options.no === true) return options.yes === true
  if (output.json || !isAttended()) {
    throw usageError('nobody is at the terminal to answer', 'add --yes or --no')
  }
  return askYesNoLater('Sign it?')
}

const openKey = async (
  output: Output,
  { folder, home, engine }: MachineDesk,
  options: PassphraseOption,
): Promise<Signer> => {
  const passphrase = await passphraseOf(output, options, { name: folder.identity })
  return openSigner({ home, name: folder.identity, device: folder.device, engine, passphrase })
}

/** The same promise every time, and another try after a failure. */
const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}

const showQuestion = (output: Output, desk: MachineDesk, asked: Asked): void => {
  const state = desk.state()
  const { peer } = desk.folder
  const isOffer = state.pending?.claimed !== undefined
  const what = isOffer ? 'offers' : 'asks you to propose'
  output.line([{ text: peer, tone: 'strong' }, ` ${what} step ${asked.next.head.sequence}`])
  output.line()
  const described = describeIn(state, asked.interaction)
  for (const line of described) output.line(`  ${line}`, 'strong')
  const attachments = state.pending?.draft.attachments ?? []
  const opened = openingsOf(state.machine, asked.interaction, attachments)
  for (const line of openedLines(opened)) output.line(`    ${line}`)
  const { operations } = asked.interaction
  const whole = inFull({ operations, charters: chartersOf(state), described })
  for (const { short, full } of whole) output.line(`    ${short} is ${full}`, 'quiet')
  output.line()
  output.table(changeRows(desk, asked))
  if (asked.next.terms !== state.machine.terms) {
    showNewTerms(output, state.machine.terms, asked.next.terms)
  }
  showRisk(output, desk, asked)
  output.line()
  output.line(
    isOffer
      ? `If you sign, it is final as soon as ${peer} signs too; you cannot take it back alone.`
      : `If you agree, you offer it to ${peer}; it is final when both of you have signed.`,
    'quiet',
  )
  output.result({
    asked: {
      step: asked.next.head.sequence,
      described,
      inFull: whole,
      grade: asked.grade,
      fields: Object.fromEntries(opened.map((one) => [one.name, one.value])),
    },
  })
}

/** Who has how much now and after the step, where that differs. */
const changeRows = (desk: MachineDesk, asked: Asked): readonly (readonly Span[])[] => {
  const state = desk.state()
  const assets = assetsOf(state)
  const before = holdingsIn(state.machine, assets)
  const after = holdingsIn(asked.next, assets)
  return after.flatMap((now, at) => {
    const was = before[at]
    if (was && was.free === now.free && was.locked === now.locked) return []
    const locked = now.locked === '' ? '' : `, ${now.locked} set aside`
    return [
      [now.holder, `${was?.free ?? '0'} ${now.symbol}`, '→', `${now.free} ${now.symbol}${locked}`],
    ]
  })
}

const showRisk = (output: Output, desk: MachineDesk, asked: Asked): void => {
  const { grade, interaction } = asked
  if (grade === undefined) return
  const isWeak = grade === 'provisional' || grade === 'local'
  output.line(`  It relies on steps elsewhere whose grade is ${grade}.`, isWeak ? 'warn' : 'plain')
  for (const asset of assetsOf(desk.state())) {
    const exposed = exposureIn(desk.state(), asset, [{ interaction, grade }])
    if (exposed !== '') output.line(`  You may lose up to ${exposed} if they are undone.`, 'warn')
  }
}
