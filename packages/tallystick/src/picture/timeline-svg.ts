/** The steps of a machine drawn from top to bottom, each with those who vouch for it. */
import { textFromMillis } from '../logic/calendar.ts'
import type { Standing } from '../verify/report.ts'
import { round, svgPage, textRows } from './svg.ts'
import type { Timeline, TimelineStep } from './timeline.ts'
import { ROW_HEIGHT, widthOf, wrap } from './wrap.ts'

const MARGIN = 24
const HEADING = 44
const RAIL_X = 72
const TEXT_X = 96
const GAP = 18
const ROW_CHARACTERS = 88
const SAID_ROWS = 6

export const svgFromTimeline = (of: Timeline): string => {
  const rows = of.steps.map((step) => ({ step, said: saidRows(step), below: belowText(step) }))
  let y = MARGIN + HEADING
  const places = rows.map(({ said }) => {
    const top = y
    y += (said.length + 1) * ROW_HEIGHT + GAP
    return top
  })
  const texts = [of.title, ...rows.flatMap(({ said, below }) => [...said, below])]
  const width = TEXT_X + Math.max(...texts.map(widthOf)) * WIDTH_SPARE + MARGIN
  const last = places.at(-1) ?? MARGIN + HEADING
  return svgPage({ width, height: y + MARGIN, title: of.title }, [
    textRows([of.title], { x: MARGIN, y: MARGIN + ROW_HEIGHT, className: 'heading' }),
    `<path class="rail" d="M${RAIL_X} ${MARGIN + HEADING - 4}V${round(last)}"/>`,
    ...rows.map(({ step, said, below }, at) => {
      const top = places[at] ?? 0
      const tone = TONES[step.standing]
      return [
        `<circle class="dot ${tone}" cx="${RAIL_X}" cy="${round(top - 4)}" r="7"/>`,
        textRows([String(step.sequence)], { x: MARGIN, y: top, className: 'soft' }),
        textRows(said, { x: TEXT_X, y: top, className: 'said' }),
        textRows([below], { x: TEXT_X, y: top + said.length * ROW_HEIGHT, className: tone }),
      ].join('')
    }),
  ])
}

/** Bold and large letters need a little more than the estimate. */
const WIDTH_SPARE = 1.08

const saidRows = (step: TimelineStep): readonly string[] => {
  const said = step.said.flatMap((one) => wrap(one, ROW_CHARACTERS, SAID_ROWS))
  return said.length === 0 ? ['–'] : said
}

const belowText = (step: TimelineStep): string =>
  [
    step.standing,
    step.vouchers.length === 0 ? '' : ` · signed by ${step.vouchers.join(', ')}`,
    step.since === undefined ? '' : ` · ${textFromMillis(step.since)}`,
  ].join('')

const TONES: Readonly<Record<Standing, string>> = {
  final: 'good',
  vouched: 'good',
  provisional: 'warn',
  pending: 'warn',
  superseded: 'soft',
  contested: 'bad',
  refused: 'bad',
  unchecked: 'soft',
}
