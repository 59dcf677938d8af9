/**
 * Machines as picture files: the statechart where there is one, with the present state, and the steps with who signed them.
 *
 * What is drawn is what checking the file has found. Where boxes go is worked out by `@tallystick/node`; Mermaid text needs no
 * places and so no other package.
 */
import { bytesFromUtf8 } from '../base/bytes.ts'
import { isFault } from '../base/fault.ts'
import { createNativeEngine } from '../engine/native.ts'
import { type Machine, pathKey } from '../kernel/execute.ts'
import { statesFromValue } from '../logic/statechart/configuration.ts'
import { snapshotFrom } from '../logic/statechart/leaves.ts'
import { statechart } from '../logic/statechart/logic.ts'
import { prepared } from '../logic/statechart/prepared.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { svgFromDiagram } from '../picture/chart-svg.ts'
import { type Diagram, diagramOf } from '../picture/diagram.ts'
import { mermaidFromDiagram, mermaidFromTimeline } from '../picture/mermaid.ts'
import { svgFromTimeline } from '../picture/timeline-svg.ts'
import { type Timeline, timelineOf } from '../picture/timeline.ts'
import { read } from '../state/tree.ts'
import { judgeChains } from '../verify/chains.ts'
import { judgeLies } from '../verify/lies.ts'
import { lineOf } from '../verify/machine-report.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'
import { reportFrom, survey } from '../verify/verify.ts'
import { PUBLIC_FILE, replaceFile } from './durable-file.ts'
import { loadExtension } from './extension.ts'
import { type Output, usageError } from './print.ts'

/** What the files are called, without their endings. */
export type PictureOptions = { readonly svg?: string; readonly mermaid?: string }

export const SVG_FLAG = '--svg <name>'
export const SVG_HELP = 'draw the statechart and the steps as NAME-chart.svg and NAME-steps.svg'
export const MERMAID_FLAG = '--mermaid <name>'
export const MERMAID_HELP = 'the same as Mermaid text, NAME-chart.mmd and NAME-steps.mmd'

type Drawing = {
  /** Between the name and what it shows; empty where there is one machine. */
  readonly infix: string
  readonly diagrams: readonly Diagram[]
  readonly timeline: Timeline
}

/** Writes what the options ask for, of each machine in a bundle. Does nothing if they ask for nothing. */
export const drawPictures = async (
  output: Output,
  bundle: Uint8Array,
  { svg, mermaid }: PictureOptions,
): Promise<void> => {
  if (svg === undefined && mermaid === undefined) return
  const drawings = drawingsOf(bundle)
  const files = new Map<string, string>()
  if (mermaid !== undefined) {
    for (const of of drawings) {
      for (const one of of.diagrams) {
        files.set(`${mermaid}${of.infix}-chart.mmd`, mermaidFromDiagram(one))
      }
      files.set(`${mermaid}${of.infix}-steps.mmd`, mermaidFromTimeline(of.timeline))
    }
  }
  if (svg !== undefined) {
    const { layOut } = await loadExtension('show --svg')
    const layOutDiagram = await layOut()
    for (const of of drawings) {
      for (const one of of.diagrams) {
        files.set(`${svg}${of.infix}-chart.svg`, svgFromDiagram(one, layOutDiagram))
      }
      files.set(`${svg}${of.infix}-steps.svg`, svgFromTimeline(of.timeline))
    }
  }
  for (const [path, text] of files) {
    replaceFile(path, bytesFromUtf8(text), PUBLIC_FILE)
    output.line(['Drawn: ', { text: path, tone: 'strong' }])
  }
  output.result({ pictures: [...files.keys()] })
}

const drawingsOf = (bundle: Uint8Array): readonly Drawing[] => {
  const surveyed = survey(bundle, {
    models: STANDARD_MODELS,
    chains: judgeChains,
    lies: judgeLies,
    logics: STANDARD_LOGICS,
    verifier: createNativeEngine(),
  })
  if (isFault(surveyed)) throw surveyed
  const { machines } = reportFrom(bundle, surveyed)
  if (machines.length === 0) {
    throw usageError('there is no machine to draw in this file', 'tally verify FILE says why')
  }
  const { run, settlement } = surveyed
  const single = machines.length === 1
  return machines.map((report): Drawing => {
    const genesis = [...run.genesis.values()].find((one) => one.machine.id === report.id)
    const head = genesis && (lineOf(run, genesis, settlement).at(-1) ?? genesis)
    return {
      infix: single ? '' : `-${report.id.slice(0, 8)}`,
      diagrams: head ? diagramsOf(head.machine) : [],
      timeline: timelineOf(report),
    }
  })
}

/** A diagram for each statechart of the machine. */
const diagramsOf = (machine: Machine): readonly Diagram[] =>
  machine.charter.logics.flatMap((use, logic) => {
    if (use.name !== statechart.name) return []
    const { definition } = prepared(use.params)
    const prefix = { machine: machine.id, logic }
    const { value } = snapshotFrom((path) =>
      read(machine.state, pathKey(machine.charter.terms.suite, prefix, path)),
    )
    const active = statesFromValue(definition, value).map((at) => definition.states[at]?.id ?? '')
    return [diagramOf(definition, new Set(active))]
  })
