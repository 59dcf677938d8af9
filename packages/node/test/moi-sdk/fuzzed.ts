/**
 * A guardian under requests that were changed at random. Each has to be answered by a result or by an error with a number and a
 * text that is not `internal error`; and nothing is executed but interactions that their senders signed.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hexFromBytes } from 'tallystick/base'
import type { GuardianContext } from '../../src/guardian/methods/context.ts'
import { METHODS } from '../../src/guardian/methods/table.ts'
import { GUARDIAN_LIMITS } from '../../src/guardian/limits.ts'
import { createDispatch } from '../../src/guardian/rpc/dispatch.ts'
import type { RunningGuardian } from '../../src/guardian/start-guardian.ts'
import { interactionHash } from 'tallystick/moi'
import { createRandom, mutated } from './mutate.ts'
import type { RecordedCall } from './record.ts'

const recorded = join(import.meta.dirname, 'recorded')

/** Every request that was recorded, as text. */
export const corpusOf = (): readonly string[] =>
  readdirSync(recorded).flatMap((name) => {
    const calls = JSON.parse(readFileSync(join(recorded, name), 'utf8')) as RecordedCall[]
    return calls.flatMap(({ requests }) =>
      requests.map(({ method, params }) =>
        JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      ),
    )
  })

export type Fuzzed = {
  readonly count: number
  readonly results: number
  readonly errors: ReadonlyMap<string, number>
  /** What should not have happened, with the request. */
  readonly bad: readonly string[]
  readonly executed: bigint
}

type Answer = {
  readonly result?: unknown
  readonly error?: { readonly code: unknown; readonly message: unknown }
}

/** Asks as one connection that pays for everything. What fails inside is put on the list. */
export const askerOf = (
  context: GuardianContext,
  failures: string[],
): ((text: string) => Promise<string | undefined>) => {
  const dispatch = createDispatch({
    context,
    methods: METHODS,
    ...GUARDIAN_LIMITS,
    onAnswer: () => undefined,
    onFailure: (error, method) => failures.push(`${method}: ${String(error)}`),
  })
  return (text) =>
    dispatch(Buffer.from(text), {
      connection: 'a',
      push: undefined,
      subscriptions: new Map(),
      pay: () => true,
      owe: () => undefined,
    })
}

export const fuzz = async (
  { context }: RunningGuardian,
  of: { readonly seed: number; readonly count: number },
): Promise<Fuzzed> => {
  const corpus = corpusOf()
  const signed = signedIn(corpus)
  const random = createRandom(of.seed)
  const failures: string[] = []
  const ask = askerOf(context, failures)
  const before = context.lattice.size()
  const errors = new Map<string, number>()
  const bad: string[] = []
  let results = 0
  for (let at = 0; at < of.count; at += 1) {
    const text = mutated(random, corpus)
    const told = await ask(text)
    const why = judge(text, told, signed)
    if (why !== undefined || failures.length > 0) {
      bad.push(
        `request ${at} of seed ${of.seed}: ${why ?? failures.splice(0).join(' ')}\n${text.slice(0, 2000)}`,
      )
    }
    const { error } = told === undefined ? {} : (JSON.parse(told) as Answer)
    if (error === undefined) results += 1
    else {
      const name = String(error.message)
        .slice(0, 40)
        .replaceAll(/[0-9a-f]{8,}|\d+/g, '…')
      errors.set(name, (errors.get(name) ?? 0) + 1)
    }
  }
  // What was executed without an answer too: a request may have lost its id, and what was taken last is executed later.
  for (let index = before; index < context.lattice.size(); index += 1n) {
    const stored = await context.lattice.entryAt(index)
    const hash = stored === undefined ? `entry ${index}` : `0x${hexFromBytes(stored.hash)}`
    if (!signed.has(hash)) bad.push(`executed what nobody signed: ${hash}`)
  }
  const executed = context.lattice.size() - before
  return { count: of.count, results, errors, bad, executed }
}

/** Hashes of the interactions that were signed. */
const signedIn = (corpus: readonly string[]): ReadonlySet<string> =>
  new Set(
    corpus.flatMap((text) => {
      const [, args] = /"ix_args":"([0-9a-f]+)"/.exec(text) ?? []
      return args === undefined
        ? []
        : [`0x${hexFromBytes(interactionHash(Buffer.from(args, 'hex')))}`]
    }),
  )

/** Undefined where the answer is as it should be. */
const judge = (
  text: string,
  told: string | undefined,
  signed: ReadonlySet<string>,
): string | undefined => {
  // A request without an id is not answered.
  if (told === undefined) return undefined
  const answer = JSON.parse(told) as Answer
  if (answer.error !== undefined) {
    const { code, message } = answer.error
    if (!Number.isInteger(code) || typeof message !== 'string' || message === '') return told
    return code === -32_603 ? `failed: ${told}` : undefined
  }
  if (!('result' in answer)) return `neither result nor error: ${told}`
  const isSend = text.includes('moi.SendInteractions')
  if (isSend && typeof answer.result === 'string' && answer.result.length === 66) {
    return signed.has(answer.result) ? undefined : `took what nobody signed: ${answer.result}`
  }
  return undefined
}
