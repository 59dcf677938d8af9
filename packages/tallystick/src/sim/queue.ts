/** A queue of events by virtual time; events of one tick come out in the order they went in. */

export type Queue<Item> = {
  readonly push: (at: number, item: Item) => void
  readonly pop: () => { readonly at: number; readonly item: Item } | undefined
}

type Slot<Item> = { readonly at: number; readonly order: number; readonly item: Item }

/** A binary heap ordered by time, then by order of arrival. */
export const createQueue = <Item>(): Queue<Item> => {
  const heap: Slot<Item>[] = []
  let arrivals = 0
  return {
    push: (at, item) => {
      heap.push({ at, order: arrivals, item })
      arrivals += 1
      siftUp(heap)
    },
    pop: () => {
      const first = heap[0]
      const last = heap.pop()
      if (first === undefined || last === undefined) return undefined
      if (heap.length > 0) {
        heap[0] = last
        siftDown(heap)
      }
      return { at: first.at, item: first.item }
    },
  }
}

const before = <Item>(a: Slot<Item> | undefined, b: Slot<Item> | undefined): boolean => {
  if (!a || !b) return a !== undefined
  return a.at === b.at ? a.order < b.order : a.at < b.at
}

const swap = <Item>(heap: Slot<Item>[], i: number, j: number): void => {
  const [a, b] = [heap[i], heap[j]]
  if (!a || !b) return
  heap[i] = b
  heap[j] = a
}

const siftUp = <Item>(heap: Slot<Item>[]): void => {
  let at = heap.length - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!before(heap[at], heap[parent])) return
    swap(heap, at, parent)
    at = parent
  }
}

const siftDown = <Item>(heap: Slot<Item>[]): void => {
  let at = 0
  for (;;) {
    let least = at
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (heap[child] && before(heap[child], heap[least])) least = child
    }
    if (least === at) return
    swap(heap, at, least)
    at = least
  }
}
