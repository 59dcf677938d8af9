/** Accepting what the other party sent: it is taken in, questions are asked, and answers are written. */
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import { machineId } from '../kernel/charter.ts'
import type { Message } from '../models/bilateral/message.ts'
import { bundleFromFile } from '../verify/bundle.ts'
import { type Answering, createClerk } from './ask-person.ts'
import { deliver, type DeliveryOption } from './delivery.ts'
import type { Incoming } from './incoming.ts'
import { attend, type MachineDesk } from './machine-desk.ts'
import type { ExitCode, Output } from './print.ts'

export type IncomingMessage = Extract<Incoming, { is: 'message' }>

/** Takes messages in, one after the other, and answers them. Raises the first refusal, after the answer was written. */
export const acceptMessages = async (
  output: Output,
  desk: MachineDesk,
  messages: readonly IncomingMessage[],
  options: Answering & DeliveryOption,
): Promise<ExitCode> => {
  const clerk = createClerk(output, desk, options)
  const before = desk.state().machine.head.sequence
  const refused: Fault[] = []
  for (const one of messages) {
    learnFrom(desk, one.claimed)
    const { refused: now } = desk.take({ is: 'message', bytes: one.bytes })
    refused.push(...now.map((fault) => placed(desk, one, fault)))
    // A question says by itself what was sent, and a refusal what was not taken.
    const asks = desk.outstanding().some((effect) => effect.is === 'ask')
    if (!asks && now.length === 0) output.line(`${heardText(desk, one.claimed)}.`)
    refused.push(...(await attend(desk, clerk)))
  }
  if (messages.length === 0) refused.push(...(await attend(desk, clerk)))
  const [first, ...others] = refused.filter((one) => !NOTES.has(one.code))
  for (const one of refused) if (NOTES.has(one.code)) output.line(one.message, 'warn')
  const code = await deliver(output, desk, { ...options, clerk, before })
  for (const one of others) output.complain(`and: ${one.message}`, 'bad')
  if (first) throw first
  return code
}

/** Machines that a step refers to, as they began, from the files that came with it: their ids are the hashes of their charters. */
const learnFrom = (desk: MachineDesk, { body }: Message): void => {
  if (!('attachments' in body) || !('interaction' in body)) return
  const wanted = new Set(body.interaction.legs.map((one) => one.machine))
  for (const file of body.attachments) {
    const bundle = faultFrom(() => bundleFromFile(file))
    if (isFault(bundle)) continue
    for (const charter of bundle.charters) {
      if (wanted.has(machineId(charter))) desk.take({ is: 'learn', charter })
    }
  }
}

/** What is worth saying and refuses nothing that the other did. */
const NOTES: ReadonlySet<string> = new Set(['request/passed-over'])

/** Where a refused message would have gone: the step it is about, who sent it, and the file. */
const placed = (desk: MachineDesk, { claimed, from }: IncomingMessage, fault: Fault): Fault => {
  const { machine } = claimed
  const place = { machine, part: from, party: desk.folder.peer, ...fault.place }
  // The role names the head that the message was sent from; a person counts the step that it wants.
  return new Fault(fault.code, fault.message, { ...place, step: stepOf(claimed) })
}

/** The step that a message is about. */
export const stepOf = (of: Message): bigint =>
  of.body.is === 'confirm' || of.body.is === 'ack' ? of.sequence : of.sequence + 1n

const heardText = (desk: MachineDesk, of: Message): string => {
  const { peer } = desk.folder
  const step = `step ${stepOf(of)}`
  switch (of.body.is) {
    case 'request':
      return `${peer} asks for ${step}`
    case 'offer':
      return `${peer} offers ${step}`
    case 'accept':
      return `${peer} has signed ${step}`
    case 'confirm':
      return `${peer} confirms ${step}`
    case 'ack':
      return of.sequence === 0n ? `${peer} has not taken a step yet` : `${peer} has ${step} too`
    case 'abort':
      return `${peer} ends the attempt at ${step}`
    case 'cancel-ask':
      return `${peer} has signed ${step} and asks to be let out of it`
    case 'decline':
      return `${peer} will not propose ${step}`
    case 'catchup':
      return `${peer} asks for what it lacks, from ${step} on`
    case 'steps':
      return `${peer} sends what was missing`
  }
}
