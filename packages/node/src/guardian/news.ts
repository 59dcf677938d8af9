/** What the hub is told of entries that are to be seen now. */
import { hexFromBytes } from 'tallystick/base'
import type { News, NewsLog } from './hub.ts'
import { logAnswer } from './shapes/receipt.ts'
import type { Shapes } from './shapes/tesseract.ts'
import type { Lattice, StoredEntry } from './store/lattice.ts'
import { heightOf } from './store/rows.ts'
import { readReceipt } from './stored.ts'

export const newsOf = async (
  { lattice, shapes }: { readonly lattice: Lattice; readonly shapes: Shapes },
  from: bigint,
  to: bigint,
): Promise<readonly News[]> => {
  const news: News[] = []
  for (let index = from; index < to; index++) {
    const found = await lattice.entryAt(index)
    if (!found) continue
    const answer = await shapes.tesseract(found, { withInteractions: false, withCommit: false })
    news.push({
      is: 'tesseract',
      accounts: new Set(found.entry.steps.map((one) => one.account)),
      answer,
      size: JSON.stringify(answer).length,
      logs: await logsOf(shapes, found),
    })
  }
  return news
}

/** The logs of an entry, with where their accounts stood. */
export const logsOf = async (shapes: Shapes, found: StoredEntry): Promise<readonly NewsLog[]> => {
  const { entry, hash } = found
  if (entry.told.length === 0) return []
  const heights = new Map([
    ...entry.seen.map((one) => [one.account, one.height] as const),
    ...entry.steps.map((one) => [one.account, heightOf(one.transition)] as const),
  ])
  const placed = await shapes.placedOf(found)
  return readReceipt(entry)
    .operations.flatMap((one) => one.logs)
    .map((log) => {
      const answer = logAnswer(log, placed, `0x${hexFromBytes(hash)}`)
      const height = heights.get(log.account) ?? 0n
      const topics = log.topics.map(hexFromBytes)
      return { account: log.account, height, topics, answer, size: JSON.stringify(answer).length }
    })
}
