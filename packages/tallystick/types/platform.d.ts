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
