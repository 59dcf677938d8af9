/**
 * Snapshots, kind 30078: where a custodian says that a machine stands, for clients that want no history.
 *
 * Promise. What is written has the members that XState 5 persists, so that its tools read it. What is read is one JSON object with a
 * status and a value, by the key that the event names.
 *
 * Not promised. That it is true or new. Relays keep one snapshot of each custodian, may keep the older of two of one second, and
 * say `OK` to the other. A snapshot is a cache: whoever relies on a state runs the inputs or checks it against receipts.
 *
 * | part | what |
 * |---|---|
 * | content | `status`, `value`, `historyValue`, `context`, `children` {}, `output` at the end; `nsm.entered` |
 * | `["d", name]` | as the definition's `state` tag says for this custodian |
 * | `["e", machine]`, `["transition", input]` | the machine; the last accepted input, missing at the start |
 * | `["height", n]`, `["header", id]`, `["cert", key, receipt]` | ours: the step that it shows, and receipts for it |
 */
import type { NostrDraft, NostrTag } from '../../forms/nostr-event.ts'
import { isJsonObject, type Json, type JsonObject } from '../../forms/strict-json.ts'
import { tagsNamed } from '../../forms/nostr-event.ts'
import {
  asCount,
  asId,
  badContent,
  contentFrom,
  expectKind,
  KINDS,
  objectIn,
  onlyTag,
  optionalTag,
} from './message.ts'

/** What of a machine's state is shown. */
export type Shown = {
  readonly status: string
  readonly value: Json
  readonly historyValue: JsonObject
  readonly context: JsonObject
  /** When each state that waits was entered, in milliseconds by its id. */
  readonly entered: JsonObject
  readonly output?: Json
}

export type NostrSnapshot = {
  readonly machine: string
  readonly custodian: string
  readonly name: string
  /** Id of the last accepted input; missing at the start. */
  readonly head: string | undefined
  /** Missing in snapshots of programs other than ours, as is `header`. */
  readonly height: number | undefined
  readonly header: string | undefined
  readonly certificate: readonly { readonly custodian: string; readonly receipt: string }[]
  readonly shown: Shown
}

/** Raises `nostr-message/too-large` for a state that relays would not keep. */
export const snapshotDraft = (
  of: NostrSnapshot,
  time: { readonly now: number; readonly last: number | undefined },
): NostrDraft => {
  const { entered, output, ...plain } = of.shown
  const whole: JsonObject = { ...plain, children: {}, nsm: { entered } }
  const some = (name: string, value: string | number | undefined): readonly NostrTag[] =>
    value === undefined ? [] : [[name, String(value)]]
  return {
    pubkey: of.custodian,
    created_at: timeAfter(time.now, time.last),
    kind: KINDS.snapshot,
    tags: [
      ['d', of.name],
      ['e', of.machine],
      ...some('transition', of.head),
      ...some('height', of.height),
      ...some('header', of.header),
      ...of.certificate.map((one): NostrTag => ['cert', one.custodian, one.receipt]),
    ],
    content: contentFrom(output === undefined ? whole : { ...whole, output }),
  }
}

/** Later than the snapshot before it, since a relay that sees two of one second keeps the one with the lower id. */
export const timeAfter = (now: number, last: number | undefined): number =>
  last === undefined ? now : Math.max(now, last + 1)

/** Raises faults of `nostr-message/…`. */
export const snapshotFrom = (event: NostrDraft): NostrSnapshot => {
  expectKind(event, KINDS.snapshot)
  const content = objectIn(event.content)
  const [head] = optionalTag(event, 'transition') ?? []
  const [height] = optionalTag(event, 'height') ?? []
  const [header] = optionalTag(event, 'header') ?? []
  const { nsm } = content
  return {
    machine: asId(onlyTag(event, 'e')[0], 'the machine'),
    custodian: event.pubkey,
    name: onlyTag(event, 'd')[0] ?? '',
    head: head === undefined ? undefined : asId(head, 'the last input'),
    height: height === undefined ? undefined : asCount(height, 'the height'),
    header: header === undefined ? undefined : asId(header, 'the header'),
    certificate: tagsNamed(event, 'cert').map(([, custodian, receipt]) => ({
      custodian: asId(custodian, 'a custodian'),
      receipt: asId(receipt, 'a receipt'),
    })),
    shown: {
      status: statusIn(content),
      value: valueIn(content),
      historyValue: isJsonObject(content['historyValue']) ? content['historyValue'] : {},
      context: isJsonObject(content['context']) ? content['context'] : {},
      entered: isJsonObject(nsm) && isJsonObject(nsm['entered']) ? nsm['entered'] : {},
      ...(content['output'] !== undefined && { output: content['output'] }),
    },
  }
}

const STATUSES = ['active', 'done', 'error', 'stopped']

const statusIn = (content: JsonObject): string => {
  const { status } = content
  if (typeof status === 'string' && STATUSES.includes(status)) return status
  throw badContent('no status that a machine has')
}

const valueIn = (content: JsonObject): Json => {
  const { value } = content
  if (typeof value === 'string' || isJsonObject(value)) return value
  throw badContent('no value that a state has')
}
