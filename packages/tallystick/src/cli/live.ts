/**
 * Live exchanges: two desks talk over a link on this machine until nothing is left to say. What is said is the same as in
 * files, and everything is stored before it is said.
 */
import type { Fault } from '../base/fault.ts'
import { isFault } from '../base/fault.ts'
import { message } from '../models/bilateral/message.ts'
import {
  connectOnLoopback,
  type Link,
  listenOnLoopback,
  type LinkHandlers,
} from './carrier/socket.ts'
import { attend, type Clerk, type MachineDesk } from './machine-desk.ts'
import { tellOutcome } from './outcome-view.ts'
import { type Output, usageError } from './print.ts'

export type Conversation = {
  readonly handlers: LinkHandlers
  /** Resolves when the link has ended and everything heard was dealt with; with why it ended, if it broke. */
  readonly ended: Promise<Error | undefined>
}

export type Speaking = {
  readonly output: Output
  readonly desk: MachineDesk
  readonly clerk: Clerk
  /** Called after each message was dealt with; a link that has nothing left to do is closed by it. */
  readonly onHeard: (link: Link) => void
}

/** One side of a conversation. Messages are taken one after the other, however fast they come. */
export const createConversation = ({ output, desk, clerk, onHeard }: Speaking): Conversation => {
  const said = new Set<string>()
  let work: Promise<void> = Promise.resolve()
  let broken: Error | undefined
  const say = (link: Link): void => {
    for (const effect of desk.outstanding()) {
      if (effect.is !== 'send' || said.has(effect.id)) continue
      said.add(effect.id)
      link.send(message.encode(effect.message))
    }
  }
  const hear = async (bytes: Uint8Array, link: Link): Promise<void> => {
    const { refused } = desk.take({ is: 'message', bytes })
    const more = await attend(desk, clerk)
    for (const fault of [...refused, ...more]) tellRefusal(output, fault)
    say(link)
    onHeard(link)
  }
  const queue = (link: Link, task: () => Promise<void> | void): void => {
    work = work.then(task).catch((error: unknown) => {
      broken ??= error instanceof Error ? error : new Error(String(error))
      link.close()
    })
  }
  let end: (reason: Error | undefined) => void
  const ended = new Promise<Error | undefined>((resolve) => {
    end = (reason) => void work.then(() => resolve(broken ?? reason))
  })
  return {
    handlers: {
      onOpen: (link) => queue(link, () => say(link)),
      onMessage: (bytes, link) => queue(link, () => hear(bytes, link)),
      onEnd: (reason) => end(reason),
    },
    ended,
  }
}

const tellRefusal = (output: Output, fault: Fault): void =>
  output.complain(`refused: ${fault.message} [${fault.code}]`, 'bad')

/** Whether nothing is on its way and both stand at the same step. */
export const isSettled = (desk: MachineDesk): boolean => {
  const { pending, peer, machine, evidence } = desk.state()
  if (evidence.length > 0) return true
  const isLevel = peer?.sequence === machine.head.sequence
  return !pending && isLevel && desk.party.waitingFor(desk.state()).length === 0
}

/** How long a live exchange waits for the other party unless told otherwise: somebody may have to read and decide. */
export const WAIT_SECONDS = 120

/**
 * Talks to whoever listens on a port until both are settled or time is up. Raises a usage error where nobody listens.
 * Returns whether it was settled.
 */
export const talkTo = async (
  port: number,
  speaking: Omit<Speaking, 'onHeard'>,
  waitSeconds: number = WAIT_SECONDS,
): Promise<boolean> => {
  const { desk } = speaking
  const conversation = createConversation({
    ...speaking,
    onHeard: (link) => {
      if (isSettled(desk)) link.close()
    },
  })
  const link = await connectOnLoopback(port, conversation.handlers).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    throw usageError(
      `nobody listens on port ${port}: ${why}`,
      `tally listen --port ${port} on the other side, then tally resend --to ${port} here`,
    )
  })
  const timer = setTimeout(() => link.close(), waitSeconds * 1000)
  const reason = await conversation.ended
  clearTimeout(timer)
  if (isFault(reason) || (reason && !isSettled(desk))) throw reason
  return isSettled(desk)
}

export type Listening = {
  readonly clerk: Clerk
  /** 0 takes a free one. */
  readonly port: number
  /** Whether the first conversation is the last. */
  readonly isOnce: boolean
}

/** Answers whoever connects, one at a time, until it is stopped by Ctrl-C. */
export const listenFor = (
  output: Output,
  desk: MachineDesk,
  { clerk, port, isOnce }: Listening,
): Promise<void> =>
  new Promise((resolve, reject) => {
    let isBusy = false
    const stop = (): void => void opened.then((listener) => listener.close()).then(resolve)
    const answer = (): LinkHandlers => {
      // Two at once would ask the same person two questions at a time.
      if (isBusy) return { onMessage: (_, link) => link.close() }
      isBusy = true
      const before = desk.state().machine.head.sequence
      const { handlers, ended } = createConversation({
        output,
        desk,
        clerk,
        onHeard: () => undefined,
      })
      void ended.then((reason) => {
        isBusy = false
        if (reason) output.complain(reason.message, 'bad')
        tellOutcome(output, desk, before)
        if (isOnce) stop()
      })
      return handlers
    }
    const opened = listenOnLoopback(port, answer)
    opened.then((listener) => output.line(`Listening on 127.0.0.1:${listener.port}`), reject)
    process.once('SIGINT', stop)
  })

/** The port in `127.0.0.1:4567`, `localhost:4567` or `4567`. Raises a usage error for another machine. */
export const portFrom = (typed: string): number => {
  const found = /^(?:(?:127\.0\.0\.1|localhost):)?([0-9]{1,5})$/.exec(typed)?.[1]
  const port = Number(found)
  if (found !== undefined && port <= 65_535) return port
  throw usageError(
    `"${typed}" is no port of this machine`,
    'use 127.0.0.1:PORT; to reach another machine, hand over files or forward a port',
  )
}
