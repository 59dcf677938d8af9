/**
 * The part of WebAssembly that the pure folders use. It is apart from `platform.d.ts` because Node's own types lack
 * it, so that it belongs to every compilation.
 */

declare namespace WebAssembly {
  class Memory {
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>)
  }
  /** What a module exports is known to whoever wrote it. */
  class Instance<Exports> {
    readonly exports: Exports
    constructor(module: Module)
  }
}
