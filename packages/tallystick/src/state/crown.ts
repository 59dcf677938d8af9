/**
 * The crown of a tree arena: which branch stands at each of the first few levels' places, in a table.
 *
 * A walk that follows references from the top waits for memory at each level, and in a large tree that is most of its
 * time. The place in this table follows from the key alone, so all levels are looked up at once. Places lie four levels
 * to a brick of 16 words, one line of the processor's cache: word 1 is the brick's top place, words 2 and 3 the
 * places below it, and so on to 15. Brick `b` has the sixteen bricks `16 b + 1` to `16 b + 16` below it.
 */
export type Crown = {
  /** Bricks on a path from the top: the table covers four times as many levels. */
  readonly layers: number
  /** The reference of the branch at each place, 0 where none stands. */
  readonly branches: Int32Array
}

export const noCrown: Crown = { layers: 0, branches: new Int32Array(0) }

/** Index of the place at the first `depth` bits of a key; −1 below the crown. */
export const crownPlace = (crown: Crown, key: Uint8Array, depth: number): number => {
  if (depth >= 4 * crown.layers) return -1
  let brick = 0
  for (let layer = 0; 4 * layer + 4 <= depth; layer++) brick = 16 * brick + 1 + nibble(key, layer)
  return 16 * brick + ((16 | nibble(key, depth >> 2)) >> (4 - (depth & 3)))
}

const nibble = (key: Uint8Array, at: number): number =>
  ((key[at >> 1] ?? 0) >> (4 - 4 * (at & 1))) & 15

/** Layers for a tree of `leafCount` leaves: one more each time that it has grown sixteenfold. */
export const crownLayers = (leafCount: number): number => (33 - Math.clz32(leafCount)) >> 2

/** The crown of `layers` layers over a tree whose references are `children`, two for each block. */
export const grownCrown = (children: Int32Array, layers: number): Crown => {
  const crown = { layers, branches: new Int32Array((16 * (16 ** layers - 1)) / 15) }
  const bricks = crown.branches.length / 16
  const visit = (branch: number, brick: number, place: number): void => {
    if (brick >= bricks || branch === 0 || (branch & 1) === 1) return
    crown.branches[16 * brick + place] = branch
    for (const bit of [0, 1]) {
      const child = children[branch + bit] ?? 0
      const below = 2 * place + bit
      if (below < 16) visit(child, brick, below)
      else visit(child, 16 * brick + below - 15, 1)
    }
  }
  visit(children[0] ?? 0, 0, 1)
  return crown
}
