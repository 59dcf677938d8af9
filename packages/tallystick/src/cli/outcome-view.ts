/** What has become of a step, in a line or two. */
import type { MachineDesk } from './machine-desk.ts'
import { stageText } from './machine-view.ts'
import type { Output } from './print.ts'

/** What has become of the machine since a head. */
export const tellOutcome = (output: Output, desk: MachineDesk, before: bigint): void => {
  const state = desk.state()
  const { sequence } = state.machine.head
  if (state.evidence.length > 0) {
    output.line(`${desk.folder.peer} broke its word, and there is proof.`, 'bad')
  } else if (sequence > before) {
    output.line(`Step ${sequence} is final: both have signed.`, 'good')
  }
  if (state.pending) output.line(`Step ${sequence + 1n}: ${stageText(desk)}.`)
  else if (state.ended) {
    const who = state.ended.by === desk.folder.party ? 'you' : desk.folder.peer
    output.line(`Step ${sequence + 1n} came to nothing: ${who} ended it.`)
  }
}
