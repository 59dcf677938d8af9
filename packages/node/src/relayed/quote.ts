/** What a participant's input quotes of oracles, and the files that show it to custodians. */
import { machineId } from 'tallystick/kernel'
import { FILE_BYTES_MAX, isFault } from 'tallystick/base'
import { answersFrom, readInputFile, type RelayedAsk, usageError } from 'tallystick/command'
import { type NostrEvent, proofDraft, type QuotedAnswer } from 'tallystick/nostr'
import { bundleFromFile } from 'tallystick/verify'
import { partsOfFile } from '../relay/shelf.ts'
import type { RelayedOffice } from './office.ts'

/** As typed. Raises a usage error. */
export const quotedFrom = ({ answer = [] }: RelayedAsk): readonly QuotedAnswer[] =>
  answersFrom(answer)

export const sameAnswers = (a: readonly QuotedAnswer[], b: readonly QuotedAnswer[]): boolean =>
  a.length === b.length &&
  a.every(({ oracle, question, answer }, at) => {
    const other = b[at]
    return other?.oracle === oracle && other.question === question && other.answer === answer
  })

/**
 * Takes files in that show something of a machine which this one relies on, and publishes them. Raises a usage error for one that shows
 * nothing of the kind.
 */
export const attach = async (
  office: RelayedOffice,
  { attach: paths = [] }: RelayedAsk,
): Promise<void> => {
  const { shelf, folder, definition, client, output } = office
  for (const path of paths) {
    const file = readInputFile(path, FILE_BYTES_MAX)
    const about = bundleFromFile(file)
      .charters.map(machineId)
      .find((id) => shelf.wanted.has(id))
    if (about === undefined) {
      throw usageError(
        `${path} shows no machine that this one relies on`,
        'tally show lists the oracles',
      )
    }
    const made: NostrEvent[] = []
    for (const part of partsOfFile(file)) {
      const of = { machine: definition.id, author: folder.key, about, file: part }
      const draft = proofDraft(of, Math.floor(Date.now() / 1000))
      made.push(await office.sign(draft))
    }
    office.add(made)
    for (const event of made) await client.publish(folder.relays, event)
    output.line(`${path} is handed out with it.`, 'quiet')
  }
}

/** What an input rests on, as custodians would have it. Raises the fault where nothing here shows it. */
export const supportOf = (
  { shelf }: Pick<RelayedOffice, 'shelf'>,
  event: NostrEvent,
  time: { readonly now: bigint; readonly last: number },
): Exclude<ReturnType<RelayedOffice['shelf']['supportFor']>, Error> => {
  const support = shelf.supportFor(event, time)
  if (isFault(support)) throw support
  return support
}
