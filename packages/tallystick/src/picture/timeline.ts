/** The steps of a machine as a picture tells them: what was done, and who vouches that nothing else was. */
import { shortKeys } from '../forms/short-keys.ts'
import type { MachineReport, Standing, StepReport } from '../verify/report.ts'

export type TimelineStep = {
  readonly sequence: bigint
  /** One line for each operation. */
  readonly said: readonly string[]
  /** Who signed that it is the only one; nobody while it is not final. */
  readonly vouchers: readonly string[]
  readonly standing: Standing
  /** Attested time in milliseconds; missing where nobody attests any. */
  readonly since: bigint | undefined
}

export type Timeline = {
  readonly title: string
  readonly steps: readonly TimelineStep[]
}

/** What a report says about a machine, step by step, every branch that the file has. */
export const timelineOf = (of: MachineReport): Timeline => ({
  title: shortKeys(of.name),
  steps: of.steps.map(stepOf),
})

const stepOf = ({
  sequence,
  described,
  finality,
  standing,
  withheld,
}: StepReport): TimelineStep => ({
  sequence,
  said: withheld ? ['withheld'] : described,
  vouchers: (finality?.vouchers ?? []).map(shortKeys),
  standing,
  since: finality?.since,
})
