import { expect, test } from 'vitest'
import { FUNCTIONS, LEFT_OUT } from '../../../src/logic/expression/functions.ts'
import { answerTo } from './ask.ts'

test('the functions are these, and each has its name in its form', () => {
  expect([...FUNCTIONS.keys()].toSorted()).toEqual(
    (
      'contains del dyn endsWith get int keys max min nostr put schnorr sha256 sha256hex size ' +
      'startsWith string tag without'
    ).split(' '),
  )
  for (const [name, { form }] of FUNCTIONS) expect(form).toContain(`${name}(`)
})

test('what is left out of CEL is refused by name with what to write instead', () => {
  for (const [name, instead] of LEFT_OUT) {
    expect(FUNCTIONS.has(name)).toBe(false)
    expect(answerTo(`${name}("a")`)).toMatchObject({
      fault: 'expression/outside-subset',
      why: expect.stringContaining(instead) as string,
    })
  }
})
