/** Messages on their way out: written into a machine's folder for somebody to carry. */
import { join } from 'node:path'
import { createPrivateFolder } from './durable-file.ts'
import { messageFileName, writeMessageFile } from './carrier/file.ts'
import type { Message } from '../models/bilateral/message.ts'
import type { MachineDesk } from './machine-desk.ts'
import { outFolder, pathFromHere } from './machine-folder.ts'

export type Posted = {
  readonly path: string
  readonly is: Message['body']['is']
}

/**
 * The messages that a desk wants sent now, each once. What another message says too is left out: every message says
 * where its sender stands, and an offer carries the aborts of the rounds before it.
 */
export const outgoing = (desk: MachineDesk): readonly Message[] => {
  const byName = new Map<string, Message>()
  for (const effect of desk.outstanding()) {
    if (effect.is === 'send') byName.set(messageFileName(effect.message), effect.message)
  }
  const all = [...byName.values()]
  const hasOffer = all.some((one) => one.body.is === 'offer')
  const others = all.filter(
    (one) => one.body.is !== 'ack' && !(hasOffer && one.body.is === 'abort'),
  )
  // While a question is open there is nothing to hand over: the answer is.
  const isAsked = desk.state().pending?.stage === 'asking'
  return others.length > 0 || isAsked ? others : all
}

/** Writes everything that is to be sent. Only after the desk has stored what led to it, which `take` sees to. */
export const post = (desk: MachineDesk): readonly Posted[] => write(desk, outgoing(desk))

/** Writes again what the other party has not answered. An acknowledgement was heard or will not be missed. */
export const postAgain = (desk: MachineDesk): readonly Posted[] =>
  write(
    desk,
    outgoing(desk).filter((one) => one.body.is !== 'ack'),
  )

const write = (desk: MachineDesk, messages: readonly Message[]): readonly Posted[] => {
  const folder = outFolder(desk.folder)
  createPrivateFolder(folder)
  return messages.map((message) => {
    const path = join(folder, messageFileName(message))
    writeMessageFile(path, message)
    return { path: pathFromHere(path), is: message.body.is }
  })
}
