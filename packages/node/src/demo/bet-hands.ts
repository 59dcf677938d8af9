/** What people of the bet do: they send inputs, and wait for a certificate or a refusal. */
import type { Output } from 'tallystick/command'
import { inputDraft, type NostrEvent, type QuotedAnswer, signNostrEvent } from 'tallystick/nostr'
import { lastInputOf } from '../custodian/due.ts'
import { inputIn, look, type Seen, until } from './bet-eyes.ts'
import type { BetTown, Person } from './bet-town.ts'

export const line = (output: Output, says: string): void => output.line(`  ${says}`)

/** Inputs claim whole seconds. */
export const SECOND = 1_000

export type Wanted = {
  readonly type: string
  readonly data: object
  readonly answers?: readonly QuotedAnswer[]
}

export const inputBy = (
  { defined, clock }: BetTown,
  by: Person,
  of: Wanted & { readonly parent?: string | undefined },
): NostrEvent =>
  signNostrEvent(
    inputDraft({
      input: {
        machine: defined.definition.id,
        type: of.type,
        parent: of.parent,
        answers: of.answers ?? [],
      },
      data: JSON.stringify(of.data),
      pubkey: by.key,
      created_at: Number(clock.now() / 1000n),
    }),
    by,
  )

export const takenIn = (seen: Seen, input: NostrEvent): boolean =>
  seen.steps.some((one) => inputIn(one)?.id === input.id)

/** Sends an input on top of what was certified last, until it is certified itself. */
export const certify = async (town: BetTown, by: Person, of: Wanted): Promise<Seen> => {
  const { machine } = await look(town)
  const input = inputBy(town, by, { ...of, parent: lastInputOf(machine) })
  await town.client.publish(town.urls, input)
  return until(town, `a certificate for ${of.type} by ${by.name}`, (seen) => takenIn(seen, input))
}

/** Why custodians did not take an input, as they publish it. */
export const refusalOf = async (town: BetTown, input: NostrEvent): Promise<string> => {
  const found = (seen: Seen): string | undefined =>
    seen.rejections.find((one) => one.input === input.id)?.code
  const seen = await until(town, 'a refusal', (one) => found(one) !== undefined)
  return found(seen) ?? ''
}
