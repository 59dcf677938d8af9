/**
 * What the pure folders may expect of the platform beside the language itself. They are checked against this
 * file instead of the types of a browser or of Node, so that nothing else can slip in. Only what every
 * supported browser and Node has belongs here.
 */

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>
}

declare class TextDecoder {
  constructor(label: 'utf-8', options: { readonly fatal: true; readonly ignoreBOM: true })
  decode(bytes: Uint8Array): string
}

declare namespace WebAssembly {
  type ImportValue = Memory | ((...values: number[]) => number | void) | number
  class Memory {
    readonly buffer: ArrayBuffer
    constructor(size: { readonly initial: number; readonly maximum?: number })
    grow(pages: number): number
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer> | ArrayBuffer)
  }
  class Instance {
    readonly exports: Readonly<Record<string, unknown>>
    constructor(
      module: Module,
      imports?: Readonly<Record<string, Readonly<Record<string, ImportValue>>>>,
    )
  }
  const validate: (bytes: Uint8Array<ArrayBuffer> | ArrayBuffer) => boolean
}
