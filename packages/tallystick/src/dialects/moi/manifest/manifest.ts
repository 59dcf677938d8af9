/**
 * What a manifest says, whatever it was written in: the elements of a logic, addressed by their pointers.
 *
 * A list that a writer left out is undefined here, and null in POLO; a list that it wrote out empty is an empty list. So every
 * form can be told from the others' bytes again. Nothing is checked here beyond the shape: `program.ts` does that.
 */

export type ManifestField = { readonly slot: number; readonly label: string; readonly type: string }

/** Instructions in one of three spellings. An interpreter runs the first that is not empty, in this order. */
export type ManifestCode = {
  readonly bin: Uint8Array | undefined
  readonly hex: string
  readonly asm: readonly string[] | undefined
}

export type ManifestState = {
  readonly mode: string
  readonly fields: readonly ManifestField[] | undefined
}

export type ManifestLiteral = { readonly type: string; readonly value: string }

export type ManifestCallable = {
  readonly name: string
  readonly mode: string
  readonly kind: string
  readonly accepts: readonly ManifestField[] | undefined
  readonly returns: readonly ManifestField[] | undefined
  readonly executes: ManifestCode
  readonly catches: readonly string[] | undefined
}

export type ManifestMethod = {
  readonly name: string
  readonly class: string
  readonly mutable: boolean
  readonly accepts: readonly ManifestField[] | undefined
  readonly returns: readonly ManifestField[] | undefined
  readonly executes: ManifestCode
  readonly catches: readonly string[] | undefined
}

export type ManifestClass = {
  readonly name: string
  readonly fields: readonly ManifestField[] | undefined
  /** Which method element answers to which code. */
  readonly methods: readonly { readonly ptr: number; readonly code: number }[] | undefined
}

export type ManifestEndpoint = {
  readonly name: string
  /** Static, dynamic or asset. POLO has no place for it. */
  readonly mode: string | undefined
  readonly accepts: readonly ManifestField[] | undefined
  readonly returns: readonly ManifestField[] | undefined
}

export type ManifestInterface = {
  readonly name: string
  readonly logic: ManifestState | undefined
  readonly actor: ManifestState | undefined
  readonly endpoint: readonly ManifestEndpoint[] | undefined
}

export type ManifestEvent = {
  readonly name: string
  /** How many fields, from the first on, one can search by. */
  readonly topics: number
  readonly fields: readonly ManifestField[] | undefined
}

export type ManifestElement = {
  readonly ptr: number
  readonly deps: readonly number[] | undefined
} & (
  | { readonly kind: 'literal'; readonly data: ManifestLiteral }
  | { readonly kind: 'typedef'; readonly data: string }
  | { readonly kind: 'state'; readonly data: ManifestState }
  | { readonly kind: 'callable'; readonly data: ManifestCallable }
  | { readonly kind: 'method'; readonly data: ManifestMethod }
  | { readonly kind: 'class'; readonly data: ManifestClass }
  | { readonly kind: 'interface'; readonly data: ManifestInterface }
  | { readonly kind: 'event'; readonly data: ManifestEvent }
  | { readonly kind: 'asset'; readonly data: { readonly engine: string } }
)

export type Manifest = {
  readonly syntax: number
  readonly engine: {
    readonly kind: string
    readonly flags: readonly string[] | undefined
    readonly version: string
  }
  /** `logic` or `asset`. */
  readonly kind: string
  readonly elements: readonly ManifestElement[]
}
