// A state of a thousand keys has a root of 32 bytes. Two small proofs show what one key holds, and that another holds
// nothing, to somebody who knows the root alone. Change a value or the key asked for, and the proof fails.
import { bytesFromUtf8, TAGS, hashId } from 'tallystick/base'
import {
  checkFact,
  emptyTree,
  fact,
  type Fact,
  prove,
  replace,
  rootOf,
  stateKey,
} from 'tallystick/state'

const suite = 'quantum'
// Who owns a part of the state is hashed into its keys, so nobody writes into another's part.
const owner = hashId<'machine'>(suite, TAGS.charter, bytesFromUtf8('a machine would be named here'))
const keyOf = (name: string) => stateKey(suite, owner, 'balance', name)

const names = Array.from({ length: 1000 }, (_, at) => `guest-${at}`)
const tree = replace(
  emptyTree(suite),
  names.map((name) => ({ key: keyOf(name), value: bytesFromUtf8(`room for ${name}`) })),
)

/** What the holder of the state hands out. */
const shown = (name: string, value: string | undefined): Fact => ({
  machine: owner,
  transition: undefined,
  root: rootOf(tree),
  key: keyOf(name),
  value: value === undefined ? undefined : bytesFromUtf8(value),
  proof: prove(tree, keyOf(name)),
})

// The reader has the root from a certified step, and needs nothing else of the state.
const ask = (of: Fact): string => {
  const finding = checkFact(suite, fact.decode(fact.encode(of)))
  return 'is' in finding ? finding.is : finding.code
}
const there = shown('guest-7', 'room for guest-7')
console.log(`guest-7, in ${fact.encode(there).length} bytes: ${ask(there)}`)
console.log(`guest-7 with another value: ${ask(shown('guest-7', 'a suite'))}`)
console.log(`guest-7 said to be missing: ${ask(shown('guest-7', undefined))}`)
console.log(`somebody who is not there: ${ask(shown('somebody', undefined))}`)
// prints: somebody who is not there: absent
