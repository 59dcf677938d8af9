/**
 * Where boxes and lines go. Who draws computes sizes and hands them to whoever knows how to place them: placing is the work
 * of a library that this package does without.
 */
import type { Box, Diagram, Line } from './diagram.ts'

/** Pixels; x to the right and y down. */
export type Point = { readonly x: number; readonly y: number }
export type Size = { readonly width: number; readonly height: number }
/** Of the middle. */
export type Place = Point & Size

export type Layout = Size & {
  readonly boxes: ReadonlyMap<string, Place>
  /** In the order of the diagram's lines; one without points is not drawn. */
  readonly lines: readonly Course[]
}

export type Course = {
  readonly points: readonly Point[]
  /** Where the middle of its label is. */
  readonly label: Point | undefined
}

/** Sizes in the order of the diagram's boxes that hold no others, and of its lines' labels. */
export type Sizes = {
  readonly boxOf: (box: Box) => Size
  readonly labelOf: (line: Line) => Size
}

export type LayOut = (diagram: Diagram, sizes: Sizes) => Layout
