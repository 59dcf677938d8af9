/** What is used of dagre. Its own declarations import one another without file extensions, which Node's rules do not resolve. */
declare module '@dagrejs/dagre' {
  type Size = { readonly width?: number; readonly height?: number }
  type Edge = Size & {
    readonly points?: readonly { readonly x: number; readonly y: number }[]
    readonly x?: number
    readonly y?: number
    readonly labelpos?: string
  }
  export type Graph = {
    readonly setGraph: (label: object) => Graph
    readonly graph: () => Size
    readonly setNode: (id: string, label: Size) => Graph
    readonly node: (id: string) => Size & { readonly x?: number; readonly y?: number }
    readonly setParent: (id: string, parent: string) => Graph
    readonly setEdge: (from: string, to: string, label: Edge, name: string) => Graph
    readonly edge: (from: string, to: string, name: string) => Edge
  }
  export const Graph: new (options: {
    readonly compound: boolean
    readonly multigraph: boolean
  }) => Graph
  /** Writes places into the labels of the graph. */
  export const layout: (graph: Graph) => void
}
