/** The poll of a simulation as a bundle: its certified steps, with the files that show what they rely on. */
import type { LogicRegistry } from '../kernel/logic.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import type { AgreedStep } from '../models/rounds/agreed-step.ts'
import { bundleStepFrom } from '../verify/assemble.ts'
import { type Bundle, bundleFromFile, EMPTY_BUNDLE } from '../verify/bundle.ts'
import { joinBundles } from '../verify/join.ts'
import type { CustodiansTown } from './custodians-town.ts'

export const bundleOfPoll = ({ charter }: CustodiansTown, steps: readonly AgreedStep[]): Bundle =>
  joinBundles([
    { ...EMPTY_BUNDLE, charters: [charter], steps: steps.map(bundleStepOf) },
    ...steps.flatMap((one) => one.candidate.attachments.map(bundleFromFile)),
  ])

/** Whoever checks the poll runs the witness as well. */
export const logicsOf = ({ options }: CustodiansTown): LogicRegistry =>
  new Map([...STANDARD_LOGICS, ...options.logics])

const bundleStepOf = ({ transition, candidate, certificate }: AgreedStep) =>
  bundleStepFrom(
    {
      interaction: candidate.interaction,
      transition,
      consents: candidate.consents,
      certificate,
    },
    () => undefined,
  )
