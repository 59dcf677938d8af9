/** Pictures of machines: statecharts and steps as SVG or Mermaid text. */
export { type Box, type Diagram, diagramOf, type Line } from '../picture/diagram.ts'
export type { Course, Layout, LayOut, Place, Point, Size, Sizes } from '../picture/layout.ts'
export { mermaidFromDiagram, mermaidFromTimeline } from '../picture/mermaid.ts'
export { svgFromDiagram } from '../picture/chart-svg.ts'
export { svgFromTimeline } from '../picture/timeline-svg.ts'
export { type Timeline, timelineOf, type TimelineStep } from '../picture/timeline.ts'
