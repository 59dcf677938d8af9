/** Checks of state keys, roots, facts and witnesses. */
import { checkFact, checkFactAt, fact } from '../../packages/tallystick/src/state/fact.ts'
import { type KeyPart, type StateKey, stateKey } from '../../packages/tallystick/src/state/keys.ts'
import { proofFault, replaceFault } from '../../packages/tallystick/src/state/proof.ts'
import { proof } from '../../packages/tallystick/src/state/proof-codec.ts'
import {
  type Entry,
  read,
  replace,
  rootOf,
  treeFrom,
} from '../../packages/tallystick/src/state/tree.ts'
import { treeFromWitness } from '../../packages/tallystick/src/state/witness.ts'
import { type Check, type JsonObject, unless } from './finding.ts'
import { bytesAt, idAt, objectAt, objectsAt, plain, suiteAt, textAt } from './read.ts'

const entriesIn = (input: JsonObject): readonly Entry[] =>
  objectsAt(input, 'entries').map((one) => [idAt(one, 'key'), bytesAt(one, 'value')])

const partsIn = (input: JsonObject): readonly KeyPart[] =>
  objectsAt(input, 'parts').map((one) =>
    'text' in one ? textAt(one, 'text') : bytesAt(one, 'bytes'),
  )

const valueAt = (input: JsonObject, name: string): Uint8Array | undefined =>
  input[name] === null ? undefined : bytesAt(input, name)

/** A list of pairs key and value; null removes. */
const changesIn = (input: JsonObject): { key: StateKey; value: Uint8Array | undefined }[] =>
  objectsAt(input, 'changes').map((one) => ({
    key: idAt(one, 'key'),
    value: valueAt(one, 'value'),
  }))

export const stateChecks: Readonly<Record<string, Check>> = {
  'state-key': (input) => ({
    expected: stateKey(suiteAt(input), idAt<'machine'>(input, 'owner'), ...partsIn(input)),
  }),
  'state-root': (input) => {
    const tree = treeFrom(suiteAt(input), entriesIn(input))
    const after = replace(tree, changesIn(input))
    return { expected: rootOf(after) }
  },
  fact: (input) => {
    const shown = fact.decode(bytesAt(input, 'fact'))
    if (!('place' in input)) return { expected: plain(unless(checkFact(suiteAt(input), shown))) }
    const at = objectAt(input, 'place')
    const place = {
      machine: idAt<'machine'>(at, 'machine'),
      transition: idAt<'transition'>(at, 'transition'),
      root: idAt<'state-root'>(at, 'root'),
    }
    return { expected: plain(unless(checkFactAt(suiteAt(input), shown, place))) }
  },
  proof: (input) => {
    const claim = {
      root: idAt<'state-root'>(input, 'root'),
      key: idAt<'state-key'>(input, 'key'),
      value: valueAt(input, 'value'),
    }
    // A missing proof: what a careless program hands on when its source sent none.
    const given = input['proof'] === null ? undefined : proof.decode(bytesAt(input, 'proof'))
    const fault = proofFault(suiteAt(input), claim, given)
    return { expected: unless(fault ?? true) }
  },
  replacement: (input) => {
    const change = {
      rootBefore: idAt<'state-root'>(input, 'rootBefore'),
      rootAfter: idAt<'state-root'>(input, 'rootAfter'),
      key: idAt<'state-key'>(input, 'key'),
      valueBefore: valueAt(input, 'valueBefore'),
      valueAfter: valueAt(input, 'valueAfter'),
    }
    const fault = replaceFault(suiteAt(input), change, proof.decode(bytesAt(input, 'proof')))
    return { expected: unless(fault ?? true) }
  },
  witness: (input) => {
    const tree = treeFromWitness(suiteAt(input), idAt(input, 'root'), bytesAt(input, 'witness'))
    const value = read(tree, idAt(input, 'key'))
    const after = replace(tree, changesIn(input))
    return { expected: { value: plain(value), root: rootOf(after) } }
  },
}
