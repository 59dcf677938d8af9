/**
 * Random expressions of known types over a few variables, for comparison with another implementation. There is no
 * empty list or map among them, since the other loses its types there (`second-opinion.test.ts`).
 */
import fc from 'fast-check'
import type { Value } from '../../../src/logic/expression/value.ts'

export type Variables = {
  readonly i: number
  readonly j: number
  readonly s: string
  readonly p: boolean
  readonly q: boolean
  readonly l: readonly number[]
  readonly m: { readonly [key: string]: number }
  readonly d: Value
}

export const variables: fc.Arbitrary<Variables> = fc.record({
  i: fc.integer({ min: -9, max: 9 }),
  j: fc.integer({ min: -3, max: 3 }),
  s: fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\uffff', '😀'), maxLength: 3 }),
  p: fc.boolean(),
  q: fc.boolean(),
  l: fc.array(fc.integer({ min: -2, max: 3 }), { maxLength: 3 }),
  m: fc.dictionary(fc.constantFrom('a', 'b', 'é'), fc.integer({ min: -2, max: 3 }), { maxKeys: 3 }),
  /** What nothing is known about, of any kind. */
  d: fc.oneof(
    fc.constantFrom<Value>(null, true, false, 0, 1, 'a', ''),
    fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 2 }), { maxKeys: 2 }),
  ),
})

type Forms = {
  int: string
  bool: string
  string: string
  list: string
  map: string
  dyn: string
}

const joined = (form: string, ...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((given) => {
    let at = 0
    return form.replaceAll('_', () => given[at++] ?? '')
  })

const either = (...options: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...options)

/** `x` is the variable of the macro around, an int; outside of one it is a variable like the others. */
export const expressions: { readonly [Name in keyof Forms]: fc.Arbitrary<string> } =
  fc.letrec<Forms>((tie) => {
    const [int, bool, string, list, map, dyn] = (
      ['int', 'bool', 'string', 'list', 'map', 'dyn'] as const
    ).map((name) => tie(name)) as [
      fc.Arbitrary<string>,
      fc.Arbitrary<string>,
      fc.Arbitrary<string>,
      fc.Arbitrary<string>,
      fc.Arbitrary<string>,
      fc.Arbitrary<string>,
    ]
    const of = (...forms: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
      fc.oneof({ maxDepth: 3, withCrossShrink: true }, ...forms)
    return {
      int: of(
        either('0', '1', '2', '-1', '7', '0x10', 'i', 'j', 'x'),
        joined('(_ _ _)', int, either('+', '-', '*', '/', '%'), int),
        joined('-(_)', int),
        joined('size(_)', fc.oneof(string, list, map)),
        joined('_.size()', fc.oneof(string, list, map)),
        joined('_[_]', list, int),
        joined('_._', map, either('a', 'b')),
        joined('(_ ? _ : _)', bool, int, int),
        joined('int(string(_))', int),
      ),
      bool: of(
        either('true', 'false', 'p', 'q'),
        joined('(_ _ _)', bool, either('&&', '||', '==', '!='), bool),
        joined('(_ && _ && _)', bool, bool, bool),
        joined('(_ || _ || _)', bool, bool, bool),
        joined('!_', bool),
        joined('(_ _ _)', int, either('==', '!=', '<', '<=', '>', '>='), int),
        joined('(_ _ _)', string, either('==', '!='), string),
        joined('(_ _ _)', list, either('==', '!='), list),
        joined('(_ _ _)', map, either('==', '!='), map),
        joined('(_ in _)', int, list),
        joined('(_ in _)', string, map),
        either('has(m.a)', 'has(m.b)'),
        joined('_._(x, _)', list, either('all', 'exists', 'exists_one'), bool),
        joined('_._(k, k == _)', map, either('all', 'exists', 'exists_one'), string),
        joined('_._(_)', string, either('contains', 'startsWith', 'endsWith'), string),
        joined('(d _ _)', either('==', '!='), fc.oneof(int, string, bool, list, map)),
        joined('(_ ? _ : _)', bool, bool, bool),
        joined('(_ || _)', dyn, bool),
        joined('(_ && _)', bool, dyn),
      ),
      string: of(
        either('s', '"a"', "'b'", '"é"', String.raw`"\n"`, '""', '"😀"'),
        joined('(_ + _)', string, string),
        joined('string(_)', fc.oneof(int, bool, string)),
        joined('(_ ? _ : _)', bool, string, string),
      ),
      list: of(
        either('l', '[1]', '[1, 2]'),
        joined('[_, _]', int, int),
        joined('(_ + _)', list, list),
        joined('_.filter(x, _)', list, bool),
        joined('_.map(x, _)', list, int),
        joined('_.map(x, _, _)', list, bool, int),
      ),
      map: of(
        either('m', '{"a": 1}'),
        joined('{"a": _, "b": _}', int, int),
        joined('{_: _}', string, int),
        joined('(_ ? _ : _)', bool, map, map),
      ),
      dyn: of(
        either('d', 'd.a', 'd[0]', 'd["a"]', 'dyn(d)', '(d == null)'),
        joined('dyn(_)', bool),
      ),
    }
  })
