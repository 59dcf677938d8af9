/** Credentials, presentations and statuses as people see them. */
import {
  credential,
  presentation,
  type Presented,
  type Status,
  status,
} from '../verify/credential.ts'
import { bodyFromFile, kindOfFile } from '../verify/file.ts'
import { idText, type Output, type Span } from './print.ts'
import { sizeText } from './report-view.ts'

/** What a file says of itself. Nothing of it is checked, and no value is shown: names do to tell files apart. */
export const showCredentialFile = (output: Output, file: Uint8Array): void => {
  const kind = kindOfFile(file)
  const body = bodyFromFile(kind, file)
  const shown: Status & { readonly openings?: readonly { readonly name: string }[] } =
    kind === 'credential'
      ? credential.decode(body)
      : kind === 'presentation'
        ? presentation.decode(body)
        : status.decode(body)
  const { transition } = shown.state.step
  const names = (shown.openings ?? []).map((one) => one.name)
  output.line(`a ${kind} of ${idText(shown.record)}, ${sizeText(file.length)}; not checked`)
  output.table([
    ['issuer', `machine ${idText(transition.machine)}, step ${transition.sequence}`],
    ...(names.length > 0 ? [['attributes', names.join(', ')]] : []),
  ])
  output.result({ kind, record: shown.record, issuer: transition.machine, attributes: names })
}

/** What was checked, and on what it rests. */
export const showPresented = (output: Output, of: Presented, heard: number): void => {
  const { sequence, finality } = of.asOf
  const since = finality.since
  const when =
    since === undefined
      ? ''
      : ` at ${textOf(since)} by the clock of ${finality.vouchers.join(', ')}`
  const rows: Span[][] = [
    ['about', of.about],
    ...of.attributes.map(({ name, value }) => [name, { text: value, tone: 'strong' as const }]),
    ['issuer', `${of.maker}, machine ${idText(of.issuer)}`],
    ['holder', `key ${idText(of.holder)}`],
    ['as of', `step ${sequence} of the issuer${when}`],
    [
      'revoked',
      heard === 0
        ? 'not as of that step; nothing newer was looked at'
        : `not as of that step; ${heard} newer ${heard === 1 ? 'state' : 'states'} looked at`,
    ],
  ]
  output.table(rows)
  output.line()
  for (const text of RESTS) output.paragraph(text, 2, 'quiet')
  output.result({ ...of, asOf: { sequence, vouchers: finality.vouchers, since } })
}

const RESTS: readonly string[] = [
  'The name is what the issuer calls itself: compare the machine with one that you know.',
  'A credential revoked after that step looks the same; ask for the issuer’s newer status.',
]

const textOf = (at: bigint): string =>
  at < 8_640_000_000_000_000n ? new Date(Number(at)).toISOString() : `${at} ms after 1970`
