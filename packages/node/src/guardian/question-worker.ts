/**
 * The thread that answers questions: runs an interaction without consequences, however long that takes.
 *
 * A run is synchronous, and what it reads may lie on the disk of the main thread. So where a value was not handed over this thread
 * asks for it and stands still until it is there. It holds nothing between questions but compiled programs.
 */
import { parentPort, receiveMessageOnPort, type MessagePort, workerData } from 'node:worker_threads'
import { isFault } from 'tallystick/base'
import { charter as charterCodec } from 'tallystick/kernel'
import {
  call,
  estimate,
  keyOfPath,
  MOI_LOGIC,
  moiLogic,
  type NetworkMachine,
  openNetwork,
} from 'tallystick/moi'
import { accountValues } from './lane-order.ts'
import type {
  FromQuestions,
  QuestionAnswer,
  QuestionOrder,
  QuestionsStart,
  ToQuestions,
} from './question-order.ts'
import type { ReadAccount } from './views.ts'

const main = (of: unknown): void => {
  const port = parentPort
  if (port === null || !isStart(of)) throw new Error('started as no thread for questions')
  const network = openNetwork(charterCodec.decode(of.charter), new Map([[MOI_LOGIC, moiLogic]]))
  if (isFault(network)) throw network
  const signal = new Int32Array(of.signal)
  port.on('message', (order: ToQuestions) => {
    if (order.is !== 'question') return
    const before = process.threadCpuUsage()
    const answer = answerTo({ network, port, signal }, order)
    const { user, system } = process.threadCpuUsage(before)
    say(port, { is: 'answered', answer, cpuMs: (user + system) / 1000 })
  })
}

const isStart = (of: unknown): of is QuestionsStart =>
  typeof of === 'object' &&
  of !== null &&
  'charter' in of &&
  of.charter instanceof Uint8Array &&
  'signal' in of &&
  of.signal instanceof SharedArrayBuffer

const say = (port: MessagePort, words: FromQuestions): void => port.postMessage(words)

type Around = {
  readonly network: NetworkMachine
  readonly port: MessagePort
  readonly signal: Int32Array
}

const answerTo = (around: Around, order: QuestionOrder): QuestionAnswer => {
  // Whatever a run makes of the error that its reader raised, this is why.
  const trouble: { is: 'too-much' | 'unread' | undefined } = { is: undefined }
  try {
    const { network } = around.network
    const read = readerOf(around, order, trouble)
    const of = { ...order, network, read }
    const answer: QuestionAnswer =
      order.kind === 'call'
        ? { is: 'receipt', receipt: call(of) }
        : { is: 'fuel', fuel: estimate(of) }
    return trouble.is ? { is: trouble.is } : answer
  } catch (error) {
    if (trouble.is) return { is: trouble.is }
    if (isFault(error)) return { is: 'fault', code: error.code, message: error.message }
    return { is: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

const readerOf = (
  around: Around,
  order: QuestionOrder,
  trouble: { is: 'too-much' | 'unread' | undefined },
): ReadAccount => {
  const whole = new Map(
    Array.from(order.accounts, ([account, of]) => [account, new Map(accountValues.decode(of))]),
  )
  const fetched = new Map<string, Uint8Array | undefined>()
  return (account, path) => {
    const key = keyOfPath(around.network, path)
    const held = whole.get(account)
    if (held) return held.get(key)
    const name = `${account} ${key}`
    if (fetched.has(name)) return fetched.get(name)
    trouble.is ??= fetched.size < order.valuesMax ? undefined : 'too-much'
    const answer: ToQuestions = trouble.is
      ? { is: 'unread' }
      : ask(around, { is: 'wanted', account, path })
    if (answer.is !== 'value') {
      trouble.is ??= 'unread'
      throw new Error('a value could not be had')
    }
    fetched.set(name, answer.value)
    return answer.value
  }
}

/** Stands still until the main thread has answered. */
const ask = ({ port, signal }: Around, words: FromQuestions): ToQuestions => {
  Atomics.store(signal, 0, 0)
  say(port, words)
  Atomics.wait(signal, 0, 0)
  const got: { readonly message: ToQuestions } | undefined = receiveMessageOnPort(port)
  return got?.message ?? { is: 'unread' }
}

main(workerData)
